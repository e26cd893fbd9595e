//! A request that was let in, and all that its answer depends on.

use chrono::{DateTime, Utc};

use super::access::Caller;
use super::oddities::Oddities;
use super::route::Query;
use super::settings::{Random, Settings, Switches};
use super::state::State;

/// A request that was let in, and all that its answer depends on.
pub(super) struct RequestContext<'a> {
    /// The world.
    pub(super) state: &'a mut State,
    /// Sides in disputes.
    pub(super) switches: &'a Switches,
    /// What answers are strange in.
    pub(super) oddities: &'a mut Oddities,
    /// Clock, randomness, delays.
    pub(super) settings: &'a Settings,
    /// Who asks.
    pub(super) caller: &'a Caller,
    /// When; whole seconds.
    pub(super) now: DateTime<Utc>,
    /// What stands after the question mark.
    pub(super) query: &'a Query,
    /// The body.
    pub(super) body: &'a [u8],
}

impl<'a> RequestContext<'a> {
    /// Where random bytes come from.
    pub(super) fn random(&self) -> &'a Random {
        &*self.settings.random
    }
}
