//! `cfmint rotate`: a new generation, delivered and verified; the old one is retired after its overlap.

use chrono::TimeDelta;
use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::options::WritingArgs;
use crate::cli::session::context::Context;
use crate::cli::session::due::due;
use crate::cli::session::jobs::{Choice, run_jobs};
use crate::plan::Goal;
use crate::profile::duration;

/// Make successors; the old tokens end after their overlap
#[derive(Debug, Args)]
#[command(after_help = "The old secret works until the new one is verified, and then until the overlap \
    ends.\n\n\
    Example: cfmint rotate shop.yaml -e production --due")]
pub(in crate::cli) struct RotateArgs {
    // What is flattened gives those behind it its heading, so these stand in front.
    /// Rotate only what is older than `rotation.every`, or has less than `renew_before` left
    #[arg(long)]
    due: bool,
    /// Let each token become due up to this much later, such as 2h, so that tokens made together are not rotated
    /// together; no run waits, and no token expires because of it
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "due")]
    splay: Option<TimeDelta>,
    /// Which tokens, and how.
    #[command(flatten)]
    writing: WritingArgs,
}

impl RunCommand for RotateArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        context.reveal = self.writing.sinks.reveal();
        let replace = self.writing.sinks.replace();
        run_jobs(context, &self.writing, async |session, job| {
            if self.due {
                return Ok(due(session, job, self.splay, replace));
            }
            Ok(Choice::Act(session.survey.plan(Goal::Successor, job, replace, &session.own), None))
        })
        .await?;
        Ok(Outcome::Reported)
    }
}
