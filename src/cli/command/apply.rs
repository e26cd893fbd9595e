//! `cfmint apply`: makes what is missing, updates what drifted, delivers secrets.

use crate::cli::failure::exit;
use crate::cli::options::{ApplyArgs, WritingArgs};
use crate::cli::session::adopt;
use crate::cli::session::context::Context;
use crate::cli::session::jobs::{Choice, carry_out, run_jobs, say};
use crate::cli::session::{self, Intent, Session, Wish, fix, replace};
use crate::plan::{Goal, Keep, Plan, Step};
use crate::survey::Purpose;

pub(in crate::cli) async fn run(context: &mut Context<'_>, arguments: &ApplyArgs) -> u8 {
    let ApplyArgs { adopt, writing } = arguments;
    match adopt::adopted(context, adopt.as_deref(), &writing.profiles) {
        Ok(None) => {}
        Ok(Some(id)) => return take_over(context, writing, id).await,
        Err(code) => return code,
    }
    let replace = replace(&writing.sinks);
    run_jobs(context, writing, |survey, job, own| Choice::Act(survey.plan(Goal::Converge, job, replace, own)))
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
    for job in &survey.jobs {
        match adopt::planned(context, &session, job, &id, replace(sinks)).await {
            Ok(plan) => match session::prove(context, custody, vec![(job, plan)]) {
                Ok(proven) => {
                    for proven in proven {
                        carry_out(context, custody, survey, proven, None).await;
                    }
                }
                Err(code) => return code,
            },
            Err(error) => {
                let nothing = Plan { step: Step::Keep(Keep::untouched(id.clone())), notes: Vec::new() };
                say(context, survey, job, &nothing, Err(error.into()));
            }
        }
    }
    context.report.exit_code()
}
