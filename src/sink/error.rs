//! What stands between a secret and its sink: each variant is a situation, with the code, the sentence and the mend.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{DocumentError, ValueError};

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
    #[error("`{shown}` has no folder to be in: {} does not exist", folder.display())]
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
    /// The file is a mount of its own, so it cannot be replaced.
    #[error(
        "`{shown}` is mounted by itself, so it cannot be replaced in one step; mount the folder it is in instead"
    )]
    MountPoint {
        /// The file, for a person.
        shown: String,
    },
    /// The file is longer than any env file.
    #[error("`{shown}` is longer than {limit} bytes, so it is hardly an env file")]
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
        problem: DocumentError,
    },
    /// The file was changed by someone else each time it was about to be replaced.
    #[error("`{shown}` keeps being changed by another program")]
    Restless {
        /// The file, for a person.
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
    /// The system refused a step.
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
    #[error("there is no one `{value}`: the profile names none, or several")]
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
    #[error("{} is no plain file, so no line can be added to it", path.display())]
    GitignoreUnfit {
        /// The ignore file.
        path: PathBuf,
    },
    /// There is a git work tree and no git to ask.
    #[error("{} is a git work tree, but git cannot be run ({source}), so nobody can say whether it ignores the file", work_tree.display())]
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
    /// The file's name is no UTF-8, so git cannot be asked about it.
    #[error("`{shown}` has a name that is not UTF-8, so git cannot be asked about it")]
    NameNotText {
        /// The file, for a person.
        shown: String,
    },
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
    /// The program took too long and was killed.
    #[error("`{program}` did not end within {} s", limit.as_secs())]
    CommandTimedOut {
        /// The program.
        program: String,
        /// The limit.
        limit: Duration,
    },
}

impl SinkError {
    /// The stable code of the situation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Outside { .. } => "sink.outside",
            Self::NoFolder { .. } => "sink.no-folder",
            Self::NotAFile { .. } => "sink.not-a-file",
            Self::BrokenLink { .. } => "sink.broken-link",
            Self::OtherOwner { .. } => "sink.other-owner",
            Self::HardLink { .. } => "sink.hard-link",
            Self::ReadOnly { .. } => "sink.read-only",
            Self::ReadOnlyFolder { .. } => "sink.read-only-folder",
            Self::MountPoint { .. } => "sink.mount-point",
            Self::TooLong { .. } => "sink.too-long",
            Self::Unreadable { .. } => "sink.unreadable",
            Self::Restless { .. } => "sink.restless",
            Self::StageElsewhere { .. } => "sink.stage-elsewhere",
            Self::Refused { .. } => "sink.refused",
            Self::Value(_) => "sink.value",
            Self::NoValue { .. } => "sink.no-value",
            Self::Tracked { .. } => "sink.tracked",
            Self::NotIgnored { .. } => "sink.not-ignored",
            Self::StillNotIgnored { .. } => "sink.still-not-ignored",
            Self::GitignoreUnfit { .. } => "sink.gitignore-unfit",
            Self::NoGit { .. } => "sink.no-git",
            Self::GitFailed { .. } => "sink.git-failed",
            Self::NameNotText { .. } => "sink.name-not-text",
            Self::NoProgram { .. } => "sink.no-program",
            Self::CommandNotStarted { .. } => "sink.command-not-started",
            Self::CommandFailed { .. } => "sink.command-failed",
            Self::CommandKilled { .. } => "sink.command-killed",
            Self::CommandTimedOut { .. } => "sink.command-timed-out",
        }
    }

    /// What to do: a command or a line to paste; empty where nothing general helps.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Outside { real, .. } => {
                format!("if that is meant, write the absolute path: {}", real.display())
            }
            Self::NoFolder { folder, .. } => format!("mkdir -p {}", shell_word(folder)),
            Self::OtherOwner { path, .. } => format!("sudo chown \"$(id -u)\" {}", shell_word(path)),
            Self::HardLink { path, .. } => {
                let word = shell_word(path);
                format!("to part it from the others: cp -p {word} {word}.new && mv {word}.new {word}")
            }
            Self::ReadOnly { path, .. } => format!("chmod u+w {}", shell_word(path)),
            Self::ReadOnlyFolder { folder, .. } => format!("chmod u+w {}", shell_word(folder)),
            Self::StageElsewhere { .. } => {
                "choose a --state-dir on the same file system, or let git ignore `*.cfmint-*`".to_owned()
            }
            Self::Tracked { untrack, .. } => untrack.clone(),
            Self::NotIgnored { line, gitignore, .. } => {
                format!("add this line to {}, or run again with --fix-gitignore: {line}", gitignore.display())
            }
            Self::StillNotIgnored { .. } => "git check-ignore -v PATH shows the rule that decides".to_owned(),
            Self::NoGit { .. } => "install git, or put it on PATH".to_owned(),
            Self::GitFailed { work_tree, .. } => format!("git -C {} status", shell_word(work_tree)),
            Self::NoProgram { .. } => "install it, or put the folder it is in on PATH".to_owned(),
            _ => String::new(),
        }
    }
}

/// A path as one word of a shell's command line.
pub(super) fn shell_word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
