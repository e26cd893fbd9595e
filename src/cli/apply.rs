//! `cfmint apply`: makes what is missing, updates what drifted, delivers secrets.

use super::adopt;
use super::args::{ApplyArgs, WritingArgs};
use super::context::Context;
use super::exit;
use super::outcome::{Turn, each_job, finish_roll, say, step};
use super::session::{self, Intent, Session, Wish, fix, replace};
use crate::custody::{Job, Purpose};
use crate::plan::{Plan, Step};

pub(super) async fn run(context: &mut Context<'_>, arguments: &ApplyArgs) -> u8 {
    let ApplyArgs { adopt, writing } = arguments;
    match adopt::adopted(context, adopt.as_deref(), &writing.profiles) {
        Ok(None) => {}
        Ok(Some(id)) => return take_over(context, writing, id).await,
        Err(code) => return code,
    }
    each_job(context, writing, |custody, survey, job, now| {
        let plan = finish_roll(custody, survey, job, replace(&writing.sinks), now);
        Turn::Act(plan.unwrap_or_else(|| survey.plan_apply(job, replace(&writing.sinks), now)))
    })
    .await
}

/// Makes a live token the profile's own, with the secret it has.
async fn take_over(
    context: &mut Context<'_>,
    WritingArgs { profiles, connection, sinks, .. }: &WritingArgs,
    id: String,
) -> u8 {
    let wish = Wish { purpose: Purpose::Make, fix: fix(sinks), intent: Intent::Write };
    let session = match session::open(context, profiles, connection, wish).await {
        Ok(session) => session,
        Err(code) => return code,
    };
    let Session { survey, custody: Some(custody), .. } = &session else { return exit::FAILED };
    let now = session.now(&**context.world);
    for job in &survey.jobs {
        match adopt::planned(context, &session, job, &id, replace(sinks), now).await {
            Ok(plan) => {
                let delivering: &[&Job] = if plan.step.delivers() { &[job] } else { &[] };
                if let Err(code) = session::prove(context, custody, delivering) {
                    return code;
                }
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
