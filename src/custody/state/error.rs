//! Why there is no state folder or no lock: each variant is a situation, with its code, its sentence and what to do.

use std::io;
use std::path::{Path, PathBuf};

use super::{LOCK_POLL, LOCK_TRIES};
use crate::sink::{SinkError, VersionControl};

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
    #[error("{} is not a folder, and the state folder belongs there", path.display())]
    NoFolder {
        /// The path.
        path: PathBuf,
    },
    /// A symbolic link stands at its path, and would lead temporary files to where nobody has looked.
    #[error("{} is a symbolic link, and the state folder must be a real folder", path.display())]
    Link {
        /// The path.
        path: PathBuf,
    },
    /// It holds what is not of a state folder.
    #[error("{} has other files, and git ignores everything in a state folder", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// It, or a file in it, belongs to another user.
    #[error("{} belongs to another user (number {owner}), and the state folder must be yours alone", path.display())]
    OtherOwner {
        /// What belongs to another.
        path: PathBuf,
        /// The number of its owner.
        owner: u32,
        /// The number of the user that this process acts as.
        user: u32,
    },
    /// Others than its owner may write it, or a file in it.
    #[error("others may write to {} (mode {mode:o}), and the state folder must be yours alone", path.display())]
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
        system: VersionControl,
        /// The command that ends this and leaves the files where they are.
        untrack: String,
    },
    /// Nobody can say whether it is tracked.
    #[error("it is not known whether the state folder {} is tracked: {cause}", path.display())]
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
    #[error("another run of cfmint is active here and did not end within {} s", (LOCK_POLL * LOCK_TRIES).as_secs())]
    Locked,
    /// A signal asked to stop while another run held the lock.
    #[error("stopped by a signal while another run of cfmint was active here")]
    Interrupted,
}

/// What a refusal of the system means for the folder at this path.
pub(super) fn unusable(path: &Path) -> impl Fn(io::Error) -> StateError + '_ {
    |error| StateError::Unusable { path: path.to_owned(), error }
}
