//! `cfmint rotate`: a new generation, delivered and verified; the old one is retired after its overlap.

use chrono::{DateTime, Utc};

use super::args::RotateArgs;
use super::context::Context;
use super::due::Dueness;
use super::outcome::{Turn, each_job, finish_roll};
use super::session::replace;
use crate::custody::{Custody, Job, Survey};
use crate::plan::{Plan, Replace, Step};

pub(super) async fn run(context: &mut Context<'_>, arguments: &RotateArgs) -> u8 {
    let RotateArgs { due, splay, writing } = arguments;
    each_job(context, writing, |custody, survey, job, now| {
        let replace = replace(&writing.sinks);
        match due.then(|| Dueness::of(survey, job, *splay, replace, now)) {
            None => {
                let plan = catch_up(custody, survey, job, survey.plan_rotate(job, replace, now), now);
                // A successor makes up for a lost secret; where none is made, the roll is finished.
                let roll =
                    if plan.step.delivers() { None } else { finish_roll(custody, survey, job, replace, now) };
                Turn::Act(roll.unwrap_or(plan))
            }
            Some(Dueness::Due { plan, .. }) => Turn::Act(catch_up(custody, survey, job, plan, now)),
            Some(Dueness::NotDue { plan, why }) => match finish_roll(custody, survey, job, replace, now) {
                Some(roll) => Turn::Act(roll),
                None => Turn::Skip { plan, why },
            },
        }
    })
    .await
}

/// The plan, unless the hooks of the last rotation have not run: then that one is finished, and no further one begun.
/// What sinks hold tells as much, but not where programs hold it.
fn catch_up(custody: &Custody, survey: &Survey, job: &Job, plan: Plan, now: DateTime<Utc>) -> Plan {
    let Step::Rotate { predecessors, .. } = &plan.step else { return plan };
    let is_awaited = survey.current(job, now).is_some_and(|live| custody.awaits_hooks(&live.id));
    if !is_awaited || predecessors.len() < 2 {
        return plan;
    }
    let as_it_is = survey.plan_apply(job, Replace::Never, now);
    if matches!(as_it_is.step, Step::Converge { .. }) { as_it_is } else { plan }
}
