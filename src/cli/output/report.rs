//! What a command found and did: one document for `--json`, lines for people, and the exit code.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::failure::exit::Exit;
use crate::cli::failure::invocation::Invocation;
use crate::cli::failure::problem::{Problem, ProblemRow};
use crate::cli::output::checks::CheckRow;
use crate::cli::output::explanation::ExplanationRow;
use crate::cli::output::learned::LearnedRows;
use crate::cli::output::link::LinkRow;
use crate::cli::output::permission_table::PermissionRows;
use crate::cli::output::resources::ResourceRows;
use crate::cli::output::rows::{FileRow, InventoryRows, Row, RowAction, UseCaseRow};
use crate::cli::output::screen::Screen;
use crate::cli::output::snippet;
use crate::profile::{Diagnostic, Severity, is_allowed};
use crate::text::few_of;

/// What a command found and did.
#[derive(Debug)]
pub(in crate::cli) struct Report {
    command: String,
    body: Body,
    problems: Vec<Problem>,
    /// Whether a program has it already.
    is_printed: bool,
}

/// What a command is there for.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Body {
    /// What happened for each profile, and what was printed for a person to install.
    Results {
        results: Vec<Row>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        files: Vec<FileRow>,
    },
    /// The tokens of an owner.
    Inventory(InventoryRows),
    /// Why requests failed, and what they need.
    Explanations { explanations: Vec<ExplanationRow> },
    /// What there is to name in a profile.
    Resources(ResourceRows),
    /// Links to the dashboard's form.
    Links { links: Vec<LinkRow> },
    /// Permission groups.
    Permissions(PermissionRows),
    /// What a program needs.
    Learned(LearnedRows),
    /// What was checked of a token and of cfmint itself.
    Checks { checks: Vec<CheckRow> },
    /// What `init` can write.
    UseCases { use_cases: Vec<UseCaseRow> },
    /// What leads another program to where this one serves.
    Variables { variables: BTreeMap<&'static str, String> },
}

/// What `--json` writes to standard output: one document, without any secret.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct JsonDocument<'a> {
    /// The version of this form. New members may come within a version: programs pass over what they do not know.
    #[cfg_attr(test, schemars(extend("const" = 1)))]
    version: u8,
    /// The command that was run.
    command: &'a str,
    /// What it is there for.
    #[serde(flatten)]
    body: &'a Body,
    /// What went wrong, and what is worth knowing.
    problems: Vec<ProblemRow<'a>>,
}

impl Report {
    pub(in crate::cli) fn new(command: &str) -> Self {
        let body = Body::Results { results: Vec::new(), files: Vec::new() };
        Self { command: command.to_owned(), body, problems: Vec::new(), is_printed: false }
    }

    pub(in crate::cli) fn row(&mut self, row: Row) {
        if let Body::Results { results, .. } = &mut self.body {
            results.push(row);
        }
    }

    pub(in crate::cli) fn file(&mut self, file: FileRow) {
        if let Body::Results { files, .. } = &mut self.body {
            files.push(file);
        }
    }

    /// Puts an inventory in place of the results.
    pub(in crate::cli) fn inventory(&mut self, inventory: InventoryRows) {
        self.body = Body::Inventory(inventory);
    }

    /// Puts accounts, zones, buckets and Workers in place of the results.
    pub(in crate::cli) fn resources(&mut self, resources: ResourceRows) {
        self.body = Body::Resources(resources);
    }

    /// Puts links in place of the results.
    pub(in crate::cli) fn links(&mut self, links: Vec<LinkRow>) {
        self.body = Body::Links { links };
    }

    /// Puts permission groups in place of the results.
    pub(in crate::cli) fn permissions(&mut self, permissions: PermissionRows) {
        self.body = Body::Permissions(permissions);
    }

    /// Puts the variables that lead to what is served in place of the results.
    pub(in crate::cli) fn variables(&mut self, variables: BTreeMap<&'static str, String>) {
        self.body = Body::Variables { variables };
    }

    /// Puts what a program needs in place of the results.
    pub(in crate::cli) fn learned(&mut self, learned: LearnedRows) {
        self.body = Body::Learned(learned);
    }

    /// Puts explanations in place of the results.
    pub(in crate::cli) fn explanations(&mut self, explanations: Vec<ExplanationRow>) {
        self.body = Body::Explanations { explanations };
    }

    /// Puts checks in place of the results.
    pub(in crate::cli) fn checks(&mut self, checks: Vec<CheckRow>) {
        self.body = Body::Checks { checks };
    }

    /// Puts use cases in place of the results.
    pub(in crate::cli) fn use_cases(&mut self, use_cases: Vec<UseCaseRow>) {
        self.body = Body::UseCases { use_cases };
    }

    pub(in crate::cli) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(in crate::cli) fn diagnostics(&mut self, diagnostics: Vec<Diagnostic>) {
        let shown = diagnostics.into_iter().filter(|diagnostic| !is_allowed(diagnostic));
        self.problems.extend(shown.map(Problem::from));
    }

    /// Whether there is anything worse than a note.
    pub(in crate::cli) fn has_warnings(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity() <= Severity::Warning)
    }

    /// What happened for each profile.
    pub(in crate::cli) fn results(&self) -> &[Row] {
        match &self.body {
            Body::Results { results, .. } => results,
            Body::Inventory(_)
            | Body::Explanations { .. }
            | Body::Links { .. }
            | Body::Resources(_)
            | Body::Permissions(_)
            | Body::Learned(_)
            | Body::Checks { .. }
            | Body::UseCases { .. }
            | Body::Variables { .. } => &[],
        }
    }

    /// Whether a program has it already.
    pub(in crate::cli) fn is_printed(&self) -> bool {
        self.is_printed
    }

    /// Everything, as one line for a program.
    pub(in crate::cli) fn document(&mut self, invocation: &Invocation) -> String {
        self.is_printed = true;
        let problems = self.problems.iter().map(|problem| problem.row(invocation)).collect();
        let document = JsonDocument { version: 1, command: &self.command, body: &self.body, problems };
        // Every part is plain text and numbers: there is nothing that could fail.
        serde_json::to_string(&document).unwrap_or_default() + "\n"
    }

    /// Says the problems to people; results were said as they came.
    pub(in crate::cli) fn say_problems(&self, screen: &mut Screen, invocation: &Invocation) {
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
                    let message = format!("{whose}{}", problem.message);
                    screen.error(problem.code.text(), &message, &problem.hint(invocation));
                }
            }
        }
    }

    /// How a run exits that got to its end.
    pub(in crate::cli) fn exit(&self) -> Exit {
        let results = self.results();
        let count = |action| results.iter().filter(|row| row.action == action).count();
        let (failed, tried) = (count(RowAction::Failed), results.len() - count(RowAction::Skipped));
        let has_errors = self.problems.iter().any(|problem| problem.severity() == Severity::Error);
        match (failed, has_errors) {
            (0, false) => Exit::Done,
            (0, true) => Exit::Failed,
            (failed, _) if failed < tried => Exit::Some,
            _ => Exit::Failed,
        }
    }
}

/// Whose a problem is, as the beginning of its line.
fn whose<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names = few_of(names);
    if names.is_empty() { names } else { names + ": " }
}
