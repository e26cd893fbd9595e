//! How often a schedule runs, and how long a token may live whose delivery nobody has confirmed.
//!
//! Both come from the profile alone, so that a run that makes such a token and the schedule that must follow in time
//! agree on the time without asking each other.

use chrono::TimeDelta;

use super::model::Profile;

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
const RENEWAL_RUNS: i32 = 4;

/// How many runs fall into the life of a pending token, at least: one that died, and one that heals it.
const PENDING_RUNS: i32 = 2;

/// The least life of a pending token.
const LEAST_PENDING: TimeDelta = TimeDelta::days(1);

/// The share of `renew_before` that a pending token lives: it ends well before the token that it was to replace.
const PENDING_SHARE: i32 = 2;

/// How long a pending token may belong to a run that is under way elsewhere.
pub const YOUNG: TimeDelta = TimeDelta::minutes(15);

impl Pace {
    /// Every pace, the slowest first.
    pub const ALL: [Self; 5] = [Self::Day, Self::SixHours, Self::Hour, Self::HalfHour, Self::TenMinutes];

    /// The slowest pace whose runs are no farther apart than this; `None` where the fastest is too slow.
    fn of_runs_apart(longest: TimeDelta) -> Option<Self> {
        Self::ALL.into_iter().find(|pace| pace.length() <= longest)
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

    /// The shortest time in which this pace leaves enough runs to renew a token.
    #[must_use]
    pub fn least(self) -> TimeDelta {
        self.length() * RENEWAL_RUNS
    }

    /// In words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::TenMinutes => "every ten minutes",
            Self::HalfHour => "every half an hour",
            Self::Hour => "every hour",
            Self::SixHours => "every six hours",
            Self::Day => "every day",
        }
    }
}

impl Profile {
    /// The slowest pace at which a schedule runs often enough: while a token is to be renewed, and while a pending
    /// one lives. `None` where the fastest is too slow to renew it.
    #[must_use]
    pub fn pace(&self) -> Option<Pace> {
        let heals = self.least_pending_life() / PENDING_RUNS;
        let renews = self.renewal().map(|renewal| renewal / RENEWAL_RUNS);
        Pace::of_runs_apart(renews.map_or(heals, |renews| renews.min(heals)))
    }

    /// From one run of a schedule for this profile to the next; where no pace is fast enough, that of the fastest.
    #[must_use]
    pub fn schedule_interval(&self) -> TimeDelta {
        self.pace().unwrap_or(Pace::TenMinutes).length()
    }

    /// How long a pending token lives, unless its asked end comes first. By then a run that died is followed by one
    /// that heals it, at least where a schedule runs; and whatever happens, a stray has ended.
    #[must_use]
    pub fn pending_life(&self) -> TimeDelta {
        self.least_pending_life().max(self.overlap() + self.schedule_interval() + YOUNG)
    }

    /// The part of it that the pace follows from.
    fn least_pending_life(&self) -> TimeDelta {
        self.renew_before().map_or(LEAST_PENDING, |before| LEAST_PENDING.max(before / PENDING_SHARE))
    }
}
