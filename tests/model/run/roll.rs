//! A run rolls a token, or replaces it in place: each after one more look at the list.

use super::turn::{Turn, end};
use crate::event::{Action, Kind, Outcome, Step};
use crate::rules::Rule;
use crate::token::{Effect, End, Listing, Phase};
use crate::world::World;

impl Turn<'_> {
    /// The draft: the token to roll carries `+roll` itself.
    pub(super) fn name_roll(&mut self) {
        let Some(token) = self.run().token else { return };
        let step = if self.keeps(Rule::LookBeforeRoll) { Step::LookBeforeRoll } else { Step::Roll };
        let machine = self.machine;
        self.insist(Action::NameRoll { token }, Turn::put(token, Phase::Roll, End::Full), |world| {
            world.notes[machine] |= 1 << world.token(token).mark;
            world.runs[machine].step = step;
            None
        });
    }

    pub(super) fn look_before_roll(&mut self) {
        let run = self.run();
        let Some(token) = run.token else { return };
        let appeared_or_changed = (0..self.world.made).any(|id| {
            let now = self.world.token(id);
            let is_own_announcement = self.is_mine(id) && now.end == End::Short;
            id != token && now.listing != Listing::Absent && run.saw(id).differs(*now) && !is_own_announcement
        });
        let world = self.fork();
        if self.keeps(Rule::StandIn) {
            let action = Action::LookBeforeRoll { changed: appeared_or_changed };
            if appeared_or_changed {
                self.stop(world, action, Outcome::Conflict);
            } else {
                self.go(world, action, Step::Roll);
            }
            return;
        }
        let changed = appeared_or_changed || self.world.token(token).phase != Phase::Roll;
        let step = if changed { Step::NameBack } else { Step::Roll };
        self.go(world, Action::LookBeforeRoll { changed }, step);
    }

    pub(super) fn roll(&mut self) {
        let run = self.run();
        let stands_in = self.keeps(Rule::StandIn);
        let Some(token) = (if stands_in { run.rolls } else { run.token }) else { return };
        let version = self.world.token(token).version + 1;
        let up_to = if run.version > 0 { run.version - 1 } else { version - 1 };
        let rolls_again = !self.keeps(Rule::FreshAfterRoll);
        let (place, machine) = (self.place, self.machine);
        self.request(
            Action::Roll { token },
            Effect::Roll { token, up_to },
            |world, had_effect| {
                if !had_effect {
                    return Some(end(world, place, machine, Outcome::Conflict));
                }
                let run = &mut world.runs[machine];
                run.version = version;
                run.step = Step::Deliver;
                run.delivered = 0;
                None
            },
            |world: &mut World| {
                let run = &mut world.runs[machine];
                if stands_in {
                    // Never roll again. Nothing is put back either: the old secret may be dead.
                    run.rolls = None;
                    run.version = 0;
                    run.kind = Kind::Rotate;
                    run.goes_on = true;
                    run.step = Step::Deliver;
                    run.delivered = 0;
                } else if !rolls_again {
                    run.token = None;
                    run.step = Step::Look;
                    run.kind = Kind::Rotate;
                }
                None
            },
        );
    }

    pub(super) fn name_back(&mut self) {
        let Some(token) = self.run().token else { return };
        let (place, machine) = (self.place, self.machine);
        let put = Turn::put(token, Phase::InForce, End::Full);
        let answered = |world: &mut World, _| Some(end(world, place, machine, Outcome::Conflict));
        self.request(Action::NameBack { token }, put, answered, |_| None);
    }

    pub(super) fn delete_stand_in(&mut self) {
        let Some(token) = self.run().token else { return };
        let machine = self.machine;
        let answered = |world: &mut World, _| {
            world.runs[machine].step = Step::Finish;
            None
        };
        self.request(Action::DeleteStandIn { token }, Effect::Delete { token }, answered, |_| None);
    }

    pub(super) fn look_before_update(&mut self) {
        let run = self.run();
        let changed = (0..self.world.made).any(|id| run.saw(id).differs(*self.world.token(id)));
        let (world, action) = (self.fork(), Action::LookBeforeUpdate { changed });
        if changed {
            self.stop(world, action, Outcome::Conflict);
        } else {
            self.go(world, action, Step::Update);
        }
    }

    pub(super) fn update(&mut self) {
        let Some(token) = self.run().token else { return };
        let (place, machine) = (self.place, self.machine);
        let put = Turn::put(token, Phase::InForce, End::Full);
        let answered = |world: &mut World, _| Some(end(world, place, machine, Outcome::Ok));
        self.request(Action::Update { token }, put, answered, |_| None);
    }
}
