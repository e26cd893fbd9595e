//! Names to ids, and back: the accounts, zones and Workers the bootstrap sees, and its user.

use std::collections::{BTreeMap, BTreeSet};

use super::unresolved::Unresolved;
use crate::profile::{Reference, Spanned, Worker};

/// What the look-ups found. Names a profile gives as ids never need to stand here.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// The accounts the bootstrap sees.
    pub accounts: Vec<AccountEntry>,
    /// The zones of the names that were asked for.
    pub zones: Vec<ZoneEntry>,
    /// The Workers of the accounts that were asked for, by the account's id; `None` where the bootstrap may not list them.
    pub workers: BTreeMap<String, Option<Vec<WorkerEntry>>>,
    /// The id of the user behind the bootstrap, if it could be learnt.
    pub user: Option<String>,
    /// The ids of profiles that lead to no account and no zone that the bootstrap sees, although it sees others.
    pub unseen: BTreeSet<String>,
}

/// An id with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEntry {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The name; not unique.
    pub name: String,
}

/// A zone and the account it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneEntry {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The domain.
    pub name: String,
    /// The id of its account.
    pub account: String,
}

/// A Worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerEntry {
    /// Its name.
    pub name: String,
    /// What policies call it by: 32 hexadecimal digits.
    pub tag: String,
}

impl Directory {
    /// The id of an account.
    pub fn account(&self, written: &Spanned<Reference>) -> Result<String, Unresolved> {
        let name = match &written.value {
            Reference::Id(id) => return self.account_of_id(written, id),
            Reference::Name(name) => name,
        };
        let exact: Vec<&AccountEntry> =
            self.accounts.iter().filter(|account| account.name == *name).collect();
        let found = if exact.is_empty() {
            self.accounts.iter().filter(|account| same_name(&account.name, name)).collect()
        } else {
            exact
        };
        match found.as_slice() {
            [one] => Ok(one.id.clone()),
            [] => Err(Unresolved::Account {
                written: written.clone(),
                seen: self.accounts.iter().map(|account| account.name.clone()).collect(),
            }),
            several => Err(Unresolved::AmbiguousAccount {
                written: written.clone(),
                ids: several.iter().map(|account| account.id.clone()).collect(),
            }),
        }
    }

    /// The id of a zone; among several of one name, the one in these accounts.
    pub fn zone(&self, written: &Spanned<Reference>, accounts: &[String]) -> Result<String, Unresolved> {
        let name = match &written.value {
            Reference::Id(id) => return self.zone_of_id(written, id),
            Reference::Name(name) => name,
        };
        let plain = plain_domain(name);
        let of_name: Vec<&ZoneEntry> =
            self.zones.iter().filter(|zone| plain_domain(&zone.name) == plain).collect();
        let found: Vec<&ZoneEntry> = of_name
            .iter()
            .filter(|zone| accounts.is_empty() || accounts.contains(&zone.account))
            .copied()
            .collect();
        match found.as_slice() {
            [one] => Ok(one.id.clone()),
            [] => Err(Unresolved::Zone {
                written: written.clone(),
                elsewhere: of_name.iter().map(|zone| self.account_name(&zone.account)).collect(),
                seen: self.zones.iter().map(|zone| zone.name.clone()).collect(),
            }),
            several => Err(Unresolved::AmbiguousZone {
                written: written.clone(),
                ids: several.iter().map(|zone| zone.id.clone()).collect(),
            }),
        }
    }

    /// The tag of a Worker in an account, given by its id.
    pub fn worker(&self, written: &Spanned<Worker>, account: &str) -> Result<String, Unresolved> {
        let name = match &written.value.name {
            Reference::Id(tag) => return Ok(tag.clone()),
            Reference::Name(name) => name,
        };
        let workers = self.workers.get(account).and_then(Option::as_ref);
        let found = workers.into_iter().flatten().find(|worker| worker.name == *name);
        found.map(|worker| worker.tag.clone()).ok_or_else(|| Unresolved::Worker {
            written: Spanned::new(name.clone(), written.span),
            account: self.account_name(account),
            seen: workers.map(|workers| workers.iter().map(|worker| worker.name.clone()).collect()),
        })
    }

    /// An id where an account's belongs. One that is not known is taken at its word, unless it is a zone's.
    fn account_of_id(&self, written: &Spanned<Reference>, id: &str) -> Result<String, Unresolved> {
        let is_account = self.accounts.iter().any(|account| account.id == id);
        match self.zones.iter().find(|zone| zone.id == id) {
            Some(zone) if !is_account => {
                Err(Unresolved::ZoneForAccount { written: written.clone(), zone: zone.name.clone() })
            }
            _ => Ok(id.to_owned()),
        }
    }

    /// An id where a zone's belongs. One that is not known is taken at its word, unless it is an account's.
    fn zone_of_id(&self, written: &Spanned<Reference>, id: &str) -> Result<String, Unresolved> {
        let is_account = self.accounts.iter().any(|account| account.id == id);
        if is_account {
            return Err(Unresolved::AccountForZone {
                written: written.clone(),
                account: self.account_name(id),
            });
        }
        Ok(id.to_owned())
    }

    /// What a person calls a Worker of an account: its name, or its tag where the name is not known.
    #[must_use]
    pub fn worker_name(&self, account: &str, tag: &str) -> String {
        let workers = self.workers.get(account).and_then(Option::as_ref);
        let known = workers.into_iter().flatten().find(|worker| worker.tag == tag);
        known.map_or_else(|| tag.to_owned(), |worker| worker.name.clone())
    }

    /// What a person calls an account: its name, or its id where the name is not known.
    #[must_use]
    pub fn account_name(&self, id: &str) -> String {
        let known = self.accounts.iter().find(|account| account.id == id && !account.name.is_empty());
        known.map_or_else(|| id.to_owned(), |account| account.name.clone())
    }

    /// What a person calls a zone: its domain, or its id where the domain is not known.
    #[must_use]
    pub fn zone_name(&self, id: &str) -> String {
        let known = self.zones.iter().find(|zone| zone.id == id);
        known.map_or_else(|| id.to_owned(), |zone| zone.name.clone())
    }
}

fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// A domain in the one form that tells domains apart: as DNS has it, in lower case, without the dot at its end. What is
/// no domain stays as it is, but for its case.
fn plain_domain(name: &str) -> String {
    let name = name.trim().trim_end_matches('.');
    idna::domain_to_ascii(name).unwrap_or_else(|_| name.to_lowercase())
}

/// The forms in which a domain may be listed: as DNS has it, and as people read it.
#[must_use]
pub fn forms_of_domain(name: &str) -> Vec<String> {
    let plain = plain_domain(name);
    let (readable, outcome) = idna::domain_to_unicode(&plain);
    let is_other = outcome.is_ok() && readable != plain;
    std::iter::once(plain).chain(is_other.then_some(readable)).collect()
}
