//! `cfmint recover`: finishes what interrupted runs left, for the profiles that are given; without any, reports it, and
//! deletes what nobody can have the secret of.

use std::path::PathBuf;

use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::options::{ChoiceArgs, ConnectionArgs, ProfileArgs, SinkArgs, WritingArgs};
use crate::cli::output::describe;
use crate::cli::output::rows::{Row, RowAction, TokenRow};
use crate::cli::session::context::Context;
use crate::cli::session::jobs::{Choice, run_jobs};
use crate::cli::session::owner::owner;
use crate::cli::session::workspace::Workspace;
use crate::cloudflare::TokenOwner;
use crate::custody::{Custody, Left, Leftover};
use crate::plan::{Goal, Replace, Step};
use crate::text::one_line;

/// Finish what an interrupted run left
#[derive(Debug, Args)]
#[command(
    after_help = "`apply` and `rotate` do this for their profiles; this command does nothing else. `roll` \
    does it only where a sink may hold a secret that such a run made. On other machines, an \
    interrupted run counts as over 15 minutes after it made its token.\n\
    Without profiles, it says what is left, and deletes tokens whose secret nobody can have. All others \
    end by themselves.\n\n\
    Examples:\n  cfmint recover shop.yaml -e dev\n  cfmint recover"
)]
pub(in crate::cli) struct RecoverArgs {
    /// Profile files, or folders of them, whose unfinished runs to finish; without any, cfmint deletes the tokens whose
    /// secret nobody can have, and says what else is left
    #[arg(value_name = "PROFILE")]
    profiles: Vec<PathBuf>,
    /// Without profiles: the account whose tokens are looked at, by name or id [default: your user]
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "profiles")]
    account: Option<String>,
    /// With profiles: say what would be done, and do nothing
    #[arg(long, requires = "profiles")]
    dry_run: bool,
    /// How they are resolved.
    #[command(flatten)]
    choice: ChoiceArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    connection: ConnectionArgs,
}

impl RunCommand for RecoverArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        if self.profiles.is_empty() {
            self.without_profiles(context).await?;
            return Ok(Outcome::Reported);
        }
        run_jobs(context, &self.writing(), async |session, job| {
            let plan = session.survey.plan(Goal::Finish, job, Replace::Never, &session.own);
            let is_idle = match &plan.step {
                Step::Nothing => true,
                Step::Keep(keep) => keep.is_idle(),
                _ => false,
            };
            Ok(if is_idle {
                Choice::Skip(plan, "nothing was left unfinished".to_owned())
            } else {
                Choice::Act(plan, None)
            })
        })
        .await?;
        Ok(Outcome::Reported)
    }
}

impl RecoverArgs {
    fn writing(&self) -> WritingArgs {
        WritingArgs {
            dry_run: self.dry_run,
            sinks: SinkArgs { replace: false, fix_gitignore: false, reveal: false },
            yes: false,
            profiles: ProfileArgs { profiles: self.profiles.clone(), choice: self.choice.clone() },
            connection: self.connection.clone(),
        }
    }

    async fn without_profiles(&self, context: &mut Context<'_>) -> Result<(), Failure> {
        context.about(self.account.as_ref());
        let workspace = Workspace::open(context, &self.connection).await?;
        let custody = workspace.custody(context).await?;
        let owner = owner(&workspace.connection.client, self.account.as_deref()).await?;
        let leftovers = custody.recover_without_profiles(&owner).await?;
        if leftovers.is_empty() {
            context.done("Settled", "no run left anything unfinished");
        }
        for leftover in leftovers {
            say(context, &custody, &owner, leftover);
        }
        Ok(())
    }
}

fn say(context: &mut Context<'_>, custody: &Custody, owner: &TokenOwner, leftover: Leftover) {
    let Leftover { live, left } = leftover;
    let text = describe::leftover(&context.invocation, &live, &left, custody.now());
    let mut row =
        Row { token: Some(TokenRow::new(owner, &live)), notes: vec![text.clone()], ..Row::default() };
    match left {
        Left::Deleted | Left::OfCommandDeleted => {
            row.action = RowAction::Revoked;
            context.done("Deleted", &text);
        }
        Left::EndsByItself | Left::HooksDue => {
            row.action = RowAction::Skipped;
            context.screen.note(&text);
        }
        Left::Alive(error) => {
            row.action = RowAction::Failed;
            context.screen.failed(&one_line(&live.name));
            context.report.problem((&*error).into());
        }
    }
    context.report.row(row);
}
