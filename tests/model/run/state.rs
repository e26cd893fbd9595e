//! A run: where it stands, and what it remembers. It lives on one machine and knows nothing of the others.

use crate::event::{Kind, Step};
use crate::token::{Row, SINKS, TOKENS, Value};

/// A run, or that there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is remembered for itself")]
pub(crate) struct Run {
    pub(crate) step: Step,
    pub(crate) kind: Kind,
    /// The first look.
    pub(crate) first: [Row; TOKENS],
    /// What the readable sinks held that works, in the order of the profile's sinks.
    pub(crate) read: [Option<Value>; SINKS],
    /// The generation that it makes or goes on with; the stand-in while it rolls.
    pub(crate) token: Option<u8>,
    pub(crate) mark: u8,
    /// The version of the secret that it delivers.
    pub(crate) version: u8,
    /// How many of its sinks are done.
    pub(crate) delivered: u8,
    /// While it puts back: some sink has held the new secret.
    pub(crate) was_held: bool,
    /// The sinks that it wrote.
    pub(crate) wrote: u8,
    /// What they held before.
    pub(crate) previous: [Option<Value>; SINKS],
    /// What is still to be retired.
    pub(crate) retires: u16,
    pub(crate) hooks_failed: bool,
    /// Whether it goes on with what it did not make: nothing is put back.
    pub(crate) goes_on: bool,
    /// Whether W passed since its last look.
    pub(crate) is_stale: bool,
    /// The token that it rolls.
    pub(crate) rolls: Option<u8>,
}

impl Run {
    pub(crate) const IDLE: Self = Self {
        step: Step::Idle,
        kind: Kind::Apply,
        first: [Row {
            listing: crate::token::Listing::Absent,
            phase: crate::token::Phase::Pending,
            end: crate::token::End::Full,
            young: false,
            announced: 0,
        }; TOKENS],
        read: [None; SINKS],
        token: None,
        mark: 0,
        version: 0,
        delivered: 0,
        was_held: false,
        wrote: 0,
        previous: [None; SINKS],
        retires: 0,
        hooks_failed: false,
        goes_on: false,
        is_stale: false,
        rolls: None,
    };

    /// A run that was just begun.
    pub(crate) const fn begun(kind: Kind) -> Self {
        Self { step: Step::Look, kind, ..Self::IDLE }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.step == Step::Idle
    }

    pub(crate) fn saw(&self, token: u8) -> &Row {
        &self.first[usize::from(token)]
    }

    /// The token whose secret it delivers.
    pub(crate) fn delivers(&self) -> Option<u8> {
        self.rolls.or(self.token)
    }

    /// The secret that it delivers.
    pub(crate) fn value(&self) -> Option<Value> {
        self.delivers().map(|token| Value { token, version: self.version })
    }
}
