//! When a token is to be rotated: by its age, or because its end is near.

use chrono::{DateTime, TimeDelta, Utc};

use crate::plan::Live;
use crate::profile::{Rotation, Strategy};

/// Whether a token is due, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Its secret is older than `rotation.every`.
    Aged {
        /// How old it is.
        age: TimeDelta,
    },
    /// Less than `renew_before` of its life is left.
    EndsSoon {
        /// How much is left.
        left: TimeDelta,
    },
    /// Not before this time.
    NotBefore(DateTime<Utc>),
    /// Never: it has no end, and the profile has no interval.
    Never,
}

/// The share of its life that is left when a token is renewed, unless the profile says otherwise.
const RENEW_SHARE: i32 = 3;

/// Tells whether the current generation is due now. Where the id stays, the age of the secret counts from the
/// last change of the token.
#[must_use]
pub fn due(rotation: Option<&Rotation>, live: &Live, now: DateTime<Utc>) -> Due {
    let rolls = rotation.is_some_and(|rotation| rotation.strategy == Strategy::Roll);
    let born = if rolls { live.modified_on.or(live.issued_on) } else { live.issued_on };
    let by_age = rotation.and_then(|rotation| born?.checked_add_signed(rotation.every?));
    let by_end = live.expires_on.and_then(|end| {
        let third = || born.map(|born| end.signed_duration_since(born) / RENEW_SHARE);
        let before = rotation.and_then(|rotation| rotation.renew_before).or_else(third)?;
        end.checked_sub_signed(before)
    });
    if let (Some(at), Some(born)) = (by_age, born)
        && at <= now
    {
        return Due::Aged { age: now.signed_duration_since(born) };
    }
    if let (Some(at), Some(end)) = (by_end, live.expires_on)
        && at <= now
    {
        return Due::EndsSoon { left: end.signed_duration_since(now) };
    }
    by_age.into_iter().chain(by_end).min().map_or(Due::Never, Due::NotBefore)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::days(day)
    }

    /// A token made on day 0 that ends after so many days.
    fn live(ends: Option<i64>, modified: i64) -> Live {
        Live {
            expires_on: ends.map(at),
            issued_on: Some(at(0)),
            modified_on: Some(at(modified)),
            ..crate::lifecycle::tests::live("shop@a0000000")
        }
    }

    fn rotation(every: Option<i64>, renew_before: Option<i64>, strategy: Strategy) -> Rotation {
        Rotation {
            every: every.map(TimeDelta::days),
            overlap: TimeDelta::hours(1),
            renew_before: renew_before.map(TimeDelta::days),
            strategy,
        }
    }

    #[test]
    fn a_token_is_due_at_its_interval_and_not_before() {
        let every = rotation(Some(30), None, Strategy::Generation);
        assert_eq!(due(Some(&every), &live(Some(90), 0), at(29)), Due::NotBefore(at(30)));
        assert_eq!(due(Some(&every), &live(Some(90), 0), at(30)), Due::Aged { age: TimeDelta::days(30) });
    }

    #[test]
    fn a_token_is_due_when_a_third_of_its_life_is_left_or_what_the_profile_says() {
        assert_eq!(due(None, &live(Some(90), 0), at(59)), Due::NotBefore(at(60)));
        assert_eq!(due(None, &live(Some(90), 0), at(60)), Due::EndsSoon { left: TimeDelta::days(30) });
        let own = rotation(None, Some(10), Strategy::Generation);
        assert_eq!(due(Some(&own), &live(Some(90), 0), at(79)), Due::NotBefore(at(80)));
        assert_eq!(due(Some(&own), &live(Some(90), 0), at(85)), Due::EndsSoon { left: TimeDelta::days(5) });
    }

    #[test]
    fn where_the_id_stays_the_last_change_counts() {
        let rolls = rotation(Some(30), None, Strategy::Roll);
        assert_eq!(due(Some(&rolls), &live(None, 20), at(40)), Due::NotBefore(at(50)));
        assert_eq!(due(Some(&rolls), &live(None, 20), at(51)), Due::Aged { age: TimeDelta::days(31) });
    }

    #[test]
    fn a_token_without_end_and_interval_is_never_due() {
        assert_eq!(due(None, &live(None, 0), at(9_999)), Due::Never);
    }
}
