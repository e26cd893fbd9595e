//! Permission groups as a table, one a line, and as rows for a program.

use serde::Serialize;

use super::table;
use crate::catalogue::{Catalogue, Matched, Scope, SearchHit};
use crate::profile::Section;

/// What was asked of the catalogue.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct PermissionRows {
    /// The permission groups, the narrowest first of those for an operation.
    pub(in crate::cli) permissions: Vec<PermissionRow>,
    /// How Cloudflare's own list differs; nothing where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) differences: Option<Vec<String>>,
}

/// A permission group.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct PermissionRow {
    /// The operation or the Terraform address for which one such group is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) operation: Option<String>,
    /// Whether it depends on the phase of the operation's rules which of the groups is enough.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::cli) by_phase: bool,
    /// The documented path from whose groups those of the operation are inferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) inferred_from: Option<&'static str>,
    /// The section of a profile.
    pub(in crate::cli) section: Option<&'static str>,
    /// The line of a profile.
    pub(in crate::cli) line: String,
    /// The API's name.
    pub(in crate::cli) name: String,
    /// Its id, where it is known.
    pub(in crate::cli) id: Option<String>,
    /// What else the dashboard and the documentation print.
    pub(in crate::cli) labels: Vec<String>,
    /// What it was called before.
    pub(in crate::cli) former: Vec<String>,
    /// What is to be known of it: by which of its other names it was found, how Cloudflare's list differs.
    pub(in crate::cli) notes: Vec<String>,
}

/// The columns; those that say nothing of any group are left out.
const COLUMNS: [&str; 5] = ["SECTION", "PERMISSION", "NAME", "ID", "NOTE"];

/// One line for each group.
pub(in crate::cli) fn lines(rows: &[PermissionRow], width: Option<u16>) -> String {
    let cells = |row: &PermissionRow| {
        let section = row.section.unwrap_or_default().to_owned();
        let id = row.id.clone().unwrap_or_default();
        [section, row.line.clone(), row.name.clone(), id, row.notes.join("; ")]
    };
    let cells: Vec<[String; 5]> = rows.iter().map(cells).collect();
    let is_told = |column: &usize| cells.iter().any(|row| !row[*column].is_empty());
    let told: Vec<usize> = (0..COLUMNS.len()).filter(is_told).collect();
    let rows = cells.iter().map(|row| told.iter().map(|column| row[*column].clone()).collect());
    table::table(told.iter().map(|column| COLUMNS[*column]), rows, width)
}

/// What a program reads of groups, in the order of the sections that they stand in, the best hits first.
pub(in crate::cli) fn by_section(catalogue: &Catalogue, hits: &[SearchHit<'_>]) -> Vec<PermissionRow> {
    let mut hits: Vec<&SearchHit<'_>> = hits.iter().collect();
    let place = |hit: &&SearchHit<'_>| {
        let section = section(hit);
        let section = Section::ALL.iter().position(|own| Some(*own) == section);
        // What goes by the words today stands before what people only call so.
        (section.unwrap_or(Section::ALL.len()), hit.matched.rank())
    };
    hits.sort_by_key(place);
    hits.into_iter().map(|hit| row(catalogue, hit)).collect()
}

/// What a program reads of a group.
pub(in crate::cli) fn row(catalogue: &Catalogue, hit: &SearchHit<'_>) -> PermissionRow {
    let group = hit.group;
    let matched = match hit.matched {
        Matched::Name => None,
        Matched::Label(label) => Some(format!("shown as {label}")),
        Matched::Former(name) => Some(format!("formerly {name}")),
        Matched::Synonym(name) => Some(format!("also called {name}")),
    };
    let unknown = group.id.is_none().then(|| "only Cloudflare's list has its id".to_owned());
    let differences = catalogue.differences_of(group).into_iter().map(|difference| difference.to_string());
    PermissionRow {
        operation: None,
        by_phase: false,
        inferred_from: None,
        section: section(hit).map(Section::key),
        line: group.line(),
        name: group.name.clone(),
        id: group.id.clone(),
        labels: group.labels.clone(),
        former: group.former.clone(),
        notes: matched.into_iter().chain(unknown).chain(differences).collect(),
    }
}

fn section(hit: &SearchHit<'_>) -> Option<Section> {
    hit.group.scopes.iter().find_map(Scope::section)
}
