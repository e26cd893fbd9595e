//! Whatever the tokens and the rules: what goes meets every rule, what meets them goes, and the bootstrap stays.

use cfmint::lifecycle::{Among, PruneRule, pick};
use cfmint::plan::{Addresses, Live, MarkedName, Status};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Hours between events, so that limits are often met exactly.
fn hour(hour: i64) -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hour)
}

fn moment() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    option::of((0..40i64).prop_map(hour))
}

prop_compose! {
    fn token()(
        name in prop_oneof![Just("shop@a0000000"), Just("shop"), Just("legacy-dns"), Just("legacy-dns@b0000000")],
        status in prop_oneof![Just(Status::Active), Just(Status::Disabled), Just(Status::Expired)],
        [issued_on, modified_on, last_used_on, expires_on] in [moment(), moment(), moment(), moment()],
    ) -> Live {
        Live {
            id: String::new(),
            name: name.to_owned(),
            marked: MarkedName::parse(name),
            status,
            policies: Vec::new(),
            addresses: Addresses::default(),
            not_before: None,
            expires_on,
            issued_on,
            modified_on,
            last_used_on,
        }
    }
}

fn rule() -> impl Strategy<Value = PruneRule> {
    prop_oneof![
        (0..30i64).prop_map(|hours| PruneRule::UnusedFor(TimeDelta::hours(hours))),
        (0..30i64).prop_map(|hours| PruneRule::OlderThan(TimeDelta::hours(hours))),
        Just(PruneRule::Expired),
        Just(PruneRule::Environments("*".to_owned())),
    ]
}

/// Whether a token meets a rule, said another way: what must have happened before.
fn meets(rule: &PruneRule, live: &Live, now: DateTime<Utc>) -> bool {
    let before = |limit: TimeDelta| move |at: &DateTime<Utc>| *at + limit <= now;
    match rule {
        PruneRule::OlderThan(limit) => live.issued_on.iter().any(before(*limit)),
        PruneRule::UnusedFor(limit) => {
            let signs: Vec<_> =
                [live.issued_on, live.modified_on, live.last_used_on].into_iter().flatten().collect();
            !signs.is_empty() && signs.iter().all(before(*limit))
        }
        PruneRule::Expired => {
            live.status == Status::Expired || live.expires_on.iter().any(before(TimeDelta::zero()))
        }
        // No profile is at hand.
        PruneRule::Environments(_) => false,
    }
}

proptest! {
    #[test]
    fn what_goes_is_what_meets_every_rule_but_the_bootstrap(
        tokens in vec(token(), 0..12),
        rules in vec(rule(), 0..4),
        own in option::of(0..12usize),
        unmarked in any::<bool>(),
        now in 20..60i64,
    ) {
        let now = hour(now);
        let tokens: Vec<Live> = tokens
            .into_iter()
            .enumerate()
            .map(|(number, token)| Live { id: number.to_string(), ..token })
            .collect();
        let own = own.map(|number| number.to_string());
        let among = if unmarked { Among::Unmarked("legacy-*") } else { Among::Marked };
        let pick = pick(&tokens, &among, &rules, own.as_deref(), now);

        let is_eligible =
            |live: &Live| if unmarked { live.name == "legacy-dns" } else { live.name.contains('@') };
        for live in &tokens {
            let goes = pick.candidates.iter().any(|doomed| doomed.live.id == live.id);
            let should = !rules.is_empty()
                && is_eligible(live)
                && rules.iter().all(|rule| meets(rule, live, now))
                && own.as_ref() != Some(&live.id);
            prop_assert_eq!(goes, should, "{:?}", live);
        }
        let reasons = rules.len() + usize::from(unmarked);
        prop_assert!(pick.candidates.iter().all(|doomed| doomed.why.len() == reasons));
    }
}
