//! Which tokens are generations, and which of them is current.

use super::*;
use crate::plan::live;

#[test]
fn a_token_is_alive_while_it_works_or_could_again() {
    let end = |seconds: i64| Some(now() + TimeDelta::seconds(seconds));
    for (status, expires_on, alive) in [
        ("active", None, true),
        ("active", end(1), true),
        ("active", end(0), false),
        ("disabled", end(1), true),
        ("disabled", end(-1), false),
        ("expired", None, false),
        ("revoked (exposed)", None, false),
        ("", None, false),
    ] {
        let status = Status::read(status);
        let live = Live { status: status.clone(), expires_on, ..token("id", "shop@a0000001") };
        assert_eq!(live.is_alive(now()), alive, "{status:?} {expires_on:?}");
    }
}

#[test]
fn a_status_keeps_its_word() {
    for word in ["active", "disabled", "expired", "revoked (exposed)", ""] {
        assert_eq!(Status::read(word).word(), word);
    }
}

#[test]
fn generations_are_the_tokens_of_a_name_with_a_mark_oldest_first() {
    let made = |id: &str, name: &str, age: Option<i64>| Live {
        issued_on: age.map(|age| now() - days(age)),
        ..token(id, name)
    };
    let tokens = [
        made("newest", "shop@a0000003", Some(1)),
        made("dateless", "shop@a0000009", None),
        made("twin-b", "shop@a0000002", Some(2)),
        made("twin-a", "shop@a0000001", Some(2)),
        made("other", "shop-dns@a0000004", Some(0)),
        made("exec", "shop+exec@a0000005", Some(0)),
        made("bare", "shop", Some(0)),
        made("renamed", "shop@old", Some(0)),
    ];
    let ids: Vec<&str> = generations("shop", &tokens).iter().map(|token| token.id.as_str()).collect();
    assert_eq!(ids, ["dateless", "twin-a", "twin-b", "newest"]);
}

#[test]
fn the_current_generation_is_the_newest_that_is_alive() {
    let old = Live { issued_on: Some(now() - days(3)), ..token("old", "shop@a0000001") };
    let new = Live { issued_on: Some(now() - days(1)), ..token("new", "shop@a0000002") };
    let id = |tokens: &[Live]| {
        crate::plan::current(&generations("shop", tokens), now())
            .map(|token| token.id.clone())
            .unwrap_or_default()
    };
    assert_eq!(id(&[new.clone(), old.clone()]), "new");
    let dead = Live { status: Status::Other("revoked (exposed)".to_owned()), ..new.clone() };
    assert_eq!(id(&[dead.clone(), old]), "old");
    assert_eq!(id(&[dead]), "");
    let disabled = Live { status: Status::Disabled, ..new };
    assert_eq!(id(&[disabled]), "new", "it can be switched on again");
}

#[test]
fn of_two_made_in_one_second_the_one_whose_hooks_have_not_run_is_the_later() {
    let made = |id: &str, name: &str| Live { issued_on: Some(now()), ..token(id, name) };
    for (first, second) in [("1", "2"), ("2", "1")] {
        let tokens = [made(first, "shop+hooks@a0000001"), made(second, "shop@b0000001")];
        let newest = live::current(&generations("shop", &tokens), now());
        assert_eq!(newest.map(|live| live.name.as_str()), Some("shop+hooks@a0000001"));
    }
}
