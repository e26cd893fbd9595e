//! The jobs of a command: what it chooses for each is shown, or carried out, side by side.

use std::sync::Arc;

use super::context::Context;
use super::load::Unchosen;
use super::open::Session;
use super::side_by_side::SideBySide;
use crate::cli::failure::Failure;
use crate::cli::options::WritingArgs;
use crate::cli::output::outcome;
use crate::cli::output::plan_view::PlanView;
use crate::custody::{Custody, CustodyError, Proven};
use crate::plan::{Plan, Step};
use crate::sink::SinkError;
use crate::survey::{Job, Purpose, Survey};
use crate::world::World;

/// What a command makes of one job.
pub(in crate::cli) enum Choice {
    /// This must be done; the reason, where the plan alone does not tell it.
    Act(Plan, Option<String>),
    /// It is left as it is, and why: the plan touches nothing, and has notes at most.
    Skip(Plan, String),
}

/// Whether something must be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum PlannedWork {
    /// All is as it should be.
    None,
    /// There is something to do.
    Some,
}

/// Surveys, plans one job after the other, then carries all of them out side by side; a dry run shows the plans instead.
pub(in crate::cli) async fn run_jobs(
    context: &mut Context<'_>,
    WritingArgs { dry_run, profiles, connection, sinks, .. }: &WritingArgs,
    choose: impl AsyncFn(&Session, &Job) -> Result<Choice, CustodyError>,
) -> Result<(), Failure> {
    if *dry_run {
        let session = Session::look(context, profiles, connection, Purpose::Make, Unchosen::Refuse).await?;
        show_jobs(context, &session, choose).await;
        return Ok(());
    }
    let (session, custody) =
        Session::begin(context, profiles, connection, Purpose::Make, sinks.fix()).await?;
    let (mut planned, mut skipped) = (Vec::new(), Vec::new());
    for job in &session.survey.jobs {
        match choose(&session, job).await {
            Ok(Choice::Act(plan, _)) => {
                planned.push((Arc::clone(job), plan));
                skipped.push(None);
            }
            Ok(Choice::Skip(plan, why)) => {
                planned.push((Arc::clone(job), plan));
                skipped.push(Some(why));
            }
            Err(error) => outcome::failed(context, &session.survey, job, error),
        }
    }
    let proven = custody.prove(planned)?;
    carry_out(context, custody, session.survey, proven, skipped).await;
    Ok(())
}

/// Carries out what was planned, side by side, and says in the order of the jobs how each went. What is skipped may still
/// be hindered, by a signal.
async fn carry_out(
    context: &mut Context<'_>,
    custody: Custody,
    survey: Survey,
    proven: Vec<Proven>,
    skipped: Vec<Option<String>>,
) {
    let (custody, survey) = (Arc::new(custody), Arc::new(survey));
    let planned: Vec<_> =
        proven.iter().map(|proven| (Arc::clone(proven.job()), proven.plan().clone())).collect();
    let jobs = proven.into_iter().map(|proven| {
        let (world, custody, survey) = (Arc::clone(context.world), Arc::clone(&custody), Arc::clone(&survey));
        async move {
            match world.interrupted() {
                Some(interrupt) => Err(CustodyError::Interrupted(interrupt).into()),
                None => custody.execute(&survey, &proven).await,
            }
        }
    });
    if planned.iter().any(|(job, _)| prints(job)) {
        context.screen.leave_to_others();
    }
    let mut side_by_side = SideBySide::begin(context.screen, jobs);
    for ((job, plan), why) in planned.into_iter().zip(skipped) {
        let Some(done) = side_by_side.next(context.screen).await else { return };
        match (why, done) {
            (Some(why), Ok(done)) if done.failure.is_none() && done.remarks.is_empty() => {
                outcome::skipped(context, &job, &plan, &done, why);
            }
            (_, done) => outcome::say(context, &survey, &job, &plan, done),
        }
    }
    context.summarize();
}

/// Whether what a job runs may write to the terminal.
fn prints(job: &Job) -> bool {
    let hooks = &job.profile.hooks;
    !hooks.delivered.is_empty()
        || !hooks.retired.is_empty()
        || job.context.sinks.iter().any(|seen| seen.sink.prints())
}

/// Shows what would be done, as a diff by names; nothing is written.
pub(in crate::cli) async fn show_jobs(
    context: &mut Context<'_>,
    session: &Session,
    choose: impl AsyncFn(&Session, &Job) -> Result<Choice, CustodyError>,
) -> PlannedWork {
    let survey = &session.survey;
    let (mut work, mut text) = (PlannedWork::None, String::new());
    for job in &survey.jobs {
        let (plan, why) = match choose(session, job).await {
            Ok(Choice::Act(plan, why)) => (plan, why),
            Ok(Choice::Skip(plan, why)) => (plan, Some(why)),
            Err(error) => {
                context.report.problem(outcome::problem(context, survey, job, &error));
                continue;
            }
        };
        let view = PlanView::new(&context.invocation, survey, job, &plan);
        let view = match why {
            Some(why) => view.because(why),
            None => view,
        };
        if view.acts() {
            work = PlannedWork::Some;
        }
        text.push_str(&view.text(job));
        if let Step::Refuse(refused) = &plan.step {
            let error = CustodyError::Refused(refused.clone());
            context.report.problem(outcome::problem(context, survey, job, &error));
        }
        for missing in missing_programs(&**context.world, job, &plan) {
            context.report.problem((&missing).into());
        }
        context.report.row(view.row(survey, job, &plan));
    }
    if !context.json {
        context.screen.result(&text);
    }
    work
}

/// The programs that would take a secret and are not here.
fn missing_programs(world: &dyn World, job: &Job, plan: &Plan) -> Vec<SinkError> {
    if !plan.step.delivers() {
        return Vec::new();
    }
    let missing = job.context.sinks.iter().filter_map(|seen| seen.sink.check(world).err());
    missing.collect()
}
