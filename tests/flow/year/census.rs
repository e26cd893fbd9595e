//! How many tokens of each name there are at once: those that are meant to work, and those that a run left.

use std::collections::{BTreeMap, BTreeSet};

use cfmint::emulator::Emulator;
use cfmint::plan::MarkedName;
use chrono::TimeDelta;

use super::cast::TOKENS;

/// The most that are meant to work at once: one in force and its predecessor; or two in force, where a run was killed before
/// it retired the older, and the next one, which is in force before both are retired.
const MOST: usize = 3;

/// What was counted of one name.
#[derive(Default)]
pub(super) struct Counted {
    /// The tokens that were ever in force.
    pub(super) in_force: BTreeSet<String>,
    /// The most of them that worked at once.
    pub(super) most_meant: usize,
    /// The most that worked at once of those that were never in force.
    pub(super) most_strays: usize,
}

pub(super) struct Census {
    emulator: Emulator,
    /// The revision of the last look: the same is not counted twice.
    last: Option<u64>,
    counted: BTreeMap<&'static str, Counted>,
    pub(super) wrong: Vec<String>,
}

impl Census {
    pub(super) fn new(emulator: &Emulator) -> Self {
        let counted = TOKENS.iter().map(|token| (token.name, Counted::default())).collect();
        Self { emulator: emulator.clone(), last: None, counted, wrong: Vec::new() }
    }

    pub(super) fn of(&self, name: &str) -> &Counted {
        &self.counted[name]
    }

    /// Counts what works now. That tokens end makes them fewer, and needs no look.
    pub(super) fn look(&mut self) {
        if self.last.replace(self.emulator.revision()) == self.last {
            return;
        }
        let live = self.emulator.tokens().into_iter().map(|owned| owned.token);
        let live: Vec<_> = live
            .filter(|token| token.status == "active")
            .filter_map(|token| MarkedName::parse(&token.name).map(|marked| (marked, token)))
            .collect();
        for token in &TOKENS {
            let counted = self.counted.get_mut(token.name).unwrap();
            let own = || live.iter().filter(|(marked, _)| marked.name == token.name);
            let in_force = own().filter(|(marked, _)| marked.phase.is_in_force());
            counted.in_force.extend(in_force.map(|(_, live)| live.id.clone()));
            let (meant, strays): (Vec<_>, Vec<_>) =
                own().partition(|(_, live)| counted.in_force.contains(&live.id));
            counted.most_meant = counted.most_meant.max(meant.len());
            counted.most_strays = counted.most_strays.max(strays.len());
            if meant.len() > MOST {
                let names: Vec<&String> = meant.iter().map(|(_, live)| &live.name).collect();
                self.wrong.push(format!("{names:?} are meant to work at once"));
            }
            for (_, stray) in strays {
                let span = stray.expires_on.zip(stray.issued_on).map(|(end, begin)| end - begin);
                if span.is_none_or(|span| span > token.pending + TimeDelta::seconds(1)) {
                    self.wrong.push(format!("{} may live too long: {span:?}", stray.name));
                }
            }
        }
    }
}
