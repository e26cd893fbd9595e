//! What to do about a sink that cannot be read or written.
//!
//! The sinks say what happened, with its code and the paths it is about; here that becomes sentences and commands.

use std::io;
use std::path::Path;

use super::code::Code;
use super::command_line::CommandLine;
use super::hint::{Hint, Hints};
use super::library::AGAIN;
use super::problem::Problem;
use crate::sink::{GuardError, SinkError, ValueError, VaultError, VersionControl, shell_word};

/// What a sink that is a file must be.
const FILE: &str = "name a file: `env_file: .env`, or `json_file: secrets.json`";

impl From<&SinkError> for Problem {
    fn from(error: &SinkError) -> Self {
        Self::new(Code::Sink(error.code()), error.to_string(), hints(error))
    }
}

/// What to do about it.
pub(super) fn hints(error: &SinkError) -> Hints {
    match error {
        SinkError::Outside { real, .. } => {
            format!("if you mean that file, write its absolute path: {}", real.display()).into()
        }
        SinkError::NotAFile { .. } | SinkError::TooLong { .. } | SinkError::Reserved { .. } => FILE.into(),
        SinkError::BrokenLink { shown } => broken_link(shown.as_ref()),
        SinkError::NoFolder { folder, .. } => run("create the folder", "mkdir -p", folder),
        SinkError::OtherOwner { path, .. } => run("make the file yours", "sudo chown \"$(id -u)\"", path),
        SinkError::HardLink { path, .. } => separate(path),
        SinkError::ReadOnly { path, .. } => run("make the file writable", "chmod u+rw", path),
        SinkError::ReadOnlyFolder { folder, .. } => run("make the folder writable", "chmod u+w", folder),
        SinkError::OtherGroup { path, .. } => run("give the file your group", "chgrp \"$(id -g)\"", path),
        SinkError::Immutable { path, .. } => run("remove the attribute", "sudo chattr -i -a", path),
        SinkError::ReadOnlyMount { .. } => {
            "mount it writable, or name a file elsewhere: `env_file: PATH`".into()
        }
        SinkError::MountPoint { .. } => "mount the folder that contains the file instead".into(),
        SinkError::HalfWritten { path, kept, .. } => half_written(path, kept),
        SinkError::Unreadable { shown, .. } => {
            format!("correct that line of {shown}, then run the same command again").into()
        }
        SinkError::Restless { .. } => "stop that program, then run the same command again".into(),
        SinkError::ChangedMeanwhile { .. } => {
            "run the same command again: it finds out who owns the new value".into()
        }
        // A file that could not be made does not exist: its folder decides.
        SinkError::NotMade { path, source } => refused(path.parent().unwrap_or(path), path, source),
        SinkError::Refused { path, source, .. } => refused(path, path, source),
        SinkError::NoValue { .. } => {
            "name exactly one under `resources`, or remove the value from the sink".into()
        }
        SinkError::StageElsewhere { .. } => {
            "choose a --state-dir on the same file system, or let git ignore `*.cfmint-*`".into()
        }
        SinkError::Value(error) => value(error),
        SinkError::Tracked { untrack: command, .. } => untrack(VersionControl::Git, command).into(),
        SinkError::NotIgnored { line, gitignore, .. } => not_ignored(line, gitignore),
        SinkError::StillNotIgnored { shown, .. } => {
            run("see which rule decides", "git check-ignore -v", shown.as_ref())
        }
        SinkError::GitignoreUnfit { .. } => "add the line to .git/info/exclude by hand".into(),
        SinkError::NameNotText { .. } => "give the file a name in UTF-8".into(),
        SinkError::NoGit { .. } => "install git, or put it on PATH".into(),
        SinkError::GitDistrusts { work_tree, .. } => distrusted(work_tree),
        SinkError::GitFailed { work_tree, .. } => {
            shell("see what git says", format!("git -C {} status", shell_word(work_tree)))
        }
        SinkError::Guard(error) => guard(error),
        SinkError::NoProgram { .. } => "install it, or put its folder on PATH".into(),
        SinkError::CommandNotStarted { .. } => "run it by hand to see what is wrong".into(),
        SinkError::CommandFailed { .. } | SinkError::CommandKilled { .. } => {
            "if the program said why, you see it above".into()
        }
        SinkError::CommandUnread { .. } => {
            "run it by hand: it should print what the sink stores and nothing else, or nothing where there is no value \
             yet, and exit with 0"
                .into()
        }
        SinkError::NoGithubActions { .. } => {
            "run it as a step of a workflow, or leave `github_env` out here: give it an environment of its own".into()
        }
        SinkError::Vault(error) => vault(error),
        SinkError::NoTerminal => "leave --reveal out: the secret goes to the profile's sinks".into(),
        SinkError::NotRestorable { .. } => "put the old value back by hand".into(),
        SinkError::CommandTimedOut { .. } => {
            "it must not wait for anything but its standard input; try it by hand".into()
        }
        SinkError::TooLate { .. } => AGAIN.into(),
    }
}

fn broken_link(link: &Path) -> Hints {
    [
        Hint::run("create the file that the link points to; this shows which", on("ls -l", link)),
        Hint::run("or remove the link", on("rm", link)),
    ]
    .into()
}

fn separate(path: &Path) -> Hints {
    let word = shell_word(path);
    shell("separate it from its other names", format!("cp -p {word} {word}.new && mv {word}.new {word}"))
}

fn half_written(path: &Path, kept: &Path) -> Hints {
    let differences = format!("diff {} {}", shell_word(kept), shell_word(path));
    [
        Hint::run("see what is missing", CommandLine::shell(differences)),
        Hint::run("then remove the copy", on("rm", kept)),
    ]
    .into()
}

fn value(error: &ValueError) -> Hints {
    match error {
        ValueError::Line(problem) => {
            format!("change line {} of the env file, then run the same command again", problem.line()).into()
        }
        ValueError::BadName { .. } => "rename the variable in the profile".into(),
        ValueError::BadValue { .. } => "use another kind of sink for this value".into(),
    }
}

fn vault(error: &VaultError) -> Hints {
    match error {
        VaultError::NoAddress | VaultError::BadAddress(_) => {
            "set it to the store's address: VAULT_ADDR=https://vault.example.com:8200".into()
        }
        VaultError::NoLogin => "run `vault login` or `bao login`, or set VAULT_TOKEN, VAULT_ROLE_ID with VAULT_SECRET_ID, \
             or VAULT_K8S_ROLE"
            .into(),
        VaultError::HalfLogin { missing, .. } => format!("set {missing}, too").into(),
        VaultError::Unreadable { path, .. } => run("see who may read it", "ls -l", path),
        VaultError::NoCapability { path, .. } => {
            format!("give the token a policy with this: path \"{path}\" {{ capabilities = [\"create\", \"read\", \"update\"] }}")
                .into()
        }
        VaultError::NoVersions { .. } => {
            "name a path in a store of version 2, with `data` behind the store's name: secret/data/shop/cloudflare".into()
        }
        VaultError::Redirected { .. } => {
            "set VAULT_ADDR to the active server, or let the cluster forward requests, as it does by itself".into()
        }
        VaultError::Unanswered { .. } => "see whether it answers there: vault status; if its certificate is of an authority of \
             your own, name the authority's file in VAULT_CACERT"
            .into(),
        _ => "see what the store says: vault status, vault token lookup".into(),
    }
}

fn not_ignored(line: &str, gitignore: &Path) -> Hints {
    [
        Hint::run("let cfmint add the line", CommandLine::again("--fix-gitignore")),
        Hint::text(format!("or add this line to {}: {line}", gitignore.display())),
    ]
    .into()
}

fn distrusted(work_tree: &Path) -> Hints {
    let trust = on("git config --global --add safe.directory", work_tree);
    [
        Hint::text("the work tree belongs to another user: run cfmint as that user"),
        Hint::run("or, if you trust what is in it", trust),
    ]
    .into()
}

fn guard(error: &GuardError) -> Hints {
    match error {
        GuardError::InRepository { .. } => FILE.into(),
        GuardError::Tracked { system, untrack: command, .. } => untrack(*system, command).into(),
        GuardError::NotIgnored { line, file, .. } => {
            format!("add this line to {}: {line}", file.display()).into()
        }
        GuardError::NoProgram { program, .. } => format!("install {program}, or put it on PATH").into(),
        GuardError::Unanswered { work_tree, program, .. } => {
            shell("see what it says", format!("cd {} && {program} status", shell_word(work_tree)))
        }
    }
}

/// How to keep a file that no system should track any more.
pub(super) fn untrack(system: VersionControl, command: &str) -> Hint {
    let text = match system {
        VersionControl::Jujutsu => "add it to .gitignore, then stop tracking it (it stays on the disk)",
        VersionControl::Git | VersionControl::Mercurial => "stop tracking it (it stays on the disk)",
    };
    Hint::run(text, CommandLine::shell(command))
}

/// What to do where the system refused something: about the permissions of what decides, or the space around the file.
fn refused(decides: &Path, file: &Path, source: &io::Error) -> Hints {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            run("free some space, then run the same command again", "df -h", file.parent().unwrap_or(file))
        }
        _ => run("see who may do that", "ls -ld", decides),
    }
}

fn run(text: &str, program: &str, path: &Path) -> Hints {
    Hint::run(text, on(program, path)).into()
}

fn shell(text: &str, command: String) -> Hints {
    Hint::run(text, CommandLine::shell(command)).into()
}

fn on(program: &str, path: &Path) -> CommandLine {
    CommandLine::on_path(program, path)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::cli::failure::invocation::Invocation;

    /// What a person reads, a line each, and the command that a program reads.
    #[allow(clippy::needless_pass_by_value, reason = "rows of a table read better so")]
    fn told(error: SinkError) -> (String, Option<String>) {
        let problem = Problem::from(&error);
        let invocation = Invocation::default();
        let command = problem.hints.iter().find_map(|hint| hint.command(&invocation));
        (problem.hint(&invocation), command)
    }

    fn file() -> PathBuf {
        "/srv/my shop/.env".into()
    }

    fn shown() -> String {
        ".env".to_owned()
    }

    fn untracked_by(system: VersionControl, command: &str) -> SinkError {
        GuardError::Tracked { shown: shown(), system, untrack: command.to_owned() }.into()
    }

    fn refused(kind: io::ErrorKind) -> SinkError {
        SinkError::Refused { doing: "write", path: file(), source: kind.into() }
    }

    #[test]
    fn what_a_program_can_do_about_a_sink_is_a_command_behind_a_sentence() {
        let folder = || PathBuf::from("/srv/my shop");
        let dubious = "fatal: detected dubious ownership in repository at '/srv/my shop'".to_owned();
        let cases = [
            (
                SinkError::NoFolder { shown: shown(), folder: folder() },
                "create the folder",
                "mkdir -p '/srv/my shop'",
            ),
            (
                SinkError::OtherOwner { shown: shown(), path: file() },
                "make the file yours",
                "sudo chown \"$(id -u)\" '/srv/my shop/.env'",
            ),
            (
                SinkError::OtherGroup { shown: shown(), path: file() },
                "give the file your group",
                "chgrp \"$(id -g)\" '/srv/my shop/.env'",
            ),
            (
                SinkError::HardLink { shown: shown(), names: 2, path: ".env".into() },
                "separate it from its other names",
                "cp -p .env .env.new && mv .env.new .env",
            ),
            (
                SinkError::ReadOnly { shown: shown(), path: file() },
                "make the file writable",
                "chmod u+rw '/srv/my shop/.env'",
            ),
            (
                SinkError::ReadOnlyFolder { shown: shown(), folder: folder() },
                "make the folder writable",
                "chmod u+w '/srv/my shop'",
            ),
            (
                SinkError::Immutable { shown: shown(), path: file() },
                "remove the attribute",
                "sudo chattr -i -a '/srv/my shop/.env'",
            ),
            (
                SinkError::Tracked { shown: shown(), untrack: "git rm --cached -- .env".to_owned() },
                "stop tracking it (it stays on the disk)",
                "git rm --cached -- .env",
            ),
            (
                untracked_by(VersionControl::Jujutsu, "jj file untrack .env"),
                "add it to .gitignore, then stop tracking it (it stays on the disk)",
                "jj file untrack .env",
            ),
            (
                untracked_by(VersionControl::Mercurial, "hg forget .env"),
                "stop tracking it (it stays on the disk)",
                "hg forget .env",
            ),
            (
                SinkError::StillNotIgnored { shown: shown(), line: "/.env".to_owned(), gitignore: file() },
                "see which rule decides",
                "git check-ignore -v .env",
            ),
            (
                SinkError::GitFailed { work_tree: folder(), message: dubious },
                "see what git says",
                "git -C '/srv/my shop' status",
            ),
            (
                refused(io::ErrorKind::StorageFull),
                "free some space, then run the same command again",
                "df -h '/srv/my shop'",
            ),
            (refused(io::ErrorKind::ReadOnlyFilesystem), "see who may do that", "ls -ld '/srv/my shop/.env'"),
            (
                SinkError::NotMade { path: file(), source: io::ErrorKind::ReadOnlyFilesystem.into() },
                "see who may do that",
                "ls -ld '/srv/my shop'",
            ),
            (
                SinkError::NotMade { path: file(), source: io::ErrorKind::QuotaExceeded.into() },
                "free some space, then run the same command again",
                "df -h '/srv/my shop'",
            ),
        ];
        for (error, text, command) in cases {
            assert_eq!(told(error), (format!("{text}: {command}"), Some(command.to_owned())));
        }
    }

    #[test]
    fn where_there_are_two_ways_each_has_its_line() {
        let line = "/.env".to_owned();
        let not_ignored = SinkError::NotIgnored {
            shown: shown(),
            line,
            gitignore: ".gitignore".into(),
            reincluded_by: None,
        };
        let distrusted = SinkError::GitDistrusts { work_tree: "/srv".into(), message: "fatal".to_owned() };
        let half_written = SinkError::HalfWritten { shown: shown(), path: ".env".into(), kept: "old".into() };
        let cases = [
            (
                SinkError::BrokenLink { shown: shown() },
                "create the file that the link points to; this shows which: ls -l .env\nor remove the link: rm .env",
            ),
            (half_written, "see what is missing: diff old .env\nthen remove the copy: rm old"),
            (
                not_ignored,
                "let cfmint add the line: cfmint --fix-gitignore\nor add this line to .gitignore: /.env",
            ),
            (
                distrusted,
                "the work tree belongs to another user: run cfmint as that user\n\
                 or, if you trust what is in it: git config --global --add safe.directory /srv",
            ),
        ];
        for (error, expected) in cases {
            let (hint, command) = told(error);
            assert_eq!(hint, expected);
            let command = command.unwrap_or_default();
            assert!(!command.is_empty() && expected.contains(&command), "{command}");
        }
    }
}
