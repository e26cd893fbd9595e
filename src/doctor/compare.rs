//! What a profile asks for × what a token really may do -> a verdict on each permission group on each resource.
//!
//! In: both sides as policies. Out: what is held, what is missing, what nobody asked for. A right is also held by a wider
//! one: to edit includes to read, and every zone of an account includes each. That is said, since it is more than asked.

use crate::catalogue::{Catalogue, KnownGroup, Resource};
use crate::plan::{Directory, Grant, Policy, PolicyEffect, allowed, grants};
use crate::profile::Level;

/// A permission group on a resource, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantVerdict {
    /// The group on the resource: as the profile asks for it, or as the token has it where the profile does not.
    pub grant: Grant,
    /// How it stands.
    pub standing: Standing,
}

/// How a right stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Asked for, and held.
    Held,
    /// Asked for, and held by this wider right.
    HeldBy(Grant),
    /// Asked for, and not held.
    Missing,
    /// Asked for, and taken away by a policy that denies it.
    Denied,
    /// Held, and not asked for.
    Unneeded,
    /// Held, where this narrower right would do.
    WiderThan(Grant),
}

/// Compares: first what is asked for, then what is held besides. Names of zones tell which account they are in.
#[must_use]
pub fn compare(
    wanted: &[Policy],
    held: &[Policy],
    catalogue: &Catalogue,
    directory: &Directory,
) -> Vec<GrantVerdict> {
    let (asked, is) = (allowed(wanted), allowed(held));
    let denials: Vec<Grant> =
        grants(held).into_iter().filter(|grant| grant.effect == PolicyEffect::Deny).collect();
    let includes = |wide: &Grant, narrow: &Grant| {
        group_includes(catalogue, &wide.group, &narrow.group)
            && resource_includes(directory, &wide.resource, &narrow.resource)
    };
    let is_taken_away = |grant: &Grant| {
        denials.iter().any(|denial| {
            denial.group == grant.group && resource_includes(directory, &denial.resource, &grant.resource)
        })
    };
    let of_asked = |grant: &Grant| match is.iter().find(|other| includes(other, grant)) {
        Some(_) if is_taken_away(grant) => Standing::Denied,
        Some(_) if is.contains(grant) => Standing::Held,
        Some(wider) => Standing::HeldBy(wider.clone()),
        None => Standing::Missing,
    };
    let of_other = |grant: &Grant| match asked.iter().find(|narrow| includes(grant, narrow)) {
        Some(narrow) if !is.contains(narrow) => Standing::WiderThan(narrow.clone()),
        _ => Standing::Unneeded,
    };
    let verdict = |grant: &Grant, standing| GrantVerdict { grant: grant.clone(), standing };
    let of_asked = asked.iter().map(|grant| verdict(grant, of_asked(grant)));
    of_asked.chain(is.difference(&asked).map(|grant| verdict(grant, of_other(grant)))).collect()
}

/// Whether who holds the one group may do what the other is for.
fn group_includes(catalogue: &Catalogue, wide: &str, narrow: &str) -> bool {
    if wide == narrow {
        return true;
    }
    let (Some(wide), Some(narrow)) = (catalogue.group(wide), catalogue.group(narrow)) else { return false };
    let is_same_product = wide.product() == narrow.product() && wide.scopes == narrow.scopes;
    let level = KnownGroup::level;
    is_same_product && level(wide) == Some(Level::Edit) && level(narrow) == Some(Level::Read)
}

/// Whether a policy on the one resource is one on the other.
fn resource_includes(directory: &Directory, wide: &Resource, narrow: &Resource) -> bool {
    let account_of =
        |zone: &str| directory.zones.iter().find(|known| known.id == zone).map(|known| &known.account);
    wide == narrow
        || match (wide, narrow) {
            (Resource::AllAccounts, Resource::Account(_))
            | (Resource::AllZones, Resource::Zone(_) | Resource::ZonesOf(_)) => true,
            (Resource::ZonesOf(account), Resource::Zone(zone)) => account_of(zone) == Some(account),
            (Resource::BucketsOf(account), Resource::Bucket { account: of, .. }) => account == of,
            _ => false,
        }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::*;
    use crate::plan::ZoneEntry;

    const ACCOUNT: &str = "e0000000000000000000000000000001";
    const ZONE: &str = "e0000000000000000000000000000101";
    const OTHER: &str = "e0000000000000000000000000000102";

    fn policy(effect: PolicyEffect, group: &str, resource: Resource) -> Policy {
        let id =
            Catalogue::embedded().groups().find(|known| known.name == group).unwrap().id.clone().unwrap();
        Policy { effect, groups: [(id, group.to_owned())].into(), resources: [resource].into() }
    }

    fn allow(group: &str, resource: Resource) -> Policy {
        policy(PolicyEffect::Allow, group, resource)
    }

    /// Each verdict as words: standing, group, resource.
    fn verdicts(wanted: &[Policy], held: &[Policy]) -> Vec<String> {
        let zone =
            ZoneEntry { id: ZONE.to_owned(), name: "example.com".to_owned(), account: ACCOUNT.to_owned() };
        let directory = Directory { zones: vec![zone], ..Directory::default() };
        let catalogue = Catalogue::embedded();
        let word = |verdict: GrantVerdict| {
            let standing = match verdict.standing {
                Standing::Held => "held",
                Standing::HeldBy(_) => "held by a wider one",
                Standing::Missing => "missing",
                Standing::Denied => "denied",
                Standing::Unneeded => "unneeded",
                Standing::WiderThan(_) => "wider",
            };
            format!("{standing}: {}", catalogue.group(&verdict.grant.group).unwrap().name)
        };
        compare(wanted, held, catalogue, &directory).into_iter().map(word).collect()
    }

    #[test]
    fn each_right_is_held_missing_or_unneeded() {
        let zone = || Resource::Zone(ZONE.to_owned());
        let account = || Resource::Account(ACCOUNT.to_owned());
        let asked = [allow("DNS Write", zone()), allow("Workers Scripts Write", account())];
        let held = [allow("DNS Write", zone()), allow("D1 Read", account())];
        assert_eq!(
            verdicts(&asked, &held),
            ["held: DNS Write", "missing: Workers Scripts Write", "unneeded: D1 Read"]
        );
        assert_eq!(
            verdicts(&asked[..1], &[allow("DNS Write", Resource::Zone(OTHER.to_owned()))])[0],
            "missing: DNS Write"
        );
    }

    #[test]
    fn a_wider_right_holds_a_narrower_one_and_is_told_to_be_wider() {
        let zone = || Resource::Zone(ZONE.to_owned());
        for (asked, held) in [
            (allow("DNS Read", zone()), allow("DNS Write", zone())),
            (allow("DNS Read", zone()), allow("DNS Read", Resource::AllZones)),
            (allow("DNS Read", zone()), allow("DNS Write", Resource::ZonesOf(ACCOUNT.to_owned()))),
            (
                allow("D1 Read", Resource::Account(ACCOUNT.to_owned())),
                allow("D1 Read", Resource::AllAccounts),
            ),
        ] {
            let told = verdicts(&[asked], &[held]);
            assert!(told[0].starts_with("held by a wider one") && told[1].starts_with("wider"), "{told:?}");
        }
        for (asked, held) in [
            (allow("DNS Write", zone()), allow("DNS Read", zone())),
            (allow("DNS Read", Resource::AllZones), allow("DNS Read", zone())),
            (
                allow("DNS Read", Resource::Zone(OTHER.to_owned())),
                allow("DNS Read", Resource::ZonesOf(ACCOUNT.to_owned())),
            ),
        ] {
            let told = verdicts(&[asked], &[held]);
            assert!(told[0].starts_with("missing") && told[1].starts_with("unneeded"), "{told:?}");
        }
    }

    #[test]
    fn what_a_policy_denies_is_not_held() {
        let zone = || Resource::Zone(ZONE.to_owned());
        let held = [allow("DNS Write", zone()), policy(PolicyEffect::Deny, "DNS Write", Resource::AllZones)];
        assert_eq!(verdicts(&[allow("DNS Write", zone())], &held), ["denied: DNS Write"]);
    }
}
