//! The zone id that stands beside a token -> whether it is one of the token's zones.
//!
//! In: the id, the token's policies where they are known, the accounts and zones that are known by name. Out: a verdict. An
//! account's id in the place of a zone's is answered with the same 10000 as a missing permission.

use crate::catalogue::Resource;
use crate::plan::{Directory, Policy, allowing};
use crate::profile::is_id;

/// Whether an id is one of a token's zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneVerdict {
    /// It is.
    Fits,
    /// It is no id at all.
    NoId,
    /// It is an account's.
    Account,
    /// It is another zone's.
    NotAmong,
    /// Nobody says.
    CannotTell,
}

/// Judges. Without policies, the zones of the directory decide where `sees_own` says that they are the token's own view.
#[must_use]
pub fn judge_zone(
    id: &str,
    policies: Option<&[Policy]>,
    directory: &Directory,
    sees_own: bool,
) -> ZoneVerdict {
    if !is_id(id) {
        return ZoneVerdict::NoId;
    }
    let id = id.to_ascii_lowercase();
    if directory.accounts.iter().any(|account| account.id == id) {
        return ZoneVerdict::Account;
    }
    let known = directory.zones.iter().find(|zone| zone.id == id);
    let Some(policies) = policies else {
        return if sees_own && known.is_some() { ZoneVerdict::Fits } else { ZoneVerdict::CannotTell };
    };
    let mut verdict = ZoneVerdict::NotAmong;
    for resource in allowing(policies).flat_map(|policy| &policy.resources) {
        match (resource, known) {
            (Resource::AllZones, _) => return ZoneVerdict::Fits,
            (Resource::Zone(own), _) if *own == id => return ZoneVerdict::Fits,
            (Resource::ZonesOf(account), Some(zone)) if zone.account == *account => return ZoneVerdict::Fits,
            (Resource::ZonesOf(_), None) | (Resource::Other { .. }, _) => verdict = ZoneVerdict::CannotTell,
            _ => {}
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{AccountEntry, PolicyEffect, ZoneEntry};

    const ACCOUNT: &str = "e0000000000000000000000000000001";
    const OWN: &str = "e0000000000000000000000000000101";
    const OTHER: &str = "e0000000000000000000000000000102";

    #[test]
    fn a_zone_is_the_tokens_by_its_policies_or_its_own_view() {
        let directory = Directory {
            accounts: vec![AccountEntry { id: ACCOUNT.to_owned(), name: "Acme".to_owned() }],
            zones: vec![ZoneEntry {
                id: OWN.to_owned(),
                name: "example.com".to_owned(),
                account: ACCOUNT.to_owned(),
            }],
            ..Directory::default()
        };
        let holds = |resource: Resource| {
            let groups = [("0".repeat(32), "DNS Write".to_owned())].into();
            vec![Policy { effect: PolicyEffect::Allow, groups, resources: [resource].into() }]
        };
        let on_own = holds(Resource::Zone(OWN.to_owned()));
        let on_account = holds(Resource::ZonesOf(ACCOUNT.to_owned()));
        let on_all = holds(Resource::AllZones);
        for (id, policies, sees_own, verdict) in [
            (OWN, Some(&on_own), false, ZoneVerdict::Fits),
            (OWN, Some(&on_account), false, ZoneVerdict::Fits),
            (OTHER, Some(&on_own), false, ZoneVerdict::NotAmong),
            (OTHER, Some(&on_account), false, ZoneVerdict::CannotTell),
            (OTHER, Some(&on_all), false, ZoneVerdict::Fits),
            (ACCOUNT, Some(&on_all), false, ZoneVerdict::Account),
            ("example.com", Some(&on_all), false, ZoneVerdict::NoId),
            (OWN, None, true, ZoneVerdict::Fits),
            (OTHER, None, true, ZoneVerdict::CannotTell),
        ] {
            let policies = policies.map(Vec::as_slice);
            assert_eq!(judge_zone(id, policies, &directory, sees_own), verdict, "{id}");
        }
    }
}
