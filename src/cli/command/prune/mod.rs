//! `cfmint prune`: shows the tokens that meet every rule, and deletes them where that is agreed to.

mod delete;
mod render;
mod select;

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{ArgGroup, Args};

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::options::{ChoiceArgs, ConnectionArgs};
use crate::cli::session::confirm::agreed;
use crate::cli::session::context::Context;
use crate::cli::session::workspace::Workspace;
use crate::profile::duration;

/// Show, and with --yes delete, the tokens that meet every rule given
#[derive(Debug, Args)]
#[command(
    after_help = "Shows which tokens meet every rule, and why. On a terminal, it then asks. Elsewhere, \
    and with --json, it deletes nothing without --yes, and that is not an error. It never deletes the \
    bootstrap's own token.\n\n\
    Examples:\n  cfmint prune --unused-for 90d\n  \
    cfmint prune shop.yaml --environments 'pr-*' --older-than 7d --yes\n  \
    cfmint prune --unmanaged --name 'legacy-*' --expired"
)]
#[command(
    group = ArgGroup::new("rules")
        .args(["unused_for", "older_than", "expired", "shape"])
        .required(true)
        .multiple(true),
    // Without a profile these would narrow nothing down, and more would go than was meant.
    group = ArgGroup::new("choice")
        .args(["environments", "all_envs", "features", "variables"])
        .multiple(true)
        .requires("profiles"),
)]
#[allow(clippy::struct_excessive_bools, reason = "one for each flag, as they are typed")]
pub(in crate::cli) struct PruneArgs {
    /// Only the tokens of these profile files, or folders of them (without subfolders); dead secrets are removed from
    /// their sinks
    #[arg(value_name = "PROFILE")]
    profiles: Vec<PathBuf>,
    /// Unused for this long, such as `90d`; a token that was never used counts from when it was made or last changed
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Rules")]
    unused_for: Option<TimeDelta>,
    /// Made longer ago than this, such as `7d`
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Rules")]
    older_than: Option<TimeDelta>,
    /// Already expired
    #[arg(long, help_heading = "Rules")]
    expired: bool,
    /// Of an environment that matches this pattern, such as 'pr-*'; needs profiles
    #[arg(
        id = "shape",
        long = "environments",
        value_name = "GLOB",
        value_parser = shape,
        requires = "profiles",
        conflicts_with = "unmanaged",
        help_heading = "Rules"
    )]
    shape: Option<String>,
    /// Instead, look at tokens that cfmint did not make and whose names match --name
    #[arg(long, requires = "name", conflicts_with_all = ["profiles", "choice"])]
    unmanaged: bool,
    /// The pattern of names for --unmanaged, such as 'legacy-*'
    #[arg(long, value_name = "GLOB", requires = "unmanaged", conflicts_with = "profiles")]
    name: Option<String>,
    /// The account whose tokens are looked at, by name or id [default: what the profiles say, or your user]
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// Delete nothing if it would be more tokens than this
    #[arg(long, value_name = "N", default_value_t = 20)]
    max: usize,
    /// Show what would be deleted, and delete nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Delete without asking
    #[arg(long)]
    yes: bool,
    /// How they are resolved.
    #[command(flatten)]
    choice: ChoiceArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    connection: ConnectionArgs,
}

impl RunCommand for PruneArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        self.prune(context).await?;
        Ok(Outcome::Reported)
    }
}

impl PruneArgs {
    async fn prune(&self, context: &mut Context<'_>) -> Result<(), Failure> {
        let loaded = select::profiles(context, self)?;
        context.about(self.account.as_ref());
        let workspace = Workspace::open(context, &self.connection).await?;
        // Without agreement it only looks: nothing is locked while a person reads.
        let mut custody = if self.yes { Some(workspace.custody(context).await?) } else { None };
        let mut own = match &custody {
            Some(custody) => custody.own_marks(),
            None => workspace.own_marks(context)?,
        };
        let mut selected = select::select(context, &workspace, &own, &loaded, self).await?;
        render::spared(context, &selected);
        let too_many_go = selected.doomed.len() > self.max;
        // Who agreed in advance and wants to hear only what went wrong has no use for the table.
        if too_many_go || !self.yes || !context.screen.is_quiet() {
            render::table(context, &selected);
        }
        if too_many_go {
            render::rows(context, &selected);
            context.report.problem(too_many(selected.doomed.len(), self.max));
            return Ok(());
        }
        if selected.doomed.is_empty() {
            return Ok(());
        }
        if !self.yes {
            if self.dry_run || context.json || !context.world.can_ask() {
                render::rows(context, &selected);
                let again = if self.dry_run {
                    Hint::text("nothing was deleted")
                } else {
                    let again = CommandLine::again("--yes");
                    Hint::run("nothing was deleted; to delete what is listed", again)
                };
                context.note(&again);
                return Ok(());
            }
            let these = if selected.doomed.len() == 1 { "this token" } else { "these tokens" };
            agreed(context, these, selected.doomed.len()).await?;
            let shown: BTreeSet<String> =
                selected.doomed.iter().map(|doomed| doomed.live.id.clone()).collect();
            let locked = workspace.custody(context).await?;
            own = locked.own_marks();
            custody = Some(locked);
            // The answer took its time: what is used again by now stays, and what was not shown does too.
            selected = select::select(context, &workspace, &own, &loaded, self).await?;
            selected.doomed.retain(|doomed| shown.contains(&doomed.live.id));
            render::fewer(context, shown.len() - selected.doomed.len());
        }
        match custody {
            Some(custody) => delete::end_all(context, &workspace, custody, selected).await,
            None => Ok(()),
        }
    }
}

fn too_many(found: usize, most: usize) -> Problem {
    let tokens = if found == 1 { "1 token meets".to_owned() } else { format!("{found} tokens meet") };
    Problem::new(
        Code::CustodyTooMany,
        format!("{tokens} the rules, which is more than {most}: nothing was deleted"),
        Hint::run("add a rule; or, if all of them are meant", CommandLine::again(format!("--max {found}"))),
    )
}

/// The shape of environments' names: what such a name may be made of, and `*`.
fn shape(text: &str) -> Result<String, String> {
    if crate::profile::pattern_is_valid(text) {
        return Ok(text.to_owned());
    }
    Err("an environment's name has letters, digits, `.`, `_` and `-`; `*` stands for any, as in 'pr-*'"
        .to_owned())
}
