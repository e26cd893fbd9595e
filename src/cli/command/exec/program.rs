//! The command itself: found before a token is made, run with our streams, warned of beside before its token ends.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use zeroize::Zeroizing;

use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::{Problem, no_free_port};
use crate::cli::options::ConnectionArgs;
use crate::cli::session::connect::Connection;
use crate::cli::session::context::Context;
use crate::cli::session::relay::{exit_code, lead_to, lead_to_loopback};
use crate::cloudflare::ApiBase;
use crate::custody::{CommandToken, Custody};
use crate::doctor::learn::Proxy;
use crate::secret::Secret;
use crate::sink::{self, Root, VAULT_SECRETS};
use crate::survey::Job;
use crate::text::one_line;
use crate::world::{BOOTSTRAP_VARIABLES, Child, ChildOutput, Finished, ProcessGroup, World};

/// The warning before the end comes when so much of the life is left, or this share of it where that is less.
const WARNING: TimeDelta = TimeDelta::minutes(1);
const WARNING_SHARE: i32 = 5;

/// How often the time is looked at.
const POLL: Duration = Duration::from_millis(250);

/// A program that is there, with its arguments.
pub(super) struct Program<'a> {
    argv: &'a [String],
    /// What a person calls it: its arguments may hold what nobody should see.
    called: String,
}

/// What leads the command to the API that its token is for.
pub(super) struct Given {
    variables: Vec<(&'static str, String)>,
    /// The variables of this process that it must not see: those that the bootstrap came from, and what opens the store
    /// that it came from.
    withheld: Vec<&'static str>,
    /// Where the emulator inside this process is reached.
    proxy: Option<Proxy>,
}

impl Given {
    /// Where the API is not Cloudflare's own, the command is told where it is.
    pub(super) async fn prepare(
        context: &Context<'_>,
        connection: &Connection,
        arguments: &ConnectionArgs,
    ) -> Result<Self, Problem> {
        let mut withheld = BOOTSTRAP_VARIABLES.to_vec();
        if arguments.bootstrap_vault.is_some() {
            withheld.extend(VAULT_SECRETS);
        }
        let base = connection.client.base();
        if let Some(relay) = &connection.relay {
            let proxy = Proxy::start(Arc::clone(relay), base).await.map_err(|error| no_free_port(&error))?;
            let variables = lead_to_loopback(&**context.world, &proxy.base());
            return Ok(Self { variables, withheld, proxy: Some(proxy) });
        }
        let variables = if *base == ApiBase::cloudflare() { Vec::new() } else { lead_to(base.as_str()) };
        Ok(Self { variables, withheld, proxy: None })
    }
}

impl<'a> Program<'a> {
    /// Makes sure that there is such a program. It runs in the folder that cfmint was started in.
    pub(super) fn find(world: &dyn World, argv: &'a [String]) -> Result<Self, Problem> {
        let called = one_line(&sink::called(argv));
        let folder = Root { folder: world.folder().to_owned(), work_tree: false };
        match sink::Program::new(&folder, argv).prove(world) {
            Ok(()) => Ok(Self { argv, called }),
            Err(_) => Err(Problem::new(
                Code::ExecProgram,
                format!("there is no program {called}, or it may not be executed; no token was made"),
                "install it, correct the name or PATH, or make it executable: chmod +x",
            )),
        }
    }

    /// Runs it to its end, and returns its exit code. Signals are passed on to it, and end nothing here.
    pub(super) async fn run(
        &self,
        context: &mut Context<'_>,
        custody: &Custody,
        job: &Job,
        token: &CommandToken,
        given: Given,
    ) -> Result<u8, Failure> {
        if let Some(interrupt) = context.world.interrupted() {
            return Err(interrupt.into());
        }
        let held = token.variables(job).map_err(|error| Problem::from(&error))?;
        let names: Vec<&str> = held.iter().map(|(name, _)| name.as_str()).collect();
        context.done("Running", &format!("{} with {}", self.called, names.join(", ")));
        let hidden =
            |(name, value): &(String, Secret)| (name.clone(), Zeroizing::new(value.expose().to_owned()));
        let secrets = held.iter().map(hidden).collect();
        let Given { variables, withheld, proxy } = given;
        let warning = warning_at(&**context.world, token.ends() - custody.now());
        let running = self.start(context.world, custody, (variables, withheld), secrets);
        tokio::pin!(running);
        let finished = tokio::select! {
            biased;
            finished = &mut running => finished,
            () = until(&**context.world, warning) => {
                self.warn(context, token.ends());
                running.await
            }
        };
        if let Some(proxy) = proxy {
            proxy.stop().await;
        }
        let finished = finished.map_err(|error| self.not_started(&error))?;
        Ok(exit_code(&finished))
    }

    async fn start(
        &self,
        world: &Arc<dyn World>,
        custody: &Custody,
        (variables, withheld): (Vec<(&'static str, String)>, Vec<&'static str>),
        secrets: Vec<(String, Zeroizing<String>)>,
    ) -> io::Result<Finished> {
        let (world, argv, lock) = (Arc::clone(world), self.argv.to_vec(), custody.lock_of_command()?);
        let run = move || {
            let child = Child {
                variables: &variables,
                secrets: &secrets,
                hidden: &withheld,
                output: ChildOutput::Inherited,
                group: ProcessGroup::OfCommand,
                lock: lock.as_ref(),
                ..Child::new(&argv, world.folder())
            };
            world.run(&child)
        };
        tokio::task::spawn_blocking(run).await.map_err(io::Error::other)?
    }

    fn warn(&self, context: &mut Context<'_>, ends: DateTime<Utc>) {
        let text = format!(
            "the token of {} ends {}: Cloudflare refuses what the command asks after that; the next time, let it live longer: --ttl",
            self.called,
            ends.format("%H:%M:%S UTC")
        );
        context.screen.alarm(&text);
    }

    fn not_started(&self, error: &io::Error) -> Problem {
        let message = format!("{} did not start: {error}", self.called);
        let name = self.argv.first().map(String::as_str).unwrap_or_default();
        let which = CommandLine::on_path("command -v", Path::new(name));
        Problem::new(Code::ExecProgram, message, Hint::run("see what it is", which))
    }
}

/// When the command must be told, by the clock that counts the time that the machine was suspended, too.
fn warning_at(world: &dyn World, life: TimeDelta) -> Duration {
    let warning = WARNING.min(life / WARNING_SHARE);
    world.uptime() + (life - warning).to_std().unwrap_or_default()
}

/// Waits until that clock says so.
async fn until(world: &dyn World, when: Duration) {
    while world.uptime() < when {
        tokio::time::sleep(POLL).await;
    }
}
