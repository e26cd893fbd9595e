//! `cfmint roll`: a new secret for the same token, delivered. The old secret dies at once.

use super::args::WritingArgs;
use super::context::Context;
use super::outcome::{Choice, run_jobs};
use super::session::replace;
use crate::plan::Goal;

pub(super) async fn run(context: &mut Context<'_>, arguments: &WritingArgs) -> u8 {
    let replace = replace(&arguments.sinks);
    run_jobs(context, arguments, |survey, job, own| {
        Choice::Act(survey.plan(Goal::NewSecret, job, replace, own))
    })
    .await
}
