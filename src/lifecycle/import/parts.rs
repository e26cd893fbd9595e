//! The plain parts of a profile that is written from a token: its name, its time to live, its address rule.

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};

use crate::cloudflare::wire::timestamp;
use crate::plan::{Addresses, Live, Network};
use crate::profile::{LONGEST_NAME, NAME_SUFFIXES, name_is_valid};
use crate::text::is_unseen;

/// How far the times that Cloudflare notes for one request may be apart.
pub(super) const SLACK: TimeDelta = TimeDelta::minutes(1);

/// How many days a lifetime may have in a profile.
const LONGEST_DAYS: i64 = 36_525;

/// The time to live of a token that has ended and does not say for how long it lived.
const USUAL_DAYS: i64 = 30;

/// The token's name without its mark, corrected where a profile cannot have it.
pub(super) fn name(live: &Live) -> String {
    let own = live.marked.as_ref().map_or(&live.name, |marked| &marked.name);
    if name_is_valid(own) {
        return own.clone();
    }
    let letters = own.chars().map(|letter| if letter == '@' || is_unseen(letter) { '-' } else { letter });
    let corrected: String = letters.take(LONGEST_NAME).collect();
    let is_edge = |letter: char| letter.is_whitespace() || letter == '-';
    let mut corrected = corrected.trim_matches(is_edge);
    while let Some(own) = NAME_SUFFIXES.iter().find_map(|suffix| corrected.strip_suffix(suffix)) {
        corrected = own.trim_end_matches(is_edge);
    }
    if name_is_valid(corrected) { corrected.to_owned() } else { format!("imported-{}", live.id) }
}

/// How long a token lives, in a profile's words: a whole number of days or hours, or when it ends, or never.
pub(super) fn ttl(live: &Live, now: DateTime<Utc>) -> String {
    let Some(end) = live.expires_on.filter(is_writable) else { return "never".to_owned() };
    let length = live.issued_on.map(|issued| end.signed_duration_since(issued));
    let hours = length.and_then(whole_hours).filter(|hours| (1..=LONGEST_DAYS * 24).contains(hours));
    match (hours, length) {
        (Some(hours), _) if hours % 24 == 0 => format!("{}d", hours / 24),
        (Some(hours), _) => format!("{hours}h"),
        (None, _) if end > now => timestamp(end),
        (None, Some(length)) => format!("{}d", (length.num_days() + 1).clamp(1, LONGEST_DAYS)),
        (None, None) => format!("{USUAL_DAYS}d"),
    }
}

/// When a token begins to work, where that lies ahead and before its end.
pub(super) fn start(live: &Live, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let is_before_end =
        |start: &DateTime<Utc>| live.expires_on.is_none_or(|end| end.signed_duration_since(*start) > SLACK);
    live.not_before.filter(|start| *start > now).filter(is_writable).filter(is_before_end)
}

/// Whether a time has a year of four digits, as a profile writes it. Later is as good as never.
fn is_writable(time: &DateTime<Utc>) -> bool {
    time.year() < 10_000
}

fn whole_hours(length: TimeDelta) -> Option<i64> {
    let hours = (length + TimeDelta::minutes(30)).num_hours();
    let rest = length - TimeDelta::try_hours(hours)?;
    (rest.abs() <= SLACK).then_some(hours)
}

/// The allowed and the denied networks, as a profile writes them; `None` where there is no rule, or one that a
/// profile cannot have.
pub(super) fn rule(addresses: &Addresses) -> Option<(Vec<String>, Vec<String>)> {
    let known = |network: &Network| matches!(network, Network::Known(_));
    if addresses.is_empty() || !addresses.allow.iter().chain(&addresses.deny).all(known) {
        return None;
    }
    let written = |networks: &std::collections::BTreeSet<Network>| {
        networks.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    Some((written(&addresses.allow), written(&addresses.deny)))
}
