//! Every code has a value that has it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::sink::{DocumentError, GuardError, ValueError, VersionControl};

/// Every situation once, with its code.
fn situations() -> Vec<(&'static str, SinkError)> {
    let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
    let (shown, program) = (|| ".env".to_owned(), || "gh".to_owned());
    let (path, folder) = (|| PathBuf::from("/srv/shop/.env"), || PathBuf::from("/srv/shop"));
    let gitignore = || PathBuf::from("/srv/shop/.gitignore");
    let (line, untrack) = (|| "/.env".to_owned(), || "git rm --cached -- .env".to_owned());
    let of_files = [
        ("sink.outside", SinkError::Outside { shown: shown(), root: folder(), real: path() }),
        ("sink.no-folder", SinkError::NoFolder { shown: shown(), folder: folder() }),
        ("sink.not-a-file", SinkError::NotAFile { shown: shown(), what: "a folder" }),
        ("sink.broken-link", SinkError::BrokenLink { shown: shown() }),
        ("sink.other-owner", SinkError::OtherOwner { shown: shown(), path: path() }),
        ("sink.hard-link", SinkError::HardLink { shown: shown(), names: 2, path: path() }),
        ("sink.read-only", SinkError::ReadOnly { shown: shown(), path: path() }),
        ("sink.read-only-folder", SinkError::ReadOnlyFolder { shown: shown(), folder: folder() }),
        ("sink.other-group", SinkError::OtherGroup { shown: shown(), path: path() }),
        ("sink.immutable", SinkError::Immutable { shown: shown(), path: path() }),
        ("sink.read-only-mount", SinkError::ReadOnlyMount { shown: shown() }),
        ("sink.mount-point", SinkError::MountPoint { shown: shown(), why: "it is full" }),
        ("sink.half-written", SinkError::HalfWritten { shown: shown(), path: path(), kept: path() }),
        ("sink.reserved", SinkError::Reserved { shown: shown(), why: "it is cfmint's own" }),
        ("sink.too-long", SinkError::TooLong { shown: shown(), limit: 1 }),
        ("sink.unreadable", SinkError::Unreadable { shown: shown(), problem: unclosed() }),
        ("sink.restless", SinkError::Restless { shown: shown() }),
        ("sink.changed", SinkError::ChangedMeanwhile { shown: shown() }),
        ("sink.stage-elsewhere", SinkError::StageElsewhere { shown: shown(), stage: folder() }),
        ("sink.refused", SinkError::Refused { doing: "write", path: path(), source: refused() }),
        ("sink.value", SinkError::Value(ValueError::BadName { name: "1".to_owned() })),
        ("sink.value", SinkError::Value(ValueError::BadValue { name: "A".to_owned() })),
        ("sink.value", SinkError::Value(unclosed().into())),
        ("sink.no-value", SinkError::NoValue { value: "zone_id" }),
    ];
    let of_git = [
        ("sink.tracked", SinkError::Tracked { shown: shown(), untrack: untrack() }),
        (
            "sink.not-ignored",
            SinkError::NotIgnored {
                shown: shown(),
                line: line(),
                gitignore: gitignore(),
                reincluded_by: None,
            },
        ),
        (
            "sink.still-not-ignored",
            SinkError::StillNotIgnored { shown: shown(), line: line(), gitignore: gitignore() },
        ),
        ("sink.gitignore-unfit", SinkError::GitignoreUnfit { path: gitignore() }),
        ("sink.no-git", SinkError::NoGit { work_tree: folder(), source: refused() }),
        ("sink.git-failed", SinkError::GitFailed { work_tree: folder(), message: "fatal".to_owned() }),
        ("sink.name-not-text", SinkError::NameNotText { shown: shown() }),
        ("sink.in-repository", GuardError::InRepository { shown: shown(), folder: folder() }.into()),
        (
            "sink.tracked",
            GuardError::Tracked { shown: shown(), system: VersionControl::Mercurial, untrack: untrack() }
                .into(),
        ),
        (
            "sink.not-ignored",
            GuardError::NotIgnored { shown: shown(), line: line(), file: gitignore() }.into(),
        ),
        (
            "sink.unanswered",
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
        ("sink.no-program", SinkError::NoProgram { program: program() }),
        ("sink.command-not-started", SinkError::CommandNotStarted { program: program(), source: refused() }),
        ("sink.command-failed", SinkError::CommandFailed { program: program(), code: 3 }),
        ("sink.command-killed", SinkError::CommandKilled { program: program() }),
        ("sink.command-unread", SinkError::CommandUnread { program: program(), why: "it fails".to_owned() }),
        ("sink.not-restorable", SinkError::NotRestorable { program: program() }),
        (
            "sink.command-timed-out",
            SinkError::CommandTimedOut { program: program(), limit: Duration::from_secs(1) },
        ),
        ("sink.too-late", SinkError::TooLate { shown: shown() }),
    ];
    of_files.into_iter().chain(of_git).chain(of_programs).collect()
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
    for code in SinkError::CODES {
        assert!(situations.iter().any(|(has, _)| has == code), "nothing provokes {code}");
    }
}
