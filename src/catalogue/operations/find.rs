//! A request or a Terraform address as people and logs have it -> the row of the tables it belongs to.
//!
//! In: a method and a path or URL; an address such as `cloudflare_dns_record.www`. Out: the row, and the account or zone
//! that the path names. What the tables do not have is `None`, never a similar row.

use super::phase::BEFORE_PHASE;
use super::{ACCOUNT, Operation, TerraformEntry, TerraformKind, ZONE, tables};
use crate::catalogue::Catalogue;

/// What stands in front of every path of the API.
const BASE: &str = "client/v4/";
/// What the name of every resource of the provider begins with.
const PROVIDER: &str = "cloudflare_";
/// How many letters a name may be away to be suggested.
const FAR: usize = 3;
/// How many names a suggestion offers.
const OFFERED: usize = 3;

/// An operation that a request belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundOperation<'a> {
    /// The operation.
    pub operation: &'static Operation,
    /// What stands in the path where the account's id belongs.
    pub account: Option<&'a str>,
    /// What stands in the path where the zone's id belongs.
    pub zone: Option<&'a str>,
    /// What stands in the path where the phase of a ruleset belongs.
    pub phase: Option<&'a str>,
}

impl Catalogue {
    /// The operation of a request: a method, in any case, and a path or a URL, with or without base and query. A literal
    /// segment beats a placeholder, from left to right. `HEAD` is what `GET` is.
    #[must_use]
    pub fn find_operation<'a>(method: &str, address: &'a str) -> Option<FoundOperation<'a>> {
        let method = if method.eq_ignore_ascii_case("HEAD") { "GET" } else { method };
        let found = Self::find_operations(address).into_iter();
        found.into_iter().find(|found| found.operation.method.eq_ignore_ascii_case(method))
    }

    /// The operations of a path or a URL, one for each method, in the order of the methods.
    #[must_use]
    pub fn find_operations(address: &str) -> Vec<FoundOperation<'_>> {
        let segments = segments(address);
        let mut found: Vec<(Vec<bool>, FoundOperation<'_>)> = Vec::new();
        for operation in &tables().operations {
            let Some((literal, one)) = matched(operation, &segments) else { continue };
            match found.iter_mut().find(|(_, other)| other.operation.method == operation.method) {
                Some(best) if best.0 < literal => *best = (literal, one),
                Some(_) => {}
                None => found.push((literal, one)),
            }
        }
        found.sort_by_key(|(_, one)| one.operation.method);
        found.into_iter().map(|(_, one)| one).collect()
    }

    /// What Terraform manages at an address: `cloudflare_dns_record`, `module.shop.cloudflare_dns_record.www["a"]`,
    /// `data.cloudflare_zone.x`. A name alone is the resource, or the data source where there is only that.
    #[must_use]
    pub fn terraform(address: &str) -> Option<&'static TerraformEntry> {
        let (name, is_data) = terraform_name(address)?;
        let of = |kind| tables().terraform.iter().find(|entry| entry.name == name && entry.kind == kind);
        let data = || of(TerraformKind::DataSource);
        if is_data { data() } else { of(TerraformKind::Resource).or_else(data) }
    }

    /// Whether a text has the form of an address of Cloudflare's provider, whether or not the table knows what it names.
    #[must_use]
    pub fn is_terraform_address(text: &str) -> bool {
        !text.contains(char::is_whitespace) && terraform_name(text).is_some_and(|(name, _)| !name.is_empty())
    }

    /// Names of resources and data sources that come near an address, best first.
    #[must_use]
    pub fn near_terraform(address: &str) -> Vec<String> {
        let Some((name, _)) = terraform_name(address) else { return Vec::new() };
        let limit = (name.len() / 3).min(FAR);
        let asked: Vec<&str> = name.split('_').collect();
        let remoteness = |own: &str| {
            let distance = if own.len().abs_diff(name.len()) <= limit {
                strsim::osa_distance(name, own)
            } else {
                FAR + 1
            };
            let words: Vec<&str> = own.split('_').collect();
            let holds_all = asked.iter().all(|word| words.contains(word));
            if distance <= limit { Some(distance) } else { holds_all.then_some(limit + words.len()) }
        };
        let mut near: Vec<(usize, String)> = tables()
            .terraform
            .iter()
            .filter_map(|entry| Some((remoteness(entry.name)?, format!("{PROVIDER}{}", entry.name))))
            .collect();
        near.sort();
        near.dedup();
        near.into_iter().map(|(_, name)| name).take(OFFERED).collect()
    }
}

/// The segments of a path, without what stands before it and behind it.
fn segments(address: &str) -> Vec<&str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => path,
    };
    let is_base = |(before, _): &(&str, &str)| before.is_empty() || before.ends_with('/');
    let path = path.split_once(BASE).filter(is_base).map_or(path, |(_, path)| path);
    path.trim_matches('/').split('/').collect()
}

/// Which segments of a path a template has to the letter, and what stands at its placeholders; `None` if it does not fit.
fn matched<'a>(
    operation: &'static Operation,
    segments: &[&'a str],
) -> Option<(Vec<bool>, FoundOperation<'a>)> {
    let mut found = FoundOperation { operation, account: None, zone: None, phase: None };
    let mut before = "";
    let mut literal = Vec::new();
    let mut rest = segments.iter();
    for part in operation.path.split('/').skip(1) {
        let segment = *rest.next()?;
        match part {
            ACCOUNT => found.account = Some(segment),
            ZONE => found.zone = Some(segment),
            "{}" if before == BEFORE_PHASE => found.phase = Some(segment),
            "{}" => {}
            _ if part != segment => return None,
            _ => {}
        }
        if segment.is_empty() {
            return None;
        }
        literal.push(!part.starts_with('{'));
        before = part;
    }
    rest.next().is_none().then_some((literal, found))
}

/// The name behind `cloudflare_` in an address, and whether the address is one of a data source.
fn terraform_name(address: &str) -> Option<(&str, bool)> {
    let mut before = "";
    for part in address.trim().split(['.', '[', ']', '"']) {
        if let Some(name) = part.strip_prefix(PROVIDER) {
            return Some((name, before == "data"));
        }
        before = part;
    }
    None
}
