//! Profiles that were read, and what there is to say about them.

use std::collections::BTreeSet;

use super::context::Context;
use crate::cli::failure::Failure;
use crate::cli::failure::exit::Exit;
use crate::cli::failure::problem::Problem;
use crate::cli::output::rows::{Row, RowAction};
use crate::profile::{Diagnostic, Profile, Severity, Shape, is_allowed};

/// Profiles and what there is to say about them.
#[derive(Default)]
pub(in crate::cli) struct Loaded {
    pub(in crate::cli) profiles: Vec<Profile>,
    /// What the environments of patterns have in common.
    pub(in crate::cli) shapes: Vec<Shape>,
    pub(in crate::cli) diagnostics: Vec<Diagnostic>,
    pub(in crate::cli) problems: Vec<Problem>,
    /// The environments that the profiles name.
    pub(super) environments: BTreeSet<String>,
    /// The features that the profiles have.
    pub(super) features: BTreeSet<String>,
    /// The files in which a feature is wrong that is off; they are not valid, whatever the environment.
    pub(in crate::cli) unsound: BTreeSet<String>,
    /// The names that several profiles of the run have.
    pub(in crate::cli) same_named: BTreeSet<String>,
    /// The profiles that are left out, and why.
    pub(super) left_out: Vec<LeftOut>,
    /// The variables that were asked for; `None` where a file could not be read.
    pub(super) variables: Option<BTreeSet<String>>,
    /// The variables that the files refer to anywhere.
    pub(super) elsewhere: BTreeSet<String>,
}

/// One of several profiles that the options of the run do not fit.
pub(super) struct LeftOut {
    pub(super) path: String,
    /// The environment that was chosen and that it lacks; `None` where none was chosen.
    pub(super) environment: Option<String>,
    pub(super) why: String,
}

impl Loaded {
    /// Whether anything stands that forbids every write.
    pub(in crate::cli) fn has_errors(&self) -> bool {
        !self.problems.is_empty()
            || self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Reports what there is to say; fails where anything forbids every write.
    pub(in crate::cli) fn accept(mut self, context: &mut Context<'_>) -> Result<Self, Failure> {
        let has_errors = self.has_errors();
        let found = std::mem::take(&mut self.diagnostics).into_iter();
        let found = found.filter(|diagnostic| !is_allowed(diagnostic)).map(Problem::from);
        let problems = found.chain(std::mem::take(&mut self.problems));
        if has_errors {
            return Err(Failure::of(problems.collect(), Exit::Invalid));
        }
        problems.for_each(|problem| context.report.problem(problem));
        for LeftOut { path, environment, why } in std::mem::take(&mut self.left_out) {
            context.screen.note(&format!("{path} is left out: {why}"));
            context.report.row(Row {
                profile: Some(path),
                environment,
                action: RowAction::Skipped,
                notes: vec![why],
                ..Row::default()
            });
        }
        Ok(self)
    }
}
