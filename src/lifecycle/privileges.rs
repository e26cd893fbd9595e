//! What a token's permissions amount to: whether they change anything, make tokens, or hold on everything of a kind.
//!
//! Only what is allowed counts. A denial may take some of it back, and is rare enough to be looked at by hand.

use std::collections::BTreeSet;

use crate::catalogue::{Catalogue, Resource, Scope};
use crate::plan::{Live, Policy, allowing};
use crate::profile::Section;

/// *API Tokens Write*, on the user.
const TOKENS_WRITE: &str = "686d18d5ac6c441c867cbf6771e58a0a";
/// *Account API Tokens Write*, on an account.
const ACCOUNT_TOKENS_WRITE: &str = "5bc3f8b21c554832afc660159ab75fa4";

/// Whether the token may make others, and so become any of them.
#[must_use]
pub fn makes_tokens(live: &Live) -> bool {
    allowing(&live.policies)
        .any(|policy| [TOKENS_WRITE, ACCOUNT_TOKENS_WRITE].iter().any(|id| holds(policy, id)))
}

/// Whether the token may do more than read, by the names of its permission groups. A group whose name is not
/// known counts as one that changes things.
#[must_use]
pub fn changes_things(live: &Live, catalogue: &Catalogue) -> bool {
    let name = |(id, name): (&String, &String)| {
        let known = catalogue.group(id).map(|group| group.name.clone());
        known.unwrap_or_else(|| name.clone())
    };
    allowing(&live.policies).any(|policy| policy.groups.iter().any(|group| !only_reads(&name(group))))
}

/// Everything of a kind that a token holds on, in order of width.
#[must_use]
pub fn wildcards(live: &Live) -> Vec<Resource> {
    let is_wide = |resource: &&Resource| {
        matches!(
            resource,
            Resource::AllAccounts | Resource::AllZones | Resource::ZonesOf(_) | Resource::BucketsOf(_)
        )
    };
    let mut wide: Vec<Resource> =
        allowing(&live.policies).flat_map(|policy| &policy.resources).filter(is_wide).cloned().collect();
    wide.sort();
    wide.dedup();
    wide
}

/// The groups that a token has on nothing that they are for: Cloudflare takes such a policy, and "will only apply to the
/// resource type it is scoped for". What is not known, a group or a resource, is never among them.
///
/// Source: <https://developers.cloudflare.com/fundamentals/api/how-to/create-via-api/>
#[must_use]
pub fn without_effect(live: &Live, catalogue: &Catalogue) -> BTreeSet<String> {
    let is_for_nothing = |policy: &Policy, id: &str| {
        let sections: Option<Vec<Section>> = policy.resources.iter().map(Resource::section).collect();
        let scopes = catalogue.group(id).map(|group| group.scopes.as_slice()).unwrap_or_default();
        let own: Option<Vec<Section>> = scopes.iter().map(Scope::section).collect();
        sections.zip(own).is_some_and(|(sections, own)| {
            !own.is_empty() && !sections.iter().any(|section| own.contains(section))
        })
    };
    let useless = |policy: &Policy| -> Vec<String> {
        policy.groups.keys().filter(|id| is_for_nothing(policy, id)).cloned().collect()
    };
    let useful = |policy: &Policy, id: &str| holds(policy, id) && !is_for_nothing(policy, id);
    let found: BTreeSet<String> = allowing(&live.policies).flat_map(useless).collect();
    // A group may have no effect in one policy and all it is for in another.
    found.into_iter().filter(|id| !allowing(&live.policies).any(|policy| useful(policy, id))).collect()
}

fn holds(policy: &Policy, id: &str) -> bool {
    policy.groups.contains_key(id)
}

/// `DNS Read` and `Packet Captures - Read PCAPs API` do; `Cache Purge` and `Page Shield`, which has no other
/// level, do not.
fn only_reads(name: &str) -> bool {
    let has =
        |word: &str| name.split(|c: char| !c.is_alphanumeric()).any(|part| part.eq_ignore_ascii_case(word));
    has("read") && !["write", "edit"].into_iter().any(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_that_make_tokens_are_those_of_the_catalogue() {
        let catalogue = Catalogue::embedded();
        let name = |id| catalogue.group(id).map(|group| group.name.as_str());
        assert_eq!(name(TOKENS_WRITE), Some("API Tokens Write"));
        assert_eq!(name(ACCOUNT_TOKENS_WRITE), Some("Account API Tokens Write"));
    }

    #[test]
    fn a_name_says_whether_a_group_only_reads() {
        for (name, reads) in [
            ("DNS Read", true),
            ("Access: SCIM logs read", true),
            ("Magic Firewall Packet Captures - Read PCAPs API", true),
            ("Workers Metadata Read-Only", true),
            ("DNS Write", false),
            ("Zaraz Edit", false),
            ("Cache Purge", false),
            ("Realtime Admin", false),
            ("Threads Bind", false),
            ("", false),
        ] {
            assert_eq!(only_reads(name), reads, "{name}");
        }
    }
}
