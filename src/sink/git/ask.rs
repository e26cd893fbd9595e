//! The two questions to git: which of these files are in your index, and which do you ignore, by what rule?
//!
//! A [`Repository`] and paths come in; what git says of each goes out. Git is told which repository is meant, so that
//! the environment of a hook or an alias cannot answer for another one.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::repository::{GitEnvironment, Repository};
use crate::sink::SinkError;
use crate::world::{BOOTSTRAP_VARIABLES, Child, Finished, World};

/// How long git may think; a large index on a slow disk takes seconds.
const GIT_LIMIT: Duration = Duration::from_secs(60);

/// Variables that would change how the paths of a question are read.
const PATHSPEC: [&str; 5] = [
    "GIT_PREFIX",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// Variables that git must not see where the question is about the repository around a file.
///
/// Inside a hook or an alias git leaves word of the repository it is working on, which need not be the one around
/// the file, an index of its own, and the `-c` options of one command: the answer would be about something else. What
/// says how git behaves for this person in general (`GIT_CONFIG_GLOBAL`, the `GIT_CONFIG_COUNT` family, by which build
/// servers mark folders as safe) stays.
const MISLEADING: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
    "GIT_CEILING_DIRECTORIES",
    "GIT_CONFIG_PARAMETERS",
];

/// What git says of a file.
pub(super) struct GitAnswer {
    /// It is in the index.
    pub(super) tracked: bool,
    /// It is ignored.
    pub(super) file: Ignored,
    /// A temporary file beside it is ignored.
    pub(super) beside: Ignored,
}

/// Whether git ignores a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ignored {
    /// It does.
    Yes,
    /// It does not.
    No {
        /// The rule with `!` that takes it back in, if one does.
        reincluded_by: Option<IgnoreRule>,
    },
}

/// A rule of an ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IgnoreRule {
    /// The ignore file, as git names it from the root of the work tree.
    pub(super) source: PathBuf,
    line: String,
    pattern: String,
}

impl fmt::Display for IgnoreRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "`{}` in {}, line {}, takes it back in",
            self.pattern,
            self.source.display(),
            self.line
        )
    }
}

/// Asks git about files and the temporary names beside them, both relative to the root of the work tree.
pub(super) fn ask(
    world: &dyn World,
    repository: &Repository,
    files: &[String],
    beside: &[String],
) -> Result<Vec<GitAnswer>, SinkError> {
    let tracked = tracked(world, repository, files)?;
    let mut ignored = ignored(world, repository, files.iter().chain(beside))?;
    let of_beside = ignored.split_off(files.len().min(ignored.len()));
    Ok(files
        .iter()
        .zip(ignored)
        .zip(of_beside)
        .map(|((path, file), beside)| GitAnswer { tracked: tracked.contains(path), file, beside })
        .collect())
}

/// Which of the files are in the index. Their names are taken literally, whatever is in them.
fn tracked(world: &dyn World, repository: &Repository, files: &[String]) -> Result<Vec<String>, SinkError> {
    let arguments = ["--literal-pathspecs", "ls-files", "-z", "--"];
    let finished = Call::of(repository).run(world, &arguments, files, &[])?;
    if finished.code != Some(0) {
        return Err(failure(&repository.top, &finished));
    }
    Ok(fields(&finished.output).map(|field| String::from_utf8_lossy(field).into_owned()).collect())
}

/// Whether git ignores each of the paths, in their order.
fn ignored<'a>(
    world: &dyn World,
    repository: &Repository,
    paths: impl Iterator<Item = &'a String>,
) -> Result<Vec<Ignored>, SinkError> {
    // This command refuses `--literal-pathspecs`. It takes paths literally but for two things: a colon in front,
    // which `./` prevents, and the index, where it looks for them as patterns and calls what it finds not ignored.
    // The index is asked about separately, so it is left out where a name could be a pattern; elsewhere it stays,
    // because in a sparse work tree ignore files are read from it.
    let mut arguments = vec!["check-ignore", "--verbose", "--non-matching", "-z", "--stdin"];
    let mut input = Vec::new();
    let mut count = 0;
    let mut patterns = false;
    for path in paths {
        patterns |= path.contains(['*', '?', '[', '\\']);
        input.extend_from_slice(b"./");
        input.extend_from_slice(path.as_bytes());
        input.push(0);
        count += 1;
    }
    if patterns {
        arguments.push("--no-index");
    }
    let finished = Call::of(repository).run(world, &arguments, &[], &input)?;
    // Its exit code is 1 when it ignores none of them.
    if !matches!(finished.code, Some(0 | 1)) {
        return Err(failure(&repository.top, &finished));
    }
    let fields: Vec<_> = fields(&finished.output).collect();
    let answers: Vec<_> = fields.chunks_exact(4).map(answer).collect();
    if answers.len() == count { Ok(answers) } else { Err(failure(&repository.top, &finished)) }
}

/// Reads source, line, pattern and path: the first three are empty where no rule matches.
fn answer(fields: &[&[u8]]) -> Ignored {
    let text =
        |index: usize| String::from_utf8_lossy(fields.get(index).copied().unwrap_or_default()).into_owned();
    let pattern = text(2);
    if pattern.is_empty() {
        Ignored::No { reincluded_by: None }
    } else if pattern.starts_with('!') {
        Ignored::No { reincluded_by: Some(IgnoreRule { source: text(0).into(), line: text(1), pattern }) }
    } else {
        Ignored::Yes
    }
}

/// The fields that `-z` ends with NUL.
fn fields(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output.strip_suffix(b"\0").into_iter().flat_map(|fields| fields.split(|byte| *byte == 0))
}

/// One call of git: from where, and about which repository.
pub(super) struct Call<'a> {
    pub(super) folder: &'a Path,
    pub(super) git_dir: Option<&'a str>,
    pub(super) work_tree: Option<&'a Path>,
    pub(super) environment: GitEnvironment,
}

impl<'a> Call<'a> {
    fn of(repository: &'a Repository) -> Self {
        let git_dir = repository.git_dir.as_deref();
        Self {
            folder: &repository.top,
            git_dir,
            work_tree: git_dir.map(|_| repository.top.as_path()),
            environment: repository.environment,
        }
    }

    pub(super) fn run(
        &self,
        world: &dyn World,
        arguments: &[&str],
        files: &[String],
        input: &[u8],
    ) -> Result<Finished, SinkError> {
        let words = ["git"].iter().chain(arguments).map(|word| (*word).to_owned());
        let argv: Vec<String> = words.chain(files.iter().cloned()).collect();
        // Its words are read, and shown among words in English.
        let mut variables = vec![("LC_ALL", "C".to_owned())];
        variables.extend(self.git_dir.map(|folder| ("GIT_DIR", folder.to_owned())));
        if let Some(folder) = self.work_tree {
            let folder = folder.to_str().ok_or_else(|| failed(folder, "its path is not UTF-8"))?;
            variables.push(("GIT_WORK_TREE", folder.to_owned()));
        }
        let mut hidden = [&PATHSPEC[..], &BOOTSTRAP_VARIABLES].concat();
        if self.environment == GitEnvironment::Hidden {
            hidden.extend(MISLEADING);
        }
        let child = Child {
            input,
            variables: &variables,
            hidden: &hidden,
            time_limit: Some(GIT_LIMIT),
            ..Child::new(&argv, self.folder)
        };
        world
            .run(&child)
            .map_err(|source| SinkError::NoGit { work_tree: self.folder.to_owned(), source: plain(source) })
    }
}

/// Whether any file below a folder of the work tree is in the index.
pub(super) fn tracks_below(
    world: &dyn World,
    repository: &Repository,
    folder: &str,
) -> Result<bool, SinkError> {
    Ok(!tracked(world, repository, &[folder.to_owned()])?.is_empty())
}

/// A program that does not exist is told in words that a person knows.
pub(super) fn plain(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::NotFound {
        return io::Error::new(io::ErrorKind::NotFound, "no such program");
    }
    error
}

pub(super) fn failure(top: &Path, finished: &Finished) -> SinkError {
    let said = String::from_utf8_lossy(&finished.errors);
    match said.lines().find(|line| !line.trim().is_empty()) {
        _ if finished.timed_out => {
            failed(top, &format!("it did not answer within {} s", GIT_LIMIT.as_secs()))
        }
        Some(line) => failed(top, line.trim()),
        None => failed(top, "it gave no answer that makes sense"),
    }
}

fn failed(top: &Path, message: &str) -> SinkError {
    SinkError::GitFailed { work_tree: top.to_owned(), message: message.to_owned() }
}
