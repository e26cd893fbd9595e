//! When a token must be rotated: by its age, or because its end is near.

use chrono::{DateTime, TimeDelta, Utc};
use ring::digest::{SHA256, digest};

use crate::plan::Live;
use crate::profile::{Lifetime, Profile, Strategy};

/// Whether a token is due, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Its secret is older than `rotation.every`.
    Aged {
        /// How old it is.
        age: TimeDelta,
        /// How old it may grow.
        every: TimeDelta,
    },
    /// Less than `renew_before` of its life is left.
    EndsSoon {
        /// How much is left.
        left: TimeDelta,
        /// How much must be left.
        before: TimeDelta,
    },
    /// Not before this time.
    NotBefore(DateTime<Utc>),
    /// Not by its end: the profile names that time itself, and a successor would end no later.
    EndsAsWritten(DateTime<Utc>),
    /// Never: it has no end, and the profile has no interval.
    Never,
}

/// The share of its own life that is left when a token is renewed whose profile knows no length of life.
const RENEW_SHARE: i32 = 3;

/// The share of an interval, or of the rest of a life, that a splay may use up.
const SPLAY_SHARE: i32 = 2;

/// Tells whether the current generation is due now. Where the id stays, the age of the secret counts from the
/// last change of the token.
///
/// A splay lets each generation become due some time later, up to this long, so that tokens made together are not
/// rotated together. How much later is told by its whole name: the same on every machine and in every run, without
/// a process that waits or a file that remembers. It uses up at most half of `rotation.every`, or of the life that
/// `renew_before` wants left.
#[must_use]
pub fn due(profile: &Profile, live: &Live, splay: TimeDelta, now: DateTime<Utc>) -> Due {
    let rotation = profile.rotation.as_ref();
    let rolls = rotation.is_some_and(|rotation| rotation.strategy == Strategy::Roll);
    let born = if rolls { live.modified_on.or(live.issued_on) } else { live.issued_on };
    let shift = |span: TimeDelta| shift(&live.name, splay.min(span / SPLAY_SHARE));

    let every = rotation.and_then(|rotation| rotation.every);
    let by_age = born.zip(every).and_then(|(born, every)| {
        let at = born.checked_add_signed(every)?.checked_add_signed(shift(every))?;
        Some((at, Due::Aged { age: now.signed_duration_since(born), every }))
    });
    let as_written = |end: &DateTime<Utc>| matches!(profile.ttl.value, Lifetime::Until(last) if last <= *end);
    let by_end = live.expires_on.filter(|end| !as_written(end)).and_then(|end| {
        let third = || born.map(|born| end.signed_duration_since(born) / RENEW_SHARE);
        let before = profile.renew_before().or_else(third)?;
        let at = end.checked_sub_signed(before)?.checked_add_signed(shift(before))?;
        Some((at, Due::EndsSoon { left: end.signed_duration_since(now), before }))
    });

    match by_age.into_iter().chain(by_end).min_by_key(|(at, _)| *at) {
        Some((at, why)) if at <= now => why,
        Some((at, _)) => Due::NotBefore(at),
        None => live.expires_on.filter(as_written).map_or(Due::Never, Due::EndsAsWritten),
    }
}

/// The share of a window that a name falls on, in whole seconds: always the same for one name.
fn shift(name: &str, window: TimeDelta) -> TimeDelta {
    let hash = digest(&SHA256, name.as_bytes());
    let share = hash.as_ref().iter().take(8).fold(0, |share: u128, byte| (share << 8) | u128::from(*byte));
    let seconds = u128::try_from(window.num_seconds()).unwrap_or_default();
    i64::try_from((share * seconds) >> 64).ok().and_then(TimeDelta::try_seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test stops where it fails")]
    use proptest::prelude::*;

    use super::*;
    use crate::lifecycle::tests::{at, profile};

    /// A token made on day 0 that ends after so many days.
    fn live(ends: Option<i64>, modified: i64) -> Live {
        Live {
            expires_on: ends.map(at),
            issued_on: Some(at(0)),
            modified_on: Some(at(modified)),
            ..crate::lifecycle::tests::live("shop@a0000000")
        }
    }

    fn at_once(profile: &Profile, live: &Live, now: DateTime<Utc>) -> Due {
        due(profile, live, TimeDelta::zero(), now)
    }

    #[test]
    fn a_token_is_due_at_its_interval_and_not_before() {
        let monthly = profile("90d", "{ every: 30d }");
        let (age, every) = (TimeDelta::days(30), TimeDelta::days(30));
        assert_eq!(at_once(&monthly, &live(Some(90), 0), at(29)), Due::NotBefore(at(30)));
        assert_eq!(at_once(&monthly, &live(Some(90), 0), at(30)), Due::Aged { age, every });
    }

    #[test]
    fn a_token_is_due_when_a_third_of_its_life_is_left_or_what_the_profile_says() {
        let silent = profile("90d", "{}");
        let (left, before) = (TimeDelta::days(30), TimeDelta::days(30));
        assert_eq!(at_once(&silent, &live(Some(90), 0), at(59)), Due::NotBefore(at(60)));
        assert_eq!(at_once(&silent, &live(Some(90), 0), at(60)), Due::EndsSoon { left, before });
        let own = profile("90d", "{ renew_before: 10d }");
        let (left, before) = (TimeDelta::days(5), TimeDelta::days(10));
        assert_eq!(at_once(&own, &live(Some(90), 0), at(79)), Due::NotBefore(at(80)));
        assert_eq!(at_once(&own, &live(Some(90), 0), at(85)), Due::EndsSoon { left, before });
    }

    #[test]
    fn where_the_id_stays_the_last_change_counts() {
        let rolls = profile("never", "{ every: 30d, strategy: roll }");
        let (age, every) = (TimeDelta::days(31), TimeDelta::days(30));
        assert_eq!(at_once(&rolls, &live(None, 20), at(40)), Due::NotBefore(at(50)));
        assert_eq!(at_once(&rolls, &live(None, 20), at(51)), Due::Aged { age, every });
    }

    #[test]
    fn a_token_without_end_and_interval_is_never_due() {
        assert_eq!(at_once(&profile("never", "{}"), &live(None, 0), at(9_999)), Due::Never);
    }

    #[test]
    fn an_end_that_the_profile_names_is_no_reason_for_a_successor_that_ends_with_it() {
        let written = at(90).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let renewed = profile(&written, "{ renew_before: 30d }");
        assert_eq!(at_once(&renewed, &live(Some(90), 0), at(85)), Due::EndsAsWritten(at(90)));
        let (left, before) = (TimeDelta::days(5), TimeDelta::days(30));
        assert_eq!(at_once(&renewed, &live(Some(80), 0), at(75)), Due::EndsSoon { left, before });
        let aged = profile(&written, "{ every: 20d }");
        let (age, every) = (TimeDelta::days(85), TimeDelta::days(20));
        assert_eq!(at_once(&aged, &live(Some(90), 0), at(85)), Due::Aged { age, every });
    }

    proptest! {
        #[test]
        fn a_splay_delays_each_generation_by_its_own_share_and_leaves_half_of_the_rest(
            marks in proptest::collection::btree_set("[a-z][a-z0-9]{7}", 12),
            splay in 1..400_i64,
            ends in prop::option::of(60..120_i64),
        ) {
            let (splay, end) = (TimeDelta::hours(splay), ends.map(at));
            let profile = profile("90d", "{ every: 50d, renew_before: 20d }");
            let moment = |mark: &str, splay| {
                let named = Live { name: format!("shop@{mark}"), ..live(ends, 0) };
                match due(&profile, &named, splay, at(0)) {
                    Due::NotBefore(at) => at,
                    other => panic!("{other:?}"),
                }
            };
            let plain = moment("a0000000", TimeDelta::zero());
            let shifted: std::collections::BTreeSet<DateTime<Utc>> =
                marks.iter().map(|mark| moment(mark, splay)).collect();
            prop_assert!(shifted.iter().all(|at| *at >= plain && *at <= plain + splay));
            prop_assert!(shifted.iter().all(|at| end.is_none_or(|end| *at <= end - TimeDelta::days(10))));
            prop_assert!(shifted.len() > 6, "{shifted:?}");
            prop_assert!(marks.iter().all(|mark| moment(mark, splay) == moment(mark, splay)));
        }
    }
}
