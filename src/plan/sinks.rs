//! Whose secret each sink holds.
//!
//! In: what the secrets in the sinks said of themselves. Out: for one live token, whether a sink holds its secret.

use chrono::{DateTime, TimeDelta, Utc};

use super::live::{Live, Status};

/// Whose a value in a sink is, as far as it could say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// There is no value.
    Nobody,
    /// No secret belongs there: the sink takes ids and times alone.
    NoSecret,
    /// A placeholder, such as `changeme`: a secret of nobody's.
    Placeholder,
    /// The secret of this live token.
    Token(String),
    /// It has the form of a token and Cloudflare knows no such secret: dead, too young to be known everywhere, or shut
    /// out by an address rule.
    Dead,
    /// Cloudflare knows the secret and an address rule shuts this machine out, so it does not say who owns it.
    ShutOut,
    /// The question could not be asked or was not answered.
    Unanswered(String),
    /// The sink cannot be read back: a program.
    Opaque,
    /// A value that must not be lost, and that is no token's of Cloudflare's to tell.
    Protected(Protected),
}

/// What a value is that must not be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protected {
    /// A reference that another program resolves, such as `op://…` or `$(…)`.
    Reference,
    /// The secret of another service, or a text of a form that is not known.
    OtherService,
    /// A global API key.
    GlobalKey,
    /// S3 credentials whose token is not known here.
    S3Pair,
    /// A value that the emulator did not make, in a trial: never overwritten, not even where that was asked for.
    Real,
}

/// What kind of sink it is that somebody would have to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkKind {
    /// An env file.
    File,
    /// A program.
    Program,
}

/// A place in a sink where a secret stands, as planning sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkView {
    /// What a person calls it: variable and path, or the program.
    pub shown: String,
    /// What kind of sink it is in.
    pub kind: SinkKind,
    /// Whose secret it holds.
    pub whose: Whose,
    /// Whether only S3 credentials stand there: what they hold of the secret is a hash, so they supply no other sink.
    pub is_pair: bool,
    /// Whether another value of its sink, such as the account's id, is not what it should be.
    pub is_stale: bool,
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
    /// It does not work yet.
    NotYetValid,
    /// The sink is a program.
    Program,
    /// The question was not answered.
    Unanswered(String),
}

/// How long a new or changed token may be unknown to some of Cloudflare's servers.
const PROPAGATION: TimeDelta = TimeDelta::minutes(2);

/// Whether a sink holds the secret of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SinkContent {
    /// It does.
    Held,
    /// It does not.
    Missing,
    /// It may.
    CannotTell(CannotTell),
}

/// Whether a token may be unknown to some of Cloudflare's servers.
pub(super) fn is_young(live: &Live, now: DateTime<Utc>) -> bool {
    live.modified_on.max(live.issued_on).is_some_and(|at| now - at < PROPAGATION)
}

/// Whether a token does not work yet.
pub(super) fn is_early(live: &Live, now: DateTime<Utc>) -> bool {
    live.not_before.is_some_and(|start| start > now)
}

/// Whether a sink holds the secret of this token.
pub(super) fn content(sink: &SinkView, live: &Live, now: DateTime<Utc>) -> SinkContent {
    match &sink.whose {
        Whose::Token(id) if *id == live.id => SinkContent::Held,
        // It lacks nothing that only a secret could supply.
        Whose::NoSecret => SinkContent::Held,
        Whose::Opaque => SinkContent::CannotTell(CannotTell::Program),
        Whose::Unanswered(reason) => SinkContent::CannotTell(CannotTell::Unanswered(reason.clone())),
        Whose::Dead | Whose::ShutOut if live.status == Status::Disabled => {
            SinkContent::CannotTell(CannotTell::Disabled)
        }
        Whose::ShutOut if !live.addresses.is_empty() => SinkContent::CannotTell(CannotTell::ShutOut),
        Whose::Dead if is_early(live, now) => SinkContent::CannotTell(CannotTell::NotYetValid),
        Whose::Dead if is_young(live, now) => SinkContent::CannotTell(CannotTell::Propagating),
        Whose::Dead if !live.addresses.is_empty() => SinkContent::CannotTell(CannotTell::DeadOrShutOut),
        _ => SinkContent::Missing,
    }
}

/// The first place that holds the secret of a token and can supply other sinks.
pub(super) fn source(sinks: &[SinkView], live: &Live) -> Option<usize> {
    sinks.iter().position(|sink| !sink.is_pair && sink.whose == Whose::Token(live.id.clone()))
}

/// The sinks as they are, but for credentials of tokens that are listed and work no more: S3 credentials name
/// their token by an id, which does not tell that it is dead.
pub(super) fn without_dead(sinks: &[SinkView], tokens: &[Live], now: DateTime<Utc>) -> Vec<SinkView> {
    let is_dead = |whose: &Whose| {
        matches!(whose, Whose::Token(id)
            if tokens.iter().any(|token| token.id == *id && !token.is_alive(now)))
    };
    let mut sinks = sinks.to_vec();
    sinks.iter_mut().filter(|sink| is_dead(&sink.whose)).for_each(|sink| sink.whose = Whose::Placeholder);
    sinks
}
