//! Where temporary files stand until they are renamed, and how leftovers of an interrupted run are told.
//!
//! A temporary file holds a secret, so it must stand where git ignores it: in the state folder, which ignores
//! itself. A rename works within one file system only; where the env file is on another, the temporary file
//! stands beside it, provided that git ignores that name too.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use super::Guarded;
use crate::world::{EntryKind, World};

/// Between a file's name and the digits that make a temporary name of it.
const INFIX: &str = ".cfmint-";
/// How many hexadecimal digits follow.
const DIGITS: usize = 8;

/// Where temporary files are staged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The state folder: exists, and git ignores all that is in it.
    pub folder: PathBuf,
    /// The real env files that may have a temporary file beside them.
    beside: BTreeSet<PathBuf>,
}

impl Stage {
    /// Takes the state folder, and what the guard learned about the names beside the env files.
    #[must_use]
    pub fn new(folder: PathBuf, guarded: &[Guarded]) -> Self {
        let beside = guarded.iter().filter(|file| file.beside).map(|file| file.path.clone()).collect();
        Self { folder, beside }
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

/// Whether a name is one that [`temporary_name`] gives.
fn is_temporary(name: &OsStr) -> bool {
    name.to_str().and_then(|name| name.rsplit_once(INFIX)).is_some_and(|(before, digits)| {
        let hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        !before.is_empty() && digits.len() == DIGITS && digits.bytes().all(hexadecimal)
    })
}

/// Removes the temporary files that an interrupted run left in a folder, and returns their paths. One that somebody
/// holds is no leftover: a run with another state folder may be writing beside the same env file.
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
