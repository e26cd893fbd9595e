//! What a program needs, as lines and a table for people and as rows for a program.

use super::rows::LearnedRow;
use super::table;
use crate::cli::session::context::Context;
use crate::doctor::learn::{Comparison, Held, LeastRights, Reachable, Recording, Right};
use crate::text::one_line;

/// The columns of a comparison; that of the account or the zone only where one is known.
const COLUMNS: [&str; 5] = ["STATUS", "SECTION", "PERMISSION", "ON", "WHY"];

/// Says what was learned, to people.
pub(in crate::cli) fn say(context: &mut Context<'_>, recording: &Recording, what: &str, least: &LeastRights) {
    let (permissions, requests) = (least.rights.len(), recording.len());
    let seen = if recording.is_of_requests() { "request" } else { "resource" };
    context.done(
        "Learned",
        &format!(
            "{} from {} of {}",
            counted(permissions, "permission"),
            counted(requests, seen),
            one_line(what)
        ),
    );
    say_unknown(context, &least.unknown, &least.unnamed);
    say_by_phase(context, &least.by_phase);
}

/// Says whether a profile would have been enough, to people.
pub(in crate::cli) fn say_compared(
    context: &mut Context<'_>,
    profile: &str,
    what: &str,
    comparison: &Comparison,
) {
    let what = one_line(what);
    if comparison.is_enough() {
        let limit = if comparison.unknown.is_empty() && comparison.by_phase.is_empty() {
            ""
        } else {
            ", as far as cfmint knows"
        };
        context.done("Enough", &format!("{profile} allows all that {what} asked for{limit}"));
    } else {
        context
            .screen
            .failed(&format!("{profile} does not allow all that {what} asked for: add what is missing"));
    }
    if comparison.undecided > 0 {
        let count = counted(comparison.undecided, "permission");
        context.screen.note(&format!(
            "{count} of {profile} only Cloudflare's own list knows, so that they are not compared"
        ));
    }
    say_unknown(context, &comparison.unknown, &comparison.unnamed);
    say_by_phase(context, &comparison.by_phase);
}

fn say_unknown(context: &mut Context<'_>, unknown: &[String], unnamed: &[(String, Vec<String>)]) {
    for what in unknown {
        context.screen.note(&format!("cfmint does not know what {} needs", one_line(what)));
    }
    for (what, names) in unnamed {
        let names = names.join(" or ");
        context
            .screen
            .note(&format!("{} needs {names}, whose id only Cloudflare's own list has", one_line(what)));
    }
}

fn say_by_phase(context: &mut Context<'_>, by_phase: &[(String, Vec<String>)]) {
    for (what, of) in by_phase {
        let of = of.join(", ");
        context.screen.note(&format!("{what} needs one of these, by the phase of the rules: {of}"));
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

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
