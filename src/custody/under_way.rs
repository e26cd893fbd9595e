//! Commands under way: each holds the lock of a file of its own, called after the mark of its token.
//!
//! A command may take hours, so its run does not hold the state folder's lock meanwhile; and yet another run must know
//! whether the token of a noted mark is in use. The lock says so: the run holds it, and the command inherits it, so that
//! it is held until both are gone, even if one is killed. The file is empty, and where it is missing, nobody is under way.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::plan::Mark;
use crate::world::World;

/// What the names of these files begin with; the mark follows.
const PREFIX: &str = "exec-";

/// The file of a command under way, and its lock.
pub(super) struct UnderWay {
    path: PathBuf,
    file: File,
}

impl UnderWay {
    /// Makes the file and takes its lock. To be done under the state folder's lock, before the mark is noted.
    pub(super) fn begin(world: &dyn World, folder: &Path, mark: &Mark) -> io::Result<Self> {
        let path = path(folder, mark);
        let file = world.create(&path, 0o600)?;
        Ok(Self { path, file })
    }

    /// What a program inherits to hold the lock as well.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Removes the file: the token is gone, or nobody uses it any more.
    pub(super) fn end(self, world: &dyn World) {
        remove(world, &self.path);
    }
}

/// Whether the command of a noted mark is known to be over. What cannot be asked may be under way.
pub(super) fn is_over(world: &dyn World, folder: &Path, mark: &Mark) -> bool {
    is_free(world, &path(folder, mark))
}

/// Whether a file in the state folder may be one of these.
pub(super) fn is_file_name(name: &str) -> bool {
    name.strip_prefix(PREFIX).and_then(Mark::parse).is_some()
}

/// Removes the files of commands that were killed. Only under the state folder's lock: nobody is just making one.
pub(super) fn sweep(world: &dyn World, folder: &Path) {
    let Ok(names) = world.list(folder) else { return };
    let ours = names.iter().filter(|name| name.to_str().is_some_and(is_file_name));
    for path in ours.map(|name| folder.join(name)).filter(|path| is_free(world, path)) {
        remove(world, &path);
    }
}

fn is_free(world: &dyn World, path: &Path) -> bool {
    match world.look(path) {
        Ok(None) => true,
        Ok(Some(_)) => matches!(world.try_lock(path), Ok(Some(_))),
        Err(_) => false,
    }
}

fn remove(world: &dyn World, path: &Path) {
    if let Err(error) = world.remove(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!("{} could not be removed: {error}; this loses nothing", path.display());
    }
}

fn path(folder: &Path, mark: &Mark) -> PathBuf {
    folder.join(format!("{PREFIX}{mark}"))
}
