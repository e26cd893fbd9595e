//! The heart: what should be × what is, now -> the step to take, with its reasons.
//!
//! Nothing here acts. A step that could lose somebody's secret is refused, with what the refusal rests on. A pending
//! token is never finished: a run that finds one makes a fresh generation, so that whatever a dead run delivered, and
//! wherever, is followed by a secret that every sink has.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::change::{Change, changes, kept};
use super::generations::{Generations, MOST_PENDING, RUN_WINDOW};
use super::live::{Live, Status};
use super::loss::{Replace, loss};
use super::mark::{Mark, Phase};
use super::notes::{cut_short, ends_soon, last_ended, namesakes, older};
use super::sinks::{SinkContent, SinkView, Whose, content, source, without_dead};
use super::step::{Create, Goal, Keep, Note, Plan, Refused, Step, Why};
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

/// The time, as two clocks have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockReading {
    /// By which tokens live: Cloudflare's, where it is known.
    pub now: DateTime<Utc>,
    /// This machine's.
    pub machine: DateTime<Utc>,
}

/// How far the two clocks may be apart before no age and no end can be told.
const MOST_APART: TimeDelta = TimeDelta::days(1);

impl ClockReading {
    /// One time for both.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { now, machine: now }
    }

    /// Why nothing that depends on an age or an end may be done, if so.
    #[must_use]
    pub fn doubt(&self) -> Option<Refused> {
        let apart = (self.now - self.machine).abs() > MOST_APART;
        apart.then_some(Refused::ClocksApart { server: self.now, machine: self.machine })
    }
}

/// Everything that a decision rests on.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// What should be.
    pub wanted: &'a Wanted,
    /// The owner's tokens.
    pub tokens: &'a [Live],
    /// The places in the sinks where a secret stands.
    pub sinks: &'a [SinkView],
    /// The marks that this state folder announced and has not finished.
    pub own: &'a BTreeSet<Mark>,
    /// How the token is renewed.
    pub renewal: Renewal,
    /// Whether others' values may be overwritten.
    pub replace: Replace,
    /// The time.
    pub clock: ClockReading,
}

/// Decides what is done about one profile's token.
#[must_use]
pub fn decide(goal: Goal, situation: &Situation<'_>) -> Plan {
    let now = situation.clock.now;
    let sinks = without_dead(situation.sinks, situation.tokens, now);
    let situation = Situation { sinks: &sinks, ..*situation };
    let generations =
        Generations::new(&situation.wanted.name, situation.tokens, situation.own, situation.clock.now);
    let decision = Decision { situation, generations, now };
    let mut notes = Vec::new();
    let step = decision.step(goal, &mut notes);
    let step = decision.guarded(step);
    if matches!(step, Step::Refuse(_)) {
        notes.retain(|note| {
            !matches!(note, Note::DeadValue { .. } | Note::Replaced { .. } | Note::RollBecomesRotation)
        });
    }
    notes.extend(decision.pending());
    Plan { step, notes }
}

/// A decision while it is made.
pub(super) struct Decision<'a> {
    pub(super) situation: Situation<'a>,
    pub(super) generations: Generations<'a>,
    pub(super) now: DateTime<Utc>,
}

impl Decision<'_> {
    fn step(&self, goal: Goal, notes: &mut Vec<Note>) -> Step {
        let Some(live) = self.generations.current() else { return self.without_current(goal, notes) };
        notes.extend(older(self.generations.all(), live, self.now));
        let why = self.reasons(live);
        match (goal, self.situation.renewal.strategy) {
            (Goal::NewSecret, _) => self.new_secret(goal, live, None, why, notes),
            (Goal::Successor, Strategy::Roll) => {
                notes.extend(ends_soon(live, self.now));
                let renewed = self.renewed(live);
                notes.extend(cut_short(&renewed, self.now));
                self.new_secret(goal, live, Some(renewed), why, notes)
            }
            (Goal::Successor, Strategy::Generation) => self.successor(live, why, notes),
            (Goal::Converge | Goal::Finish, _) => self.converge(goal, live, why, notes),
        }
    }

    fn without_current(&self, goal: Goal, notes: &mut Vec<Note>) -> Step {
        let is_pending = self.generations.pending().next().is_some();
        match goal {
            Goal::Finish if !is_pending => return Step::Nothing,
            Goal::NewSecret if !self.generations.tells_of_unfinished_run() => {
                let foreign = self.lost().filter(|refused| matches!(refused, Refused::Foreign { .. }));
                return Step::Refuse(foreign.map_or(Refused::NothingToRoll, adoptable));
            }
            _ => {}
        }
        if goal == Goal::NewSecret {
            notes.push(Note::RollBecomesRotation);
        }
        notes.extend(namesakes(&self.situation.wanted.name, self.situation.tokens));
        notes.extend(last_ended(self.generations.all(), self.now));
        self.create(vec![Why::NoneInForce], None, notes)
    }

    /// Why a fresh generation is needed although one is in force, apart from being asked for.
    fn reasons(&self, live: &Live) -> Vec<Why> {
        let is_blind = self.is_blind_to(live);
        let is_evidence = |other: &&&Live| {
            self.generations.is_evidence(other, Phase::StandIn)
                || (is_blind && self.generations.is_evidence(other, Phase::Pending))
        };
        let evidence = self.generations.all().iter().filter(is_evidence);
        let mut why: Vec<Why> =
            evidence.map(|other| Why::UnfinishedRun { name: other.name.clone() }).collect();
        if is_blind && self.generations.has_rival() {
            why.push(Why::SeveralInForce);
        }
        let missing = self.contents(live).filter(|(_, content)| *content == SinkContent::Missing);
        why.extend(missing.map(|(sink, _)| Why::NotHeld { sink: sink.shown.clone() }));
        why
    }

    /// `roll`, and `rotate` where the id must stay: a new secret for the same token. Where a run did not finish, it is a
    /// rotation from the start.
    fn new_secret(
        &self,
        goal: Goal,
        live: &Live,
        renew: Option<Vec<Change>>,
        mut why: Vec<Why>,
        notes: &mut Vec<Note>,
    ) -> Step {
        let is_unfinished =
            why.iter().any(|why| matches!(why, Why::UnfinishedRun { .. } | Why::SeveralInForce))
                || self.generations.in_force().count() > 1
                || live.phase() != Some(Phase::InForce);
        if is_unfinished {
            why.insert(0, Why::Asked);
            notes.push(Note::RollBecomesRotation);
            return match self.create(why, Some(live), notes) {
                // Who asks for a new secret wants the old ones dead.
                Step::Create(create) if goal == Goal::NewSecret => Step::Create(self.ending_at_once(create)),
                step => step,
            };
        }
        if let Some(refused) = self.lost() {
            return Step::Refuse(refused);
        }
        notes.extend(self.replaced());
        Step::Roll { id: live.id.clone(), renew }
    }

    /// What a rotation changes besides the secret where the id stays; the end is always renewed.
    fn renewed(&self, live: &Live) -> Vec<Change> {
        let wanted = self.situation.wanted;
        let mut changes = changes(wanted, live, self.now);
        changes.retain(|change| !matches!(change, Change::Expiry { .. }));
        changes.push(Change::Expiry { from: live.expires_on, to: wanted.expiry(self.now) });
        changes
    }

    /// `rotate`: a successor, unless the last rotation is still to be finished or in its overlap.
    fn successor(&self, live: &Live, mut why: Vec<Why>, notes: &mut Vec<Note>) -> Step {
        notes.extend(ends_soon(live, self.now));
        // One that was switched off is no reason to end the others.
        if why.is_empty() && live.status != Status::Disabled {
            let is_unfinished = self.generations.in_force().count() > 1 && self.is_recent(live);
            if live.phase() == Some(Phase::HooksDue) || is_unfinished {
                return Step::Keep(self.with_stale_sinks(self.finished(live), live));
            }
            if let Some(ends) = self.generations.predecessors(live).filter_map(|old| old.expires_on).max() {
                notes.push(Note::InOverlap { ends });
                return Step::Keep(self.with_stale_sinks(Keep::untouched(live.id.clone()), live));
            }
        }
        notes.extend(kept(self.situation.wanted, live, self.now).into_iter().map(Note::Kept));
        why.insert(0, Why::Asked);
        self.create(why, Some(live), notes)
    }

    /// Whether the rotation that made a token may still be under way, or has just ended. Later, a predecessor that cannot
    /// be retired must not keep the token from ever being renewed.
    fn is_recent(&self, live: &Live) -> bool {
        let recent = self.situation.renewal.overlap.max(RUN_WINDOW);
        live.issued_on.is_some_and(|at| self.now - at < recent)
    }

    /// `apply`, and what `recover` does of it.
    fn converge(&self, goal: Goal, live: &Live, why: Vec<Why>, notes: &mut Vec<Note>) -> Step {
        let wanted = self.situation.wanted;
        notes.extend(kept(wanted, live, self.now).into_iter().map(Note::Kept));
        notes.extend(ends_soon(live, self.now));
        for (sink, content) in self.contents(live) {
            if let SinkContent::CannotTell(why) = content {
                notes.push(Note::CannotTell { sink: sink.shown.clone(), why });
            }
        }
        if !why.is_empty() && self.generations.tells_of_unfinished_run() {
            return self.create(why, Some(live), notes);
        }
        if goal == Goal::Finish {
            let mut keep = self.finished(live);
            // What a sink holds instead, or what works while the current one is switched off, is not ended.
            if !why.is_empty() || live.status == Status::Disabled {
                keep.retire.retain(|retirement| self.is_dead(&retirement.id));
            }
            return Step::Keep(keep);
        }
        // No run left this unfinished: a sink that holds the secret supplies the others, and where none does, somebody
        // else may hold it.
        let source = self.source(live);
        let mut deliver = Vec::new();
        for (position, (sink, content)) in self.contents(live).enumerate() {
            match content {
                SinkContent::Held if sink.is_stale => deliver.push(position),
                SinkContent::Held | SinkContent::CannotTell(_) => {}
                SinkContent::Missing => match (self.loss(sink), source) {
                    (Some(refused), _) => return Step::Refuse(refused),
                    (None, Some(_)) => deliver.push(position),
                    (None, None) => {
                        let (sink, generation) = (sink.shown.clone(), live.name.clone());
                        return Step::Refuse(Refused::NotHeld { sink, generation });
                    }
                },
            }
        }
        if !why.is_empty() {
            notes.extend(self.replaced());
        }
        let changes = changes(wanted, live, self.now);
        notes.extend(cut_short(&changes, self.now));
        Step::Keep(Keep { changes, deliver, source, ..self.finished(live) })
    }

    /// Keeps the current generation, and does what is left to do about it and the others.
    fn finished(&self, live: &Live) -> Keep {
        let hooks = live.phase() == Some(Phase::HooksDue);
        Keep { hooks, retire: self.retirements(Some(live)), ..Keep::untouched(live.id.clone()) }
    }

    /// Writes sinks again that hold the secret beside something that is not as it should be.
    fn with_stale_sinks(&self, keep: Keep, live: &Live) -> Keep {
        let contents = self.contents(live).enumerate();
        let stale = contents.filter(|(_, (sink, content))| *content == SinkContent::Held && sink.is_stale);
        let deliver: Vec<usize> = stale.map(|(position, _)| position).collect();
        let source = self.source(live).filter(|_| !deliver.is_empty());
        Keep { deliver, source, ..keep }
    }

    fn is_dead(&self, id: &str) -> bool {
        self.generations.dead().any(|live| live.id == id)
    }

    fn create(&self, why: Vec<Why>, predecessor: Option<&Live>, notes: &mut Vec<Note>) -> Step {
        if let Some(refused) = self.lost() {
            return Step::Refuse(if predecessor.is_none() { adoptable(refused) } else { refused });
        }
        if predecessor.is_none() {
            let is_dead = |sink: &&SinkView| matches!(sink.whose, Whose::Dead | Whose::Placeholder);
            let dead = self.situation.sinks.iter().filter(is_dead);
            notes.extend(dead.map(|sink| Note::DeadValue { sink: sink.shown.clone() }));
        }
        notes.extend(self.replaced());
        let predecessor = predecessor.map(|live| live.id.clone());
        Step::Create(Create { why, predecessor, retire: self.retirements(None) })
    }

    /// Refuses a step that another run, too many dead ones or a wrong clock stand in the way of.
    fn guarded(&self, step: Step) -> Step {
        let writes = step.acts();
        if let Some(other) = self.generations.of_another_run()
            && (writes || (self.is_blind() && !matches!(step, Step::Refuse(_))))
        {
            let since = other.issued_on;
            let until = since.unwrap_or(self.now) + RUN_WINDOW;
            return Step::Refuse(Refused::AnotherRun { name: other.name.clone(), since, until });
        }
        if matches!(step, Step::Create(_) | Step::Roll { .. })
            && self.generations.pending().count() >= MOST_PENDING
        {
            let names = self.generations.pending().map(|live| (live.name.clone(), live.expires_on));
            return Step::Refuse(Refused::TooManyPending { names: names.collect() });
        }
        match self.situation.clock.doubt() {
            Some(refused) if writes => Step::Refuse(refused),
            _ => step,
        }
    }

    fn contents<'s>(&'s self, live: &'s Live) -> impl Iterator<Item = (&'s SinkView, SinkContent)> {
        self.situation.sinks.iter().map(|sink| (sink, content(sink, live, self.now)))
    }

    /// The first place that holds the secret of a token and can supply it.
    fn source(&self, live: &Live) -> Option<usize> {
        source(self.situation.sinks, live)
    }

    /// Whether some sink does not tell whether it holds a token's secret: a program, or a value that could not be asked
    /// or did not say who owns it. It may hold the secret of any generation.
    fn is_blind_to(&self, live: &Live) -> bool {
        self.contents(live).any(|(_, content)| matches!(content, SinkContent::CannotTell(_)))
    }

    fn is_blind(&self) -> bool {
        self.generations.current().is_some_and(|live| self.is_blind_to(live))
    }

    pub(super) fn is_held_by_a_sink(&self, live: &Live) -> bool {
        self.situation.sinks.iter().any(|sink| sink.whose == Whose::Token(live.id.clone()))
    }

    fn loss(&self, sink: &SinkView) -> Option<Refused> {
        let Situation { wanted, tokens, replace, .. } = self.situation;
        loss(sink, &wanted.name, tokens, replace, self.now)
    }

    /// Why some sink may not be overwritten.
    fn lost(&self) -> Option<Refused> {
        self.situation.sinks.iter().find_map(|sink| self.loss(sink))
    }

    /// The live tokens of others whose secrets are overwritten, where that was asked for.
    fn replaced(&self) -> Vec<Note> {
        let note = |sink: &SinkView| {
            let Whose::Token(id) = &sink.whose else { return None };
            let token = self.situation.tokens.iter().find(|token| token.id == *id);
            if token.is_some_and(|token| token.is_generation_of(&self.situation.wanted.name)) {
                return None;
            }
            let (sink, name) = (sink.shown.clone(), token.map(|token| token.name.clone()));
            Some(Note::Replaced { sink, id: id.clone(), name })
        };
        self.situation.sinks.iter().filter_map(note).collect()
    }

    fn pending(&self) -> impl Iterator<Item = Note> {
        self.generations.pending().map(|live| Note::Pending {
            name: live.name.clone(),
            since: live.issued_on,
            ends: live.expires_on,
        })
    }
}

/// Without its own generation, a profile can take over what a sink holds.
fn adoptable(refused: Refused) -> Refused {
    match refused {
        Refused::Foreign { sink, id, name: Some(name) } => Refused::Adoptable { sink, id, name },
        other => other,
    }
}
