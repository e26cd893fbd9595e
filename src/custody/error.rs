//! How a step can fail, and what state it left: each variant says where the secret and the token are now.

use chrono::{DateTime, TimeDelta, Utc};

use super::StepFailure;
use super::hooks::HookError;
use super::look::Meanwhile;
use super::note::NoteError;
use super::state::StateError;
use crate::cloudflare::{self, TokenOwner};
use crate::plan::{Change, Grant, Live, Protected, Refused};
use crate::sink::SinkError;
use crate::text::one_line;
use crate::world::Interrupt;

/// Why a profile's token is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// Planning refused.
    #[error("{}", refusal(.0))]
    Refused(Refused),
    /// A request failed and had no effect, or none that matters.
    #[error("{0}")]
    Api(cloudflare::Error),
    /// A create was refused for no reason that is known, and the owner has as many tokens as it can.
    #[error("{cause}; {} has {} tokens, and can have {}", has(owner), tokens.len(), owner.quota())]
    QuotaFull {
        /// Whose tokens they are.
        owner: TokenOwner,
        /// All of them.
        tokens: Vec<Live>,
        /// When they were listed.
        at: DateTime<Utc>,
        /// What Cloudflare said.
        cause: cloudflare::Error,
    },
    /// A create may or may not have taken effect, and looking for it failed too.
    #[error("{cause}; it is not known whether the token `{name}` was made: if it was, it ends by itself")]
    Lost {
        /// The whole name to look for.
        name: String,
        /// When it has ended.
        until: DateTime<Utc>,
        /// What happened to the request.
        cause: cloudflare::Error,
    },
    /// Somebody else changed the generations of the name while the run was under way. Nothing was put in force.
    #[error("another run worked on `{name}` at the same time: {}", meanwhile(what))]
    Conflict {
        /// The profile's name for the token.
        name: String,
        /// What was done.
        what: Meanwhile,
    },
    /// The list of tokens is not whole, so nothing that rests on it was done.
    #[error("the list of tokens was cut off after {read}: the rest is not known")]
    ListCutOff {
        /// How many tokens were read.
        read: usize,
    },
    /// The secret is in the sinks and works, and the token could not be put in force.
    #[error("{cause}; it is not known whether `{name}` was put in force")]
    Uncommitted {
        /// The whole name of the pending token.
        name: String,
        /// When it ends, if it was not.
        ends: Option<DateTime<Utc>>,
        /// What happened to the last request.
        cause: cloudflare::Error,
    },
    /// Cloudflare kept less than was asked for, so the token was deleted again.
    #[error("Cloudflare dropped part of what `{name}` should be allowed; nothing was written")]
    Dropped {
        /// The whole name.
        name: String,
        /// What it dropped.
        missing: Vec<Missing>,
        /// What became of the crippled token.
        undone: Undone,
    },
    /// Cloudflare took the update and did not do all of it.
    #[error("Cloudflare accepted the update of `{name}` and left part of it undone")]
    NotTaken {
        /// The whole name.
        name: String,
        /// What still differs.
        changes: Vec<Change>,
    },
    /// The secret of a new token could not be delivered.
    #[error("the secret of `{name}` could not be delivered: {cause}")]
    Undelivered {
        /// The whole name.
        name: String,
        /// Why.
        cause: SinkError,
        /// What became of the token and of the sinks.
        left: Undelivered,
    },
    /// The new secret of a rolled token could not be delivered; the old one is dead.
    #[error("`{name}` was rolled, its old secret is dead, and the new one could not be delivered: {cause}")]
    RollUndelivered {
        /// The whole name.
        name: String,
        /// Why.
        cause: SinkError,
        /// The whole name of the stand-in, which tells the next run to make a fresh generation.
        stand_in: String,
    },
    /// The secret of a new token was delivered and does not work.
    #[error("the secret of `{name}` does not work ({reason})")]
    NotWorking {
        /// The whole name.
        name: String,
        /// What verification said.
        reason: String,
        /// What became of the token and of the sinks.
        left: Undelivered,
    },
    /// The secret was delivered and does not work (yet).
    #[error("the secret of `{name}` is delivered, but {reason}")]
    Unverified {
        /// The whole name.
        name: String,
        /// What verification said.
        reason: String,
    },
    /// The token of a command does not work from this machine.
    #[error("the IP rule of `{name}` does not allow this machine, so no command here can use it")]
    ShutOut {
        /// The whole name.
        name: String,
        /// What became of the token.
        undone: Undone,
    },
    /// The token of a command would begin to work later.
    #[error("a token of this profile begins to work {}, and a command needs one now", at.format("%Y-%m-%d %H:%M UTC"))]
    StartsLater {
        /// When.
        at: DateTime<Utc>,
    },
    /// Too little would be left of the life of a command's token.
    #[error("only {} s of the token's life would be left, and {} s are needed", left.num_seconds().max(0), least.num_seconds())]
    TooShort {
        /// What would be left when the command begins.
        left: TimeDelta,
        /// What must be left.
        least: TimeDelta,
    },
    /// The state folder cannot be used.
    #[error("{0}")]
    State(StateError),
    /// A signal came between the making of a token and its commitment.
    #[error("a signal stopped the run: `{name}` is not in force, and ends by itself")]
    Stopped {
        /// The whole name.
        name: String,
        /// When.
        ends: Option<DateTime<Utc>>,
    },
    /// A hook failed; every secret that worked before it still works.
    #[error("{0}; the secret is delivered, and no older one was touched")]
    Hook(HookError),
    /// A hook that follows a retirement failed. It is not run again: what it follows is over.
    #[error("{0}; the new secret is in force, and its predecessor has its end")]
    RetiredHook(HookError),
    /// A sink could not be read or cleared.
    #[error("{0}")]
    Sink(SinkError),
    /// The mark of a token that was about to be made could not be noted, so it was not made.
    #[error("{0}")]
    Note(NoteError),
    /// The system gave no random bytes for a mark.
    #[error("the system gives no random bytes: {0}")]
    NoRandomness(std::io::Error),
    /// The bootstrap was to be deleted.
    #[error("`{id}` is the bootstrap itself")]
    Bootstrap {
        /// The id.
        id: String,
    },
    /// There is no such token.
    #[error("there is no token with the id `{id}`")]
    NoSuchToken {
        /// The id.
        id: String,
    },
    /// The profile has no token to end, and a sink holds a live one that no mark ties to any profile.
    #[error(
        "{sink} holds the live token `{}` ({id}), which is not marked as this profile's, so it was not ended",
        one_line(name)
    )]
    Unmarked {
        /// The sink.
        sink: String,
        /// Whose the token is.
        owner: TokenOwner,
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// A signal asked to stop before this began.
    #[error("stopped before it began, by a signal")]
    Interrupted(Interrupt),
}

/// What a new token should have had and Cloudflare did not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// A permission.
    Grant(Grant),
    /// The secret itself.
    Secret,
    /// The name.
    Name,
    /// The address rule.
    Addresses,
    /// The expiry.
    Expiry(Option<DateTime<Utc>>),
}

/// What became of a token that must not stay.
#[derive(Debug)]
pub enum Undone {
    /// It is deleted.
    Deleted,
    /// It could not be deleted, and ends by itself.
    EndsByItself {
        /// When.
        until: DateTime<Utc>,
        /// Why it could not be deleted.
        cause: cloudflare::Error,
    },
}

/// What became of a new token, and of the sinks, where its delivery failed.
#[derive(Debug)]
pub enum Undelivered {
    /// No sink has its secret.
    Nowhere(Undone),
    /// What stood in the sinks before is back, and the token ends soon: a reader may have its secret.
    PutBack {
        /// When it ends.
        ends: Option<DateTime<Utc>>,
    },
    /// A sink may hold its secret, so it lives on until its near end; the next run makes a fresh one.
    StaysPending {
        /// When it ends.
        ends: Option<DateTime<Utc>>,
    },
}

impl From<CustodyError> for StepFailure {
    fn from(error: CustodyError) -> Self {
        Self { error, remarks: Vec::new() }
    }
}

impl From<cloudflare::Error> for CustodyError {
    fn from(error: cloudflare::Error) -> Self {
        Self::Api(error)
    }
}

fn has(owner: &TokenOwner) -> &'static str {
    match owner {
        TokenOwner::User => "your user",
        TokenOwner::Account(_) => "the account",
    }
}

fn meanwhile(what: &Meanwhile) -> String {
    match what {
        Meanwhile::Appeared { name } => format!("`{}` appeared", one_line(name)),
        Meanwhile::Changed { name } => format!("`{}` was changed", one_line(name)),
        Meanwhile::Went { name } => format!("`{}` was deleted", one_line(name)),
    }
}

fn refusal(refused: &Refused) -> String {
    match refused {
        Refused::Foreign { sink, id, name: Some(name) } | Refused::Adoptable { sink, id, name } => {
            let name = one_line(name);
            format!("{sink} holds the live token `{name}` ({id}), which is not this profile's")
        }
        Refused::Foreign { sink, id, name: None } => {
            format!("{sink} holds a live token ({id}) that is not this profile's")
        }
        Refused::ForeignShutOut { sink } => {
            format!(
                "{sink} holds a live token whose IP rule does not allow this machine, so cfmint cannot \
                 find out who owns it"
            )
        }
        Refused::MayBeYoung { sink, name } => format!(
            "{sink} may hold the secret of `{}`, which is disabled, too new or does not work yet, so \
             cfmint cannot find out who owns the value",
            one_line(name)
        ),
        Refused::Unanswered { sink, reason } => {
            format!("cfmint could not find out whether {sink} holds somebody's live token: {reason}")
        }
        Refused::Protected { sink, what, .. } => protected(sink, *what),
        Refused::NotHeld { sink, generation } => {
            format!(
                "`{generation}` is alive and {sink} does not hold its secret: somebody else may be using it"
            )
        }
        Refused::AnotherRun { name, .. } => {
            format!("another run may be active: it made `{}`", one_line(name))
        }
        Refused::TooManyPending { names } => {
            let names: Vec<String> = names.iter().map(|(name, _)| one_line(name)).collect();
            format!("{} runs did not finish, and each left a token: {}", names.len(), names.join(", "))
        }
        Refused::ListCutOff { read } => {
            format!("the list of tokens was cut off after {read}: the rest is not known")
        }
        Refused::Unreadable { name } => {
            let name = one_line(name);
            format!("`{name}` is listed in a form that cannot be read, so nothing is done for its profile")
        }
        Refused::ClocksApart { server, machine } => format!(
            "Cloudflare says it is {}, and this machine says it is {}: no age and no end is certain",
            server.format("%Y-%m-%d %H:%M UTC"),
            machine.format("%Y-%m-%d %H:%M UTC")
        ),
        Refused::NothingToRoll => "there is no live token of this profile to roll".to_owned(),
        Refused::NotTheOwners { id } => format!("the profile's owner has no token with the id `{id}`"),
        Refused::Dead { id, name, status } => {
            let (name, status) = (one_line(name), one_line(status));
            let is = if matches!(&*status, "active" | "disabled" | "expired") {
                "has ended".to_owned()
            } else {
                format!("is {status}")
            };
            format!("`{name}` ({id}) {is}, so it cannot be taken over")
        }
        Refused::HasGeneration { generation } => {
            format!("the profile already has a live token, `{generation}`, and cannot take over a second one")
        }
    }
}

fn protected(sink: &str, what: Protected) -> String {
    let what = match what {
        Protected::Reference => "a reference that another program resolves",
        Protected::OtherService => "a value that is not a token of Cloudflare's",
        Protected::GlobalKey => "a global API key",
        Protected::S3Pair => "S3 credentials whose token is not known here",
        Protected::Real => {
            return format!(
                "{sink} holds a value that the emulator did not make, and a trial does not \
                replace it"
            );
        }
    };
    format!("{sink} holds {what}, so it is not overwritten")
}
