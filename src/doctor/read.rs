//! A permission -> one read that does no harm and tells whether a token holds it, and what its answer proves.
//!
//! In: a permission group. Out: the operation of the catalogue's table that fewest other permissions would allow: a GET
//! that needs no other id than an account's or a zone's. An answer proves that the token may read, never that it may edit;
//! a refusal proves that it holds none of the groups that the operation accepts. Permissions on single buckets and single
//! Workers have no such read: they are judged by policies alone.

use http::Method;

use crate::catalogue::{Catalogue, KnownGroup, Operation, Resource, Scope};
use crate::plan::Directory;
use crate::profile::Level;

/// A read that does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HarmlessRead {
    /// The operation.
    pub operation: &'static Operation,
    /// The other products whose permissions allow it too, by the names of their groups without the level.
    pub others: Vec<String>,
}

/// What Cloudflare answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadAnswer {
    /// The read was allowed.
    Allowed,
    /// It was refused for want of a permission; with the page of the endpoint, where the refusal names it.
    Refused(Option<String>),
    /// Something else happened, which tells nothing of permissions.
    Unclear(String),
}

/// What an answer proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadVerdict {
    /// The permission is held.
    Held,
    /// The token reads; whether it may do more is not proven.
    Reads,
    /// The token reads, which permissions of other products allow too.
    ReadsByAny,
    /// The permission is missing.
    Missing,
    /// Nothing.
    Nothing(String),
}

/// The read that everybody knows for a product, though other permissions allow it, too.
const WELL_KNOWN: [(&str, &str); 1] = [("Zone", "/zones/{zone_id}")];

/// An id in a path, as the table writes it.
const ACCOUNT: &str = "{account_id}";
/// An id in a path, as the table writes it.
const ZONE: &str = "{zone_id}";

impl HarmlessRead {
    /// The read for a permission, if there is one.
    #[must_use]
    pub fn of(catalogue: &Catalogue, group: &KnownGroup) -> Option<Self> {
        let goes_by = |name: &String| *name == group.name || group.former.contains(name);
        let is_harmless = |operation: &&'static Operation| {
            operation.method == Method::GET
                && operation.inferred_from.is_none()
                && !operation.path.contains("{}")
                && is_about(operation, group.scopes.first())
                && operation.groups.iter().any(goes_by)
        };
        let read = |operation: &'static Operation| {
            let accepted: Vec<&KnownGroup> = catalogue.accepted_in(operation, None).known().collect();
            // The first group is of the product that the path belongs to. One that refuses tokens of accounts would tell
            // nothing about the others.
            let refuses = |group: &KnownGroup| group.refused_to_accounts().is_some();
            let is_for_all = refuses(group) || !accepted.first().is_some_and(|own| refuses(own));
            let mut others: Vec<String> = accepted.iter().map(|other| other.product().to_owned()).collect();
            others.retain(|product| product != group.product());
            others.sort();
            others.dedup();
            (is_for_all && accepted.contains(&group)).then_some(Self { operation, others })
        };
        Catalogue::operations().filter(is_harmless).filter_map(read).min_by_key(|read| {
            let path = read.operation.path;
            let is_well_known = WELL_KNOWN.contains(&(group.product(), path));
            (!is_well_known, read.others.len(), path.matches('/').count(), path)
        })
    }

    /// The path for a resource; for all zones or accounts, that of the first one that is known. `None` where there is none.
    #[must_use]
    pub fn path(&self, resource: &Resource, directory: &Directory) -> Option<String> {
        let path = self.operation.path;
        let zone = |id: &str| Some(path.replace(ZONE, id));
        let account = |id: &str| Some(path.replace(ACCOUNT, id));
        match resource {
            Resource::User(_) => Some(path.to_owned()),
            Resource::Account(id) => account(id),
            Resource::AllAccounts => account(&directory.accounts.first()?.id),
            Resource::Zone(id) => zone(id),
            Resource::AllZones => zone(&directory.zones.first()?.id),
            Resource::ZonesOf(of) => zone(&directory.zones.iter().find(|zone| zone.account == *of)?.id),
            _ => None,
        }
    }

    /// What an answer proves of a permission.
    #[must_use]
    pub fn verdict(&self, group: &KnownGroup, answer: &ReadAnswer) -> ReadVerdict {
        match answer {
            ReadAnswer::Unclear(why) => ReadVerdict::Nothing(why.clone()),
            ReadAnswer::Refused(_) => ReadVerdict::Missing,
            ReadAnswer::Allowed if !self.others.is_empty() => ReadVerdict::ReadsByAny,
            ReadAnswer::Allowed if matches!(group.level(), Some(Level::Read | Level::Report)) => {
                ReadVerdict::Held
            }
            ReadAnswer::Allowed => ReadVerdict::Reads,
        }
    }
}

/// Whether an operation is about what a group applies to.
fn is_about(operation: &Operation, scope: Option<&Scope>) -> bool {
    let names = |placeholder| operation.path.split('/').any(|segment| segment == placeholder);
    match scope {
        Some(Scope::Account) => names(ACCOUNT) && !names(ZONE),
        Some(Scope::Zone) => names(ZONE),
        Some(Scope::User) => operation.scope() == Some(Scope::User),
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::*;

    fn group(name: &str) -> &'static KnownGroup {
        Catalogue::embedded().groups().find(|group| group.name == name).unwrap()
    }

    fn read(name: &str) -> Option<HarmlessRead> {
        HarmlessRead::of(Catalogue::embedded(), group(name))
    }

    #[test]
    fn the_permissions_of_common_deployments_have_a_read_that_few_others_allow() {
        for (name, path, others) in [
            ("Account Settings Read", "/accounts/{account_id}/audit_logs", 0),
            ("Workers Scripts Write", "/accounts/{account_id}/workers/domains", 0),
            ("Workers KV Storage Write", "/accounts/{account_id}/storage/kv/namespaces", 0),
            ("D1 Write", "/accounts/{account_id}/d1/database", 0),
            ("Workers R2 Storage Write", "/accounts/{account_id}/r2/buckets", 0),
            ("Queues Write", "/accounts/{account_id}/queues", 1),
            ("Pages Write", "/accounts/{account_id}/pages/projects", 0),
            ("Workers Routes Write", "/zones/{zone_id}/workers/routes", 0),
            ("SSL and Certificates Write", "/zones/{zone_id}/custom_hostnames", 0),
            ("DNS Write", "/zones/{zone_id}/dns_records", 0),
            ("Zone Settings Read", "/zones/{zone_id}/settings", 0),
            ("Zone Read", "/zones/{zone_id}", 19),
            ("Memberships Read", "/memberships", 0),
            ("User Details Read", "/user", 0),
        ] {
            let read = read(name).unwrap();
            assert_eq!((read.operation.path, read.others.len()), (path, others), "{name}");
        }
    }

    #[test]
    fn what_has_no_read_is_left_to_policies() {
        assert_eq!(read("Workers R2 Storage Bucket Item Write"), None);
        assert_eq!(read("Account Analytics Read"), None);
    }

    #[test]
    fn an_answer_proves_that_one_may_read_and_never_that_one_may_edit() {
        let dns = read("DNS Write").unwrap();
        let queues = read("Queues Write").unwrap();
        for (read, name, answer, verdict) in [
            (&dns, "DNS Read", ReadAnswer::Allowed, ReadVerdict::Held),
            (&dns, "DNS Write", ReadAnswer::Allowed, ReadVerdict::Reads),
            (&dns, "DNS Write", ReadAnswer::Refused(None), ReadVerdict::Missing),
            (&queues, "Queues Write", ReadAnswer::Allowed, ReadVerdict::ReadsByAny),
            (&dns, "DNS Read", ReadAnswer::Unclear("no".to_owned()), ReadVerdict::Nothing("no".to_owned())),
        ] {
            assert_eq!(read.verdict(group(name), &answer), verdict, "{name}: {answer:?}");
        }
    }

    #[test]
    fn no_read_names_anything_but_an_account_or_a_zone() {
        let reads: Vec<HarmlessRead> = Catalogue::embedded()
            .groups()
            .filter_map(|group| HarmlessRead::of(Catalogue::embedded(), group))
            .collect();
        assert!(reads.len() > 100, "only {}", reads.len());
        for read in reads {
            let rest = read.operation.path.replace(ACCOUNT, "").replace(ZONE, "");
            assert!(!rest.contains('{') && read.operation.method == Method::GET, "{:?}", read.operation);
        }
    }
}
