//! Histories: what happened, step by step, and what must be there afterwards, as plain data that can be played against
//! real code.
//!
//! A history begins with [`World::new`]: nothing, or token 0 in force and delivered to every watched sink, the others
//! being empty. Each [`Moment`] is one [`Event`] (its documentation says what it is in requests, files and time), the
//! outcome of the run that ended with it, and the picture after it. A player lets the run of the named machine come to its
//! next action, sees to what the event says becomes of it, and compares
//!
//! - at every moment that has an outcome: how the run ended, and the picture;
//! - at the last moment: the picture. No run is under way then.
//!
//! Between the moments of a run the order is the model's; real code may do side by side what the model does one after the
//! other (verify, and the second look), and may ask for more that changes nothing. Where the place is `stateless`, the
//! state folder is emptied after every run.
//!
//! Tokens are numbered as they came into being, the established one being 0; a `POST` that arrives late takes its number
//! then, and [`Event::Arrives`] names it by its mark. The established token has mark 1; others count the `POST`s from 2,
//! those that were lost too. A late request of which no arrival follows never arrives.
//!
//! A picture's `end` is of a kind: full, P after the token was made, or the overlap after it was retired. A late `PUT`
//! whose end is [`End::Past`] by the time it arrives expires its token. What a token was is kept where it is deleted.

use std::fmt;

use crate::event::{Event, Kind, Outcome, Step};
use crate::invariants::Violation;
use crate::moves::successors;
use crate::places::{Budget, Place};
use crate::run::state::Run;
use crate::run::{Next, step};
use crate::token::{Effect, End, Listing, Phase, Value};
use crate::world::World;

/// What one token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TokenPicture {
    pub(crate) listing: Listing,
    pub(crate) phase: Phase,
    pub(crate) end: End,
    pub(crate) version: u8,
    pub(crate) mark: u8,
}

/// What is there: every token that was ever made, and what each sink holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Picture {
    pub(crate) tokens: Vec<TokenPicture>,
    pub(crate) sinks: Vec<Option<Value>>,
}

impl Picture {
    pub(crate) fn of(place: &Place, world: &World) -> Self {
        let tokens = world.tokens[..usize::from(world.made)].iter().map(|token| TokenPicture {
            listing: token.listing,
            phase: token.phase,
            end: token.end,
            version: token.version,
            mark: token.mark,
        });
        let sinks = world.sinks[..usize::from(place.sinks)].to_vec();
        Self { tokens: tokens.collect(), sinks }
    }
}

/// One step of a history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Moment {
    pub(crate) event: Event,
    /// How the run ended, if it ended with this.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) after: Picture,
}

/// A short history of a place.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) place: Place,
    /// What it shows.
    pub(crate) about: String,
    pub(crate) moments: Vec<Moment>,
    /// The promise that its last moment breaks, under rules that are not in force.
    pub(crate) violation: Option<Violation>,
}

impl History {
    pub(crate) fn new(place: Place, about: String, trace: &[Next], violation: Option<Violation>) -> Self {
        let moment = |next: &Next| Moment {
            event: next.event,
            outcome: next.outcome,
            after: Picture::of(&place, &next.world),
        };
        Self { place, about, moments: trace.iter().map(moment).collect(), violation }
    }

    /// What must be there at the end.
    pub(crate) fn end(&self) -> Option<&Picture> {
        self.moments.last().map(|moment| &moment.after)
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} · {}", self.place.name, self.about)?;
        for moment in &self.moments {
            let ended = moment.outcome.map_or(String::new(), |outcome| format!(" => {outcome:?}"));
            writeln!(f, "    {:?}{ended}", moment.event)?;
        }
        if let Some(end) = self.end() {
            for (number, token) in end.tokens.iter().enumerate() {
                let TokenPicture { listing, phase, end, version, .. } = token;
                writeln!(f, "    T{number}: {listing:?} {phase:?} {end:?}, rolled {version} times")?;
            }
            for (number, held) in end.sinks.iter().enumerate() {
                let held =
                    held.map_or("nothing".to_owned(), |value| format!("T{}.{}", value.token, value.version));
                writeln!(f, "    sink {number}: {held}")?;
            }
        }
        self.violation.map_or(Ok(()), |violation| writeln!(f, "    {}", violation.sentence()))
    }
}

#[derive(Clone)]
/// A history while it is told: where it stands, and how it came there.
pub(crate) struct Story {
    place: Place,
    pub(crate) world: World,
    pub(crate) told: Vec<Next>,
}

impl Story {
    /// Enough of every fault for any history.
    const PLENTY: Budget = Budget {
        starts: [99; 2],
        rotations: 99,
        rolls: 99,
        deaths: 99,
        losses: 99,
        hook_failures: 99,
        sink_failures: 99,
        sleeps: 99,
        lags: 0,
        notes_lost: 99,
        drifts: 99,
    };

    /// Goes on where a trace ends.
    pub(crate) fn after(place: Place, told: Vec<Next>) -> Self {
        let world = told.last().map_or_else(|| World::new(&place), |next| next.world);
        // Where lists are never stale, nobody may choose that one is.
        let lags = if place.lags() { 99 } else { 0 };
        Self { place, world: World { budget: Budget { lags, ..Self::PLENTY }, ..world }, told }
    }

    pub(crate) fn tell(&mut self, next: Next) {
        self.world = next.world;
        self.told.push(next);
    }

    /// What may happen now.
    pub(crate) fn offers(&self) -> Vec<Next> {
        let mut next = Vec::new();
        successors(&self.place, &self.world, &mut next);
        next
    }

    /// Lets something happen, if it can.
    pub(crate) fn let_happen(&mut self, wanted: impl Fn(Event) -> bool) -> bool {
        let next = self.offers().into_iter().find(|next| wanted(next.event));
        next.map(|next| self.tell(next)).is_some()
    }

    /// The next action of a run, if one is under way and nothing goes wrong.
    pub(crate) fn smooth_step(&self, machine: usize) -> Option<Next> {
        let mut next = Vec::new();
        step(&self.place, &self.world, machine, &mut next);
        next.into_iter().find(|next| next.event.is_smooth())
    }

    /// Lets the run on a machine come to its end.
    pub(crate) fn finish(&mut self, machine: usize) {
        while let Some(next) = self.smooth_step(machine) {
            self.tell(next);
        }
    }

    /// Lets every run come to its end.
    pub(crate) fn finish_all(&mut self) {
        for machine in 0..self.place.machines {
            self.finish(machine);
        }
    }

    /// Begins a command, lets it come to its end, and says how it ended.
    fn run(&mut self, machine: usize, kind: Kind) -> Option<Outcome> {
        let mut world = self.world;
        world.runs[machine] = Run::begun(kind);
        self.tell(Next { world, event: Event::Starts { machine, kind }, outcome: None });
        self.finish(machine);
        self.told.last().and_then(|next| next.outcome)
    }

    /// Lets every run finish, then one undisturbed `apply`: what every history must come to.
    pub(crate) fn conclude(&mut self) -> Option<Outcome> {
        self.finish_all();
        self.let_happen(|event| event == Event::ListCatchesUp);
        // The lock of a dead run is free when its program is done.
        while self.let_happen(|event| matches!(event, Event::Arrives { effect: Effect::Store { .. } })) {}
        let outcome = self.run(0, Kind::Apply);
        if outcome != Some(Outcome::Young) {
            return outcome;
        }
        self.let_happen(|event| event == Event::WindowPasses);
        self.run(0, Kind::Apply)
    }

    pub(crate) fn is_running(&self, machine: usize) -> bool {
        self.world.runs[machine].step != Step::Idle
    }
}
