//! When a schedule of some pace runs.

use ring::digest::{SHA256, digest};

pub use crate::profile::Pace;

/// When a schedule of some pace runs: at night, and at its own minute, which its name tells.
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
    use chrono::TimeDelta;

    use super::*;

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
