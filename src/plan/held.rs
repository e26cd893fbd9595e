//! Whose secret each sink holds, and what overwriting it would lose.
//!
//! In: what the secrets in the sinks said of themselves. Out: for one live token, whether a sink holds its secret; and
//! why a value may not be overwritten, if it may not.

use chrono::{DateTime, TimeDelta, Utc};

use super::decide::Refused;
use super::live::{Live, Status};

/// Which token a sink holds, as far as the secret in it could say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// No value.
    Nothing,
    /// A value that is no token's by its form, such as a placeholder.
    NoToken,
    /// The secret of this live token.
    Token(String),
    /// Cloudflare knows no such secret: dead, too young to be known everywhere, or shut out by an address rule.
    Invalid,
    /// Cloudflare knows the secret and an address rule shuts this machine out, so it does not say whose it is.
    ShutOut,
    /// The question could not be asked or was not answered.
    Unanswered(String),
    /// The sink cannot be read back: a program.
    Unreadable,
    /// A value that a run against the emulator must not touch, or credentials of another kind.
    Precious,
}

/// A sink as planning sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkView {
    /// What a person calls it: the path, or the program.
    pub shown: String,
    /// Which token it holds.
    pub held: Held,
    /// Whether another of its variables, such as the account's id, is not what it should be.
    pub stale: bool,
}

/// Whether a live token that is not this profile's may be overwritten in a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// No: the default.
    Never,
    /// Yes: `--replace`.
    Foreign,
}

/// Why it cannot be told whether a sink holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotTell {
    /// The token is disabled.
    Disabled,
    /// Its address rule shuts this machine out.
    ShutOut,
    /// It is dead, or its address rule shuts this machine out: Cloudflare may say the same of both.
    DeadOrShutOut,
    /// It is too young for every server of Cloudflare's to know it.
    Propagating,
    /// The sink is a program.
    Program,
    /// The question was not answered.
    Unanswered(String),
}

/// How long a new or changed token may be unknown to some of Cloudflare's servers.
const PROPAGATION: TimeDelta = TimeDelta::minutes(2);

/// Whether a sink holds the secret of a token.
pub(super) enum Verdict {
    /// It does.
    Holds,
    /// It does not.
    Lacks,
    /// It may.
    CannotTell(CannotTell),
}

/// Whether a sink holds the current generation's secret.
pub(super) fn verdict(sink: &SinkView, live: &Live, now: DateTime<Utc>) -> Verdict {
    let young =
        live.modified_on.max(live.issued_on).is_some_and(|at| now.signed_duration_since(at) < PROPAGATION);
    match &sink.held {
        Held::Token(id) if *id == live.id => Verdict::Holds,
        Held::Unreadable => Verdict::CannotTell(CannotTell::Program),
        Held::Unanswered(reason) => Verdict::CannotTell(CannotTell::Unanswered(reason.clone())),
        Held::Invalid | Held::ShutOut if live.status == Status::Disabled => {
            Verdict::CannotTell(CannotTell::Disabled)
        }
        Held::ShutOut if !live.addresses.is_empty() => Verdict::CannotTell(CannotTell::ShutOut),
        Held::Invalid if young => Verdict::CannotTell(CannotTell::Propagating),
        Held::Invalid if !live.addresses.is_empty() => Verdict::CannotTell(CannotTell::DeadOrShutOut),
        _ => Verdict::Lacks,
    }
}

/// The sinks as they are, but for credentials of tokens that are listed and work no more: S3 credentials name
/// their token by an id, which does not tell that it is dead.
pub(super) fn without_dead(sinks: &[SinkView], tokens: &[Live], now: DateTime<Utc>) -> Vec<SinkView> {
    let is_dead = |held: &Held| {
        matches!(held, Held::Token(id)
            if tokens.iter().any(|token| token.id == *id && !token.is_alive(now)))
    };
    let mut sinks = sinks.to_vec();
    sinks.iter_mut().filter(|sink| is_dead(&sink.held)).for_each(|sink| sink.held = Held::NoToken);
    sinks
}

/// What overwriting this sink's value would lose, if it is not to be lost.
pub(super) fn loss(sink: &SinkView, tokens: &[Live], replace: Replace) -> Option<Refused> {
    let shown = || sink.shown.clone();
    match (&sink.held, replace) {
        (Held::Precious, _) => Some(Refused::Precious { sink: shown() }),
        (Held::Nothing | Held::NoToken | Held::Invalid | Held::Unreadable, _) | (_, Replace::Foreign) => None,
        (Held::ShutOut, Replace::Never) => Some(Refused::ForeignShutOut { sink: shown() }),
        (Held::Unanswered(reason), Replace::Never) => {
            Some(Refused::Unanswered { sink: shown(), reason: reason.clone() })
        }
        (Held::Token(id), Replace::Never) => Some(Refused::Foreign {
            sink: shown(),
            id: id.clone(),
            name: tokens.iter().find(|token| token.id == *id).map(|token| token.name.clone()),
        }),
    }
}
