//! What keeps a step of custody from its end, with its code and what to do.

use super::code::Code;
use super::command_line::{About, CommandLine};
use super::hint::{Hint, Hints};
use super::library::AGAIN;
use super::problem::Problem;
use super::quota;
use super::{refusal, sink};
use crate::cli::output::describe;
use crate::custody::{CustodyError, Undelivered, Undone};

/// What to do about an answer that was lost.
const ONCE_BACK: &str = "when the network is back, run the same command again";

/// A step that is about no profile, or about one that the reader has to name.
impl From<&CustodyError> for Problem {
    fn from(error: &CustodyError) -> Self {
        step(error, &About::AnyProfile)
    }
}

/// The problem of a step, with the command that helps this profile.
#[must_use]
pub(in crate::cli) fn step(error: &CustodyError, about: &About) -> Problem {
    let apply = || CommandLine::new("apply", about.clone());
    let message = error.to_string();
    match error {
        CustodyError::Refused(refused) => {
            Problem::new(refusal::code_of(refused), message, refusal::hints(refused, about))
        }
        CustodyError::Api(error) => error.into(),
        CustodyError::Sink(error) => error.into(),
        CustodyError::Note(error) => error.into(),
        CustodyError::QuotaFull { owner, tokens, at, .. } => {
            Problem::new(Code::CloudflareQuota, message, quota::hints(owner, tokens, *at))
        }
        CustodyError::Lost { .. } => Problem::new(Code::CustodyLostAnswer, message, ONCE_BACK),
        CustodyError::Conflict { .. } => {
            Problem::new(Code::CustodyConflict, message, Hint::run("when the other run is over", apply()))
        }
        CustodyError::ListCutOff { .. } => {
            Problem::new(Code::CloudflareListCutOff, message, refusal::LIST_CUT_OFF)
        }
        CustodyError::Uncommitted { ends, .. } => Problem::new(
            Code::CustodyUncommitted,
            message,
            Hint::run(format!("before {}", describe::end(*ends)), apply()),
        ),
        CustodyError::Dropped { missing, undone, .. } => Problem::new(
            Code::CustodyDropped,
            format!("{message} ({} missing)", missing.len()),
            still_there(undone).unwrap_or_else(|| {
                Hint::text("the bootstrap's owner may lack these rights, or Cloudflare no longer offers them")
            }),
        ),
        CustodyError::NotTaken { .. } => Problem::new(
            Code::CustodyNotTaken,
            message,
            Hint::run("see what still differs", CommandLine::new("plan", about.clone())),
        ),
        CustodyError::Undelivered { left, cause, .. } => Problem::new(
            Code::CustodyUndelivered,
            format!("{message}; {}", left_as(left)),
            undelivered(left, about).map_or_else(|| sink::hints(cause), Hints::from),
        ),
        CustodyError::RollUndelivered { cause, .. } => {
            let mut hints = sink::hints(cause).0;
            hints.push(Hint::run("then make a new token, which needs no roll", apply()));
            Problem::new(Code::CustodyUndelivered, message, hints)
        }
        CustodyError::NotWorking { left, .. } => Problem::new(
            Code::CustodyUnverified,
            format!("{message}; {}", left_as(left)),
            undelivered(left, about)
                .unwrap_or_else(|| Hint::run("try again later", CommandLine::new("rotate", about.clone()))),
        ),
        CustodyError::Hook(_) => Problem::new(
            Code::CustodyHook,
            message,
            Hint::run("correct the hook; this command runs it again, and retires what waits for it", apply()),
        ),
        CustodyError::RetiredHook(_) => Problem::new(
            Code::CustodyHook,
            message,
            "correct the hook, and do by hand what it should have done: it is not run again",
        ),
        CustodyError::Unverified { .. } => Problem::new(
            Code::CustodyUnverified,
            message,
            Hint::run("the next run verifies it again", apply()),
        ),
        CustodyError::NoRandomness(_) => Problem::new(Code::CustodyNoRandomness, message, AGAIN),
        CustodyError::Bootstrap { .. } => Problem::new(
            Code::CustodyBootstrap,
            message,
            "cfmint never changes or deletes the token it works with; use the dashboard",
        ),
        CustodyError::NoSuchToken { .. } => Problem::new(
            Code::CustodyNoSuchToken,
            message,
            "for a token of an account, add --account NAME-or-ID",
        ),
        CustodyError::Unmarked { owner, id, .. } => Problem::new(
            Code::CustodyForeignToken,
            message,
            [
                Hint::run("if it is, end it too", CommandLine::revoke(owner, id)),
                Hint::run("or take it over, with the secret it has", apply().option("--adopt", id)),
            ],
        ),
        CustodyError::State(error) => error.into(),
        CustodyError::ShutOut { .. } | CustodyError::StartsLater { .. } | CustodyError::TooShort { .. } => {
            of_command(error, message)
        }
        CustodyError::Interrupted(_) => Problem::new(Code::CustodyInterrupted, message, AGAIN),
        CustodyError::Stopped { ends, .. } => Problem::new(
            Code::CustodyInterrupted,
            message,
            Hint::run(format!("before {}", describe::end(*ends)), apply()),
        ),
    }
}

/// What keeps the token of a command from serving.
fn of_command(error: &CustodyError, message: String) -> Problem {
    match error {
        CustodyError::ShutOut { undone, .. } => Problem::new(
            Code::CustodyShutOut,
            format!("{message}; {}", undone_as(undone)),
            "run it where `ip:` in the profile allows it, or add this machine's address there",
        ),
        CustodyError::StartsLater { .. } => Problem::new(
            Code::CustodyStartsLater,
            message,
            "run it then, or remove `not_before` from the profile",
        ),
        _ => Problem::new(
            Code::CustodyTooShort,
            message,
            "run the same command again; if it stays, ask for more with --ttl, or need less with --min-life",
        ),
    }
}

/// What is the case after a delivery that failed, as a sentence's end.
fn left_as(left: &Undelivered) -> String {
    match left {
        Undelivered::Nowhere(undone) => undone_as(undone),
        Undelivered::PutBack { ends } => {
            format!("the sinks have their old values again, and the token ends {}", describe::end(*ends))
        }
        Undelivered::StaysPending { ends } => format!(
            "a sink may hold it, so the token stays until {}, and no other token was changed",
            describe::end(*ends)
        ),
    }
}

/// What became of a token that nobody has the secret of, as a sentence's end.
fn undone_as(undone: &Undone) -> String {
    match undone {
        Undone::Deleted => "the token was deleted again".to_owned(),
        Undone::EndsByItself { until, cause } => {
            format!("deleting it again failed ({cause}), so it ends by itself {}", describe::time(*until))
        }
    }
}

/// What to know of a token that should not stay.
fn still_there(undone: &Undone) -> Option<Hint> {
    match undone {
        Undone::Deleted => None,
        Undone::EndsByItself { until, .. } => Some(Hint::text(format!(
            "the token ends soon ({}), and nobody has its secret",
            describe::time(*until)
        ))),
    }
}

/// What to do where the secret of a new token did not get where it should.
fn undelivered(left: &Undelivered, about: &About) -> Option<Hint> {
    match left {
        Undelivered::Nowhere(undone) => still_there(undone),
        Undelivered::PutBack { .. } => None,
        Undelivered::StaysPending { ends } => Some(Hint::run(
            format!(
                "before {}, when the secret that a sink may hold ends, make a new one",
                describe::end(*ends)
            ),
            CommandLine::new("apply", about.clone()),
        )),
    }
}
