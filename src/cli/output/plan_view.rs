//! A plan as people read it: a diff by names, with the reason for every step.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::describe::{self, Names, NoteStyle, Tense};
use super::outcome::{arguments_of, job_row};
use super::rows::{Row, RowAction, TokenRow};
use crate::cli::failure::invocation::Invocation;
use crate::cli::failure::refusal_code;
use crate::plan::{Change, Create, Ends, Keep, Plan, Retirement, SinkView, Step, Wanted, Whose};
use crate::profile::SinkValue;
use crate::sink::Sink;
use crate::survey::{Job, Survey};

/// A plan in words.
pub(in crate::cli) struct PlanView {
    action: RowAction,
    why: String,
    /// Whether the reason is said in JSON too: what is due is a matter of time, and no change tells it.
    tells_why: bool,
    changes: Vec<String>,
    notes: Vec<String>,
}

impl PlanView {
    /// The same, where a schedule gives the reason; what it leaves as it is, is skipped.
    pub(in crate::cli) fn because(self, why: String) -> Self {
        let action = match self.action {
            RowAction::Failed => return self,
            RowAction::Unchanged => RowAction::Skipped,
            action => action,
        };
        Self { action, why, tells_why: true, ..self }
    }

    pub(in crate::cli) fn new(invocation: &Invocation, survey: &Survey, job: &Job, plan: &Plan) -> Self {
        let (names, now) = (Names::of(survey, job), survey.clock.now);
        let (action, why, changes) = match &plan.step {
            Step::Nothing => (RowAction::Unchanged, "there is nothing to do".to_owned(), Vec::new()),
            Step::Create(create) => {
                let action = if create.predecessor.is_some() { RowAction::Rotate } else { RowAction::Create };
                (action, reasons(create), whole_life(&names, job, create, now))
            }
            Step::Keep(keep) => {
                let mut lines: Vec<String> =
                    keep.changes.iter().map(|change| names.change(change, Tense::Ahead)).collect();
                let why = why_kept(keep);
                lines.extend(deliveries(job, keep));
                lines.extend(keep.hooks.then(|| "> the `delivered` hooks run".to_owned()));
                lines.extend(keep.retire.iter().map(|old| end_of(job, old, now)));
                (if keep.is_idle() { RowAction::Unchanged } else { RowAction::Update }, why.to_owned(), lines)
            }
            Step::Roll { renew, .. } => {
                let changes = renew.iter().flatten();
                let mut lines: Vec<String> =
                    changes.map(|change| names.change(change, Tense::Ahead)).collect();
                lines.push("~ a new secret; the old one dies at once".to_owned());
                lines.extend(job.context.sinks.iter().map(|seen| delivery(&*seen.sink)));
                match renew {
                    Some(_) => {
                        (RowAction::Rotate, "a new secret and a new end were asked for".to_owned(), lines)
                    }
                    None => (RowAction::Roll, "a new secret was asked for".to_owned(), lines),
                }
            }
            // The error says why.
            Step::Refuse(refused) => {
                (RowAction::Failed, format!("see error[{}]", refusal_code(refused).text()), Vec::new())
            }
        };
        let profile = arguments_of(job);
        let style =
            NoteStyle { profile: &profile, owner: &job.context.owner, invocation, tense: Tense::Ahead };
        let notes = describe::notes(plan.notes.iter(), style);
        Self { action, why, tells_why: false, changes, notes }
    }

    /// Whether there is something to do.
    pub(in crate::cli) fn acts(&self) -> bool {
        !matches!(self.action, RowAction::Unchanged | RowAction::Skipped)
    }

    pub(in crate::cli) fn text(&self, job: &Job) -> String {
        let word = if self.action == RowAction::Failed { "refused" } else { self.action.word() };
        let title = format!("{} ({})", job.wanted.name, arguments_of(job).words());
        let verdict = format!("  {word}: {}", self.why);
        let changes = self.changes.iter().map(|line| format!("    {line}"));
        let notes = self.notes.iter().map(|note| format!("  note: {note}"));
        [title, verdict].into_iter().chain(changes).chain(notes).map(|line| line + "\n").collect()
    }

    pub(in crate::cli) fn row(self, survey: &Survey, job: &Job, plan: &Plan) -> Row {
        let id = match &plan.step {
            Step::Keep(Keep { id, .. }) | Step::Roll { id, .. } => Some(id),
            Step::Create(_) | Step::Nothing | Step::Refuse(_) => None,
        };
        let live =
            id.and_then(|id| survey.owners.get(&job.context.owner)?.live.iter().find(|live| live.id == *id));
        Row {
            token: live.map(|live| TokenRow::new(&job.context.owner, live)),
            changes: self.changes,
            notes: self.tells_why.then_some(self.why).into_iter().chain(self.notes).collect(),
            ..job_row(job, self.action)
        }
    }
}

/// Everything a new token gets.
fn whole(names: &Names<'_>, wanted: &Wanted, now: DateTime<Utc>) -> Vec<String> {
    let mut lines: Vec<String> =
        wanted.policies.iter().map(|policy| format!("+ {}", names.policy(policy))).collect();
    if let Some(addresses) = &wanted.addresses {
        lines.push(format!("+ may be used from {addresses}"));
    }
    lines.push(format!("+ {}", describe::end_and_rest(wanted.expiry(now), now)));
    lines
}

/// Why a fresh generation is made, in a line.
fn reasons(create: &Create) -> String {
    let why: Vec<String> = create.why.iter().map(describe::why).collect();
    why.join("; ")
}

/// Everything that making a fresh generation does.
fn whole_life(names: &Names<'_>, job: &Job, create: &Create, now: DateTime<Utc>) -> Vec<String> {
    let mut lines = whole(names, &job.wanted, now);
    lines.extend(job.context.sinks.iter().map(|seen| delivery(&*seen.sink)));
    lines.extend(create.retire.iter().map(|old| end_of(job, old, now)));
    lines
}

fn why_kept(keep: &Keep) -> &'static str {
    let is_renamed = |change: &Change| matches!(change, Change::Rename { .. });
    match (keep.changes.is_empty(), keep.deliver.is_empty()) {
        _ if keep.changes.iter().any(is_renamed) => "it is taken over, with the secret it has",
        (false, _) => "the live token differs from the profile",
        (true, false) => "a sink is not as it should be",
        (true, true) if keep.hooks => "its hooks have not run",
        (true, true) if !keep.retire.is_empty() => "older tokens of this name are still there",
        (true, true) => "everything is as it should be",
    }
}

/// What becomes of another generation.
fn end_of(job: &Job, old: &Retirement, now: DateTime<Utc>) -> String {
    let end = now.checked_add_signed(job.profile.overlap()).unwrap_or(now);
    match old.ends {
        Ends::Now => format!("- {} is deleted", old.name),
        Ends::AfterOverlap => {
            format!("- {} {} at the latest", old.name, describe::end_and_rest(Some(end), now))
        }
    }
}

/// The sinks that are written, each once: those that the step names, and those that hold the end of the token where that
/// changes.
fn deliveries(job: &Job, keep: &Keep) -> Vec<String> {
    let ends_otherwise = keep.changes.iter().any(|change| matches!(change, Change::Expiry { .. }));
    let has_end = |sink: usize| {
        let seen = job.context.sinks.get(sink);
        seen.is_some_and(|seen| seen.sink.values().contains(&SinkValue::ExpiresOn))
    };
    let is_written = |position: usize, view: &SinkView, sink: usize| {
        let follows = matches!(&view.whose, Whose::NoSecret)
            || matches!(&view.whose, Whose::Token(id) if *id == keep.id);
        keep.deliver.contains(&position) || (ends_otherwise && follows && has_end(sink))
    };
    let places = job.context.places.iter().zip(&job.views).enumerate();
    let sinks: BTreeSet<usize> = places
        .filter(|(position, (place, view))| is_written(*position, view, place.sink))
        .map(|(_, (place, _))| place.sink)
        .collect();
    let seen = sinks.iter().filter_map(|sink| job.context.sinks.get(*sink));
    seen.map(|seen| delivery(&*seen.sink)).collect()
}

fn delivery(sink: &dyn Sink) -> String {
    let record = sink.record();
    if record.variables.is_empty() {
        format!("> the secret delivered to {}", record.path)
    } else {
        format!("> {} stored in {}", record.variables.join(", "), record.path)
    }
}
