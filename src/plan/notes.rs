//! What a person should know about the generations of a name, whatever is done about them.
//!
//! In: the generations, which of them is current, the time. Out: notes. Nothing is decided here.

use chrono::{DateTime, Utc};

use super::change::Change;
use super::live::Live;
use super::mark::Phase;
use super::step::Note;

/// The share of a token's life below which its end counts as soon.
const SOON: i32 = 10;

/// The older generations that still live, and which of them is still used.
pub(super) fn older(generations: &[&Live], live: &Live, now: DateTime<Utc>) -> Vec<Note> {
    let mut notes = Vec::new();
    let is_older = |older: &&&Live| {
        older.id != live.id && older.is_alive(now) && !older.phase().is_some_and(Phase::is_pending)
    };
    for older in generations.iter().filter(is_older) {
        notes.push(Note::OlderGeneration { name: older.name.clone(), expires_on: older.expires_on });
        if let (Some(at), Some(switch)) = (older.last_used_on, live.issued_on)
            && at > switch
        {
            notes.push(Note::StillUsed { name: older.name.clone(), at });
        }
    }
    notes
}

/// Whether the token's end is near.
pub(super) fn ends_soon(live: &Live, now: DateTime<Utc>) -> Option<Note> {
    let (issued_on, expires_on) = (live.issued_on?, live.expires_on?);
    let whole = expires_on.signed_duration_since(issued_on);
    let left = expires_on.signed_duration_since(now);
    (left < whole / SOON).then_some(Note::EndsSoon { expires_on })
}

/// Whether less than a tenth of the life that is left stays after these changes.
pub(super) fn cut_short(changes: &[Change], now: DateTime<Utc>) -> Option<Note> {
    changes.iter().find_map(|change| {
        let Change::Expiry { from: Some(from), to: Some(to) } = change else { return None };
        let (left, stays) = (from.signed_duration_since(now), to.signed_duration_since(now));
        (stays < left / SOON).then_some(Note::CutShort { from: *from, to: *to })
    })
}

/// The tokens that have the profile's name and no mark.
pub(super) fn namesakes<'a>(name: &str, tokens: &'a [Live]) -> impl Iterator<Item = Note> + use<'a> {
    let name = name.to_owned();
    let same = tokens.iter().filter(move |token| token.marked.is_none() && token.name == name);
    same.map(|token| Note::Namesake { id: token.id.clone() })
}

/// How the last generation that was in force ended.
pub(super) fn last_ended(generations: &[&Live], now: DateTime<Utc>) -> Option<Note> {
    let was_in_force = |live: &&&Live| !live.phase().is_some_and(Phase::is_pending);
    let last = generations.iter().rev().filter(|live| !live.is_alive(now)).find(was_in_force)?;
    let expired_on = last.expires_on.filter(|end| *end <= now);
    Some(Note::Ended { name: last.name.clone(), expired_on, status: last.status.word().to_owned() })
}
