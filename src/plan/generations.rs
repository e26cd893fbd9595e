//! What the list of tokens tells of one name: which generation is current, and what runs that did not finish have left.
//!
//! In: the owner's tokens, the marks that this state folder announced, the time. Out: the current generation, the
//! pending ones, and what tells that a sink may hold something else than the current secret. Nothing is decided here.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::live::{Live, current, generations};
use super::mark::{Mark, Phase};

/// For so long a pending token may belong to a run under way elsewhere; announcements closer than this are unordered.
pub const RUN_WINDOW: TimeDelta = crate::profile::YOUNG;

/// The most pending tokens of one name that may live at once.
pub const MOST_PENDING: usize = 5;

/// The generations of one name.
pub struct Generations<'a> {
    all: Vec<&'a Live>,
    /// The marks that this state folder announced and has not finished.
    own: &'a BTreeSet<Mark>,
    now: DateTime<Utc>,
}

impl<'a> Generations<'a> {
    /// Picks the generations of this name out of an owner's tokens.
    #[must_use]
    pub fn new(name: &str, tokens: &'a [Live], own: &'a BTreeSet<Mark>, now: DateTime<Utc>) -> Self {
        Self { all: generations(name, tokens), own, now }
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn all(&self) -> &[&'a Live] {
        &self.all
    }

    /// The newest that is in force.
    #[must_use]
    pub fn current(&self) -> Option<&'a Live> {
        current(&self.all, self.now)
    }

    /// Those in force, oldest first. There should be one.
    pub fn in_force(&self) -> impl Iterator<Item = &'a Live> {
        self.alive().filter(|live| live.phase().is_some_and(Phase::is_in_force))
    }

    /// Those whose delivery nobody confirmed and that still live.
    pub fn pending(&self) -> impl Iterator<Item = &'a Live> {
        self.alive().filter(|live| live.phase().is_some_and(Phase::is_pending))
    }

    /// Those on their way out that still live.
    pub fn retiring(&self) -> impl Iterator<Item = &'a Live> {
        self.alive().filter(|live| live.phase() == Some(Phase::Retiring))
    }

    /// Those on their way out that this one came after. A newer one was taken back: it was never in force.
    pub fn predecessors(&self, live: &'a Live) -> impl Iterator<Item = &'a Live> {
        let earlier = self.all.iter().copied().take_while(|other| other.id != live.id);
        earlier.filter(|other| other.phase() == Some(Phase::Retiring) && other.is_alive(self.now))
    }

    /// Those that work no more and are still listed.
    pub fn dead(&self) -> impl Iterator<Item = &'a Live> {
        self.all.iter().copied().filter(|live| !live.is_alive(self.now))
    }

    /// Whether this state folder announced it: under the lock, it is of a run that died.
    #[must_use]
    pub fn is_own(&self, live: &Live) -> bool {
        live.marked.as_ref().is_some_and(|marked| self.own.contains(&marked.mark))
    }

    /// A pending token that may belong to a run under way elsewhere. The youngest counts: it blocks the longest.
    #[must_use]
    pub fn of_another_run(&self) -> Option<&'a Live> {
        let is_young = |live: &&Live| live.issued_on.is_none_or(|at| self.now - at < RUN_WINDOW);
        self.pending().filter(|live| !self.is_own(live)).filter(is_young).max_by_key(|live| live.issued_on)
    }

    /// Whether a pending token tells of a run that may have delivered a newer secret than the current one: it was
    /// announced later, or so close that the order is not known. It counts when it is dead, too, unless it never lived.
    #[must_use]
    pub fn is_evidence(&self, live: &Live, phase: Phase) -> bool {
        live.phase() == Some(phase)
            && !live.was_born_dead()
            && self.current().is_none_or(|current| {
                let since = current.issued_on.map(|at| at - RUN_WINDOW);
                live.issued_on.is_none_or(|at| since.is_none_or(|since| at > since))
            })
    }

    /// Whether there is evidence of this phase.
    #[must_use]
    pub fn has_evidence(&self, phase: Phase) -> bool {
        self.all.iter().any(|live| self.is_evidence(live, phase))
    }

    /// Whether another one in force was announced so close to the current one that their deliveries may have come in
    /// either order. Of one announced longer ago every delivery was over before, so the current one is what sinks hold.
    #[must_use]
    pub fn has_rival(&self) -> bool {
        let Some(current) = self.current() else { return false };
        let since = current.issued_on.map(|at| at - RUN_WINDOW);
        let is_close = |live: &Live| live.issued_on.is_none_or(|at| since.is_none_or(|since| at > since));
        self.in_force().any(|live| live.id != current.id && is_close(live))
    }

    /// Whether anything tells of a run that did not finish.
    #[must_use]
    pub fn tells_of_unfinished_run(&self) -> bool {
        self.has_evidence(Phase::Pending)
            || self.has_evidence(Phase::StandIn)
            || self.pending().any(|live| self.is_own(live))
            || self.in_force().count() > 1
    }

    fn alive(&self) -> impl Iterator<Item = &'a Live> {
        self.all.iter().copied().filter(|live| live.is_alive(self.now))
    }
}
