//! Why there is no state folder or no lock: each variant is a situation, with its code, its sentence and what to do.

use std::io;
use std::path::{Path, PathBuf};

use super::{FOLDER, LOCK_POLL, LOCK_TRIES};
use crate::sink::{SinkError, shell_word};

/// Why there is no state folder or no lock.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be made or written.
    #[error("the state folder {} cannot be used: {error}", path.display())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Something else stands at its path.
    #[error("{} is not a folder of its own, and the state folder belongs there", path.display())]
    NoFolder {
        /// The path.
        path: PathBuf,
    },
    /// A symbolic link stands at its path, and would lead temporary files to where nobody has looked.
    #[error("{} is a symbolic link, not a folder of its own, and the state folder belongs there", path.display())]
    Link {
        /// The path.
        path: PathBuf,
    },
    /// It holds what is not of a state folder.
    #[error("{} has files of its own, and the state folder keeps everything in it out of git", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// It, or a file in it, belongs to another user.
    #[error("{} belongs to another user (number {owner}), and the state folder must be ours alone", path.display())]
    OtherOwner {
        /// What belongs to another.
        path: PathBuf,
        /// The number of its owner.
        owner: u32,
        /// The number of the user that this process acts as.
        user: u32,
    },
    /// Others than its owner may write it, or a file in it.
    #[error("others may write to {} (mode {mode:o}), and the state folder must be ours alone", path.display())]
    OpenToOthers {
        /// What others may write.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Something else than a plain file stands in the place of a file.
    #[error("{} is {what}, and the state folder holds plain files only", path.display())]
    NotPlain {
        /// Where it stands.
        path: PathBuf,
        /// What it is, with its article.
        what: &'static str,
    },
    /// A repository has files of it, so others can change what is in it.
    #[error("the state folder {} is tracked by {system}, so whoever can commit can write in it", path.display())]
    Tracked {
        /// The folder.
        path: PathBuf,
        /// The program that tracks it.
        system: &'static str,
        /// The command that ends this and leaves the files where they are.
        untrack: String,
    },
    /// Nobody can say whether it is tracked.
    #[error("nobody can say whether the state folder {} is tracked: {cause}", path.display())]
    Unasked {
        /// The folder.
        path: PathBuf,
        /// Why not.
        cause: SinkError,
    },
    /// Root would make it in a folder of another user, who could not use it any more.
    #[error(
        "the state folder {} would belong to root, in a folder of another user (number {owner}), who could not use \
         it any more",
        path.display()
    )]
    AnothersTree {
        /// Where it would be.
        path: PathBuf,
        /// The number of the user to whom the folder around it belongs.
        owner: u32,
    },
    /// Another run holds the lock.
    #[error("another run of cfmint is at work here and did not end within {} s", (LOCK_POLL * LOCK_TRIES).as_secs())]
    Locked,
    /// A signal asked to stop while another run held the lock.
    #[error("stopped by a signal while another run of cfmint was at work here")]
    Interrupted,
}

impl StateError {
    /// The stable code of the situation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unusable { .. } | Self::NoFolder { .. } | Self::Foreign { .. } => "state.unusable",
            Self::Link { .. } => "state.link",
            Self::OtherOwner { .. } => "state.other-owner",
            Self::OpenToOthers { .. } => "state.open-to-others",
            Self::NotPlain { .. } => "state.not-plain",
            Self::Tracked { .. } => "state.tracked",
            Self::Unasked { cause, .. } => cause.code(),
            Self::AnothersTree { .. } => "state.another-tree",
            Self::Locked => "state.locked",
            Self::Interrupted => "custody.interrupted",
        }
    }

    /// What to do: a command or a line to paste.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unusable { .. } | Self::NoFolder { .. } => {
                "name a folder that can be written: --state-dir FOLDER".to_owned()
            }
            Self::Link { path } => format!(
                "name the folder that is meant: --state-dir FOLDER\n\
                 or remove the link, and a folder is made: rm {}",
                shell_word(path)
            ),
            Self::Foreign { path } => {
                format!(
                    "name a folder that does not exist yet: --state-dir {}",
                    shell_word(&path.join(FOLDER))
                )
            }
            Self::OtherOwner { path, owner, user: 0 } => {
                format!("{}\nor let it be made anew: rm -r {}", as_user(*owner), shell_word(path))
            }
            Self::OtherOwner { path, .. } => {
                format!("let it be made anew, as your own: sudo rm -r {}", shell_word(path))
            }
            Self::OpenToOthers { path, .. } => {
                format!("see what is in it, then: chmod go-w {}", shell_word(path))
            }
            Self::NotPlain { path, .. } => {
                format!("see who made it, then remove it: rm -r {}", shell_word(path))
            }
            Self::Tracked { untrack, .. } => untrack.clone(),
            Self::Unasked { cause, .. } => {
                format!("{}\nor name a folder outside the work tree: --state-dir FOLDER", cause.hint())
            }
            Self::AnothersTree { path, owner } => format!(
                "{}\nor, if root is meant to work here, make it first: mkdir -m 700 {}",
                as_user(*owner),
                shell_word(path)
            ),
            Self::Locked => "wait for the other run, then run the same command again".to_owned(),
            Self::Interrupted => "run the same command again".to_owned(),
        }
    }
}

fn as_user(owner: u32) -> String {
    format!("run the same command as that user: sudo -u '#{owner}' …")
}

/// What a refusal of the system means for the folder at this path.
pub(super) fn unusable(path: &Path) -> impl Fn(io::Error) -> StateError + '_ {
    |error| StateError::Unusable { path: path.to_owned(), error }
}
