//! The heart: what should be × what is, now -> the step to take, with its reasons.
//!
//! Nothing here acts. A step that could lose somebody's secret is refused, with what the refusal rests on.

use chrono::{DateTime, Utc};

use super::change::{Change, Kept, changes, kept};
use super::held::{CannotTell, Held, Replace, SinkView, Verdict, loss, verdict, without_dead};
use super::live::{Live, current, generations};
use super::wanted::Wanted;

/// What to do for one profile × environment, and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The step.
    pub step: Step,
    /// What a person should know besides.
    pub notes: Vec<Note>,
}

/// The one thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Make the token, deliver its secret, verify it.
    Create,
    /// Bring the current generation to what it should be. Both lists empty: nothing to do.
    Converge {
        /// The current generation.
        id: String,
        /// What an update changes.
        changes: Vec<Change>,
        /// The sinks, by position, that get what `source` holds.
        deliver: Vec<usize>,
        /// A sink, by position, that holds the current secret.
        source: Option<usize>,
    },
    /// Give the current generation a new secret and deliver it.
    Roll {
        /// The current generation.
        id: String,
    },
    /// Make a successor, deliver its secret, and let the predecessors run out.
    Rotate {
        /// The generations that are alive, oldest first.
        predecessors: Vec<String>,
        /// The generations that are dead and still listed.
        expired: Vec<String>,
    },
    /// Give the current generation a new secret and a new end: a rotation where the id must stay.
    Renew {
        /// The current generation.
        id: String,
        /// What an update changes besides; the end is always renewed.
        changes: Vec<Change>,
    },
    /// Retire the predecessors of a successor that is in force and delivered: a rotation that did not get so far.
    Finish {
        /// The current generation.
        id: String,
        /// The older generations that are alive, oldest first.
        predecessors: Vec<String>,
    },
    /// Nothing may be done.
    Refuse(Refused),
}

impl Step {
    /// Whether it may write to a sink: an update may change what other variables than the secret should say.
    #[must_use]
    pub fn delivers(&self) -> bool {
        match self {
            Self::Create | Self::Roll { .. } | Self::Rotate { .. } | Self::Renew { .. } => true,
            Self::Converge { changes, deliver, .. } => !changes.is_empty() || !deliver.is_empty(),
            Self::Finish { .. } | Self::Refuse(_) => false,
        }
    }

    /// Leaves a token as it is.
    #[must_use]
    pub fn untouched(id: String) -> Self {
        Self::Converge { id, changes: Vec::new(), deliver: Vec::new(), source: None }
    }
}

/// Why nothing may be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// A sink holds the secret of a live token that is not this profile's.
    Foreign {
        /// The sink.
        sink: String,
        /// The token's id.
        id: String,
        /// Its name, where the bootstrap sees it.
        name: Option<String>,
    },
    /// The same, and the token is its owner's: it could be made the profile's own.
    Adoptable {
        /// The sink.
        sink: String,
        /// The token's id.
        id: String,
        /// Its name.
        name: String,
    },
    /// A sink holds the secret of a live token that may not say whose it is.
    ForeignShutOut {
        /// The sink.
        sink: String,
    },
    /// Whether a sink holds a live secret could not be found out.
    Unanswered {
        /// The sink.
        sink: String,
        /// Why not.
        reason: String,
    },
    /// A sink holds a value that is not the emulator's, or not a token's at all, and must not be lost.
    Precious {
        /// The sink.
        sink: String,
    },
    /// There is a live generation, and no sink holds its secret: somebody else may.
    NotHeld {
        /// The sink that should hold it.
        sink: String,
        /// The generation's whole name.
        generation: String,
    },
    /// There is no live generation to roll.
    NothingToRoll,
    /// The token to take over is not among those of the profile's owner.
    NotTheOwners {
        /// The token's id.
        id: String,
    },
    /// The token to take over does not work and never will again.
    Dead {
        /// The token's id.
        id: String,
        /// Its whole name.
        name: String,
        /// Cloudflare's word for what it is.
        status: String,
    },
    /// The profile has a live generation already, and takes over no other token.
    HasGeneration {
        /// The generation's whole name.
        generation: String,
    },
}

/// What a person should know about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Hands added this and it is kept.
    Kept(Kept),
    /// An older generation is still alive.
    OlderGeneration {
        /// Its whole name.
        name: String,
        /// When it ends; `None` for never.
        expires_on: Option<DateTime<Utc>>,
    },
    /// An older generation was used after the current one was made.
    StillUsed {
        /// Its whole name.
        name: String,
        /// When it was last used, as far as Cloudflare knows yet.
        at: DateTime<Utc>,
    },
    /// There was a token of this name, and it works no more.
    Ended {
        /// Its whole name.
        name: String,
        /// When it ended by itself; otherwise somebody or Cloudflare ended it.
        expired_on: Option<DateTime<Utc>>,
        /// Its status, in Cloudflare's word.
        status: String,
    },
    /// The last rotation is not over: its predecessor may still be in use.
    InOverlap {
        /// When that ends.
        ends: DateTime<Utc>,
    },
    /// A token without a mark has the profile's name.
    Namesake {
        /// Its id.
        id: String,
    },
    /// Whether this sink holds the secret cannot be told.
    CannotTell {
        /// The sink.
        sink: String,
        /// Why not.
        why: CannotTell,
    },
    /// This sink holds a dead or meaningless value, which will be replaced.
    DeadValue {
        /// The sink.
        sink: String,
    },
    /// This sink keeps its value, because whether it was this token's cannot be told.
    Left {
        /// The sink.
        sink: String,
    },
    /// This sink holds no secret of the token that is taken over, and nothing that is lost with its value.
    NotHeld {
        /// The sink.
        sink: String,
    },
    /// This sink is left as it is, since it holds what may not be lost.
    Spared(Refused),
    /// A live token that is not the profile's loses its place in a sink, and lives on.
    Replaced {
        /// The sink.
        sink: String,
        /// The token's id.
        id: String,
        /// Its name, where the bootstrap sees it.
        name: Option<String>,
    },
    /// This sink holds a live token that has another profile's mark.
    HoldsAnother {
        /// The sink.
        sink: String,
        /// The token's id.
        id: String,
        /// Its name.
        name: String,
    },
    /// The current generation ends soon.
    EndsSoon {
        /// When.
        expires_on: DateTime<Utc>,
    },
}

/// The share of a token's life below which its end counts as soon.
const SOON: i32 = 10;

/// Decides what `apply` does.
#[must_use]
pub fn apply(
    wanted: &Wanted,
    tokens: &[Live],
    sinks: &[SinkView],
    replace: Replace,
    now: DateTime<Utc>,
) -> Plan {
    let sinks = &without_dead(sinks, tokens, now);
    let generations = generations(&wanted.name, tokens);
    let mut notes = Vec::new();
    let step = match current(&generations, now) {
        None => {
            notes.extend(namesakes(wanted, tokens));
            notes.extend(generations.last().map(|last| ended(last, now)));
            let step = create(tokens, sinks, replace, &mut notes);
            if step == Step::Create {
                notes.extend(replaced(&[], tokens, sinks));
            }
            step
        }
        Some(live) => {
            notes.extend(older(&generations, live, now));
            notes.extend(kept(wanted, live, now).into_iter().map(Note::Kept));
            notes.extend(ends_soon(live, now));
            let step = converge(wanted, tokens, live, sinks, replace, now, &mut notes);
            if matches!(&step, Step::Converge { deliver, .. } if !deliver.is_empty()) {
                notes.extend(replaced(&generations, tokens, sinks));
            }
            step
        }
    };
    Plan { step, notes }
}

/// Decides what `roll` does: a new secret for the current generation, unless that would lose another's.
#[must_use]
pub fn roll(
    wanted: &Wanted,
    tokens: &[Live],
    sinks: &[SinkView],
    replace: Replace,
    now: DateTime<Utc>,
) -> Plan {
    let sinks = &without_dead(sinks, tokens, now);
    let generations = generations(&wanted.name, tokens);
    let Some(live) = current(&generations, now) else {
        let foreign = sinks.iter().find_map(|sink| match loss(sink, tokens, replace) {
            Some(refused @ Refused::Foreign { .. }) => Some(adoptable(refused)),
            _ => None,
        });
        return Plan { step: Step::Refuse(foreign.unwrap_or(Refused::NothingToRoll)), notes: Vec::new() };
    };
    let mut notes: Vec<Note> = older(&generations, live, now).collect();
    notes.extend(ends_soon(live, now));
    let ours = |id: &String| generations.iter().any(|generation| generation.id == *id);
    let refused = sinks.iter().find_map(|sink| match &sink.held {
        Held::Token(id) if ours(id) => None,
        // A value that is shut out is this token's own if it has an address rule.
        Held::ShutOut if !live.addresses.is_empty() => None,
        _ => loss(sink, tokens, replace),
    });
    if refused.is_none() {
        notes.extend(replaced(&generations, tokens, sinks));
    }
    Plan { step: refused.map_or_else(|| Step::Roll { id: live.id.clone() }, Step::Refuse), notes }
}

/// The live tokens of others whose secrets are overwritten, where that was asked for.
fn replaced<'a>(
    generations: &'a [&Live],
    tokens: &'a [Live],
    sinks: &'a [SinkView],
) -> impl Iterator<Item = Note> + 'a {
    sinks.iter().filter_map(|sink| {
        let Held::Token(id) = &sink.held else { return None };
        let is_ours = generations.iter().any(|generation| generation.id == *id);
        let name = tokens.iter().find(|token| token.id == *id).map(|token| token.name.clone());
        (!is_ours).then(|| Note::Replaced { sink: sink.shown.clone(), id: id.clone(), name })
    })
}

fn create(tokens: &[Live], sinks: &[SinkView], replace: Replace, notes: &mut Vec<Note>) -> Step {
    if let Some(refused) = sinks.iter().find_map(|sink| loss(sink, tokens, replace)) {
        return Step::Refuse(adoptable(refused));
    }
    let dead = sinks.iter().filter(|sink| matches!(sink.held, Held::Invalid | Held::NoToken));
    notes.extend(dead.map(|sink| Note::DeadValue { sink: sink.shown.clone() }));
    Step::Create
}

/// Without a generation of its own, a profile can take over what a sink holds.
fn adoptable(refused: Refused) -> Refused {
    match refused {
        Refused::Foreign { sink, id, name: Some(name) } => Refused::Adoptable { sink, id, name },
        other => other,
    }
}

fn converge(
    wanted: &Wanted,
    tokens: &[Live],
    live: &Live,
    sinks: &[SinkView],
    replace: Replace,
    now: DateTime<Utc>,
    notes: &mut Vec<Note>,
) -> Step {
    let source = sinks.iter().position(|sink| sink.held == Held::Token(live.id.clone()));
    let mut deliver = Vec::new();
    for (position, sink) in sinks.iter().enumerate() {
        match verdict(sink, live, now) {
            Verdict::Holds if sink.stale => deliver.push(position),
            Verdict::Holds => {}
            Verdict::CannotTell(why) => notes.push(Note::CannotTell { sink: sink.shown.clone(), why }),
            Verdict::Lacks => {
                let superseded = matches!(&sink.held, Held::Token(id)
                    if tokens.iter().any(|token| token.id == *id
                        && token.marked.as_ref().is_some_and(|marked| marked.name == wanted.name)));
                if !superseded && let Some(refused) = loss(sink, tokens, replace) {
                    return Step::Refuse(refused);
                }
                if source.is_none() {
                    return Step::Refuse(Refused::NotHeld {
                        sink: sink.shown.clone(),
                        generation: live.name.clone(),
                    });
                }
                deliver.push(position);
            }
        }
    }
    Step::Converge { id: live.id.clone(), changes: changes(wanted, live, now), deliver, source }
}

fn older(generations: &[&Live], live: &Live, now: DateTime<Utc>) -> impl Iterator<Item = Note> {
    let mut notes = Vec::new();
    for older in generations.iter().filter(|older| older.id != live.id && older.is_alive(now)) {
        notes.push(Note::OlderGeneration { name: older.name.clone(), expires_on: older.expires_on });
        if let (Some(at), Some(switch)) = (older.last_used_on, live.issued_on)
            && at > switch
        {
            notes.push(Note::StillUsed { name: older.name.clone(), at });
        }
    }
    notes.into_iter()
}

/// How the last generation ended.
fn ended(last: &Live, now: DateTime<Utc>) -> Note {
    let expired_on = last.expires_on.filter(|end| *end <= now);
    Note::Ended { name: last.name.clone(), expired_on, status: last.status.word().to_owned() }
}

fn namesakes(wanted: &Wanted, tokens: &[Live]) -> impl Iterator<Item = Note> {
    let same = tokens.iter().filter(|token| token.marked.is_none() && token.name == wanted.name);
    same.map(|token| Note::Namesake { id: token.id.clone() })
}

pub(super) fn ends_soon(live: &Live, now: DateTime<Utc>) -> Option<Note> {
    let (issued_on, expires_on) = (live.issued_on?, live.expires_on?);
    let whole = expires_on.signed_duration_since(issued_on);
    let left = expires_on.signed_duration_since(now);
    (left < whole / SOON).then_some(Note::EndsSoon { expires_on })
}
