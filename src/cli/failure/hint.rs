//! What to do about a problem, as data: a sentence and, where there is one, a command line.

use super::command_line::CommandLine;
use super::invocation::Invocation;

/// What to do, one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Hint {
    text: String,
    command: Option<CommandLine>,
}

impl Hint {
    /// A sentence.
    pub(in crate::cli) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), command: None }
    }

    /// A sentence, and the command that does it.
    pub(in crate::cli) fn run(text: impl Into<String>, command: CommandLine) -> Self {
        Self { text: text.into(), command: Some(command) }
    }

    /// The line as people read it.
    pub(in crate::cli) fn line(&self, invocation: &Invocation) -> String {
        match &self.command {
            None => self.text.clone(),
            Some(command) if self.text.is_empty() => invocation.line(command),
            Some(command) => format!("{}: {}", self.text, invocation.line(command)),
        }
    }

    /// The command, ready to be pasted.
    pub(in crate::cli) fn command(&self, invocation: &Invocation) -> Option<String> {
        self.command.as_ref().map(|command| invocation.line(command))
    }
}

/// The hints of one problem.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli) struct Hints(pub(in crate::cli) Vec<Hint>);

impl From<Hint> for Hints {
    fn from(hint: Hint) -> Self {
        Self(vec![hint])
    }
}

impl<const N: usize> From<[Hint; N]> for Hints {
    fn from(hints: [Hint; N]) -> Self {
        Self(hints.into())
    }
}

impl From<Vec<Hint>> for Hints {
    fn from(hints: Vec<Hint>) -> Self {
        Self(hints)
    }
}

impl From<&str> for Hints {
    fn from(text: &str) -> Self {
        Self(text.lines().map(Hint::text).collect())
    }
}

impl From<String> for Hints {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}
