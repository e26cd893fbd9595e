//! The search: every world that a place can come to, breadth first, so that the first trace to a violation is a
//! shortest one.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use crate::canonical::{canonical, fingerprint};
use crate::event::Event;
use crate::invariants::{Violation, holds_now, no_stray, recovers, undisturbed};
use crate::moves::{living, successors};
use crate::places::Place;
use crate::run::Next;
use crate::shape::Shape;
use crate::world::World;

/// A fingerprint is a hash already.
#[derive(Default)]
pub(crate) struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("only fingerprints are keys");
    }
    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }
}

type Prints<T> = HashMap<u64, T, BuildHasherDefault<Same>>;

/// What to look for, and how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many worlds at most.
    pub(crate) worlds: usize,
    /// After how many different violations to stop.
    pub(crate) violations: usize,
    /// Whether I3 counts in its strict form.
    pub(crate) strict_strays: bool,
}

impl Limits {
    pub(crate) const EXHAUSTIVE: Self = Self { worlds: 45_000_000, violations: 1, strict_strays: false };
}

/// A violation, and how it comes about.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) violation: Violation,
    /// Where it came to light: the world of the search, by fingerprint.
    at: u64,
    /// The machine whose undisturbed run shows it, and whether its note was lost; none where the world itself does.
    pub(crate) recovery: Option<(usize, bool)>,
}

/// How every known world was reached: from which one, and by which of its successors.
#[derive(Debug)]
struct Map {
    parents: Prints<(u64, u16)>,
    first: u64,
}

impl Map {
    /// The choices that lead to a world.
    fn choices(&self, mut print: u64) -> Vec<u16> {
        let mut choices = Vec::new();
        while print != self.first {
            let Some((parent, choice)) = self.parents.get(&print) else { break };
            choices.push(*choice);
            print = *parent;
        }
        choices.reverse();
        choices
    }
}

/// Follows choices from the beginning, with the tokens counted as they were made, as the world outside counts them: in
/// the search they are counted again whenever one is forgotten.
fn unfold(place: &Place, choices: &[u16]) -> Vec<Next> {
    let (mut folded, mut next) = (start(place), Vec::new());
    // Two late effects may look the same, and only later show which one it was.
    let mut tales = vec![(World::new(place), Vec::new())];
    for choice in choices {
        next.clear();
        successors(place, &folded, &mut next);
        let chosen = next.swap_remove(usize::from(*choice));
        let shape = Shape::of(place, &folded, chosen.event);
        folded = chosen.world;
        canonical(&mut folded, place);

        let mut longer = Vec::new();
        for (world, trace) in tales {
            next.clear();
            successors(place, &world, &mut next);
            for step in next.drain(..) {
                let is_alike = step.event.machine() == chosen.event.machine()
                    && Shape::of(place, &world, step.event) == shape;
                if is_alike && may_fold(place, &step.world, &folded) {
                    let mut trace: Vec<Next> = trace.clone();
                    trace.push(step.clone());
                    longer.push((step.world, trace));
                }
            }
        }
        tales = longer;
    }
    tales.pop().map(|(_, trace)| trace).unwrap_or_default()
}

/// Whether a world may be the one that a folded world stands for. While a run is under way, or a replica lags, tokens that
/// were forgotten still count in the one and not in the other.
fn may_fold(place: &Place, world: &World, folded: &World) -> bool {
    let is_settled = world.is_idle() && !(place.lags() && world.replica != world.tokens);
    let mut world = *world;
    canonical(&mut world, place);
    !is_settled || world == *folded
}

/// The canonical first world of a place.
fn start(place: &Place) -> World {
    let mut world = World::new(place);
    canonical(&mut world, place);
    world
}

/// A step that the search saw: from which world, and which of its successors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    from: u64,
    choice: u16,
}

/// What a search found.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) place: Place,
    pub(crate) worlds: usize,
    pub(crate) steps: usize,
    /// Undisturbed runs that were tried.
    pub(crate) final_runs: usize,
    pub(crate) most_living: usize,
    pub(crate) exhausted: bool,
    pub(crate) found: Vec<Found>,
    map: Map,
}

impl Report {
    pub(crate) fn holds(&self) -> bool {
        self.exhausted && self.found.is_empty()
    }

    /// A shortest way to a step that the search saw.
    pub(crate) fn trace_to(&self, seen: &Seen) -> Vec<Next> {
        let mut choices = self.map.choices(seen.from);
        choices.push(seen.choice);
        unfold(&self.place, &choices)
    }

    /// How a violation comes about, from the beginning, with the undisturbed run that shows it.
    pub(crate) fn trace(&self, found: &Found) -> Vec<Next> {
        let mut trace = unfold(&self.place, &self.map.choices(found.at));
        if let Some((machine, note_lost)) = found.recovery {
            let world = trace.last().map_or_else(|| World::new(&self.place), |step| step.world);
            if note_lost {
                let mut world = world;
                world.notes[machine] = 0;
                trace.push(Next { world, event: Event::LosesStateFolder { machine }, outcome: None });
            }
            let calm = undisturbed(&world, machine, note_lost);
            // The violation is known; what led to it is what counts.
            let _ = recovers(&self.place, &calm, machine, &mut trace);
        }
        trace
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match (self.found.is_empty(), self.exhausted) {
            (false, _) => "VIOLATED",
            (true, true) => "holds",
            (true, false) => "no violation, NOT exhausted",
        };
        write!(
            f,
            "{:<44} {:>10} states {:>11} steps {:>9} final runs  max {} live  {verdict}",
            self.place.name, self.worlds, self.steps, self.final_runs, self.most_living
        )
    }
}

/// A search under way.
struct Search<'a> {
    place: &'a Place,
    limits: Limits,
    parents: Prints<(u64, u16)>,
    queue: VecDeque<(World, u64)>,
    found: Vec<Found>,
    /// Calm worlds from which a run is known to recover.
    recovered: HashSet<u64, BuildHasherDefault<Same>>,
    steps: usize,
    final_runs: usize,
}

/// Explores a place, and lets `visit` see every step: from which world, what happens, and how to find it again.
pub(crate) fn explore_with(
    place: &Place,
    limits: Limits,
    visit: &mut dyn FnMut(&World, Event, Seen),
) -> Report {
    let first = start(place);
    let first_print = fingerprint(&first, place);
    let mut search = Search {
        place,
        limits,
        parents: Prints::default(),
        queue: VecDeque::from([(first, first_print)]),
        found: Vec::new(),
        recovered: HashSet::default(),
        steps: 0,
        final_runs: 0,
    };
    search.parents.insert(first_print, (first_print, 0));
    let (mut most_living, mut exhausted) = (0, true);
    let mut next = Vec::new();
    while let Some((world, print)) = search.queue.pop_front() {
        most_living = most_living.max(living(&world));
        if world.is_idle() {
            search.try_recovery(&world, print);
        }
        if search.found.len() >= limits.violations {
            exhausted = false;
            break;
        }
        next.clear();
        successors(place, &world, &mut next);
        search.steps += next.len();
        for (choice, step) in (0..).zip(&mut next) {
            let seen = Seen { from: print, choice };
            visit(&world, step.event, seen);
            search.reach(seen, step);
        }
        if search.parents.len() > limits.worlds {
            exhausted = false;
            break;
        }
    }
    let Search { parents, steps, final_runs, found, .. } = search;
    let worlds = parents.len();
    let map = Map { parents, first: first_print };
    Report { place: *place, worlds, steps, final_runs, most_living, exhausted, found, map }
}

/// Explores a place.
pub(crate) fn explore(place: &Place, limits: Limits) -> Report {
    explore_with(place, limits, &mut |_, _, _| {})
}

impl Search<'_> {
    fn note(&mut self, violation: Violation, at: u64, recovery: Option<(usize, bool)>) {
        if !self.found.iter().any(|found| found.violation == violation) {
            self.found.push(Found { violation, at, recovery });
        }
    }

    /// I2 and I5: from here, an undisturbed run of any machine, with or without its note, sets everything right.
    fn try_recovery(&mut self, world: &World, print: u64) {
        for machine in 0..self.place.machines {
            for note_lost in [false, true] {
                if note_lost && world.notes[machine] == 0 {
                    continue;
                }
                self.final_runs += 1;
                let calm = undisturbed(world, machine, note_lost);
                // What may still happen is no part of a calm world, so that many worlds share one.
                let key = fingerprint(&calm, self.place).rotate_left(u32::from(machine == 1));
                if self.recovered.contains(&key) {
                    continue;
                }
                match recovers(self.place, &calm, machine, &mut Vec::new()) {
                    Ok(()) => _ = self.recovered.insert(key),
                    Err(violation) => self.note(violation, print, Some((machine, note_lost))),
                }
            }
        }
    }

    /// Comes to a world, perhaps for the first time.
    fn reach(&mut self, seen: Seen, step: &mut Next) {
        canonical(&mut step.world, self.place);
        let print = fingerprint(&step.world, self.place);
        match self.parents.entry(print) {
            Entry::Occupied(_) => return,
            Entry::Vacant(entry) => _ = entry.insert((seen.from, seen.choice)),
        }
        let is_life_over = step.event == Event::PendingLifePasses;
        if self.limits.strict_strays
            && is_life_over
            && self.found.is_empty()
            && let Err(violation) = no_stray(self.place, &step.world)
        {
            self.note(violation, print, None);
        }
        match holds_now(self.place, &step.world) {
            Ok(()) => self.queue.push_back((step.world, print)),
            Err(violation) => self.note(violation, print, None), // Not explored further.
        }
    }
}
