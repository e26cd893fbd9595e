//! The sinks of a run: located, guarded and proven before any request, read for whose secret they hold
//! (`places`), and written when there is one to deliver (`delivery`).

mod delivery;
mod places;

use std::path::Path;

pub use delivery::Written;
pub(super) use delivery::{
    Delivery, Previous, Started, Target, Undelivered, clear, deliver, dies_with_token, look_again, put_back,
};
pub use places::SecretPlace;
pub(super) use places::{is_stale, read_places};

use crate::profile::{Profile, Sink, SinkValue};
use crate::sink::{EnvFile, FixGitignore, Guarded, Program, Root, SinkError, Staging, guard};
use crate::world::World;

/// A sink of a profile, its place known.
pub enum Located {
    /// Variables of an env file.
    EnvFile {
        /// The real file.
        file: EnvFile,
        /// Variable to value.
        variables: Vec<(String, SinkValue)>,
    },
    /// A program.
    Command {
        /// The program.
        command: Program,
        /// What it reads.
        input: SinkValue,
    },
}

impl Located {
    /// What a person calls it.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::EnvFile { file, .. } => file.shown().to_owned(),
            Self::Command { command, .. } => command.called().to_owned(),
        }
    }

    /// The folder it is in, if it is a file.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::EnvFile { file, .. } => Some(file.folder()),
            Self::Command { .. } => None,
        }
    }

    /// What it asks for.
    pub(super) fn values(&self) -> Vec<SinkValue> {
        match self {
            Self::EnvFile { variables, .. } => variables.iter().map(|(_, value)| *value).collect(),
            Self::Command { input, .. } => vec![*input],
        }
    }

    /// The variables it sets; none for a program.
    #[must_use]
    pub fn variables(&self) -> Vec<&str> {
        match self {
            Self::EnvFile { variables, .. } => variables.iter().map(|(name, _)| name.as_str()).collect(),
            Self::Command { .. } => Vec::new(),
        }
    }
}

/// Finds the real place of each sink of a profile, and says why some have none.
pub(super) fn locate(world: &dyn World, root: &Root, profile: &Profile) -> (Vec<Located>, Vec<SinkError>) {
    let mut errors = Vec::new();
    let mut located = Vec::new();
    for sink in &profile.sinks {
        match sink {
            Sink::EnvFile { path, variables, .. } => match EnvFile::locate(world, root, &path.value) {
                Ok(file) => located.push(Located::EnvFile {
                    file,
                    variables: variables.iter().map(|(name, value)| (name.value.clone(), *value)).collect(),
                }),
                Err(error) => errors.push(error),
            },
            Sink::Command { argv, input, .. } => {
                located.push(Located::Command { command: Program::new(root, &argv.value), input: *input });
            }
        }
    }
    (located, errors)
}

/// Asks git about all env files of a run at once.
pub(super) fn guard_all(
    world: &dyn World,
    root: &Root,
    located: &[&Located],
    fix: FixGitignore,
) -> Result<Vec<Guarded>, Vec<SinkError>> {
    let files: Vec<&EnvFile> = located
        .iter()
        .filter_map(|sink| match sink {
            Located::EnvFile { file, .. } => Some(file),
            Located::Command { .. } => None,
        })
        .collect();
    guard(world, root, &files, fix)
}

/// Proves that every sink could be written now.
pub(super) fn prove(world: &dyn World, stage: &Staging, located: &[&Located]) -> Result<(), Vec<SinkError>> {
    let failures = located.iter().filter_map(|sink| {
        match sink {
            Located::EnvFile { file, .. } => file.prove(world, stage, &mut |_| Ok(())),
            Located::Command { command, .. } => command.prove(world),
        }
        .err()
    });
    let failures: Vec<SinkError> = failures.collect();
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}
