//! What becomes of the other generations.

use super::*;

fn ends(case: &Case, goal: Goal) -> Vec<Retirement> {
    match case.decide(goal).step {
        Step::Create(create) => create.retire,
        Step::Keep(keep) => keep.retire,
        step => panic!("{step:?}"),
    }
}

/// Every kind of token there can be beside the one in force.
fn others() -> Vec<Live> {
    vec![
        made("older", "shop@a0000001", days(40), days(90)),
        made("hooks", "shop+hooks@a0000009", days(30), days(90)),
        made("retiring", "shop+old@a0000003", days(50), days(50) + minutes(30)),
        made("noted", "shop+new@b0000001", minutes(5), days(1)),
        made("in a sink", "shop+new@b0000002", days(12), days(20)),
        made("stand-in", "shop+roll@b0000003", days(11), days(20)),
        made("unknown", "shop+new@b0000004", days(11), days(20)),
        made("expired", "shop@a0000004", days(60), days(30)),
        made("expired pending", "shop+new@b0000005", days(12), days(1)),
        Live {
            status: Status::Other("revoked (exposed)".to_owned()),
            ..token("exposed", "shop+old@a0000005")
        },
        token("exec", "shop+exec@a0000006"),
        token("foreign", "shop-dns@a0000007"),
        token("by-hand", "shop"),
    ]
}

fn case(overlap: TimeDelta) -> Case {
    let mut case = Case::new([vec![current()], others()].concat(), [held("in a sink")]).noted("b0000001");
    case.renewal.overlap = overlap;
    case
}

#[test]
fn a_rotation_retires_what_was_in_force_and_what_is_known_to_be_of_a_dead_run() {
    let mut expected: Vec<(&str, Ends)> = vec![
        ("older", Ends::AfterOverlap),
        ("hooks", Ends::AfterOverlap),
        ("current", Ends::AfterOverlap),
        ("noted", Ends::AfterOverlap),
        ("in a sink", Ends::AfterOverlap),
        ("expired", Ends::Now),
        ("expired pending", Ends::Now),
        ("exposed", Ends::Now),
    ];
    let found = |case: &Case| {
        let mut found: Vec<(String, Ends)> =
            ends(case, Goal::Successor).into_iter().map(|one| (one.id, one.ends)).collect();
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found
    };
    expected.sort_by_key(|(id, _)| *id);
    let named = |(id, ends): &(&str, Ends)| ((*id).to_owned(), *ends);
    assert_eq!(found(&case(minutes(60))), expected.iter().map(named).collect::<Vec<_>>());
    // Without an overlap all of them are deleted.
    let deleted: Vec<_> = expected.iter().map(|(id, _)| ((*id).to_owned(), Ends::Now)).collect();
    assert_eq!(found(&case(TimeDelta::zero())), deleted);
}

#[test]
fn a_retirement_says_the_whole_name() {
    let retired = ends(&Case::new([current()], [held("current")]), Goal::Successor);
    let whole =
        Retirement { id: "current".to_owned(), name: "shop@a0000002".to_owned(), ends: Ends::AfterOverlap };
    assert_eq!(retired, [whole]);
}

#[test]
fn a_dead_pending_token_is_kept_while_it_tells_something() {
    let dead =
        |age: TimeDelta| Live { status: Status::Expired, ..made("dead", "shop+new@b0000001", age, days(1)) };
    let of = |age, goal| !ends(&Case::new([current(), dead(age)], [held("current")]), goal).is_empty();
    // Beside the one that stays: it is evidence if it was announced after that, or less than a quarter of an hour before.
    assert!(of(days(10) + minutes(15), Goal::Converge));
    assert!(!of(days(10) + minutes(14), Goal::Converge));
    assert!(!of(days(2), Goal::Converge));
    // Beside a fresh one, which is announced now.
    let retired = |age| {
        let case = Case::new([current(), dead(age)], [Whose::Opaque]);
        ends(&case, Goal::Successor).iter().any(|retirement| retirement.id == "dead")
    };
    assert!(retired(minutes(15)));
    assert!(!retired(minutes(14)));
}

#[test]
fn what_a_sink_holds_is_not_retired_while_it_is_not_replaced() {
    // Announced long before the one in force, it tells of no run that did not finish.
    let early = made("early", "shop+new@b0000001", days(11), days(20));
    let of = |held: Vec<Whose>| Case::new([current(), early.clone()], held);
    assert_eq!(of(vec![held("early")]).step(Goal::Finish), "keep current");
    assert_eq!(of(vec![held("early")]).step(Goal::Converge), "refuse: not held");
    let supplied = of(vec![held("early"), held("current")]);
    assert_eq!(supplied.step(Goal::Converge), "keep current; copy to [0] from 1; retire early");
    assert_eq!(supplied.step(Goal::Finish), "keep current");
    assert_eq!(
        of(vec![held("early")]).step(Goal::Successor),
        "make: asked, not held; retire early; retire current"
    );
}

#[test]
fn one_that_is_switched_off_ends_no_other() {
    let disabled = Live { status: Status::Disabled, ..current() };
    let older = made("older", "shop@a0000001", days(40), days(90));
    let case = Case::new([disabled, older], [held("current")]);
    assert_eq!(case.step(Goal::Finish), "keep current");
    assert_eq!(case.step(Goal::Converge), "keep current; 1 changes; retire older", "once it is switched on");
    assert_eq!(case.step(Goal::Successor), "make: asked; retire older; retire current");
}
