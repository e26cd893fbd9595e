//! What `rotate` does: a successor, the rest of a rotation that was begun, or a new secret where the id must stay.
//!
//! There are never more than two generations by intent: while the predecessor of the current one is alive, its users
//! may not have switched yet, so nothing is made and nothing is ended early.

use chrono::{DateTime, TimeDelta, Utc};

use super::change::{Change, changes};
use super::decide::{Note, Plan, Step, apply, roll};
use super::held::{CannotTell, Replace, SinkView, Verdict, verdict};
use super::live::{Live, Status, current, generations};
use super::wanted::Wanted;
use crate::profile::Strategy;

/// How a profile wants its token renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// By a successor, or by a new secret for the same token.
    pub strategy: Strategy,
    /// How long a predecessor lives on beside its successor.
    pub overlap: TimeDelta,
}

/// How far clocks may be apart before a predecessor counts as not retired.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Decides what `rotate` does. Without a live generation it makes the first one.
#[must_use]
pub fn rotate(
    wanted: &Wanted,
    tokens: &[Live],
    sinks: &[SinkView],
    renewal: Renewal,
    replace: Replace,
    now: DateTime<Utc>,
) -> Plan {
    let generations = generations(&wanted.name, tokens);
    let Some(live) = current(&generations, now) else { return apply(wanted, tokens, sinks, replace, now) };
    let Plan { step, mut notes } = roll(wanted, tokens, sinks, replace, now);
    let step = match (step, renewal.strategy) {
        (Step::Roll { id }, Strategy::Roll) => {
            let end = Change::Expiry { from: live.expires_on, to: wanted.expiry(now) };
            let mut changes = changes(wanted, live, now);
            changes.retain(|change| !matches!(change, Change::Expiry { .. }));
            changes.push(end);
            Step::Renew { id, changes }
        }
        (Step::Roll { .. }, Strategy::Generation) => {
            let (alive, dead): (Vec<&Live>, Vec<&Live>) =
                generations.into_iter().partition(|generation| generation.is_alive(now));
            let older: Vec<&Live> = alive.iter().copied().filter(|token| token.id != live.id).collect();
            match unfinished(live, &older, sinks, renewal.overlap, now) {
                Some(Unfinished::Retirement) => {
                    notes.retain(|note| !matches!(note, Note::OlderGeneration { .. }));
                    Step::Finish { id: live.id.clone(), predecessors: ids(&older) }
                }
                Some(Unfinished::Overlap { ends }) => {
                    notes.push(Note::InOverlap { ends });
                    Step::untouched(live.id.clone())
                }
                None => Step::Rotate { predecessors: ids(&alive), expired: ids(&dead) },
            }
        }
        (other, _) => other,
    };
    Plan { step, notes }
}

fn ids(tokens: &[&Live]) -> Vec<String> {
    tokens.iter().map(|token| token.id.clone()).collect()
}

/// What is left of the last rotation.
enum Unfinished {
    /// Its predecessors are not retired: a hook failed, or the run died.
    Retirement,
    /// The last of its predecessors ends by itself, at this time.
    Overlap { ends: DateTime<Utc> },
}

/// What is left of the last rotation, provided that the sinks have its outcome: otherwise another one is needed.
fn unfinished(
    live: &Live,
    older: &[&Live],
    sinks: &[SinkView],
    overlap: TimeDelta,
    now: DateTime<Utc>,
) -> Option<Unfinished> {
    let latest = now.checked_add_signed(overlap + SKEW)?;
    let end = |token: &&Live| token.expires_on.unwrap_or(DateTime::<Utc>::MAX_UTC);
    let last = older.iter().map(end).max()?;
    let verdicts: Vec<Verdict> = sinks.iter().map(|sink| verdict(sink, live, now)).collect();
    if last <= latest {
        let lacking = verdicts.iter().any(|verdict| matches!(verdict, Verdict::Lacks));
        return (!lacking).then_some(Unfinished::Overlap { ends: last });
    }
    // To end a token whose secret may be the only one in use takes certainty.
    let certain =
        |verdict: &Verdict| matches!(verdict, Verdict::Holds | Verdict::CannotTell(CannotTell::Program));
    let is_held = verdicts.iter().any(|verdict| matches!(verdict, Verdict::Holds));
    let is_certain = live.status == Status::Active && is_held && verdicts.iter().all(certain);
    is_certain.then_some(Unfinished::Retirement)
}
