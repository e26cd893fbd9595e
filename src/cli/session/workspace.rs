//! The place a command works in: the root that paths are relative to, the connection, the state folder.
//!
//! Nothing is written here, and nothing is sent. Whoever wants to write asks for [`Custody`], and holds the lock from
//! then on.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::connect::{ConnectAs, Connection, connect, state_path};
use super::context::Context;
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::options::ConnectionArgs;
use crate::custody::{Custody, MarkNote, StateFolder};
use crate::plan::Mark;
use crate::sink::{FixGitignore, Root, root};
use crate::survey::{Purpose, Surveyor};
use crate::world::World;

/// What every command that talks to Cloudflare stands on.
pub(in crate::cli) struct Workspace {
    pub(in crate::cli) root: Root,
    pub(in crate::cli) connection: Connection,
    state_folder: PathBuf,
}

impl Workspace {
    /// Finds the root and connects; warnings about the connection are said.
    pub(in crate::cli) async fn open(
        context: &mut Context<'_>,
        arguments: &ConnectionArgs,
    ) -> Result<Self, Failure> {
        let connect_as = ConnectAs::Bootstrap(context.scope);
        Self::open_as(context, arguments, connect_as).await
    }

    /// The same, with another credential where there is no bootstrap.
    pub(in crate::cli) async fn open_as(
        context: &mut Context<'_>,
        arguments: &ConnectionArgs,
        connect_as: ConnectAs,
    ) -> Result<Self, Failure> {
        let root = find_root(&**context.world)?;
        let state_folder = state_path(&**context.world, &root, arguments.state_dir.as_deref());
        let connection =
            connect(context.world, context.transport_factory, &root, arguments, connect_as).await?;
        for warning in &connection.warnings {
            context.screen.warn(warning);
        }
        if MarkNote::has_journal_of_earlier_version(&**context.world, &state_folder) {
            let text = "an earlier version of cfmint left a journal that is no longer needed, because \
                Cloudflare's list of tokens has everything; to end this note";
            let remove = CommandLine::on_path("rm", &state_folder.join("journal"));
            context.note(&Hint::run(text, remove));
        }
        Ok(Self { root, connection, state_folder })
    }

    /// Takes the lock, and with it the right to write.
    pub(in crate::cli) async fn custody(&self, context: &Context<'_>) -> Result<Custody, Failure> {
        let world = context.world;
        let state = StateFolder::open(&**world, &self.state_folder)?;
        let lock = state.lock(&**world).await?;
        let Connection { client, trial, .. } = &self.connection;
        Ok(Custody::open(Arc::clone(world), client.clone(), *trial, &state, lock)?)
    }

    /// The right to make tokens for commands; others may write while they run.
    pub(in crate::cli) fn custody_for_command(&self, context: &Context<'_>) -> Result<Custody, Failure> {
        let world = context.world;
        let state = StateFolder::open(&**world, &self.state_folder)?;
        let Connection { client, trial, .. } = &self.connection;
        Ok(Custody::for_command(Arc::clone(world), client.clone(), *trial, state)?)
    }

    /// The marks that this state folder announced and has not finished, for a command that only looks: what a run
    /// under way announced counts as dead here, since nothing is done about it. Those of commands under way are left out.
    pub(in crate::cli) fn own_marks(&self, context: &Context<'_>) -> Result<BTreeSet<Mark>, Failure> {
        StateFolder::look(&**context.world, &self.state_folder)?;
        let world = &**context.world;
        Ok(MarkNote::read(world, &self.state_folder)?.marks_of_dead_runs(world))
    }

    /// What a run looks with.
    pub(in crate::cli) fn surveyor<'a>(
        &'a self,
        world: &'a dyn World,
        purpose: Purpose,
        fix: FixGitignore,
    ) -> Surveyor<'a> {
        Surveyor {
            world,
            client: &self.connection.client,
            root: &self.root,
            state_folder: &self.state_folder,
            trial: self.connection.trial,
            fix,
            purpose,
        }
    }
}

/// The root of the git work tree, else the current folder.
pub(in crate::cli) fn find_root(world: &dyn World) -> Result<Root, Problem> {
    root(world).map_err(|error| unusable_folder(&error))
}

/// The current folder cannot be looked at.
pub(in crate::cli) fn unusable_folder(error: &std::io::Error) -> Problem {
    Problem::new(
        Code::SinkFolder,
        format!("cfmint cannot look at the folder: {error}"),
        "change into a folder that exists",
    )
}
