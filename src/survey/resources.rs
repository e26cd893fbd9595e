//! What a bootstrap sees that a profile can name: accounts, zones, R2 buckets, Workers.
//!
//! In: what is asked for. Out: what there is, and for what may not be listed, that it may not. Only a failing request is an
//! error; a refused one never keeps the rest from being seen.

use futures_util::future::{join, try_join_all};

use crate::cloudflare::{Client, Error};
use crate::plan::{AccountEntry, WorkerEntry, ZoneEntry};
use crate::profile::Jurisdiction;

/// Something that a profile can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    /// Accounts.
    Accounts,
    /// Zones.
    Zones,
    /// R2 buckets.
    Buckets,
    /// Workers.
    Workers,
}

/// What a bootstrap sees. `None` where it may not list that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenResources {
    /// The accounts.
    pub accounts: Option<Vec<AccountEntry>>,
    /// The zones, where they were asked for.
    pub zones: Option<Vec<ZoneEntry>>,
    /// Of each account the buckets, where they were asked for.
    pub buckets: Vec<SeenIn<SeenBucket>>,
    /// Of each account the Workers, where they were asked for.
    pub workers: Vec<SeenIn<WorkerEntry>>,
}

impl SeenResources {
    /// Whether the accounts may be listed, and neither they nor anything in them is there.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let has_none = |len: Option<usize>| len.unwrap_or_default() == 0;
        self.accounts.as_ref().is_some_and(Vec::is_empty)
            && has_none(self.zones.as_ref().map(Vec::len))
            && self.buckets.iter().all(|of| has_none(of.seen.as_ref().map(Vec::len)))
            && self.workers.iter().all(|of| has_none(of.seen.as_ref().map(Vec::len)))
    }
}

/// An R2 bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenBucket {
    /// Its name.
    pub name: String,
    /// Where its data may lie.
    pub jurisdiction: Jurisdiction,
}

/// What there is in an account; `None` where it may not be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenIn<T> {
    /// The account.
    pub account: AccountEntry,
    /// What is in it.
    pub seen: Option<Vec<T>>,
}

/// Looks for everything that is asked for, side by side; in one account alone, by its id, if it is given.
pub async fn resources(
    client: &Client,
    kinds: &[ResourceKind],
    account: Option<&str>,
) -> Result<SeenResources, Error> {
    let zones =
        async { if kinds.contains(&ResourceKind::Zones) { seen(client.zones().await) } else { Ok(None) } };
    let (accounts, zones) = join(async { seen(client.accounts().await) }, zones).await;
    let is_asked = |id: &str| account.is_none_or(|asked| asked.eq_ignore_ascii_case(id));
    let accounts: Option<Vec<AccountEntry>> = accounts?.map(|found| {
        let entries = found.into_iter().map(|one| AccountEntry { id: one.id, name: one.name });
        entries.filter(|one| is_asked(&one.id)).collect()
    });
    let zones = zones?.map(|found| {
        let own = found.into_iter().filter(|zone| is_asked(&zone.account.id));
        own.map(|zone| ZoneEntry { id: zone.id, name: zone.name, account: zone.account.id }).collect()
    });
    // An id is enough to look into an account that may not be listed.
    let within: Vec<AccountEntry> = match (&accounts, account) {
        (Some(accounts), _) if !accounts.is_empty() => accounts.clone(),
        (_, Some(id)) => vec![AccountEntry { id: id.to_ascii_lowercase(), name: id.to_ascii_lowercase() }],
        _ => Vec::new(),
    };
    let buckets = async {
        let wanted = within.iter().filter(|_| kinds.contains(&ResourceKind::Buckets));
        try_join_all(wanted.map(|account| buckets(client, account))).await
    };
    let workers = async {
        let wanted = within.iter().filter(|_| kinds.contains(&ResourceKind::Workers));
        try_join_all(wanted.map(|account| workers(client, account))).await
    };
    let (buckets, workers) = join(buckets, workers).await;
    Ok(SeenResources { accounts, zones, buckets: buckets?, workers: workers? })
}

/// The buckets of all jurisdictions. One that the account does not have is refused, which is no news.
async fn buckets(client: &Client, account: &AccountEntry) -> Result<SeenIn<SeenBucket>, Error> {
    let of = |jurisdiction: Jurisdiction| async move {
        let word = Some(jurisdiction.word()).filter(|_| jurisdiction != Jurisdiction::Default);
        let found = seen(client.buckets(&account.id, word).await)?;
        Ok::<_, Error>(found.map(|found| {
            let bucket = |name: String| SeenBucket { name, jurisdiction };
            found.into_iter().map(|one| bucket(one.name)).collect::<Vec<_>>()
        }))
    };
    let found = try_join_all(Jurisdiction::ALL.map(of)).await?;
    let is_refused = found.iter().all(Option::is_none);
    let all = found.into_iter().flatten().flatten().collect();
    Ok(SeenIn { account: account.clone(), seen: (!is_refused).then_some(all) })
}

async fn workers(client: &Client, account: &AccountEntry) -> Result<SeenIn<WorkerEntry>, Error> {
    let found = seen(client.worker_scripts(&account.id).await)?;
    let entries = found.map(|found| {
        found.into_iter().filter_map(|one| Some(WorkerEntry { name: one.id, tag: one.tag? })).collect()
    });
    Ok(SeenIn { account: account.clone(), seen: entries })
}

/// What an answer shows; `None` where the bootstrap may not ask.
fn seen<T>(answer: Result<Vec<T>, Error>) -> Result<Option<Vec<T>>, Error> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.refusal().is_some() && !error.is_dead_secret() => Ok(None),
        Err(error) => Err(error),
    }
}
