//! A page of accounts or zones, as Cloudflare answers it -> the ids and names on it. Nothing else of it is kept.

use serde::Deserialize;

use crate::profile::is_id;

/// The longest page that is read, in bytes.
pub(super) const LONGEST_PAGE: usize = 4 * 1024 * 1024;

/// What is named on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Accounts.
    Accounts,
    /// Zones.
    Zones,
}

impl Listed {
    /// What a request for a path lists; `None` where its answer is not looked at.
    #[must_use]
    pub fn by(method: &str, path: &str) -> Option<Self> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        match (method, path.trim_end_matches('/')) {
            ("GET", "/accounts") => Some(Self::Accounts),
            ("GET", "/zones") => Some(Self::Zones),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Page {
    result: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    name: String,
}

/// The ids and names on a page; none where it cannot be read.
pub(super) fn names(page: &[u8]) -> Vec<(String, String)> {
    let page: Option<Page> = serde_json::from_slice(page).ok();
    let entries = page.map(|page| page.result).unwrap_or_default().into_iter();
    entries
        .filter(|entry| is_id(&entry.id))
        .map(|entry| (entry.id.to_ascii_lowercase(), entry.name))
        .collect()
}
