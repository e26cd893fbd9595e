//! Covering histories: few and short, so that every event of the protocol, with every fault, happens in one of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Event, Step};
use crate::history::{History, Story};
use crate::places::Place;
use crate::run::Next;
use crate::search::{Limits, Report, Seen, explore_with};
use crate::shape::{Shape, beside};
use crate::world::World;

/// How closely histories are to cover a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Grain {
    /// Every shape of event.
    Events,
    /// Every shape of event, at every step of the run on the other machine.
    Interleavings,
}

/// What must be covered: a shape, and where the other machine stands.
pub(crate) type Goal = (Shape, Option<Step>);

fn goal(grain: Grain, place: &Place, world: &World, event: Event) -> Goal {
    let other = if grain == Grain::Interleavings { beside(place, world, event) } else { None };
    (Shape::of(place, world, event), other)
}

/// Every goal that a trace meets.
fn met(grain: Grain, place: &Place, trace: &[Next]) -> BTreeSet<Goal> {
    let mut world = World::new(place);
    let mut met = BTreeSet::new();
    for next in trace {
        met.insert(goal(grain, place, &world, next.event));
        world = next.world;
    }
    met
}

/// Covering histories, and the search that found them.
pub(crate) struct Cover {
    pub(crate) histories: Vec<History>,
    pub(crate) report: Report,
}

/// Explores a place and selects histories that cover it, each ended by an undisturbed `apply`. Goals that are in `done`
/// are met elsewhere; those that are met here join them.
pub(crate) fn cover(place: &Place, grain: Grain, limits: Limits, done: &mut BTreeSet<Goal>) -> Cover {
    let mut first: BTreeMap<Goal, (usize, Seen)> = BTreeMap::new();
    let report = explore_with(place, limits, &mut |world, event, seen| {
        let order = first.len();
        first.entry(goal(grain, place, world, event)).or_insert((order, seen));
    });
    let mut open: Vec<_> = first.into_iter().filter(|(goal, _)| !done.contains(goal)).collect();
    // What is hardest to reach meets much on its way.
    open.sort_unstable_by_key(|(_, (order, _))| std::cmp::Reverse(*order));
    let mut candidates = Vec::new();
    for (wanted, (_, seen)) in open {
        if done.contains(&wanted) {
            continue;
        }
        let mut story = Story::after(*place, report.trace_to(&seen));
        story.conclude();
        let met = met(grain, place, &story.told);
        done.extend(&met);
        candidates.push((wanted, met, story));
    }
    Cover { histories: without_needless(place, candidates), report }
}

/// Leaves out every history that meets only what others meet.
fn without_needless(place: &Place, candidates: Vec<(Goal, BTreeSet<Goal>, Story)>) -> Vec<History> {
    let mut times: BTreeMap<Goal, usize> = BTreeMap::new();
    for goal in candidates.iter().flat_map(|(_, met, _)| met) {
        *times.entry(*goal).or_default() += 1;
    }
    let mut histories = Vec::new();
    for (wanted, met, story) in candidates {
        if times[&wanted] > 1 && met.iter().all(|goal| times[goal] > 1) {
            for goal in &met {
                times.entry(*goal).and_modify(|times| *times -= 1);
            }
        } else {
            histories.push(History::new(*place, format!("{:?}", wanted.0), &story.told, None));
        }
    }
    histories
}
