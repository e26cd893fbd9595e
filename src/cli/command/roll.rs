//! `cfmint roll`: a new secret for the same token, delivered. The old secret dies at once.

use crate::cli::options::WritingArgs;
use crate::cli::session::context::Context;
use crate::cli::session::jobs::{Choice, run_jobs};
use crate::cli::session::open::replace;
use crate::plan::Goal;

pub(in crate::cli) async fn run(context: &mut Context<'_>, arguments: &WritingArgs) -> u8 {
    let replace = replace(&arguments.sinks);
    run_jobs(context, arguments, |survey, job, own| {
        Choice::Act(survey.plan(Goal::NewSecret, job, replace, own))
    })
    .await
}
