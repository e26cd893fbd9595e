//! What counts as a difference, and what is kept.

use super::*;

fn live() -> Live {
    token("current", "shop@a0000002")
}

fn grant(group: &str, resource: Resource) -> Grant {
    Grant { effect: PolicyEffect::Allow, group: group.to_owned(), resource }
}

#[test]
fn a_token_as_asked_for_differs_in_nothing() {
    assert_eq!(changes(&wanted(), &live(), now()), []);
    assert_eq!(kept(&wanted(), &live(), now()), []);
}

#[test]
fn permissions_are_compared_one_by_one() {
    let mut wanted = wanted();
    wanted.policies = vec![policy(PolicyEffect::Allow, &[ZONE_READ, DNS_WRITE], &[zone(ZONE)])];
    let mut live = live();
    live.policies = vec![
        policy(PolicyEffect::Allow, &[DNS_WRITE], &[zone(OTHER_ZONE)]),
        policy(PolicyEffect::Allow, &[DNS_WRITE], &[zone(ZONE)]),
        policy(PolicyEffect::Deny, &[ZONE_READ], &[zone(ZONE)]),
    ];
    let expected =
        [Change::Allow(grant(ZONE_READ, zone(ZONE))), Change::Withdraw(grant(DNS_WRITE, zone(OTHER_ZONE)))];
    assert_eq!(changes(&wanted, &live, now()), expected);
    assert_eq!(kept(&wanted, &live, now()), [Kept::Denied(1)]);
}

#[test]
fn one_policy_or_many_mean_the_same() {
    let zones = [zone(ZONE), zone(OTHER_ZONE)];
    let one = [policy(PolicyEffect::Allow, &[ZONE_READ, DNS_WRITE], &zones)];
    let many = [
        policy(PolicyEffect::Allow, &[ZONE_READ], &zones[1..]),
        policy(PolicyEffect::Allow, &[DNS_WRITE], &zones),
        policy(PolicyEffect::Allow, &[ZONE_READ, DNS_WRITE], &zones[..1]),
        policy(PolicyEffect::Allow, &[], &zones),
    ];
    assert_eq!(grants(&many).len(), 4, "two groups on two zones");
    assert_eq!(grants(&one), grants(&many));
    let denied = policy(PolicyEffect::Deny, &[DNS_WRITE], &zones);
    assert_eq!(allowed(&[denied]).len(), 0);
}

#[test]
fn an_address_rule_counts_where_the_profile_has_one() {
    let (inside, outside) = (addresses(&["192.0.2.0/24"], &[]), addresses(&["198.51.100.7"], &[]));
    let none = Addresses::default();
    for (asked, is, change, keep) in [
        (None, &none, false, false),
        (None, &inside, false, true),
        (Some(&inside), &inside, false, false),
        (Some(&inside), &none, true, false),
        (Some(&inside), &outside, true, false),
        (Some(&none), &inside, true, false),
    ] {
        let wanted = Wanted { addresses: asked.cloned(), ..wanted() };
        let live = Live { addresses: is.clone(), ..live() };
        let expected: Vec<_> = asked
            .filter(|_| change)
            .map(|to| Change::Addresses { from: is.clone(), to: to.clone() })
            .into_iter()
            .collect();
        assert_eq!(changes(&wanted, &live, now()), expected, "{asked:?} {is:?}");
        let expected: Vec<_> = keep.then(|| Kept::Addresses(is.clone())).into_iter().collect();
        assert_eq!(kept(&wanted, &live, now()), expected, "{asked:?} {is:?}");
    }
}

#[test]
fn the_spelling_of_an_address_is_no_difference() {
    let written = addresses(&["192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32"], &["192.0.2.9"]);
    let stored = addresses(&["2001:0DB8:0:0::1/32", "198.51.100.7", "192.0.2.77/24"], &["192.0.2.9/32"]);
    assert_eq!(written, stored);
    assert_ne!(addresses(&["anywhere"], &[]), addresses(&["elsewhere"], &[]), "what is odd is kept apart");
    for (rule, words) in [
        (addresses(&[], &[]), "any address"),
        (addresses(&["192.0.2.77/24"], &[]), "192.0.2.0/24"),
        (addresses(&[], &["odd"]), "any address but odd"),
        (addresses(&["192.0.2.1", "192.0.2.0"], &["::1"]), "192.0.2.0/32, 192.0.2.1/32 but not ::1/128"),
    ] {
        assert_eq!(rule.to_string(), words);
    }
}

#[test]
fn an_end_is_a_difference_only_if_it_is_later_than_asked() {
    let ttl = |end: Option<DateTime<Utc>>, lifetime| {
        let wanted = Wanted { lifetime, ..wanted() };
        changes(&wanted, &Live { expires_on: end, ..live() }, now())
    };
    let to = |to| move |from| vec![Change::Expiry { from, to: Some(to) }];
    let (ninety, skew) = (Lifetime::For(days(90)), TimeDelta::minutes(5));
    let latest = now() + days(90);
    let earlier = to(latest);
    for (end, expected) in [
        (Some(now() + days(1)), vec![]),
        (Some(latest), vec![]),
        (Some(latest + skew), vec![]),
        (Some(latest + skew + TimeDelta::seconds(1)), earlier(Some(latest + skew + TimeDelta::seconds(1)))),
        (None, earlier(None)),
    ] {
        assert_eq!(ttl(end, ninety), expected, "{end:?}");
    }
    let fixed = at("2026-02-01T00:00:00Z");
    assert_eq!(ttl(Some(fixed), Lifetime::Until(fixed)), []);
    assert_eq!(ttl(None, Lifetime::Until(fixed)), to(fixed)(None));
    assert_eq!(ttl(None, Lifetime::Never), []);
    assert_eq!(ttl(Some(fixed), Lifetime::Never), [], "an end that hands set stays");
    assert_eq!(ttl(None, Lifetime::For(TimeDelta::MAX)), to(DateTime::<Utc>::MAX_UTC)(None));
}

#[test]
fn a_beginning_is_a_difference_while_it_lies_ahead() {
    let (soon, later) = (now() + days(1), now() + days(2));
    for (asked, is, changed, keep) in [
        (None, None, false, false),
        (None, Some(soon), false, true),
        (None, Some(now()), false, false),
        (Some(soon), Some(soon), false, false),
        (Some(soon), None, true, false),
        (Some(soon), Some(later), true, false),
        (Some(now()), None, false, false),
        (Some(now()), Some(now() - days(3)), false, false),
    ] {
        let wanted = Wanted { not_before: asked.map(Start::At), ..wanted() };
        let live = Live { not_before: is, ..live() };
        let change = |to| Change::Start { from: is, to: Some(to) };
        let expected: Vec<_> = asked.filter(|_| changed).map(change).into_iter().collect();
        assert_eq!(changes(&wanted, &live, now()), expected, "{asked:?} {is:?}");
        let expected: Vec<_> = is.filter(|_| keep).map(Kept::Start).into_iter().collect();
        assert_eq!(kept(&wanted, &live, now()), expected, "{asked:?} {is:?}");
    }
}

#[test]
fn a_beginning_is_taken_away_in_so_many_words() {
    let soon = now() + days(1);
    let wanted = Wanted { not_before: Some(Start::Now), ..wanted() };
    for (is, expected) in [
        (Some(soon), vec![Change::Start { from: Some(soon), to: None }]),
        (Some(now() - days(1)), vec![]),
        (None, vec![]),
    ] {
        let live = Live { not_before: is, ..live() };
        assert_eq!(changes(&wanted, &live, now()), expected);
        assert_eq!(kept(&wanted, &live, now()), []);
    }
    assert_eq!(wanted.start(now()), None);
}

#[test]
fn an_end_that_is_named_as_a_time_is_compared_as_a_time() {
    let (june, january) = (at("2026-06-01T00:00:00Z"), at("2026-01-31T00:00:00Z"));
    let wanted = Wanted { lifetime: Lifetime::Until(june), ..wanted() };
    for end in [None, Some(january), Some(june + days(1)), Some(june - TimeDelta::seconds(1))] {
        let live = Live { expires_on: end, ..live() };
        assert_eq!(changes(&wanted, &live, now()), [Change::Expiry { from: end, to: Some(june) }]);
    }
    let live = Live { expires_on: Some(june + TimeDelta::milliseconds(400)), ..live() };
    assert_eq!(changes(&wanted, &live, now()), []);
}

#[test]
fn a_disabled_token_is_switched_on() {
    let live = Live { status: Status::Disabled, ..live() };
    assert_eq!(changes(&wanted(), &live, now()), [Change::Enable]);
}
