//! Files that belong to a repository itself: what is in `.git`, `.jj` or `.hg`, or in a bare repository.
//!
//! A line in such a file is configuration that programs obey, so no sink may be there.

use std::io;
use std::path::{Path, PathBuf};

use crate::world::{EntryKind, World};

/// The folders, or files, by which repositories are known; some file systems do not tell capitals apart.
const NAMES: [&str; 3] = [".git", ".jj", ".hg"];

/// The folder of a repository that a real path is in, or is.
pub(super) fn repository_folder(world: &dyn World, path: &Path) -> io::Result<Option<PathBuf>> {
    let is_named = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default();
        NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    if let Some(named) = path.ancestors().filter(|folder| is_named(folder)).last() {
        return Ok(Some(named.to_owned()));
    }
    for folder in path.ancestors().skip(1) {
        if is_git_folder(world, folder)? {
            return Ok(Some(folder.to_owned()));
        }
    }
    Ok(None)
}

/// Whether git would take a folder for a repository: it has a head, and objects and references or the way to them.
pub(super) fn is_git_folder(world: &dyn World, folder: &Path) -> io::Result<bool> {
    let kind = |name: &str| Ok::<_, io::Error>(world.look(&folder.join(name))?.map(|entry| entry.kind));
    if !matches!(kind("HEAD")?, Some(EntryKind::File | EntryKind::Link)) {
        return Ok(false);
    }
    let has_own = kind("objects")?.is_some() && kind("refs")?.is_some();
    Ok(has_own || kind("commondir")? == Some(EntryKind::File))
}
