//! What stands between a secret and its sink: each variant is a situation, with the code, the sentence and the mend.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{DocumentError, GuardError, ValueError};

/// What it is to make a file, in [`SinkError::Refused`].
pub(in crate::sink) const MAKE: &str = "make";

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
    /// The file belongs to a group that we may not give a file to, and whose members could not read what replaces it.
    #[error(
        "`{shown}` belongs to a group that you are not in, and the file that would replace it would leave it"
    )]
    OtherGroup {
        /// The file, for a person.
        shown: String,
        /// The real file.
        path: PathBuf,
    },
    /// The file has an attribute that forbids to change or replace it.
    #[error("`{shown}` can neither be changed nor replaced: it is immutable or append-only")]
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
    /// The file is a mount of its own, so it can only be written in place, and that is not safe now.
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
    #[error("`{shown}` is no place for a secret: {why}")]
    Reserved {
        /// The path as written.
        shown: String,
        /// What it is.
        why: &'static str,
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
    /// Somebody else put another value there between the look and the write, and nobody asked whose it is.
    #[error("{shown} was changed by somebody else while cfmint was at work")]
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
    #[error("`{program}` does not say what it holds: {why}")]
    CommandUnread {
        /// The program.
        program: String,
        /// Why not.
        why: String,
    },
    /// What a program was given cannot be taken back.
    #[error("what `{program}` was given cannot be taken back")]
    NotRestorable {
        /// The program.
        program: String,
    },
    /// So much time has passed since the run looked that another one may have begun.
    #[error("it is too late to deliver to {shown}: another run may have begun meanwhile")]
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

impl SinkError {
    /// Every code of this room.
    pub const CODES: &[&str] = &[
        "sink.outside",
        "sink.no-folder",
        "sink.not-a-file",
        "sink.broken-link",
        "sink.other-owner",
        "sink.hard-link",
        "sink.read-only",
        "sink.read-only-folder",
        "sink.other-group",
        "sink.immutable",
        "sink.read-only-mount",
        "sink.mount-point",
        "sink.half-written",
        "sink.reserved",
        "sink.too-long",
        "sink.unreadable",
        "sink.changed",
        "sink.restless",
        "sink.stage-elsewhere",
        "sink.refused",
        "sink.value",
        "sink.no-value",
        "sink.tracked",
        "sink.not-ignored",
        "sink.still-not-ignored",
        "sink.gitignore-unfit",
        "sink.no-git",
        "sink.git-failed",
        "sink.name-not-text",
        "sink.in-repository",
        "sink.unanswered",
        "sink.no-program",
        "sink.command-not-started",
        "sink.command-failed",
        "sink.command-killed",
        "sink.command-unread",
        "sink.not-restorable",
        "sink.command-timed-out",
        "sink.too-late",
    ];

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
            Self::OtherGroup { .. } => "sink.other-group",
            Self::Immutable { .. } => "sink.immutable",
            Self::ReadOnlyMount { .. } => "sink.read-only-mount",
            Self::MountPoint { .. } => "sink.mount-point",
            Self::HalfWritten { .. } => "sink.half-written",
            Self::Reserved { .. } => "sink.reserved",
            Self::TooLong { .. } => "sink.too-long",
            Self::Unreadable { .. } => "sink.unreadable",
            Self::Restless { .. } => "sink.restless",
            Self::ChangedMeanwhile { .. } => "sink.changed",
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
            Self::Guard(error) => error.code(),
            Self::NoProgram { .. } => "sink.no-program",
            Self::CommandNotStarted { .. } => "sink.command-not-started",
            Self::CommandFailed { .. } => "sink.command-failed",
            Self::CommandKilled { .. } => "sink.command-killed",
            Self::CommandUnread { .. } => "sink.command-unread",
            Self::NotRestorable { .. } => "sink.not-restorable",
            Self::CommandTimedOut { .. } => "sink.command-timed-out",
            Self::TooLate { .. } => "sink.too-late",
        }
    }

    /// What to do: a command or a line to paste; empty where nothing general helps.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Outside { real, .. } => {
                format!("if that is meant, write the absolute path: {}", real.display())
            }
            Self::NotAFile { .. } | Self::TooLong { .. } => "name an env file: `env_file: .env`".to_owned(),
            Self::BrokenLink { shown } => {
                let link = shell_word(Path::new(shown));
                format!("make the file that it leads to (see: ls -l {link})\nor take the link away: rm {link}")
            }
            Self::NoFolder { folder, .. } => format!("mkdir -p {}", shell_word(folder)),
            Self::OtherOwner { path, .. } => format!("sudo chown \"$(id -u)\" {}", shell_word(path)),
            Self::HardLink { path, .. } => {
                let word = shell_word(path);
                format!("to part it from the others: cp -p {word} {word}.new && mv {word}.new {word}")
            }
            Self::ReadOnly { path, .. } => format!("chmod u+rw {}", shell_word(path)),
            Self::ReadOnlyFolder { folder, .. } => format!("chmod u+w {}", shell_word(folder)),
            Self::OtherGroup { path, .. } => format!("chgrp \"$(id -g)\" {}", shell_word(path)),
            Self::Immutable { path, .. } => format!("sudo chattr -i -a {}", shell_word(path)),
            Self::ReadOnlyMount { .. } => {
                "mount it writable, or name a file elsewhere: `env_file: PATH`".to_owned()
            }
            Self::MountPoint { .. } => "mount the folder that it is in instead".to_owned(),
            Self::HalfWritten { path, kept, .. } => {
                let (path, kept) = (shell_word(path), shell_word(kept));
                format!("see what is missing: diff {kept} {path}\nthen let go of what was kept: rm {kept}")
            }
            Self::Reserved { .. } => "name an env file of your own: `env_file: .env`".to_owned(),
            Self::Unreadable { shown, .. } => {
                format!("mend that line of {shown}, then run the same command again")
            }
            Self::Restless { .. } => "stop that program, then run the same command again".to_owned(),
            Self::ChangedMeanwhile { .. } => {
                "run the same command again: it asks whose the new value is".to_owned()
            }
            Self::Refused { path, source, .. }
                if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) =>
            {
                let folder = path.parent().unwrap_or(path);
                format!("make room, then run the same command again: df -h {}", shell_word(folder))
            }
            // What could not be made does not exist: its folder decides.
            Self::Refused { doing: MAKE, path, .. } => {
                format!("see who may do that: ls -ld {}", shell_word(path.parent().unwrap_or(path)))
            }
            Self::Refused { path, .. } => format!("see who may do that: ls -ld {}", shell_word(path)),
            Self::NoValue { .. } => {
                "name exactly one under `resources`, or take it out of the sink".to_owned()
            }
            Self::StageElsewhere { .. } => {
                "choose a --state-dir on the same file system, or let git ignore `*.cfmint-*`".to_owned()
            }
            Self::Tracked { untrack, .. } => untrack.clone(),
            Self::NotIgnored { line, gitignore, .. } => {
                format!(
                    "run the same command with --fix-gitignore\nor add this line to {}: {line}",
                    gitignore.display()
                )
            }
            Self::StillNotIgnored { shown, .. } => {
                format!("see which rule decides: git check-ignore -v {}", shell_word(Path::new(shown)))
            }
            Self::GitignoreUnfit { .. } => "add the line to .git/info/exclude by hand".to_owned(),
            Self::NameNotText { .. } => "give the file a name in UTF-8".to_owned(),
            Self::NoGit { .. } => "install git, or put it on PATH".to_owned(),
            Self::GitFailed { work_tree, message } if message.contains("dubious ownership") => format!(
                "the work tree is another user's: run cfmint as that user\n\
                 or, if you trust what is in it: git config --global --add safe.directory {}",
                shell_word(work_tree)
            ),
            Self::GitFailed { work_tree, .. } => format!("git -C {} status", shell_word(work_tree)),
            Self::Guard(error) => error.hint(),
            Self::NoProgram { .. } => "install it, or put the folder it is in on PATH".to_owned(),
            Self::Value(ValueError::Line(problem)) => {
                format!("change line {} of the env file, then run the same command again", problem.line())
            }
            Self::Value(ValueError::BadName { .. }) => "rename the variable in the profile".to_owned(),
            Self::Value(ValueError::BadValue { .. }) => {
                "use a sink of another kind for this value".to_owned()
            }
            Self::CommandNotStarted { .. } => "run it by hand to see what is wrong".to_owned(),
            Self::CommandFailed { .. } | Self::CommandKilled { .. } => {
                "what it said, if anything, stands above".to_owned()
            }
            Self::CommandUnread { .. } => {
                "run it by hand: it should print the value and nothing else, and exit with 0; where there is no value \
                 yet, it should print nothing, and exit with 0"
                    .to_owned()
            }
            Self::NotRestorable { .. } => "put the old value back by hand".to_owned(),
            Self::TooLate { .. } => "run the same command again".to_owned(),
            Self::CommandTimedOut { .. } => {
                "it must not wait for anything but its standard input; try it by hand".to_owned()
            }
        }
    }
}

/// A path as one word of a shell's command line.
#[must_use]
pub fn shell_word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
