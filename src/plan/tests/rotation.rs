//! What a rotation does about the one before it.

use super::*;
use crate::plan::{Renewal, rotate};
use crate::profile::Strategy;

const RENEWAL: Renewal = Renewal { strategy: Strategy::Generation, overlap: TimeDelta::hours(1) };

/// The step for a current generation, an older one that ends then, and what two sinks hold.
fn step(ends: Option<TimeDelta>, views: [Held; 2]) -> Plan {
    let older = Live {
        issued_on: Some(now() - days(40)),
        expires_on: ends.map(|ends| now() + ends),
        ..token("older", "shop@a0000001")
    };
    let expired = Live { expires_on: Some(now() - days(1)), ..token("expired", "shop@a0000000") };
    let current = token("current", "shop@a0000002");
    rotate(&wanted(), &[current, older, expired], &sinks(views), RENEWAL, Replace::Never, now())
}

#[test]
fn a_rotation_that_did_not_retire_its_predecessor_is_finished_where_the_sinks_certainly_have_its_outcome() {
    let finish = Step::Finish { id: "current".to_owned(), predecessors: vec!["older".to_owned()] };
    let another = Step::Rotate {
        predecessors: vec!["older".to_owned(), "current".to_owned()],
        expired: vec!["expired".to_owned()],
    };
    for (views, expected) in [
        ([held("current"), held("current")], &finish),
        ([held("current"), Held::Unreadable], &finish),
        ([Held::Unreadable, Held::Unreadable], &another),
        ([held("current"), held("older")], &another),
        ([held("current"), Held::Nothing], &another),
        ([held("current"), Held::Invalid], &another),
        ([held("older"), held("older")], &another),
    ] {
        for ends in [None, Some(days(50))] {
            assert_eq!(step(ends, views.clone()).step, *expected, "{views:?}");
        }
    }
}

#[test]
fn a_rotation_within_the_overlap_of_the_last_one_changes_nothing_unless_a_sink_lacks_its_outcome() {
    let soon = Some(TimeDelta::minutes(59));
    let plan = step(soon, [held("current"), Held::Unreadable]);
    assert_eq!(plan.step, Step::untouched("current".to_owned()));
    let ends = now() + TimeDelta::minutes(59);
    let older = Note::OlderGeneration { name: "shop@a0000001".to_owned(), expires_on: Some(ends) };
    assert_eq!(plan.notes, [older, Note::InOverlap { ends }]);
    for views in [[held("current"), Held::Nothing], [held("older"), held("older")]] {
        assert!(matches!(step(soon, views.clone()).step, Step::Rotate { .. }), "{views:?}");
    }
}

#[test]
fn a_disabled_successor_is_no_reason_to_end_its_predecessor() {
    let current = Live { status: Status::Disabled, ..token("current", "shop@a0000002") };
    let older = Live { issued_on: Some(now() - days(40)), ..token("older", "shop@a0000001") };
    let views = sinks([held("current")]);
    let plan = rotate(&wanted(), &[current, older], &views, RENEWAL, Replace::Never, now());
    assert!(matches!(plan.step, Step::Rotate { .. }), "{:?}", plan.step);
}
