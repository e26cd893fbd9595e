//! `cfmint rotate`: a new generation, delivered and verified; the old one is retired after its overlap.

use super::args::RotateArgs;
use super::context::Context;
use super::due::Dueness;
use super::outcome::{Turn, each_job, finish_roll};
use super::session::replace;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RotateArgs) -> u8 {
    let RotateArgs { due, splay, writing } = arguments;
    each_job(context, writing, |custody, survey, job, now| {
        let replace = replace(&writing.sinks);
        match due.then(|| Dueness::of(survey, job, *splay, replace, now)) {
            None => {
                let plan = survey.plan_rotate(job, replace, now);
                // A successor makes up for a lost secret; where none is made, the roll is finished.
                let roll =
                    if plan.step.delivers() { None } else { finish_roll(custody, survey, job, replace, now) };
                Turn::Act(roll.unwrap_or(plan))
            }
            Some(Dueness::Due { plan, .. }) => Turn::Act(plan),
            Some(Dueness::NotDue { plan, why }) => match finish_roll(custody, survey, job, replace, now) {
                Some(roll) => Turn::Act(roll),
                None => Turn::Skip { plan, why },
            },
        }
    })
    .await
}
