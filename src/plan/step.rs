//! What there is to do for one profile × environment, in data: a step, why it is taken, and what a person should know.

use chrono::{DateTime, Utc};

use super::change::{Change, Kept};
use super::sinks::{CannotTell, Protected, SinkKind};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// A token as the profile says, in every sink: `apply`.
    Converge,
    /// A successor, or a new secret and a new end where the id must stay: `rotate`.
    Successor,
    /// A new secret for the same token: `roll`.
    NewSecret,
    /// Nothing but what a run that did not finish has left: `recover`.
    Finish,
}

/// What to do for one profile × environment, and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The step.
    pub step: Step,
    /// What a person should know besides.
    pub notes: Vec<Note>,
}

/// The one thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// There is no token, and none is asked for.
    Nothing,
    /// Make a fresh generation, deliver its secret, put it in force, and retire the others.
    Create(Create),
    /// Give the current generation a new secret and deliver it.
    Roll {
        /// The current generation.
        id: String,
        /// What an update changes before: a new end, where this is a rotation.
        renew: Option<Vec<Change>>,
    },
    /// Keep the current generation.
    Keep(Keep),
    /// Nothing may be done.
    Refuse(Refused),
}

/// A fresh generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// Why.
    pub why: Vec<Why>,
    /// The current generation, which it succeeds.
    pub predecessor: Option<String>,
    /// What becomes of the others once it is in force.
    pub retire: Vec<Retirement>,
}

/// What is done about the current generation, which stays in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// The current generation.
    pub id: String,
    /// What an update changes.
    pub changes: Vec<Change>,
    /// The places, by position, whose sink gets the secret that `source` holds.
    pub deliver: Vec<usize>,
    /// A place, by position, that holds the current secret.
    pub source: Option<usize>,
    /// Whether its `delivered` hooks are to run.
    pub hooks: bool,
    /// What becomes of the others.
    pub retire: Vec<Retirement>,
}

impl Keep {
    /// Leaves a token as it is.
    #[must_use]
    pub fn untouched(id: String) -> Self {
        Self { id, changes: Vec::new(), deliver: Vec::new(), source: None, hooks: false, retire: Vec::new() }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.changes.is_empty() && self.deliver.is_empty() && !self.hooks && self.retire.is_empty()
    }
}

/// The end of a generation that is no longer needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retirement {
    /// Its id.
    pub id: String,
    /// Its whole name.
    pub name: String,
    /// How it ends.
    pub ends: Ends,
}

/// How a generation that is no longer needed ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// By itself, once the overlap is over, or earlier where its own end is nearer.
    AfterOverlap,
    /// At once: it is dead already, or there is no overlap.
    Now,
}

impl Step {
    /// Whether it may write to a sink: an update may change what other variables than the secret should say.
    #[must_use]
    pub fn delivers(&self) -> bool {
        match self {
            Self::Create(_) | Self::Roll { .. } => true,
            Self::Keep(keep) => !keep.changes.is_empty() || !keep.deliver.is_empty(),
            Self::Nothing | Self::Refuse(_) => false,
        }
    }

    /// Whether it changes anything anywhere.
    #[must_use]
    pub fn acts(&self) -> bool {
        match self {
            Self::Create(_) | Self::Roll { .. } => true,
            Self::Keep(keep) => !keep.is_idle(),
            Self::Nothing | Self::Refuse(_) => false,
        }
    }
}

/// Why a fresh generation is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// None is in force.
    NoneInForce,
    /// It was asked for.
    Asked,
    /// A run that did not finish may have delivered another secret; its token's whole name.
    UnfinishedRun {
        /// The pending token.
        name: String,
    },
    /// A readable sink does not hold the current secret.
    NotHeld {
        /// The sink.
        sink: String,
    },
    /// Several are in force, and which of them a program holds cannot be told.
    SeveralInForce,
}

/// Why nothing may be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// A sink holds the secret of a live token that is not this profile's.
    Foreign {
        /// The sink.
        sink: String,
        /// The token's id.
        id: String,
        /// Its name, where the bootstrap sees it.
        name: Option<String>,
    },
    /// The same, and the token is its owner's: it could be made the profile's own.
    Adoptable {
        /// The sink.
        sink: String,
        /// The token's id.
        id: String,
        /// Its name.
        name: String,
    },
    /// A sink holds the secret of a live token that may not say who owns it.
    ForeignShutOut {
        /// The sink.
        sink: String,
    },
    /// A sink holds what may be the secret of a token that is too young, or does not work yet.
    MayBeYoung {
        /// The sink.
        sink: String,
        /// The token's name.
        name: String,
    },
    /// Whether a sink holds a live secret could not be found out.
    Unanswered {
        /// The sink.
        sink: String,
        /// Why not.
        reason: String,
    },
    /// A sink holds a value that must not be lost.
    Protected {
        /// The sink.
        sink: String,
        /// What kind of sink that is.
        kind: SinkKind,
        /// What it is.
        what: Protected,
    },
    /// There is a live generation, and no sink holds its secret: somebody else may.
    NotHeld {
        /// The sink that should hold it.
        sink: String,
        /// The generation's whole name.
        generation: String,
    },
    /// Another run may be under way.
    AnotherRun {
        /// Its pending token's whole name.
        name: String,
        /// When it announced it.
        since: Option<DateTime<Utc>>,
        /// From when on it counts as dead.
        until: DateTime<Utc>,
    },
    /// Too many runs have left pending tokens.
    TooManyPending {
        /// Their whole names and ends.
        names: Vec<(String, Option<DateTime<Utc>>)>,
    },
    /// The list of tokens is not whole.
    ListCutOff {
        /// How many tokens were read.
        read: usize,
    },
    /// A token of this name is listed in a form that cannot be read.
    Unreadable {
        /// Its whole name.
        name: String,
    },
    /// The clocks are so far apart that no age and no end can be told.
    ClocksApart {
        /// Cloudflare's.
        server: DateTime<Utc>,
        /// This machine's.
        machine: DateTime<Utc>,
    },
    /// There is no live generation to roll.
    NothingToRoll,
    /// The token to take over is not among those of the profile's owner.
    NotTheOwners {
        /// The token's id.
        id: String,
    },
    /// The token to take over does not work and never will again.
    Dead {
        /// The token's id.
        id: String,
        /// Its whole name.
        name: String,
        /// Cloudflare's word for what it is.
        status: String,
    },
    /// The profile has a live generation already, and takes over no other token.
    HasGeneration {
        /// The generation's whole name.
        generation: String,
    },
}

/// What a person should know about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// This was added by hand and it is kept.
    Kept(Kept),
    /// A run that did not finish has left a token, which ends by itself.
    Pending {
        /// Its whole name.
        name: String,
        /// When it was announced.
        since: Option<DateTime<Utc>>,
        /// When it ends.
        ends: Option<DateTime<Utc>>,
    },
    /// An older generation is still alive.
    OlderGeneration {
        /// Its whole name.
        name: String,
        /// When it ends; `None` for never.
        expires_on: Option<DateTime<Utc>>,
    },
    /// An older generation was used after the current one was made.
    StillUsed {
        /// Its whole name.
        name: String,
        /// When it was last used, as far as Cloudflare knows yet.
        at: DateTime<Utc>,
    },
    /// There was a token of this name, and it works no more.
    Ended {
        /// Its whole name.
        name: String,
        /// When it ended by itself; otherwise somebody or Cloudflare ended it.
        expired_on: Option<DateTime<Utc>>,
        /// Its status, in Cloudflare's word.
        status: String,
    },
    /// The last rotation is not over: its predecessor may still be in use.
    InOverlap {
        /// When that ends.
        ends: DateTime<Utc>,
    },
    /// A token without a mark has the profile's name.
    Namesake {
        /// Its id.
        id: String,
    },
    /// Whether this sink holds the secret cannot be told.
    CannotTell {
        /// The sink.
        sink: String,
        /// Why not.
        why: CannotTell,
    },
    /// This sink holds a dead or meaningless value, which will be replaced.
    DeadValue {
        /// The sink.
        sink: String,
    },
    /// This sink keeps its value, because whether it was this token's cannot be told.
    Left {
        /// The sink.
        sink: String,
    },
    /// This sink holds no secret of the token that is taken over, and nothing that is lost with its value.
    NotHeld {
        /// The sink.
        sink: String,
    },
    /// This sink is left as it is, since it holds what may not be lost.
    Spared(Refused),
    /// A live token that is not the profile's loses its place in a sink, and lives on.
    Replaced {
        /// The sink.
        sink: String,
        /// The token's id.
        id: String,
        /// Its name, where the bootstrap sees it.
        name: Option<String>,
    },
    /// This sink holds a live token that has another profile's mark.
    HoldsAnother {
        /// The sink.
        sink: String,
        /// The token's id.
        id: String,
        /// Its name.
        name: String,
    },
    /// A token keeps its id where it can; here a roll is a rotation, since a run did not finish.
    RollBecomesRotation,
    /// The current generation is made to end much earlier than it would.
    CutShort {
        /// When it would have ended.
        from: DateTime<Utc>,
        /// When it ends.
        to: DateTime<Utc>,
    },
    /// The current generation ends soon.
    EndsSoon {
        /// When.
        expires_on: DateTime<Utc>,
    },
}
