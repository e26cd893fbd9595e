//! What is said besides the step.

use super::*;

fn notes(tokens: &[Live], held: Held) -> Vec<Note> {
    apply(&wanted(), tokens, &sinks([held]), Replace::Never, now()).notes
}

fn cannot_tell(why: CannotTell) -> Vec<Note> {
    vec![Note::CannotTell { sink: ".env0".to_owned(), why }]
}

#[test]
fn a_token_as_it_should_be_is_not_worth_a_word() {
    assert_eq!(notes(&[token("current", "shop@a0000002")], held("current")), []);
    assert_eq!(notes(&[], Held::Nothing), []);
}

#[test]
fn older_generations_and_namesakes_are_named() {
    let older = Live { issued_on: Some(now() - days(40)), ..token("older", "shop@a0000001") };
    let dead = Live { status: Status::Expired, ..token("dead", "shop@a0000000") };
    let current = token("current", "shop@a0000002");
    assert_eq!(
        notes(&[current.clone(), older.clone(), dead.clone()], held("current")),
        [Note::OlderGeneration { name: "shop@a0000001".to_owned(), expires_on: older.expires_on }]
    );
    let namesake = token("by-hand", "shop");
    assert_eq!(
        notes(std::slice::from_ref(&namesake), Held::Nothing),
        [Note::Namesake { id: "by-hand".to_owned() }]
    );
    assert_eq!(notes(&[namesake, current], held("current")), [], "there is no mistaking them then");
}

#[test]
fn a_value_that_is_replaced_is_named_if_it_may_have_meant_something() {
    let expired = Live { expires_on: Some(now()), ..token("expired", "shop@a0000000") };
    for (held, is_named) in [
        (Held::Nothing, false),
        (Held::NoToken, true),
        (Held::Invalid, true),
        (held("expired"), true),
        (Held::Unreadable, false),
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
        assert_eq!(notes(&[last, first.clone()], Held::Nothing), [ended]);
    }
}

#[test]
fn why_it_cannot_be_told_is_said() {
    let current = token("current", "shop@a0000002");
    let ruled = Live { addresses: addresses(&["192.0.2.0/24"], &[]), ..current.clone() };
    let young = Live { modified_on: Some(now()), ..current.clone() };
    let disabled = Live { status: Status::Disabled, ..ruled.clone() };
    let wanted = Wanted { addresses: Some(ruled.addresses.clone()), ..wanted() };
    let time_out = || "time-out".to_owned();
    for (live, held, why) in [
        (&current, Held::Unreadable, CannotTell::Program),
        (&current, Held::Unanswered(time_out()), CannotTell::Unanswered(time_out())),
        (&young, Held::Invalid, CannotTell::Propagating),
        (&ruled, Held::Invalid, CannotTell::DeadOrShutOut),
        (&ruled, Held::ShutOut, CannotTell::ShutOut),
        (&disabled, Held::Invalid, CannotTell::Disabled),
    ] {
        let wanted = Wanted {
            addresses: wanted.addresses.clone().filter(|_| !live.addresses.is_empty()),
            ..wanted.clone()
        };
        let plan = apply(&wanted, std::slice::from_ref(live), &sinks([held]), Replace::Never, now());
        assert_eq!(plan.notes, cannot_tell(why));
    }
}

#[test]
fn what_hands_added_is_kept_and_named() {
    let rule = addresses(&["192.0.2.0/24"], &[]);
    let start = now() + days(1);
    let denied = policy(Effect::Deny, &[ZONE_READ, DNS_WRITE], &[zone(OTHER_ZONE)]);
    let mut current = token("current", "shop@a0000002");
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
        notes(&[Live { expires_on, issued_on, ..token("current", "shop@a0000002") }], held("current"))
    };
    assert_eq!(ends_in(days(9)), []);
    let left = days(9) - TimeDelta::seconds(1);
    assert_eq!(ends_in(left), [Note::EndsSoon { expires_on: now() + left }]);
    for (issued_on, expires_on) in [(None, Some(now() + days(1))), (Some(now()), None)] {
        let live = Live { expires_on, issued_on, ..token("current", "shop@a0000002") };
        let soon = notes(&[live], held("current"));
        assert!(!soon.iter().any(|note| matches!(note, Note::EndsSoon { .. })), "{soon:?}");
    }
}
