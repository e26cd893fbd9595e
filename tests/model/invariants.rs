//! What must hold: in every world, after every world's undisturbed run, and (by choice) after P.
//!
//! - **I1**: every secret that a sink holds works, and every secret that a consumer may still use.
//! - **I2**: one undisturbed run leaves exactly one generation in force, in every sink of its profile, everything else
//!   with a near end; and the runs after it change nothing.
//! - **I3**, by choice: no token with a far end that no sink holds outlives P. It does not hold in its strict form: a
//!   run that dies between commit and retirement leaves its predecessor until the next run.
//! - **I5**: one undisturbed run succeeds; where a young pending token refuses it, the one after W does.
//! - **I6**: no sink is left with a secret that was retired.

use crate::event::{Event, Kind, Outcome};
use crate::places::{Budget, Place};
use crate::run::state::Run;
use crate::run::{Next, step};
use crate::token::{End, Listing, Phase, Value};
use crate::world::World;

/// A broken promise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Violation {
    DeadSink,
    DeadConsumer,
    NotOneInForce,
    SinkWithoutCurrent,
    FarEnd,
    NotIdle,
    Stray,
    Endless,
    NotOk,
    NotOkAgain,
    RetiredSink,
}

impl Violation {
    /// What it is, in a sentence.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::DeadSink => "I1: a sink holds a dead secret",
            Self::DeadConsumer => "I1: a consumer holds a dead secret before its overlap is over",
            Self::NotOneInForce => "I2: not exactly one generation in force",
            Self::SinkWithoutCurrent => "I2: a sink does not hold the one in force",
            Self::FarEnd => "I2: another generation has no near end",
            Self::NotIdle => "I2: the run after an undisturbed run is not idle",
            Self::Stray => "I3: a token with a far end that no sink holds outlives P",
            Self::Endless => "I5: the run does not end",
            Self::NotOk => "I5: an undisturbed run does not succeed",
            Self::NotOkAgain => "I5: the run after an undisturbed run does not succeed",
            Self::RetiredSink => "I6: a sink is left with a retired secret",
        }
    }
}

/// I1 and I6, in every world.
pub(crate) fn holds_now(place: &Place, world: &World) -> Result<(), Violation> {
    let is_idle = world.is_idle();
    for sink in (0..place.sinks).filter(|sink| place.is_watched(*sink)) {
        let held = world.sink(sink);
        if held.is_some_and(|value| !world.works(value)) && !world.is_excused(sink) {
            return Err(Violation::DeadSink);
        }
        let consumers = world.consumers[usize::from(sink)];
        // What the sink holds was just looked at: mostly it is all that its consumers have.
        let others =
            held.filter(|value| world.works(*value)).map_or(consumers, |held| consumers & !held.bit());
        if others != 0 && Value::members(others).any(|value| !world.works(value)) {
            return Err(Violation::DeadConsumer);
        }
        let is_retired = |value: Value| world.works(value) && world.token(value.token).end == End::Overlap;
        if is_idle && held.is_some_and(is_retired) {
            return Err(Violation::RetiredSink);
        }
    }
    Ok(())
}

/// I3 in its strict form, right after P passed.
pub(crate) fn no_stray(place: &Place, world: &World) -> Result<(), Violation> {
    let is_stray = |token: u8| {
        let listed = world.token(token);
        let held = |sink: u8| world.consumers[usize::from(sink)] & Value::all_of(token) != 0;
        listed.listing == Listing::Live && listed.end == End::Full && !(0..place.sinks).any(held)
    };
    if (0..world.made).any(is_stray) { Err(Violation::Stray) } else { Ok(()) }
}

/// I2: what an undisturbed run leaves.
fn converged(place: &Place, world: &World, machine: usize) -> Result<(), Violation> {
    let far = |token: &u8| {
        let token = world.token(*token);
        token.listing == Listing::Live && token.end == End::Full
    };
    let mut in_force = (0..world.made).filter(far).filter(|t| world.token(*t).phase == Phase::InForce);
    let (Some(current), None) = (in_force.next(), in_force.next()) else {
        return Err(Violation::NotOneInForce);
    };
    let value = Value { token: current, version: world.token(current).version };
    if place.delivers_to[machine].iter().any(|sink| world.sink(*sink) != Some(value)) {
        return Err(Violation::SinkWithoutCurrent);
    }
    if (0..world.made).filter(far).any(|token| token != current) {
        return Err(Violation::FarEnd);
    }
    Ok(())
}

/// The world in which nothing goes wrong any more. Requests under way never arrive: that they may is the search's to
/// try.
pub(crate) fn undisturbed(world: &World, machine: usize, note_lost: bool) -> World {
    let mut calm = World { budget: Budget::SPENT, replica: world.tokens, late: [None; 2], ..*world };
    if note_lost {
        calm.notes[machine] = 0;
    }
    calm
}

/// Runs `apply` on a machine of a calm world, and then, once more each, right away, after the overlap, and after P.
/// What happens goes into `log`.
pub(crate) fn recovers(
    place: &Place,
    calm: &World,
    machine: usize,
    log: &mut Vec<Next>,
) -> Result<(), Violation> {
    let mut world = *calm;
    let mut outcome = apply(place, &mut world, machine, log)?;
    if outcome == Outcome::Young {
        world.pass_window();
        log.push(Next { world, event: Event::WindowPasses, outcome: None });
        outcome = apply(place, &mut world, machine, log)?;
    }
    if outcome != Outcome::Ok {
        return Err(Violation::NotOk);
    }
    converged(place, &world, machine)?;
    for tick in [Some(Event::OverlapPasses), Some(Event::PendingLifePasses), None] {
        let (made, sinks) = (world.made, world.sinks);
        if apply(place, &mut world, machine, log)? != Outcome::Ok {
            return Err(Violation::NotOkAgain);
        }
        if world.made != made || world.sinks != sinks {
            return Err(Violation::NotIdle);
        }
        converged(place, &world, machine)?;
        match tick {
            Some(Event::OverlapPasses) => world.pass_overlap(place),
            Some(_) => world.pass_pending_life(place),
            None => {}
        }
        log.extend(tick.map(|event| Next { world, event, outcome: None }));
        holds_now(place, &world)?;
    }
    Ok(())
}

/// One undisturbed `apply`.
fn apply(
    place: &Place,
    world: &mut World,
    machine: usize,
    log: &mut Vec<Next>,
) -> Result<Outcome, Violation> {
    world.runs[machine] = Run::begun(Kind::Apply);
    log.push(Next { world: *world, event: Event::Starts { machine, kind: Kind::Apply }, outcome: None });
    let mut next = Vec::new();
    for _ in 0..100 {
        next.clear();
        step(place, world, machine, &mut next);
        let Some(last) = next.pop() else { break };
        debug_assert!(next.is_empty(), "a calm world leaves no choice");
        *world = last.world;
        let outcome = last.outcome;
        log.push(last);
        holds_now(place, world)?;
        if let Some(outcome) = outcome {
            return Ok(outcome);
        }
    }
    Err(Violation::Endless)
}
