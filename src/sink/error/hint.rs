//! What to do about each situation: a command or a line to paste.

use std::io;
use std::path::Path;

use super::{MAKE, SinkError};
use crate::sink::{ValueError, shell_word};

impl SinkError {
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
                format!("correct that line of {shown}, then run the same command again")
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
