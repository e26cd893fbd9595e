//! From arguments to an exit code: parses, sends each command to its file, says the report.

use std::ffi::OsString;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use tracing::instrument::WithSubscriber as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::cli::command::{
    apply, audit, check, emulator, import, list, plan, prune, recover, revoke, roll, rotate, schedule,
};
use crate::cli::failure::exit;
use crate::cli::failure::problem::Problem;
use crate::cli::options::{Arguments, Command};
use crate::cli::output::report::Report;
use crate::cli::output::screen::{Lines, Screen, Verbosity};
use crate::cli::session::connect::{TransportFactory, https};
use crate::cli::session::context::{Context, Makes};
use crate::world::{Interrupt, World};

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
    let typed = arguments;
    let arguments = match Arguments::try_parse_from(&typed) {
        Ok(arguments) => arguments,
        Err(error) => {
            let text = error.render();
            return if error.use_stderr() {
                screen.rendered(text.ansi().to_string().trim_end());
                if wants_json(&typed) {
                    screen.result(&mistyped(&typed, &error).document());
                }
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
    let log = log(arguments.output.quiet, arguments.output.verbose, screen);
    let code = carry_out(transport_factory, (&typed, &arguments), &world, screen).with_subscriber(log).await;
    let Some(error) = screen.cut_off() else { return code };
    let message = format!("what should be on standard output is not all there: {error}");
    screen.error("output.cut-off", &message, "make room, or send it elsewhere");
    if code == exit::DONE { exit::FAILED } else { code }
}

/// Whether a program reads standard output, as far as arguments tell that cannot be understood.
fn wants_json(typed: &[OsString]) -> bool {
    typed.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json")
}

/// The report of a run that does not begin, for its arguments cannot be understood.
fn mistyped(typed: &[OsString], error: &clap::Error) -> Report {
    let known = Arguments::command();
    let words = typed.iter().skip(1).filter_map(|word| word.to_str());
    let mut words = words;
    let command = words.find_map(|word| known.find_subcommand(word));
    let name = command.map_or_else(|| known.get_name(), clap::Command::get_name);
    let text = error.render().to_string();
    let help = command.map_or_else(|| "cfmint --help".to_owned(), |_| format!("cfmint {name} --help"));
    let is_bare = matches!(
        error.kind(),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand
    );
    let (message, hint) = if is_bare {
        ("no command is given".to_owned(), help)
    } else {
        let first = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
        let first = first.collect::<Vec<_>>().join(" ");
        let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
        (first.trim_start_matches("error: ").to_owned(), tip.map_or(help, str::to_owned))
    };
    let mut report = Report::new(name);
    report.problem(Problem::new("usage.arguments", message, hint));
    report
}

async fn carry_out(
    transport_factory: &TransportFactory,
    (typed, arguments): (&[OsString], &Arguments),
    world: &Arc<dyn World>,
    screen: &mut Screen,
) -> u8 {
    let json = arguments.output.json;
    let report = Report::new(arguments.command.name());
    let mut context = Context {
        world,
        transport_factory,
        screen,
        report,
        typed,
        flags: String::new(),
        makes: Makes::default(),
        json,
    };
    let code = match &arguments.command {
        Command::Check(arguments) => check::run(&mut context, arguments),
        Command::Plan(arguments) => plan::run(&mut context, arguments).await,
        Command::Apply(arguments) => apply::run(&mut context, arguments).await,
        Command::Roll(arguments) => roll::run(&mut context, arguments).await,
        Command::Rotate(arguments) => rotate::run(&mut context, arguments).await,
        Command::Revoke(arguments) => revoke::run(&mut context, arguments).await,
        Command::Schedule(arguments) => schedule::run(&mut context, arguments),
        Command::Prune(arguments) => prune::run(&mut context, arguments).await,
        Command::List(arguments) => list::run(&mut context, arguments).await,
        Command::Audit(arguments) => audit::run(&mut context, arguments).await,
        Command::Import(arguments) => import::run(&mut context, arguments).await,
        Command::Recover(arguments) => recover::run(&mut context, arguments).await,
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
