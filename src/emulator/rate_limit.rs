//! Requests and bad credentials, counted: who goes over a limit waits.
//!
//! Source: <https://developers.cloudflare.com/fundamentals/api/reference/limits/>.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::settings::RateLimit;

/// How long an address stays shut out after too many bad credentials, in seconds.
const SHUT_OUT: i64 = 300;

/// The counts of everyone.
#[derive(Default)]
pub(super) struct RateLimiter {
    windows: BTreeMap<String, Window>,
    failures: BTreeMap<IpAddr, (u32, i64)>,
}

struct Window {
    /// When it began; in seconds, like every time here.
    start: i64,
    used: u32,
    blocked_until: Option<i64>,
}

/// What is left of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    /// Requests.
    pub(super) left: u32,
    /// Seconds until it begins again.
    pub(super) reset: u64,
}

impl RateLimiter {
    /// Counts a request; over the limit, says how many seconds to wait.
    pub(super) fn count(
        &mut self,
        subject: &str,
        limit: RateLimit,
        now: DateTime<Utc>,
    ) -> Result<Allowance, u64> {
        let now = now.timestamp();
        let fresh = || Window { start: now, used: 0, blocked_until: None };
        let window = self.windows.entry(subject.to_owned()).or_insert_with(fresh);
        let length = i64::from(limit.seconds);
        if let Some(until) = window.blocked_until {
            if now < until {
                return Err(seconds(until, now));
            }
            *window = fresh();
        }
        if now < window.start || now >= window.start.saturating_add(length) {
            *window = fresh();
        }
        if window.used >= limit.requests {
            window.blocked_until = Some(now.saturating_add(length));
            return Err(u64::from(limit.seconds));
        }
        window.used += 1;
        let reset = seconds(window.start.saturating_add(length), now);
        Ok(Allowance { left: limit.requests - window.used, reset })
    }

    /// Notes a bad credential.
    pub(super) fn failed(&mut self, address: IpAddr, now: DateTime<Utc>) {
        let (count, last) = self.failures.entry(address).or_insert((0, 0));
        *count = count.saturating_add(1);
        *last = now.timestamp();
    }

    /// Whether an address showed this many bad credentials and the last one is not long ago.
    pub(super) fn is_shut_out(&mut self, address: IpAddr, most: u32, now: DateTime<Utc>) -> bool {
        match self.failures.get(&address) {
            Some((_, last)) if now.timestamp() >= last.saturating_add(SHUT_OUT) => {
                self.failures.remove(&address);
                false
            }
            Some((count, _)) => *count >= most,
            None => false,
        }
    }
}

fn seconds(later: i64, earlier: i64) -> u64 {
    u64::try_from(later.saturating_sub(earlier)).unwrap_or(0)
}
