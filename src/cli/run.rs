//! From arguments to an exit code: parses, sends each command to its file, says the report.

use std::ffi::OsString;
use std::sync::Arc;

use clap::Parser as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::args::{Arguments, Command};
use super::report::{Report, exit};
use super::screen::{Screen, Verbosity};
use super::{apply, check, emulator, plan, revoke, roll};
use crate::world::{Interrupt, World};

/// What every command works with.
pub(super) struct Context<'a> {
    pub(super) world: &'a Arc<dyn World>,
    pub(super) screen: &'a mut Screen,
    pub(super) report: Report,
    /// Whether results are said as JSON, so that lines for people are not.
    pub(super) json: bool,
}

impl Context<'_> {
    /// A line for people about something done.
    pub(super) fn done(&mut self, verb: &str, text: &str) {
        self.screen.done(verb, text);
    }
}

/// Runs cfmint once and returns its exit code. May be called several times in one process.
pub async fn run(arguments: Vec<OsString>, world: Arc<dyn World>, screen: &mut Screen) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let text = error.render();
            return if error.use_stderr() {
                screen.rendered(text.ansi().to_string().trim_end());
                exit::INVALID
            } else {
                screen.help(&text.ansi().to_string());
                exit::DONE
            };
        }
    };
    if arguments.output.quiet {
        screen.set_verbosity(Verbosity::Quiet);
    }
    start_log(arguments.output.quiet, arguments.output.verbose);
    let json = arguments.output.json;
    let report = Report::new(arguments.command.name());
    let mut context = Context { world: &world, screen, report, json };
    let code = match &arguments.command {
        Command::Check(arguments) => check::run(&mut context, arguments),
        Command::Plan(arguments) => plan::run(&mut context, arguments).await,
        Command::Apply(arguments) => apply::run(&mut context, arguments).await,
        Command::Roll(arguments) => roll::run(&mut context, arguments).await,
        Command::Revoke(arguments) => revoke::run(&mut context, arguments).await,
        Command::Emulator(arguments) => return emulator::run(&mut context, arguments).await,
        Command::Schema => {
            let text = serde_json::to_string_pretty(&crate::profile::schema()).unwrap_or_default();
            context.screen.result(&format!("{text}\n"));
            return exit::DONE;
        }
    };
    let Context { screen, report, .. } = context;
    report.say(screen, json);
    world.interrupted().map_or(code, Interrupt::exit_code)
}

/// Sends the log to standard error. A second run in one process keeps the first one's.
fn start_log(quiet: bool, verbose: u8) {
    let level = match verbose {
        0 if quiet => tracing::Level::ERROR,
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        _ => tracing::Level::DEBUG,
    };
    let lines =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).without_time();
    // What the HTTP library has to say is about its sockets, not about requests.
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    tracing_subscriber::registry().with(lines.with_filter(ours)).try_init().ok();
}
