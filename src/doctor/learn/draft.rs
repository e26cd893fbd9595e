//! The least rights for a recording -> a profile that asks for them, each line with what needs it.
//!
//! In: [`LeastRights`], the names that the recording has, and what was recorded. Out: the text of a profile. An account or
//! a zone stands in it by its name where an answer told it, else by its id; where no request names one, a variable stands
//! for it, since a guess would grant too much or the wrong thing.

use std::collections::{BTreeMap, BTreeSet};

use super::least::{LeastRights, Right};
use super::needs::{Reachable, accounts};
use super::seen::Recording;
use crate::catalogue::Catalogue;
use crate::profile::{
    Draft, DraftLine, DraftNames, DraftRights, DraftSink, Section, literal, resource_name_is_valid, scalar,
};
use crate::text::whole_line;

/// How long a token lives where nobody says.
const TTL: &str = "90d";
/// How many reasons stand at a line.
const MOST_REASONS: usize = 6;
/// Stands for an account that no request names.
const ACCOUNT: &str = "\"${CLOUDFLARE_ACCOUNT_ID}\"";
/// Stands for a zone that no request names.
const ZONE: &str = "\"${CLOUDFLARE_ZONE_ID}\"";

/// What was recorded.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// What the token is to be called.
    pub name: &'a str,
    /// What was recorded, as `a run of wrangler`.
    pub what: &'a str,
    /// Why it may lack something, such as a run that failed; one sentence.
    pub doubt: Option<&'a str>,
}

/// Groups that apply at the same places.
struct Block<'a> {
    places: Vec<&'a Reachable>,
    /// The ids of the groups, with what needs each.
    groups: BTreeMap<&'static str, Vec<String>>,
}

/// The profile.
#[must_use]
pub fn draft(origin: &Origin<'_>, recording: &Recording, least: &LeastRights) -> String {
    let mut rights: Vec<DraftRights> = Vec::new();
    for section in Section::ALL {
        for (position, block) in blocks(least, section).into_iter().enumerate() {
            if rights.len() == position {
                rights.push(DraftRights::default());
            }
            if let Some(rights) = rights.get_mut(position) {
                write(rights, section, block, recording);
            }
        }
    }
    let mut variables = vec![("CLOUDFLARE_API_TOKEN".to_owned(), DraftLine::plain("token"))];
    if let [DraftRights { accounts: DraftNames::Named(accounts), .. }] = rights.as_slice()
        && accounts.len() == 1
    {
        variables.push(("CLOUDFLARE_ACCOUNT_ID".to_owned(), DraftLine::plain("account_id")));
    }
    let draft = Draft {
        header: header(origin, recording, least),
        name: DraftLine::plain(literal(origin.name)),
        rights,
        ttl: DraftLine::plain(TTL),
        sinks: vec![DraftSink { env_file: ".env".to_owned(), variables, ..DraftSink::default() }],
        ..Draft::default()
    };
    draft.text()
}

/// The groups of a section, those together that apply at the same places.
fn blocks(least: &LeastRights, section: Section) -> Vec<Block<'_>> {
    let mut places: BTreeMap<&Reachable, Vec<&Right>> = BTreeMap::new();
    for right in least.rights.iter().filter(|right| right.section == section) {
        places.entry(&right.place).or_default().push(right);
    }
    let mut blocks: BTreeMap<(bool, BTreeSet<&str>), Block<'_>> = BTreeMap::new();
    for (place, rights) in places {
        let ids: Vec<(&'static str, &Right)> =
            rights.into_iter().filter_map(|right| Some((right.group.id.as_deref()?, right))).collect();
        let key = (*place == Reachable::EveryZone, ids.iter().map(|(id, _)| *id).collect());
        let block = blocks.entry(key).or_insert(Block { places: Vec::new(), groups: BTreeMap::new() });
        block.places.push(place);
        for (id, right) in ids {
            let reasons = block.groups.entry(id).or_default();
            let new = right.reasons.iter().filter(|reason| !reasons.contains(reason)).cloned();
            let new: Vec<String> = new.collect();
            reasons.extend(new);
        }
    }
    // What holds at most places is the profile's own, and the rest its grants.
    let mut blocks: Vec<Block<'_>> = blocks.into_values().collect();
    blocks.sort_by_key(|block| (std::cmp::Reverse(block.places.len()), block.places.first().copied()));
    blocks
}

fn write(rights: &mut DraftRights, section: Section, block: Block<'_>, recording: &Recording) {
    let groups = block.groups.into_iter().map(|(id, reasons)| (id, shortened(reasons)));
    rights.permissions.insert(section, Catalogue::embedded().entries(section, groups));
    let is_every = block.places.contains(&&Reachable::EveryZone);
    let names = |places: &[&Reachable]| {
        DraftNames::Named(places.iter().filter_map(|place| name(place, recording)).collect())
    };
    match section {
        Section::Account => rights.accounts = names(&block.places),
        Section::Zone if is_every => {
            rights.zones = DraftNames::Every("all");
            // These are the zones of the accounts beside it.
            if rights.accounts == DraftNames::default() {
                rights.accounts = names(&accounts(recording).iter().collect::<Vec<_>>());
            }
        }
        Section::Zone => rights.zones = names(&block.places),
        Section::User | Section::R2 | Section::Worker => {}
    }
}

fn shortened(mut reasons: Vec<String>) -> Vec<String> {
    let more = reasons.len().saturating_sub(MOST_REASONS);
    if more > 1 {
        reasons.truncate(MOST_REASONS);
        reasons.push(format!("and {more} more"));
    }
    reasons.iter().map(|reason| whole_line(reason)).collect()
}

/// How a place is written, with what there is to know about it.
fn name(place: &Reachable, recording: &Recording) -> Option<DraftLine> {
    let unnamed = |variable: &str, what: &str| {
        let why = format!("no request names the {what}: set the variable, or write the name here");
        DraftLine::because(variable, [why])
    };
    Some(match place {
        Reachable::Account(id) => named(id, recording.accounts.get(id)),
        // A zone's name is looked for in the accounts beside it, and of several nobody knows which is its.
        Reachable::Zone(id) if recording.accounts_seen() > 1 => {
            DraftLine::because(scalar(id), recording.zones.get(id).map(|name| whole_line(name)))
        }
        Reachable::Zone(id) => named(id, recording.zones.get(id)),
        Reachable::SomeAccount => unnamed(ACCOUNT, "account"),
        Reachable::SomeZone => unnamed(ZONE, "zone"),
        Reachable::EveryZone | Reachable::User => return None,
    })
}

fn named(id: &str, name: Option<&String>) -> DraftLine {
    match name.filter(|name| resource_name_is_valid(name)) {
        Some(name) => DraftLine::plain(literal(name)),
        None => DraftLine::because(scalar(id), ["its name was not seen".to_owned()]),
    }
}

fn header(origin: &Origin<'_>, recording: &Recording, least: &LeastRights) -> Vec<String> {
    let mut lines = vec![
        format!("Written by cfmint learn from {}: the least permissions for it.", whole_line(origin.what)),
        "Each line says what needs it. A run that does more needs more.".to_owned(),
    ];
    if let Some(doubt) = origin.doubt {
        lines.extend([String::new(), format!("Note: {doubt}")]);
    }
    if let Some(doubt) = recording.doubt() {
        lines.extend([String::new(), format!("Note: {doubt}.")]);
    }
    let names =
        |names: &BTreeSet<String>| names.iter().map(|name| whole_line(name)).collect::<Vec<_>>().join(", ");
    for (what, seen) in [("Workers", &recording.workers), ("R2 buckets", &recording.buckets)] {
        if !seen.is_empty() {
            lines.extend([String::new(), format!("{what} that were seen: {}", names(seen))]);
        }
    }
    if !least.unknown.is_empty() {
        lines.extend([
            String::new(),
            "cfmint does not know what these need, and grants nothing for them:".to_owned(),
        ]);
        lines.extend(least.unknown.iter().map(|what| format!("  - {}", whole_line(what))));
    }
    if !least.unnamed.is_empty() {
        let why = "These need a permission whose id only Cloudflare's own list has; add it by hand:";
        lines.extend([String::new(), why.to_owned()]);
        let line = |(what, names): &(String, Vec<String>)| {
            format!("  - {}: {}", whole_line(what), names.join(" or "))
        };
        lines.extend(least.unnamed.iter().map(line));
    }
    if !least.by_phase.is_empty() {
        let why = "These need one of these permissions, by the phase of the rules; add it by hand:";
        lines.extend([String::new(), why.to_owned()]);
        for (what, of) in &least.by_phase {
            lines.push(format!("  - {}:", whole_line(what)));
            lines.extend(of.iter().map(|line| format!("      {line}")));
        }
    }
    lines
}
