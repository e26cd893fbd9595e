//! What to do about a problem, as data: a sentence and, where there is one, a command line built from arguments.
//!
//! A command line of cfmint is said through an [`Invocation`] alone, which adds what leads it to the same API, the same
//! state folder and the same reading of the profiles: none of it can be forgotten where a hint is written.

use std::path::Path;

use super::invocation::Invocation;
use crate::cloudflare::TokenOwner;
use crate::sink::shell_word;

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

/// A command to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum CommandLine {
    /// A command of cfmint's.
    Cfmint {
        /// Its name.
        name: &'static str,
        /// What it is about.
        about: About,
        /// Its options, each word as a shell reads it.
        options: Vec<String>,
    },
    /// The command that was typed, with one more option.
    Again {
        /// The option.
        option: &'static str,
    },
    /// Another program's, as a shell reads it.
    Shell(String),
}

/// What a command is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum About {
    /// The account or the user as a whole.
    Owner,
    /// One profile in one environment.
    Profile(ProfileArguments),
    /// The profiles that were typed.
    SameProfiles,
    /// A profile that the reader has to name.
    AnyProfile,
}

/// A profile in one environment, as it is typed after a command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::cli) struct ProfileArguments {
    /// The file's path.
    pub(in crate::cli) path: String,
    /// The environment, where it has one.
    pub(in crate::cli) environment: Option<String>,
}

impl ProfileArguments {
    /// The words: a path and an environment.
    pub(in crate::cli) fn words(&self) -> String {
        let environment = self.environment.as_ref().map(|name| format!(" -e {}", shell_word(name.as_ref())));
        format!("{}{}", shell_word(self.path.as_ref()), environment.unwrap_or_default())
    }
}

impl CommandLine {
    /// A command of cfmint's.
    pub(in crate::cli) fn new(name: &'static str, about: About) -> Self {
        Self::Cfmint { name, about, options: Vec::new() }
    }

    /// A command about one profile.
    pub(in crate::cli) fn about(name: &'static str, profile: &ProfileArguments) -> Self {
        Self::new(name, About::Profile(profile.clone()))
    }

    /// The command that ends a token.
    pub(in crate::cli) fn revoke(owner: &TokenOwner, id: &str) -> Self {
        Self::new("revoke", About::Owner).option("--id", id).of(owner)
    }

    /// Another program's command.
    pub(in crate::cli) fn shell(line: impl Into<String>) -> Self {
        Self::Shell(line.into())
    }

    /// Another program's command that is about a path.
    pub(in crate::cli) fn on_path(program: &str, path: &Path) -> Self {
        Self::Shell(format!("{program} {}", shell_word(path)))
    }

    /// The same, with an option and its value.
    pub(in crate::cli) fn option(self, name: &str, value: &str) -> Self {
        self.flag(name).flag(&shell_word(value.as_ref()))
    }

    /// The same, with an option that has no value.
    pub(in crate::cli) fn flag(mut self, word: &str) -> Self {
        if let Self::Cfmint { options, .. } = &mut self {
            options.push(word.to_owned());
        }
        self
    }

    /// The same, among the tokens of an owner.
    pub(in crate::cli) fn of(self, owner: &TokenOwner) -> Self {
        match owner {
            TokenOwner::User => self,
            TokenOwner::Account(account) => self.option("--account", account),
        }
    }
}
