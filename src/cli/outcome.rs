//! One step of a writing command: carried out, and said to people and to the report.

use chrono::{DateTime, Utc};

use super::args::WritingArgs;
use super::context::Context;
use super::exit;
use super::problem;
use super::report::{Row, TokenRow};
use super::session::{Intent, Session, Wish, arguments_of, fix, open, prove, sink_rows};
use super::words::{self, Names};
use crate::custody::{Action, Custody, CustodyError, Done, Job, Predecessors, Purpose, Remark, Survey};
use crate::plan::{Held, Note, Plan, Replace, Step};

/// What a command makes of one job.
pub(super) enum Turn {
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
pub(super) async fn each_job(
    context: &mut Context<'_>,
    WritingArgs { profiles, connection, sinks, .. }: &WritingArgs,
    turn: impl Fn(&Custody, &Survey, &Job, DateTime<Utc>) -> Turn,
) -> u8 {
    let wish = Wish { purpose: Purpose::Make, fix: fix(sinks), intent: Intent::Write };
    let session = match open(context, profiles, connection, wish).await {
        Ok(session) => session,
        Err(code) => return code,
    };
    let Session { survey, custody: Some(custody), .. } = &session else { return exit::FAILED };
    let now = session.now(&**context.world);
    let turns: Vec<(&Job, Plan, Option<String>)> = survey
        .jobs
        .iter()
        .map(|job| match turn(custody, survey, job, now) {
            Turn::Act(plan) => (job, plan, None),
            Turn::Skip { plan, why } => (job, plan, Some(why)),
        })
        .collect();
    let delivering: Vec<&Job> =
        turns.iter().filter(|(_, plan, _)| plan.step.delivers()).map(|(job, ..)| *job).collect();
    if let Err(code) = prove(context, custody, &delivering) {
        return code;
    }
    for (job, plan, skipped) in turns {
        // What is skipped may still be hindered: by a signal, or by what an interrupted run left open.
        let outcome = step(context, custody, survey, job, &plan).await;
        match (skipped, outcome) {
            (Some(why), Ok(done)) if done.failure.is_none() && done.remarks.is_empty() => {
                skip(context, job, &plan, &done, why);
            }
            (_, outcome) => say(context, survey, job, &plan, outcome),
        }
    }
    context.report.exit_code()
}

/// Carries out what was planned for one job.
pub(super) async fn step(
    context: &Context<'_>,
    custody: &Custody,
    survey: &Survey,
    job: &Job,
    plan: &Plan,
) -> Result<Done, CustodyError> {
    if let Some(interrupt) = context.world.interrupted() {
        return Err(CustodyError::Interrupted(interrupt));
    }
    if custody.is_unsettled(&job.wanted.name, &job.subject) {
        return Err(CustodyError::Unsettled { name: job.wanted.name.clone() });
    }
    // While a successor is not in every sink, no predecessor may end, and no further one is made.
    let retires = matches!(plan.step, Step::Rotate { .. } | Step::Finish { .. });
    if retires && survey.generations(job).iter().any(|made| custody.is_half_made(&made.name)) {
        return Err(CustodyError::Unsettled { name: job.wanted.name.clone() });
    }
    let token = |id: &String| {
        let gone = || CustodyError::NoSuchToken { id: id.clone() };
        survey.token(&job.subject.owner, id).ok_or_else(gone)
    };
    let listed = |ids: &[String]| ids.iter().filter_map(|id| token(id).ok()).collect();
    let overlap = job.profile.overlap();
    let mut done = match &plan.step {
        Step::Create => custody.create(job).await,
        Step::Converge { id, changes, deliver, source } => {
            custody.converge(job, token(id)?, changes, deliver, *source).await
        }
        Step::Roll { id } => custody.roll(&job.subject, token(id)?, &job.profile.hooks.delivered).await,
        Step::Renew { id, changes } => custody.renew(job, token(id)?, changes).await,
        Step::Rotate { predecessors, expired } => {
            let old = Predecessors { alive: listed(predecessors), expired: listed(expired), overlap };
            custody.rotate(job, &old).await
        }
        Step::Finish { id, predecessors } => {
            let old = Predecessors { alive: listed(predecessors), expired: Vec::new(), overlap };
            custody.finish_rotation(job, token(id)?, &old).await
        }
        Step::Refuse(refused) => Err(CustodyError::Refused(refused.clone())),
    }?;
    // A token that was just made is not listed, and its hooks have been seen to.
    let made = done.token.as_ref().and_then(|live| token(&live.id).ok());
    if let (None, Some(made)) = (&done.failure, made)
        && custody.awaits_hooks(&made.id)
    {
        let unretired = survey.unretired(job, &made.id, &delivered(job, &plan.step), custody.now());
        let old = Predecessors { alive: listed(&unretired), expired: Vec::new(), overlap };
        let finished = custody.finish_rotation(job, made, &old).await?;
        done.remarks.extend(finished.failure.is_none().then_some(Remark::HooksRan));
        done.remarks.extend(finished.remarks);
        done.failure = finished.failure;
    }
    Ok(done)
}

/// The places, by position, that have the current secret after a step, although they did not say so before it. Where hooks
/// are awaited, every program was given it, and does not lose it again.
fn delivered(job: &Job, step: &Step) -> Vec<usize> {
    let all = 0..job.views.len();
    let is_program =
        |position: &usize| job.views.get(*position).is_some_and(|view| view.held == Held::Unreadable);
    match step {
        Step::Roll { .. } => all.collect(),
        Step::Converge { deliver, .. } => all.filter(is_program).chain(deliver.iter().copied()).collect(),
        _ => all.filter(is_program).collect(),
    }
}

/// What finishes a roll that was begun and not finished: then no sink may hold the secret, and nobody else can have
/// it, so it is done unasked.
pub(super) fn finish_roll(
    custody: &Custody,
    survey: &Survey,
    job: &Job,
    replace: Replace,
    now: DateTime<Utc>,
) -> Option<Plan> {
    let id = custody.unfinished_roll(&job.wanted.name, &job.subject)?;
    let is_current = survey.current(job, now).is_some_and(|live| live.id == id);
    if is_current && !job.holds_surely(&id) {
        return Some(survey.plan_roll(job, replace, now));
    }
    custody.roll_is_held(&id);
    None
}

/// Says that a job was left as it is.
fn skip(context: &mut Context<'_>, job: &Job, plan: &Plan, done: &Done, why: String) {
    let name = done.token.as_ref().map_or(&job.wanted.name, |live| &live.name);
    context.done("Skipped", &format!("{name}: {why}"));
    let again = format!("{}{}", arguments_of(job), context.flags);
    let notes: Vec<String> = plan.notes.iter().map(|note| words::note(note, &again)).collect();
    for note in &notes {
        context.screen.note(note);
    }
    context.report.row(Row {
        profile: Some(job.profile.source.path.clone()),
        environment: job.profile.environment.clone(),
        action: "skipped",
        token: done.token.as_ref().map(|live| TokenRow::new(&job.subject.owner, live)),
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
    outcome: Result<Done, CustodyError>,
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
    let told: Vec<&String> = outcome.iter().flat_map(|done| &done.remarks).filter_map(told).collect();
    let retired: Vec<&String> = outcome.iter().flat_map(|done| &done.remarks).filter_map(retired).collect();
    let is_open = |note: &&Note| match note {
        Note::CannotTell { sink, .. } => !told.contains(&sink),
        Note::OlderGeneration { name, .. } => !retired.contains(&name),
        _ => true,
    };
    let mut notes: Vec<String> =
        plan.notes.iter().filter(is_open).map(|note| words::note(note, &again)).collect();
    let mut cleared = Vec::new();
    let failure = match outcome {
        Ok(done) => {
            say_done(context, &names, job, plan, &done);
            let (done_away, others): (Vec<_>, Vec<_>) =
                done.remarks.iter().partition(|remark| matches!(remark, Remark::Cleared { .. }));
            cleared.extend(done_away.into_iter().map(words::remark));
            notes.extend(others.into_iter().map(words::remark));
            notes.extend(done.written.iter().filter_map(tightened));
            row.token = done.token.as_ref().map(|live| TokenRow::new(&job.subject.owner, live));
            if let Step::Converge { changes, .. } = &plan.step {
                row.changes = changes.iter().map(|change| names.change(change)).collect();
            }
            if done.failure.is_none() {
                row.action = word(done.action);
            }
            done.failure
        }
        Err(error) => Some(error),
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

fn tightened(written: &crate::custody::Written) -> Option<String> {
    let mode = written.replaced.as_ref()?.tightened?;
    Some(format!("{} could be read by others (mode {mode:o}); it is now 600", written.shown))
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
    let owner = names.owner(&job.subject.owner);
    let Some(live) = &done.token else {
        return context.done(verb, &format!("{} for {owner}: no live token has this name", job.wanted.name));
    };
    if done.action == Action::Revoked {
        context.done(verb, &format!("{} for {owner}", live.name));
    } else {
        let end = words::end_and_rest(live.expires_on, context.world.now());
        let what = if done.action == Action::Finished { "the rotation to " } else { "" };
        context.done(verb, &format!("{what}{} for {owner}, {end}", live.name));
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
    if let Step::Converge { changes, .. } = &plan.step {
        for change in changes {
            context.done("Changed", &names.change(change));
        }
    }
    for written in &done.written {
        let variables = job
            .subject
            .located
            .iter()
            .filter(|sink| sink.shown() == written.shown)
            .flat_map(|sink| sink.variables())
            .collect::<Vec<_>>()
            .join(", ");
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
        context.done("Verified", "the stored secret works");
    }
}
