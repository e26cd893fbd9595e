//! What `rotate` and `roll` do, whatever the list of tokens tells and whatever the sinks hold.

use super::states::*;
use super::*;

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
                "make: asked; retire older; retire current",
                "make: asked, not held; retire older; retire current",
                "make: asked; retire older; retire current",
                "make: asked, not held; retire older; retire current",
            ],
        ),
        (
            "rivals",
            [
                "make: asked; retire older; retire current",
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
                "keep current; hooks; retire older",
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
                "make: asked; retire older; retire current",
                "make: asked, not held; retire older; retire current",
            ],
        ),
        (
            "rivals",
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
                "make: asked; retire older; retire current",
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
                "make: asked; delete older; delete current",
                "make: asked, not held; delete older; delete current",
            ],
        ),
        (
            "rivals",
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
                "make: asked; delete older; delete current",
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
