//! What should be: a profile with every name turned into an id.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::addresses::Addresses;
use super::directory::{Directory, Unresolved};
use super::grant::{Policy, PolicyEffect};
use crate::catalogue::{Granted, Resource};
use crate::profile::{Accounts, Jurisdiction, Lifetime, Owner, Profile, Reference, Section, Spanned, Zones};

/// The token a profile asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Its name, without a mark.
    pub name: String,
    /// The account that owns it; `None` for the user.
    pub owner: Option<String>,
    /// What it may do: one policy per scope, since groups of one scope have no effect on another's resources.
    pub policies: Vec<Policy>,
    /// From where; `None` where the profile is silent.
    pub addresses: Option<Addresses>,
    /// How long.
    pub lifetime: Lifetime,
    /// From when.
    pub not_before: Option<DateTime<Utc>>,
    /// The one account of the profile, if there is one.
    pub account: Option<String>,
    /// The one zone of the profile, if there is one.
    pub zone: Option<String>,
    /// Where its buckets are, if that is one place.
    pub buckets: Option<BucketHome>,
}

/// Where buckets are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketHome {
    /// The id of their account.
    pub account: String,
    /// Where their data may lie.
    pub jurisdiction: Jurisdiction,
}

impl Wanted {
    /// Turns a profile and its permission groups into the token they ask for; reports every name that fails.
    pub fn new(
        profile: &Profile,
        granted: &[Granted],
        directory: &Directory,
    ) -> Result<Self, Vec<Unresolved>> {
        let mut unresolved = Vec::new();
        let owner = match &profile.owner {
            Owner::User => None,
            Owner::Account(account) => keep(directory.account(account), &mut unresolved),
        };
        let accounts: Vec<String> = match &profile.resources.accounts {
            Accounts::All => Vec::new(),
            Accounts::Named(named) => {
                named.iter().filter_map(|account| keep(directory.account(account), &mut unresolved)).collect()
            }
        };
        let zones: Vec<String> = match &profile.resources.zones {
            Zones::OfAccounts | Zones::AllAccounts => Vec::new(),
            Zones::Named(named) => named
                .iter()
                .filter_map(|zone| keep(directory.zone(zone, &accounts), &mut unresolved))
                .collect(),
        };

        let mut policies = Vec::new();
        for section in [Section::Account, Section::Zone, Section::User, Section::R2] {
            let groups: BTreeMap<String, String> = granted
                .iter()
                .filter(|granted| granted.section == section)
                .map(|granted| (granted.id.clone(), granted.name.clone()))
                .collect();
            if groups.is_empty() {
                continue;
            }
            let resources = match section {
                Section::Account => account_resources(profile, &accounts),
                Section::Zone => zone_resources(profile, &accounts, &zones),
                Section::User => user_resource(profile, directory, &mut unresolved),
                Section::R2 => bucket_resources(profile, directory, &mut unresolved),
            };
            policies.push(Policy { effect: PolicyEffect::Allow, groups, resources });
        }
        let home = bucket_home(&policies, &accounts);
        if !unresolved.is_empty() {
            unresolved.dedup();
            return Err(unresolved);
        }
        Ok(Self {
            name: profile.name.value.clone(),
            account: only(&accounts)
                .or_else(|| owner.clone())
                .or_else(|| home.clone().map(|home| home.account)),
            owner,
            policies,
            addresses: profile.ip.as_ref().map(Addresses::from),
            lifetime: profile.ttl.value,
            not_before: profile.not_before,
            zone: only(&zones),
            buckets: home,
        })
    }

    /// The token a profile names, without what it may do: enough to find it and end it.
    #[must_use]
    pub fn named(profile: &Profile, owner: Option<String>) -> Self {
        Self {
            name: profile.name.value.clone(),
            account: owner.clone(),
            owner,
            policies: Vec::new(),
            addresses: None,
            lifetime: profile.ttl.value,
            not_before: None,
            zone: None,
            buckets: None,
        }
    }

    /// When a token made or renewed now ends; `None` for never.
    #[must_use]
    pub fn expiry(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.lifetime {
            Lifetime::For(ttl) => Some(now.checked_add_signed(ttl).unwrap_or(DateTime::<Utc>::MAX_UTC)),
            Lifetime::Until(end) => Some(end),
            Lifetime::Never => None,
        }
    }

    /// The `not_before` to send now: backdated where it lies in the past or at this moment, since a clock
    /// that runs ahead would otherwise make a token that does not work yet.
    #[must_use]
    pub fn start(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.not_before.map(|start| {
            let skewed = now.checked_sub_signed(TimeDelta::minutes(5)).unwrap_or(now);
            if start <= now { start.min(skewed) } else { start }
        })
    }
}

fn keep<T>(result: Result<T, Unresolved>, unresolved: &mut Vec<Unresolved>) -> Option<T> {
    result.map_err(|error| unresolved.push(error)).ok()
}

fn only(ids: &[String]) -> Option<String> {
    match ids {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// The one place the buckets of the policies are in; for permissions on the whole of R2, the one account.
fn bucket_home(policies: &[Policy], accounts: &[String]) -> Option<BucketHome> {
    let homes: BTreeSet<BucketHome> = policies
        .iter()
        .flat_map(|policy| &policy.resources)
        .filter_map(|resource| match resource {
            Resource::Bucket { account, jurisdiction, .. } => Some((account, *jurisdiction)),
            Resource::BucketsOf(account) => Some((account, Jurisdiction::Default)),
            _ => None,
        })
        .map(|(account, jurisdiction)| BucketHome { account: account.clone(), jurisdiction })
        .collect();
    let mut homes = homes.into_iter();
    match (homes.next(), homes.next()) {
        (Some(home), None) => Some(home),
        (None, None) => {
            only(accounts).map(|account| BucketHome { account, jurisdiction: Jurisdiction::Default })
        }
        _ => None,
    }
}

fn account_resources(profile: &Profile, accounts: &[String]) -> BTreeSet<Resource> {
    match profile.resources.accounts {
        Accounts::All => BTreeSet::from([Resource::AllAccounts]),
        Accounts::Named(_) => accounts.iter().cloned().map(Resource::Account).collect(),
    }
}

fn zone_resources(profile: &Profile, accounts: &[String], zones: &[String]) -> BTreeSet<Resource> {
    match (&profile.resources.zones, &profile.resources.accounts) {
        (Zones::AllAccounts, _) | (Zones::OfAccounts, Accounts::All) => BTreeSet::from([Resource::AllZones]),
        (Zones::OfAccounts, Accounts::Named(_)) => accounts.iter().cloned().map(Resource::ZonesOf).collect(),
        (Zones::Named(_), _) => zones.iter().cloned().map(Resource::Zone).collect(),
    }
}

fn user_resource(
    profile: &Profile,
    directory: &Directory,
    unresolved: &mut Vec<Unresolved>,
) -> BTreeSet<Resource> {
    let user = directory.user.clone().ok_or_else(|| Unresolved::User { written: profile.name.clone() });
    keep(user, unresolved).map(Resource::User).into_iter().collect()
}

fn bucket_resources(
    profile: &Profile,
    directory: &Directory,
    unresolved: &mut Vec<Unresolved>,
) -> BTreeSet<Resource> {
    let buckets = profile.resources.buckets.iter().filter_map(|bucket| {
        let written: &Spanned<Reference> = &bucket.value.account;
        let account = keep(directory.account(written), unresolved)?;
        Some(match &bucket.value.name {
            Some(name) => {
                Resource::Bucket { account, jurisdiction: bucket.value.jurisdiction, name: name.clone() }
            }
            None => Resource::BucketsOf(account),
        })
    });
    buckets.collect()
}
