//! What should be: a profile with every name turned into an id.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::addresses::Addresses;
use super::directory::Directory;
use super::grant::Policy;
use super::policies;
use super::unresolved::Unresolved;
use crate::catalogue::{Granted, Resource};
use crate::profile::{Jurisdiction, Lifetime, Owner, Profile, Rights, Start};

/// The token a profile asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Its name, without a mark.
    pub name: String,
    /// The account that owns it; `None` for the user.
    pub owner: Option<String>,
    /// What it may do: one policy per scope and grant, since groups of one scope have no effect on another's resources.
    pub policies: Vec<Policy>,
    /// From where; `None` where the profile is silent.
    pub addresses: Option<Addresses>,
    /// How long.
    pub lifetime: Lifetime,
    /// From when; `None` where the profile is silent.
    pub not_before: Option<Start>,
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
    /// Turns a profile into the token it asks for; reports every name that fails. `granted` has the permission groups
    /// of each of its [rights](Profile::all_rights), in their order.
    pub fn new(
        profile: &Profile,
        granted: &[Vec<Granted>],
        directory: &Directory,
    ) -> Result<Self, Vec<Unresolved>> {
        let mut unresolved = Vec::new();
        let owner = match &profile.owner {
            Owner::User => None,
            Owner::Account(account) => keep(directory.account(account), &mut unresolved),
        };
        let mut resolve = |rights: &Rights, granted: &[Granted]| {
            policies::resolve(&rights.resources, granted, &profile.name, directory, &mut unresolved)
        };
        let mut granted = granted.iter().map(Vec::as_slice);
        let own = resolve(&profile.rights, granted.next().unwrap_or_default());
        let further: Vec<Policy> = profile
            .grants
            .iter()
            .flat_map(|grant| resolve(grant, granted.next().unwrap_or_default()).policies)
            .collect();
        let policies::ResolvedRights { policies: mut own, accounts, zones } = own;
        let home = bucket_home(&own, &accounts);
        own.extend(further);
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
            policies: own,
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
        let Some(Start::At(start)) = self.not_before else { return None };
        Some({
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
