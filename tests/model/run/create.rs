//! A run looks at the list, and makes its token: announced in the note, posted, looked for where the answer is lost.

use super::turn::{Turn, end};
use crate::event::{Action, Outcome, Step};
use crate::rules::Rule;
use crate::token::{Effect, End, Listing, Phase, Token};

impl Turn<'_> {
    pub(super) fn look(&mut self) {
        for (mut world, list, stale) in self.lists() {
            world.runs[self.machine].first = list.map(Token::row);
            self.go(world, Action::Look { stale }, Step::Decide);
        }
    }

    pub(super) fn create(&mut self) {
        let mut noted = self.fork();
        let mark = noted.marks;
        noted.marks += 1;
        noted.notes[self.machine] |= 1 << mark;
        noted.runs[self.machine].mark = mark;
        let token = noted.made;
        let is_roll = self.run().rolls.is_some();
        let phase = if is_roll && self.keeps(Rule::RollName) { Phase::Roll } else { Phase::Pending };
        let machine = self.machine;
        Turn { place: self.place, world: &noted, machine, next: self.next }.request(
            Action::Create { token, mark },
            Effect::Post { mark, phase },
            |world, _| {
                let run = &mut world.runs[machine];
                run.token = Some(token);
                run.version = 0;
                run.delivered = 0;
                run.step = if is_roll { Step::LookBeforeRoll } else { Step::Deliver };
                None
            },
            |world| {
                world.runs[machine].step = Step::FindLost;
                None
            },
        );
    }

    pub(super) fn find_lost(&mut self) {
        let mark = self.run().mark;
        for (mut world, list, _) in self.lists() {
            let mut listed = (0..self.world.made).zip(list);
            let found = listed.find(|(_, token)| token.listing == Listing::Live && token.mark == mark);
            let is_found = found.is_some();
            let action = Action::FindLost { found: is_found };
            match found {
                Some((token, _)) if self.keeps(Rule::DeleteLost) => {
                    world.runs[self.machine].token = Some(token);
                    self.go(world, action, Step::DeleteLost);
                }
                _ => self.go(world, action, Step::Create),
            }
        }
    }

    pub(super) fn delete_lost(&mut self) {
        let Some(token) = self.run().token else { return };
        let machine = self.machine;
        let again = move |world: &mut crate::world::World| {
            world.runs[machine].token = None;
            world.runs[machine].step = Step::Create;
            None
        };
        let effect = Effect::Delete { token };
        self.request(Action::DeleteLost { token }, effect, move |world, _| again(world), again);
    }

    pub(super) fn announce(&mut self) {
        let Some(token) = self.run().token else { return };
        let machine = self.machine;
        self.insist(Action::Announce { token }, Turn::put(token, Phase::Pending, End::Short), |world| {
            world.runs[machine].step = Step::Deliver;
            world.runs[machine].delivered = 0;
            None
        });
    }

    /// What a lost or failed step leads to where nothing can be done about it.
    pub(super) fn fail(&mut self, action: Action) {
        let world = self.fork();
        self.stop(world, action, Outcome::Failed);
    }

    /// Ends the run whatever becomes of a last request.
    pub(super) fn last_request(&mut self, action: Action, effect: Effect, outcome: Outcome) {
        let (place, machine) = (self.place, self.machine);
        self.request(
            action,
            effect,
            |world, _| Some(end(world, place, machine, outcome)),
            |world| Some(end(world, place, machine, outcome)),
        );
    }
}
