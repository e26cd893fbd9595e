//! What stands in the way of a step: another run, too many that died, a clock that is wrong.

use super::*;

const GOALS: [Goal; 4] = [Goal::Converge, Goal::Successor, Goal::NewSecret, Goal::Finish];

fn pending(id: &str, mark: &str, age: TimeDelta) -> Live {
    made(id, &format!("shop+new@{mark}"), age, days(1))
}

#[test]
fn a_young_token_of_an_unknown_run_refuses_where_there_is_a_program_or_anything_to_do() {
    let young = || pending("young", "b0000001", minutes(15) - TimeDelta::seconds(1));
    let refused = "refuse: another run, shop+new@b0000001";
    let drifted = Live { expires_on: None, ..current() };
    for (live, whose, expected) in [
        (current(), held("current"), "keep current"),
        (current(), Whose::Opaque, refused),
        (drifted, held("current"), refused),
        (current(), Whose::Nobody, refused),
    ] {
        let case = Case::new([live, young()], [whose.clone()]);
        assert_eq!(case.step(Goal::Converge), expected, "{whose:?}");
    }
    for goal in GOALS {
        let of = |other: Live, whose| Case::new([current(), other], [whose]);
        assert_eq!(of(young(), Whose::Opaque).step(goal), refused, "{goal:?}");
        let dead = pending("young", "b0000001", minutes(15));
        assert!(
            !of(dead, Whose::Opaque).step(goal).starts_with("refuse"),
            "{goal:?}: a run does not live so long"
        );
        let noted = of(young(), Whose::Opaque).noted("b0000001");
        assert!(!noted.step(goal).starts_with("refuse"), "{goal:?}: it is of a run of ours that died");
        let stand_in = made("young", "shop+roll@b0000001", minutes(1), days(1));
        assert_eq!(of(stand_in, held("current")).step(goal), "refuse: another run, shop+roll@b0000001");
    }
}

#[test]
fn the_refusal_says_since_when_and_until_when() {
    let one = pending("one", "b0000001", minutes(10));
    let other = pending("other", "b0000002", minutes(4));
    let dateless = Live { issued_on: None, ..pending("dateless", "b0000003", minutes(4)) };
    let refused = |tokens: Vec<Live>| Case::new(tokens, [Whose::Nobody]).decide(Goal::Converge).step;
    // The youngest blocks the longest.
    assert_eq!(
        refused(vec![other.clone(), one]),
        Step::Refuse(Refused::AnotherRun {
            name: other.name.clone(),
            since: Some(now() - minutes(4)),
            until: now() + minutes(11),
        })
    );
    assert_eq!(
        refused(vec![dateless.clone()]),
        Step::Refuse(Refused::AnotherRun { name: dateless.name, since: None, until: now() + RUN_WINDOW })
    );
}

#[test]
fn a_token_of_another_name_or_without_a_mark_is_no_run_of_this_profiles() {
    for name in ["shop-dns+new@b0000001", "shop+new", "shop+new@work", "shop+exec@b0000001", "shop@b0000001"]
    {
        let other = made("other", name, TimeDelta::zero(), days(1));
        let is_generation = other.is_generation_of("shop");
        let step = Case::new([current(), other], [held("current")]).step(Goal::Finish);
        assert_eq!(step == "keep current", !is_generation, "{name}: {step}");
        assert!(!step.contains("another run"), "{name}: {step}");
    }
}

#[test]
fn five_pending_tokens_are_as_many_as_may_live() {
    let pending =
        |number: i64| pending(&format!("p{number}"), &format!("b000000{number}"), minutes(16 + number));
    for goal in GOALS {
        let of = |number: i64| {
            let tokens = (0..number).map(pending).chain([current()]);
            Case::new(tokens, [Whose::Opaque])
        };
        assert!(of(4).step(goal).starts_with("make"), "{goal:?}");
        let Step::Refuse(Refused::TooManyPending { names }) = of(5).decide(goal).step else {
            panic!("{goal:?} makes a sixth");
        };
        assert_eq!(names.len(), 5);
        assert!(names.contains(&("shop+new@b0000000".to_owned(), Some(now() - minutes(16) + days(1)))));
    }
    // What makes no token is not in its way, and dead ones do not count.
    let keeping = Case::new((0..5).map(pending).chain([current()]), [held("current")]);
    assert_eq!(keeping.step(Goal::Converge), "keep current");
    let dead = (0..5).map(|number| Live { status: Status::Expired, ..pending(number) });
    assert!(Case::new(dead, [Whose::Nobody]).step(Goal::Converge).starts_with("make"));
}

#[test]
fn clocks_that_are_more_than_a_day_apart_let_nothing_be_changed() {
    let older = made("older", "shop@a0000001", days(40), days(90));
    for (apart, is_doubtful) in
        [(days(1), false), (-days(1), false), (days(1) + minutes(1), true), (-days(1) - minutes(1), true)]
    {
        let machine = now() + apart;
        let step = |tokens: Vec<Live>, goal| {
            let mut case = Case::new(tokens, [held("current")]);
            case.clock.machine = machine;
            case.decide(goal).step
        };
        let refused = Step::Refuse(Refused::ClocksApart { server: now(), machine });
        for goal in GOALS {
            let several = vec![current(), older.clone()];
            assert_eq!(step(several, goal) == refused, is_doubtful, "{goal:?} {apart}");
        }
        let idle = step(vec![current()], Goal::Converge);
        assert_eq!(words::of(&idle), "keep current", "to change nothing is always right");
    }
}
