//! Where temporary files stand until they are renamed, and how leftovers of an interrupted run are told.
//!
//! A temporary file holds a secret, so it must stand where git ignores it: in the state folder, which ignores
//! itself. A rename works within one file system only; where the env file is on another, the temporary file
//! stands beside it, provided that git ignores that name too.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ring::digest;

use super::Guarded;
use crate::world::{EntryKind, World};

/// Between a file's name and the digits that make a temporary name of it.
const INFIX: &str = ".cfmint-";
/// How many hexadecimal digits follow.
const DIGITS: usize = 8;

/// Where temporary files are staged.
#[derive(Debug)]
pub struct Staging {
    /// The state folder: exists, and git ignores all that is in it.
    pub folder: PathBuf,
    /// The real env files that may have a temporary file beside them.
    beside: BTreeSet<PathBuf>,
    /// The files that are being changed; whoever changes one holds its lock.
    changing: Mutex<BTreeMap<PathBuf, Arc<Mutex<()>>>>,
}

impl Staging {
    /// Takes the state folder, and what the guard learned about the names beside the env files.
    #[must_use]
    pub fn new(folder: PathBuf, guarded: &[Guarded]) -> Self {
        let beside = guarded.iter().filter(|file| file.beside).map(|file| file.path.clone()).collect();
        Self { folder, beside, changing: Mutex::default() }
    }

    /// Does a change to a file, or to another place of many values, while no other job of this run changes it: one may hold
    /// the secrets of several.
    pub(super) fn alone_with<T>(&self, path: &Path, change: impl FnOnce() -> T) -> T {
        let lock = {
            let mut changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(changing.entry(path.to_owned()).or_default())
        };
        let _alone = lock.lock().unwrap_or_else(PoisonError::into_inner);
        change()
    }

    /// Whether a temporary file may stand beside this real file.
    pub(super) fn allows_beside(&self, path: &Path) -> bool {
        self.beside.contains(path)
    }
}

/// A name for a temporary file that will replace the file of this name.
pub(super) fn temporary_name(world: &dyn World, name: &OsStr) -> io::Result<OsString> {
    let mut random = [0; DIGITS / 2];
    world.fill_random(&mut random)?;
    let mut temporary = name.to_owned();
    temporary.push(format!("{INFIX}{:08x}", u32::from_be_bytes(random)));
    Ok(temporary)
}

/// A name for a copy that must outlive a run that dies, the same in every run: what the file of this path held before
/// it is written in place (`before`) and will hold afterwards (`after`).
pub(super) fn kept_name(path: &Path, what: &str) -> OsString {
    let digest = digest::digest(&digest::SHA256, path.as_os_str().as_bytes());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!("{INFIX}{what}-"));
    for byte in digest.as_ref().iter().take(DIGITS) {
        name.push(format!("{byte:02x}"));
    }
    name
}

/// Whether a file of this name could be taken for one of ours.
pub(super) fn is_reserved(name: &OsStr) -> bool {
    is_temporary(name) || name.as_bytes().rsplitn(2, |byte| *byte == b'-').nth(1).is_some_and(is_kept)
}

/// Whether what comes before the digits is as in [`kept_name`].
fn is_kept(begin: &[u8]) -> bool {
    ["before", "after"].iter().any(|what| begin.ends_with(format!("{INFIX}{what}").as_bytes()))
}

/// Whether a name is one that [`temporary_name`] gives.
fn is_temporary(name: &OsStr) -> bool {
    // Bytes, not text: the name of the env file need not be UTF-8.
    let name = name.as_bytes();
    let hexadecimal = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    name.len().checked_sub(DIGITS).and_then(|at| name.split_at_checked(at)).is_some_and(|(before, digits)| {
        let before = before.strip_suffix(INFIX.as_bytes());
        before.is_some_and(|before| !before.is_empty()) && digits.iter().all(hexadecimal)
    })
}

/// Removes the temporary files that an interrupted run left in a folder, and returns their paths. One that somebody
/// holds is no leftover: a run with another state folder may be writing beside the same env file. What was kept of a file
/// that is written in place is none either: it may be needed to
/// [put that right](super::SecretFile::finish_interrupted), which removes it.
pub fn sweep(world: &dyn World, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut removed = Vec::new();
    for name in world.list(folder)? {
        let path = folder.join(&name);
        if is_temporary(&name)
            && world.look(&path)?.is_some_and(|entry| entry.kind == EntryKind::File)
            && let Ok(Some(_held)) = world.try_lock(&path)
        {
            world.remove(&path)?;
            removed.push(path);
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_our_own_making_are_leftovers() {
        for (name, ours) in [
            (".env.cfmint-0123abcd", true),
            ("a.cfmint-x.cfmint-00000000", true),
            (".env.cfmint-0123abc", false),
            (".env.cfmint-0123ABCD", false),
            (".env.cfmint-0123abcd.bak", false),
            (".cfmint-0123abcd", false),
            (".env", false),
        ] {
            assert_eq!(is_temporary(OsStr::new(name)), ours, "{name}");
        }
    }
}
