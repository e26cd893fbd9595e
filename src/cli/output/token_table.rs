//! The tokens of an owner as a table, one a line.

use chrono::{DateTime, Utc};

use super::describe;
use super::table;
use crate::catalogue::Resource;
use crate::cli::session::inventory::{Inventory, Life, Listed, ProfilePlace};
use crate::lifecycle::{Role, wildcards};
use crate::plan::{Addresses, Phase};

/// A column: its head, and what a token has there.
type Column<'a> = (&'static str, Box<dyn Fn(&Listed) -> String + 'a>);

/// One line for each token, unless a terminal of this width is too narrow for it. Columns that say nothing of any token
/// are left out.
pub(in crate::cli) fn lines(inventory: &Inventory, ids: bool, width: Option<u16>) -> String {
    if inventory.tokens.is_empty() {
        return String::new();
    }
    let now = inventory.now;
    let mut columns: Vec<Column<'_>> = vec![
        ("NAME", Box::new(|listed| shortened(&listed.live.name))),
        ("PROFILE", Box::new(profile)),
        ("AGE", Box::new(move |listed| age(listed, now))),
        ("LAST USED", Box::new(move |listed| last_used(listed, now))),
        ("ENDS", Box::new(move |listed| ends(listed, now))),
        ("FROM", Box::new(|listed| from(&listed.live.addresses))),
        ("ALL OF", Box::new(move |listed| scope(inventory, listed))),
        ("STATUS", Box::new(move |listed| status(listed, now))),
    ];
    if ids {
        columns.push(("ID", Box::new(|listed| listed.live.id.clone())));
    }
    columns.retain(|(_, cell)| inventory.tokens.iter().any(|listed| !cell(listed).is_empty()));
    let rows = inventory.tokens.iter().map(|listed| columns.iter().map(|(_, cell)| cell(listed)).collect());
    table::table(columns.iter().map(|(head, _)| *head), rows, width)
}

/// The longest name that is shown whole, in characters.
const LONGEST_NAME: usize = 48;

/// A name with its middle left out where it is long; its end may be its mark.
fn shortened(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    if characters.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let (head, tail) = (LONGEST_NAME - 10, characters.len() - 9);
    characters[..head].iter().chain(['…'].iter()).chain(&characters[tail..]).collect()
}

/// Its file and environment, without the folder: the line is long enough.
fn profile(listed: &Listed) -> String {
    listed.place.as_ref().map(ProfilePlace::shown).unwrap_or_default()
}

pub(in crate::cli) fn age(listed: &Listed, now: DateTime<Utc>) -> String {
    listed
        .live
        .issued_on
        .map_or_else(String::new, |issued| describe::elapsed(now.signed_duration_since(issued)))
}

/// What Cloudflare has not seen yet may have been.
pub(in crate::cli) fn last_used(listed: &Listed, now: DateTime<Utc>) -> String {
    let ago = |used: DateTime<Utc>| format!("{} ago", describe::elapsed(now.signed_duration_since(used)));
    listed.live.last_used_on.map_or_else(|| "not seen".to_owned(), ago)
}

pub(in crate::cli) fn ends(listed: &Listed, now: DateTime<Utc>) -> String {
    match listed.live.expires_on {
        None => "never".to_owned(),
        Some(end) if end > now => format!("in {}", describe::left(end.signed_duration_since(now))),
        Some(end) => format!("{} ago", describe::elapsed(now.signed_duration_since(end))),
    }
}

pub(in crate::cli) fn from(addresses: &Addresses) -> String {
    let Some(first) = addresses.allow.first() else {
        return if addresses.deny.is_empty() { "any" } else { "any but some" }.to_owned();
    };
    let more = addresses.allow.len() - 1;
    if more == 0 { first.to_string() } else { format!("{first} +{more}") }
}

/// What it holds on all of: the widest, and how many more.
pub(in crate::cli) fn scope(inventory: &Inventory, listed: &Listed) -> String {
    let account = |id: &String| inventory.directory.account_name(id);
    let wide = wildcards(&listed.live);
    let words = wide.iter().map(|resource| match resource {
        Resource::AllAccounts => "accounts".to_owned(),
        Resource::AllZones => "zones".to_owned(),
        Resource::ZonesOf(id) => format!("zones of {}", account(id)),
        Resource::BucketsOf(id) => format!("buckets of {}", account(id)),
        other => other.to_string(),
    });
    words.collect::<Vec<_>>().join(", ")
}

pub(in crate::cli) fn status(listed: &Listed, now: DateTime<Utc>) -> String {
    let live = &listed.live;
    if !live.is_alive(now) && matches!(live.status.word(), "active" | "disabled") {
        return "expired".to_owned();
    }
    if live.status.word() != "active" {
        return live.status.word().to_owned();
    }
    if let Some(start) = live.not_before.filter(|start| *start > now) {
        return format!("begins in {}", describe::left(start.signed_duration_since(now)));
    }
    match (listed.role, listed.life) {
        (Role::Bootstrap, _) => "bootstrap".to_owned(),
        (Role::Other, Life::OfCommand) => "for a command".to_owned(),
        (Role::Other, Life::Retiring) => "retiring".to_owned(),
        (Role::Other, Life::Pending) => "pending".to_owned(),
        (Role::Other, _) if live.phase() == Some(Phase::HooksDue) => "hooks due".to_owned(),
        (Role::Other, _) => "active".to_owned(),
    }
}
