//! What can happen, as data: the label of each step of the model, and what it means outside of it.
//!
//! A history is a list of these. To play one against real code, each event stands for:
//!
//! | event | requests, files, clock |
//! |---|---|
//! | [`Event::Starts`] | `apply`, `rotate` or `roll` is begun on that machine: its own state folder, its own lock |
//! | [`Event::Acts`] | the run comes to its next atomic action and takes it; see [`Action`] |
//! | [`Event::Dies`] | the run is killed before its next action; what it sent stays sent, its lock is free |
//! | [`Event::DiesDelivering`] | … while a program has the secret on its standard input; the program lives on |
//! | [`Event::LosesStateFolder`] | the state folder is deleted between runs |
//! | [`Event::Arrives`] | a request whose answer was lost takes effect only now; or a program of a dead run stores |
//! | [`Event::ListCatchesUp`] | the replica that answers lists comes up to date |
//! | [`Event::WindowPasses`] | the server's clock moves on by W (a little more than 15 minutes) between runs |
//! | [`Event::WindowPassesAsleep`] | … within runs: the machine slept, its suspended time counts as well |
//! | [`Event::OverlapPasses`] | the clock moves on by W and the overlap: what was retired ends, consumers have reread |
//! | [`Event::PendingLifePasses`] | the clock moves on by P: pending tokens expire |
//!
//! Nobody waits within an event. Between two events of one machine any events of the other may stand.

use crate::token::{Effect, Value};

/// What a command asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub(crate) enum Kind {
    /// `apply`: makes what is missing.
    Apply,
    /// `rotate`: a new generation.
    Rotate,
    /// `roll`: a new secret for the same token.
    Roll,
}

/// What a run does next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub(crate) enum Step {
    Idle,
    Look,
    Decide,
    Create,
    FindLost,
    DeleteLost,
    Announce,
    Deliver,
    LookAgain,
    RunHooks,
    Commit,
    Retire,
    Finish,
    PutBack,
    Undo,
    NameRoll,
    LookBeforeRoll,
    Roll,
    NameBack,
    LookBeforeUpdate,
    Update,
    DeleteStandIn,
}

/// How a run ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// Exit 0.
    Ok,
    /// Exit 1: another run is under way, or died less than W ago.
    Young,
    /// Exit 1: something else changed meanwhile, or what was made does not verify.
    Conflict,
    /// Exit 1: a sink or a hook failed, or the command refuses.
    Failed,
}

/// What becomes of a request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub(crate) enum Answer {
    /// It takes effect and is answered; also of everything that is no request.
    Given,
    /// It never arrives; the client sees a time-out or a cut connection.
    LostBefore,
    /// It takes effect; the client sees the same.
    LostAfter,
    /// It takes effect after the client gave up: an [`Event::Arrives`] follows, or never does.
    Late,
}

/// How a delivery to one sink goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub(crate) enum Delivery {
    Stored,
    /// The sink fails and holds what it held.
    NotReached,
    /// An opaque sink fails, but holds the new value: a program that stores and then exits with 1.
    PerhapsReached,
}

/// How putting the old value back into a readable sink goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub(crate) enum Restoring {
    Restored,
    /// The sink holds another value than ours by now: it is left alone.
    NotOurs,
    /// The old value works no more: ours stays, the run ends.
    OldIsDead,
    /// Writing the sink fails, the run ends.
    Failed,
}

/// What the look right after the deliveries finds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub(crate) enum Second {
    /// Nothing changed, and the new secret verifies.
    Verified,
    /// Another generation appeared, changed or went: the run ends.
    Conflict,
    /// The new secret does not work, or its token was retired: the run ends.
    NotVerified,
}

/// What a run decides after its first look. The first three end it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub(crate) enum Decision {
    /// A young pending token of an unknown run.
    RefuseYoung,
    /// The same, where there is nothing to do (the draft).
    NothingWhileYoung,
    /// A readable sink does not hold the one in force, and nothing tells of an unfinished run.
    RefuseNotHeld,
    Fresh,
    Roll,
    /// Rolls a token again whose roll was not finished (the draft).
    RollAgain,
    /// Goes on with a pending token of another run (the draft).
    Adopt {
        token: u8,
    },
    /// Goes on with verify and hooks of the one in force.
    FinishHooks,
    /// Replaces the one in force in place: before this, somebody changed its rights by hand.
    Update,
    /// Keeps the one in force; retires what the first look saw beside it.
    Keep,
}

/// One atomic action of a run: one request, one read of what lies on this machine, or one write to one sink.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub(crate) enum Action {
    /// `GET /tokens`, expired ones too. Stale: a replica answers that has not seen the last changes.
    Look { stale: bool },
    /// Reads the readable sinks, asks Cloudflare whose each secret is, and decides. Sends nothing.
    Decide(Decision),
    /// Notes the mark in the state folder, then `POST /tokens`. The token's number is its own only if the request
    /// takes effect at once.
    Create { token: u8, mark: u8 },
    /// `GET /tokens` after a lost answer: is the mark listed?
    FindLost { found: bool },
    /// `DELETE` of the token that was found so.
    DeleteLost { token: u8 },
    /// `PUT` that announces a pending token again (the draft).
    Announce { token: u8 },
    /// A delivery would begin W or more after the first look: the run ends.
    GiveUp { sink: u8 },
    /// A readable sink holds the secret already.
    AlreadyHeld { sink: u8 },
    /// Writes the env file, or runs the program.
    Deliver { sink: u8, delivery: Delivery },
    /// Puts the old value back into a readable sink.
    PutBack { sink: u8, restoring: Restoring },
    /// `DELETE` of the new token that no sink got.
    DeleteUndelivered { token: u8 },
    /// `PUT` of `+old` and now + overlap on the new token that every sink gave back.
    EndUndelivered { token: u8 },
    /// Verifies the new secret, and `GET /tokens`.
    LookAgain { stale: bool, second: Second },
    /// Runs the `delivered` hooks.
    RunHooks { succeed: bool },
    /// `PUT` of the plain name, or of `+hooks`, and the full end.
    Commit { token: u8, hooks_outstanding: bool },
    /// `PUT` of `+old` and the earlier of its end and now + overlap.
    Retire { token: u8 },
    /// `DELETE` of an expired generation (in the draft, of a dead pending one too).
    DeleteExpired { token: u8 },
    /// Forgets finished marks, runs `retired` hooks, exits.
    Finish,
    /// `PUT` of `+roll` on the token to roll (the draft).
    NameRoll { token: u8 },
    /// `GET /tokens` before the roll.
    LookBeforeRoll { changed: bool },
    /// `PUT /tokens/ID/value`.
    Roll { token: u8 },
    /// `PUT` of the plain name on a token that is not rolled after all (the draft).
    NameBack { token: u8 },
    /// `DELETE` of the stand-in of a roll.
    DeleteStandIn { token: u8 },
    /// `GET /tokens` before an update.
    LookBeforeUpdate { changed: bool },
    /// `PUT` that replaces the one in force as its profile has it.
    Update { token: u8 },
}

/// One step of a history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    Starts { machine: usize, kind: Kind },
    Acts { machine: usize, action: Action, answer: Answer },
    Dies { machine: usize, before: Step },
    DiesDelivering { machine: usize, sink: u8, value: Value },
    LosesStateFolder { machine: usize },
    Arrives { effect: Effect },
    ListCatchesUp,
    WindowPasses,
    WindowPassesAsleep,
    OverlapPasses,
    PendingLifePasses,
}

impl Action {
    /// Whether nothing but the protocol chose it: no sink or hook fails, no list is stale, no token drifted.
    pub(crate) fn is_smooth(self) -> bool {
        match self {
            Self::Look { stale } | Self::LookAgain { stale, .. } => !stale,
            Self::Deliver { delivery, .. } => delivery == Delivery::Stored,
            Self::PutBack { restoring, .. } => restoring != Restoring::Failed,
            Self::RunHooks { succeed } => succeed,
            Self::Decide(decision) => decision != Decision::Update,
            _ => true,
        }
    }

    /// The token that it names.
    pub(crate) fn token(&mut self) -> Option<&mut u8> {
        match self {
            Self::Decide(Decision::Adopt { token })
            | Self::Create { token, .. }
            | Self::DeleteLost { token }
            | Self::Announce { token }
            | Self::DeleteUndelivered { token }
            | Self::EndUndelivered { token }
            | Self::Commit { token, .. }
            | Self::Retire { token }
            | Self::DeleteExpired { token }
            | Self::NameRoll { token }
            | Self::Roll { token }
            | Self::NameBack { token }
            | Self::DeleteStandIn { token }
            | Self::Update { token } => Some(token),
            _ => None,
        }
    }

    /// The sink that it names.
    pub(crate) fn sink(&mut self) -> Option<&mut u8> {
        match self {
            Self::GiveUp { sink }
            | Self::AlreadyHeld { sink }
            | Self::Deliver { sink, .. }
            | Self::PutBack { sink, .. } => Some(sink),
            _ => None,
        }
    }
}

impl Event {
    /// The machine on which it happens.
    pub(crate) fn machine(self) -> Option<usize> {
        match self {
            Self::Starts { machine, .. }
            | Self::Acts { machine, .. }
            | Self::Dies { machine, .. }
            | Self::DiesDelivering { machine, .. }
            | Self::LosesStateFolder { machine } => Some(machine),
            _ => None,
        }
    }

    /// Whether a run takes its next action and nothing goes wrong.
    pub(crate) fn is_smooth(self) -> bool {
        matches!(self, Self::Acts { action, answer: Answer::Given, .. } if action.is_smooth())
    }
}
