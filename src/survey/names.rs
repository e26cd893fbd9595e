//! The names of profiles and what Cloudflare knows by them: accounts, zones, Workers, the user.
//!
//! In: profiles. Out: what must be asked, and the answers. What the bootstrap may not list is left out, which the error
//! about the name explains. An id is taken at its word, but where an account's id and a zone's are mistaken for each other;
//! one that leads to nothing that the bootstrap sees is worth a warning.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use super::purpose::Purpose;
use crate::cloudflare::wire::{WorkerScript, Zone};
use crate::cloudflare::{Client, Error, TokenOwner};
use crate::plan::{AccountEntry, WorkerEntry, ZoneEntry, forms_of_domain};
use crate::profile::{Accounts, Owner, Profile, Reference, Resources, Section, Spanned, Zones};

/// The most zones that are asked for by name; for more, all zones are listed.
const MOST_ZONES_BY_NAME: usize = 10;

/// What must be asked to turn names into ids.
#[derive(Default)]
pub(super) struct NamesToResolve {
    /// Whether an owner is given by name.
    pub(super) owner: bool,
    accounts: bool,
    /// The accounts that are given by id.
    pub(super) account_ids: BTreeSet<String>,
    /// Whether the user's id is needed.
    pub(super) user: bool,
    /// The Workers that are given by name, which only those of an owner can be.
    pub(super) workers: BTreeSet<String>,
    /// The zones that are given by name.
    pub(super) zones: BTreeSet<String>,
    /// The zones that are given by id.
    pub(super) zone_ids: BTreeSet<String>,
}

impl NamesToResolve {
    pub(super) fn of<'a>(profiles: impl IntoIterator<Item = &'a Profile>, purpose: Purpose) -> Self {
        let mut names = Self::default();
        for profile in profiles {
            if let Owner::Account(account) = &profile.owner {
                names.owner |= matches!(account.value, Reference::Name(_));
            }
            if purpose == Purpose::End {
                continue;
            }
            for rights in profile.all_rights() {
                names.add(&rights.resources, &profile.owner);
                names.user |= rights.permissions.iter().any(|permission| permission.section == Section::User);
            }
        }
        names
    }

    fn add(&mut self, resources: &Resources, owner: &Owner) {
        let Resources { accounts, zones, buckets, workers } = resources;
        if let Accounts::Named(named) = accounts {
            for account in named {
                self.account(account, owner);
            }
        }
        for bucket in buckets {
            self.account(&bucket.value.account, owner);
        }
        for worker in workers {
            self.account(&worker.value.account, owner);
            if let Reference::Name(name) = &worker.value.name {
                self.workers.insert(name.clone());
            }
        }
        let Zones::Named(named) = zones else { return };
        for zone in named {
            match &zone.value {
                Reference::Name(name) => {
                    self.zones.insert(name.to_lowercase());
                }
                // It may be an account's id.
                Reference::Id(id) => {
                    self.accounts = true;
                    self.zone_ids.insert(id.clone());
                }
            }
        }
    }

    /// An account is told apart from a zone where its own tokens are listed: the owner needs no other look.
    fn account(&mut self, account: &Spanned<Reference>, owner: &Owner) {
        match &account.value {
            Reference::Name(_) => self.accounts = true,
            Reference::Id(_) if matches!(owner, Owner::Account(own) if own.value == account.value) => {}
            Reference::Id(id) => {
                self.account_ids.insert(id.clone());
            }
        }
    }

    /// Whether the list of accounts tells anything.
    pub(super) fn needs_accounts(&self) -> bool {
        self.accounts || !self.account_ids.is_empty()
    }
}

/// The accounts the bootstrap sees.
pub async fn accounts(client: &Client) -> Result<Vec<AccountEntry>, Error> {
    let found = none_if_refused(client.accounts().await)?;
    Ok(found.into_iter().map(|account| AccountEntry { id: account.id, name: account.name }).collect())
}

/// The zones of these names; where one is not found, all there are, so that the error can say which.
pub(super) async fn zones(client: &Client, names: &BTreeSet<String>) -> Result<Vec<ZoneEntry>, Error> {
    if names.len() > MOST_ZONES_BY_NAME {
        return all_zones(client).await;
    }
    let of_name = |name: &String| {
        let forms = forms_of_domain(name);
        async move {
            let asked = forms.iter().map(|form| async { none_if_refused(client.zones_named(form).await) });
            try_join_all(asked).await.map(|found| found.into_iter().flatten().collect::<Vec<Zone>>())
        }
    };
    let found = try_join_all(names.iter().map(of_name)).await?;
    if found.iter().any(Vec::is_empty) {
        return all_zones(client).await;
    }
    let mut zones: Vec<ZoneEntry> = found.into_iter().flatten().map(entry).collect();
    zones.sort_by(|one, other| one.id.cmp(&other.id));
    zones.dedup();
    Ok(zones)
}

/// Every zone the bootstrap sees.
pub(super) async fn all_zones(client: &Client) -> Result<Vec<ZoneEntry>, Error> {
    Ok(none_if_refused(client.zones().await)?.into_iter().map(entry).collect())
}

/// The zones whose ids stand where accounts' belong. Nobody is asked where the accounts are known.
pub(super) async fn mistaken_zones(
    client: &Client,
    account_ids: &BTreeSet<String>,
    accounts: &[AccountEntry],
) -> Result<Vec<ZoneEntry>, Error> {
    let is_unknown = |id: &&String| !accounts.iter().any(|account| account.id == **id);
    let unknown = account_ids.iter().filter(is_unknown).filter(|_| !accounts.is_empty());
    let found = try_join_all(unknown.map(|id| zone(client, id))).await?;
    Ok(found.into_iter().flatten().collect())
}

/// The ids of zones that the bootstrap cannot see, although it sees other zones. Nobody is asked where it sees no accounts.
pub(super) async fn unseen_zones(
    client: &Client,
    ids: &BTreeSet<String>,
    accounts: &[AccountEntry],
) -> Result<BTreeSet<String>, Error> {
    if ids.is_empty() || accounts.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut unseen = ids.clone();
    if ids.len() <= MOST_ZONES_BY_NAME {
        let found = try_join_all(ids.iter().map(|id| zone(client, id))).await?;
        unseen.retain(|id| !found.iter().flatten().any(|zone| zone.id == *id));
    }
    if unseen.is_empty() {
        return Ok(unseen);
    }
    let seen = all_zones(client).await?;
    if seen.is_empty() {
        return Ok(BTreeSet::new());
    }
    unseen.retain(|id| !seen.iter().any(|zone| zone.id == *id));
    Ok(unseen)
}

/// One zone, if the bootstrap sees it.
async fn zone(client: &Client, id: &str) -> Result<Option<ZoneEntry>, Error> {
    match client.zone(id).await {
        Ok(zone) => Ok(Some(entry(zone))),
        Err(error) if error.refusal().is_some() && !error.is_dead_secret() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The Workers of these owners, as far as they may be listed.
pub(super) async fn workers(
    client: &Client,
    owners: impl Iterator<Item = &TokenOwner>,
) -> Result<BTreeMap<String, Option<Vec<WorkerEntry>>>, Error> {
    let accounts = owners.filter_map(|owner| match owner {
        TokenOwner::Account(id) => Some(id),
        TokenOwner::User => None,
    });
    let of_account = |account: &String| {
        let account = account.clone();
        async move {
            let entry = |script: WorkerScript| Some(WorkerEntry { name: script.id, tag: script.tag? });
            match client.worker_scripts(&account).await {
                Ok(scripts) => Ok((account, Some(scripts.into_iter().filter_map(entry).collect()))),
                Err(error) if error.refusal().is_some() && !error.is_dead_secret() => Ok((account, None)),
                Err(error) => Err(error),
            }
        }
    };
    Ok(try_join_all(accounts.map(of_account)).await?.into_iter().collect())
}

pub(super) async fn user(client: &Client, wanted: bool) -> Result<Option<String>, Error> {
    if !wanted {
        return Ok(None);
    }
    match client.user().await {
        Ok(user) => Ok(Some(user.id)),
        Err(error) if error.refusal().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

fn entry(zone: Zone) -> ZoneEntry {
    ZoneEntry { id: zone.id, name: zone.name, account: zone.account.id }
}

fn none_if_refused<T>(answer: Result<Vec<T>, Error>) -> Result<Vec<T>, Error> {
    match answer {
        Err(error) if error.refusal().is_some() && !error.is_dead_secret() => Ok(Vec::new()),
        other => other,
    }
}
