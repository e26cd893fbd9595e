//! How a step can fail, and what state it left: each variant says where the secret and the token are now.

use chrono::{DateTime, Utc};

use super::hooks::HookError;
use super::journal::JournalError;
use crate::cloudflare::{self, TokenOwner};
use crate::plan::{Change, Grant, Live, Refused};
use crate::sink::SinkError;
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
    #[error("{cause}; whether the token `{name}` was made is not known")]
    Lost {
        /// The whole name to look for.
        name: String,
        /// What happened to the request.
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
        /// What became of the token.
        undone: Undone,
    },
    /// A roll may or may not have taken effect, so the stored secret may be dead.
    #[error("{cause}; whether the secret of `{name}` still works is not known")]
    RollLost {
        /// The whole name.
        name: String,
        /// What happened to the last request.
        cause: cloudflare::Error,
    },
    /// The new secret of a rolled token could not be delivered; the old one is dead.
    #[error("`{name}` was rolled, its old secret is dead, and the new one could not be delivered: {cause}")]
    RollUndelivered {
        /// The whole name.
        name: String,
        /// Why.
        cause: SinkError,
    },
    /// The successor's secret does not work, so the old one is back in the sinks and the successor deleted.
    #[error("the successor `{name}` did not work ({reason}), so all is as it was")]
    SuccessorRefused {
        /// The successor's whole name.
        name: String,
        /// What verification said.
        reason: String,
        /// What became of the successor.
        undone: Undone,
    },
    /// The successor's secret does not work or did not reach every sink, and a program was given it already. Both
    /// tokens stay, and the next run gives every sink a secret that works.
    #[error(
        "the successor `{name}` is not in force yet ({reason}); a program was given its secret, so both tokens stay"
    )]
    SuccessorKept {
        /// The successor's whole name.
        name: String,
        /// What went wrong.
        reason: String,
    },
    /// The secret was delivered and does not work (yet).
    #[error("the secret of `{name}` is delivered, but {reason}")]
    Unverified {
        /// The whole name.
        name: String,
        /// What verification said.
        reason: String,
    },
    /// The secret was delivered, and a signal came before it was known to work.
    #[error("the secret of `{name}` is delivered; a signal stopped its verification")]
    VerificationStopped {
        /// The whole name.
        name: String,
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
    /// Sinks that may not or cannot be written.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Sinks(Vec<SinkError>),
    /// The journal could not take down what was about to be done, so it was not done.
    #[error("{0}")]
    Journal(JournalError),
    /// What an interrupted run left open for this token could not be settled, so nothing is begun on it.
    #[error("work of an interrupted run on `{name}` is still open")]
    Unsettled {
        /// The token's name.
        name: String,
    },
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
        "{sink} holds the live token `{name}` ({id}), which is not marked as this profile's, so it was not ended"
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
    /// It could not be deleted, and is still alive.
    Alive {
        /// Whose it is.
        owner: TokenOwner,
        /// Its id.
        id: String,
        /// Why.
        cause: cloudflare::Error,
    },
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

fn refusal(refused: &Refused) -> String {
    match refused {
        Refused::Foreign { sink, id, name: Some(name) } | Refused::Adoptable { sink, id, name } => {
            format!("{sink} holds the live token `{name}` ({id}), which is not this profile's")
        }
        Refused::Foreign { sink, id, name: None } => {
            format!("{sink} holds a live token ({id}) that is not this profile's")
        }
        Refused::ForeignShutOut { sink } => {
            format!(
                "{sink} holds a live token whose IP rule shuts this machine out, so it cannot say whose it is"
            )
        }
        Refused::Unanswered { sink, reason } => {
            format!("whether {sink} holds somebody's live token could not be found out: {reason}")
        }
        Refused::Precious { sink } => {
            format!("{sink} holds a value that cfmint did not make, so it is not overwritten")
        }
        Refused::NotHeld { sink, generation } => {
            format!(
                "`{generation}` is alive and {sink} does not hold its secret: somebody else may be using it"
            )
        }
        Refused::NothingToRoll => "there is no live token of this profile to roll".to_owned(),
        Refused::NotTheOwners { id } => format!("the profile's owner has no token with the id `{id}`"),
        Refused::Dead { id, name, status } => {
            let status = cloudflare::printable(status);
            let is = if matches!(&*status, "active" | "disabled" | "expired") {
                "has ended".to_owned()
            } else {
                format!("is {status}")
            };
            format!("`{name}` ({id}) {is}, so it cannot be taken over")
        }
        Refused::HasGeneration { generation } => {
            format!("the profile has a live token already, `{generation}`, and takes over no second one")
        }
    }
}
