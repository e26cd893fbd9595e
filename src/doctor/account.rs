//! The account id that stands beside a token -> whether it is one of the token's accounts.
//!
//! In: the id, whose token it is, its policies where they are known, the accounts and zones that are known by name. Out: a
//! verdict. A program that sends a token to another account's addresses is refused with 9109 or 10000, which tells nobody
//! why.

use std::collections::BTreeSet;

use crate::catalogue::Resource;
use crate::cloudflare::TokenOwner;
use crate::plan::{Directory, Policy, allowing};
use crate::profile::is_id;

/// Whether an id is one of a token's accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountVerdict {
    /// It is.
    Fits,
    /// It is no id at all.
    NoId,
    /// It is the id of this zone.
    Zone(String),
    /// It is another account's; these are the token's, by id, as far as they are known.
    NotAmong(Vec<String>),
    /// Nobody says.
    CannotTell,
}

/// Judges. The accounts of the directory are those that the token itself or the bootstrap sees; they decide only where
/// `sees_own` says that they are the token's own view.
#[must_use]
pub fn judge_account(
    id: &str,
    owner: &TokenOwner,
    policies: Option<&[Policy]>,
    directory: &Directory,
    sees_own: bool,
) -> AccountVerdict {
    if !is_id(id) {
        return AccountVerdict::NoId;
    }
    let id = id.to_ascii_lowercase();
    if let Some(zone) = directory.zones.iter().find(|zone| zone.id == id) {
        return AccountVerdict::Zone(zone.name.clone());
    }
    match (owner, policies) {
        (TokenOwner::Account(own), _) if *own == id => AccountVerdict::Fits,
        (TokenOwner::Account(own), _) => AccountVerdict::NotAmong(vec![own.clone()]),
        (TokenOwner::User, Some(policies)) => by_policies(&id, policies, directory),
        (TokenOwner::User, None) => {
            let seen: Vec<String> = directory.accounts.iter().map(|account| account.id.clone()).collect();
            match seen.contains(&id) {
                true if sees_own => AccountVerdict::Fits,
                _ if !sees_own || seen.is_empty() => AccountVerdict::CannotTell,
                _ => AccountVerdict::NotAmong(seen),
            }
        }
    }
}

fn by_policies(id: &str, policies: &[Policy], directory: &Directory) -> AccountVerdict {
    let (mut accounts, mut is_sure) = (BTreeSet::new(), true);
    for resource in allowing(policies).flat_map(|policy| &policy.resources) {
        match resource {
            Resource::AllAccounts | Resource::AllZones => return AccountVerdict::Fits,
            Resource::Account(account)
            | Resource::ZonesOf(account)
            | Resource::BucketsOf(account)
            | Resource::Bucket { account, .. }
            | Resource::Worker { account, .. } => _ = accounts.insert(account.clone()),
            Resource::Zone(zone) => match directory.zones.iter().find(|known| known.id == *zone) {
                Some(known) => _ = accounts.insert(known.account.clone()),
                None => is_sure = false,
            },
            Resource::User(_) => {}
            Resource::Other { .. } => is_sure = false,
        }
    }
    match accounts.contains(id) {
        true => AccountVerdict::Fits,
        false if is_sure => AccountVerdict::NotAmong(accounts.into_iter().collect()),
        false => AccountVerdict::CannotTell,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::plan::{AccountEntry, PolicyEffect, ZoneEntry};

    const OWN: &str = "e0000000000000000000000000000001";
    const OTHER: &str = "e0000000000000000000000000000002";
    const ZONE: &str = "e0000000000000000000000000000101";
    const STRANGE: &str = "e0000000000000000000000000000102";

    fn directory() -> Directory {
        Directory {
            accounts: vec![AccountEntry { id: OWN.to_owned(), name: "Acme".to_owned() }],
            zones: vec![ZoneEntry {
                id: ZONE.to_owned(),
                name: "example.com".to_owned(),
                account: OWN.to_owned(),
            }],
            ..Directory::default()
        }
    }

    fn holds(resource: Resource) -> Vec<Policy> {
        let groups = BTreeMap::from([("0".repeat(32), "DNS Write".to_owned())]);
        vec![Policy { effect: PolicyEffect::Allow, groups, resources: [resource].into() }]
    }

    #[test]
    fn policies_tell_which_accounts_a_token_has() {
        let not = |id: &str| AccountVerdict::NotAmong(vec![id.to_owned()]);
        for (id, resource, verdict) in [
            (OWN, Resource::Account(OWN.to_owned()), AccountVerdict::Fits),
            (OTHER, Resource::Account(OWN.to_owned()), not(OWN)),
            (OWN, Resource::Zone(ZONE.to_owned()), AccountVerdict::Fits),
            (OTHER, Resource::Zone(ZONE.to_owned()), not(OWN)),
            (OTHER, Resource::Zone(STRANGE.to_owned()), AccountVerdict::CannotTell),
            (OTHER, Resource::AllAccounts, AccountVerdict::Fits),
            (OTHER, Resource::ZonesOf(OWN.to_owned()), not(OWN)),
            (OTHER, Resource::User(OWN.to_owned()), AccountVerdict::NotAmong(Vec::new())),
            (ZONE, Resource::Account(OWN.to_owned()), AccountVerdict::Zone("example.com".to_owned())),
            ("acme", Resource::Account(OWN.to_owned()), AccountVerdict::NoId),
        ] {
            let policies = holds(resource.clone());
            let judged = judge_account(id, &TokenOwner::User, Some(&policies), &directory(), false);
            assert_eq!(judged, verdict, "{id} with {resource}");
        }
    }

    #[test]
    fn an_owner_decides_and_without_policies_the_tokens_own_view_does() {
        let own = TokenOwner::Account(OWN.to_owned());
        for (id, owner, sees_own, verdict) in [
            (OWN, &own, false, AccountVerdict::Fits),
            (OTHER, &own, false, AccountVerdict::NotAmong(vec![OWN.to_owned()])),
            (OWN, &TokenOwner::User, true, AccountVerdict::Fits),
            (OTHER, &TokenOwner::User, true, AccountVerdict::NotAmong(vec![OWN.to_owned()])),
            (OTHER, &TokenOwner::User, false, AccountVerdict::CannotTell),
        ] {
            assert_eq!(judge_account(id, owner, None, &directory(), sees_own), verdict, "{id} of {owner:?}");
        }
    }
}
