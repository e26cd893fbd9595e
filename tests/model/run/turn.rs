//! One turn of a run: turns an action into the worlds that it may lead to, a request into one for each fate.

use super::state::Run;
use crate::event::{Action, Answer, Event, Outcome, Step};
use crate::places::Place;
use crate::rules::Rule;
use crate::token::{Effect, End, TOKENS, Token};
use crate::world::World;

/// A world that may follow, what led to it, and how the run ended if it did.
#[derive(Clone, Debug)]
pub(crate) struct Next {
    pub(crate) world: World,
    pub(crate) event: Event,
    pub(crate) outcome: Option<Outcome>,
}

/// The run on one machine is to move.
pub(super) struct Turn<'a> {
    pub(super) place: &'a Place,
    pub(super) world: &'a World,
    pub(super) machine: usize,
    pub(super) next: &'a mut Vec<Next>,
}

/// Ends a run, and says how: its memory is gone, and on a thrown-away runner its state folder.
pub(crate) fn end(world: &mut World, place: &Place, machine: usize, outcome: Outcome) -> Outcome {
    world.runs[machine] = Run::IDLE;
    if place.stateless {
        world.notes[machine] = 0;
    }
    outcome
}

impl<'a> Turn<'a> {
    pub(super) fn run(&self) -> &'a Run {
        &self.world.runs[self.machine]
    }

    pub(super) fn keeps(&self, rule: Rule) -> bool {
        self.place.rules.keep(rule)
    }

    pub(super) fn sinks(&self) -> &'static [u8] {
        self.place.delivers_to[self.machine]
    }

    /// The world as it is, with a run to change.
    pub(super) fn fork(&self) -> World {
        *self.world
    }

    /// Whether a token's mark is noted in this machine's state folder.
    pub(super) fn is_mine(&self, token: u8) -> bool {
        self.world.is_noted(self.machine, token)
    }

    /// An action that is no request.
    pub(super) fn act(&mut self, world: &World, action: Action, outcome: Option<Outcome>) {
        let event = Event::Acts { machine: self.machine, action, answer: Answer::Given };
        self.next.push(Next { world: *world, event, outcome });
    }

    /// An action that ends the run.
    pub(super) fn stop(&mut self, mut world: World, action: Action, outcome: Outcome) {
        let outcome = end(&mut world, self.place, self.machine, outcome);
        self.act(&world, action, Some(outcome));
    }

    /// An action after which the run goes on with a step.
    pub(super) fn go(&mut self, mut world: World, action: Action, step: Step) {
        world.runs[self.machine].step = step;
        self.act(&world, action, None);
    }

    /// Another step must be taken at once: the one before found nothing to do.
    pub(super) fn instead(&mut self, step: Step) {
        let mut world = self.fork();
        world.runs[self.machine].step = step;
        super::step(self.place, &world, self.machine, self.next);
    }

    /// One request: answered; lost before it arrived; lost after it took effect; taking effect late. `answered` is
    /// told whether there was anything to change.
    pub(super) fn request(
        &mut self,
        action: Action,
        effect: Effect,
        answered: impl Fn(&mut World, bool) -> Option<Outcome>,
        unknown: impl Fn(&mut World) -> Option<Outcome>,
    ) {
        let (place, machine) = (self.place, self.machine);
        let mut push = |world, answer, outcome| {
            self.next.push(Next { world, event: Event::Acts { machine, action, answer }, outcome });
        };
        let mut world = *self.world;
        let had_effect = world.apply(place, effect, false);
        let outcome = answered(&mut world, had_effect);
        push(world, Answer::Given, outcome);
        if self.world.budget.losses == 0 {
            return;
        }
        let mut lost = *self.world;
        lost.budget.losses -= 1;

        let mut world = lost;
        let outcome = unknown(&mut world);
        push(world, Answer::LostBefore, outcome);

        let mut world = lost;
        world.apply(place, effect, false);
        let outcome = unknown(&mut world);
        push(world, Answer::LostAfter, outcome);

        let mut world = lost;
        if place.late && world.delay(effect) {
            let outcome = unknown(&mut world);
            push(world, Answer::Late, outcome);
        }
    }

    /// A `PUT` or `DELETE` that is resent until it is answered; where the token is gone, the run ends in a conflict.
    pub(super) fn insist(
        &mut self,
        action: Action,
        effect: Effect,
        then: impl Fn(&mut World) -> Option<Outcome>,
    ) {
        let (place, machine) = (self.place, self.machine);
        let answered = |world: &mut World, had_effect: bool| {
            if had_effect { then(world) } else { Some(end(world, place, machine, Outcome::Conflict)) }
        };
        self.request(action, effect, answered, |_| None);
    }

    /// A `PUT` of a name and an end.
    pub(super) fn put(token: u8, phase: crate::token::Phase, end: End) -> Effect {
        Effect::Put { token, phase, end }
    }

    /// The lists that may answer: the server's, or that of a replica that lags behind; and whether it does.
    pub(super) fn lists(&self) -> impl Iterator<Item = (World, &'a [Token; TOKENS], bool)> + use<'a> {
        let world = self.world;
        let fresh = (*world, &world.tokens, false);
        let stale = world.may_list_stale().then(|| {
            let mut after = *world;
            after.budget.lags -= 1;
            (after, &world.replica, true)
        });
        std::iter::once(fresh).chain(stale)
    }

    /// Tokens that the first look saw and that satisfy a condition, as a set.
    pub(super) fn saw(&self, condition: impl Fn(u8) -> bool) -> Set {
        Set((0..self.world.made).filter(|token| condition(*token)).fold(0, |set, token| set | 1 << token))
    }
}

/// A set of tokens.
#[derive(Clone, Copy)]
pub(super) struct Set(pub(super) u16);

impl Set {
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The oldest.
    pub(super) fn first(self) -> Option<u8> {
        self.members().next()
    }

    /// The newest.
    pub(super) fn last(self) -> Option<u8> {
        self.members().last()
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn members(self) -> impl Iterator<Item = u8> {
        (0..16).filter(move |token| self.0 >> token & 1 == 1)
    }
}
