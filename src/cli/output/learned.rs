//! What a program needs, as lines and a table for people and as rows for a program.

use serde::Serialize;

use super::rows::Row;
use super::screen::Screen;
use super::table;
use crate::doctor::learn::{Comparison, Held, LeastRights, Reachable, Recording, Right};
use crate::text::{count, one_line};

/// What a program needs of Cloudflare.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct LearnedRows {
    /// The profile that was written or compared.
    pub(in crate::cli) results: Vec<Row>,
    /// Whether the profile that was compared would have been enough; nothing where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) enough: Option<bool>,
    /// The permissions.
    pub(in crate::cli) permissions: Vec<LearnedRow>,
    /// What nobody knows the needs of: requests without values, Terraform addresses.
    pub(in crate::cli) unknown: Vec<String>,
    /// What takes one of several permissions, by the phase of its rules, which is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::cli) by_phase: Vec<ByPhaseRow>,
}

/// An operation on rulesets of a phase that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct ByPhaseRow {
    /// The method and the path.
    pub(in crate::cli) operation: String,
    /// The lines of a profile of which one is enough, and the phase says which.
    pub(in crate::cli) lines: Vec<String>,
}

/// A permission that a program needs, or that a profile grants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct LearnedRow {
    /// How a profile stands to it: `ok`, `wide` where it grants more than is needed, `unneeded`, `missing`; `needed` where
    /// none was compared.
    pub(in crate::cli) status: &'static str,
    /// The section of a profile.
    pub(in crate::cli) section: Option<&'static str>,
    /// The line in it.
    pub(in crate::cli) line: String,
    /// The API's name.
    pub(in crate::cli) name: String,
    /// Its id, where it is known.
    pub(in crate::cli) id: Option<String>,
    /// The id of the account or the zone that it is needed for.
    pub(in crate::cli) resource: Option<String>,
    /// What needs it.
    pub(in crate::cli) operations: Vec<String>,
    /// The line that would be enough, where the profile grants more.
    pub(in crate::cli) narrower: Option<String>,
}

/// The columns of a comparison; that of the account or the zone only where one is known.
const COLUMNS: [&str; 5] = ["STATUS", "SECTION", "PERMISSION", "ON", "WHY"];

/// Says what was learned, to people.
pub(in crate::cli) fn say(screen: &mut Screen, recording: &Recording, what: &str, least: &LeastRights) {
    let (permissions, requests) = (least.rights.len(), recording.len());
    let seen = if recording.is_of_requests() { "request" } else { "resource" };
    screen.done(
        "Learned",
        &format!("{} from {} of {}", count(permissions, "permission"), count(requests, seen), one_line(what)),
    );
    say_unknown(screen, &least.unknown, &least.unnamed);
    say_by_phase(screen, &least.by_phase);
}

/// Says whether a profile would have been enough, to people.
pub(in crate::cli) fn say_compared(screen: &mut Screen, profile: &str, what: &str, comparison: &Comparison) {
    let what = one_line(what);
    if comparison.is_enough() {
        let limit = if comparison.unknown.is_empty() && comparison.by_phase.is_empty() {
            ""
        } else {
            ", as far as cfmint knows"
        };
        screen.done("Enough", &format!("{profile} allows all that {what} asked for{limit}"));
    } else {
        screen.failed(&format!("{profile} does not allow all that {what} asked for: add what is missing"));
    }
    if comparison.undecided > 0 {
        let undecided = count(comparison.undecided, "permission");
        screen.note(&format!(
            "{undecided} of {profile} only Cloudflare's own list knows, so that they are not compared"
        ));
    }
    say_unknown(screen, &comparison.unknown, &comparison.unnamed);
    say_by_phase(screen, &comparison.by_phase);
}

fn say_unknown(screen: &mut Screen, unknown: &[String], unnamed: &[(String, Vec<String>)]) {
    for what in unknown {
        screen.note(&format!("cfmint does not know what {} needs", one_line(what)));
    }
    for (what, names) in unnamed {
        let names = names.join(" or ");
        screen.note(&format!("{} needs {names}, whose id only Cloudflare's own list has", one_line(what)));
    }
}

fn say_by_phase(screen: &mut Screen, by_phase: &[(String, Vec<String>)]) {
    for (what, of) in by_phase {
        let of = of.join(", ");
        screen.note(&format!("{what} needs one of these, by the phase of the rules: {of}"));
    }
}

/// What a program reads of the least rights.
pub(in crate::cli) fn needed(least: &LeastRights) -> Vec<LearnedRow> {
    least.rights.iter().map(|right| lacking(right, "needed")).collect()
}

/// What a program reads of a comparison: what is missing first, then what the profile grants.
pub(in crate::cli) fn compared(comparison: &Comparison) -> Vec<LearnedRow> {
    let missing = comparison.missing.iter().map(|right| lacking(right, "missing"));
    missing.chain(comparison.held.iter().map(held)).collect()
}

/// A comparison as a table.
pub(in crate::cli) fn table(rows: &[LearnedRow], width: Option<u16>) -> String {
    let cells = |row: &LearnedRow| {
        let narrower = row.narrower.as_ref().map(|line| format!("`{line}` would be enough"));
        let more = match row.operations.len() {
            0 | 1 => String::new(),
            many => format!(" and {} more", many - 1),
        };
        let operation = row.operations.first().map(|first| format!("{first}{more}"));
        let why = narrower.or(operation).unwrap_or_else(|| "nothing needed it".to_owned());
        let section = row.section.unwrap_or_default().to_owned();
        [row.status.to_owned(), section, row.line.clone(), row.resource.clone().unwrap_or_default(), why]
    };
    let cells: Vec<[String; 5]> = rows.iter().map(cells).collect();
    let is_told = |column: &usize| cells.iter().any(|row| !row[*column].is_empty());
    let told: Vec<usize> = (0..COLUMNS.len()).filter(is_told).collect();
    let rows = cells.iter().map(|row| told.iter().map(|column| row[*column].clone()).collect());
    table::table(told.iter().map(|column| COLUMNS[*column]), rows, width)
}

fn lacking(right: &Right, status: &'static str) -> LearnedRow {
    let resource = match &right.place {
        Reachable::Account(id) | Reachable::Zone(id) => Some(id.clone()),
        Reachable::SomeAccount | Reachable::SomeZone | Reachable::EveryZone | Reachable::User => None,
    };
    LearnedRow {
        status,
        section: Some(right.section.key()),
        line: right.group.line(),
        name: right.group.name.clone(),
        id: right.group.id.clone(),
        resource,
        operations: right.reasons.clone(),
        narrower: None,
    }
}

fn held(held: &Held) -> LearnedRow {
    let status = match (held.reasons.is_empty(), held.narrower) {
        (true, _) => "unneeded",
        (false, Some(_)) => "wide",
        (false, None) => "ok",
    };
    let group = crate::catalogue::Catalogue::embedded().group(&held.id);
    LearnedRow {
        status,
        section: Some(held.section.key()),
        line: group.map_or_else(|| held.name.clone(), crate::catalogue::KnownGroup::line),
        name: held.name.clone(),
        id: Some(held.id.clone()),
        resource: None,
        operations: held.reasons.clone(),
        narrower: held.narrower.map(crate::catalogue::KnownGroup::line),
    }
}
