//! `cfmint apply`: makes what is missing, updates what drifted, delivers secrets.

use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::options::WritingArgs;
use crate::cli::session::adopt::{adopt, adoptable};
use crate::cli::session::context::Context;
use crate::cli::session::jobs::{Choice, run_jobs};
use crate::plan::Goal;

/// Make and update tokens, and store their secrets
#[derive(Debug, Args)]
#[command(
    visible_alias = "create",
    after_help = "Makes what is missing, updates what differs from its profile. A second run changes nothing.\n\n\
        Example: cfmint apply shop.yaml -e dev -e production"
)]
pub(in crate::cli) struct ApplyArgs {
    /// Take over the live token with this id, with the secret it has
    #[arg(long, value_name = "ID")]
    adopt: Option<String>,
    /// Which tokens, and how.
    #[command(flatten)]
    writing: WritingArgs,
}

impl RunCommand for ApplyArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        context.reveal = self.writing.sinks.reveal();
        let adopted = adoptable(context, self.adopt.as_deref(), &self.writing.profiles)?;
        let (world, replace) = (context.world, self.writing.sinks.replace());
        run_jobs(context, &self.writing, async |session, job| match &adopted {
            Some(id) => adopt(&**world, session, job, id, replace).await,
            None => Ok(Choice::Act(session.survey.plan(Goal::Converge, job, replace, &session.own), None)),
        })
        .await?;
        Ok(Outcome::Reported)
    }
}
