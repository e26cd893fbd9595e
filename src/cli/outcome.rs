//! One step of a writing command: carried out, and said to people and to the report.

use std::collections::BTreeSet;

use super::args::WritingArgs;
use super::context::Context;
use super::exit;
use super::problem;
use super::report::{Row, TokenRow};
use super::session::{Intent, Session, Wish, arguments_of, fix, open, prove, sink_rows};
use super::words::{self, Names, Tense};
use crate::custody::{Action, Custody, CustodyError, Done, Failure, Proven, Remark};
use crate::plan::{Mark, Note, Plan, Step};
use crate::sink::WriteReceipt;
use crate::survey::{Job, Purpose, Survey};
use crate::text::one_line;

/// What a command makes of one job.
pub(super) enum Choice {
    /// This is to be done.
    Act(Plan),
    /// It is left as it is: the plan touches nothing, and has notes at most.
    Skip {
        /// The plan.
        plan: Plan,
        /// Why.
        why: String,
    },
}

/// Surveys, then plans and carries out one job after the other.
pub(super) async fn run_jobs(
    context: &mut Context<'_>,
    WritingArgs { profiles, connection, sinks, .. }: &WritingArgs,
    choose: impl Fn(&Survey, &Job, &BTreeSet<Mark>) -> Choice,
) -> u8 {
    let wish = Wish { purpose: Purpose::Make, fix: fix(sinks), intent: Intent::Write };
    let session = match open(context, profiles, connection, wish).await {
        Ok(session) => session,
        Err(code) => return code,
    };
    let Session { survey, custody: Some(custody), own, .. } = &session else { return exit::FAILED };
    let mut skipped = Vec::new();
    let mut planned = Vec::new();
    for job in &survey.jobs {
        let (plan, why) = match choose(survey, job, own) {
            Choice::Act(plan) => (plan, None),
            Choice::Skip { plan, why } => (plan, Some(why)),
        };
        planned.push((job, plan));
        skipped.push(why);
    }
    let proven = match prove(context, custody, planned) {
        Ok(proven) => proven,
        Err(code) => return code,
    };
    for (proven, why) in proven.into_iter().zip(skipped) {
        carry_out(context, custody, survey, proven, why).await;
    }
    context.report.exit_code()
}

/// Carries out what was planned for one job, and says how it went. What is skipped may still be hindered, by a signal.
pub(super) async fn carry_out(
    context: &mut Context<'_>,
    custody: &Custody,
    survey: &Survey,
    proven: Proven<'_>,
    skipped: Option<String>,
) {
    let (job, plan) = (proven.job(), proven.plan().clone());
    let outcome = match context.world.interrupted() {
        Some(interrupt) => Err(CustodyError::Interrupted(interrupt).into()),
        None => custody.execute(survey, proven).await,
    };
    match (skipped, outcome) {
        (Some(why), Ok(done)) if done.failure.is_none() && done.remarks.is_empty() => {
            skip(context, job, &plan, &done, why);
        }
        (_, outcome) => say(context, survey, job, &plan, outcome),
    }
}

/// Says that a job was left as it is.
fn skip(context: &mut Context<'_>, job: &Job, plan: &Plan, done: &Done, why: String) {
    let name = done.token.as_ref().map_or(&job.wanted.name, |live| &live.name);
    context.done("Skipped", &format!("{name}: {why}"));
    let again = format!("{}{}", arguments_of(job), context.flags);
    // A secret that got lost is worth a word even where a schedule wants none.
    let is_spared = |note: &&Note| matches!(note, Note::Spared(_));
    let mut notes = words::notes(plan.notes.iter().filter(is_spared), &again, Tense::Past);
    for note in &notes {
        context.screen.alarm(note);
    }
    let others = words::notes(plan.notes.iter().filter(|note| !is_spared(note)), &again, Tense::Past);
    for note in &others {
        context.screen.note(note);
    }
    notes.extend(others);
    context.report.row(Row {
        profile: Some(job.profile.source.path.clone()),
        environment: job.profile.environment.clone(),
        action: "skipped",
        token: done.token.as_ref().map(|live| TokenRow::new(&job.context.owner, live)),
        sinks: sink_rows(job),
        notes: [why].into_iter().chain(notes).collect(),
        ..Row::default()
    });
}

/// Says how a step ended, to people at once and to the report.
pub(super) fn say(
    context: &mut Context<'_>,
    survey: &Survey,
    job: &Job,
    plan: &Plan,
    outcome: Result<Done, Failure>,
) {
    let names = Names::of(survey, job);
    let mut row = Row {
        profile: Some(job.profile.source.path.clone()),
        environment: job.profile.environment.clone(),
        action: "failed",
        sinks: sink_rows(job),
        ..Row::default()
    };
    let again = format!("{}{}", arguments_of(job), context.flags);
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
    let mut notes = words::notes(plan.notes.iter().filter(is_open), &again, tense);
    let mut cleared = Vec::new();
    let failure = match outcome {
        Ok(done) => {
            say_done(context, &names, job, plan, &done);
            let (done_away, others): (Vec<_>, Vec<_>) =
                done.remarks.iter().partition(|remark| matches!(remark, Remark::Cleared { .. }));
            cleared.extend(done_away.into_iter().map(words::remark));
            notes.extend(others.into_iter().map(words::remark));
            notes.extend(done.written.iter().filter_map(tightened));
            row.token = done.token.as_ref().map(|live| TokenRow::new(&job.context.owner, live));
            if let Step::Keep(keep) = &plan.step {
                row.changes = keep.changes.iter().map(|change| names.change(change, Tense::Past)).collect();
            }
            if done.failure.is_none() {
                row.action = word(done.action);
            }
            done.failure
        }
        Err(Failure { error, remarks }) => {
            notes.extend(remarks.iter().map(words::remark));
            Some(error)
        }
    };
    let shown = format!("{} ({})", job.wanted.name, arguments_of(job));
    match &failure {
        // A signal came before it: nothing was tried.
        Some(CustodyError::Interrupted(_)) => {
            row.action = "skipped";
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
        let mut problem = problem::custody(&error, &arguments_of(job)).with_flags(&context.flags);
        if let CustodyError::Dropped { missing, .. } = &error {
            let dropped: Vec<String> = missing.iter().map(|missing| names.missing(missing)).collect();
            problem.message = format!("{}: {}", problem.message, dropped.join("; "));
        }
        problem.file = Some(job.profile.source.path.clone());
        problem.environment.clone_from(&job.profile.environment);
        problem.whose = (survey.jobs.len() > 1).then(|| arguments_of(job));
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
        "{} could be read by others (mode {mode:o}), beyond what its profile says; that is mended",
        written.shown
    ))
}

/// The word for an action in JSON.
pub(super) fn word(action: Action) -> &'static str {
    match action {
        Action::Created => "created",
        Action::Updated => "updated",
        Action::Unchanged => "unchanged",
        Action::Rolled => "rolled",
        Action::Rotated | Action::Finished => "rotated",
        Action::Revoked => "revoked",
        Action::Absent => "absent",
    }
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
        let end = words::end_and_rest(live.expires_on, context.world.now());
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
