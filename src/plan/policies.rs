//! Rights with every name turned into an id: one policy for each scope that they have permissions for.
//!
//! In: the permissions of a profile or of one of its grants, understood, and their resources. Out: policies; names that
//! lead nowhere are collected. Groups that do not apply to a resource never share a policy with it.

use std::collections::{BTreeMap, BTreeSet};

use super::directory::Directory;
use super::grant::{Policy, PolicyEffect};
use super::unresolved::Unresolved;
use crate::catalogue::{Granted, Resource};
use crate::profile::{Accounts, Resources, Section, Spanned, Zones};

/// What rights come to.
pub(super) struct ResolvedRights {
    /// The policies, one for each section.
    pub(super) policies: Vec<Policy>,
    /// The accounts that are named.
    pub(super) accounts: Vec<String>,
    /// The zones that are named.
    pub(super) zones: Vec<String>,
}

/// Resolves rights whose permissions mean these groups.
pub(super) fn resolve(
    resources: &Resources,
    granted: &[Granted],
    name: &Spanned<String>,
    directory: &Directory,
    unresolved: &mut Vec<Unresolved>,
) -> ResolvedRights {
    let mut resolver = PolicyResolver { resources, name, directory, unresolved };
    let accounts: Vec<String> = match &resources.accounts {
        Accounts::All => Vec::new(),
        Accounts::Named(named) => {
            named.iter().filter_map(|account| resolver.keep(directory.account(account))).collect()
        }
    };
    let zones: Vec<String> = match &resources.zones {
        Zones::OfAccounts | Zones::AllAccounts => Vec::new(),
        Zones::Named(named) => {
            named.iter().filter_map(|zone| resolver.keep(directory.zone(zone, &accounts))).collect()
        }
    };
    let mut policies = Vec::new();
    for section in Section::ALL {
        let groups: BTreeMap<String, String> = granted
            .iter()
            .filter(|granted| granted.section == section)
            .map(|granted| (granted.id.clone(), granted.name.clone()))
            .collect();
        if groups.is_empty() {
            continue;
        }
        let resources = resolver.section(section, &accounts, &zones);
        policies.push(Policy { effect: PolicyEffect::Allow, groups, resources });
    }
    ResolvedRights { policies, accounts, zones }
}

struct PolicyResolver<'a> {
    resources: &'a Resources,
    name: &'a Spanned<String>,
    directory: &'a Directory,
    unresolved: &'a mut Vec<Unresolved>,
}

impl PolicyResolver<'_> {
    fn keep<T>(&mut self, result: Result<T, Unresolved>) -> Option<T> {
        result.map_err(|error| self.unresolved.push(error)).ok()
    }

    /// What the permissions of a section apply to.
    fn section(&mut self, section: Section, accounts: &[String], zones: &[String]) -> BTreeSet<Resource> {
        match section {
            Section::Account => match self.resources.accounts {
                Accounts::All => BTreeSet::from([Resource::AllAccounts]),
                Accounts::Named(_) => accounts.iter().cloned().map(Resource::Account).collect(),
            },
            Section::Zone => match (&self.resources.zones, &self.resources.accounts) {
                (Zones::AllAccounts, _) | (Zones::OfAccounts, Accounts::All) => {
                    BTreeSet::from([Resource::AllZones])
                }
                (Zones::OfAccounts, Accounts::Named(_)) => {
                    accounts.iter().cloned().map(Resource::ZonesOf).collect()
                }
                (Zones::Named(_), _) => zones.iter().cloned().map(Resource::Zone).collect(),
            },
            Section::User => {
                let user = self.directory.user.clone();
                let user = user.ok_or_else(|| Unresolved::User { written: self.name.clone() });
                self.keep(user).map(Resource::User).into_iter().collect()
            }
            Section::R2 => self.buckets(),
            Section::Worker => self.workers(),
        }
    }

    fn buckets(&mut self) -> BTreeSet<Resource> {
        let mut found = BTreeSet::new();
        for bucket in &self.resources.buckets {
            let Some(account) = self.keep(self.directory.account(&bucket.value.account)) else { continue };
            let jurisdiction = bucket.value.jurisdiction;
            found.insert(match &bucket.value.name {
                Some(name) => Resource::Bucket { account, jurisdiction, name: name.clone() },
                None => Resource::BucketsOf(account),
            });
        }
        found
    }

    fn workers(&mut self) -> BTreeSet<Resource> {
        let mut found = BTreeSet::new();
        for worker in &self.resources.workers {
            let Some(account) = self.keep(self.directory.account(&worker.value.account)) else { continue };
            let tag = self.directory.worker(worker, &account);
            found.extend(self.keep(tag).map(|tag| Resource::Worker { account, tag }));
        }
        found
    }
}
