//! One call of git: where it runs, which repository it is about, and what it must not see.
//!
//! Arguments come in, what git printed goes out; what it means is read by those who ask.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::sink::SinkError;
use crate::text::one_line;
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
/// the file, its own index, and the `-c` options of one command: the answer would be about something else. What
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

/// Whether git sees the variables that a hook, an alias or a person left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum GitEnvironment {
    /// It does not: the question is about one repository, whatever else is going on.
    Hidden,
    /// It does: the question is what this environment makes of the file.
    Seen,
}

/// One call of git: from where, and about which repository.
pub(super) struct Call<'a> {
    pub(super) folder: &'a Path,
    pub(super) git_dir: Option<&'a str>,
    pub(super) work_tree: Option<&'a Path>,
    pub(super) environment: GitEnvironment,
}

impl Call<'_> {
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

/// A program that does not exist is told in words that a person knows.
pub(super) fn plain(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::NotFound {
        return io::Error::new(io::ErrorKind::NotFound, "no such program");
    }
    error
}

/// Why there is no answer of git's.
pub(super) fn failure(top: &Path, finished: &Finished) -> SinkError {
    let message = said(finished, GIT_LIMIT);
    if message.contains("dubious ownership") {
        return SinkError::GitDistrusts { work_tree: top.to_owned(), message };
    }
    failed(top, &message)
}

/// What a program said that gave no answer: the first line of its standard error.
pub(super) fn said(finished: &Finished, limit: Duration) -> String {
    let said = String::from_utf8_lossy(&finished.errors);
    match said.lines().map(str::trim).find(|line| !line.is_empty()) {
        _ if finished.timed_out => format!("it did not answer within {} s", limit.as_secs()),
        Some(line) => one_line(line),
        None => "its answer makes no sense".to_owned(),
    }
}

fn failed(top: &Path, message: &str) -> SinkError {
    SinkError::GitFailed { work_tree: top.to_owned(), message: message.to_owned() }
}
