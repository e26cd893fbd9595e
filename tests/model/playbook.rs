//! The histories to play against real code in one place.

use std::collections::BTreeSet;

use crate::cover::{Grain, cover};
use crate::flaws::{FLAWS, Flaw, place_named};
use crate::history::History;
use crate::places::Budget;
use crate::search::Limits;

/// Places whose histories meet every event of the protocol, with every fault, and that are searched in seconds.
pub(crate) const PLACES: [&str; 9] = [
    "1 machine, env, first create",
    "1 machine, 2 env",
    "1 machine, env+opaque",
    "1 machine, env, roll",
    "1 machine, opaque, program outlives",
    "2 state folders, one env",
    "2 runners, opaque, sleeping",
    "2 runners, opaque, updates",
    "2 runners, opaque, updates and roll",
];

/// Every history to play in a place: those that cover it as closely as asked, and what was done there to weaker rules.
/// All of them are of the rules in force, and end with an undisturbed `apply` that succeeds.
pub(crate) fn histories(place: &str, grain: Grain) -> Vec<History> {
    let Some(bounded) = place_named(place) else { return Vec::new() };
    let mut done = BTreeSet::new();
    let mut histories = cover(&bounded.reduced(), grain, Limits::EXHAUSTIVE, &mut done).histories;
    if bounded.machines == 1 {
        // What follows a lost answer may be lost as well.
        let twice_lost = bounded.within(Budget { starts: [1, 0], losses: 2, ..Budget::REDUCED });
        histories.extend(cover(&twice_lost, grain, Limits::EXHAUSTIVE, &mut done).histories);
    }
    let flaws = FLAWS.iter().filter(|flaw| flaw.place == place);
    histories.extend(flaws.flat_map(Flaw::withstood));
    histories
}
