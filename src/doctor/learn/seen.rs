//! Requests, one after the other -> what was asked for, as far as the table of operations knows it.
//!
//! In: methods with addresses, and the pages of accounts and zones that were answered. Out: operations with the account
//! or zone they are about, and the names that stand in paths. Never kept: bodies, headers, the values of queries, and of
//! a path that the table lacks whatever could be a value.

use std::collections::{BTreeMap, BTreeSet};

use super::address::{Leads, leads};
use super::answers::Answers;
use super::names::{Listed, names};
use super::template::{Name, is_free, name_in, template};
use crate::catalogue::{Catalogue, Operation};
use crate::profile::is_id;
use crate::text::one_line;

/// Everything that was asked for.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// The operations, by path, method and place, with how often each was seen.
    pub(super) operations: BTreeMap<Seen, usize>,
    /// What the table lacks: method and path, without values.
    pub(super) unknown: BTreeMap<(String, String), usize>,
    /// What Terraform manages.
    pub(super) managed: BTreeSet<Managed>,
    /// The names of accounts, by id, as far as answers told them.
    pub(super) accounts: BTreeMap<String, String>,
    /// The names of zones, by id, as far as answers told them.
    pub(super) zones: BTreeMap<String, String>,
    /// The R2 buckets that paths name.
    pub(super) buckets: BTreeSet<String>,
    /// The Workers that paths name.
    pub(super) workers: BTreeSet<String>,
    /// How many requests there were.
    pub(super) requests: usize,
    /// The hosts that are not the API's, and were asked for something as if they were.
    pub(super) foreign: BTreeSet<String>,
    /// How they were answered, as far as that was seen.
    answers: Answers,
}

/// An operation at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    /// The path of the table.
    pub(super) path: &'static str,
    /// The method of the table.
    pub(super) method: &'static str,
    /// The account or the zone that the path names.
    pub(super) place: Place,
    /// The phase of rules that the path names, if it is a known one.
    pub(super) phase: Option<&'static str>,
}

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// An account, by its id.
    Account(String),
    /// A zone, by its id.
    Zone(String),
    /// Every zone: a list of zones that is asked for without a name is refused to a token for single zones.
    ///
    /// Cloudflare's message says "requires permission 'com.cloudflare.api.account.zone.list' to list zones".
    EveryZone,
    /// Neither.
    Unnamed,
}

/// Something that Terraform manages or reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Managed {
    /// Its address, as Terraform writes it.
    pub(super) address: String,
    /// Whether it is made, changed or deleted; else it is only read.
    pub(super) changes: bool,
    /// The account or the zone it is in.
    pub(super) place: Place,
    /// The phase of its rules, where they are a zone's and it is a known one.
    pub(super) phase: Option<&'static str>,
}

/// How many letters a method has at the most.
const LONGEST_METHOD: usize = 16;

/// Where zones are listed.
const ZONES: &str = "/zones";

impl Recording {
    /// Notes a request: a method, and a path below the API's base. Of its query, only whether there is a `name` counts.
    pub fn request(&mut self, method: &str, path: &str) {
        // What is no method is no request either.
        if method.is_empty()
            || method.len() > LONGEST_METHOD
            || !method.bytes().all(|byte| byte.is_ascii_alphabetic())
        {
            return;
        }
        let method = method.to_ascii_uppercase();
        let address = path.split('#').next().unwrap_or_default();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let method = if method == "HEAD" { "GET".to_owned() } else { method };
        self.requests += 1;
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let template = template(&segments);
        self.name(&template, &segments);
        if is_free(&method, &template) {
            return;
        }
        let clean = format!("/{}", segments.join("/"));
        let Some(found) = Catalogue::find_operation(&method, &clean) else {
            *self.unknown.entry((method, template)).or_default() += 1;
            return;
        };
        let place = match (found.zone, found.account) {
            (Some(zone), _) => Place::zone(zone),
            (None, Some(account)) => Place::account(account),
            (None, None) if found.operation.path == ZONES && !has_name(query) => Place::EveryZone,
            (None, None) => Place::Unnamed,
        };
        let phase = found.known_phase();
        let Operation { method, path, .. } = found.operation;
        *self.operations.entry(Seen { path, method, place, phase }).or_default() += 1;
    }

    /// Where an address leads; a host that is not the API's is kept.
    pub(super) fn leads<'a>(&mut self, address: &'a str, own: Option<&str>) -> Leads<'a> {
        let leads = leads(address, own);
        if let Leads::Abroad(host) = leads {
            self.abroad(host);
        }
        leads
    }

    /// Notes a request that went to a host which is not the API's.
    pub(super) fn abroad(&mut self, host: &str) {
        self.foreign.insert(host.to_ascii_lowercase());
    }

    /// What was not counted, as a sentence; `None` where everything was.
    #[must_use]
    pub fn uncounted(&self) -> Option<String> {
        let hosts: Vec<&str> = self.foreign.iter().map(String::as_str).collect();
        let sentence =
            || format!("requests to {} are not to Cloudflare's API, and do not count", hosts.join(", "));
        (!hosts.is_empty()).then(|| one_line(&sentence()))
    }

    /// Whether there were requests, if only to hosts that are not the API's.
    pub(super) fn says_something(&self) -> bool {
        !self.is_empty() || !self.foreign.is_empty()
    }

    /// Notes the status of an answer; `None` where a request was never answered.
    pub fn answered(&mut self, status: Option<u16>) {
        self.answers.note(status);
    }

    /// Every request that has no answer by now gets none any more.
    pub(super) fn nothing_more_comes(&mut self) {
        for _ in self.answers.len()..self.requests {
            self.answers.note(None);
        }
    }

    /// How many requests still wait for their answer.
    pub(super) fn waiting(&self) -> usize {
        self.requests.saturating_sub(self.answers.len())
    }

    /// What was refused or not answered, as `2 of 6 requests were refused (403)`; `None` where nothing was.
    #[must_use]
    pub fn refused(&self) -> Option<String> {
        self.answers.refused(self.requests)
    }

    /// Why it may lack something: a program may have stopped, or gone another way, where it was refused.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let refused = self.refused()?;
        let them = if refused.starts_with("1 ") { "it" } else { "them" };
        Some(format!("{refused}: what the program would have done after {them} was not seen"))
    }

    /// Whether requests were answered, and not one of them succeeded: then it says nothing of what a program needs.
    #[must_use]
    pub fn all_failed(&self) -> bool {
        self.answers.all_failed()
    }

    /// Takes the names from the answer to a request that lists accounts or zones.
    pub fn answer(&mut self, listed: Listed, page: &[u8]) {
        let known = match listed {
            Listed::Accounts => &mut self.accounts,
            Listed::Zones => &mut self.zones,
        };
        known.extend(names(page));
    }

    /// Notes what Terraform does with something. Looking at it is part of changing it.
    pub(super) fn manage(&mut self, managed: Managed) {
        match self.managed.iter().find(|known| known.address == managed.address).cloned() {
            Some(known) if known.changes || !managed.changes => {}
            Some(known) => {
                self.managed.remove(&known);
                self.managed.insert(managed);
            }
            None => {
                self.managed.insert(managed);
            }
        }
    }

    /// How many requests, or things that Terraform manages, it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.requests + self.managed.len()
    }

    /// Whether it is of requests, not of what Terraform manages.
    #[must_use]
    pub fn is_of_requests(&self) -> bool {
        self.managed.is_empty()
    }

    /// How many accounts it knows.
    pub(super) fn accounts_seen(&self) -> usize {
        let named = self.operations.keys().filter_map(|seen| match &seen.place {
            Place::Account(id) => Some(id),
            Place::Zone(_) | Place::EveryZone | Place::Unnamed => None,
        });
        named.chain(self.accounts.keys()).collect::<BTreeSet<_>>().len()
    }

    /// Whether nothing was asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Keeps the name of a Worker or a bucket that a path has.
    fn name(&mut self, template: &str, segments: &[&str]) {
        match name_in(template, segments) {
            Some(Name::Worker(name)) => _ = self.workers.insert(name.to_owned()),
            Some(Name::Bucket(name)) => _ = self.buckets.insert(name.to_owned()),
            None => {}
        }
    }
}

impl Place {
    /// The account of an id; a text that is none names no account.
    pub(super) fn account(id: &str) -> Self {
        if is_id(id) { Self::Account(id.to_ascii_lowercase()) } else { Self::Unnamed }
    }

    /// The zone of an id; a text that is none names no zone.
    pub(super) fn zone(id: &str) -> Self {
        if is_id(id) { Self::Zone(id.to_ascii_lowercase()) } else { Self::Unnamed }
    }
}

/// Whether a query asks for a name.
fn has_name(query: &str) -> bool {
    query.split('&').any(|pair| pair.strip_prefix("name").is_some_and(|rest| rest.starts_with(['=', '.'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    fn recorded(requests: &[(&str, &str)]) -> Recording {
        let mut recording = Recording::default();
        for (method, path) in requests {
            recording.request(method, path);
        }
        recording
    }

    #[test]
    fn operations_are_counted_by_what_they_are_about() {
        let zone = format!("/zones/{ID}/dns_records");
        let other = zone.replace('0', "1");
        let recording = recorded(&[
            ("GET", &format!("{zone}?name=secret.example.com")),
            ("head", &zone),
            ("POST", &zone),
            ("GET", &other),
            ("GET", "/user"),
        ]);
        let seen: Vec<(&str, &str, usize)> =
            recording.operations.iter().map(|(seen, count)| (seen.method, seen.path, *count)).collect();
        let path = "/zones/{zone_id}/dns_records";
        assert_eq!(seen, [("GET", "/user", 1), ("GET", path, 2), ("GET", path, 1), ("POST", path, 1)]);
        assert_eq!(recording.len(), 5);
    }

    #[test]
    fn what_the_table_lacks_is_listed_without_values() {
        let recording = recorded(&[
            ("GET", &format!("/accounts/{ID}/workers/services/example/moons")),
            ("GET", &format!("/accounts/{ID}/storage/kv/namespaces/{ID}/values/me@example.com")),
            ("GET", "/new/thing/cfut_FAKEFAKE0000"),
            ("GET", "/zones/example.com/new_thing"),
            ("BREW", "/zones"),
            ("no\nmethod", "/zones"),
        ]);
        let unknown: Vec<(&str, &str)> =
            recording.unknown.keys().map(|(method, path)| (&**method, &**path)).collect();
        assert_eq!(
            unknown,
            [
                ("BREW", "/zones"),
                ("GET", "/accounts/{account_id}/workers/services/{}/moons"),
                ("GET", "/new/thing/{}"),
                ("GET", "/zones/{zone_id}/new_thing"),
            ]
        );
        assert!(!format!("{recording:?}").contains("example.com"), "{recording:?}");
    }

    #[test]
    fn what_every_token_may_do_needs_nothing() {
        let recording = recorded(&[
            ("GET", "/accounts?page=1"),
            ("GET", "/user/tokens/verify"),
            ("GET", &format!("/accounts/{ID}/tokens/verify")),
            ("GET", "/ips"),
        ]);
        assert!(recording.operations.is_empty() && recording.unknown.is_empty(), "{recording:?}");
        assert_eq!(recording.len(), 4);
    }

    #[test]
    fn what_looks_like_a_secret_in_a_path_is_never_kept() {
        let key = "0123456789abcdef0123456789abcdef01234";
        let signed = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJmYWtlIn0.c2lnbmF0dXJlLW9mLW5vYm9keQ";
        for secret in
            ["cfut_fakefakefake", "cfat_fakefake", "cfk_fakefakefake", "cfoat_fake", key, signed, "CFUT_FAKE"]
        {
            let recording = recorded(&[
                ("PUT", &format!("/accounts/{ID}/workers/scripts/{secret}")),
                ("GET", &format!("/accounts/{ID}/workers/services/{secret}")),
                ("GET", &format!("/accounts/{ID}/r2/buckets/{secret}")),
                ("GET", &format!("/accounts/{ID}/moons/{secret}/phases")),
                ("GET", &format!("/{secret}")),
            ]);
            let kept = format!("{recording:?}");
            assert!(!kept.contains(secret), "{kept}");
            assert_eq!(recording.len(), 5);
        }
    }

    #[test]
    fn workers_and_buckets_in_paths_and_names_in_lists_are_kept() {
        let mut recording = recorded(&[
            ("PUT", &format!("/accounts/{ID}/workers/scripts/api")),
            ("GET", &format!("/accounts/{ID}/workers/services/shop")),
            ("DELETE", &format!("/accounts/{ID}/r2/buckets/assets")),
            ("GET", &format!("/accounts/{ID}/r2/buckets/all")),
            ("PUT", &format!("/accounts/{ID}/workers/scripts/No.Worker")),
        ]);
        let page = format!(
            r#"{{"result":[{{"id":"{ID}","name":"Acme","settings":{{}}}},{{"id":"x","name":"y"}}]}}"#
        );
        recording.answer(Listed::Accounts, page.as_bytes());
        recording.answer(Listed::Zones, b"<html>");
        assert_eq!(Vec::from_iter(&recording.workers), ["api", "shop"]);
        assert_eq!(Vec::from_iter(&recording.buckets), ["assets"]);
        assert_eq!(Vec::from_iter(&recording.accounts), [(&ID.to_owned(), &"Acme".to_owned())]);
        assert!(recording.zones.is_empty());
    }
}
