//! How long a token lives and how it is renewed, as a valid profile says it.

use chrono::{DateTime, TimeDelta, Utc};

/// How long a token lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// This long from its making.
    For(TimeDelta),
    /// Until this time.
    Until(DateTime<Utc>),
    /// For ever, said in so many words.
    Never,
}

/// From when a token works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At once, said in so many words: a beginning that lies ahead is taken away.
    Now,
    /// From this time on.
    At(DateTime<Utc>),
}

/// How a token is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// How old a generation may grow.
    pub every: Option<TimeDelta>,
    /// How long the old one lives on beside the new one.
    pub overlap: TimeDelta,
    /// How much life must be left; `None` for a third of the TTL.
    pub renew_before: Option<TimeDelta>,
    /// New token, or new secret for the same token.
    pub strategy: Strategy,
}

/// What a rotation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// A new generation; the old one is retired after the overlap.
    Generation,
    /// A new secret for the same token: the old one dies at once.
    Roll,
}

/// How long a predecessor lives on beside its successor, unless said otherwise.
pub(super) const USUAL_OVERLAP: TimeDelta = TimeDelta::hours(1);

/// The share of its life that is left when a token is renewed, unless said otherwise.
const RENEW_SHARE: i32 = 3;

/// How much life must be left: what is said, else a third of a life whose length is known.
pub(super) fn renew_before(said: Option<TimeDelta>, ttl: Lifetime) -> Option<TimeDelta> {
    let third = match ttl {
        Lifetime::For(ttl) => Some(ttl / RENEW_SHARE),
        Lifetime::Until(_) | Lifetime::Never => None,
    };
    said.or(third)
}

/// The time between two rotations, where a profile says enough to know it.
pub(super) fn interval(
    every: Option<TimeDelta>,
    said: Option<TimeDelta>,
    ttl: Lifetime,
) -> Option<TimeDelta> {
    let by_end = match ttl {
        Lifetime::For(whole) => renew_before(said, ttl).map(|before| whole - before),
        Lifetime::Until(_) | Lifetime::Never => None,
    };
    every.into_iter().chain(by_end).min()
}
