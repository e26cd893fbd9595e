//! `cfmint roll`: a new secret for the same token, delivered. The old secret dies at once.

use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::options::WritingArgs;
use crate::cli::session::context::Context;
use crate::cli::session::jobs::{Choice, run_jobs};
use crate::plan::Goal;

/// Give tokens a new secret and store it; the old one dies at once
#[derive(Debug, Args)]
#[command(after_help = "Example: cfmint roll shop.yaml -e production")]
pub(in crate::cli) struct RollArgs {
    /// Which tokens, and how.
    #[command(flatten)]
    writing: WritingArgs,
}

impl RunCommand for RollArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        context.reveal = self.writing.sinks.reveal();
        let replace = self.writing.sinks.replace();
        run_jobs(context, &self.writing, async |session, job| {
            Ok(Choice::Act(session.survey.plan(Goal::NewSecret, job, replace, &session.own), None))
        })
        .await?;
        Ok(Outcome::Reported)
    }
}
