//! Taking over: a live token that bears another name becomes the current generation of a profile. Its secret stays,
//! and so it is used on wherever it is used.
//!
//! In: the tokens of the profile's owner, and which of them is meant. Out: a step that renames it and changes what
//! differs in one update, or a refusal. Sinks get the secret only from one another: nobody can read it out of a token.

use chrono::{DateTime, Utc};

use super::change::{Change, changes, kept};
use super::live::{Live, generations};
use super::loss::{Replace, loss};
use super::mark::{Mark, MarkedName, Phase};
use super::notes::{cut_short, ends_soon};
use super::sinks::{SinkContent, SinkView, content, source, without_dead};
use super::step::{Keep, Note, Plan, Refused, Step};
use super::wanted::Wanted;

/// The token to take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoptee {
    /// Its id.
    pub id: String,
    /// The mark that it gets.
    pub mark: Mark,
}

/// Decides what taking a token over does. One that is the profile's current generation already keeps its name.
#[must_use]
pub fn adopt(
    wanted: &Wanted,
    tokens: &[Live],
    adoptee: Adoptee,
    sinks: &[SinkView],
    replace: Replace,
    now: DateTime<Utc>,
) -> Plan {
    let Adoptee { id, mark } = adoptee;
    let live = match fit(wanted, tokens, id, now) {
        Ok(live) => live,
        Err(refused) => return Plan { step: Step::Refuse(refused), notes: Vec::new() },
    };
    let mut differing = changes(wanted, live, now);
    if live.marked.as_ref().is_none_or(|marked| marked.name != wanted.name || !marked.phase.is_in_force()) {
        let to = MarkedName { name: wanted.name.clone(), phase: Phase::InForce, mark };
        differing.insert(0, Change::Rename { from: live.name.clone(), to });
    }
    let mut notes: Vec<Note> = kept(wanted, live, now).into_iter().map(Note::Kept).collect();
    notes.extend(ends_soon(live, now));
    notes.extend(cut_short(&differing, now));
    let sinks = without_dead(sinks, tokens, now);
    let source = source(&sinks, live);
    let mut deliver = Vec::new();
    for (position, sink) in sinks.iter().enumerate() {
        match (content(sink, live, now), loss(sink, &wanted.name, tokens, replace, now)) {
            (SinkContent::Held, _) if sink.is_stale => deliver.push(position),
            (SinkContent::Held, _) => {}
            (SinkContent::CannotTell(why), _) => {
                notes.push(Note::CannotTell { sink: sink.shown.clone(), why });
            }
            (SinkContent::Missing, Some(refused)) => notes.push(Note::Spared(refused)),
            (SinkContent::Missing, None) if source.is_some() => deliver.push(position),
            (SinkContent::Missing, None) => notes.push(Note::NotHeld { sink: sink.shown.clone() }),
        }
    }
    let keep = Keep { changes: differing, deliver, source, ..Keep::untouched(live.id.clone()) };
    Plan { step: Step::Keep(keep), notes }
}

/// The token, if it can be taken over.
fn fit<'a>(wanted: &Wanted, tokens: &'a [Live], id: String, now: DateTime<Utc>) -> Result<&'a Live, Refused> {
    let Some(live) = tokens.iter().find(|token| token.id == id) else {
        return Err(Refused::NotTheOwners { id });
    };
    if !live.is_alive(now) {
        let (name, status) = (live.name.clone(), live.status.word().to_owned());
        return Err(Refused::Dead { id, name, status });
    }
    let generations = generations(&wanted.name, tokens);
    let is_other =
        |token: &&&Live| token.id != id && token.is_alive(now) && token.phase() != Some(Phase::Retiring);
    let other = generations.iter().rev().find(is_other);
    match other {
        Some(other) => Err(Refused::HasGeneration { generation: other.name.clone() }),
        None => Ok(live),
    }
}
