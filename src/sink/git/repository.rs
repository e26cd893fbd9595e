//! Which git repositories judge a file: the one around it, the one that the environment or the folder of this run
//! names, and one whose git folder stands beside it (a bare repository of dotfiles).
//!
//! Folders come in, repositories go out, each with what git must be told to ask exactly that one. Most are found by
//! looking; git is asked only where a configuration or a variable may put the work tree somewhere else.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::call::{Call, GitEnvironment, failure};
use super::inside::is_git_folder;
use crate::sink::file::refused;
use crate::sink::root::work_tree_around;
use crate::sink::{SinkError, shell_word};
use crate::world::{EntryKind, World};

/// Variables that name a repository or a part of one.
const NAMING: [&str; 2] = ["GIT_DIR", "GIT_WORK_TREE"];
/// Variables that configure git for one command, or for one environment.
const CONFIGURING: [&str; 2] = ["GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"];
/// Variables by which the same repository may answer something else.
const DIVERTING: [&str; 2] = ["GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS"];

/// The longest configuration of a repository that is read, in bytes.
const LONGEST_CONFIG: u64 = 1024 * 1024;

/// A well-known place for a repository whose work tree is the home folder: yadm's.
const YADM: &str = ".local/share/yadm/repo.git";

/// A repository, and how git must be asked about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Repository {
    /// The root of its work tree, real and absolute.
    pub(super) top: PathBuf,
    /// Its git folder, where git would not find it from the root.
    pub(super) git_dir: Option<String>,
    /// Whether the variables of this process about a repository are part of the question.
    pub(super) environment: GitEnvironment,
    /// What counts.
    pub(super) counts: Counts,
}

/// Which of git's answers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counts {
    /// A file must be neither tracked nor addable.
    All,
    /// A file must not be tracked. Who keeps a home folder in a repository adds to it file by file, by name.
    Tracked,
}

impl Repository {
    fn new(top: PathBuf, git_dir: Option<String>, environment: GitEnvironment) -> Self {
        Self { top, git_dir, environment, counts: Counts::All }
    }

    /// How git is called for it from anywhere.
    pub(super) fn command(&self) -> String {
        let top = shell_word(&self.top);
        match &self.git_dir {
            Some(git_dir) => {
                format!("git --git-dir={} --work-tree={top}", shell_word(Path::new(git_dir)))
            }
            None => format!("git -C {top}"),
        }
    }

    /// How git is asked about it.
    pub(super) fn call(&self) -> Call<'_> {
        let git_dir = self.git_dir.as_deref();
        let work_tree = git_dir.map(|_| self.top.as_path());
        Call { folder: &self.top, git_dir, work_tree, environment: self.environment }
    }

    /// The git folder of another program's store, which knows what that program ignores.
    pub(super) fn store(top: &Path, git_dir: String) -> Self {
        Self::new(top.to_owned(), Some(git_dir), GitEnvironment::Hidden)
    }
}

/// The repositories that judge a file in this real folder.
pub(super) fn judging(
    world: &dyn World,
    here: Option<&Repository>,
    folder: &Path,
) -> Result<Vec<Repository>, SinkError> {
    let mut judges = Vec::new();
    let top = work_tree_around(world, folder).map_err(refused("look for a work tree around", folder))?;
    match top {
        Some(top) => judges.extend(around(world, top)?),
        None => judges.extend(beside(world, folder)?),
    }
    judges.extend(here.filter(|here| !judges.iter().any(|judge| is_same(world, judge, here))).cloned());
    judges.retain(|judge| folder.starts_with(&judge.top));
    Ok(judges)
}

/// Whether two questions would be the same.
fn is_same(world: &dyn World, around: &Repository, here: &Repository) -> bool {
    let git_dir = around.git_dir.clone().map_or_else(|| around.top.join(".git"), PathBuf::from);
    around.top == here.top
        && here.git_dir.as_deref().is_some_and(|here| Path::new(here) == git_dir)
        && DIVERTING.iter().all(|name| world.variable(name).is_none())
}

/// The repository whose `.git` is in this folder. Its configuration may put the work tree elsewhere.
fn around(world: &dyn World, top: &Path) -> Result<Option<Repository>, SinkError> {
    if !names_work_tree(world, &top.join(".git")) {
        return Ok(Some(Repository::new(top.to_owned(), None, GitEnvironment::Hidden)));
    }
    ask(world, top, None, GitEnvironment::Hidden)
}

/// The repository that git sees from where this run was started, with the variables it was started with. `None` where
/// it is the one that is found by looking, or where there is none.
pub(super) fn from_here(world: &dyn World) -> Result<Option<Repository>, SinkError> {
    let is_set = |names: &[&str]| names.iter().any(|name| world.variable(name).is_some());
    let folder = world.real_path(world.folder()).map_err(refused("look at", world.folder()))?;
    if !is_set(&NAMING) {
        let Some(git_dir) = git_dir_around(world, &folder).map_err(refused("look around", &folder))? else {
            return Ok(None);
        };
        if !is_set(&CONFIGURING) && !is_set(&DIVERTING) && !names_work_tree(world, &git_dir) {
            return Ok(None);
        }
    }
    ask(world, &folder, None, GitEnvironment::Seen)
}

/// The innermost git folder that git would find from a folder: a `.git`, or a bare repository around it.
fn git_dir_around(world: &dyn World, folder: &Path) -> io::Result<Option<PathBuf>> {
    for ancestor in folder.ancestors() {
        if world.look(&ancestor.join(".git"))?.is_some() {
            return Ok(Some(ancestor.join(".git")));
        }
        if is_git_folder(world, ancestor)? {
            return Ok(Some(ancestor.to_owned()));
        }
    }
    Ok(None)
}

/// Repositories that stand in a folder around this one and have an index: their work tree is what is around them.
/// Those of other users are passed by: what they configure would be run.
fn beside(world: &dyn World, folder: &Path) -> Result<Vec<Repository>, SinkError> {
    let mut found = Vec::new();
    for ancestor in folder.ancestors() {
        let names = world.list(ancestor).unwrap_or_default();
        let likely = |name: &&std::ffi::OsString| {
            let name = name.as_bytes();
            name.starts_with(b".") || name.ends_with(b".git")
        };
        let beside = names.iter().filter(likely).map(|name| ancestor.join(name));
        for git_dir in beside.chain([ancestor.join(YADM)]) {
            if !is_own_repository(world, &git_dir).unwrap_or(false) {
                continue;
            }
            let Some(path) = git_dir.to_str().map(str::to_owned) else { continue };
            let repository = if names_work_tree(world, &git_dir) {
                ask(world, ancestor, Some(&path), GitEnvironment::Hidden)?
            } else {
                Some(Repository::new(ancestor.to_owned(), Some(path), GitEnvironment::Hidden))
            };
            found.extend(repository.map(|found| Repository { counts: Counts::Tracked, ..found }));
        }
    }
    Ok(found)
}

fn is_own_repository(world: &dyn World, git_dir: &Path) -> io::Result<bool> {
    let is_own = world
        .look(git_dir)?
        .is_some_and(|entry| entry.kind == EntryKind::Folder && entry.owner == world.user());
    Ok(is_own && is_git_folder(world, git_dir)? && world.look(&git_dir.join("index"))?.is_some())
}

/// Whether a repository's own configuration may say where its work tree is. Git reads that from these files alone.
fn names_work_tree(world: &dyn World, git_dir: &Path) -> bool {
    ["config", "config.worktree"].iter().any(|name| {
        let text = world.read(&git_dir.join(name), LONGEST_CONFIG).unwrap_or_default();
        text.to_ascii_lowercase().windows(8).any(|word| word == b"worktree")
    })
}

/// Asks git which repository it sees from a folder, and where its work tree is. One without a work tree judges no
/// file.
fn ask(
    world: &dyn World,
    folder: &Path,
    git_dir: Option<&str>,
    environment: GitEnvironment,
) -> Result<Option<Repository>, SinkError> {
    let call = Call { folder, git_dir, work_tree: None, environment };
    let finished = call.run(world, &["rev-parse", "--absolute-git-dir", "--show-toplevel"], &[], &[])?;
    if finished.code != Some(0) {
        let said = String::from_utf8_lossy(&finished.errors);
        let has_none = said.contains("not a git repository") || said.contains("must be run in a work tree");
        return if has_none && !finished.timed_out { Ok(None) } else { Err(failure(folder, &finished)) };
    }
    let lines: Vec<&[u8]> = finished.output.split(|byte| *byte == b'\n').collect();
    let [git_dir, top, b""] = lines.as_slice() else { return Err(failure(folder, &finished)) };
    let top = Path::new(OsStr::from_bytes(top));
    let top = world.real_path(top).map_err(refused("look at", top))?;
    let git_dir = String::from_utf8_lossy(git_dir).into_owned();
    Ok(Some(Repository::new(top, Some(git_dir), environment)))
}
