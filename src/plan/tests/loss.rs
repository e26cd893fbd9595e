//! What a sink holds, and when it may be overwritten.

use super::*;

/// The generation in force and an older one, and tokens that are no generation of this name.
pub(super) fn tokens() -> Vec<Live> {
    let older = made("older", "shop@a0000001", days(40), days(90));
    [vec![current(), older], strangers()].concat()
}

/// The same without a generation that is alive.
pub(super) fn strangers() -> Vec<Live> {
    let expired = made("expired", "shop@a0000000", days(10), days(9));
    let exec = token("exec", "shop+exec@a0000004");
    vec![token("foreign", "shop-dns@a0000003"), token("by-hand", "made by hand"), exec, expired]
}

fn unanswered() -> Whose {
    Whose::Unanswered("time-out".to_owned())
}

/// The step for one sink without a generation and with the one in force, each also with `--replace`.
fn apply(whose: &Whose) -> [String; 4] {
    let step = |tokens: Vec<Live>, replace| {
        Case::new(tokens, [whose.clone()]).replacing(replace).step(Goal::Converge)
    };
    let in_force = || [vec![current()], strangers()].concat();
    [
        step(strangers(), Replace::Never),
        step(strangers(), Replace::Foreign),
        step(in_force(), Replace::Never),
        step(in_force(), Replace::Foreign),
    ]
}

const CREATE: &str = "make: none in force; delete expired";
const KEEP: &str = "keep current; delete expired";
const NOT_HELD: &str = "refuse: not held";
const SHUT_OUT: &str = "refuse: shut out";

#[test]
fn apply_never_loses_a_live_secret() {
    let protected = |what| Whose::Protected(what);
    let rows: [(Whose, [&str; 4]); 18] = [
        (Whose::Nobody, [CREATE, CREATE, NOT_HELD, NOT_HELD]),
        (Whose::Placeholder, [CREATE, CREATE, NOT_HELD, NOT_HELD]),
        (Whose::Dead, [CREATE, CREATE, NOT_HELD, NOT_HELD]),
        (Whose::Opaque, [CREATE, CREATE, KEEP, KEEP]),
        (unanswered(), ["refuse: unanswered, time-out", CREATE, KEEP, KEEP]),
        (Whose::ShutOut, [SHUT_OUT, CREATE, SHUT_OUT, NOT_HELD]),
        (protected(Protected::Reference), ["refuse: Reference", CREATE, "refuse: Reference", NOT_HELD]),
        (
            protected(Protected::OtherService),
            ["refuse: OtherService", CREATE, "refuse: OtherService", NOT_HELD],
        ),
        (protected(Protected::GlobalKey), ["refuse: GlobalKey", CREATE, "refuse: GlobalKey", NOT_HELD]),
        (protected(Protected::S3Pair), ["refuse: S3Pair", CREATE, "refuse: S3Pair", NOT_HELD]),
        // In a trial: never, not even where it was asked for.
        (protected(Protected::Real), ["refuse: Real"; 4]),
        (
            held("foreign"),
            ["refuse: could adopt foreign", CREATE, "refuse: holds foreign shop-dns@a0000003", NOT_HELD],
        ),
        (
            held("by-hand"),
            ["refuse: could adopt by-hand", CREATE, "refuse: holds by-hand made by hand", NOT_HELD],
        ),
        (
            held("exec"),
            ["refuse: could adopt exec", CREATE, "refuse: holds exec shop+exec@a0000004", NOT_HELD],
        ),
        (held("unseen"), ["refuse: holds unseen ?", CREATE, "refuse: holds unseen ?", NOT_HELD]),
        (held("expired"), [CREATE, CREATE, NOT_HELD, NOT_HELD]),
        // One that the list does not have is not known to be dead.
        (held("older"), ["refuse: holds older ?", CREATE, "refuse: holds older ?", NOT_HELD]),
        (held("current"), ["refuse: holds current ?", CREATE, KEEP, KEEP]),
    ];
    for (whose, expected) in rows {
        assert_eq!(apply(&whose), expected, "{whose:?}");
    }
}

#[test]
fn a_sink_that_holds_the_secret_supplies_the_others_and_overwrites_nothing_that_is_lost() {
    let copy = "keep current; copy to [0] from 1; delete expired";
    let rows: [(Whose, &str, &str); 10] = [
        (Whose::Nobody, copy, copy),
        (Whose::Placeholder, copy, copy),
        (Whose::Dead, copy, copy),
        (held("expired"), copy, copy),
        (held("current"), KEEP, KEEP),
        (Whose::Opaque, KEEP, KEEP),
        (unanswered(), KEEP, KEEP),
        (held("foreign"), "refuse: holds foreign shop-dns@a0000003", copy),
        (Whose::ShutOut, SHUT_OUT, copy),
        (Whose::Protected(Protected::Real), "refuse: Real", "refuse: Real"),
    ];
    for (first, never, replacing) in rows {
        let tokens = [vec![current()], strangers()].concat();
        let step = |replace| {
            let held = [first.clone(), held("current")];
            Case::new(tokens.clone(), held).replacing(replace).step(Goal::Converge)
        };
        assert_eq!([step(Replace::Never), step(Replace::Foreign)], [never, replacing], "{first:?}");
    }
}

#[test]
fn a_stale_variable_beside_the_secret_is_written_again() {
    let mut case = Case::new([current()], [held("current")]);
    case.sinks[0].is_stale = true;
    assert_eq!(case.step(Goal::Converge), "keep current; copy to [0] from 0");
}

#[test]
fn a_roll_replaces_its_own_secret_and_nobody_elses() {
    let roll = "roll current";
    let rows: [(Whose, &str, &str); 12] = [
        (Whose::Nobody, roll, roll),
        (Whose::Placeholder, roll, roll),
        (Whose::Dead, roll, roll),
        (Whose::Opaque, roll, roll),
        (unanswered(), "refuse: unanswered, time-out", roll),
        (Whose::ShutOut, SHUT_OUT, roll),
        (Whose::Protected(Protected::OtherService), "refuse: OtherService", roll),
        (Whose::Protected(Protected::Real), "refuse: Real", "refuse: Real"),
        (held("foreign"), "refuse: holds foreign shop-dns@a0000003", roll),
        (held("unseen"), "refuse: holds unseen ?", roll),
        (held("expired"), roll, roll),
        (held("current"), roll, roll),
    ];
    for (whose, never, replacing) in rows {
        for (strategy, goal, end) in
            [(Strategy::Generation, Goal::NewSecret, ""), (Strategy::Roll, Goal::Successor, ", 1 changes")]
        {
            let step = |replace| {
                let tokens = [vec![current()], strangers()].concat();
                let mut case = Case::new(tokens, [whose.clone()]).replacing(replace);
                case.renewal.strategy = strategy;
                case.step(goal)
            };
            let expected = [never, replacing]
                .map(|step| if step == roll { format!("{step}{end}") } else { step.to_owned() });
            assert_eq!([step(Replace::Never), step(Replace::Foreign)], expected, "{whose:?}");
        }
    }
}

#[test]
fn without_a_token_to_roll_what_a_sink_holds_is_named() {
    for (whose, expected) in [
        (Whose::Nobody, "refuse: nothing to roll"),
        (held("expired"), "refuse: nothing to roll"),
        (held("by-hand"), "refuse: could adopt by-hand"),
        (held("unseen"), "refuse: holds unseen ?"),
    ] {
        assert_eq!(Case::new(strangers(), [whose]).step(Goal::NewSecret), expected);
    }
}

/// What hands or time did to a token.
type Meddle = fn(Live) -> Live;

const YOUNG: Meddle = |live| Live { modified_on: Some(now() - TimeDelta::seconds(119)), ..live };
const NO_LONGER_YOUNG: Meddle = |live| Live { modified_on: Some(now() - TimeDelta::seconds(120)), ..live };
const RULED: Meddle = |live| Live { addresses: addresses(&["192.0.2.0/24"], &[]), ..live };
const EARLY: Meddle = |live| Live { not_before: Some(now() + minutes(1)), ..live };
const DISABLED: Meddle = |live| Live { status: Status::Disabled, ..live };
const SAME: Meddle = |live| live;

#[test]
fn what_cannot_be_told_is_never_replaced() {
    let keep = "keep current";
    let enable = "keep current; 1 changes";
    let rows: [(&str, Meddle, Whose, &str); 11] = [
        ("young", YOUNG, Whose::Dead, keep),
        ("no longer young", NO_LONGER_YOUNG, Whose::Dead, NOT_HELD),
        ("young", YOUNG, Whose::ShutOut, NOT_HELD),
        ("with an address rule", RULED, Whose::Dead, keep),
        ("with an address rule", RULED, Whose::ShutOut, keep),
        ("not begun", EARLY, Whose::Dead, keep),
        ("not begun", EARLY, Whose::Nobody, NOT_HELD),
        ("disabled", DISABLED, Whose::Dead, enable),
        ("disabled", DISABLED, Whose::ShutOut, enable),
        ("disabled", DISABLED, Whose::Nobody, NOT_HELD),
        ("as it was", SAME, Whose::Dead, NOT_HELD),
    ];
    for (which, meddle, whose, expected) in rows {
        let case = Case::new([meddle(current())], [whose.clone()]).replacing(Replace::Foreign);
        assert_eq!(case.step(Goal::Converge), expected, "{which}, {whose:?}");
    }
}

#[test]
fn what_cannot_be_told_may_be_what_an_unfinished_run_delivered() {
    let pending = made("old", "shop+new@b0000003", minutes(16), days(1));
    let rival = made("older", "shop@a0000001", days(10) + minutes(14), days(90));
    let earlier = made("older", "shop@a0000001", days(10) + minutes(15), days(90));
    for (meddle, whose) in [
        (SAME, Whose::Opaque),
        (YOUNG, Whose::Dead),
        (RULED, Whose::Dead),
        (RULED, Whose::ShutOut),
        (EARLY, Whose::Dead),
        (DISABLED, Whose::Dead),
    ] {
        let step = |other: &Live| {
            Case::new([meddle(current()), other.clone()], [whose.clone()]).step(Goal::Converge)
        };
        assert_eq!(step(&pending), "make: unfinished; retire current", "{whose:?}");
        assert_eq!(step(&rival), "make: several in force; retire older; retire current", "{whose:?}");
        // Every delivery of one announced a run's time before was over.
        assert!(step(&earlier).starts_with("keep current;"), "{whose:?}");
    }
    let step = |other: &Live| Case::new([current(), other.clone()], [unanswered()]).step(Goal::Converge);
    assert_eq!([step(&pending), step(&rival)], ["refuse: unanswered, time-out"; 2]);
}

#[test]
fn a_value_that_may_be_anothers_who_cannot_say_so_yet_is_kept() {
    let by_hand = || token("by-hand", "made by hand");
    let rows: [(Live, &str); 6] = [
        (YOUNG(by_hand()), "refuse: may be made by hand"),
        (EARLY(by_hand()), "refuse: may be made by hand"),
        (by_hand(), FIRST),
        (RULED(by_hand()), FIRST),
        (YOUNG(made("dead", "made by hand", days(9), days(1))), FIRST),
        // What has a mark is in its own sink.
        (YOUNG(token("foreign", "shop-dns@a0000003")), FIRST),
    ];
    for (other, expected) in rows {
        assert_eq!(Case::new([other.clone()], [Whose::Dead]).step(Goal::Converge), expected, "{other:?}");
    }
}

const FIRST: &str = "make: none in force";

#[test]
fn a_value_that_is_shut_out_may_be_overwritten_only_by_the_name_whose_rule_shuts_it_out() {
    let rows: [(Live, &str); 4] = [
        (RULED(current()), "make: asked; retire current"),
        (current(), SHUT_OUT),
        (RULED(token("foreign", "shop-dns@a0000003")), SHUT_OUT),
        (RULED(made("expired", "shop@a0000000", days(9), days(1))), SHUT_OUT),
    ];
    for (live, expected) in rows {
        let case = Case::new([live.clone()], [Whose::ShutOut]);
        assert_eq!(case.step(Goal::Successor), expected, "{live:?}");
    }
}
