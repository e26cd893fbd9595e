//! The two questions to git: which of these files are in your index, and which do you ignore, by what rule?
//!
//! A [`Repository`] and paths come in; what git says of each goes out. Git is told which repository is meant, so that
//! the environment of a hook or an alias cannot answer for another one.

use std::fmt;
use std::path::PathBuf;

use super::call::failure;
use super::repository::Repository;
use crate::sink::SinkError;
use crate::world::World;

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
            "`{}` in {}, line {}, includes it again",
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
    let finished = repository.call().run(world, &arguments, files, &[])?;
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
    let finished = repository.call().run(world, &arguments, &[], &input)?;
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

/// Whether any file below a folder of the work tree is in the index.
pub(super) fn tracks_below(
    world: &dyn World,
    repository: &Repository,
    folder: &str,
) -> Result<bool, SinkError> {
    Ok(!tracked(world, repository, &[folder.to_owned()])?.is_empty())
}
