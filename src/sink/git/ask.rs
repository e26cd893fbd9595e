//! The two questions to git: which of these files are in your index, and which do you ignore, by what rule?

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::sink::SinkError;
use crate::world::{BOOTSTRAP_VARIABLES, Child, Finished, World};

/// How long git may think; a large index on a slow disk takes seconds.
const GIT_LIMIT: Duration = Duration::from_secs(60);

/// Variables that git must not see.
///
/// Inside a hook or an alias git leaves word of the repository it is working on, which need not be the one around
/// the file, and an index of its own: the answer would be about something else. The pathspec switches would change
/// how paths are read. What says how git behaves for this person in general (`GIT_CONFIG_GLOBAL`, the
/// `GIT_CONFIG_COUNT` family, by which build servers mark folders as safe) stays.
const MISLEADING: [&str; 12] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CEILING_DIRECTORIES",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// What git says of a file.
pub(super) struct Verdict {
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
        reincluded_by: Option<Rule>,
    },
}

/// A rule of an ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// The ignore file, as git names it from the root of the work tree.
    pub(super) source: PathBuf,
    line: String,
    pattern: String,
}

impl fmt::Display for Rule {
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
    top: &Path,
    files: &[String],
    beside: &[String],
) -> Result<Vec<Verdict>, SinkError> {
    let tracked = tracked(world, top, files)?;
    let mut ignored = ignored(world, top, files.iter().chain(beside))?;
    let of_beside = ignored.split_off(files.len().min(ignored.len()));
    Ok(files
        .iter()
        .zip(ignored)
        .zip(of_beside)
        .map(|((path, file), beside)| Verdict { tracked: tracked.contains(path), file, beside })
        .collect())
}

/// Which of the files are in the index. Their names are taken literally, whatever is in them.
fn tracked(world: &dyn World, top: &Path, files: &[String]) -> Result<Vec<String>, SinkError> {
    let mut argv = ["git", "--literal-pathspecs", "ls-files", "-z", "--"].map(str::to_owned).to_vec();
    argv.extend_from_slice(files);
    let finished = run(world, top, &argv, &[])?;
    if finished.code != Some(0) {
        return Err(failure(top, &finished));
    }
    Ok(fields(&finished.output).map(|field| String::from_utf8_lossy(field).into_owned()).collect())
}

/// Whether git ignores each of the paths, in their order.
fn ignored<'a>(
    world: &dyn World,
    top: &Path,
    paths: impl Iterator<Item = &'a String>,
) -> Result<Vec<Ignored>, SinkError> {
    // This command refuses `--literal-pathspecs`. It takes paths literally but for two things: a colon in front,
    // which `./` prevents, and the index, where it looks for them as patterns and calls what it finds not ignored.
    // The index is asked about separately, so it is left out where a name could be a pattern; elsewhere it stays,
    // because in a sparse work tree ignore files are read from it.
    let mut argv =
        ["git", "check-ignore", "--verbose", "--non-matching", "-z", "--stdin"].map(str::to_owned).to_vec();
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
        argv.push("--no-index".to_owned());
    }
    let finished = run(world, top, &argv, &input)?;
    // Its exit code is 1 when it ignores none of them.
    if !matches!(finished.code, Some(0 | 1)) {
        return Err(failure(top, &finished));
    }
    let fields: Vec<_> = fields(&finished.output).collect();
    let answers: Vec<_> = fields.chunks_exact(4).map(answer).collect();
    if answers.len() == count { Ok(answers) } else { Err(failure(top, &finished)) }
}

/// Reads source, line, pattern and path: the first three are empty where no rule matches.
fn answer(fields: &[&[u8]]) -> Ignored {
    let text =
        |index: usize| String::from_utf8_lossy(fields.get(index).copied().unwrap_or_default()).into_owned();
    let pattern = text(2);
    if pattern.is_empty() {
        Ignored::No { reincluded_by: None }
    } else if pattern.starts_with('!') {
        Ignored::No { reincluded_by: Some(Rule { source: text(0).into(), line: text(1), pattern }) }
    } else {
        Ignored::Yes
    }
}

/// The fields that `-z` ends with NUL.
fn fields(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output.strip_suffix(b"\0").into_iter().flat_map(|fields| fields.split(|byte| *byte == 0))
}

fn run(world: &dyn World, top: &Path, argv: &[String], input: &[u8]) -> Result<Finished, SinkError> {
    let child = Child {
        input,
        hidden: &[&MISLEADING[..], &BOOTSTRAP_VARIABLES].concat(),
        time_limit: Some(GIT_LIMIT),
        ..Child::new(argv, top)
    };
    world.run(&child).map_err(|source| SinkError::NoGit { work_tree: top.to_owned(), source: plain(source) })
}

/// A program that does not exist is told in words that a person knows.
fn plain(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::NotFound {
        return io::Error::new(io::ErrorKind::NotFound, "no such program");
    }
    error
}

fn failure(top: &Path, finished: &Finished) -> SinkError {
    let said = String::from_utf8_lossy(&finished.errors);
    let message = match said.lines().find(|line| !line.trim().is_empty()) {
        _ if finished.timed_out => format!("it did not answer within {} s", GIT_LIMIT.as_secs()),
        Some(line) => line.trim().to_owned(),
        None => "it gave no answer that makes sense".to_owned(),
    };
    SinkError::GitFailed { work_tree: top.to_owned(), message }
}
