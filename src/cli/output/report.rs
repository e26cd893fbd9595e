//! What a command found and did: one document for `--json`, lines for people, and the exit code.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::failure::exit;
use crate::cli::failure::problem::Problem;
use crate::cli::output::screen::Screen;
use crate::cli::output::snippet;
use crate::cloudflare::TokenOwner;
use crate::cloudflare::wire::timestamp;
use crate::plan::Live;
use crate::profile::{Diagnostic, Severity, SinkSpec};
use crate::sink::{SinkRecord, called};

/// The document of `--json`.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Report {
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
pub(in crate::cli) struct FileRow {
    /// Where it goes.
    pub(in crate::cli) path: String,
    /// What it holds.
    pub(in crate::cli) text: String,
}

/// The tokens of an owner.
#[derive(Debug, Default, Serialize)]
pub(in crate::cli) struct InventoryRows {
    /// How many there are, and how many there can be.
    pub(in crate::cli) quota: Option<QuotaRow>,
    /// Each token.
    pub(in crate::cli) tokens: Vec<ListedRow>,
}

/// How many tokens an owner has, and how many it can have.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct QuotaRow {
    /// Those that live.
    pub(in crate::cli) used: usize,
    /// Cloudflare's limit.
    pub(in crate::cli) limit: usize,
}

/// A token of an inventory.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ListedRow {
    /// The token.
    #[serde(flatten)]
    pub(in crate::cli) token: TokenRow,
    /// When it was last used, as far as Cloudflare knows.
    pub(in crate::cli) last_used_on: Option<String>,
    /// The file of its profile.
    pub(in crate::cli) profile: Option<String>,
    /// Its environment.
    pub(in crate::cli) environment: Option<String>,
    /// Its mark, if cfmint made it.
    pub(in crate::cli) mark: Option<String>,
    /// Whether it is the credential of this run.
    pub(in crate::cli) bootstrap: bool,
    /// What was found about it; nothing where nobody looked.
    pub(in crate::cli) findings: Vec<FindingRow>,
}

/// Something found about a token.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct FindingRow {
    /// A stable code.
    pub(in crate::cli) code: &'static str,
    /// `error`, `warning` or `note`.
    pub(in crate::cli) severity: &'static str,
    /// What it is, one line.
    pub(in crate::cli) message: String,
    /// What to do about it; may be empty.
    pub(in crate::cli) hint: String,
}

/// What happened for one profile in one environment.
#[derive(Debug, Default, Serialize)]
pub(in crate::cli) struct Row {
    /// The profile's file.
    pub(in crate::cli) profile: Option<String>,
    /// Its environment.
    pub(in crate::cli) environment: Option<String>,
    /// What was done, in a word.
    pub(in crate::cli) action: &'static str,
    /// The token.
    pub(in crate::cli) token: Option<TokenRow>,
    /// Where the secret is.
    pub(in crate::cli) sinks: Vec<SinkRow>,
    /// What an update changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::cli) changes: Vec<String>,
    /// What a person should know besides.
    pub(in crate::cli) notes: Vec<String>,
    /// A profile that was written to no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) text: Option<String>,
}

/// A token, never its secret.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct TokenRow {
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
pub(in crate::cli) struct SinkRow {
    pub(in crate::cli) kind: &'static str,
    pub(in crate::cli) path: String,
    pub(in crate::cli) variables: Vec<String>,
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
    pub(in crate::cli) fn new(owner: &TokenOwner, live: &Live) -> Self {
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
    pub(in crate::cli) fn new(command: &str) -> Self {
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

    pub(in crate::cli) fn row(&mut self, row: Row) {
        self.results.get_or_insert_default().push(row);
    }

    /// Puts an inventory in place of the results.
    pub(in crate::cli) fn inventory(&mut self, inventory: InventoryRows) {
        self.inventory = Some(inventory);
        self.results = None;
    }

    pub(in crate::cli) fn file(&mut self, file: FileRow) {
        self.files.push(file);
    }

    pub(in crate::cli) fn problem(&mut self, problem: impl Into<Problem>) {
        self.problems.push(problem.into());
    }

    pub(in crate::cli) fn diagnostics(&mut self, diagnostics: Vec<Diagnostic>) {
        self.problems.extend(diagnostics.into_iter().map(Problem::from));
    }

    /// Whether there is anything worse than a note.
    pub(in crate::cli) fn has_warnings(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity() <= Severity::Warning)
    }

    /// The variables that lead to what is served, in place of the results.
    pub(in crate::cli) fn variables(&mut self, variables: BTreeMap<&'static str, String>) {
        self.variables = Some(variables);
        self.results = None;
    }

    /// Everything, as one line for a program.
    pub(in crate::cli) fn document(&self) -> String {
        // Every part is plain text and numbers: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// Says the problems to people, and with `--json` everything to the program that reads standard output;
    /// results for people were said as they came.
    pub(in crate::cli) fn say(&self, screen: &mut Screen, json: bool) {
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
                    screen.rendered(&snippet::render(std::slice::from_ref(diagnostic), true));
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
    pub(in crate::cli) fn exit_code(&self) -> u8 {
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
