//! What each rule is for: a place that breaks without it, and how.
//!
//! A flaw is found again by the search, so that its trace is always one of the model as it is. These traces, and the same
//! adversary against the rules in force ([`crate::adversary`]), are tests for real code: what a flaw shows is what an
//! implementation is likely to get wrong.

use crate::adversary::against;
use crate::history::History;
use crate::invariants::Violation;
use crate::places::{Budget, Place, places};
use crate::rules::{Rules, weakened};
use crate::search::{Limits, explore};

/// Rules that break a promise in a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flaw {
    /// The name of the weakened rules.
    pub(crate) rules: &'static str,
    pub(crate) place: &'static str,
    /// How many runs each machine begins, where the reduced bounds do not show it.
    starts: Option<[u8; 2]>,
    /// Every promise that breaks; for the rules with one exception the first.
    pub(crate) violations: &'static [Violation],
}

const fn flaw(rules: &'static str, place: &'static str, violations: &'static [Violation]) -> Flaw {
    Flaw { rules, place, starts: None, violations }
}

/// Rules that no promise depends on within the bounds. They spare a person a second run, a stray, or a refusal.
pub(crate) const COURTESIES: [&str; 8] = [
    "minimal",
    "conflict = new ids only",
    "hooks failed: stay pending",
    "young does not block",
    "no put-back",
    "commit before verify",
    "update without a list",
    "leave the found lost token",
];

/// A flaw for each rule, and those of the draft by places.
#[rustfmt::skip] // One flaw a line, like the table that it is.
pub(crate) const FLAWS: [Flaw; 26] = {
    use Violation::{DeadConsumer, DeadSink, NotIdle, NotOk, RetiredSink, SinkWithoutCurrent};
    [
        flaw("adopt as drafted", "1 machine, env+opaque", &[NotIdle]),
        Flaw { starts: Some([2, 1]), ..flaw("adopt the newest only", "2 state folders, one env", &[RetiredSink]) },
        flaw("adopt the newest, announced", "1 machine, env", &[DeadSink]),
        flaw("dispose of foreign pending", "2 state folders, one env", &[RetiredSink]),
        flaw("delete after put-back", "1 machine, 2 env", &[DeadConsumer]),
        flaw("no second list", "2 runners, opaque, roll", &[RetiredSink]),
        flaw("several in force: newest wins", "2 runners, opaque, list lags", &[RetiredSink]),
        flaw("no include_expired", "1 machine, opaque", &[SinkWithoutCurrent]),
        flaw("any pending is evidence", "1 machine, env", &[NotIdle]),
        flaw("retire, then commit", "1 machine, env, roll", &[RetiredSink]),
        flaw("evidence: strictly newer only", "2 runners, opaque, list lags", &[SinkWithoutCurrent]),
        flaw("programs unbounded", "2 runners, opaque, program outlives", &[DeadSink]),
        flaw("programs unbounded", "1 machine, env+opaque, program outlives", &[DeadSink]),
        flaw("roll announced as +new", "1 machine, env, roll", &[NotOk]),
        flaw("+roll name, roll again if lost", "1 machine, env, roll", &[DeadSink]),
        flaw("+roll name, fresh if lost", "2 runners, opaque, updates and roll", &[SinkWithoutCurrent]),
        flaw("no age guard", "2 runners, opaque, sleeping", &[SinkWithoutCurrent]),
        flaw("no +old name", "1 machine, opaque", &[NotIdle]),
        flaw("put-back unchecked", "1 machine, 2 env", &[DeadSink]),
        flaw("delete own dead pending", "1 machine, env, first create", &[DeadConsumer]),
        flaw("the draft", "1 machine, 2 env", &[DeadConsumer, NotOk, DeadSink]),
        flaw("the draft", "1 machine, opaque", &[SinkWithoutCurrent]),
        flaw("the draft", "1 machine, env+opaque, roll", &[NotOk, DeadSink, DeadConsumer, SinkWithoutCurrent]),
        flaw("the draft", "1 machine, opaque, program outlives", &[SinkWithoutCurrent, DeadSink, RetiredSink]),
        flaw("the draft", "2 state folders, one env", &[NotOk, DeadConsumer]),
        flaw("the draft", "2 runners, opaque, roll", &[SinkWithoutCurrent, DeadSink, DeadConsumer, NotOk, RetiredSink]),
    ]
};

/// The place of a name.
pub(crate) fn place_named(name: &str) -> Option<Place> {
    places().into_iter().find(|place| place.name == name)
}

/// The weakened rules of a name.
pub(crate) fn rules_named(label: &str) -> Option<Rules> {
    weakened().into_iter().find(|(name, _)| *name == label).map(|(_, rules)| rules)
}

impl Flaw {
    /// Where to look for it.
    fn bounded(&self) -> Option<Place> {
        let place = place_named(self.place)?.under(rules_named(self.rules)?);
        Some(match self.starts {
            Some(starts) => place.within(Budget { starts, ..Budget::REDUCED }),
            None => place.reduced(),
        })
    }

    /// What was done to the weak rules, done to those in force: histories that end well, to be played.
    pub(crate) fn withstood(&self) -> Vec<History> {
        self.histories().iter().map(|history| against(history, Rules::IN_FORCE)).collect()
    }

    /// A shortest history to each promise that breaks, in the order in which they come to light.
    pub(crate) fn histories(&self) -> Vec<History> {
        let Some(place) = self.bounded() else { return Vec::new() };
        let limits = Limits { violations: self.violations.len(), ..Limits::EXHAUSTIVE };
        let report = explore(&place, limits);
        let history =
            |found| History::new(place, self.rules.to_owned(), &report.trace(found), Some(found.violation));
        report.found.iter().map(history).collect()
    }
}
