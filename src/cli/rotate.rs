//! `cfmint rotate`: a new generation, delivered and verified; the old one is retired after its overlap.

use super::args::RotateArgs;
use super::context::Context;
use super::due::Dueness;
use super::outcome::{Turn, each_job};
use super::session::replace;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RotateArgs) -> u8 {
    let RotateArgs { profiles, due, splay, connection, sinks, .. } = arguments;
    each_job(context, profiles, connection, sinks, |_, survey, job, now| {
        match due.then(|| Dueness::of(survey, job, *splay, now)) {
            Some(Dueness::NotDue { id, why }) => Turn::Skip { id, why },
            Some(Dueness::Due { .. }) | None => Turn::Act(survey.plan_rotate(job, replace(sinks), now)),
        }
    })
    .await
}
