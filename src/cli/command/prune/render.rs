//! What would go, as a table for people and as rows for programs.

use chrono::{DateTime, Utc};

use super::select::{Doomed, Selected, Spared};
use crate::cli::output::describe::{self, Names};
use crate::cli::output::rows::{Row, RowAction, SinkRow, TokenRow};
use crate::cli::output::table;
use crate::cli::session::context::Context;
use crate::plan::Directory;
use crate::profile::Profile;
use crate::text::one_line;

/// Says what stays although it meets the rules, and where nothing goes.
pub(super) fn spared(context: &mut Context<'_>, selected: &Selected) {
    for (spared, why) in &selected.spared {
        let why = match why {
            Spared::Bootstrap => "it is the bootstrap itself",
            Spared::Young => "the run that made it may still be active",
            Spared::Command => "it is for one command, which may still be running, and it ends by itself",
        };
        context.screen.note(&format!("{} meets the rules, but is kept: {why}", one_line(&spared.live.name)));
        let mut row = row(selected, spared, RowAction::Skipped);
        row.notes.push(why.to_owned());
        context.report.row(row);
    }
    if selected.doomed.is_empty() {
        let total: usize = selected.known.owners.values().map(|owned| owned.live.len()).sum();
        context.done(
            "Kept",
            &format!("all tokens: none of the {total} that this bootstrap sees meets these rules"),
        );
    }
}

/// Shows people what would go.
pub(super) fn table(context: &mut Context<'_>, selected: &Selected) {
    if !context.json && !selected.doomed.is_empty() {
        let text = text(selected, context.screen.width());
        context.screen.result(&text);
    }
}

fn text(selected: &Selected, width: Option<u16>) -> String {
    let now = selected.now;
    let owners = selected.doomed.iter().map(|doomed| &doomed.owner);
    let has_owners = owners.clone().zip(owners.skip(1)).any(|(one, next)| one != next);
    let has_homes = selected.doomed.iter().any(|doomed| doomed.home.is_some());
    let columns = |cells: [String; 7]| -> Vec<String> {
        let shown = [true, has_owners, true, true, true, true, has_homes];
        cells.into_iter().zip(shown).filter_map(|(cell, shown)| shown.then_some(cell)).collect()
    };
    let headings = ["TOKEN", "OWNER", "AGE", "LAST USED", "ENDS", "WHY", "SINKS"].map(str::to_owned);
    let ago = |at: DateTime<Utc>| describe::elapsed(now.signed_duration_since(at));
    let rows = selected.doomed.iter().map(|doomed| {
        let live = &doomed.live;
        let end = |end: DateTime<Utc>| match end.signed_duration_since(now) {
            rest if end > now => format!("in {}", describe::left(rest)),
            _ => format!("{} ago", ago(end)),
        };
        columns([
            live.name.clone(),
            owner(&selected.known.directory, doomed),
            live.issued_on.map_or_else(|| "?".to_owned(), ago),
            live.last_used_on.map_or_else(|| "never".to_owned(), |used| format!("{} ago", ago(used))),
            live.expires_on.map_or_else(|| "never".to_owned(), end),
            why(doomed).join(", "),
            selected.profile(doomed).map_or_else(|| "not known".to_owned(), sinks),
        ])
    });
    table::table(columns(headings), rows, width)
}

fn why(doomed: &Doomed) -> Vec<String> {
    doomed.why.iter().map(describe::reason).collect()
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
pub(super) fn row(selected: &Selected, doomed: &Doomed, action: RowAction) -> Row {
    let (profile, environment) = doomed.home.clone().unzip();
    Row {
        profile,
        environment: environment.flatten(),
        action,
        token: Some(TokenRow::new(&doomed.owner, &doomed.live)),
        sinks: selected.profile(doomed).map(sink_rows).unwrap_or_default(),
        notes: why(doomed),
        ..Row::default()
    }
}

/// The rows of a run that deletes nothing.
pub(super) fn rows(context: &mut Context<'_>, selected: &Selected) {
    for doomed in &selected.doomed {
        context.report.row(row(selected, doomed, RowAction::Revoke));
    }
}

/// Says that some of what was agreed to are left alone.
pub(super) fn fewer(context: &mut Context<'_>, count: usize) {
    if count > 0 {
        context.screen.note(&format!("{count} no longer meet the rules, or are gone, and are left alone"));
    }
}
