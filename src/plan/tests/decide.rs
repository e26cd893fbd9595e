//! Which step is taken for each goal, for whatever the list of tokens tells and whatever the sinks hold.

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

fn check(goal: Goal, strategy: Strategy, rows: &[(&str, [&str; 4])]) {
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

const KEEP: &str = "keep current";
const HOOKS: &str = "keep current; hooks";
const COPY: &str = "keep current; copy to [0] from 1";
const NOT_HELD: &str = "refuse: not held";
const ANOTHER_RUN: &str = "refuse: another run, shop+new@b0000002";
const FIRST: &str = "make: none in force";
const ROLL: &str = "roll current";
const MISSING: &str = "make: not held; retire current";
const UNFINISHED: &str = "make: unfinished; retire current";
const BOTH: &str = "make: unfinished, not held; retire current";
const ASKED: &str = "make: asked; retire current";
const ASKED_MISSING: &str = "make: asked, not held; retire current";
const ASKED_UNFINISHED: &str = "make: asked, unfinished; retire current";
const ASKED_BOTH: &str = "make: asked, unfinished, not held; retire current";
const RENEW: &str = "roll current, 1 changes";

#[test]
fn apply_makes_a_fresh_generation_only_where_none_is_in_force_or_a_run_did_not_finish() {
    // `+new` is a reason where a program may hold its secret, `+roll` is one always. Without a sign of an unfinished run,
    // what a file does not hold somebody else may, unless another file supplies it.
    let rows = [
        ("none", [FIRST; 4]),
        ("none, own pending", ["make: none in force; retire own"; 4]),
        ("none, young pending", [ANOTHER_RUN; 4]),
        ("none, old pending", [FIRST; 4]),
        ("none, expired pending", ["make: none in force; delete expired"; 4]),
        ("one", [KEEP, NOT_HELD, KEEP, COPY]),
        (
            "several",
            [
                "keep current; retire older",
                "make: not held; retire older; retire current",
                "make: several in force; retire older; retire current",
                "make: not held; retire older; retire current",
            ],
        ),
        ("hooks due", [HOOKS, NOT_HELD, HOOKS, "keep current; copy to [0] from 1; hooks"]),
        (
            "several, hooks due",
            [
                "keep current; hooks; retire older",
                "make: not held; retire older; retire current",
                "make: several in force; retire older; retire current",
                "make: not held; retire older; retire current",
            ],
        ),
        (
            "own pending",
            [
                "keep current; retire own",
                "make: not held; retire current; retire own",
                "make: unfinished; retire current; retire own",
                "make: not held; retire current; retire own",
            ],
        ),
        ("young pending", [KEEP, ANOTHER_RUN, ANOTHER_RUN, ANOTHER_RUN]),
        ("old pending", [KEEP, MISSING, UNFINISHED, MISSING]),
        (
            "expired pending",
            [
                KEEP,
                "make: not held; retire current; delete expired",
                "make: unfinished; retire current; delete expired",
                "make: not held; retire current; delete expired",
            ],
        ),
        ("stand-in", [UNFINISHED, BOTH, UNFINISHED, BOTH]),
        (
            "expired stand-in",
            [
                "make: unfinished; retire current; delete expired",
                "make: unfinished, not held; retire current; delete expired",
                "make: unfinished; retire current; delete expired",
                "make: unfinished, not held; retire current; delete expired",
            ],
        ),
        ("earlier pending", [KEEP, NOT_HELD, KEEP, COPY]),
        ("unordered pending", [KEEP, MISSING, UNFINISHED, MISSING]),
        ("retiring", [KEEP, NOT_HELD, KEEP, COPY]),
    ];
    check(Goal::Converge, Strategy::Generation, &rows);
}

#[test]
fn recover_finishes_what_is_left_and_asks_for_nothing_else() {
    // Where no run left anything, a sink that lacks the secret is not its affair.
    let rows = [
        ("none", ["nothing"; 4]),
        ("none, own pending", ["make: none in force; retire own"; 4]),
        ("none, young pending", [ANOTHER_RUN; 4]),
        ("none, old pending", [FIRST; 4]),
        ("none, expired pending", ["nothing"; 4]),
        ("one", [KEEP; 4]),
        (
            "several",
            [
                "keep current; retire older",
                "make: not held; retire older; retire current",
                "make: several in force; retire older; retire current",
                "make: not held; retire older; retire current",
            ],
        ),
        ("hooks due", [HOOKS; 4]),
        (
            "several, hooks due",
            [
                "keep current; hooks; retire older",
                "make: not held; retire older; retire current",
                "make: several in force; retire older; retire current",
                "make: not held; retire older; retire current",
            ],
        ),
        (
            "own pending",
            [
                "keep current; retire own",
                "make: not held; retire current; retire own",
                "make: unfinished; retire current; retire own",
                "make: not held; retire current; retire own",
            ],
        ),
        ("young pending", [KEEP, ANOTHER_RUN, ANOTHER_RUN, ANOTHER_RUN]),
        ("old pending", [KEEP, MISSING, UNFINISHED, MISSING]),
        (
            "expired pending",
            [
                KEEP,
                "make: not held; retire current; delete expired",
                "make: unfinished; retire current; delete expired",
                "make: not held; retire current; delete expired",
            ],
        ),
        ("stand-in", [UNFINISHED, BOTH, UNFINISHED, BOTH]),
        (
            "expired stand-in",
            [
                "make: unfinished; retire current; delete expired",
                "make: unfinished, not held; retire current; delete expired",
                "make: unfinished; retire current; delete expired",
                "make: unfinished, not held; retire current; delete expired",
            ],
        ),
        ("earlier pending", [KEEP; 4]),
        ("unordered pending", [KEEP, MISSING, UNFINISHED, MISSING]),
        ("retiring", [KEEP; 4]),
    ];
    check(Goal::Finish, Strategy::Generation, &rows);
}

#[test]
fn rotate_makes_a_successor_unless_the_last_rotation_is_not_over() {
    // One that every sink is known to hold is finished, or left alone in its overlap.
    let rows = [
        ("none", [FIRST; 4]),
        ("none, own pending", ["make: none in force; retire own"; 4]),
        ("none, young pending", [ANOTHER_RUN; 4]),
        ("none, old pending", [FIRST; 4]),
        ("none, expired pending", ["make: none in force; delete expired"; 4]),
        ("one", [ASKED, ASKED_MISSING, ASKED, ASKED_MISSING]),
        (
            "several",
            [
                "keep current; retire older",
                "make: asked, not held; retire older; retire current",
                "make: asked, several in force; retire older; retire current",
                "make: asked, not held; retire older; retire current",
            ],
        ),
        ("hooks due", [HOOKS, ASKED_MISSING, HOOKS, ASKED_MISSING]),
        (
            "several, hooks due",
            [
                "keep current; hooks; retire older",
                "make: asked, not held; retire older; retire current",
                "make: asked, several in force; retire older; retire current",
                "make: asked, not held; retire older; retire current",
            ],
        ),
        (
            "own pending",
            [
                "make: asked; retire current; retire own",
                "make: asked, not held; retire current; retire own",
                "make: asked, unfinished; retire current; retire own",
                "make: asked, not held; retire current; retire own",
            ],
        ),
        ("young pending", [ANOTHER_RUN; 4]),
        ("old pending", [ASKED, ASKED_MISSING, ASKED_UNFINISHED, ASKED_MISSING]),
        (
            "expired pending",
            [
                "make: asked; retire current; delete expired",
                "make: asked, not held; retire current; delete expired",
                "make: asked, unfinished; retire current; delete expired",
                "make: asked, not held; retire current; delete expired",
            ],
        ),
        ("stand-in", [ASKED_UNFINISHED, ASKED_BOTH, ASKED_UNFINISHED, ASKED_BOTH]),
        (
            "expired stand-in",
            [
                "make: asked, unfinished; retire current; delete expired",
                "make: asked, unfinished, not held; retire current; delete expired",
                "make: asked, unfinished; retire current; delete expired",
                "make: asked, unfinished, not held; retire current; delete expired",
            ],
        ),
        ("earlier pending", [ASKED, ASKED_MISSING, ASKED, ASKED_MISSING]),
        ("unordered pending", [ASKED, ASKED_MISSING, ASKED_UNFINISHED, ASKED_MISSING]),
        ("retiring", [KEEP, ASKED_MISSING, KEEP, ASKED_MISSING]),
    ];
    check(Goal::Successor, Strategy::Generation, &rows);
}

#[test]
fn rotate_keeps_the_id_where_the_profile_says_so_and_nothing_is_unfinished() {
    // A new end is the one change.
    let rows = [
        ("none", [FIRST; 4]),
        ("none, own pending", ["make: none in force; retire own"; 4]),
        ("none, young pending", [ANOTHER_RUN; 4]),
        ("none, old pending", [FIRST; 4]),
        ("none, expired pending", ["make: none in force; delete expired"; 4]),
        ("one", [RENEW; 4]),
        (
            "several",
            [
                "make: asked; retire older; retire current",
                "make: asked, not held; retire older; retire current",
                "make: asked, several in force; retire older; retire current",
                "make: asked, not held; retire older; retire current",
            ],
        ),
        ("hooks due", [ASKED, ASKED_MISSING, ASKED, ASKED_MISSING]),
        (
            "several, hooks due",
            [
                "make: asked; retire older; retire current",
                "make: asked, not held; retire older; retire current",
                "make: asked, several in force; retire older; retire current",
                "make: asked, not held; retire older; retire current",
            ],
        ),
        ("own pending", [RENEW, RENEW, "make: asked, unfinished; retire current; retire own", RENEW]),
        ("young pending", [ANOTHER_RUN; 4]),
        ("old pending", [RENEW, RENEW, ASKED_UNFINISHED, RENEW]),
        ("expired pending", [RENEW, RENEW, "make: asked, unfinished; retire current; delete expired", RENEW]),
        ("stand-in", [ASKED_UNFINISHED, ASKED_BOTH, ASKED_UNFINISHED, ASKED_BOTH]),
        (
            "expired stand-in",
            [
                "make: asked, unfinished; retire current; delete expired",
                "make: asked, unfinished, not held; retire current; delete expired",
                "make: asked, unfinished; retire current; delete expired",
                "make: asked, unfinished, not held; retire current; delete expired",
            ],
        ),
        ("earlier pending", [RENEW; 4]),
        ("unordered pending", [RENEW, RENEW, ASKED_UNFINISHED, RENEW]),
        ("retiring", [RENEW; 4]),
    ];
    check(Goal::Successor, Strategy::Roll, &rows);
}

#[test]
fn roll_is_a_rotation_that_ends_the_old_secrets_at_once_where_a_run_did_not_finish() {
    // What was in force is deleted; what was pending may be in a sink, and is only shortened.
    let rows = [
        ("none", ["refuse: nothing to roll"; 4]),
        ("none, own pending", ["make: none in force; retire own"; 4]),
        ("none, young pending", [ANOTHER_RUN; 4]),
        ("none, old pending", [FIRST; 4]),
        ("none, expired pending", ["make: none in force; delete expired"; 4]),
        ("one", [ROLL; 4]),
        (
            "several",
            [
                "make: asked; delete older; delete current",
                "make: asked, not held; delete older; delete current",
                "make: asked, several in force; delete older; delete current",
                "make: asked, not held; delete older; delete current",
            ],
        ),
        (
            "hooks due",
            [
                "make: asked; delete current",
                "make: asked, not held; delete current",
                "make: asked; delete current",
                "make: asked, not held; delete current",
            ],
        ),
        (
            "several, hooks due",
            [
                "make: asked; delete older; delete current",
                "make: asked, not held; delete older; delete current",
                "make: asked, several in force; delete older; delete current",
                "make: asked, not held; delete older; delete current",
            ],
        ),
        ("own pending", [ROLL, ROLL, "make: asked, unfinished; delete current; retire own", ROLL]),
        ("young pending", [ANOTHER_RUN; 4]),
        ("old pending", [ROLL, ROLL, "make: asked, unfinished; delete current", ROLL]),
        ("expired pending", [ROLL, ROLL, "make: asked, unfinished; delete current; delete expired", ROLL]),
        (
            "stand-in",
            [
                "make: asked, unfinished; delete current",
                "make: asked, unfinished, not held; delete current",
                "make: asked, unfinished; delete current",
                "make: asked, unfinished, not held; delete current",
            ],
        ),
        (
            "expired stand-in",
            [
                "make: asked, unfinished; delete current; delete expired",
                "make: asked, unfinished, not held; delete current; delete expired",
                "make: asked, unfinished; delete current; delete expired",
                "make: asked, unfinished, not held; delete current; delete expired",
            ],
        ),
        ("earlier pending", [ROLL; 4]),
        ("unordered pending", [ROLL, ROLL, "make: asked, unfinished; delete current", ROLL]),
        ("retiring", [ROLL; 4]),
    ];
    check(Goal::NewSecret, Strategy::Generation, &rows);
}
