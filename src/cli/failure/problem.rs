//! What went wrong, with what to do about it: the library says what happened, this file adds the mend.

use serde::Serialize;

use crate::cli::failure::exit;
use crate::cli::failure::hints;
use crate::cli::output::describe;
use crate::cloudflare::{self, Fault};
use crate::custody::{CustodyError, NoteError, StateError, Undelivered, Undone};
use crate::plan::Refused;
use crate::profile::{Diagnostic, Severity};
use crate::sink::SinkError;

/// One thing that went wrong, for screen and JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct Problem {
    /// A stable code.
    pub(in crate::cli) code: String,
    /// What happened, one line.
    pub(in crate::cli) message: String,
    /// A command to run or a line to write; may be empty.
    pub(in crate::cli) hint: String,
    /// The file it is about.
    pub(in crate::cli) file: Option<String>,
    /// The environment it is about.
    pub(in crate::cli) environment: Option<String>,
    /// The line in it, from 1.
    pub(in crate::cli) line: Option<usize>,
    /// The column in it, from 1.
    pub(in crate::cli) column: Option<usize>,
    /// Whose it is, for a screen, where a run is about several.
    #[serde(skip)]
    pub(in crate::cli) whose: Option<String>,
    /// Whether people were told already.
    #[serde(skip)]
    pub(in crate::cli) is_said: bool,
    /// How it is drawn on a screen, where that is more than code, message and hint.
    #[serde(skip)]
    pub(in crate::cli) drawn: Option<Box<Diagnostic>>,
}

impl Problem {
    /// A problem without a place.
    #[must_use]
    pub(in crate::cli) fn new(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            hint: hint.into(),
            file: None,
            environment: None,
            line: None,
            column: None,
            whose: None,
            is_said: false,
            drawn: None,
        }
    }
}

impl From<Diagnostic> for Problem {
    fn from(diagnostic: Diagnostic) -> Self {
        let position = diagnostic.place.as_ref().map(|(span, _)| diagnostic.source.position(span.start));
        Self {
            code: diagnostic.code.to_owned(),
            message: diagnostic.message.clone(),
            hint: diagnostic.hint.clone(),
            file: Some(diagnostic.source.path.clone()),
            environment: None,
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            whose: None,
            is_said: false,
            drawn: Some(Box::new(diagnostic)),
        }
    }
}

impl Problem {
    /// The exit code of a command that this problem keeps from beginning.
    #[must_use]
    pub(in crate::cli) fn exit_code(&self) -> u8 {
        if self.code.starts_with("usage.") { exit::INVALID } else { exit::FAILED }
    }

    /// The same, its commands led to the same API: a hint from a trial must not act on Cloudflare. A command
    /// stands at the end of a hint's line, after a colon.
    pub(in crate::cli) fn with_flags(mut self, flags: &str) -> Self {
        self.hint = led(&self.hint, flags);
        self
    }

    /// Whether two problems differ in whose they are at most.
    pub(in crate::cli) fn is_like(&self, other: &Self) -> bool {
        self.drawn.is_none()
            && other.drawn.is_none()
            && (&self.code, &self.hint) == (&other.code, &other.hint)
            && without_ray(&self.message) == without_ray(&other.message)
    }

    /// How much it matters.
    #[must_use]
    pub(in crate::cli) fn severity(&self) -> Severity {
        self.drawn.as_ref().map_or(Severity::Error, |diagnostic| diagnostic.severity)
    }
}

/// A message without the id that Cloudflare gives each answer.
fn without_ray(message: &str) -> String {
    let Some((before, rest)) = message.split_once(" [ray ") else { return message.to_owned() };
    let after = rest.split_once(']').map_or("", |(_, after)| after);
    format!("{before}{after}")
}

/// A hint, its commands led to the same API.
pub(in crate::cli) fn led(hint: &str, flags: &str) -> String {
    let line = |line: &str| {
        let flags = if line.contains(": cfmint ") { flags } else { "" };
        format!("{line}{flags}")
    };
    hint.lines().map(line).collect::<Vec<_>>().join("\n")
}

impl From<&SinkError> for Problem {
    fn from(error: &SinkError) -> Self {
        Self::new(error.code(), error.to_string(), error.hint())
    }
}

impl From<&cloudflare::Error> for Problem {
    fn from(error: &cloudflare::Error) -> Self {
        let code = match &error.fault {
            Fault::BadCredential => "bootstrap.malformed",
            Fault::NotSent(_) => "cloudflare.no-connection",
            Fault::RateLimited => "cloudflare.rate-limit",
            Fault::Refused(_) => "cloudflare.refused",
            Fault::Stopped => "custody.interrupted",
            Fault::Lost(_) | Fault::ServerError { .. } | Fault::WithoutSecret => "cloudflare.no-answer",
            Fault::Unreadable { .. } => "cloudflare.unreadable",
        };
        let hint = match &error.fault {
            Fault::BadCredential => "check the bootstrap for quotes, spaces or a line break".to_owned(),
            Fault::NotSent(_) => {
                "check the network and the proxy, then run the same command again".to_owned()
            }
            Fault::RateLimited => {
                "Cloudflare allows 1200 requests in five minutes: wait, then run the same command again"
                    .to_owned()
            }
            Fault::Stopped | Fault::Lost(_) | Fault::ServerError { .. } | Fault::WithoutSecret => {
                "run the same command again".to_owned()
            }
            Fault::Unreadable { .. } => {
                "something between this machine and Cloudflare answered: check the proxy and --api-url"
                    .to_owned()
            }
            Fault::Refused(_) => error
                .meaning()
                .unwrap_or("try again; if it stays, ask Cloudflare's support with the code and the ray id")
                .to_owned(),
        };
        Self::new(code, error.to_string(), hint)
    }
}

impl From<&StateError> for Problem {
    fn from(error: &StateError) -> Self {
        Self::new(error.code(), error.to_string(), error.hint())
    }
}

impl From<&NoteError> for Problem {
    fn from(error: &NoteError) -> Self {
        let hint = "make room or correct the permissions, or name another folder: --state-dir FOLDER";
        Self::new("state.note", error.to_string(), hint)
    }
}

/// The problem of a step, with the command that mends it for this profile.
#[must_use]
pub(in crate::cli) fn custody(error: &CustodyError, profile: &str) -> Problem {
    let message = error.to_string();
    match error {
        CustodyError::Refused(refused) => {
            Problem::new(refusal_code(refused), message, hints::refusal(refused, profile))
        }
        CustodyError::Api(error) => error.into(),
        CustodyError::QuotaFull { owner, tokens, at, .. } => {
            Problem::new("cloudflare.quota", message, hints::quota(owner, tokens, *at))
        }
        CustodyError::Lost { .. } => Problem::new(
            "custody.lost-answer",
            message,
            "when the network is back, run the same command again",
        ),
        CustodyError::Conflict { .. } => Problem::new(
            "custody.conflict",
            message,
            format!("when the other run is over: cfmint apply {profile}"),
        ),
        CustodyError::ListCutOff { .. } => Problem::new(
            "cloudflare.list-cut-off",
            message,
            "delete tokens that nobody uses, or ask Cloudflare why its list is not whole",
        ),
        CustodyError::Uncommitted { ends, .. } => Problem::new(
            "custody.uncommitted",
            message,
            format!("before {}: cfmint apply {profile}", describe::end(*ends)),
        ),
        CustodyError::Dropped { missing, undone, .. } => Problem::new(
            "custody.dropped",
            format!("{message} ({} missing)", missing.len()),
            hints::undone(undone).unwrap_or_else(|| {
                "the bootstrap's owner may lack these rights, or Cloudflare no longer offers them".to_owned()
            }),
        ),
        CustodyError::NotTaken { .. } => Problem::new(
            "custody.not-taken",
            message,
            format!("see what still differs: cfmint plan {profile}"),
        ),
        CustodyError::Undelivered { left, cause, .. } => Problem::new(
            "custody.undelivered",
            format!("{message}; {}", left_as(left)),
            hints::undelivered(left, profile).unwrap_or_else(|| cause.hint()),
        ),
        CustodyError::RollUndelivered { cause, .. } => Problem::new(
            "custody.undelivered",
            message,
            format!("{}\nthen make a fresh one, which needs no roll: cfmint apply {profile}", cause.hint()),
        ),
        CustodyError::NotWorking { left, .. } => Problem::new(
            "custody.unverified",
            format!("{message}; {}", left_as(left)),
            hints::undelivered(left, profile)
                .unwrap_or_else(|| format!("try again later: cfmint rotate {profile}")),
        ),
        CustodyError::Hook(_) | CustodyError::RetiredHook(_) => {
            Problem::new("custody.hook", message, hints::hook(error, profile))
        }
        CustodyError::Unverified { .. } => Problem::new(
            "custody.unverified",
            message,
            format!("the next run verifies it again: cfmint apply {profile}"),
        ),
        CustodyError::Sink(error) => error.into(),
        CustodyError::Note(error) => error.into(),
        CustodyError::NoRandomness(_) => {
            Problem::new("custody.no-randomness", message, "run the same command again")
        }
        CustodyError::Bootstrap { .. } => Problem::new(
            "custody.bootstrap",
            message,
            "cfmint never changes or deletes the token it works with; use the dashboard",
        ),
        CustodyError::NoSuchToken { .. } => Problem::new(
            "custody.no-such-token",
            message,
            "for a token of an account, add --account NAME-or-ID",
        ),
        CustodyError::Unmarked { owner, id, .. } => Problem::new(
            "custody.foreign-token",
            message,
            format!(
                "if it is, end it too: {}\nor take it over, with the secret it has: cfmint apply {profile} --adopt {id}",
                hints::revoke(owner, id)
            ),
        ),
        CustodyError::Interrupted(_) => {
            Problem::new("custody.interrupted", message, "run the same command again")
        }
        CustodyError::Stopped { ends, .. } => Problem::new(
            "custody.interrupted",
            message,
            format!("before {}: cfmint apply {profile}", describe::end(*ends)),
        ),
    }
}

/// What is the case after a delivery that failed, as a sentence's end.
fn left_as(left: &Undelivered) -> String {
    match left {
        Undelivered::Nowhere(Undone::Deleted) => "the token was deleted again".to_owned(),
        Undelivered::Nowhere(Undone::EndsByItself { until, cause }) => {
            format!("deleting it again failed ({cause}), so it ends by itself {}", describe::time(*until))
        }
        Undelivered::PutBack { ends } => {
            format!("the sinks hold again what they held before, and the token ends {}", describe::end(*ends))
        }
        Undelivered::StaysPending { ends } => {
            format!(
                "a sink may hold it, so the token stays until {}, and no other one was touched",
                describe::end(*ends)
            )
        }
    }
}

/// The id of a token as it was typed, in lower case.
pub(in crate::cli) fn token_id(typed: &str) -> Result<String, Problem> {
    if crate::profile::is_id(typed) {
        return Ok(typed.to_ascii_lowercase());
    }
    Err(Problem::new(
        "usage.id",
        format!("`{typed}` is not an id"),
        "an id has 32 hexadecimal digits; the address of the token's page in the dashboard ends with it",
    ))
}

/// The code of a refusal.
pub(in crate::cli) fn refusal_code(refused: &Refused) -> &'static str {
    match refused {
        Refused::Foreign { .. }
        | Refused::Adoptable { .. }
        | Refused::ForeignShutOut { .. }
        | Refused::MayBeYoung { .. } => "custody.foreign-token",
        Refused::Unanswered { .. } => "custody.cannot-tell",
        Refused::Protected { .. } => "custody.protected-value",
        Refused::AnotherRun { .. } => "custody.another-run",
        Refused::TooManyPending { .. } => "custody.too-many-pending",
        Refused::ListCutOff { .. } => "cloudflare.list-cut-off",
        Refused::Unreadable { .. } => "custody.unreadable-token",
        Refused::ClocksApart { .. } => "custody.clocks-apart",
        Refused::NotHeld { .. } => "custody.not-held",
        Refused::NothingToRoll => "custody.nothing-to-roll",
        Refused::NotTheOwners { .. } => "custody.no-such-token",
        Refused::Dead { .. } => "custody.dead-token",
        Refused::HasGeneration { .. } => "custody.has-token",
    }
}
