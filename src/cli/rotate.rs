//! `cfmint rotate`: a new generation, delivered and verified; the old one is retired after its overlap.

use super::args::RotateArgs;
use super::context::Context;
use super::due::Dueness;
use super::outcome::{Turn, each_job};
use super::session::replace;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RotateArgs) -> u8 {
    let RotateArgs { profiles, due, splay, connection, sinks, .. } = arguments;
    each_job(context, profiles, connection, sinks, |_, survey, job, now| {
        let replace = replace(sinks);
        match due.then(|| Dueness::of(survey, job, *splay, replace, now)) {
            None => Turn::Act(survey.plan_rotate(job, replace, now)),
            Some(Dueness::Due { plan, .. }) => Turn::Act(plan),
            Some(Dueness::NotDue { plan, why }) => Turn::Skip { plan, why },
        }
    })
    .await
}
