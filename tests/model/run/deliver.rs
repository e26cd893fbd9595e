//! A run delivers its secret to each sink in order, and takes it back where that is safe.

use super::turn::{Turn, end};
use crate::event::{Action, Delivery, Kind, Outcome, Restoring, Step};
use crate::rules::Rule;
use crate::token::{Effect, End, Phase};
use crate::world::World;

impl Turn<'_> {
    pub(super) fn deliver(&mut self) {
        let run = self.run();
        let Some(&sink) = self.sinks().get(usize::from(run.delivered)) else {
            return self.instead(if self.commits_early() {
                Step::Commit
            } else if self.keeps(Rule::LookAgain) {
                Step::LookAgain
            } else {
                Step::RunHooks
            });
        };
        let Some(value) = run.value() else { return };
        if self.keeps(Rule::AgeGuard) && run.is_stale {
            return self.fail(Action::GiveUp { sink });
        }
        let is_readable = self.place.is_readable(sink);
        let held = self.world.sink(sink);
        let mut world = self.fork();
        world.runs[self.machine].delivered += 1;
        if is_readable && held == Some(value) {
            return self.act(&world, Action::AlreadyHeld { sink }, None);
        }
        world.runs[self.machine].previous[usize::from(sink)] = held;
        world.runs[self.machine].wrote |= 1 << sink;
        world.store(sink, value);
        self.act(&world, Action::Deliver { sink, delivery: Delivery::Stored }, None);

        if self.world.budget.sink_failures == 0 {
            return;
        }
        let mut failed = self.fork();
        failed.budget.sink_failures -= 1;
        let mut world = failed;
        let outcome = self.after_failure(&mut world, !is_readable);
        self.act(&world, Action::Deliver { sink, delivery: Delivery::NotReached }, outcome);
        if !is_readable {
            let mut world = failed;
            world.store(sink, value);
            let outcome = self.after_failure(&mut world, true);
            self.act(&world, Action::Deliver { sink, delivery: Delivery::PerhapsReached }, outcome);
        }
    }

    /// A delivery failed: put back, or leave what was made pending for the next run to see.
    fn after_failure(&self, world: &mut World, may_be_reached: bool) -> Option<Outcome> {
        let run = self.run();
        let tried = &self.sinks()[..usize::from(run.delivered)];
        let was_held =
            may_be_reached || run.was_held || tried.iter().any(|sink| !self.place.is_readable(*sink));
        if was_held || !self.keeps(Rule::PutBack) || run.goes_on || run.kind == Kind::Roll {
            return Some(end(world, self.place, self.machine, Outcome::Failed));
        }
        world.runs[self.machine].step = Step::PutBack;
        world.runs[self.machine].delivered = 0;
        None
    }

    pub(super) fn put_back(&mut self) {
        let run = self.run();
        let Some(sink) = (0..self.place.sinks).find(|sink| run.wrote >> sink & 1 == 1) else {
            return self.instead(Step::Undo);
        };
        let mut world = self.fork();
        world.runs[self.machine].wrote &= !(1 << sink);
        world.runs[self.machine].was_held = true;
        let ours = run.token.map(|token| crate::token::Value { token, version: run.version });
        let is_ours = self.world.sink(sink) == ours;
        let previous = run.previous[usize::from(sink)];
        let is_safe =
            !self.keeps(Rule::PutBackChecked) || previous.is_none_or(|previous| self.world.works(previous));
        let restoring = match (is_ours, is_safe) {
            (true, false) => {
                return self.stop(
                    world,
                    Action::PutBack { sink, restoring: Restoring::OldIsDead },
                    Outcome::Failed,
                );
            }
            (true, true) => Restoring::Restored,
            (false, _) => Restoring::NotOurs,
        };
        if is_ours {
            match previous {
                Some(previous) => world.store(sink, previous),
                None => world.sinks[usize::from(sink)] = None,
            }
        }
        self.act(&world, Action::PutBack { sink, restoring }, None);
        if self.world.budget.sink_failures > 0 {
            let mut world = self.fork();
            world.budget.sink_failures -= 1;
            self.stop(world, Action::PutBack { sink, restoring: Restoring::Failed }, Outcome::Failed);
        }
    }

    pub(super) fn undo(&mut self) {
        let Some(token) = self.run().token else { return };
        if !self.keeps(Rule::EndAfterPutBack) || !self.run().was_held {
            let delete = Effect::Delete { token };
            return self.last_request(Action::DeleteUndelivered { token }, delete, Outcome::Failed);
        }
        let phase = if self.keeps(Rule::OldName) { Phase::Retiring } else { Phase::Pending };
        let shorten = Turn::put(token, phase, End::Overlap);
        self.last_request(Action::EndUndelivered { token }, shorten, Outcome::Failed);
    }
}
