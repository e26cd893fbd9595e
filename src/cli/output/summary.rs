//! Many results -> a table with a line for each kind of them.

use super::rows::{Row, RowAction};
use super::table::table;
use crate::cli::failure::command_line::ProfileArguments;
use crate::text::few_of;

/// How many ended how, and which: those that are as they should be last.
pub(in crate::cli) fn summary(rows: &[Row], width: Option<u16>) -> String {
    let mut kinds: Vec<RowAction> = Vec::new();
    for row in rows {
        if !kinds.contains(&row.action) {
            kinds.push(row.action);
        }
    }
    kinds.sort_by_key(|kind| match kind {
        RowAction::Failed => 0,
        RowAction::Skipped => 1,
        RowAction::Unchanged | RowAction::Absent => 3,
        _ => 2,
    });
    let lines = kinds.into_iter().map(|kind| {
        let names: Vec<String> = rows.iter().filter(|row| row.action == kind).filter_map(named).collect();
        let count = names.len().to_string();
        vec![kind.word().to_owned(), count, few_of(names.iter().map(String::as_str))]
    });
    table(["RESULT", "TOKENS", "WHICH"], lines, width)
}

/// The profile and the environment of a row.
fn named(row: &Row) -> Option<String> {
    let path = row.profile.clone()?;
    Some(ProfileArguments { path, environment: row.environment.clone() }.words())
}
