//! The pages of a list -> its rows, and word of how many there should be.
//!
//! The first page, then the others side by side where the first says how many there are; of a list that was read before,
//! as many as it had then at once.

use std::collections::BTreeMap;
use std::iter;
use std::sync::{MutexGuard, PoisonError};

use futures_util::future::{try_join, try_join_all};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::warn;

use super::client::Client;
use super::endpoint::Endpoint;
use super::envelope::Opened;
use super::error::{Error, Fault};
use super::listing::ReadRows;

/// The most rows a page may have.
const PER_PAGE: u64 = 50;

/// The most pages that are read of one list: ten times Cloudflare's quota of 500 tokens for an account.
const MOST_PAGES: u64 = 100;

type RawPage = Opened<Vec<Value>>;

impl Client {
    /// Reads a list.
    pub(super) async fn pages(
        &self,
        endpoint: &Endpoint,
        filter: &[(&str, &str)],
    ) -> Result<ReadRows, Error> {
        let key = format!("{}?{filter:?}", endpoint.path());
        let guess = self.totals().get(&key).map_or(1, |total| total.div_ceil(PER_PAGE));
        let guess = guess.clamp(1, MOST_PAGES);
        let guessed = try_join_all((2..=guess).map(|page| self.page(endpoint, filter, page)));
        let (first, mut others) = try_join(Box::pin(self.page(endpoint, filter, 1)), guessed).await?;
        // A server may give smaller pages than it was asked for.
        let smaller = first.result_info.map(|info| info.per_page).filter(|size| (1..PER_PAGE).contains(size));
        let size = smaller.unwrap_or(PER_PAGE);
        let is_full = |page: &RawPage| page.result.len() as u64 >= size;
        let (total, first_is_full) = (total_of(&first), is_full(&first));
        let mut reached_its_end = true;
        // A total below what is there already is none.
        if total > 0 && total >= first.result.len() as u64 {
            let last = total.div_ceil(size);
            reached_its_end = last <= MOST_PAGES;
            let more = (guess + 1..=last.min(MOST_PAGES)).map(|page| self.page(endpoint, filter, page));
            others.extend(Box::pin(try_join_all(more)).await?);
            self.totals().insert(key, total);
        } else if first_is_full {
            reached_its_end = false;
            for number in guess + 1..=MOST_PAGES {
                let page = Box::pin(self.page(endpoint, filter, number)).await?;
                reached_its_end = !is_full(&page);
                others.push(page);
                if reached_its_end {
                    break;
                }
            }
        }
        let total = iter::once(&first).chain(&others).map(total_of).max().unwrap_or_default();
        let rows = iter::once(first).chain(others).flat_map(|page| page.result).collect();
        Ok(ReadRows { rows, total, reached_its_end })
    }

    /// How many rows each list had when it was read last.
    fn totals(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a list whose rows only name things: one that cannot be read is left out.
    pub(super) async fn named<T: DeserializeOwned>(
        &self,
        endpoint: &Endpoint,
        filter: &[(&str, &str)],
    ) -> Result<Vec<T>, Error> {
        let read = self.pages(endpoint, filter).await?;
        Ok(readable(endpoint, read.rows))
    }

    /// Reads a list in which each row counts: one that cannot be read might be the other of two of the same name.
    pub(super) async fn every<T: DeserializeOwned>(
        &self,
        endpoint: &Endpoint,
        filter: &[(&str, &str)],
    ) -> Result<Vec<T>, Error> {
        let read = self.pages(endpoint, filter).await?;
        let all = read.rows.len();
        let rows = readable(endpoint, read.rows);
        let detail = "a row that cannot be read".to_owned();
        let fault = Fault::Unreadable { status: 200, detail, ray: None };
        if rows.len() == all { Ok(rows) } else { Err(Error { endpoint: endpoint.clone(), fault }) }
    }

    /// Reads a list that comes whole and whose rows only name things.
    pub(super) async fn whole<T: DeserializeOwned>(&self, endpoint: &Endpoint) -> Result<Vec<T>, Error> {
        Ok(readable(endpoint, self.request::<Vec<Value>, ()>(endpoint, &[], None).await?))
    }

    async fn page(&self, endpoint: &Endpoint, filter: &[(&str, &str)], page: u64) -> Result<RawPage, Error> {
        let (page, per_page) = (page.to_string(), PER_PAGE.to_string());
        let query = [filter, &[("page", page.as_str()), ("per_page", per_page.as_str())]].concat();
        self.send::<_, ()>(endpoint, &query, None).await
    }
}

fn total_of(page: &RawPage) -> u64 {
    page.result_info.map_or(0, |info| info.total_count)
}

/// The rows that can be read.
fn readable<T: DeserializeOwned>(endpoint: &Endpoint, rows: Vec<Value>) -> Vec<T> {
    let all = rows.len();
    let read: Vec<T> = rows.into_iter().filter_map(|row| serde_json::from_value(row).ok()).collect();
    if read.len() < all {
        warn!("of {all} rows, {} could not be read ({})", all - read.len(), endpoint.path());
    }
    read
}
