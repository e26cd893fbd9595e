//! What `apply` and `recover` do, whatever the list of tokens tells and whatever the sinks hold.

use super::states::*;
use super::*;

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
                "keep current; retire older",
                "make: not held; retire older; retire current",
            ],
        ),
        (
            "rivals",
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
                "keep current; hooks; retire older",
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
                "keep current; retire older",
                "make: not held; retire older; retire current",
            ],
        ),
        (
            "rivals",
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
                "keep current; hooks; retire older",
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
