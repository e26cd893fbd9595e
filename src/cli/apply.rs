//! `cfmint apply`: makes what is missing, updates what drifted, delivers secrets.

use chrono::{DateTime, Utc};

use super::adopt;
use super::args::ApplyArgs;
use super::context::Context;
use super::exit;
use super::outcome::{Turn, each_job, say, step};
use super::session::{self, Intent, Session, Wish, fix, replace};
use crate::custody::{Custody, Job, Purpose, Survey};
use crate::plan::{Held, Plan, Replace, Step};

pub(super) async fn run(context: &mut Context<'_>, arguments: &ApplyArgs) -> u8 {
    let ApplyArgs { adopt, profiles, connection, sinks, .. } = arguments;
    match adopt::adopted(context, adopt.as_deref(), profiles) {
        Ok(None) => {}
        Ok(Some(id)) => return take_over(context, arguments, id).await,
        Err(code) => return code,
    }
    each_job(context, profiles, connection, sinks, |custody, survey, job, now| {
        Turn::Act(planned(custody, survey, job, replace(sinks), now))
    })
    .await
}

/// Makes a live token the profile's own, with the secret it has.
async fn take_over(context: &mut Context<'_>, arguments: &ApplyArgs, id: String) -> u8 {
    let ApplyArgs { profiles, connection, sinks, .. } = arguments;
    let wish = Wish { purpose: Purpose::Make, fix: fix(sinks), intent: Intent::Write };
    let session = match session::open(context, profiles, connection, wish).await {
        Ok(session) => session,
        Err(code) => return code,
    };
    let Session { survey, custody: Some(custody), .. } = &session else { return exit::FAILED };
    let now = context.world.now();
    for job in &survey.jobs {
        match adopt::planned(context, &session, job, &id, replace(sinks), now).await {
            Ok(plan) => {
                let outcome = step(context, custody, survey, job, &plan).await;
                say(context, survey, job, &plan, outcome);
            }
            Err(error) => {
                let nothing = Plan { step: Step::untouched(id.clone()), notes: Vec::new() };
                say(context, survey, job, &nothing, Err(error));
            }
        }
    }
    context.report.exit_code()
}

/// What to do for a job: what the profile asks for, unless a roll was begun and not finished. Then no sink may
/// hold the secret, and nobody else can have it, so the roll is finished unasked.
fn planned(custody: &Custody, survey: &Survey, job: &Job, replace: Replace, now: DateTime<Utc>) -> Plan {
    if let Some(id) = custody.unfinished_roll(&job.wanted.name) {
        let is_current = survey.current(job, now).is_some_and(|live| live.id == id);
        let is_held = job.views.iter().all(|view| view.held == Held::Token(id.clone()));
        if is_current && !is_held {
            return survey.plan_roll(job, replace, now);
        }
        custody.rolls_finished(&id);
    }
    survey.plan_apply(job, replace, now)
}
