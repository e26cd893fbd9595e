//! How fast requests go out: Cloudflare's limit is used and never crossed, with room left for others.
//!
//! In: what was sent, and what the `Ratelimit` headers of answers say. Out: whether a request may go out now, or how long
//! to wait before asking again. A job that has begun must not wait in its middle, so it takes its requests beforehand, all
//! at once ([`Room`]).
//!
//! The limit is of <https://developers.cloudflare.com/fundamentals/api/reference/limits/>, the headers of
//! <https://developers.cloudflare.com/changelog/2025-09-03-rate-limiting-improvement/>.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderName};
use tokio::time::Instant;

/// The requests that one user, or one account's token, may make in a [`WINDOW`].
const LIMIT: u32 = 1200;

/// The time that the limit is about.
const WINDOW: Duration = Duration::from_secs(300);

/// The requests that may go out in a [`SECOND`]: an address may make 200, and who makes more is shut out for five minutes.
const BURST: usize = 190;

/// A second, and what the network may press out of it.
const SECOND: Duration = Duration::from_millis(1_020);

/// Of so many requests of a limit, one is left for others: the dashboard and other programs count to the same limit.
const LEFT_FOR_OTHERS: u32 = 10;

/// The times of one window's end that two answers tell are no further apart.
const ROUNDING: Duration = Duration::from_secs(2);

/// The requests that may go out in a [`WINDOW`].
const OURS: u32 = LIMIT - LIMIT / LEFT_FOR_OTHERS;

/// What an answer says is left.
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// What an answer says of the limit itself.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How fast the requests of one credential go out.
#[derive(Default)]
pub(super) struct Pace(Mutex<Counts>);

/// What is known of the requests of a credential.
#[derive(Default)]
struct Counts {
    /// When each request of the last [`WINDOW`] went out.
    sent: VecDeque<Instant>,
    /// How many requests are taken by jobs that have begun.
    taken: u32,
    /// What the server said last.
    server: Option<Allowance>,
}

/// What a server allows until a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Allowance {
    /// Requests, less those sent since.
    left: u32,
    /// How many of them are others'.
    others: u32,
    /// When it is refilled.
    until: Instant,
}

/// Requests that a job took; those that it does not need are free again when it is dropped.
pub struct Room {
    pace: Arc<Pace>,
    requests: u32,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.pace.counts().taken -= self.requests;
    }
}

impl Pace {
    /// Counts a request that goes out now, or says how long to wait.
    pub(super) fn admit(&self) -> Result<(), Duration> {
        let (now, mut counts) = (Instant::now(), self.counts());
        counts.wait(now, 1)?;
        counts.wait_for_burst(now)?;
        counts.send(now);
        Ok(())
    }

    /// Counts a request that goes out whatever the limit.
    pub(super) fn count(&self) {
        self.counts().send(Instant::now());
    }

    /// Takes requests for a job, or says how long to wait.
    pub(super) fn take(self: &Arc<Self>, requests: u32) -> Result<Room, Duration> {
        let mut counts = self.counts();
        let all = counts.taken.saturating_add(requests);
        counts.wait(Instant::now(), all)?;
        counts.taken = all;
        drop(counts);
        Ok(Room { pace: Arc::clone(self), requests })
    }

    /// Takes note of what an answer says about the limit.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let Some((left, reset)) = text(&LEFT).and_then(|text| pair(text, "r", "t")) else { return };
        let limit = text(&POLICY).and_then(|text| pair(text, "q", "w")).map_or(LIMIT, |(limit, _)| limit);
        let until = Instant::now() + Duration::from_secs(reset.into()).min(WINDOW);
        let mut counts = self.counts();
        // Answers overtake each other, and what is under way is not counted there yet: of one window, the least is true.
        let is_same = |known: &Allowance| known.until.max(until) - known.until.min(until) < ROUNDING;
        let left = counts.server.filter(is_same).map_or(left, |known| left.min(known.left));
        counts.server = Some(Allowance { left, others: limit / LEFT_FOR_OTHERS, until });
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// How long to wait until so many requests may go out.
    fn wait(&mut self, now: Instant, requests: u32) -> Result<(), Duration> {
        while self.sent.front().is_some_and(|sent| now - *sent >= WINDOW) {
            self.sent.pop_front();
        }
        self.server = self.server.filter(|server| server.until > now);
        let sent = u32::try_from(self.sent.len()).unwrap_or(u32::MAX);
        if let Some(excess) = sent.saturating_add(requests).checked_sub(OURS + 1) {
            // So many of the oldest must be out of the window first.
            let last = self.sent.get(excess as usize).copied().unwrap_or(now);
            return Err(last + WINDOW - now);
        }
        match self.server {
            Some(server) if server.left < server.others.saturating_add(requests) => Err(server.until - now),
            _ => Ok(()),
        }
    }

    /// How long to wait until one more request makes no burst of too many.
    fn wait_for_burst(&self, now: Instant) -> Result<(), Duration> {
        let before = self.sent.len().checked_sub(BURST).and_then(|place| self.sent.get(place));
        match before.map(|sent| (*sent + SECOND).saturating_duration_since(now)) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => Ok(()),
        }
    }

    fn send(&mut self, now: Instant) {
        self.sent.push_back(now);
        if let Some(server) = &mut self.server {
            server.left = server.left.saturating_sub(1);
        }
    }
}

/// Two numbers of the first item of a header such as `"default";r=50;t=30`.
fn pair(text: &str, first: &str, second: &str) -> Option<(u32, u32)> {
    let item = text.split(',').next()?;
    let number = |name: &str| {
        let mut parameters = item.split(';').filter_map(|parameter| parameter.trim().split_once('='));
        parameters.find(|(key, _)| *key == name)?.1.trim().parse().ok()
    };
    Some((number(first)?, number(second)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]
    use super::*;

    fn headers(left: u32, reset: u32, limit: u32) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(LEFT, format!("\"default\";r={left};t={reset}").parse().unwrap());
        headers.insert(POLICY, format!("\"default\";q={limit};w=300").parse().unwrap());
        headers
    }

    #[tokio::test(start_paused = true)]
    async fn nine_of_ten_requests_go_out_at_once_and_the_others_when_the_first_are_forgotten() {
        let pace = Pace::default();
        for _ in 0..OURS {
            pace.admit().unwrap();
            tokio::time::advance(Duration::from_millis(10)).await;
        }
        let wait = pace.admit().unwrap_err();
        assert_eq!(wait + Duration::from_millis(10) * OURS, WINDOW);
        tokio::time::advance(wait).await;
        pace.admit().unwrap();
        assert!(pace.admit().is_err(), "one came free");
        pace.count();
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_sees_more_requests_than_an_address_may_make() {
        let pace = Pace::default();
        for _ in 0..BURST {
            pace.admit().unwrap();
            tokio::time::advance(Duration::from_millis(2)).await;
        }
        let wait = pace.admit().unwrap_err();
        assert_eq!(wait + Duration::from_millis(2 * 190), SECOND);
        tokio::time::advance(wait).await;
        pace.admit().unwrap();
        assert_eq!(pace.admit(), Err(Duration::from_millis(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_server_says_is_left_counts_where_it_is_less() {
        let pace = Pace::default();
        pace.note(&headers(122, 30, 1200));
        pace.admit().unwrap();
        // An answer that is older than that request, and one that is overtaken.
        pace.note(&headers(122, 30, 1200));
        pace.note(&headers(130, 31, 1200));
        pace.admit().unwrap();
        assert_eq!(pace.admit(), Err(Duration::from_secs(31)));
        tokio::time::advance(Duration::from_secs(31)).await;
        pace.admit().unwrap();
        pace.note(&headers(11, 60, 100));
        pace.admit().unwrap();
        assert_eq!(pace.admit(), Err(Duration::from_secs(60)), "a tenth of this limit is left for others");
    }

    #[tokio::test(start_paused = true)]
    async fn headers_that_cannot_be_read_say_nothing() {
        let pace = Pace::default();
        for text in ["", "r=1", "\"default\";r=x;t=30", "\"default\";t=30", "\"default\";r=-1;t=30"] {
            let mut headers = HeaderMap::new();
            headers.insert(LEFT, text.parse().unwrap());
            pace.note(&headers);
            assert_eq!(pace.counts().server, None, "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_job_takes_its_requests_before_it_begins_and_those_of_others_are_not_taken_from_it() {
        let pace = Arc::new(Pace::default());
        let mut rooms: Vec<Room> = (0..OURS / 2).map(|_| pace.take(2).unwrap()).collect();
        assert!(pace.take(1).is_err());
        pace.admit().unwrap();
        rooms.pop();
        assert!(pace.take(2).is_err(), "a request went out");
        let _last = pace.take(1).unwrap();
        drop(rooms);
        tokio::time::advance(WINDOW).await;
        assert!(pace.take(OURS).is_err());
        pace.take(OURS - 1).unwrap();
    }
}
