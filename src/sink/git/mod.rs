//! The git guard: no secret goes into a file that git could commit.
//!
//! Env files come in; out comes, for each, that git ignores it, or why not and the line that mends it. Only git
//! knows its index, global excludes, nested ignore files and linked work trees, so git is asked: two calls for
//! all the files of a work tree. Nothing is written, except the line that `--fix-gitignore` asks for.

mod ask;
mod gitignore;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use self::ask::{Ignored, Verdict};
use self::gitignore::Additions;
use super::env_file::refused;
use super::error::shell_word;
use super::root::work_tree_around;
use super::{EnvFile, Root, SinkError};
use crate::world::World;

/// What to do about a file that git does not ignore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixGitignore {
    /// Refuse it, and show the line to add.
    Refuse,
    /// Add the line.
    Add,
}

/// A file that git will not commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded {
    /// The real file.
    pub path: PathBuf,
    /// Whether a temporary file beside it would not be committed either.
    pub beside: bool,
    /// The line that was added for it.
    pub added: Option<AddedLine>,
}

/// A line that was added to an ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedLine {
    /// The ignore file.
    pub gitignore: PathBuf,
    /// The line.
    pub line: String,
}

impl fmt::Display for AddedLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} in {}", self.line, self.gitignore.display())
    }
}

/// Asks git about all the env files of a run; all refusals are returned together.
///
/// Each work tree is asked for its own files: a submodule or a work tree elsewhere has its own index and rules. A
/// file outside any work tree has nobody to ask.
pub fn guard(
    world: &dyn World,
    root: &Root,
    files: &[&EnvFile],
    fix: FixGitignore,
) -> Result<Vec<Guarded>, Vec<SinkError>> {
    let mut trees: BTreeMap<Option<PathBuf>, Vec<&EnvFile>> = BTreeMap::new();
    for &file in files {
        let top = work_tree_around(world, file.folder())
            .map_err(|source| vec![refused("look for a work tree around", file.folder())(source)])?;
        let of_tree = trees.entry(top.map(Path::to_owned)).or_default();
        if !of_tree.contains(&file) {
            of_tree.push(file);
        }
    }
    let mut guarded = Vec::new();
    let mut problems = Vec::new();
    for (top, files) in &trees {
        let outcome = match top {
            Some(top) => Tree { world, root, top, files }.guard(fix),
            None => Ok(files.iter().map(|file| verdict(file, true, None)).collect()),
        };
        match outcome {
            Ok(of_tree) => guarded.extend(of_tree),
            Err(of_tree) => problems.extend(of_tree),
        }
    }
    if problems.is_empty() { Ok(guarded) } else { Err(problems) }
}

fn verdict(file: &EnvFile, beside: bool, added: Option<AddedLine>) -> Guarded {
    Guarded { path: file.path().to_owned(), beside, added }
}

/// A work tree and the files of this run in it.
struct Tree<'a> {
    world: &'a dyn World,
    root: &'a Root,
    top: &'a Path,
    files: &'a [&'a EnvFile],
}

impl Tree<'_> {
    fn guard(&self, fix: FixGitignore) -> Result<Vec<Guarded>, Vec<SinkError>> {
        let paths = self.files.iter().map(|file| self.relative(file.shown(), file.path()));
        let paths = paths.collect::<Result<Vec<_>, _>>().map_err(|problem| vec![problem])?;
        let verdicts = self.ask(&paths).map_err(|problem| vec![problem])?;

        let mut problems = Vec::new();
        let mut additions = Additions::default();
        for ((file, path), verdict) in self.files.iter().zip(&paths).zip(&verdicts) {
            if verdict.tracked {
                problems
                    .push(SinkError::Tracked { shown: file.shown().to_owned(), untrack: self.untrack(path) });
            } else if let Ignored::No { reincluded_by } = &verdict.file {
                let place = gitignore::place_for(self.top, path, reincluded_by.as_ref());
                if fix == FixGitignore::Refuse {
                    problems.push(SinkError::NotIgnored {
                        shown: file.shown().to_owned(),
                        line: place.line,
                        gitignore: place.gitignore,
                        reincluded_by: reincluded_by.as_ref().map(ToString::to_string),
                    });
                } else {
                    additions.add(place);
                }
            }
        }
        // Nothing is mended for one file while another stands in the way.
        if !problems.is_empty() {
            return Err(problems);
        }
        if additions.is_empty() {
            return Ok(self.guarded(&paths, &verdicts, &additions));
        }
        self.add(&paths, &additions)
    }

    /// Adds the lines, and asks git again whether they helped; lines that did not are taken out.
    fn add(&self, paths: &[String], additions: &Additions) -> Result<Vec<Guarded>, Vec<SinkError>> {
        let undo = additions.write(self.world).map_err(|problem| vec![problem])?;
        let verdicts = match self.ask(paths) {
            Ok(verdicts) => verdicts,
            Err(problem) => return Err(undo.with(self.world, vec![problem])),
        };
        let stubborn = self.files.iter().zip(paths).zip(&verdicts);
        let stubborn =
            stubborn.filter(|(_, verdict)| verdict.file != Ignored::Yes).map(|((file, path), _)| {
                let place = additions.find(path).cloned().unwrap_or_default();
                let shown = file.shown().to_owned();
                SinkError::StillNotIgnored { shown, line: place.line, gitignore: place.gitignore }
            });
        let problems: Vec<_> = stubborn.collect();
        if !problems.is_empty() {
            return Err(undo.with(self.world, problems));
        }
        Ok(self.guarded(paths, &verdicts, additions))
    }

    fn ask(&self, paths: &[String]) -> Result<Vec<Verdict>, SinkError> {
        let beside = self.files.iter().map(|file| self.relative(file.shown(), &file.beside()));
        ask::ask(self.world, self.top, paths, &beside.collect::<Result<Vec<_>, _>>()?)
    }

    fn guarded(&self, paths: &[String], verdicts: &[Verdict], additions: &Additions) -> Vec<Guarded> {
        let files = self.files.iter().zip(paths).zip(verdicts);
        files
            .map(|((file, path), of_file)| {
                let added = additions
                    .find(path)
                    .map(|place| AddedLine { gitignore: place.gitignore.clone(), line: place.line.clone() });
                verdict(file, of_file.beside == Ignored::Yes, added)
            })
            .collect()
    }

    /// A path as git knows it in this work tree.
    fn relative(&self, shown: &str, path: &Path) -> Result<String, SinkError> {
        let relative = path.strip_prefix(self.top).unwrap_or(path);
        relative.to_str().map(str::to_owned).ok_or_else(|| SinkError::NameNotText { shown: shown.to_owned() })
    }

    /// The command that takes a file out of the index, from the folder that cfmint was started in.
    fn untrack(&self, path: &str) -> String {
        let here = self.world.real_path(self.world.folder()).unwrap_or_default();
        if here == self.top {
            return format!("git rm --cached -- {}", shell_word(Path::new(path)));
        }
        let path = self.top.join(path);
        if self.top == self.root.folder {
            format!("git rm --cached -- {}", shell_word(&path))
        } else {
            format!("git -C {} rm --cached -- {}", shell_word(self.top), shell_word(&path))
        }
    }
}
