//! The guard: no secret goes into a file that git, Jujutsu or Mercurial could commit.
//!
//! Env files come in; out comes, for each, that it is ignored, or why not and the line that does it. Only git knows its
//! index, global excludes, nested ignore files and linked work trees, so git is asked: two calls for all the files of a
//! repository. A file may have several judges: the repository around it, and one that the environment, a configuration
//! or a bare repository elsewhere makes responsible for it. Nothing is written, except the line that
//! `--fix-gitignore` asks for.

mod ask;
mod call;
mod error;
mod gitignore;
mod inside;
mod others;
mod repository;
mod tracked;
mod version_control;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

pub use self::error::GuardError;
pub use self::tracked::{TrackedBelow, tracked_below};
pub use self::version_control::VersionControl;

use self::ask::{GitAnswer, Ignored};
use self::gitignore::Additions;
use self::others::System;
use self::repository::{Counts, Repository};
use super::file::refused;
use super::shell_word;
use super::{Root, SecretFile, SinkError};
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

/// Asks about all the env files of a run; all refusals are returned together.
///
/// Each repository is asked for its own files: a submodule or a work tree elsewhere has its own index and rules. A
/// file outside any work tree has nobody to ask.
pub fn guard(
    world: &dyn World,
    root: &Root,
    files: &[&SecretFile],
    fix: FixGitignore,
) -> Result<Vec<Guarded>, Vec<SinkError>> {
    let mut distinct: Vec<&SecretFile> = Vec::new();
    for &file in files {
        if !distinct.contains(&file) {
            distinct.push(file);
        }
    }
    let judges = Judges::find(world, &distinct)?;
    let mut guarded: BTreeMap<&Path, Guarded> =
        distinct.iter().map(|file| (file.path(), verdict(file, true, None))).collect();
    let mut problems = Vec::new();
    for ((system, top), files) in &judges.others {
        for file in files {
            match (system.judge(world, top, file), guarded.get_mut(file.path())) {
                (Ok(beside), Some(guarded)) => guarded.beside &= beside,
                (Ok(_), None) => {}
                (Err(problem), _) => problems.push(problem),
            }
        }
    }
    // No line is added for one file while another stands in the way.
    let fix = if problems.is_empty() { fix } else { FixGitignore::Refuse };
    for (repository, files) in &judges.repositories {
        match (JudgedTree { world, root, repository, files }).guard(fix) {
            Ok(of_tree) => of_tree.into_iter().for_each(|one| merge(&mut guarded, one)),
            Err(of_tree) => problems.extend(of_tree),
        }
    }
    if problems.is_empty() { Ok(in_order(&distinct, guarded)) } else { Err(without_doubles(problems)) }
}

/// What several judges say of a file is what the strictest says.
fn merge(guarded: &mut BTreeMap<&Path, Guarded>, one: Guarded) {
    if let Some(known) = guarded.get_mut(one.path.as_path()) {
        known.beside &= one.beside;
        known.added = known.added.take().or(one.added);
    }
}

fn in_order(files: &[&SecretFile], mut guarded: BTreeMap<&Path, Guarded>) -> Vec<Guarded> {
    files.iter().filter_map(|file| guarded.remove(file.path())).collect()
}

/// Two judges may say the same of a file.
fn without_doubles(problems: Vec<SinkError>) -> Vec<SinkError> {
    let mut said = BTreeSet::new();
    problems.into_iter().filter(|problem| said.insert(format!("{problem:?}"))).collect()
}

fn verdict(file: &SecretFile, beside: bool, added: Option<AddedLine>) -> Guarded {
    Guarded { path: file.path().to_owned(), beside, added }
}

/// Who is asked about which files.
#[derive(Default)]
struct Judges<'a> {
    repositories: BTreeMap<Repository, Vec<&'a SecretFile>>,
    others: BTreeMap<(System, PathBuf), Vec<&'a SecretFile>>,
}

impl<'a> Judges<'a> {
    fn find(world: &dyn World, files: &[&'a SecretFile]) -> Result<Self, Vec<SinkError>> {
        let one = |problem| vec![problem];
        let mut inside = Vec::new();
        for file in files {
            let folder = inside::repository_folder(world, file.path())
                .map_err(|source| one(refused("look around", file.folder())(source)))?;
            let shown = file.shown().to_owned();
            inside.extend(folder.map(|folder| GuardError::InRepository { shown, folder }.into()));
        }
        if !inside.is_empty() {
            return Err(inside);
        }
        let here = if files.is_empty() { None } else { repository::from_here(world).map_err(one)? };
        let mut judges = Self::default();
        for &file in files {
            for judge in repository::judging(world, here.as_ref(), file.folder()).map_err(one)? {
                judges.repositories.entry(judge).or_default().push(file);
            }
            for system in System::ALL {
                let Some(top) = system.around(world, file.folder()).map_err(one)? else { continue };
                if system == System::Jujutsu
                    && let Some(store) = others::store(world, &top).map_err(one)?
                {
                    judges.repositories.entry(store).or_default().push(file);
                }
                judges.others.entry((system, top)).or_default().push(file);
            }
        }
        Ok(judges)
    }
}

/// A repository and the files of this run in its work tree.
struct JudgedTree<'a> {
    world: &'a dyn World,
    root: &'a Root,
    repository: &'a Repository,
    files: &'a [&'a SecretFile],
}

impl JudgedTree<'_> {
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
            } else if self.repository.counts == Counts::Tracked {
                // Nothing else is asked of it.
            } else if let Ignored::No { reincluded_by } = &verdict.file {
                let place = gitignore::place_for(&self.repository.top, path, reincluded_by.as_ref());
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
        // Nothing is changed for one file while another stands in the way.
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

    fn ask(&self, paths: &[String]) -> Result<Vec<GitAnswer>, SinkError> {
        let beside = self.files.iter().map(|file| self.relative(file.shown(), &file.beside()));
        ask::ask(self.world, self.repository, paths, &beside.collect::<Result<Vec<_>, _>>()?)
    }

    fn guarded(&self, paths: &[String], verdicts: &[GitAnswer], additions: &Additions) -> Vec<Guarded> {
        let files = self.files.iter().zip(paths).zip(verdicts);
        files
            .map(|((file, path), of_file)| {
                let added = additions
                    .find(path)
                    .map(|place| AddedLine { gitignore: place.gitignore.clone(), line: place.line.clone() });
                let beside = self.repository.counts == Counts::Tracked || of_file.beside == Ignored::Yes;
                verdict(file, beside, added)
            })
            .collect()
    }

    /// A path as git knows it in this work tree.
    fn relative(&self, shown: &str, path: &Path) -> Result<String, SinkError> {
        let relative = path.strip_prefix(&self.repository.top).unwrap_or(path);
        relative.to_str().map(str::to_owned).ok_or_else(|| SinkError::NameNotText { shown: shown.to_owned() })
    }

    /// The command that takes a file out of the index, from the folder that cfmint was started in.
    fn untrack(&self, path: &str) -> String {
        let top = &self.repository.top;
        let here = self.world.real_path(self.world.folder()).unwrap_or_default();
        let shown = if here == *top { PathBuf::from(path) } else { top.join(path) };
        let shown = shell_word(&shown);
        if self.repository.git_dir.is_some() {
            return format!("{} rm --cached -- {shown}", self.repository.command());
        }
        if here == *top || *top == self.root.folder {
            format!("git rm --cached -- {shown}")
        } else {
            format!("git -C {} rm --cached -- {shown}", shell_word(top))
        }
    }
}
