//! Work trees of Jujutsu and Mercurial: their own commands say what they track and ignore.
//!
//! Files come in, refusals go out. Nothing is written; in particular, Jujutsu is kept from taking its snapshot of the
//! work tree, which would take in the very file that is asked about.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::call::{plain, said};
use super::error::GuardError;
use super::repository::Repository;
use super::version_control::VersionControl;
use crate::sink::file::refused;
use crate::sink::{SecretFile, SinkError, shell_word};
use crate::world::{BOOTSTRAP_VARIABLES, Child, EntryKind, Finished, World};

/// How long such a program may think.
const LIMIT: Duration = Duration::from_secs(60);
/// The longest file of a Jujutsu work tree that says where its store is, in bytes.
const LONGEST_POINTER: u64 = 4096;

/// A system that keeps versions of files, other than git.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum System {
    Jujutsu,
    Mercurial,
}

impl System {
    pub(super) const ALL: [Self; 2] = [Self::Jujutsu, Self::Mercurial];

    /// The same, among all systems.
    pub(super) fn version_control(self) -> VersionControl {
        match self {
            Self::Jujutsu => VersionControl::Jujutsu,
            Self::Mercurial => VersionControl::Mercurial,
        }
    }

    /// The program that is asked.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Jujutsu => "jj",
            Self::Mercurial => "hg",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Jujutsu => ".jj",
            Self::Mercurial => ".hg",
        }
    }

    /// The innermost of its work trees around a real folder.
    pub(super) fn around(self, world: &dyn World, folder: &Path) -> Result<Option<PathBuf>, SinkError> {
        for ancestor in folder.ancestors() {
            let mark = ancestor.join(self.folder());
            let entry = world.look(&mark).map_err(refused("look for a work tree at", &mark))?;
            if entry.is_some_and(|entry| entry.kind == EntryKind::Folder) {
                return Ok(Some(ancestor.to_owned()));
            }
        }
        Ok(None)
    }

    /// Refuses a file that the work tree tracks or would take in; says whether it ignores a temporary file beside it.
    pub(super) fn judge(self, world: &dyn World, top: &Path, file: &SecretFile) -> Result<bool, SinkError> {
        let path = relative(top, file.path(), file.shown())?;
        if self.tracks(world, top, &path)? {
            let (shown, system) = (file.shown().to_owned(), self.version_control());
            return Err(GuardError::Tracked { shown, system, untrack: self.untrack(top, &path) }.into());
        }
        if self == Self::Jujutsu {
            // It goes by git's ignore files, and git is asked about those.
            return Ok(true);
        }
        if !self.ignores(world, top, &path)? {
            let (shown, file) = (file.shown().to_owned(), top.join(".hgignore"));
            return Err(GuardError::NotIgnored { shown, line: ignore_line(&path), file }.into());
        }
        self.ignores(world, top, &relative(top, &file.beside(), file.shown())?)
    }

    /// Whether it tracks a file, or any file in a folder, of this work tree.
    pub(super) fn tracks(self, world: &dyn World, top: &Path, path: &str) -> Result<bool, SinkError> {
        let words = match self {
            // Without a snapshot: that would change the repository, and track the file.
            Self::Jujutsu => {
                let quoted = path.replace('\\', "\\\\").replace('"', "\\\"");
                let files = format!("root:\"{quoted}\"");
                vec!["--ignore-working-copy", "--no-pager", "--color=never", "file", "list", "--"]
                    .into_iter()
                    .map(str::to_owned)
                    .chain([files])
                    .collect()
            }
            Self::Mercurial => vec!["files".to_owned(), "--".to_owned(), format!("path:{path}")],
        };
        let finished = self.run(world, top, &words)?;
        match (self, finished.code) {
            (_, Some(0)) => Ok(!finished.output.is_empty()),
            (Self::Mercurial, Some(1)) => Ok(false),
            _ => Err(self.failure(top, &finished)),
        }
    }

    /// Whether Mercurial ignores a path, which need not exist.
    pub(super) fn ignores(self, world: &dyn World, top: &Path, path: &str) -> Result<bool, SinkError> {
        let words = ["debugignore".to_owned(), "--".to_owned(), format!("path:{path}")];
        let finished = self.run(world, top, &words)?;
        if finished.code != Some(0) {
            return Err(self.failure(top, &finished));
        }
        let said = String::from_utf8_lossy(&finished.output);
        let first = said.lines().next().unwrap_or_default();
        Ok(first.ends_with(" is ignored") || first.contains(" is ignored because of containing directory "))
    }

    /// The command that ends the tracking and leaves the files where they are. Jujutsu's needs a line in `.gitignore`
    /// first.
    pub(super) fn untrack(self, top: &Path, path: &str) -> String {
        let path = top.join(path);
        let path = shell_word(&path);
        match self {
            Self::Jujutsu => format!("jj file untrack {path}"),
            Self::Mercurial => format!("hg forget {path}"),
        }
    }

    fn run(self, world: &dyn World, top: &Path, words: &[String]) -> Result<Finished, SinkError> {
        let argv: Vec<String> =
            [self.program().to_owned()].into_iter().chain(words.iter().cloned()).collect();
        let child = Child {
            // Plain words, whatever this person's aliases, colours and language are.
            variables: &[("HGPLAIN", "1".to_owned()), ("LC_ALL", "C.UTF-8".to_owned())],
            hidden: &BOOTSTRAP_VARIABLES,
            time_limit: Some(LIMIT),
            ..Child::new(&argv, top)
        };
        world.run(&child).map_err(|source| {
            let (system, program) = (self.version_control(), self.program());
            GuardError::NoProgram { work_tree: top.to_owned(), system, program, source: plain(source) }.into()
        })
    }

    fn failure(self, top: &Path, finished: &Finished) -> SinkError {
        let message = said(finished, LIMIT);
        let (system, program) = (self.version_control(), self.program());
        GuardError::Unanswered { work_tree: top.to_owned(), system, program, message }.into()
    }
}

/// The line of an `.hgignore` that matches this path and no other.
pub(super) fn ignore_line(path: &str) -> String {
    let mut line = String::from("rootglob:");
    for c in path.chars() {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' | ',' | '\\' | '#' => line.extend(['\\', c]),
            _ if c.is_control() => line.push('?'),
            _ => line.push(c),
        }
    }
    line
}

/// The git store of a Jujutsu work tree, which knows what is ignored there; `None` where git's own work tree is at
/// the same place and is asked anyway.
pub(super) fn store(world: &dyn World, top: &Path) -> Result<Option<Repository>, SinkError> {
    let look = |path: &Path| {
        world.look(path).map(|entry| entry.map(|entry| entry.kind)).map_err(refused("look at", path))
    };
    if look(&top.join(".git"))?.is_some() {
        return Ok(None);
    }
    // A second work tree has a file in the place of the folder; it leads to the first one's.
    let mut repository = top.join(".jj/repo");
    if look(&repository)? == Some(EntryKind::File) {
        repository = pointed(world, &repository).map_err(refused("read", &repository))?;
    }
    let target = repository.join("store/git_target");
    let unknown = |message: &str| GuardError::Unanswered {
        work_tree: top.to_owned(),
        system: VersionControl::Jujutsu,
        program: "git",
        message: message.to_owned(),
    };
    if look(&target)?.is_none() {
        return Err(
            unknown("it keeps its files in no git repository, so what it ignores is not known").into()
        );
    }
    let folder = pointed(world, &target).map_err(refused("read", &target))?;
    let folder = world.real_path(&folder).map_err(refused("look at", &folder))?;
    // Git trusts a repository that it is led to, and runs what that one configures.
    let owner = world.look(&folder).map_err(refused("look at", &folder))?.map(|entry| entry.owner);
    if owner != Some(world.user()) {
        return Err(unknown("its store belongs to another user").into());
    }
    let folder = folder.to_str().ok_or_else(|| unknown("the path of its store is not UTF-8"))?;
    Ok(Some(Repository::store(top, folder.to_owned())))
}

/// The path that a file holds, relative to the folder it is in.
fn pointed(world: &dyn World, file: &Path) -> io::Result<PathBuf> {
    let text = world.read(file, LONGEST_POINTER)?;
    let text = String::from_utf8(text).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(file.parent().unwrap_or(file).join(text.trim_end_matches('\n')))
}

/// A path as the system knows it in its work tree.
pub(super) fn relative(top: &Path, path: &Path, shown: &str) -> Result<String, SinkError> {
    let relative = path.strip_prefix(top).unwrap_or(path);
    relative.to_str().map(str::to_owned).ok_or_else(|| SinkError::NameNotText { shown: shown.to_owned() })
}
