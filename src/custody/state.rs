//! The state folder: where temporary files are staged and where the lock is. It ignores itself in git, and so it is
//! never a folder in which somebody else has files.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::world::{EntryKind, World};

/// The name of the state folder, below the root.
pub const FOLDER: &str = ".cfmint";

/// What keeps a folder out of git, and the text that does.
const IGNORE: &str = ".gitignore";
const EVERYTHING: &[u8] = b"*\n";

/// What cfmint keeps in a state folder, but for temporary files; what is to replace one of them ends in `.new`.
const KEPT: [&str; 4] = ["lock", "journal", "emulator.lock", "emulator.json"];
/// What a fresh volume holds, such as the one that a `CronJob` keeps its state folder on.
const OF_VOLUME: &str = "lost+found";
/// What the name of each temporary file holds.
const TEMPORARY: &str = ".cfmint-";

/// How often, and for how long, a lock that another run holds is asked for.
const LOCK_POLL: Duration = Duration::from_millis(250);
const LOCK_TRIES: u32 = 120;

/// A state folder that exists and can be written.
pub struct StateFolder {
    path: PathBuf,
}

/// Holds the state folder's lock until it is dropped.
pub struct Lock {
    file: File,
}

impl Lock {
    /// The locked file, which programs inherit.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for Lock {
    /// Unlocks, although a program that inherited the descriptor may still run in the background.
    fn drop(&mut self) {
        self.file.unlock().ok();
    }
}

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
    /// It holds what is not of a state folder.
    #[error("{} has files of its own, and the state folder keeps everything in it out of git", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// Another run holds the lock.
    #[error("another run of cfmint is at work here and did not end within {} s", (LOCK_POLL * LOCK_TRIES).as_secs())]
    Locked,
    /// A signal asked to stop while another run held the lock.
    #[error("stopped by a signal while another run of cfmint was at work here")]
    Interrupted,
}

/// Whether a folder that exists may become or stay a state folder: by its name, or because git ignores all of it
/// already, or because nothing of anybody else is in it. The last is what a run leaves that died while it made it.
fn is_ours(world: &dyn World, folder: &Path) -> io::Result<bool> {
    if folder.file_name() == Some(OsStr::new(FOLDER)) {
        return Ok(true);
    }
    let ignore = folder.join(IGNORE);
    let longest = u64::try_from(EVERYTHING.len()).unwrap_or_default();
    let text = match world.look(&ignore)? {
        None => Vec::new(),
        Some(entry) if entry.kind == EntryKind::File && entry.length <= longest => {
            world.read(&ignore, 4096)?
        }
        Some(_) => return Ok(false),
    };
    let is_kept = |name: &str| {
        let whole = name.strip_suffix(".new").unwrap_or(name);
        [IGNORE, OF_VOLUME].contains(&name) || KEPT.contains(&whole) || name.contains(TEMPORARY)
    };
    match text.as_slice() {
        EVERYTHING | b"*" => Ok(true),
        b"" => Ok(world.list(folder)?.iter().all(|name| name.to_str().is_some_and(is_kept))),
        _ => Ok(false),
    }
}

/// Sees to it that git ignores the folder, whatever an interrupted run or a person left in its `.gitignore`.
fn ignore_all(world: &dyn World, ignore: &Path) -> io::Result<()> {
    if world.look(ignore)?.is_some() {
        if world.read(ignore, 4096).is_ok_and(|text| text == EVERYTHING) {
            return Ok(());
        }
        world.remove(ignore)?;
    }
    match world.create(ignore, 0o600) {
        Ok(mut file) => world.write(&mut file, EVERYTHING),
        // Another run was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

impl StateFolder {
    /// Opens the folder, making it (mode 0700) and its `.gitignore` where they are missing. One with files of
    /// somebody else is refused, and nothing is written in it.
    pub fn open(world: &dyn World, path: &Path) -> Result<Self, StateError> {
        let unusable = |error| StateError::Unusable { path: path.to_owned(), error };
        match world.look(path).map_err(unusable)? {
            // A link would lead temporary files with secrets to where nobody has looked.
            Some(entry) if entry.kind == EntryKind::Folder => {
                if !is_ours(world, path).map_err(unusable)? {
                    return Err(StateError::Foreign { path: path.components().collect() });
                }
            }
            Some(_) => return Err(StateError::NoFolder { path: path.to_owned() }),
            None => world.create_folder(path, 0o700).map_err(unusable)?,
        }
        ignore_all(world, &path.join(IGNORE)).map_err(unusable)?;
        Ok(Self { path: path.to_owned() })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lock, waiting a while for another run to end.
    pub async fn lock(&self, world: &dyn World) -> Result<Lock, StateError> {
        self.lock_named(world, "lock").await
    }

    /// Takes a lock of another name, for what has nothing to do with custody.
    pub async fn lock_named(&self, world: &dyn World, name: &str) -> Result<Lock, StateError> {
        let path = self.path.join(name);
        for waited in 0..LOCK_TRIES {
            let lock = world
                .try_lock(&path)
                .map_err(|error| StateError::Unusable { path: self.path.clone(), error })?;
            if let Some(file) = lock {
                return Ok(Lock { file });
            }
            if world.interrupted().is_some() {
                return Err(StateError::Interrupted);
            }
            if waited == 0 {
                tracing::warn!("another run of cfmint is at work here; waiting for it to end");
            }
            tokio::time::sleep(LOCK_POLL).await;
        }
        Err(StateError::Locked)
    }
}
