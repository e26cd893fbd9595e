//! What the guard refuses beyond git's own words: each variant is a situation, with its code.

use std::io;
use std::path::PathBuf;

use super::version_control::VersionControl;
use crate::sink::SinkCode;

/// Why a file that git itself has nothing to say about may not hold a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// The file belongs to a repository itself.
    #[error("`{shown}` is in {}, which belongs to a repository: its programs obey what is written there", folder.display())]
    InRepository {
        /// The file, for a person.
        shown: String,
        /// The folder of the repository.
        folder: PathBuf,
    },
    /// Another system than git tracks the file.
    #[error("`{shown}` is tracked by {system}, so the secret would be committed")]
    Tracked {
        /// The file, for a person.
        shown: String,
        /// The system.
        system: VersionControl,
        /// The command that ends this and leaves the file where it is.
        untrack: String,
    },
    /// Mercurial does not ignore the file, or the temporary file that replaces it.
    #[error("`{shown}` is not ignored by Mercurial")]
    NotIgnored {
        /// The file, for a person.
        shown: String,
        /// The lines that would make it ignored.
        line: String,
        /// The ignore file to add them to.
        file: PathBuf,
    },
    /// The program that could answer is not there.
    #[error("{} is a {system} work tree, but `{program}` cannot be run ({source}), so it is not known \
        what it commits", work_tree.display())]
    NoProgram {
        /// The root of the work tree.
        work_tree: PathBuf,
        /// The system.
        system: VersionControl,
        /// The program.
        program: &'static str,
        /// Why it did not start.
        source: io::Error,
    },
    /// The program did not answer.
    #[error("{} is a {system} work tree, and `{program}` cannot say what it commits: {message}", work_tree.display())]
    Unanswered {
        /// The root of the work tree.
        work_tree: PathBuf,
        /// The system.
        system: VersionControl,
        /// The program.
        program: &'static str,
        /// Its words.
        message: String,
    },
}

impl GuardError {
    /// The code of the situation.
    #[must_use]
    pub fn code(&self) -> SinkCode {
        match self {
            Self::InRepository { .. } => SinkCode::InRepository,
            Self::Tracked { .. } => SinkCode::Tracked,
            Self::NotIgnored { .. } => SinkCode::NotIgnored,
            Self::NoProgram { .. } | Self::Unanswered { .. } => SinkCode::Unanswered,
        }
    }
}
