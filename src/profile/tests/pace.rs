//! How often a schedule must run, and how long a pending token lives, for profiles of all kinds.

use chrono::TimeDelta;

use super::*;

/// The sound profile with this lifetime and this rotation.
fn with(ttl: &str, rotation: &str) -> Profile {
    profile(&(edited("90d", ttl) + &format!("rotation: {rotation}\n")), None, &[])
}

const LIVES: [(&str, &str); 16] = [
    ("90d", "{}"),
    ("90d", "{ every: 1d }"),
    ("90d", "{ renew_before: 2h }"),
    ("90d", "{ every: 30d, overlap: 20d }"),
    ("12d", "{}"),
    ("11d", "{}"),
    ("7d", "{}"),
    ("1d", "{}"),
    ("2h", "{}"),
    ("1h", "{}"),
    ("never", "{}"),
    ("never", "{ every: 30d }"),
    ("never", "{ every: 30d, overlap: 9d }"),
    ("never", "{ every: 4h, strategy: roll }"),
    ("2030-01-31T00:00:00Z", "{}"),
    ("2030-01-31T00:00:00Z", "{ renew_before: 9d }"),
];

#[test]
fn a_schedule_runs_often_enough_to_renew_and_to_heal() {
    for (ttl, rotation, pace) in [
        ("90d", "{}", Some(Pace::Day)),
        ("90d", "{ every: 4d }", Some(Pace::Day)),
        ("90d", "{ every: 1d }", Some(Pace::SixHours)),
        ("90d", "{ every: 5h }", Some(Pace::Hour)),
        ("90d", "{ renew_before: 2h }", Some(Pace::HalfHour)),
        ("12d", "{}", Some(Pace::Day)),
        ("11d", "{}", Some(Pace::SixHours)),
        ("7d", "{}", Some(Pace::SixHours)),
        ("2h", "{}", Some(Pace::TenMinutes)),
        ("1h", "{}", None),
        // What is rarely or never due is still to be healed within a day.
        ("never", "{}", Some(Pace::SixHours)),
        ("never", "{ every: 30d }", Some(Pace::SixHours)),
        ("2030-01-31T00:00:00Z", "{}", Some(Pace::SixHours)),
        ("2030-01-31T00:00:00Z", "{ renew_before: 9d }", Some(Pace::Day)),
    ] {
        assert_eq!(with(ttl, rotation).pace(), pace, "{ttl} {rotation}");
    }
}

#[test]
fn a_pending_token_lives_a_day_half_of_what_is_left_or_until_its_predecessor_is_gone() {
    let (minutes, hours) = (TimeDelta::minutes, TimeDelta::hours);
    for (ttl, rotation, life) in [
        ("90d", "{}", hours(15 * 24)),
        ("90d", "{ renew_before: 9d }", hours(9 * 12)),
        ("90d", "{ renew_before: 2h }", hours(24)),
        ("7d", "{}", hours(28)),
        ("1h", "{}", hours(24)),
        ("never", "{ every: 30d }", hours(24)),
        ("never", "{ every: 30d, overlap: 9d }", hours(9 * 24 + 6) + minutes(15)),
        ("90d", "{ every: 30d, overlap: 20d }", hours(21 * 24) + minutes(15)),
        ("90d", "{ every: 30d, overlap: 20d, renew_before: 60d }", hours(30 * 24)),
        ("2030-01-31T00:00:00Z", "{ renew_before: 9d }", hours(9 * 12)),
    ] {
        assert_eq!(with(ttl, rotation).pending_life(), life, "{ttl} {rotation}");
    }
}

#[test]
fn two_runs_fall_into_the_life_of_a_pending_token_and_four_into_the_time_to_renew() {
    for (ttl, rotation) in LIVES {
        let profile = with(ttl, rotation);
        let (life, interval) = (profile.pending_life(), profile.schedule_interval());
        assert!(interval * 2 <= life, "{ttl} {rotation}");
        assert!(life >= TimeDelta::days(1), "{ttl} {rotation}");
        assert!(life >= profile.overlap() + interval + YOUNG, "{ttl} {rotation}");
        if let (Some(renewal), Some(pace)) = (profile.renewal(), profile.pace()) {
            assert!(pace.length() * 4 <= renewal, "{ttl} {rotation}");
        }
    }
}

#[test]
fn a_token_is_renewed_a_third_of_its_life_before_its_end_unless_the_profile_says_otherwise() {
    let days = TimeDelta::days;
    for (ttl, rotation, before, renewal) in [
        ("90d", "{}", Some(days(30)), Some(days(30))),
        ("90d", "{ renew_before: 10d }", Some(days(10)), Some(days(10))),
        ("90d", "{ every: 4d }", Some(days(30)), Some(days(4))),
        ("never", "{}", None, None),
        ("never", "{ every: 4d }", None, Some(days(4))),
        ("2030-01-31T00:00:00Z", "{}", None, None),
        // It ends as the profile says, and a successor would end with it.
        ("2030-01-31T00:00:00Z", "{ renew_before: 9d }", Some(days(9)), None),
    ] {
        let profile = with(ttl, rotation);
        assert_eq!((profile.renew_before(), profile.renewal()), (before, renewal), "{ttl} {rotation}");
    }
    assert_eq!(profile(SOUND, None, &[]).renew_before(), Some(days(30)), "a profile without `rotation`");
}
