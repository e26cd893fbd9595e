//! Everything that may happen next in a world: runs begin, act and die, late effects arrive, time passes.

use crate::event::{Event, Kind, Outcome, Step};
use crate::places::Place;
use crate::rules::Rule;
use crate::run::state::Run;
use crate::run::{Next, end, step};
use crate::token::{Effect, Listing, Value};
use crate::world::World;

/// Every world that may follow, in a fixed order.
pub(crate) fn successors(place: &Place, world: &World, next: &mut Vec<Next>) {
    for machine in 0..place.machines {
        if world.runs[machine].is_idle() {
            begin(place, world, machine, next);
            lose_state_folder(world, machine, next);
        } else {
            step(place, world, machine, next);
            die(place, world, machine, next);
        }
    }
    arrive(place, world, next);
    pass_time(place, world, next);
}

fn push(next: &mut Vec<Next>, world: &World, event: Event) {
    next.push(Next { world: *world, event, outcome: None });
}

fn begin(place: &Place, world: &World, machine: usize, next: &mut Vec<Next>) {
    if world.budget.starts[machine] == 0 || is_locked(place, world, machine) {
        return;
    }
    for kind in [Kind::Apply, Kind::Rotate, Kind::Roll] {
        let mut world = *world;
        world.budget.starts[machine] -= 1;
        let left = match kind {
            Kind::Apply => None,
            Kind::Rotate => Some(&mut world.budget.rotations),
            Kind::Roll => Some(&mut world.budget.rolls),
        };
        match left {
            Some(0) => continue,
            Some(left) => *left -= 1,
            None => {}
        }
        world.runs[machine] = Run::begun(kind);
        push(next, &world, Event::Starts { machine, kind });
    }
}

/// A program that outlived its run holds the lock that it inherited.
fn is_locked(place: &Place, world: &World, machine: usize) -> bool {
    let mut programs = world.late.iter().flatten();
    let is_here =
        |late: &Effect| matches!(late, Effect::Store { machine: m, .. } if usize::from(*m) == machine);
    place.rules.keep(Rule::ProgramsEnd) && !place.stateless && programs.any(is_here)
}

fn lose_state_folder(world: &World, machine: usize, next: &mut Vec<Next>) {
    if world.budget.notes_lost > 0 && world.notes[machine] != 0 {
        let mut world = *world;
        world.budget.notes_lost -= 1;
        world.notes[machine] = 0;
        push(next, &world, Event::LosesStateFolder { machine });
    }
}

fn die(place: &Place, world: &World, machine: usize, next: &mut Vec<Next>) {
    if world.budget.deaths == 0 {
        return;
    }
    let mut dead = *world;
    dead.budget.deaths -= 1;
    if let Some((sink, value)) = being_stored(place, world, machine) {
        let mut world = dead;
        let machine_number = u8::try_from(machine).unwrap_or_default();
        if world.delay(Effect::Store { sink, value, machine: machine_number }) {
            end_dead(&mut world, place, machine);
            push(next, &world, Event::DiesDelivering { machine, sink, value });
        }
    }
    end_dead(&mut dead, place, machine);
    push(next, &dead, Event::Dies { machine, before: next_step(place, world, machine) });
}

/// What a run is about to do: a step that finds nothing left to do goes over into the one after it.
pub(crate) fn next_step(place: &Place, world: &World, machine: usize) -> Step {
    let run = &world.runs[machine];
    match run.step {
        Step::Deliver if usize::from(run.delivered) == place.delivers_to[machine].len() => Step::LookAgain,
        Step::PutBack if run.wrote == 0 => Step::Undo,
        Step::Retire if run.retires == 0 => Step::Finish,
        step => step,
    }
}

fn end_dead(world: &mut World, place: &Place, machine: usize) {
    // How a dead run would have ended is nobody's to say.
    let _ = end(world, place, machine, Outcome::Failed);
}

/// The opaque sink that a run is about to write, where its program may outlive it.
fn being_stored(place: &Place, world: &World, machine: usize) -> Option<(u8, Value)> {
    let run = &world.runs[machine];
    let sink = *place.delivers_to[machine].get(usize::from(run.delivered))?;
    let is_begun = run.step == Step::Deliver && !(place.rules.keep(Rule::AgeGuard) && run.is_stale);
    let outlives = place.programs_outlive && is_begun && !place.is_readable(sink);
    run.value().filter(|_| outlives).map(|value| (sink, value))
}

fn arrive(place: &Place, world: &World, next: &mut Vec<Next>) {
    for (position, effect) in world.late.iter().enumerate() {
        let Some(effect) = *effect else { continue };
        let mut world = *world;
        world.late[position] = None;
        world.apply(place, effect, true);
        world.order_late();
        push(next, &world, Event::Arrives { effect });
    }
    if world.may_list_stale() {
        let mut world = *world;
        world.replica = world.tokens;
        push(next, &world, Event::ListCatchesUp);
    }
}

fn pass_time(place: &Place, world: &World, next: &mut Vec<Next>) {
    let is_idle = world.is_idle();
    let any_young = world.tokens.iter().any(|token| token.young);
    if any_young && (is_idle || world.budget.sleeps > 0) {
        let mut world = *world;
        if !is_idle {
            world.budget.sleeps -= 1;
            for run in &mut world.runs {
                // A run that has not looked yet loses nothing by waiting.
                run.is_stale |= !matches!(run.step, Step::Idle | Step::Look);
            }
        }
        world.pass_window();
        world.end_programs(place);
        push(next, &world, if is_idle { Event::WindowPasses } else { Event::WindowPassesAsleep });
    }
    if is_idle {
        let mut after = *world;
        after.pass_overlap(place);
        after.end_programs(place);
        push(next, &after, Event::OverlapPasses);
        let mut after = *world;
        after.pass_pending_life(place);
        after.end_programs(place);
        push(next, &after, Event::PendingLifePasses);
    }
}

/// How many tokens live.
pub(crate) fn living(world: &World) -> usize {
    world.tokens.iter().filter(|token| token.listing == Listing::Live).count()
}
