//! What overwriting a sink's value would lose.
//!
//! In: whose secret the sink holds, the tokens of the owner, and whether it was asked for. Out: why the value may not be
//! overwritten, if it may not.

use chrono::{DateTime, Utc};

use super::live::{Live, Status};
use super::sinks::{Protected, SinkView, Whose, is_early, is_young};
use super::step::Refused;

/// Whether a value that must not be lost may be overwritten in a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// No: the default.
    Never,
    /// Yes: `--replace`.
    Foreign,
}

/// Why this sink's value may not be overwritten by a secret of the name's, if it may not.
pub(super) fn loss(
    sink: &SinkView,
    name: &str,
    tokens: &[Live],
    replace: Replace,
    now: DateTime<Utc>,
) -> Option<Refused> {
    let shown = || sink.shown.clone();
    let find = |id: &String| tokens.iter().find(|token| token.id == *id);
    match &sink.whose {
        Whose::Protected(what @ Protected::Real) => {
            return Some(Refused::Protected { sink: shown(), kind: sink.kind, what: *what });
        }
        _ if replace == Replace::Foreign => return None,
        _ => {}
    }
    match &sink.whose {
        Whose::Nobody | Whose::NoSecret | Whose::Placeholder | Whose::Opaque => None,
        Whose::Protected(what) => Some(Refused::Protected { sink: shown(), kind: sink.kind, what: *what }),
        // Of this name: the value may be shut out by its own generation's rule.
        Whose::ShutOut => {
            let is_own = |token: &Live| {
                token.is_generation_of(name) && token.is_alive(now) && !token.addresses.is_empty()
            };
            (!tokens.iter().any(is_own)).then(|| Refused::ForeignShutOut { sink: shown() })
        }
        Whose::Unanswered(reason) => Some(Refused::Unanswered { sink: shown(), reason: reason.clone() }),
        Whose::Token(id) => match find(id) {
            Some(token) if token.is_generation_of(name) => None,
            Some(token) => {
                Some(Refused::Foreign { sink: shown(), id: id.clone(), name: Some(token.name.clone()) })
            }
            None => Some(Refused::Foreign { sink: shown(), id: id.clone(), name: None }),
        },
        Whose::Dead => {
            let of = may_be_somebodys(tokens, now);
            of.map(|token| Refused::MayBeYoung { sink: shown(), name: token.name.clone() })
        }
    }
}

/// The token of somebody's whose secret a value may be that Cloudflare calls invalid: one that is not known everywhere
/// yet, or that does not work now and may again. What cfmint made is in its own sink.
#[must_use]
pub fn may_be_somebodys(tokens: &[Live], now: DateTime<Utc>) -> Option<&Live> {
    let is_silent =
        |token: &Live| token.status == Status::Disabled || is_early(token, now) || is_young(token, now);
    tokens.iter().find(|token| token.marked.is_none() && token.is_alive(now) && is_silent(token))
}
