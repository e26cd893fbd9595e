//! How often a schedule runs: so often that no token misses the time in which it is due.

use chrono::TimeDelta;
use ring::digest::{SHA256, digest};

use crate::lifecycle::due::RENEW_SHARE;
use crate::profile::{Lifetime, Profile};

/// How often a schedule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// Every ten minutes.
    TenMinutes,
    /// Every half an hour.
    HalfHour,
    /// Every hour.
    Hour,
    /// Every six hours.
    SixHours,
    /// Every day.
    Day,
}

/// How many runs fall into the time in which a token should be renewed, at least: some may fail or be missed.
const RUNS: i32 = 4;

impl Pace {
    const ALL: [Self; 5] = [Self::Day, Self::SixHours, Self::Hour, Self::HalfHour, Self::TenMinutes];

    /// The slowest pace that leaves enough runs within this time; `None` where the fastest is too slow.
    #[must_use]
    pub fn within(span: TimeDelta) -> Option<Self> {
        Self::ALL.into_iter().find(|pace| pace.length() <= span / RUNS)
    }

    /// From one run to the next.
    #[must_use]
    pub fn length(self) -> TimeDelta {
        match self {
            Self::TenMinutes => TimeDelta::minutes(10),
            Self::HalfHour => TimeDelta::minutes(30),
            Self::Hour => TimeDelta::hours(1),
            Self::SixHours => TimeDelta::hours(6),
            Self::Day => TimeDelta::days(1),
        }
    }

    /// The shortest time in which this pace leaves enough runs.
    #[must_use]
    pub fn least(self) -> TimeDelta {
        self.length() * RUNS
    }

    /// In a word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::TenMinutes => "every ten minutes",
            Self::HalfHour => "every half an hour",
            Self::Hour => "every hour",
            Self::SixHours => "every six hours",
            Self::Day => "every day",
        }
    }
}

/// The shortest time that `rotate --due` has for a token of this profile: its interval, or what is left of its life
/// when it is to be renewed. `None` where it is never due once it is made.
#[must_use]
pub fn renewal(profile: &Profile) -> Option<TimeDelta> {
    let rotation = profile.rotation.as_ref();
    let every = rotation.and_then(|rotation| rotation.every);
    let life = match profile.ttl.value {
        Lifetime::For(ttl) => Some(ttl),
        // A token that ends as the profile says is not renewed for its end.
        Lifetime::Until(_) | Lifetime::Never => None,
    };
    let before =
        life.map(|ttl| rotation.and_then(|rotation| rotation.renew_before).unwrap_or(ttl / RENEW_SHARE));
    every.into_iter().chain(before).min()
}

/// When a schedule of some pace runs: at night, and at a minute of its own, which its name tells.
pub(super) struct Times {
    hours: Option<Vec<u32>>,
    minutes: Vec<u32>,
}

impl Times {
    pub(super) fn new(pace: Pace, name: &str) -> Self {
        let hash = digest(&SHA256, name.as_bytes());
        let share = |position: usize| u32::from(hash.as_ref().get(position).copied().unwrap_or_default());
        let (hour, minute) = (1 + share(0) % 4, 1 + share(1) % 58);
        let each =
            |first: u32, step: usize, end: u32| (first % u32::try_from(step).unwrap_or(1)..end).step_by(step);
        let hours = match pace {
            Pace::Day => Some(vec![hour]),
            Pace::SixHours => Some(each(hour, 6, 24).collect()),
            _ => None,
        };
        let minutes = match pace {
            Pace::TenMinutes => each(minute, 10, 60).collect(),
            Pace::HalfHour => each(minute, 30, 60).collect(),
            _ => vec![minute],
        };
        Self { hours, minutes }
    }

    /// The five fields of a crontab.
    pub(super) fn cron(&self) -> String {
        let list = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let hours = self.hours.as_deref().map_or_else(|| "*".to_owned(), list);
        format!("{} {hours} * * *", list(&self.minutes))
    }

    /// An `OnCalendar=`.
    pub(super) fn calendar(&self) -> String {
        let list = |numbers: &[u32]| {
            numbers.iter().map(|number| format!("{number:02}")).collect::<Vec<_>>().join(",")
        };
        let hours = self.hours.as_deref().map_or_else(|| "*".to_owned(), list);
        format!("*-*-* {hours}:{}:00", list(&self.minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::tests::profile;

    #[test]
    fn a_schedule_runs_at_least_four_times_while_a_token_is_to_be_renewed() {
        for (ttl, rotation, pace) in [
            ("90d", "{}", Some(Pace::Day)),
            ("7d", "{}", Some(Pace::SixHours)),
            ("90d", "{ every: 4d }", Some(Pace::Day)),
            ("90d", "{ every: 1d }", Some(Pace::SixHours)),
            ("90d", "{ every: 5h }", Some(Pace::Hour)),
            ("90d", "{ renew_before: 2h }", Some(Pace::HalfHour)),
            ("2h", "{}", Some(Pace::TenMinutes)),
            ("1h", "{}", None),
        ] {
            let span = renewal(&profile(ttl, rotation)).map(Pace::within);
            assert_eq!(span, Some(pace), "{ttl} {rotation}");
        }
        assert_eq!(renewal(&profile("never", "{}")), None);
        assert_eq!(renewal(&profile("2030-01-31T00:00:00Z", "{ renew_before: 9d }")), None);
    }

    #[test]
    fn the_times_of_each_pace_are_as_far_apart_as_it_says() {
        for pace in Pace::ALL {
            let times = Times::new(pace, "cfmint-rotate-shop");
            let hours = times.hours.clone().unwrap_or_else(|| (0..24).collect());
            let minutes: Vec<u32> = hours
                .iter()
                .flat_map(|hour| times.minutes.iter().map(move |minute| hour * 60 + minute))
                .collect();
            let first = minutes.first().copied().unwrap_or_default();
            let next = minutes.iter().skip(1).copied().chain([first + 24 * 60]);
            let apart: Vec<i64> = minutes.iter().zip(next).map(|(one, next)| i64::from(next - one)).collect();
            assert!(
                apart.iter().all(|apart| TimeDelta::minutes(*apart) == pace.length()),
                "{pace:?}: {apart:?}"
            );
        }
    }
}
