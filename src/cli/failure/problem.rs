//! One thing that went wrong: what people read, what a program reads, and what tells two of them apart.

use serde::Serialize;

use super::code::Code;
use super::hint::{Hint, Hints};
use super::invocation::Invocation;
use crate::profile::{Diagnostic, Severity};

/// One thing that went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Problem {
    /// A stable code.
    pub(in crate::cli) code: Code,
    /// What happened, one line.
    pub(in crate::cli) message: String,
    /// What to do about it.
    pub(in crate::cli) hints: Vec<Hint>,
    /// Where in a file it is, as far as it is in one.
    pub(in crate::cli) location: Location,
    /// The environment it is about.
    pub(in crate::cli) environment: Option<String>,
    /// Whose it is, for a screen, where a run is about several.
    pub(in crate::cli) whose: Option<String>,
    /// Whether people were told already.
    pub(in crate::cli) is_said: bool,
    /// How it is drawn on a screen, where that is more than code, message and hint.
    pub(in crate::cli) drawn: Option<Box<Diagnostic>>,
}

/// Where a problem is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli) struct Location {
    /// The file.
    pub(in crate::cli) file: Option<String>,
    /// The line and the column in it, from 1.
    pub(in crate::cli) position: Option<(usize, usize)>,
}

/// A problem in the document of `--json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct ProblemRow<'a> {
    /// A stable code.
    #[cfg_attr(test, schemars(with = "String"))]
    code: Code,
    /// How much it matters: `error`, `warning`, `note`.
    #[cfg_attr(test, schemars(with = "String"))]
    severity: Severity,
    /// What happened, one line.
    message: &'a str,
    /// What to do about it, one thing a line; may be empty.
    hint: String,
    /// The first command in the hint, ready to run.
    command: Option<String>,
    /// The file it is in.
    file: Option<&'a str>,
    /// The environment it is about.
    environment: Option<&'a str>,
    /// The line in the file, from 1.
    line: Option<usize>,
    /// The column in the line, from 1.
    column: Option<usize>,
}

impl Problem {
    /// A problem without a place.
    #[must_use]
    pub(in crate::cli) fn new(code: Code, message: impl Into<String>, hints: impl Into<Hints>) -> Self {
        Self {
            code,
            message: message.into(),
            hints: hints.into().0,
            location: Location::default(),
            environment: None,
            whose: None,
            is_said: false,
            drawn: None,
        }
    }

    /// The same, about a file.
    #[must_use]
    pub(in crate::cli) fn in_file(mut self, file: impl Into<String>) -> Self {
        self.location.file = Some(file.into());
        self
    }

    /// What to do about it, one thing a line.
    pub(in crate::cli) fn hint(&self, invocation: &Invocation) -> String {
        self.hints.iter().map(|hint| hint.line(invocation)).collect::<Vec<_>>().join("\n")
    }

    /// What a program reads of it.
    pub(in crate::cli) fn row(&self, invocation: &Invocation) -> ProblemRow<'_> {
        let (line, column) = self.location.position.unzip();
        ProblemRow {
            code: self.code,
            severity: self.severity(),
            message: &self.message,
            hint: self.hint(invocation),
            command: self.hints.iter().find_map(|hint| hint.command(invocation)),
            file: self.location.file.as_deref(),
            environment: self.environment.as_deref(),
            line,
            column,
        }
    }

    /// Whether two problems differ in whose they are at most.
    pub(in crate::cli) fn is_like(&self, other: &Self) -> bool {
        self.drawn.is_none()
            && other.drawn.is_none()
            && (self.code, &self.hints) == (other.code, &other.hints)
            && without_ray(&self.message) == without_ray(&other.message)
    }

    /// How much it matters.
    #[must_use]
    pub(in crate::cli) fn severity(&self) -> Severity {
        self.drawn.as_ref().map_or(Severity::Error, |diagnostic| diagnostic.severity)
    }
}

impl From<Diagnostic> for Problem {
    fn from(diagnostic: Diagnostic) -> Self {
        let position = diagnostic.position().map(|position| (position.line, position.column));
        let problem =
            Self::new(Code::Diagnostic(diagnostic.code), diagnostic.message.clone(), diagnostic.hint.clone());
        Self {
            location: Location { file: Some(diagnostic.source.path.clone()), position },
            drawn: Some(Box::new(diagnostic)),
            ..problem
        }
    }
}

/// A message without the id that Cloudflare gives each answer.
fn without_ray(message: &str) -> String {
    let Some((before, rest)) = message.split_once(" [ray ") else { return message.to_owned() };
    let after = rest.split_once(']').map_or("", |(_, after)| after);
    format!("{before}{after}")
}

/// The bootstrap of an account where a user's is needed to make a profile's token.
pub(in crate::cli) fn account_bootstrap() -> Problem {
    Problem::new(
        Code::BootstrapAccountOwned,
        "the bootstrap belongs to an account (cfat_…) and cannot make a user's tokens",
        "write `owner: { account: NAME }` in the profile, or use a user's bootstrap (cfut_…)",
    )
}

/// The bootstrap of an account where no account is named.
pub(in crate::cli) fn account_unnamed() -> Problem {
    Problem::new(
        Code::BootstrapAccountOwned,
        "the bootstrap belongs to an account (cfat_…) and sees no user's tokens",
        "name the account: --account NAME-or-ID",
    )
}

/// The id of a token as it was typed, in lower case.
pub(in crate::cli) fn token_id(typed: &str) -> Result<String, Problem> {
    if crate::profile::is_id(typed) {
        return Ok(typed.to_ascii_lowercase());
    }
    Err(Problem::new(
        Code::UsageId,
        format!("`{typed}` is not an id"),
        "an id has 32 hexadecimal digits; the address of the token's page in the dashboard ends with it",
    ))
}

/// A live token that no profile can say.
pub(in crate::cli) fn inexpressible(message: String) -> Problem {
    Problem::new(
        Code::ProfileInexpressible,
        message,
        "write a profile for what you need: its token replaces this one",
    )
}

/// No port of this machine can be listened on.
pub(in crate::cli) fn no_free_port(error: &std::io::Error) -> Problem {
    Problem::new(
        Code::LearnPort,
        format!("cfmint cannot listen on a free port of 127.0.0.1: {error}"),
        "let cfmint open a port on this machine, or read a log instead: cfmint learn --from FILE",
    )
}
