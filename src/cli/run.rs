//! From arguments to an exit code: parses, lets the command run, says how it ended.

use std::ffi::OsString;
use std::sync::Arc;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser};
use tracing::instrument::WithSubscriber as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

use super::command::{Command, Outcome, RunCommand as _};
use super::failure::code::Code;
use super::failure::exit::Exit;
use super::failure::invocation::Invocation;
use super::failure::problem::Problem;
use super::failure::{Failure, usage};
use super::options::{ChoiceArgs, OutputArgs, Reveal};
use super::output::report::Report;
use super::output::screen::{Lines, Screen, Verbosity};
use super::reference::reference_of;
use super::session::bootstrap::BootstrapScope;
use super::session::connect::{TransportFactory, https};
use super::session::context::Context;
use crate::world::World;

/// What follows the list of commands.
const EXAMPLES: &str = "\
Examples:
  cfmint init --from wrangler.toml          write the first profile
  cfmint check profiles/                    is everything in this folder valid?
  cfmint plan shop.yaml -e production       what would change, and why?
  cfmint apply shop.yaml -e production      make the changes
  cfmint apply shop.yaml -e dev --emulator  try it without Cloudflare

Variables:
  CLOUDFLARE_BOOTSTRAP_TOKEN  the token that makes the others
  CLOUDFLARE_BASE_URL         where the API is, as --api-url
  NO_COLOR                    no colours, unless --color says otherwise
  CLICOLOR_FORCE              colours everywhere

Exit codes:
  0  done
  1  failed or refused
  2  wrong usage or an invalid profile
  3  differences or findings, if you asked for them
  4  some of several succeeded
  129, 130, 143  ended by a signal (hang-up, Ctrl-C, SIGTERM), with every secret safe
  any other      that of the program which learn or exec ran";

/// Makes, rotates and retires scoped Cloudflare API tokens from YAML profiles, and never loses a secret.
#[derive(Debug, Parser)]
#[command(name = "cfmint", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Arguments {
    /// What to do.
    #[command(subcommand)]
    command: Command,
    /// How to say it.
    #[command(flatten)]
    output: OutputArgs,
}

/// Returns the README's reference of all commands and their options, in Markdown.
#[must_use]
pub fn reference() -> String {
    reference_of(Arguments::command())
}

/// Runs cfmint once and returns its exit code. May be called several times in one process.
pub async fn run(arguments: Vec<OsString>, world: Arc<dyn World>, screen: &mut Screen) -> u8 {
    run_over(&https, arguments, world, screen).await
}

/// Runs cfmint once, over transports of the caller's own.
pub async fn run_over(
    transport_factory: &TransportFactory,
    arguments: Vec<OsString>,
    world: Arc<dyn World>,
    screen: &mut Screen,
) -> u8 {
    screen.set_color(usage::color(&arguments));
    let refused = usage::refuse_secrets(&Arguments::command(), &arguments, screen);
    let exit = match (refused, parse(&arguments)) {
        (Some(exit), _) => exit,
        (None, Ok((Arguments { command, output }, matches))) => {
            if output.quiet {
                screen.set_verbosity(Verbosity::Quiet);
            }
            let log = log(output.quiet, output.verbose, screen);
            let (name, of_command) = matches.subcommand().unwrap_or(("", &matches));
            let mut context = Context {
                world: &world,
                transport_factory,
                screen,
                report: Report::new(name),
                invocation: Invocation::new(&arguments, name, of_command),
                scope: BootstrapScope::default(),
                choice: ChoiceArgs::default(),
                reveal: Reveal::default(),
                grammar: Arguments::command,
                json: output.json,
            };
            let outcome = Box::pin(command.run(&mut context)).with_subscriber(log).await;
            finish(context, outcome)
        }
        (None, Err(error)) => usage::say(&Arguments::command(), &arguments, error, screen),
    };
    let Some(error) = screen.cut_off() else { return exit.code() };
    let problem = cut_off(&error);
    screen.error(problem.code.text(), &problem.message, &problem.hint(&Invocation::default()));
    if exit == Exit::Done { Exit::Failed.code() } else { exit.code() }
}

/// A result that did not reach standard output whole.
pub(in crate::cli) fn cut_off(error: &std::io::Error) -> Problem {
    let message = format!("standard output is incomplete: {error}");
    Problem::new(Code::OutputCutOff, message, "free some space, or send the output to another place")
}

/// What was typed, once as a command and once as clap saw it.
fn parse(typed: &[OsString]) -> Result<(Arguments, ArgMatches), clap::Error> {
    let matches = Arguments::command().try_get_matches_from(typed)?;
    let arguments = Arguments::from_arg_matches(&matches);
    Ok((arguments.map_err(|error| error.format(&mut Arguments::command()))?, matches))
}

/// The one place that says what went wrong and decides the exit code.
fn finish(mut context: Context<'_>, outcome: Result<Outcome, Failure>) -> Exit {
    let is_printed = matches!(outcome, Ok(Outcome::Printed)) || context.report.is_printed();
    let has_passed_signals_on = matches!(outcome, Ok(Outcome::CommandEnded(_)));
    let exit = match outcome {
        Ok(Outcome::Reported | Outcome::Printed) => context.report.exit(),
        Ok(Outcome::Findings) => Exit::Findings,
        Ok(Outcome::CommandFailed(code) | Outcome::CommandEnded(code)) => Exit::OfCommand(code),
        Err(Failure { problems, exit }) => {
            for problem in problems {
                context.report.problem(problem);
            }
            exit
        }
    };
    if context.json && !is_printed {
        context.print_report();
    }
    let Context { world, screen, report, invocation, .. } = context;
    report.say_problems(screen, &invocation);
    // What a command made of a signal is its own affair.
    world.interrupted().filter(|_| !has_passed_signals_on).map_or(exit, Exit::Interrupted)
}

/// The log of one run, written between the other lines of standard error.
fn log(quiet: bool, verbose: u8, screen: &Screen) -> impl tracing::Subscriber + Send + Sync + use<> {
    let level = match verbose {
        0 if quiet => tracing::Level::ERROR,
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        _ => tracing::Level::DEBUG,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(screen.log()).event_format(Lines);
    // What the HTTP library has to say is about its sockets, not about requests.
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    tracing_subscriber::registry().with(lines.with_filter(ours))
}
