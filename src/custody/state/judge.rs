//! What stands where the state folder belongs -> whether it may be one. Only looks; nothing is made or changed.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::error::{StateError, unusable};
use super::{EVERYTHING, FOLDER, IGNORE, KEPT};
use crate::custody::under_way::is_file_name;
use crate::sink::{SinkError, tracked_below};
use crate::world::{EntryKind, FolderEntry, World};

/// What a fresh volume holds, such as the one that a `CronJob` keeps its state folder on.
const OF_VOLUME: &str = "lost+found";
/// What the name of each temporary file holds.
const TEMPORARY: &str = ".cfmint-";

/// What stands at the path of a state folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FolderStanding {
    /// Nothing.
    Missing,
    /// A state folder, which may be trusted.
    Ours,
    /// A folder of somebody's files, of which nothing is read or written.
    Foreign,
}

/// Judges what stands at a path. What is in a state folder decides what a run does, so it must be nobody's but ours.
pub(super) fn judge(world: &dyn World, path: &Path) -> Result<FolderStanding, StateError> {
    let Some(entry) = world.look(path).map_err(unusable(path))? else { return Ok(FolderStanding::Missing) };
    match entry.kind {
        EntryKind::Folder => {}
        EntryKind::Link => return Err(StateError::Link { path: path.to_owned() }),
        EntryKind::File | EntryKind::Special => {
            return Err(StateError::NoFolder { path: path.to_owned() });
        }
    }
    let names = world.list(path).map_err(unusable(path))?;
    if !is_state_folder(world, path, &names).map_err(unusable(path))? {
        return Ok(FolderStanding::Foreign);
    }
    owned(world, path, entry)?;
    for name in &names {
        let file = path.join(name);
        let Some(entry) = world.look(&file).map_err(unusable(path))? else { continue };
        match entry.kind {
            EntryKind::File => owned(world, &file, entry)?,
            EntryKind::Folder if !is_kept(name) => {}
            EntryKind::Folder => return Err(StateError::NotPlain { path: file, what: "a folder" }),
            EntryKind::Link => return Err(StateError::NotPlain { path: file, what: "a symbolic link" }),
            EntryKind::Special => {
                return Err(StateError::NotPlain { path: file, what: "a FIFO, a socket or a device" });
            }
        }
    }
    untracked(world, path)?;
    Ok(FolderStanding::Ours)
}

/// Refuses to make the folder where it would be in its owner's way: root works in another user's tree by accident
/// more often than not, and what it makes there locks that user out.
pub(super) fn may_be_made(world: &dyn World, path: &Path) -> Result<(), StateError> {
    if world.user() != 0 {
        return Ok(());
    }
    let around = path.parent().unwrap_or(path);
    let around = world.real_path(around).map_err(unusable(path))?;
    match world.look(&around).map_err(unusable(path))? {
        Some(entry) if entry.owner != 0 => {
            Err(StateError::AnothersTree { path: path.to_owned(), owner: entry.owner })
        }
        _ => Ok(()),
    }
}

/// Refuses what belongs to others, or what they may write.
fn owned(world: &dyn World, path: &Path, entry: FolderEntry) -> Result<(), StateError> {
    let (path, user) = (path.to_owned(), world.user());
    if entry.owner != user {
        return Err(StateError::OtherOwner { path, owner: entry.owner, user });
    }
    if entry.mode & 0o022 != 0 {
        return Err(StateError::OpenToOthers { path, mode: entry.mode });
    }
    Ok(())
}

/// Refuses a folder of which a repository has files: a checkout would bring forged ones.
fn untracked(world: &dyn World, path: &Path) -> Result<(), StateError> {
    match tracked_below(world, path) {
        Ok(None) => Ok(()),
        Ok(Some(tracked)) => Err(StateError::Tracked {
            path: path.to_owned(),
            system: tracked.system,
            untrack: tracked.untrack,
        }),
        Err(cause) => Err(unasked(path, cause)),
    }
}

fn unasked(path: &Path, cause: SinkError) -> StateError {
    StateError::Unasked { path: path.to_owned(), cause }
}

/// Whether a folder that exists may become or stay a state folder: by its name, or because git ignores all of it
/// already, or because nothing of anybody else is in it. The last is what a run leaves that died while it made it.
fn is_state_folder(world: &dyn World, folder: &Path, names: &[std::ffi::OsString]) -> io::Result<bool> {
    if folder.file_name() == Some(OsStr::new(FOLDER)) {
        return Ok(true);
    }
    let ignore: PathBuf = folder.join(IGNORE);
    let longest = u64::try_from(EVERYTHING.len()).unwrap_or_default();
    let text = match world.look(&ignore)? {
        None => Vec::new(),
        Some(entry) if entry.kind == EntryKind::File && entry.length <= longest => {
            world.read(&ignore, 4096)?
        }
        Some(_) => return Ok(false),
    };
    match text.as_slice() {
        EVERYTHING | b"*" => Ok(true),
        b"" => Ok(names.iter().all(|name| is_kept(name) || name == OF_VOLUME)),
        _ => Ok(false),
    }
}

/// Whether a name is one of ours.
fn is_kept(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        let whole = name.strip_suffix(".new").unwrap_or(name);
        name == IGNORE || KEPT.contains(&whole) || name.contains(TEMPORARY) || is_file_name(name)
    })
}
