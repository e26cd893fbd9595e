//! The folder that a profile's paths are relative to: the root of the git work tree, else the folder itself.
//!
//! Found by looking for `.git` on the way up, which costs no child process; whether git agrees is asked by
//! [`guard`](super::guard), and only where an env file needs it.

use std::io;
use std::path::{Path, PathBuf};

use crate::world::World;

/// What relative paths are relative to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The folder, real and absolute.
    pub folder: PathBuf,
    /// Whether it is the root of a git work tree.
    pub work_tree: bool,
}

/// Finds the root around the folder that this process was started in.
pub fn root(world: &dyn World) -> io::Result<Root> {
    let folder = world.real_path(world.folder())?;
    Ok(match work_tree_around(world, &folder)? {
        Some(top) => Root { folder: top.to_owned(), work_tree: true },
        None => Root { folder, work_tree: false },
    })
}

/// The innermost work tree around a real folder. A linked work tree and a submodule have a file called `.git`
/// where others have a folder.
pub(super) fn work_tree_around<'a>(world: &dyn World, folder: &'a Path) -> io::Result<Option<&'a Path>> {
    for ancestor in folder.ancestors() {
        if world.look(&ancestor.join(".git"))?.is_some() {
            return Ok(Some(ancestor));
        }
    }
    Ok(None)
}
