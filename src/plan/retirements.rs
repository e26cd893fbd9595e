//! What becomes of the generations that do not stay: which end, how, and which must stay as evidence.
//!
//! Nothing is deleted that a sink may hold, and nothing that tells of a run that did not finish.

use chrono::TimeDelta;

use super::decide::Decision;
use super::generations::RUN_WINDOW;
use super::live::Live;
use super::mark::Phase;
use super::step::{Create, Ends, Retirement};

impl Decision<'_> {
    /// The same step, with an end at once for what was in force.
    pub(super) fn ending_at_once(&self, mut create: Create) -> Create {
        let was_in_force = |id: &str| self.generations.in_force().any(|live| live.id == id);
        for retirement in create.retire.iter_mut().filter(|retirement| was_in_force(&retirement.id)) {
            retirement.ends = Ends::Now;
        }
        create
    }

    /// What becomes of the other generations once one is in force: of the current one, or, where none is named, of a
    /// fresh one that is made now.
    pub(super) fn retirements(&self, stays: Option<&Live>) -> Vec<Retirement> {
        let others =
            self.generations.all().iter().filter(|live| stays.is_none_or(|stays| stays.id != live.id));
        let retirement = |live: &&Live| {
            let ends = self.ends(live, stays)?;
            Some(Retirement { id: live.id.clone(), name: live.name.clone(), ends })
        };
        others.filter_map(retirement).collect()
    }

    fn ends(&self, live: &Live, stays: Option<&Live>) -> Option<Ends> {
        let phase = live.phase()?;
        if !live.is_alive(self.now) {
            return (!self.is_evidence_beside(live, stays)).then_some(Ends::Now);
        }
        let is_ours = phase.is_in_force()
            || (phase.is_pending() && (self.generations.is_own(live) || self.is_held_by_a_sink(live)));
        let ends =
            if self.situation.renewal.overlap <= TimeDelta::zero() { Ends::Now } else { Ends::AfterOverlap };
        is_ours.then_some(ends)
    }

    /// Whether a dead pending token still tells something beside the generation that will be in force.
    fn is_evidence_beside(&self, live: &Live, stays: Option<&Live>) -> bool {
        let is_later = match stays {
            Some(stays) => {
                live.issued_on.zip(stays.issued_on).is_none_or(|(at, since)| at > since - RUN_WINDOW)
            }
            // A fresh one comes after whatever the list has, unless that is known to be close.
            None => live.issued_on.is_some_and(|at| at > self.now - RUN_WINDOW),
        };
        live.phase().is_some_and(Phase::is_pending) && !live.was_born_dead() && is_later
    }
}
