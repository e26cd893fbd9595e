//! Whether to send a request again: a pure decision from what happened to it.
//!
//! No connection, or the rate limit: nothing happened, and the request is sent again after a while. An
//! answer that was lost, unreadable or a server's error: a look may be sent again, a write never, because nobody
//! knows whether it took effect. A refusal is final.

use std::time::Duration;

use super::endpoint::RequestEffect;
use super::error::Fault;

/// How often a request is sent at the most.
const MOST_TRIES: u32 = 5;

/// The longest wait that is obeyed: the rate limit blocks for five minutes.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// How long to wait before sending again; `None` for not at all. `tries` counts those made, from 1;
/// `asked_to_wait` is the answer's `Retry-After`.
pub(super) fn wait_before_next(
    effect: RequestEffect,
    fault: &Fault,
    tries: u32,
    asked_to_wait: Option<Duration>,
) -> Option<Duration> {
    let safe = match fault {
        Fault::NotSent(_) | Fault::RateLimited => true,
        Fault::Lost(_) | Fault::ServerError { .. } | Fault::Unreadable { .. } => {
            effect == RequestEffect::Read
        }
        Fault::Refused(_) | Fault::BadCredential | Fault::Stopped | Fault::WithoutSecret => false,
    };
    if !safe || tries >= MOST_TRIES {
        return None;
    }
    let doubled = Duration::from_millis(500).saturating_mul(1 << tries.min(10));
    let wait = match fault {
        // A server that says "at once" is not hammered.
        Fault::RateLimited => asked_to_wait.map_or(doubled * 8, |asked| asked.max(doubled / 2)),
        _ => doubled / 2,
    };
    (wait <= LONGEST_WAIT).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOST: fn() -> Fault = || Fault::Lost("reset".to_owned());
    const REFUSED_CONNECTION: fn() -> Fault = || Fault::NotSent("refused".to_owned());

    #[test]
    fn a_write_whose_answer_was_lost_is_never_sent_again() {
        for fault in [LOST(), Fault::ServerError { status: 502, ray: None }] {
            assert_eq!(wait_before_next(RequestEffect::Write, &fault, 1, None), None);
            assert!(wait_before_next(RequestEffect::Read, &fault, 1, None).is_some());
        }
    }

    #[test]
    fn what_never_happened_is_sent_again_and_waits_longer_each_time() {
        for effect in [RequestEffect::Read, RequestEffect::Write] {
            let waits: Vec<_> =
                (1..=5).map(|tries| wait_before_next(effect, &REFUSED_CONNECTION(), tries, None)).collect();
            assert!(waits[..4].windows(2).all(|pair| pair[0] < pair[1]), "{waits:?}");
            assert_eq!(waits[4], None);
        }
    }

    #[test]
    fn a_rate_limit_says_how_long_to_wait_unless_it_is_too_long() {
        let asked = |seconds| {
            wait_before_next(RequestEffect::Write, &Fault::RateLimited, 1, Some(Duration::from_secs(seconds)))
        };
        assert_eq!(asked(7), Some(Duration::from_secs(7)));
        assert_eq!(asked(300), Some(Duration::from_secs(300)));
        assert_eq!(asked(301), None);
        assert!(asked(0) > Some(Duration::ZERO));
    }
}
