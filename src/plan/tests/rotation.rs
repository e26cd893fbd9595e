//! What a rotation does about the one before it.

use super::*;

/// A generation on its way out, which ends in an hour all but a minute.
fn retiring(id: &str, age: TimeDelta) -> Live {
    made(id, "shop+old@a0000001", age, age + minutes(59))
}

#[test]
fn a_rotation_within_the_overlap_of_the_last_one_changes_nothing_and_says_so() {
    let case = Case::new([current(), retiring("older", days(40))], [held("current"), Whose::Opaque]);
    let plan = case.decide(Goal::Successor);
    assert_eq!(plan.step, Step::Keep(Keep::untouched("current".to_owned())));
    let ends = now() + minutes(59);
    let older = Note::OlderGeneration { name: "shop+old@a0000001".to_owned(), expires_on: Some(ends) };
    assert_eq!(plan.notes, [older, Note::InOverlap { ends }]);
}

#[test]
fn a_generation_that_was_taken_back_is_no_rotation_to_wait_for() {
    let undone = retiring("undone", minutes(5));
    let case = Case::new([current(), undone], [held("current")]);
    assert_eq!(case.step(Goal::Successor), "make: asked; retire current");
}

#[test]
fn one_that_did_not_retire_its_predecessor_is_finished_where_the_sinks_certainly_have_its_outcome() {
    let finish = "keep current; retire older";
    for (views, expected) in [
        ([held("current"), held("current")], finish),
        ([held("current"), Whose::Opaque], finish),
        ([held("current"), held("older")], "make: asked, not held; retire older; retire current"),
        ([held("current"), Whose::Nobody], "make: asked, not held; retire older; retire current"),
        ([held("current"), Whose::Dead], "make: asked, not held; retire older; retire current"),
    ] {
        for ends in [None, Some(now() + days(50))] {
            let older = Live { expires_on: ends, ..made("older", "shop@a0000001", days(40), days(90)) };
            let young = made("current", "shop@a0000002", minutes(59), days(90));
            let case = Case::new([young, older], views.clone());
            assert_eq!(case.step(Goal::Successor), expected, "{views:?}");
        }
    }
}

#[test]
fn a_predecessor_that_is_never_retired_does_not_keep_the_token_from_being_renewed() {
    let finish = |ends: &str| format!("keep current; {ends} older");
    let renew = |ends: &str| format!("make: asked; {ends} older; {ends} current");
    for (overlap, age, expected) in [
        (60, Some(59), finish("retire")),
        (60, Some(60), renew("retire")),
        // Another run may have made it just now, however short the overlap is.
        (0, Some(14), finish("delete")),
        (0, Some(15), renew("delete")),
        (60, None, renew("retire")),
    ] {
        let issued_on = age.map(|age| now() - minutes(age));
        let current = Live { issued_on, ..made("current", "shop@a0000002", minutes(1), days(90)) };
        let older = Live { issued_on: issued_on.map(|at| at - days(9)), ..token("older", "shop@a0000001") };
        let mut case = Case::new([older, current], [held("current")]);
        case.renewal.overlap = minutes(overlap);
        assert_eq!(case.step(Goal::Successor), expected, "{overlap}, {age:?}");
        assert_eq!(case.step(Goal::Converge), finish(if overlap == 0 { "delete" } else { "retire" }));
    }
}

#[test]
fn one_that_was_made_after_its_own_end_was_never_delivered_and_tells_nothing() {
    let late = made("late", "shop+new@b0000001", minutes(20), minutes(-1));
    for sink in [held("current"), Whose::Opaque] {
        let case = Case::new([current(), late.clone()], [sink]);
        assert_eq!(case.step(Goal::Converge), "keep current; delete late");
    }
}

#[test]
fn a_new_secret_for_the_same_token_brings_what_drifted_and_a_new_end() {
    let drifted =
        Live { policies: vec![policy(PolicyEffect::Allow, &[ZONE_READ], &[zone(ZONE)])], ..current() };
    let renew = |live: Live| {
        let mut case = Case::new([live], [held("current")]);
        case.renewal.strategy = Strategy::Roll;
        let Step::Roll { renew, .. } = case.decide(Goal::Successor).step else { panic!("it is rolled") };
        renew.unwrap()
    };
    let end = |from| Change::Expiry { from, to: Some(now() + days(90)) };
    assert_eq!(renew(current()), [end(current().expires_on)]);
    assert_eq!(renew(Live { expires_on: None, ..current() }), [end(None)], "one end, and not two");
    let changes = renew(drifted);
    assert!(
        matches!(changes[..], [Change::Allow(_), Change::Withdraw(_), Change::Expiry { .. }]),
        "{changes:?}"
    );
}

#[test]
fn the_reasons_name_the_token_and_the_sink() {
    let left = made("left", "shop+roll@b0000001", minutes(20), days(1));
    let case = Case::new([current(), left], [Whose::Nobody]);
    let Step::Create(create) = case.decide(Goal::Successor).step else { panic!("it is rotated") };
    let unfinished = Why::UnfinishedRun { name: "shop+roll@b0000001".to_owned() };
    assert_eq!(create.why, [Why::Asked, unfinished, Why::NotHeld { sink: ".env0".to_owned() }]);
    assert_eq!(create.predecessor.as_deref(), Some("current"));
}
