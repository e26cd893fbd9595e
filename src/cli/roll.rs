//! `cfmint roll`: a new secret for the same token, delivered. The old secret dies at once.

use super::args::WritingArgs;
use super::context::Context;
use super::outcome::{Turn, each_job};
use super::session::replace;

pub(super) async fn run(context: &mut Context<'_>, arguments: &WritingArgs) -> u8 {
    each_job(context, arguments, |_, survey, job, now| {
        Turn::Act(survey.plan_roll(job, replace(&arguments.sinks), now))
    })
    .await
}
