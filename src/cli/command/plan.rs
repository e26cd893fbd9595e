//! `cfmint plan`: what `apply` would do, and why; with `--due`, what `rotate --due` would do.

use chrono::TimeDelta;
use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::exit::Exit;
use crate::cli::options::{ConnectionArgs, ProfileArgs};
use crate::cli::session::adopt::{adopt, adoptable};
use crate::cli::session::context::Context;
use crate::cli::session::due::due;
use crate::cli::session::jobs::{Choice, PlannedWork, show_jobs};
use crate::cli::session::load::Unchosen;
use crate::cli::session::open::Session;
use crate::plan::{Goal, Replace};
use crate::profile::duration;
use crate::survey::Purpose;

/// Show what `apply` would do, and why
#[derive(Debug, Args)]
#[command(after_help = "Asks Cloudflare and changes nothing.\n\n\
    Examples:\n  cfmint plan shop.yaml -e production --exit-code\n  \
    cfmint plan profiles/ --all-envs --due --exit-code")]
pub(in crate::cli) struct PlanArgs {
    /// Plan for `apply --adopt`
    #[arg(long, value_name = "ID")]
    adopt: Option<String>,
    /// Plan for `apply --replace`
    #[arg(long)]
    replace: bool,
    /// Plan for `rotate --due`
    #[arg(long)]
    due: bool,
    /// Plan for `rotate --due --splay DURATION`
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "due")]
    splay: Option<TimeDelta>,
    /// Exit with 3 when there is anything to do
    #[arg(long)]
    exit_code: bool,
    /// Which profiles.
    #[command(flatten)]
    profiles: ProfileArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    connection: ConnectionArgs,
}

impl RunCommand for PlanArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let adopted = adoptable(context, self.adopt.as_deref(), &self.profiles)?;
        let (profiles, connection) = (&self.profiles, &self.connection);
        let session = Session::look(context, profiles, connection, Purpose::Make, Unchosen::LeaveOut).await?;
        let replace = if self.replace { Replace::Foreign } else { Replace::Never };
        let world = context.world;
        let work = show_jobs(context, &session, async |session, job| match &adopted {
            Some(id) => adopt(&**world, session, job, id, replace).await,
            None if self.due => Ok(due(session, job, self.splay, replace)),
            None => Ok(Choice::Act(session.survey.plan(Goal::Converge, job, replace, &session.own), None)),
        })
        .await;
        let is_asked_for = self.exit_code && work == PlannedWork::Some && context.report.exit() == Exit::Done;
        Ok(if is_asked_for { Outcome::Findings } else { Outcome::Reported })
    }
}
