//! What stands between a secret and its sink: each variant is a situation, with its sentence. Its code is in `code`;
//! what to do about it is not said here.

mod code;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::{ContentProblem, GuardError, ValueError, VaultError};

/// Why a sink cannot be written, or was not.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// A relative path leaves the root.
    #[error("`{shown}` leads out of {}: it is really {}", root.display(), real.display())]
    Outside {
        /// The path as written.
        shown: String,
        /// The root it should stay in.
        root: PathBuf,
        /// Where it leads.
        real: PathBuf,
    },
    /// The folder that the file should be in does not exist.
    #[error("`{shown}` cannot be made: its folder {} does not exist", folder.display())]
    NoFolder {
        /// The path as written.
        shown: String,
        /// The folder that is missing.
        folder: PathBuf,
    },
    /// Something else than a file is in the way.
    #[error("`{shown}` is {what}, not a file")]
    NotAFile {
        /// The path as written.
        shown: String,
        /// What it is, with its article.
        what: &'static str,
    },
    /// A symbolic link leads nowhere, or round in a circle.
    #[error("`{shown}` is a symbolic link that leads to no file")]
    BrokenLink {
        /// The path as written.
        shown: String,
    },
    /// The file belongs to someone else, who could not read what replaces it.
    #[error("`{shown}` belongs to another user, who could not read the file that would replace it")]
    OtherOwner {
        /// The file, for a person.
        shown: String,
        /// The real file.
        path: PathBuf,
    },
    /// The file has several names, and replacing it would leave the other names with the old content.
    #[error(
        "`{shown}` is one of {names} names of the same file (hard links); the others would keep the old content"
    )]
    HardLink {
        /// The file, for a person.
        shown: String,
        /// How many names it has.
        names: u64,
        /// The real file.
        path: PathBuf,
    },
    /// Its owner may not write the file.
    #[error("`{shown}` is read-only")]
    ReadOnly {
        /// The file, for a person.
        shown: String,
        /// The real file.
        path: PathBuf,
    },
    /// Nobody may put a file into its folder, so it cannot be replaced.
    #[error("`{shown}` cannot be replaced: its folder {} is read-only", folder.display())]
    ReadOnlyFolder {
        /// The file, for a person.
        shown: String,
        /// The real folder.
        folder: PathBuf,
    },
    /// The file belongs to a group that we may not give a file to, and whose members could not read what replaces it.
    #[error(
        "`{shown}` belongs to a group that you are not in, and the file that would replace it would not \
         be in it"
    )]
    OtherGroup {
        /// The file, for a person.
        shown: String,
        /// The real file.
        path: PathBuf,
    },
    /// The file has an attribute that forbids to change or replace it.
    #[error("`{shown}` cannot be changed or replaced: it is immutable or append-only")]
    Immutable {
        /// The file, for a person.
        shown: String,
        /// The real file.
        path: PathBuf,
    },
    /// The file system is mounted read-only.
    #[error("`{shown}` is on a file system that is mounted read-only")]
    ReadOnlyMount {
        /// The file, for a person.
        shown: String,
    },
    /// The file is itself a mount, so it can only be written in place, and that is not safe now.
    #[error("`{shown}` is mounted by itself, so it can only be written in place, and {why}")]
    MountPoint {
        /// The file, for a person.
        shown: String,
        /// Why that is not safe.
        why: &'static str,
    },
    /// A file was being written in place when cfmint was killed, and somebody has changed it since.
    #[error("cfmint was killed while it wrote `{shown}`, and somebody has changed the file since")]
    HalfWritten {
        /// The file, for a person.
        shown: String,
        /// The real file.
        path: PathBuf,
        /// What it held before.
        kept: PathBuf,
    },
    /// The file is one of cfmint's own, or could be taken for one.
    #[error("`{shown}` is not a place for a secret: {why}")]
    Reserved {
        /// The path as written.
        shown: String,
        /// What it is.
        why: &'static str,
    },
    /// The file is longer than any that holds settings.
    #[error("`{shown}` is longer than {limit} bytes, so it is probably not a file of settings")]
    TooLong {
        /// The file, for a person.
        shown: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The file cannot be understood, so it cannot be edited safely.
    #[error("`{shown}` cannot be edited: {problem}")]
    Unreadable {
        /// The file, for a person.
        shown: String,
        /// What is wrong, and where.
        #[source]
        problem: ContentProblem,
    },
    /// The file was changed by someone else each time it was about to be replaced.
    #[error("another program keeps changing `{shown}`")]
    Restless {
        /// The file, for a person.
        shown: String,
    },
    /// Somebody else put another value there between the look and the write, and nobody asked who owns it.
    #[error("somebody else changed {shown} while cfmint was active")]
    ChangedMeanwhile {
        /// The variable and its file, for a person.
        shown: String,
    },
    /// The state folder is on another file system, and git does not ignore a temporary file beside the env file.
    #[error(
        "`{shown}` is on another file system than {}, and git would not ignore a temporary file beside it",
        stage.display()
    )]
    StageElsewhere {
        /// The file, for a person.
        shown: String,
        /// The state folder.
        stage: PathBuf,
    },
    /// The system refused to make a file: its folder decides.
    #[error("cannot make {}: {source}", path.display())]
    NotMade {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The system refused a step with something that exists.
    #[error("cannot {doing} {}: {source}", path.display())]
    Refused {
        /// What was tried, such as `write`.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A variable or its value cannot stand in an env file.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The profile asks for a value that it does not settle.
    #[error("a sink needs exactly one `{value}`, and the profile names none or several")]
    NoValue {
        /// The word in the profile.
        value: &'static str,
    },
    /// Git has the file in its index, so the next commit would hold the secret.
    #[error("`{shown}` is tracked by git, so the secret would be committed")]
    Tracked {
        /// The file, for a person.
        shown: String,
        /// The command that takes it out of the index and leaves it where it is.
        untrack: String,
    },
    /// Git does not ignore the file, so it is one `git add` away from a commit.
    #[error("`{shown}` is not ignored by git{}", reincluded_by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default())]
    NotIgnored {
        /// The file, for a person.
        shown: String,
        /// The line that would make git ignore it.
        line: String,
        /// The ignore file to add it to.
        gitignore: PathBuf,
        /// The rule that takes it back in, if one does.
        reincluded_by: Option<String>,
    },
    /// The line was added, and git still does not ignore the file; the line was taken out again.
    #[error("`{shown}` is still not ignored by git with the line `{line}` in {}", gitignore.display())]
    StillNotIgnored {
        /// The file, for a person.
        shown: String,
        /// The line that did not help.
        line: String,
        /// The ignore file it was in.
        gitignore: PathBuf,
    },
    /// The ignore file is something that git does not read, or that must not be replaced.
    #[error("{} is not a plain file, so no line can be added to it", path.display())]
    GitignoreUnfit {
        /// The ignore file.
        path: PathBuf,
    },
    /// There is a git work tree and no git to ask.
    #[error("{} is a git work tree, but git cannot be run ({source}), so it is not known whether it \
        ignores the file", work_tree.display())]
    NoGit {
        /// The root of the work tree.
        work_tree: PathBuf,
        /// Why git did not start.
        source: io::Error,
    },
    /// Git did not answer.
    #[error("git cannot say whether it ignores the file: {message}")]
    GitFailed {
        /// The root of the work tree.
        work_tree: PathBuf,
        /// Git's words.
        message: String,
    },
    /// Git does not trust the work tree, which belongs to another user.
    #[error("git cannot say whether it ignores the file: {message}")]
    GitDistrusts {
        /// The root of the work tree.
        work_tree: PathBuf,
        /// Git's words.
        message: String,
    },
    /// The file's name is no UTF-8, so git cannot be asked about it.
    #[error("`{shown}` has a name that is not UTF-8, so git cannot be asked about it")]
    NameNotText {
        /// The file, for a person.
        shown: String,
    },
    /// The file belongs to a repository, or to the work tree of another system than git.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// The program of a command sink does not exist or may not be executed.
    #[error("there is no program `{program}`")]
    NoProgram {
        /// The program.
        program: String,
    },
    /// The program did not start.
    #[error("`{program}` did not start: {source}")]
    CommandNotStarted {
        /// The program.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// The program refused the secret.
    #[error("`{program}` failed with exit code {code}")]
    CommandFailed {
        /// The program.
        program: String,
        /// Its exit code.
        code: i32,
    },
    /// A signal ended the program.
    #[error("`{program}` was killed")]
    CommandKilled {
        /// The program.
        program: String,
    },
    /// The program that says what a sink holds did not say it.
    #[error("`{program}` does not print what its store holds: {why}")]
    CommandUnread {
        /// The program.
        program: String,
        /// Why not.
        why: String,
    },
    /// Variables for later steps, where there are none.
    #[error("variables for later steps can only be set in GitHub Actions: {why}")]
    NoGithubActions {
        /// What is missing.
        why: &'static str,
    },
    /// A secret should be shown where there is no screen.
    #[error("a secret is shown only on a terminal, and standard output is not one")]
    NoTerminal,
    /// Vault or OpenBao.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What a program was given cannot be taken back.
    #[error("the value that `{program}` got cannot be taken back")]
    NotRestorable {
        /// The program.
        program: String,
    },
    /// So much time has passed since the run looked that another one may have begun.
    #[error("it is too late to deliver to {shown}: another run may have started")]
    TooLate {
        /// The sink, for a person.
        shown: String,
    },
    /// The program took too long and was killed.
    #[error("`{program}` did not end within {} s", limit.as_secs())]
    CommandTimedOut {
        /// The program.
        program: String,
        /// The limit.
        limit: Duration,
    },
}
