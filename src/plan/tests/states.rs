//! What the list of tokens may tell, what the sinks may hold, and the steps that most of it leads to.

use super::*;

/// What the list may tell, by a name for it.
fn tokens(which: &str) -> Vec<Live> {
    let older = made("older", "shop@a0000001", days(40), days(90));
    let hooks = made("current", "shop+hooks@a0000002", days(10), days(90));
    let pending = |id: &str, name: &str, age, life| made(id, name, age, life);
    let with = |others: Vec<Live>| [vec![current()], others].concat();
    let own = pending("own", "shop+new@b0000001", minutes(5), days(1));
    let young = pending("young", "shop+new@b0000002", minutes(14), days(1));
    let old = pending("old", "shop+new@b0000003", minutes(16), days(1));
    let expired = pending("expired", "shop+new@b0000004", days(2), days(1));
    let stand_in = pending("stand-in", "shop+roll@b0000005", minutes(16), days(1));
    match which {
        "none" => vec![],
        "none, own pending" => vec![own],
        "none, young pending" => vec![young],
        "none, old pending" => vec![old],
        "none, expired pending" => vec![expired],
        "one" => vec![current()],
        "several" => with(vec![older]),
        // Announced so close to the current one that a program may hold either.
        "rivals" => with(vec![made("older", "shop@a0000001", days(10) + minutes(14), days(90))]),
        "hooks due" => vec![hooks],
        "several, hooks due" => vec![hooks, older],
        "own pending" => with(vec![own]),
        "young pending" => with(vec![young]),
        "old pending" => with(vec![old]),
        "expired pending" => with(vec![expired]),
        "stand-in" => with(vec![stand_in]),
        "expired stand-in" => with(vec![pending("expired", "shop+roll@b0000004", days(2), days(1))]),
        // Announced before the current one, and so either clearly or not.
        "earlier pending" => {
            with(vec![pending("early", "shop+new@b0000006", days(10) + minutes(15), days(20))])
        }
        "unordered pending" => {
            with(vec![pending("close", "shop+new@b0000007", days(10) + minutes(14), days(20))])
        }
        "retiring" => with(vec![made("older", "shop+old@a0000001", days(40), days(40) + minutes(59))]),
        other => panic!("what is {other}?"),
    }
}

/// What the sinks hold: the current secret; nothing; a program is all there is; the second of two files has it.
const SINKS: [&str; 4] = ["held", "missing", "opaque", "one of two"];

fn views(which: &str) -> Vec<Whose> {
    match which {
        "held" => vec![held("current")],
        "missing" => vec![Whose::Nobody],
        "opaque" => vec![Whose::Opaque],
        _ => vec![Whose::Nobody, held("current")],
    }
}

pub(super) fn check(goal: Goal, strategy: Strategy, rows: &[(&str, [&str; 4])]) {
    let mut wrong = Vec::new();
    for (which, expected) in rows {
        for (sinks, expected) in SINKS.iter().zip(expected) {
            // Where none is in force, no sink holds it.
            let is_none = which.starts_with("none");
            let mut held = views(sinks);
            if is_none {
                held.iter_mut()
                    .filter(|whose| **whose != Whose::Opaque)
                    .for_each(|whose| *whose = Whose::Nobody);
            }
            let mut case = Case::new(tokens(which), held).noted("b0000001");
            case.renewal.strategy = strategy;
            let step = case.step(goal);
            if step != *expected {
                wrong.push(format!("{which}, {sinks}: {step:?} and not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{goal:?}\n{}", wrong.join("\n"));
}

pub(super) const KEEP: &str = "keep current";
pub(super) const HOOKS: &str = "keep current; hooks";
pub(super) const COPY: &str = "keep current; copy to [0] from 1";
pub(super) const NOT_HELD: &str = "refuse: not held";
pub(super) const ANOTHER_RUN: &str = "refuse: another run, shop+new@b0000002";
pub(super) const FIRST: &str = "make: none in force";
pub(super) const ROLL: &str = "roll current";
pub(super) const MISSING: &str = "make: not held; retire current";
pub(super) const UNFINISHED: &str = "make: unfinished; retire current";
pub(super) const BOTH: &str = "make: unfinished, not held; retire current";
pub(super) const ASKED: &str = "make: asked; retire current";
pub(super) const ASKED_MISSING: &str = "make: asked, not held; retire current";
pub(super) const ASKED_UNFINISHED: &str = "make: asked, unfinished; retire current";
pub(super) const ASKED_BOTH: &str = "make: asked, unfinished, not held; retire current";
pub(super) const RENEW: &str = "roll current, 1 changes";
