//! A command to run, built from arguments.
//!
//! It has no text of its own: an [`Invocation`](super::invocation::Invocation) says it, and adds what leads it to the
//! same API, the same state folder and the same reading of the profiles.

use std::path::Path;

use crate::cloudflare::TokenOwner;
use crate::profile::Profile;
use crate::sink::shell_word;

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
        /// The option, as a shell reads it.
        option: String,
    },
    /// One that overwrites what is not the profile's: the command that was typed, where it can.
    Overwrite(About),
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
    /// Those of a profile, in the environment that it is resolved for.
    pub(in crate::cli) fn of(profile: &Profile) -> Self {
        Self { path: profile.source.path.clone(), environment: profile.environment.clone() }
    }

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

    /// The command that was typed, with one more option.
    pub(in crate::cli) fn again(option: impl Into<String>) -> Self {
        Self::Again { option: option.into() }
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
