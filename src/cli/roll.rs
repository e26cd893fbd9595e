//! `cfmint roll`: a new secret for the same token, delivered. The old secret dies at once.

use super::args::RollArgs;
use super::context::Context;
use super::outcome::{Turn, each_job};
use super::session::replace;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RollArgs) -> u8 {
    let RollArgs { profiles, connection, sinks, .. } = arguments;
    each_job(context, profiles, connection, sinks, |_, survey, job, now| {
        Turn::Act(survey.plan_roll(job, replace(sinks), now))
    })
    .await
}
