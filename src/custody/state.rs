//! The state folder: where temporary files are staged and where the lock is.
//!
//! A path comes in; a folder that is ours alone goes out, and its lock. It ignores itself in git, and so it is never
//! a folder in which somebody else has files. Opening it only looks: it is made when a lock in it is taken, and a run
//! that is refused before leaves nothing behind.

mod error;
mod judge;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::StateError;

use self::error::unusable;
use self::judge::{FolderStanding, judge, may_be_made};
use crate::world::World;

/// The name of the state folder, below the root.
pub const FOLDER: &str = ".cfmint";

/// What keeps a folder out of git, and the text that does.
const IGNORE: &str = ".gitignore";
const EVERYTHING: &[u8] = b"*\n";

/// What cfmint keeps in a state folder, but for temporary files; what is to replace one of them ends in `.new`.
const KEPT: [&str; 5] = ["lock", "journal", "marks", "emulator.lock", "emulator.json"];

/// How often, and for how long, a lock that another run holds is asked for.
const LOCK_POLL: Duration = Duration::from_millis(250);
const LOCK_TRIES: u32 = 120;

/// The same for a lock that somebody most likely holds only while the note is changed.
const BRIEF_POLL: Duration = Duration::from_millis(10);
const BRIEF_TRIES: u32 = 50;

/// A state folder that is ours, or the place for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFolder {
    path: PathBuf,
}

/// Holds the state folder's lock until it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Drop for Lock {
    /// Unlocks, although a program that inherited the descriptor may still run in the background.
    fn drop(&mut self) {
        self.file.unlock().ok();
    }
}

impl Lock {
    /// The descriptor that holds the lock; a program that inherits it holds the lock too, until it ends.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }
}

impl StateFolder {
    /// Judges what stands at the path, for a run that will write: a folder that is not ours alone is refused. Nothing
    /// is made; one that is missing is made when a lock in it is taken.
    pub fn open(world: &dyn World, path: &Path) -> Result<Self, StateError> {
        if judge(world, path)? == FolderStanding::Foreign {
            return Err(StateError::Foreign { path: path.components().collect() });
        }
        Ok(Self { path: path.to_owned() })
    }

    /// The same for a run that only reads: `None` where there is no state folder, and so nothing to read.
    pub fn look(world: &dyn World, path: &Path) -> Result<Option<Self>, StateError> {
        let standing = judge(world, path)?;
        Ok((standing == FolderStanding::Ours).then(|| Self { path: path.to_owned() }))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lock, waiting a while for another run to end. The folder is made where it is missing.
    pub async fn lock(&self, world: &dyn World) -> Result<Lock, StateError> {
        self.lock_named(world, "lock").await
    }

    /// Takes the lock for no longer than it takes to change the note: a holder that does the same is waited for
    /// silently.
    pub(super) async fn lock_briefly(&self, world: &dyn World) -> Result<Lock, StateError> {
        match self.lock_soon(world).await? {
            Some(lock) => Ok(lock),
            None => self.lock(world).await,
        }
    }

    /// Takes the lock if nobody holds it for more than a moment.
    pub(super) async fn lock_soon(&self, world: &dyn World) -> Result<Option<Lock>, StateError> {
        self.make(world)?;
        for _ in 0..BRIEF_TRIES {
            let lock = world.try_lock(&self.path.join("lock")).map_err(unusable(&self.path))?;
            if let Some(file) = lock {
                return Ok(Some(Lock { file }));
            }
            tokio::time::sleep(BRIEF_POLL).await;
        }
        Ok(None)
    }

    /// Takes a lock of another name, for what has nothing to do with custody.
    pub async fn lock_named(&self, world: &dyn World, name: &str) -> Result<Lock, StateError> {
        self.make(world)?;
        let path = self.path.join(name);
        for waited in 0..LOCK_TRIES {
            let lock = world.try_lock(&path).map_err(unusable(&self.path))?;
            if let Some(file) = lock {
                return Ok(Lock { file });
            }
            if world.interrupted().is_some() {
                return Err(StateError::Interrupted);
            }
            if waited == 0 {
                tracing::warn!("another run of cfmint is active here; waiting for it to end");
            }
            tokio::time::sleep(LOCK_POLL).await;
        }
        Err(StateError::Locked)
    }

    /// Makes the folder (mode 0700) and its `.gitignore` where they are missing.
    fn make(&self, world: &dyn World) -> Result<(), StateError> {
        if world.look(&self.path).map_err(unusable(&self.path))?.is_none() {
            may_be_made(world, &self.path)?;
            match world.create_folder(&self.path, 0o700) {
                // What is kept in it for the time after a power cut is lost with it.
                Ok(()) => world
                    .sync_folder(self.path.parent().unwrap_or(&self.path))
                    .map_err(unusable(&self.path))?,
                // Another run was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    Self::open(world, &self.path)?;
                }
                Err(error) => return Err(unusable(&self.path)(error)),
            }
        }
        ignore_all(world, &self.path.join(IGNORE)).map_err(unusable(&self.path))
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
