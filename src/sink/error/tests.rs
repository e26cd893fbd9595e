//! Every code has a value that has it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::sink::{
    ContentProblem, DocumentError, GuardError, SinkCode, ValueError, VaultError, VersionControl,
};

/// Those of sinks that are neither files nor programs.
fn of_others() -> Vec<(SinkCode, SinkError)> {
    vec![
        (SinkCode::NoGithubActions, SinkError::NoGithubActions { why: "this is no job" }),
        (SinkCode::VaultSettings, SinkError::Vault(VaultError::NoAddress)),
        (
            SinkCode::VaultRefused,
            SinkError::Vault(VaultError::NoVersions { path: "secret/data/a".to_owned() }),
        ),
        (
            SinkCode::VaultUnanswered,
            SinkError::Vault(VaultError::Redirected { doing: "to read secret/data/a".to_owned() }),
        ),
        (SinkCode::NoTerminal, SinkError::NoTerminal),
    ]
}

/// Every situation once, with its code.
fn situations() -> Vec<(SinkCode, SinkError)> {
    let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
    let (shown, program) = (|| ".env".to_owned(), || "gh".to_owned());
    let (path, folder) = (|| PathBuf::from("/srv/shop/.env"), || PathBuf::from("/srv/shop"));
    let gitignore = || PathBuf::from("/srv/shop/.gitignore");
    let (line, untrack) = (|| "/.env".to_owned(), || "git rm --cached -- .env".to_owned());
    let of_files = [
        (SinkCode::Outside, SinkError::Outside { shown: shown(), root: folder(), real: path() }),
        (SinkCode::NoFolder, SinkError::NoFolder { shown: shown(), folder: folder() }),
        (SinkCode::NotAFile, SinkError::NotAFile { shown: shown(), what: "a folder" }),
        (SinkCode::BrokenLink, SinkError::BrokenLink { shown: shown() }),
        (SinkCode::OtherOwner, SinkError::OtherOwner { shown: shown(), path: path() }),
        (SinkCode::HardLink, SinkError::HardLink { shown: shown(), names: 2, path: path() }),
        (SinkCode::ReadOnly, SinkError::ReadOnly { shown: shown(), path: path() }),
        (SinkCode::ReadOnlyFolder, SinkError::ReadOnlyFolder { shown: shown(), folder: folder() }),
        (SinkCode::OtherGroup, SinkError::OtherGroup { shown: shown(), path: path() }),
        (SinkCode::Immutable, SinkError::Immutable { shown: shown(), path: path() }),
        (SinkCode::ReadOnlyMount, SinkError::ReadOnlyMount { shown: shown() }),
        (SinkCode::MountPoint, SinkError::MountPoint { shown: shown(), why: "it is full" }),
        (SinkCode::HalfWritten, SinkError::HalfWritten { shown: shown(), path: path(), kept: path() }),
        (SinkCode::Reserved, SinkError::Reserved { shown: shown(), why: "it is cfmint's own" }),
        (SinkCode::TooLong, SinkError::TooLong { shown: shown(), limit: 1 }),
        (
            SinkCode::Unreadable,
            SinkError::Unreadable { shown: shown(), problem: ContentProblem::EnvFile(unclosed()) },
        ),
        (SinkCode::Restless, SinkError::Restless { shown: shown() }),
        (SinkCode::Changed, SinkError::ChangedMeanwhile { shown: shown() }),
        (SinkCode::StageElsewhere, SinkError::StageElsewhere { shown: shown(), stage: folder() }),
        (SinkCode::Refused, SinkError::Refused { doing: "write", path: path(), source: refused() }),
        (SinkCode::Value, SinkError::Value(ValueError::BadName { name: "1".to_owned() })),
        (SinkCode::Value, SinkError::Value(ValueError::BadValue { name: "A".to_owned() })),
        (SinkCode::Value, SinkError::Value(unclosed().into())),
        (SinkCode::NoValue, SinkError::NoValue { value: "zone_id" }),
    ];
    let of_git = [
        (SinkCode::Tracked, SinkError::Tracked { shown: shown(), untrack: untrack() }),
        (
            SinkCode::NotIgnored,
            SinkError::NotIgnored {
                shown: shown(),
                line: line(),
                gitignore: gitignore(),
                reincluded_by: None,
            },
        ),
        (
            SinkCode::StillNotIgnored,
            SinkError::StillNotIgnored { shown: shown(), line: line(), gitignore: gitignore() },
        ),
        (SinkCode::GitignoreUnfit, SinkError::GitignoreUnfit { path: gitignore() }),
        (SinkCode::NoGit, SinkError::NoGit { work_tree: folder(), source: refused() }),
        (SinkCode::GitFailed, SinkError::GitFailed { work_tree: folder(), message: "fatal".to_owned() }),
        (SinkCode::NameNotText, SinkError::NameNotText { shown: shown() }),
        (SinkCode::InRepository, GuardError::InRepository { shown: shown(), folder: folder() }.into()),
        (
            SinkCode::Tracked,
            GuardError::Tracked { shown: shown(), system: VersionControl::Mercurial, untrack: untrack() }
                .into(),
        ),
        (
            SinkCode::NotIgnored,
            GuardError::NotIgnored { shown: shown(), line: line(), file: gitignore() }.into(),
        ),
        (
            SinkCode::Unanswered,
            GuardError::NoProgram {
                work_tree: folder(),
                system: VersionControl::Mercurial,
                program: "hg",
                source: refused(),
            }
            .into(),
        ),
    ];
    let of_programs = [
        (SinkCode::NoProgram, SinkError::NoProgram { program: program() }),
        (SinkCode::CommandNotStarted, SinkError::CommandNotStarted { program: program(), source: refused() }),
        (SinkCode::CommandFailed, SinkError::CommandFailed { program: program(), code: 3 }),
        (SinkCode::CommandKilled, SinkError::CommandKilled { program: program() }),
        (
            SinkCode::CommandUnread,
            SinkError::CommandUnread { program: program(), why: "it fails".to_owned() },
        ),
        (SinkCode::NotRestorable, SinkError::NotRestorable { program: program() }),
        (
            SinkCode::CommandTimedOut,
            SinkError::CommandTimedOut { program: program(), limit: Duration::from_secs(1) },
        ),
        (SinkCode::TooLate, SinkError::TooLate { shown: shown() }),
    ];
    of_files.into_iter().chain(of_git).chain(of_programs).chain(of_others()).collect()
}

fn unclosed() -> DocumentError {
    DocumentError::Unclosed { line: 1, opening: "'" }
}

#[test]
fn every_code_is_that_of_a_situation_that_is_told_in_a_line() {
    let situations = situations();
    for (code, error) in &situations {
        assert_eq!(error.code(), *code);
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    for code in SinkCode::ALL {
        assert!(situations.iter().any(|(has, _)| has == code), "nothing provokes {}", code.text());
    }
}
