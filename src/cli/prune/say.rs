//! What would go, as a table for people and as rows for programs.

use chrono::{DateTime, Utc};

use super::look::{Doomed, Looked, Spared};
use crate::cli::context::Context;
use crate::cli::report::{Row, SinkRow, TokenRow};
use crate::cli::table;
use crate::cli::words::{self, Names};
use crate::plan::Directory;
use crate::profile::Profile;
use crate::text::one_line;

/// Says what stays although it meets the rules, and where nothing goes.
pub(super) fn spared(context: &mut Context<'_>, looked: &Looked) {
    for (spared, why) in &looked.spared {
        let why = match why {
            Spared::Bootstrap => "it is the bootstrap itself",
            Spared::Young => "a run may be under way that made it",
        };
        context.screen.note(&format!("{} meets the rules and stays: {why}", one_line(&spared.live.name)));
        let mut row = row(looked, spared, "skipped");
        row.notes.push(why.to_owned());
        context.report.row(row);
    }
    if looked.doomed.is_empty() {
        let total: usize = looked.known.owners.values().map(|owned| owned.live.len()).sum();
        context.done("Kept", &format!("all tokens: none of {total} is to go by these rules"));
    }
}

/// Shows people what would go.
pub(super) fn table(context: &mut Context<'_>, looked: &Looked) {
    if !context.json && !looked.doomed.is_empty() {
        context.screen.result(&text(looked));
    }
}

fn text(looked: &Looked) -> String {
    let now = looked.now;
    let owners = looked.doomed.iter().map(|doomed| &doomed.owner);
    let has_owners = owners.clone().zip(owners.skip(1)).any(|(one, next)| one != next);
    let has_homes = looked.doomed.iter().any(|doomed| doomed.home.is_some());
    let columns = |cells: [String; 7]| -> Vec<String> {
        let shown = [true, has_owners, true, true, true, true, has_homes];
        cells.into_iter().zip(shown).filter_map(|(cell, shown)| shown.then_some(cell)).collect()
    };
    let headings = ["TOKEN", "OWNER", "AGE", "LAST USED", "ENDS", "WHY", "SINKS"].map(str::to_owned);
    let ago = |at: DateTime<Utc>| words::elapsed(now.signed_duration_since(at));
    let rows = looked.doomed.iter().map(|doomed| {
        let live = &doomed.live;
        let end = |end: DateTime<Utc>| match end.signed_duration_since(now) {
            rest if end > now => format!("in {}", words::left(rest)),
            _ => format!("{} ago", ago(end)),
        };
        columns([
            live.name.clone(),
            owner(&looked.known.directory, doomed),
            live.issued_on.map_or_else(|| "?".to_owned(), ago),
            live.last_used_on.map_or_else(|| "never".to_owned(), |used| format!("{} ago", ago(used))),
            live.expires_on.map_or_else(|| "never".to_owned(), end),
            why(doomed).join(", "),
            looked.profile(doomed).map_or_else(|| "not known".to_owned(), sinks),
        ])
    });
    table::table(columns(headings), rows)
}

fn why(doomed: &Doomed) -> Vec<String> {
    doomed.why.iter().map(words::reason).collect()
}

/// Whose token it is.
pub(super) fn owner(directory: &Directory, doomed: &Doomed) -> String {
    Names { directory, catalogue: None }.owner(&doomed.owner)
}

/// Where a profile's secret goes, in a line.
fn sinks(profile: &Profile) -> String {
    let paths: Vec<String> = sink_rows(profile).into_iter().map(|sink| sink.path).collect();
    paths.join(", ")
}

fn sink_rows(profile: &Profile) -> Vec<SinkRow> {
    profile.sinks.iter().map(SinkRow::from).collect()
}

/// What a program reads of a token; `action` is what is done to it, in a word.
pub(super) fn row(looked: &Looked, doomed: &Doomed, action: &'static str) -> Row {
    let (profile, environment) = doomed.home.clone().unzip();
    Row {
        profile,
        environment: environment.flatten(),
        action,
        token: Some(TokenRow::new(&doomed.owner, &doomed.live)),
        sinks: looked.profile(doomed).map(sink_rows).unwrap_or_default(),
        notes: why(doomed),
        ..Row::default()
    }
}

/// The rows of a run that deletes nothing.
pub(super) fn rows(context: &mut Context<'_>, looked: &Looked) {
    for doomed in &looked.doomed {
        context.report.row(row(looked, doomed, "revoke"));
    }
}

/// Says that some of what was agreed to are left alone.
pub(super) fn fewer(context: &mut Context<'_>, count: usize) {
    if count > 0 {
        context.screen.note(&format!("{count} no longer meet the rules, or are gone, and are left alone"));
    }
}
