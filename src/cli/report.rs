//! What a command found and did: one document for `--json`, lines for people, and the exit code.

use std::collections::BTreeMap;

use serde::Serialize;

use super::diagnostics;
use super::exit;
use super::problem::Problem;
use super::screen::Screen;
use crate::cloudflare::TokenOwner;
use crate::cloudflare::wire::timestamp;
use crate::plan::Live;
use crate::profile::{Diagnostic, Severity, SinkSpec};
use crate::sink::{SinkRecord, called};

/// The document of `--json`.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    version: u8,
    command: String,
    /// For commands that take an inventory, in place of the results.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    inventory: Option<InventoryRows>,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<Vec<Row>>,
    /// What leads another program to where this one serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    variables: Option<BTreeMap<&'static str, String>>,
    /// What was printed for a person to install.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileRow>,
    problems: Vec<Problem>,
}

/// A file to install.
#[derive(Debug, Serialize)]
pub(super) struct FileRow {
    /// Where it goes.
    pub(super) path: String,
    /// What it holds.
    pub(super) text: String,
}

/// The tokens of an owner.
#[derive(Debug, Default, Serialize)]
pub(super) struct InventoryRows {
    /// How many there are, and how many there can be.
    pub(super) quota: Option<QuotaRow>,
    /// Each token.
    pub(super) tokens: Vec<ListedRow>,
}

/// How many tokens an owner has, and how many it can have.
#[derive(Debug, Serialize)]
pub(super) struct QuotaRow {
    /// Those that live.
    pub(super) used: usize,
    /// Cloudflare's limit.
    pub(super) limit: usize,
}

/// A token of an inventory.
#[derive(Debug, Serialize)]
pub(super) struct ListedRow {
    /// The token.
    #[serde(flatten)]
    pub(super) token: TokenRow,
    /// When it was last used, as far as Cloudflare knows.
    pub(super) last_used_on: Option<String>,
    /// The file of its profile.
    pub(super) profile: Option<String>,
    /// Its environment.
    pub(super) environment: Option<String>,
    /// Its mark, if cfmint made it.
    pub(super) mark: Option<String>,
    /// Whether it is the credential of this run.
    pub(super) bootstrap: bool,
    /// What was found about it; nothing where nobody looked.
    pub(super) findings: Vec<FindingRow>,
}

/// Something found about a token.
#[derive(Debug, Serialize)]
pub(super) struct FindingRow {
    /// A stable code.
    pub(super) code: &'static str,
    /// `error`, `warning` or `note`.
    pub(super) severity: &'static str,
    /// What it is, one line.
    pub(super) message: String,
    /// What to do about it; may be empty.
    pub(super) hint: String,
}

/// What happened for one profile in one environment.
#[derive(Debug, Default, Serialize)]
pub(super) struct Row {
    /// The profile's file.
    pub(super) profile: Option<String>,
    /// Its environment.
    pub(super) environment: Option<String>,
    /// What was done, in a word.
    pub(super) action: &'static str,
    /// The token.
    pub(super) token: Option<TokenRow>,
    /// Where the secret is.
    pub(super) sinks: Vec<SinkRow>,
    /// What an update changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) changes: Vec<String>,
    /// What a person should know besides.
    pub(super) notes: Vec<String>,
    /// A profile that was written to no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
}

/// A token, never its secret.
#[derive(Debug, Serialize)]
pub(super) struct TokenRow {
    id: String,
    name: String,
    owner: OwnerRow,
    status: String,
    issued_on: Option<String>,
    expires_on: Option<String>,
}

/// An owner, as a profile writes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum OwnerRow {
    User,
    Account(String),
}

/// A sink.
#[derive(Debug, Serialize)]
pub(super) struct SinkRow {
    pub(super) kind: &'static str,
    pub(super) path: String,
    pub(super) variables: Vec<String>,
}

impl From<SinkRecord> for SinkRow {
    fn from(SinkRecord { kind, path, variables }: SinkRecord) -> Self {
        Self { kind, path, variables }
    }
}

/// A sink as its profile has it; whether there is anything in it is not asked.
impl From<&SinkSpec> for SinkRow {
    fn from(sink: &SinkSpec) -> Self {
        match sink {
            SinkSpec::EnvFile { path, variables, .. } => Self {
                kind: "env_file",
                path: path.value.display().to_string(),
                variables: variables.iter().map(|(name, _)| name.value.clone()).collect(),
            },
            SinkSpec::Command { argv, .. } => {
                Self { kind: "command", path: called(&argv.value), variables: Vec::new() }
            }
        }
    }
}

impl TokenRow {
    pub(super) fn new(owner: &TokenOwner, live: &Live) -> Self {
        Self {
            id: live.id.clone(),
            name: live.name.clone(),
            owner: match owner {
                TokenOwner::User => OwnerRow::User,
                TokenOwner::Account(id) => OwnerRow::Account(id.clone()),
            },
            status: live.status.word().to_owned(),
            issued_on: live.issued_on.map(timestamp),
            expires_on: live.expires_on.map(timestamp),
        }
    }
}

impl Report {
    pub(super) fn new(command: &str) -> Self {
        Self {
            version: 1,
            command: command.to_owned(),
            inventory: None,
            results: Some(Vec::new()),
            variables: None,
            files: Vec::new(),
            problems: Vec::new(),
        }
    }

    pub(super) fn row(&mut self, row: Row) {
        self.results.get_or_insert_default().push(row);
    }

    /// Puts an inventory in place of the results.
    pub(super) fn inventory(&mut self, inventory: InventoryRows) {
        self.inventory = Some(inventory);
        self.results = None;
    }

    pub(super) fn file(&mut self, file: FileRow) {
        self.files.push(file);
    }

    pub(super) fn problem(&mut self, problem: impl Into<Problem>) {
        self.problems.push(problem.into());
    }

    pub(super) fn diagnostics(&mut self, diagnostics: Vec<Diagnostic>) {
        self.problems.extend(diagnostics.into_iter().map(Problem::from));
    }

    /// Whether there is anything worse than a note.
    pub(super) fn has_warnings(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity() <= Severity::Warning)
    }

    /// The variables that lead to what is served, in place of the results.
    pub(super) fn variables(&mut self, variables: BTreeMap<&'static str, String>) {
        self.variables = Some(variables);
        self.results = None;
    }

    /// Everything, as one line for a program.
    pub(super) fn document(&self) -> String {
        // Every part is plain text and numbers: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// Says the problems to people, and with `--json` everything to the program that reads standard output;
    /// results for people were said as they came.
    pub(super) fn say(&self, screen: &mut Screen, json: bool) {
        if json {
            screen.result(&self.document());
        }
        for (position, problem) in self.problems.iter().enumerate() {
            // What went wrong for several in the same way is said once.
            if problem.is_said || self.problems[..position].iter().any(|before| before.is_like(problem)) {
                continue;
            }
            match &problem.drawn {
                Some(diagnostic) if diagnostic.severity == Severity::Error || !screen.is_quiet() => {
                    screen.rendered(&diagnostics::render(std::slice::from_ref(diagnostic), true));
                }
                Some(_) => {}
                None => {
                    let alike = self.problems.iter().filter(|other| other.is_like(problem));
                    let whose = whose(alike.filter_map(|other| other.whose.as_deref()));
                    screen.error(&problem.code, &format!("{whose}{}", problem.message), &problem.hint);
                }
            }
        }
    }

    /// The exit code where nothing stopped the command before it began.
    pub(super) fn exit_code(&self) -> u8 {
        let results = self.results.as_deref().unwrap_or_default();
        let count = |action| results.iter().filter(|row| row.action == action).count();
        let (failed, tried) = (count("failed"), results.len() - count("skipped"));
        let errors = self.problems.iter().any(|problem| problem.severity() == Severity::Error);
        match (failed, errors) {
            (0, false) => exit::DONE,
            (0, true) => exit::FAILED,
            (failed, _) if failed < tried => exit::SOME,
            _ => exit::FAILED,
        }
    }
}

/// The most that are named in one line.
const MOST_NAMED: usize = 3;

/// Whose a problem is, as the beginning of its line.
fn whose<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.len() {
        0 => String::new(),
        all if all > MOST_NAMED + 1 => {
            format!("{} and {} more: ", names[..MOST_NAMED].join(", "), all - MOST_NAMED)
        }
        _ => format!("{}: ", names.join(", ")),
    }
}
