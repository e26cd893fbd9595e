//! The server's clock, by the `Date` of its answers, and this machine's beside it.
//!
//! In: answers, and the machine's time from whoever has a clock. Out: what time it is, and whether the two are so far
//! apart that nothing may be decided by it. It reads no clock but the one that counts what has passed.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use tokio::time::Instant;

/// How far the two clocks may be apart before neither is believed.
const FAR_APART: TimeDelta = TimeDelta::days(1);

/// What the last answer said the time is, and when it said so.
#[derive(Default)]
pub(super) struct ServerClock(Mutex<Option<(DateTime<Utc>, Instant)>>);

/// The server's clock and this machine's, side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clocks {
    /// They are within a day of each other: the server's counts.
    Agree {
        /// The server's time.
        server: DateTime<Utc>,
    },
    /// They are further apart: an age or an end says nothing, and nothing is ended, retired or replaced because of
    /// one.
    Disagree {
        /// The server's time.
        server: DateTime<Utc>,
        /// This machine's time.
        machine: DateTime<Utc>,
    },
    /// No answer carried a `Date` that can be read: this machine's is the only one.
    MachineOnly {
        /// This machine's time.
        machine: DateTime<Utc>,
    },
}

impl Clocks {
    /// The time to show and to write, whether or not it may be trusted: the server's, where it is known.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match *self {
            Self::Agree { server } | Self::Disagree { server, .. } => server,
            Self::MachineOnly { machine } => machine,
        }
    }

    /// Whether something may be decided by an age or an end.
    #[must_use]
    pub fn can_be_trusted(&self) -> bool {
        !matches!(self, Self::Disagree { .. })
    }
}

impl ServerClock {
    /// Notes the `Date` of an answer; one that is absent or cannot be read changes nothing.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let date = headers.get(http::header::DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        if let Some(date) = date {
            let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *noted = Some((date.with_timezone(&Utc), Instant::now()));
        }
    }

    /// The time now: what was said last, and what has passed since.
    pub(super) fn now(&self) -> Option<DateTime<Utc>> {
        let noted = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.and_then(|(date, at)| date.checked_add_signed(TimeDelta::from_std(at.elapsed()).ok()?))
    }

    /// The time now, beside this machine's.
    pub(super) fn beside(&self, machine: DateTime<Utc>) -> Clocks {
        match self.now() {
            None => Clocks::MachineOnly { machine },
            Some(server) if (server - machine).abs() <= FAR_APART => Clocks::Agree { server },
            Some(server) => Clocks::Disagree { server, machine },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]
    use super::*;

    const NOON: &str = "Thu, 01 May 2031 12:00:00 GMT";

    fn clock(dates: &[&str]) -> ServerClock {
        let clock = ServerClock::default();
        for date in dates {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::DATE, date.parse().unwrap());
            clock.note(&headers);
        }
        clock.note(&HeaderMap::new());
        clock
    }

    #[tokio::test(start_paused = true)]
    async fn clocks_agree_within_a_day() {
        let server: DateTime<Utc> = "2031-05-01T12:00:00Z".parse().unwrap();
        for (machine, agree) in [
            ("2031-05-01T12:00:00Z", true),
            ("2031-04-30T12:00:00Z", true),
            ("2031-05-02T12:00:00Z", true),
            ("2031-04-30T11:59:59Z", false),
            ("2031-05-02T12:00:01Z", false),
            ("1970-01-01T00:00:00Z", false),
        ] {
            let machine: DateTime<Utc> = machine.parse().unwrap();
            let clocks = clock(&[NOON]).beside(machine);
            let expected =
                if agree { Clocks::Agree { server } } else { Clocks::Disagree { server, machine } };
            assert_eq!((clocks, clocks.can_be_trusted(), clocks.now()), (expected, agree, server));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_date_that_cannot_be_read_is_absent() {
        let machine: DateTime<Utc> = "2031-05-01T12:00:00Z".parse().unwrap();
        for dates in [&[][..], &["tomorrow"], &["2031-05-01T12:00:00Z"], &["Thu, 99 May 2031 12:00:00 GMT"]] {
            assert_eq!(clock(dates).beside(machine), Clocks::MachineOnly { machine }, "{dates:?}");
        }
        assert!(matches!(clock(&[NOON, "tomorrow"]).beside(machine), Clocks::Agree { .. }));
    }

    #[tokio::test(start_paused = true)]
    async fn the_servers_clock_goes_on_between_answers() {
        let clock = clock(&[NOON]);
        tokio::time::advance(std::time::Duration::from_secs(90)).await;
        assert_eq!(clock.now(), Some("2031-05-01T12:01:30Z".parse().unwrap()));
    }
}
