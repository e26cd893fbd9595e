//! What is said besides the step.

use super::*;

fn notes(tokens: &[Live], whose: Whose) -> Vec<Note> {
    Case::new(tokens.to_vec(), [whose]).decide(Goal::Converge).notes
}

fn cannot_tell(why: CannotTell) -> Vec<Note> {
    vec![Note::CannotTell { sink: ".env0".to_owned(), why }]
}

#[test]
fn a_token_as_it_should_be_is_not_worth_a_word() {
    assert_eq!(notes(&[current()], held("current")), []);
    assert_eq!(notes(&[], Whose::Nobody), []);
}

#[test]
fn older_generations_and_namesakes_are_named() {
    let older = Live { issued_on: Some(now() - days(40)), ..token("older", "shop@a0000001") };
    let dead = Live { status: Status::Expired, ..token("dead", "shop@a0000000") };
    let current = current();
    assert_eq!(
        notes(&[current.clone(), older.clone(), dead.clone()], held("current")),
        [Note::OlderGeneration { name: "shop@a0000001".to_owned(), expires_on: older.expires_on }]
    );
    let namesake = token("by-hand", "shop");
    assert_eq!(
        notes(std::slice::from_ref(&namesake), Whose::Nobody),
        [Note::Namesake { id: "by-hand".to_owned() }]
    );
    assert_eq!(notes(&[namesake, current], held("current")), [], "there is no mistaking them then");
}

#[test]
fn a_value_that_is_replaced_is_named_if_it_may_have_meant_something() {
    let expired = Live { expires_on: Some(now()), ..token("expired", "shop@a0000000") };
    for (held, is_named) in [
        (Whose::Nobody, false),
        (Whose::Placeholder, true),
        (Whose::Dead, true),
        (held("expired"), true),
        (Whose::Opaque, false),
    ] {
        let mut notes = notes(std::slice::from_ref(&expired), held.clone());
        notes.retain(|note| !matches!(note, Note::Ended { .. }));
        let expected: Vec<_> =
            is_named.then(|| Note::DeadValue { sink: ".env0".to_owned() }).into_iter().collect();
        assert_eq!(notes, expected, "{held:?}");
    }
}

#[test]
fn how_the_last_token_ended_is_the_reason_for_another() {
    let first = Live { issued_on: Some(now() - days(40)), ..token("first", "shop@a0000000") };
    let first = Live { expires_on: Some(now() - days(9)), ..first };
    let exposed = Live { status: Status::read("revoked (exposed)"), ..token("last", "shop@a0000001") };
    let expired = Live { expires_on: Some(now()), ..token("last", "shop@a0000001") };
    for (last, expired_on, status) in [(exposed, None, "revoked (exposed)"), (expired, Some(now()), "active")]
    {
        let ended = Note::Ended { name: last.name.clone(), expired_on, status: status.to_owned() };
        assert_eq!(notes(&[last, first.clone()], Whose::Nobody), [ended]);
    }
}

#[test]
fn why_it_cannot_be_told_is_said() {
    let current = current();
    let ruled = Live { addresses: addresses(&["192.0.2.0/24"], &[]), ..current.clone() };
    let young = Live { modified_on: Some(now()), ..current.clone() };
    let disabled = Live { status: Status::Disabled, ..ruled.clone() };
    let wanted = Wanted { addresses: Some(ruled.addresses.clone()), ..wanted() };
    let time_out = || "time-out".to_owned();
    for (live, held, why) in [
        (&current, Whose::Opaque, CannotTell::Program),
        (&current, Whose::Unanswered(time_out()), CannotTell::Unanswered(time_out())),
        (&young, Whose::Dead, CannotTell::Propagating),
        (&ruled, Whose::Dead, CannotTell::DeadOrShutOut),
        (&ruled, Whose::ShutOut, CannotTell::ShutOut),
        (&disabled, Whose::Dead, CannotTell::Disabled),
    ] {
        let wanted = Wanted {
            addresses: wanted.addresses.clone().filter(|_| !live.addresses.is_empty()),
            ..wanted.clone()
        };
        let case = Case { wanted, ..Case::new([live.clone()], [held]) };
        assert_eq!(case.decide(Goal::Converge).notes, cannot_tell(why));
    }
}

#[test]
fn what_was_added_by_hand_is_kept_and_named() {
    let rule = addresses(&["192.0.2.0/24"], &[]);
    let start = now() + days(1);
    let denied = policy(PolicyEffect::Deny, &[ZONE_READ, DNS_WRITE], &[zone(OTHER_ZONE)]);
    let mut current = current();
    current.addresses = rule.clone();
    current.not_before = Some(start);
    current.policies.push(denied);
    let kept = [Kept::Addresses(rule), Kept::Denied(2), Kept::Start(start)].map(Note::Kept);
    assert_eq!(notes(&[current], held("current")), kept);
}

#[test]
fn the_last_tenth_of_a_life_is_soon() {
    let ends_in = |left: TimeDelta| {
        let expires_on = Some(now() + left);
        let issued_on = expires_on.map(|end| end - days(90));
        notes(&[Live { expires_on, issued_on, ..current() }], held("current"))
    };
    assert_eq!(ends_in(days(9)), []);
    let left = days(9) - TimeDelta::seconds(1);
    assert_eq!(ends_in(left), [Note::EndsSoon { expires_on: now() + left }]);
    for (issued_on, expires_on) in [(None, Some(now() + days(1))), (Some(now()), None)] {
        let live = Live { expires_on, issued_on, ..current() };
        let soon = notes(&[live], held("current"));
        assert!(!soon.iter().any(|note| matches!(note, Note::EndsSoon { .. })), "{soon:?}");
    }
}

#[test]
fn a_pending_token_is_named_with_its_beginning_and_its_end_whatever_is_done() {
    let pending = made("left", "shop+new@b0000001", minutes(20), days(1));
    let note = Note::Pending {
        name: pending.name.clone(),
        since: Some(now() - minutes(20)),
        ends: Some(now() - minutes(20) + days(1)),
    };
    for goal in [Goal::Converge, Goal::Successor, Goal::NewSecret, Goal::Finish] {
        for whose in [held("current"), Whose::Nobody, Whose::Opaque, held("foreign")] {
            let plan = Case::new([current(), pending.clone()], [whose]).decide(goal);
            assert_eq!(plan.notes.iter().filter(|one| **one == note).count(), 1, "{goal:?}");
        }
    }
}

#[test]
fn a_roll_that_becomes_a_rotation_says_so_and_one_that_is_refused_does_not() {
    let left = made("left", "shop+roll@b0000001", minutes(20), days(1));
    let of = |whose| {
        let notes = Case::new([current(), left.clone()], [whose]).decide(Goal::NewSecret).notes;
        notes.contains(&Note::RollBecomesRotation)
    };
    assert!(of(held("current")));
    assert!(!of(Whose::Protected(Protected::OtherService)));
}

#[test]
fn a_live_token_that_loses_its_place_is_named_only_where_it_does() {
    let foreign = token("foreign", "shop-dns@a0000003");
    let young = made("young", "shop+new@b0000001", minutes(5), days(1));
    let replaced = Note::Replaced {
        sink: ".env0".to_owned(),
        id: "foreign".to_owned(),
        name: Some(foreign.name.clone()),
    };
    let of = |others: Vec<Live>| {
        let tokens = [vec![current(), foreign.clone()], others].concat();
        let case = Case::new(tokens, [held("foreign")]).replacing(Replace::Foreign);
        case.decide(Goal::Successor).notes.contains(&replaced)
    };
    assert!(of(vec![]));
    assert!(!of(vec![young]), "another run is under way");
}

#[test]
fn an_older_generation_that_is_still_used_is_named() {
    let older = made("older", "shop+old@a0000001", days(40), days(41));
    for (used, is_named) in [(None, false), (Some(days(11)), false), (Some(days(9)), true)] {
        let last_used_on = used.map(|ago| now() - ago);
        let live = Live { last_used_on, ..older.clone() };
        let note = last_used_on.map(|at| Note::StillUsed { name: older.name.clone(), at });
        let notes = notes(&[live, current()], held("current"));
        assert_eq!(note.is_some_and(|note| notes.contains(&note)), is_named, "{used:?}");
    }
}
