//! What went wrong, and what to do about it: typed where it happens, carried by `?`, said in one place.
//!
//! The other rooms say what happened. Here each of their errors gets its code and its hints, and becomes a [`Problem`];
//! what keeps a command from going on travels as a [`Failure`], and decides the exit code.

pub(in crate::cli) mod code;
pub(in crate::cli) mod command_line;
mod custody;
pub(in crate::cli) mod exit;
pub(in crate::cli) mod hint;
pub(in crate::cli) mod invocation;
mod library;
pub(in crate::cli) mod problem;
mod quota;
mod reason;
mod refusal;
mod sink;
mod state;
pub(in crate::cli) mod usage;

use crate::cloudflare;
use crate::custody::{CustodyError, NoteError, StateError};
use crate::profile::Diagnostic;
use crate::sink::SinkError;
use crate::survey::SurveyError;
use crate::world::Interrupt;

use exit::Exit;
use problem::Problem;

pub(in crate::cli) use custody::step;
pub(in crate::cli) use refusal::code_of as refusal_code;

/// Why a command did not get to its end: at least one problem, and how it exits.
#[derive(Debug)]
pub(in crate::cli) struct Failure {
    pub(in crate::cli) problems: Vec<Problem>,
    pub(in crate::cli) exit: Exit,
}

impl Failure {
    /// Several problems of one kind.
    pub(in crate::cli) fn of(problems: Vec<Problem>, exit: Exit) -> Self {
        Self { problems, exit }
    }

    /// Whether all that is wrong is the bootstrap: there is none, or it cannot be used.
    pub(in crate::cli) fn is_about_the_bootstrap(&self) -> bool {
        let is_it = |problem: &Problem| problem.code.text().starts_with("bootstrap.");
        !self.problems.is_empty() && self.problems.iter().all(is_it)
    }

    /// What happened, in a line.
    pub(in crate::cli) fn message(&self) -> String {
        self.problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ")
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { exit: problem.code.exit(), problems: vec![problem] }
    }
}

/// Findings in profiles, of which at least one forbids every write.
impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self { problems: diagnostics.into_iter().map(Problem::from).collect(), exit: Exit::Invalid }
    }
}

impl From<Vec<SinkError>> for Failure {
    fn from(errors: Vec<SinkError>) -> Self {
        Self { problems: errors.iter().map(Problem::from).collect(), exit: Exit::Failed }
    }
}

impl From<CustodyError> for Failure {
    fn from(error: CustodyError) -> Self {
        let exit = match &error {
            CustodyError::Interrupted(interrupt) => Exit::Interrupted(*interrupt),
            _ => Exit::Failed,
        };
        Self { problems: vec![Problem::from(&error)], exit }
    }
}

impl From<Interrupt> for Failure {
    fn from(interrupt: Interrupt) -> Self {
        CustodyError::Interrupted(interrupt).into()
    }
}

impl From<SurveyError> for Failure {
    fn from(error: SurveyError) -> Self {
        match error {
            SurveyError::Sinks(errors) => errors.into(),
            SurveyError::Api(error) => error.into(),
            SurveyError::Profiles(diagnostics) => diagnostics.into(),
            SurveyError::AccountBootstrap => problem::account_bootstrap().into(),
        }
    }
}

/// Each of these is one problem.
macro_rules! single {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Problem::from(&error).into()
            }
        })*
    };
}

single!(cloudflare::Error, NoteError, StateError);
