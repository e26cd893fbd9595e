//! Whether an older generation is on its way out, or was left behind.

use chrono::{DateTime, TimeDelta, Utc};

use crate::plan::{Live, Phase, current};

/// How long a predecessor lives on where no profile says.
const DEFAULT_OVERLAP: TimeDelta = TimeDelta::hours(1);

/// Where a generation stands among those of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GenerationState<'a> {
    /// The newest in force.
    InForce,
    /// Made by a run that did not finish, or is under way: it ends by itself.
    Pending,
    /// Older, and about to end.
    Retiring,
    /// Older, alive, and with no end in sight: a rotation did not retire it, or two runs met.
    Left {
        /// The generation in force.
        successor: &'a Live,
    },
    /// Dead, and another is alive.
    Succeeded,
    /// Dead, and so are all others.
    Over,
    /// Of a command, alive or dead: no generation.
    OfCommand,
}

/// Places a token among the generations of its name, oldest first. `overlap` is what its profile says.
#[must_use]
pub fn generation_state<'a>(
    live: &Live,
    generations: &[&'a Live],
    overlap: Option<TimeDelta>,
    now: DateTime<Utc>,
) -> GenerationState<'a> {
    if live.phase() == Some(Phase::Exec) {
        return GenerationState::OfCommand;
    }
    let is_alive = live.is_alive(now);
    if is_alive && live.phase().is_some_and(Phase::is_pending) {
        return GenerationState::Pending;
    }
    let successor = match current(generations, now) {
        Some(current) if current.id == live.id => return GenerationState::InForce,
        Some(current) => current,
        None if is_alive && live.phase() == Some(Phase::Retiring) => return GenerationState::Retiring,
        None => return GenerationState::Over,
    };
    if !is_alive {
        return GenerationState::Succeeded;
    }
    if live.phase() == Some(Phase::Retiring) {
        return GenerationState::Retiring;
    }
    let ends_soon = live.expires_on.is_some_and(|end| {
        end.signed_duration_since(now) <= overlap.unwrap_or_default().max(DEFAULT_OVERLAP)
    });
    // Where nobody says how long the overlap is: it was given its end after the successor had come.
    let was_retired =
        overlap.is_none() && live.expires_on.is_some() && live.modified_on > successor.issued_on;
    if ends_soon || was_retired { GenerationState::Retiring } else { GenerationState::Left { successor } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn live(id: char, issued: i64, modified: i64, ends: Option<i64>) -> Live {
        Live {
            id: id.to_string().repeat(32),
            issued_on: Some(at(issued)),
            modified_on: Some(at(modified)),
            expires_on: ends.map(at),
            ..crate::lifecycle::tests::live("shop@a0000000")
        }
    }

    #[test]
    fn an_older_generation_retires_within_its_overlap_or_was_left() {
        let new = live('b', 100, 100, Some(1000));
        let overlap = |hours| Some(TimeDelta::hours(hours));
        let left = GenerationState::Left { successor: &new };
        for (old, overlap, expected) in [
            (live('a', 0, 100, Some(101)), overlap(1), GenerationState::Retiring),
            (live('a', 0, 0, Some(800)), overlap(1), left),
            (live('a', 0, 0, None), None, left),
            (live('a', 0, 101, Some(148)), overlap(48), GenerationState::Retiring),
            (live('a', 0, 101, Some(148)), None, GenerationState::Retiring),
            (live('a', 0, 0, Some(148)), None, left),
            (live('a', 0, 0, Some(99)), None, GenerationState::Succeeded),
        ] {
            let state = generation_state(&old, &[&old, &new], overlap, at(100));
            assert_eq!(state, expected, "{old:?}");
        }
        assert_eq!(generation_state(&new, &[&new], None, at(100)), GenerationState::InForce);
        assert_eq!(generation_state(&new, &[&new], None, at(2000)), GenerationState::Over);
    }
}
