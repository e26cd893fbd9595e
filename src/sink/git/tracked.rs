//! Whether anybody tracks files in a folder: the same judges, asked about all that is below it.

use std::path::Path;

use super::ask::tracks_below;
use super::error::GuardError;
use super::others::{System, ignore_line, relative};
use super::repository;
use super::version_control::VersionControl;
use crate::sink::file::refused;
use crate::sink::{SinkError, shell_word};
use crate::world::World;

/// A system that tracks files in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackedBelow {
    /// Which one.
    pub system: VersionControl,
    /// The command that ends this and leaves the files where they are.
    pub untrack: String,
}

/// Who tracks files in this folder, which exists. One that Mercurial would take in is refused too: it does not go by
/// the `.gitignore` by which a state folder ignores itself.
pub fn tracked_below(world: &dyn World, folder: &Path) -> Result<Option<TrackedBelow>, SinkError> {
    let real = world.real_path(folder).map_err(refused("look at", folder))?;
    let shown = folder.to_string_lossy();
    let here = repository::from_here(world)?;
    for judge in repository::judging(world, here.as_ref(), &real)? {
        let path = relative(&judge.top, &real, &shown)?;
        // The root itself is named by a dot.
        let path = if path.is_empty() { ".".to_owned() } else { path };
        if tracks_below(world, &judge, &path)? {
            let untrack = format!("{} rm -r --cached -- {}", judge.command(), shell_word(&real));
            return Ok(Some(TrackedBelow { system: VersionControl::Git, untrack }));
        }
    }
    for system in System::ALL {
        let Some(top) = system.around(world, &real)? else { continue };
        let path = relative(&top, &real, &shown)?;
        if system.tracks(world, &top, &path)? {
            let untrack = system.untrack(&top, &path);
            return Ok(Some(TrackedBelow { system: system.version_control(), untrack }));
        }
        if system == System::Mercurial && !system.ignores(world, &top, &path)? {
            let file = top.join(".hgignore");
            return Err(
                GuardError::NotIgnored { shown: shown.into_owned(), line: ignore_line(&path), file }.into()
            );
        }
    }
    Ok(None)
}
