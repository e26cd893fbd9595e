//! A run looks again, runs hooks, commits, and only then retires what its first look saw.

use super::turn::{Set, Turn, end};
use crate::event::{Action, Kind, Outcome, Second, Step};
use crate::rules::Rule;
use crate::token::{Effect, End, Listing, Phase, TOKENS, Token};
use crate::world::World;

impl Turn<'_> {
    pub(super) fn look_again(&mut self) {
        for (mut world, list, stale) in self.lists() {
            let second = if self.conflicts(list) {
                Second::Conflict
            } else if self.verifies() {
                Second::Verified
            } else {
                Second::NotVerified
            };
            let action = Action::LookAgain { stale, second };
            if second == Second::Verified {
                world.runs[self.machine].is_stale = false;
                self.go(world, action, Step::RunHooks);
            } else {
                self.stop(world, action, Outcome::Conflict);
            }
        }
    }

    /// Whether a list shows that somebody else was at work since the first look.
    fn conflicts(&self, list: &[Token; TOKENS]) -> bool {
        let run = self.run();
        (0..self.world.made).zip(list).any(|(id, token)| {
            if Some(id) == run.token || token.listing == Listing::Absent {
                return false;
            }
            let mark = token.mark;
            let is_mine = mark != crate::world::NO_MARK && self.world.notes[self.machine] >> mark & 1 == 1;
            let row = run.saw(id);
            if row.listing == Listing::Absent {
                return token.listing == Listing::Live && !is_mine;
            }
            let changed = row.differs(*token) || row.announced != token.announced;
            self.keeps(Rule::AnyChangeConflicts) && changed && !(is_mine && token.end == End::Short)
        })
    }

    /// Whether the new secret works, and its token was not retired meanwhile.
    fn verifies(&self) -> bool {
        self.run().value().is_some_and(|value| {
            let retired = self.world.token(value.token).end == End::Overlap;
            self.world.works(value) && !(self.keeps(Rule::AnyChangeConflicts) && retired)
        })
    }

    pub(super) fn run_hooks(&mut self) {
        let mut world = self.fork();
        self.after_hooks(&mut world, true);
        self.act(&world, Action::RunHooks { succeed: true }, None);
        if self.world.budget.hook_failures == 0 {
            return;
        }
        let mut world = self.fork();
        world.budget.hook_failures -= 1;
        let action = Action::RunHooks { succeed: false };
        if self.keeps(Rule::CommitAsHooks) && self.run().rolls.is_none() {
            self.after_hooks(&mut world, false);
            self.act(&world, action, None);
        } else {
            self.stop(world, action, Outcome::Failed);
        }
    }

    fn after_hooks(&self, world: &mut World, succeeded: bool) {
        let retires = self.retirees().0;
        let run = &mut world.runs[self.machine];
        run.hooks_failed = !succeeded;
        if run.rolls.is_some() {
            run.step = Step::DeleteStandIn;
            return;
        }
        run.retires = retires;
        let retires_first = !self.keeps(Rule::CommitBeforeRetire) || self.commits_early();
        run.step = if retires_first && succeeded { Step::Retire } else { Step::Commit };
    }

    pub(super) fn commit(&mut self) {
        let run = self.run();
        if self.keeps(Rule::AgeGuard) && run.is_stale {
            return self.instead(Step::LookAgain);
        }
        let Some(token) = run.token else { return };
        let hooks_outstanding = run.hooks_failed;
        let phase = if hooks_outstanding { Phase::Hooks } else { Phase::InForce };
        let step = if self.commits_early() && !hooks_outstanding {
            Step::LookAgain
        } else if hooks_outstanding || !self.keeps(Rule::CommitBeforeRetire) {
            Step::Finish
        } else {
            Step::Retire
        };
        let machine = self.machine;
        self.insist(
            Action::Commit { token, hooks_outstanding },
            Turn::put(token, phase, End::Full),
            |world| {
                world.runs[machine].step = step;
                None
            },
        );
    }

    pub(super) fn retire(&mut self) {
        let run = self.run();
        let retires_first = !self.keeps(Rule::CommitBeforeRetire);
        let Some(token) = Set(run.retires).first() else {
            let uncommitted = run.token.filter(|token| self.world.token(*token).phase != Phase::InForce);
            return self.instead(if retires_first && uncommitted.is_some() {
                Step::Commit
            } else {
                Step::Finish
            });
        };
        if self.keeps(Rule::AgeGuard) && run.is_stale && retires_first {
            return self.instead(Step::LookAgain);
        }
        let row = run.saw(token);
        let is_pending = row.phase == Phase::Pending;
        let deletes_pending =
            is_pending && !self.place.has_opaque(self.machine) && !self.keeps(Rule::ShortenOnly);
        let (action, effect) = if row.listing == Listing::Expired || deletes_pending {
            (Action::DeleteExpired { token }, Effect::Delete { token })
        } else {
            let phase = if self.keeps(Rule::OldName) { Phase::Retiring } else { row.phase };
            (Action::Retire { token }, Turn::put(token, phase, End::Overlap))
        };
        let machine = self.machine;
        let answered = |world: &mut World, _| {
            world.runs[machine].retires &= !(1 << token);
            None
        };
        self.request(action, effect, answered, |_| None);
    }

    pub(super) fn finish(&mut self) {
        let mut world = self.fork();
        // Marks whose token is settled leave the note; those never seen stay: a late arrival is mine.
        for token in 0..world.made {
            let token = *world.token(token);
            if token.listing != Listing::Absent && !token.is_bounded() {
                world.notes[self.machine] &= !(1 << token.mark);
            }
        }
        let outcome = if self.run().hooks_failed { Outcome::Failed } else { Outcome::Ok };
        let outcome = Some(end(&mut world, self.place, self.machine, outcome));
        self.act(&world, Action::Finish, outcome);
    }

    /// A first create into env files only, committed before it is verified (a rule under test).
    pub(super) fn commits_early(&self) -> bool {
        let run = self.run();
        !self.keeps(Rule::CommitAfterVerify)
            && !self.place.has_opaque(self.machine)
            && run.kind != Kind::Roll
            && !run.goes_on
            && !run.first.iter().any(|row| row.is_live() && row.end == End::Full)
    }

    /// What is retired or removed once the new generation is in force.
    pub(super) fn retirees(&self) -> Set {
        self.retirees_of(self.run().token, &self.run().read)
    }

    /// The same, where the generation in force and what the sinks hold were found only now.
    pub(super) fn retirees_of(&self, current: Option<u8>, read: &[Option<crate::token::Value>]) -> Set {
        self.saw(|token| {
            if Some(token) == current {
                return false;
            }
            let row = self.run().saw(token);
            let was_read = read.iter().flatten().any(|value| value.token == token);
            match (row.listing, row.phase, row.end) {
                (Listing::Expired, ..)
                | (Listing::Live, Phase::InForce | Phase::Hooks | Phase::Roll, End::Full) => true,
                (Listing::Live, Phase::Pending | Phase::Roll, End::Short) => {
                    self.is_mine(token) || was_read || !self.keeps(Rule::LeaveForeign)
                }
                _ => false,
            }
        })
    }
}
