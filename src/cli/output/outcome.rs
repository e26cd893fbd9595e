//! How a step ended: said to people at once, and kept for the report.

use super::describe::{self, Names, NoteStyle, Tense};
use super::rows::{Row, RowAction, SinkRow, TokenRow};
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::command_line::{About, ProfileArguments};
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::failure::{refusal_code, step};
use crate::cli::session::context::Context;
use crate::cli::session::sibling::sibling_of;
use crate::custody::{Action, CustodyError, Done, Remark, StepFailure};
use crate::plan::{Note, Plan, Refused, Step};
use crate::sink::WriteReceipt;
use crate::survey::{Job, Survey};
use crate::text::one_line;

/// What went wrong with a job, as the report has it.
pub(in crate::cli) fn problem(
    context: &Context<'_>,
    survey: &Survey,
    job: &Job,
    error: &CustodyError,
) -> Problem {
    let profile = arguments_of(job);
    let whose = (survey.jobs.len() > 1).then(|| profile.words());
    let about = About::Profile(profile);
    let problem = shared_sink(context, survey, job, error, &about)
        .unwrap_or_else(|| step(error, &about))
        .in_file(job.profile.source.path.clone());
    Problem { environment: job.profile.environment.clone(), whose, ..problem }
}

/// A sink that holds the token of another environment of the same profile: two of them were given one sink. Taking the
/// token over would take it away from that environment.
fn shared_sink(
    context: &Context<'_>,
    survey: &Survey,
    job: &Job,
    error: &CustodyError,
    about: &About,
) -> Option<Problem> {
    let CustodyError::Refused(refused @ Refused::Adoptable { sink, id, name }) = error else { return None };
    let live = survey.live(job).iter().find(|live| live.id == *id)?;
    let sibling = sibling_of(context, job, live)?;
    let name = one_line(name);
    let message = format!("{sink} holds `{name}`, the token of the environment `{sibling}` of this profile");
    let hints = [
        Hint::text("give each environment its own sink, such as `env_file: .env.${environment}`"),
        Hint::run(
            format!("or, if `{sibling}` no longer needs it, overwrite it"),
            CommandLine::Overwrite(about.clone()),
        ),
    ];
    Some(Problem::new(refusal_code(refused), message, hints))
}

/// Says that a job failed before its first step.
pub(in crate::cli) fn failed(context: &mut Context<'_>, survey: &Survey, job: &Job, error: CustodyError) {
    let nothing = Plan { step: Step::Nothing, notes: Vec::new() };
    say(context, survey, job, &nothing, Err(error.into()));
}

/// How the notes of a job are said.
fn style<'a>(
    context: &'a Context<'_>,
    job: &'a Job,
    profile: &'a ProfileArguments,
    tense: Tense,
) -> NoteStyle<'a> {
    NoteStyle { profile, owner: &job.context.owner, invocation: &context.invocation, tense }
}

/// The profile's arguments for a command about it: its path and environment.
pub(in crate::cli) fn arguments_of(job: &Job) -> ProfileArguments {
    ProfileArguments::of(&job.profile)
}

/// The beginning of a row about a job, its sinks as they are found.
pub(in crate::cli) fn job_row(job: &Job, action: RowAction) -> Row {
    let sinks = job.context.sinks.iter().map(|seen| SinkRow::from(seen.sink.record())).collect();
    Row { sinks, ..Row::of_profile(&job.profile, action) }
}

/// Says that a job was left as it is.
pub(in crate::cli) fn skipped(context: &mut Context<'_>, job: &Job, plan: &Plan, done: &Done, why: String) {
    let name = done.token.as_ref().map_or(&job.wanted.name, |live| &live.name);
    context.done("Skipped", &format!("{name}: {why}"));
    let profile = arguments_of(job);
    let style = style(context, job, &profile, Tense::Past);
    // A secret that got lost is worth a word even where a schedule wants none.
    let is_spared = |note: &&Note| matches!(note, Note::Spared(_));
    let mut notes = describe::notes(plan.notes.iter().filter(is_spared), style);
    let others = describe::notes(plan.notes.iter().filter(|note| !is_spared(note)), style);
    for note in &notes {
        context.screen.alarm(note);
    }
    for note in &others {
        context.screen.note(note);
    }
    notes.extend(others);
    context.report.row(Row {
        token: done.token.as_ref().map(|live| TokenRow::new(&job.context.owner, live)),
        notes: [why].into_iter().chain(notes).collect(),
        ..job_row(job, RowAction::Skipped)
    });
}

/// Says how a step ended, to people at once and to the report.
pub(in crate::cli) fn say(
    context: &mut Context<'_>,
    survey: &Survey,
    job: &Job,
    plan: &Plan,
    outcome: Result<Done, StepFailure>,
) {
    let names = Names::of(survey, job);
    let mut row = job_row(job, RowAction::Failed);
    let profile = arguments_of(job);
    let remarks = match &outcome {
        Ok(done) => &done.remarks,
        Err(failure) => &failure.remarks,
    };
    let told: Vec<&String> = remarks.iter().filter_map(told).collect();
    let retired: Vec<&String> = remarks.iter().filter_map(retired).collect();
    let delivered: Vec<String> =
        outcome.iter().flat_map(|done| &done.written).flat_map(places_written).collect();
    let tense = if outcome.is_ok() { Tense::Past } else { Tense::Ahead };
    let is_open = |note: &&Note| match note {
        Note::CannotTell { sink, .. } => !told.contains(&sink) && !delivered.contains(sink),
        // Whether it was is not known.
        Note::DeadValue { .. } => outcome.is_ok(),
        Note::OlderGeneration { name, .. } | Note::Pending { name, .. } => !retired.contains(&name),
        _ => true,
    };
    let style = style(context, job, &profile, tense);
    let mut notes = describe::notes(plan.notes.iter().filter(is_open), style);
    let mut cleared = Vec::new();
    let failure = match outcome {
        Ok(done) => {
            say_done(context, &names, job, plan, &done);
            let (done_away, others): (Vec<_>, Vec<_>) =
                done.remarks.iter().partition(|remark| matches!(remark, Remark::Cleared { .. }));
            cleared.extend(done_away.into_iter().map(describe::remark));
            notes.extend(others.into_iter().map(describe::remark));
            notes.extend(done.written.iter().filter_map(tightened));
            row.token = done.token.as_ref().map(|live| TokenRow::new(&job.context.owner, live));
            if let Step::Keep(keep) = &plan.step {
                row.changes = keep.changes.iter().map(|change| names.change(change, Tense::Past)).collect();
            }
            if done.failure.is_none() {
                row.action = done.action.into();
            }
            done.failure
        }
        Err(StepFailure { error, remarks }) => {
            notes.extend(remarks.iter().map(describe::remark));
            Some(error)
        }
    };
    let shown = format!("{} ({})", job.wanted.name, profile.words());
    match &failure {
        // A signal came before it: nothing was tried.
        Some(CustodyError::Interrupted(_)) => {
            row.action = RowAction::Skipped;
            context.done("Skipped", &shown);
        }
        Some(_) => context.screen.failed(&shown),
        None => {}
    }
    for note in &notes {
        context.screen.note(note);
    }
    notes.extend(cleared);
    if let Some(error) = failure {
        if let CustodyError::Dropped { missing, .. } = &error {
            notes.extend(missing.iter().map(|missing| format!("dropped: {}", names.missing(missing))));
        }
        let mut problem = problem(context, survey, job, &error);
        if let CustodyError::Dropped { missing, .. } = &error {
            let dropped: Vec<String> = missing.iter().map(|missing| names.missing(missing)).collect();
            problem.message = format!("{}: {}", problem.message, dropped.join("; "));
        }
        context.report.problem(problem);
    }
    row.notes = notes;
    context.report.row(row);
}

/// The places of a sink that got the secret, as notes call them.
fn places_written(written: &WriteReceipt) -> Vec<String> {
    if written.variables.is_empty() {
        return vec![written.shown.clone()];
    }
    written.variables.iter().map(|variable| format!("{variable} in {}", written.shown)).collect()
}

/// The sink that could tell in the end.
fn told(remark: &Remark) -> Option<&String> {
    match remark {
        Remark::Holds { sink } => Some(sink),
        _ => None,
    }
}

/// The predecessor that has its end.
fn retired(remark: &Remark) -> Option<&String> {
    match remark {
        Remark::Retired { name, .. } | Remark::PredecessorDeleted { name } => Some(name),
        _ => None,
    }
}

fn tightened(written: &WriteReceipt) -> Option<String> {
    let mode = written.tightened?;
    Some(format!(
        "others could read {} (mode {mode:o}), which its profile does not ask for; this is corrected",
        written.shown
    ))
}

fn say_done(context: &mut Context<'_>, names: &Names<'_>, job: &Job, plan: &Plan, done: &Done) {
    let verb = match done.action {
        Action::Created => "Created",
        Action::Updated => "Updated",
        Action::Unchanged => "Unchanged",
        Action::Rolled => "Rolled",
        Action::Rotated => "Rotated",
        // Nothing of it is new where its hooks failed again.
        Action::Finished if done.failure.is_some() => return,
        Action::Finished => "Finished",
        Action::Revoked => "Revoked",
        Action::Absent => "Absent",
    };
    let owner = names.owner(&job.context.owner);
    let Some(live) = &done.token else {
        return context.done(verb, &format!("{} for {owner}: no live token has this name", job.wanted.name));
    };
    if done.action == Action::Revoked {
        context.done(verb, &format!("{} for {owner}", one_line(&live.name)));
    } else {
        let end = describe::end_and_rest(live.expires_on, context.world.now());
        let what = if done.action == Action::Finished { "the rotation to " } else { "" };
        context.done(verb, &format!("{what}{} for {owner}, {end}", one_line(&live.name)));
    }
    for remark in &done.remarks {
        if let Remark::Cleared { sink, variables } = remark {
            context.done("Removed", &format!("{} from {sink}", variables.join(", ")));
        }
    }
    if done.action == Action::Created {
        for policy in &job.wanted.policies {
            context.done("Allowed", &names.policy(policy));
        }
        if let Some(addresses) = &job.wanted.addresses {
            context.done("From", &addresses.to_string());
        }
    }
    if let Step::Keep(keep) = &plan.step {
        for change in &keep.changes {
            context.done("Changed", &names.change(change, Tense::Past));
        }
    }
    for written in &done.written {
        let variables = written.variables.join(", ");
        if variables.is_empty() {
            context.done("Delivered", &format!("the secret to {}", written.shown));
        } else {
            context.done("Stored", &format!("{variables} in {}", written.shown));
        }
    }
    let asked = matches!(done.action, Action::Created | Action::Rolled | Action::Rotated);
    let unsure =
        done.remarks.iter().any(|remark| matches!(remark, Remark::ShutOut | Remark::StartsLater { .. }));
    if asked && done.failure.is_none() && !unsure {
        context.done("Verified", "the secret works");
    }
}

/// Says that one token would be deleted.
pub(in crate::cli) fn would_end(context: &mut Context<'_>, row: Row, shown: &str) {
    context.done("Revoke", shown);
    context.report.row(Row { action: RowAction::Revoke, ..row });
}

/// Says how the end of one token went, to people at once and to the report. What the row knows in advance is kept.
pub(in crate::cli) fn say_end(
    context: &mut Context<'_>,
    name: &str,
    shown: &str,
    mut row: Row,
    outcome: Result<Done, CustodyError>,
) {
    match outcome {
        Ok(done) => {
            row.action = done.action.into();
            let verb = if row.action == RowAction::Absent { "Absent" } else { "Revoked" };
            context.done(verb, shown);
            for remark in &done.remarks {
                if let Remark::Cleared { sink, variables } = remark {
                    context.done("Removed", &format!("{} from {sink}", variables.join(", ")));
                }
                row.notes.push(describe::remark(remark));
            }
        }
        Err(error) => {
            row.action = RowAction::Failed;
            context.screen.failed(shown);
            let mut problem = Problem::from(&error);
            problem.message = format!("{name}: {}", problem.message);
            problem.location.file.clone_from(&row.profile);
            problem.environment.clone_from(&row.environment);
            context.report.problem(problem);
        }
    }
    context.report.row(row);
}
