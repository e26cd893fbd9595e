//! A token's status and times, now -> whether they let it work.

use chrono::{DateTime, TimeDelta, Utc};

use crate::plan::Status;

/// Whether a token's status and times let it work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LifeVerdict {
    /// It works, and has no end.
    Endless,
    /// It works until then.
    EndsAt(DateTime<Utc>),
    /// It works, and ends within a week.
    EndsSoon(DateTime<Utc>),
    /// It is over.
    Over(Option<DateTime<Utc>>),
    /// It is switched off.
    Disabled,
    /// Cloudflare has another word for what it is.
    Dead(String),
    /// It does not work yet.
    Early(DateTime<Utc>),
}

/// How near an end is worth a word.
const SOON: TimeDelta = TimeDelta::days(7);

/// Judges; a status lags behind the clock, so the times count for themselves.
#[must_use]
pub fn judge_life(
    status: &Status,
    not_before: Option<DateTime<Utc>>,
    expires_on: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> LifeVerdict {
    match (status, expires_on) {
        (Status::Other(word), _) => LifeVerdict::Dead(word.clone()),
        (Status::Expired, end) => LifeVerdict::Over(end),
        (_, Some(end)) if end <= now => LifeVerdict::Over(Some(end)),
        (Status::Disabled, _) => LifeVerdict::Disabled,
        (Status::Active, end) => match (not_before.filter(|start| *start > now), end) {
            (Some(start), _) => LifeVerdict::Early(start),
            (None, None) => LifeVerdict::Endless,
            (None, Some(end)) if end - now < SOON => LifeVerdict::EndsSoon(end),
            (None, Some(end)) => LifeVerdict::EndsAt(end),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_times_are_judged_together() {
        let now = DateTime::from_timestamp(1_800_014_400, 0).unwrap_or_default();
        let after = |days: i64| now + TimeDelta::days(days);
        for (status, start, end, verdict) in [
            (Status::Active, None, None, LifeVerdict::Endless),
            (Status::Active, Some(-1), Some(30), LifeVerdict::EndsAt(after(30))),
            (Status::Active, None, Some(3), LifeVerdict::EndsSoon(after(3))),
            (Status::Active, None, Some(-1), LifeVerdict::Over(Some(after(-1)))),
            (Status::Active, Some(1), Some(30), LifeVerdict::Early(after(1))),
            (Status::Expired, None, None, LifeVerdict::Over(None)),
            (Status::Disabled, None, Some(30), LifeVerdict::Disabled),
            (Status::Disabled, None, Some(-1), LifeVerdict::Over(Some(after(-1)))),
            (
                Status::Other("revoked (exposed)".to_owned()),
                None,
                Some(30),
                LifeVerdict::Dead("revoked (exposed)".to_owned()),
            ),
        ] {
            assert_eq!(judge_life(&status, start.map(after), end.map(after), now), verdict);
        }
    }
}
