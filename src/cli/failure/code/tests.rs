//! No code without a case that provokes it: a session of a transcript, whose output `tests/cli` compares with what is
//! really printed, or a value that is built here, where it takes another run, a failing network or a broken disk.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]
#![allow(clippy::disallowed_methods, reason = "this test reads the transcripts")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::*;
use crate::cli::failure::command_line::{About, ProfileArguments};
use crate::cli::failure::invocation::Invocation;
use crate::cli::failure::problem::{Problem, inexpressible, no_free_port};
use crate::cli::failure::step as problem_of;
use crate::cli::run::cut_off;
use crate::cli::session::confirm::declined;
use crate::cli::session::workspace::unusable_folder;
use crate::cloudflare::wire::ApiError;
use crate::cloudflare::{Endpoint, Error, Fault, Refusal, TokenOwner};
use crate::custody::{CustodyError, HookError, Meanwhile, NoteError, StateError, Undelivered, Undone};
use crate::plan::{Protected, Refused, SinkKind};
use crate::sink::{SinkError, VersionControl};
use crate::world::Interrupt;

fn failed(fault: Fault) -> Error {
    Error { endpoint: Endpoint::CreateToken(TokenOwner::User), fault }
}

fn lost() -> Error {
    failed(Fault::Lost("connection reset".to_owned()))
}

fn refused(code: i64) -> Error {
    let errors = vec![ApiError { code, message: "No".to_owned(), ..ApiError::default() }];
    failed(Fault::Refused(Refusal { status: 400, errors, ray: None }))
}

fn step(error: &CustodyError) -> Problem {
    let (path, environment) = ("shop.yaml".to_owned(), Some("dev".to_owned()));
    problem_of(error, &About::Profile(ProfileArguments { path, environment }))
}

fn refusal(refused: Refused) -> Problem {
    step(&CustodyError::Refused(refused))
}

fn protected(kind: SinkKind, what: Protected) -> Problem {
    refusal(Refused::Protected { sink: sink(), kind, what })
}

fn name() -> String {
    "shop+new@k3x9w2ab".to_owned()
}

fn sink() -> String {
    "TOKEN in .env".to_owned()
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_014_400, 0).unwrap_or_default()
}

fn full() -> std::io::Error {
    std::io::ErrorKind::StorageFull.into()
}

fn undeliverable() -> SinkError {
    SinkError::Refused { doing: "write", path: ".env".into(), source: full() }
}

fn undelivered(left: Undelivered) -> Problem {
    step(&CustodyError::Undelivered { name: name(), cause: undeliverable(), left })
}

/// What planning refuses and takes another run, a wrong clock or an odd list to meet.
fn rare_refusals() -> Vec<(Code, Problem)> {
    let names = (0..5).map(|_| (name(), Some(noon()))).collect();
    let day = chrono::TimeDelta::days(2);
    vec![
        (
            Code::CustodyAnotherRun,
            refusal(Refused::AnotherRun { name: name(), since: Some(noon()), until: noon() }),
        ),
        (
            Code::CustodyCannotTell,
            refusal(Refused::Unanswered { sink: sink(), reason: "no connection".to_owned() }),
        ),
        (Code::CustodyClocksApart, refusal(Refused::ClocksApart { server: noon(), machine: noon() - day })),
        (
            Code::CustodyForeignToken,
            refusal(Refused::MayBeYoung { sink: sink(), name: "by hand".to_owned() }),
        ),
        (Code::CustodyProtectedValue, protected(SinkKind::File, Protected::Real)),
        (Code::CustodyProtectedValue, protected(SinkKind::Program, Protected::Real)),
        (Code::CustodyProtectedValue, protected(SinkKind::File, Protected::Reference)),
        (Code::CustodyTooManyPending, refusal(Refused::TooManyPending { names })),
        (Code::CustodyUnreadableToken, refusal(Refused::Unreadable { name: name() })),
        (
            Code::CustodyDeadToken,
            refusal(Refused::Dead { id: "0".repeat(32), name: name(), status: "expired".to_owned() }),
        ),
        (Code::CloudflareListCutOff, refusal(Refused::ListCutOff { read: 500 })),
    ]
}

/// Problems of the state folder and of the streams, most of which take another user or another run to meet.
fn of_the_machine() -> Vec<(Code, Problem)> {
    let state = |error: StateError| Problem::from(&error);
    let path = || PathBuf::from("/srv/shop/.cfmint");
    let quota = CustodyError::QuotaFull {
        owner: TokenOwner::User,
        tokens: Vec::new(),
        at: noon(),
        cause: refused(1011),
    };
    vec![
        (Code::CloudflareQuota, step(&quota)),
        (Code::CustodyInterrupted, step(&CustodyError::Interrupted(Interrupt::Terminate))),
        (Code::CustodyInterrupted, state(StateError::Interrupted)),
        (Code::LearnPort, no_free_port(&full())),
        (Code::OutputCutOff, cut_off(&full())),
        (Code::ProfileInexpressible, inexpressible("it may do nothing".to_owned())),
        (Code::StateAnotherTree, state(StateError::AnothersTree { path: path(), owner: 1000 })),
        (Code::StateLink, state(StateError::Link { path: path() })),
        (Code::StateLocked, state(StateError::Locked)),
        (Code::StateNotPlain, state(StateError::NotPlain { path: path(), what: "a FIFO" })),
        (Code::StateOpenToOthers, state(StateError::OpenToOthers { path: path(), mode: 0o777 })),
        (Code::StateOtherOwner, state(StateError::OtherOwner { path: path(), owner: 1000, user: 0 })),
        (Code::StateOtherOwner, state(StateError::OtherOwner { path: path(), owner: 0, user: 1000 })),
        (
            Code::StateTracked,
            state(StateError::Tracked {
                path: path(),
                system: VersionControl::Git,
                untrack: "git rm".to_owned(),
            }),
        ),
        (Code::StateUnusable, state(StateError::NoFolder { path: path() })),
        (Code::StateUnusable, state(StateError::Unusable { path: path(), error: full() })),
        (Code::SinkFolder, unusable_folder(&full())),
        (Code::CustodyDeclined, declined()),
    ]
}

/// Problems that take a failing network, disk or Cloudflare to meet.
fn rare() -> Vec<(Code, Problem)> {
    let undone = || Undone::EndsByItself { until: noon(), cause: lost() };
    let dropped = |undone| CustodyError::Dropped { name: name(), missing: Vec::new(), undone };
    let what = Meanwhile::Appeared { name: name() };
    let ends = Some(noon());
    let unreadable = Fault::Unreadable { status: 200, detail: "no JSON".to_owned(), ray: None };
    let note = || NoteError { path: "marks".into(), error: full() };
    let mut rare = vec![
        (Code::BootstrapMalformed, (&failed(Fault::BadCredential)).into()),
        (Code::CloudflareListCutOff, step(&CustodyError::ListCutOff { read: 500 })),
        (Code::CloudflareNoAnswer, (&lost()).into()),
        (Code::CloudflareNoAnswer, (&failed(Fault::ServerError { status: 502, ray: None })).into()),
        (Code::CloudflareNoAnswer, (&failed(Fault::WithoutSecret)).into()),
        (Code::CloudflareRateLimit, (&failed(Fault::RateLimited)).into()),
        (Code::CloudflareRefused, (&refused(123_456)).into()),
        (Code::CloudflareUnreadable, (&failed(unreadable)).into()),
        (Code::CustodyConflict, step(&CustodyError::Conflict { name: "shop".to_owned(), what })),
        (Code::CustodyDropped, step(&dropped(Undone::Deleted))),
        (Code::CustodyDropped, step(&dropped(undone()))),
        (Code::CustodyHook, step(&CustodyError::Hook(HookError::TimedOut { program: "sync".to_owned() }))),
        (Code::CustodyLostAnswer, step(&CustodyError::Lost { name: name(), until: noon(), cause: lost() })),
        (Code::CustodyNoRandomness, step(&CustodyError::NoRandomness(std::io::Error::other("no device")))),
        (Code::CustodyNotTaken, step(&CustodyError::NotTaken { name: name(), changes: Vec::new() })),
        (Code::CustodyUncommitted, step(&CustodyError::Uncommitted { name: name(), ends, cause: lost() })),
        (Code::CustodyUndelivered, undelivered(Undelivered::Nowhere(Undone::Deleted))),
        (Code::CustodyUndelivered, undelivered(Undelivered::Nowhere(undone()))),
        (Code::CustodyUndelivered, undelivered(Undelivered::PutBack { ends })),
        (Code::CustodyUndelivered, undelivered(Undelivered::StaysPending { ends })),
        (
            Code::CustodyUndelivered,
            step(&CustodyError::RollUndelivered { name: name(), cause: undeliverable(), stand_in: name() }),
        ),
        (
            Code::CustodyUnverified,
            step(&CustodyError::Unverified { name: name(), reason: "it is not known".to_owned() }),
        ),
        (
            Code::CustodyTooShort,
            step(&CustodyError::TooShort {
                left: chrono::TimeDelta::seconds(20),
                least: chrono::TimeDelta::minutes(5),
            }),
        ),
        (Code::CustodyShutOut, step(&CustodyError::ShutOut { name: name(), undone: undone() })),
        (Code::StateLocked, step(&CustodyError::State(StateError::Locked))),
        (Code::StateNote, (&note()).into()),
        (Code::StateNote, step(&CustodyError::Note(note()))),
    ];
    rare.extend(rare_refusals());
    rare.extend(of_the_machine());
    rare
}

#[test]
fn what_is_rare_has_its_code_and_says_what_to_do() {
    for (code, problem) in rare() {
        assert_eq!(problem.code, code);
        assert!(!problem.hints.is_empty(), "{code:?} has no hint");
        assert!(!problem.message.contains('\n'), "{}", problem.message);
    }
}

#[test]
fn a_token_that_could_not_be_deleted_and_one_that_a_sink_may_hold_say_when_they_end() {
    let problems = [
        step(&CustodyError::Dropped {
            name: name(),
            missing: Vec::new(),
            undone: Undone::EndsByItself { until: noon(), cause: lost() },
        }),
        undelivered(Undelivered::StaysPending { ends: Some(noon()) }),
        step(&CustodyError::Uncommitted { name: name(), ends: Some(noon()), cause: lost() }),
    ];
    for problem in problems {
        let hint = problem.hint(&Invocation::default());
        assert!(hint.contains("2027-01-15"), "{hint}");
    }
}

/// The codes in what the sessions of the transcripts print: `error[CODE]: …` on a screen, `"code":"CODE"` for programs.
fn printed() -> BTreeSet<String> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/cases");
    let mut codes = BTreeSet::new();
    for path in std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()) {
        let text = std::fs::read_to_string(path).unwrap();
        for session in text.split("\n```console\n").skip(1) {
            let session = session.split("\n```").next().unwrap_or_default();
            for line in session.lines().filter(|line| !line.starts_with("$ ")) {
                let on_screen = ["error[", "warning[", "note["].into_iter().flat_map(|head| {
                    line.match_indices(head).map(move |(at, head)| (&line[at + head.len()..], ']'))
                });
                let head = r#""code":""#;
                let for_programs = line.match_indices(head).map(|(at, _)| (&line[at + head.len()..], '"'));
                let found = on_screen.chain(for_programs);
                codes.extend(found.filter_map(|(rest, end)| Some(rest.split_once(end)?.0.to_owned())));
            }
        }
    }
    codes
}

#[test]
fn every_code_is_printed_by_a_session_or_built_here() {
    let printed = printed();
    assert!(printed.contains("usage.environment") && printed.len() > 50, "{printed:?}");
    let built: BTreeSet<_> = rare().into_iter().map(|(code, _)| code.text()).collect();
    let missing: Vec<_> =
        CODES.iter().filter(|code| !printed.contains(**code) && !built.contains(*code)).collect();
    assert!(missing.is_empty(), "nothing provokes {missing:?}");
}
