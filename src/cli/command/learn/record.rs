//! A program, run with its requests led through this process -> what it asked for, and how it ended.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::Learned;
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::{Problem, no_free_port};
use crate::cli::options::RelayArgs;
use crate::cli::session::context::Context;
use crate::cli::session::relay::{exit_code, lead_to_loopback, relay};
use crate::doctor::learn::Proxy;
use crate::text::one_line;
use crate::world::{BOOTSTRAP_VARIABLES, Child, ChildOutput, Finished, ProcessGroup, World};

/// Runs a program to its end.
pub(super) async fn run(
    context: &mut Context<'_>,
    argv: &[String],
    way: &RelayArgs,
    is_beside_result: bool,
) -> Result<Learned, Failure> {
    let (relay, base) = relay(context.world, way).await?;
    let proxy = Proxy::start(relay, &base).await.map_err(|error| no_free_port(&error))?;
    let program = program(argv);
    let to = if way.emulator { "the emulator".to_owned() } else { base.to_string() };
    context.done("Recording", &format!("what {program} asks of {to}"));
    warn(context, &program);
    let variables = lead_to_loopback(&**context.world, &proxy.base());
    let output = if is_beside_result { ChildOutput::InheritedBesideResult } else { ChildOutput::Inherited };
    let finished = attend(context.world, argv, variables, output).await;
    let recording = proxy.stop().await;
    let failed = ended(&finished.map_err(|error| not_started(&program, &error))?);
    let doubt = failed.map(|code| {
        format!("{program} failed with exit code {code}: what it would have done after that was not seen.")
    });
    if let Some(doubt) = &doubt {
        context.screen.warn(doubt.trim_end_matches('.'));
    }
    Ok(Learned { recording, what: format!("a run of {program}"), doubt, failed })
}

/// The program's name. Its arguments may hold what nobody should see.
fn program(argv: &[String]) -> String {
    let name = argv.first().map(Path::new).and_then(Path::file_name);
    name.map(|name| one_line(&name.to_string_lossy())).unwrap_or_default()
}

/// Says what the program does without, where it may have counted on it.
fn warn(context: &mut Context<'_>, program: &str) {
    let has = |name: &str| context.world.variable(name).is_some();
    if !has("CLOUDFLARE_API_TOKEN") && has("CLOUDFLARE_API_KEY") {
        let text = format!(
            "{program} does not get CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL: set CLOUDFLARE_API_TOKEN for it"
        );
        context.screen.warn(&text);
    }
}

/// Waits for the program beside the requests that it sends.
async fn attend(
    world: &Arc<dyn World>,
    argv: &[String],
    variables: Vec<(&'static str, String)>,
    output: ChildOutput,
) -> io::Result<Finished> {
    let (world, argv) = (Arc::clone(world), argv.to_vec());
    let run = move || {
        let child = Child {
            variables: &variables,
            hidden: &BOOTSTRAP_VARIABLES,
            output,
            group: ProcessGroup::Shared,
            ..Child::new(&argv, world.folder())
        };
        world.run(&child)
    };
    tokio::task::spawn_blocking(run).await.map_err(io::Error::other)?
}

/// The exit code of a program that failed; `None` where all went well.
fn ended(finished: &Finished) -> Option<u8> {
    Some(exit_code(finished)).filter(|code| *code != 0)
}

fn not_started(program: &str, error: &io::Error) -> Problem {
    let message = format!("{program} did not start: {error}");
    let which = CommandLine::on_path("command -v", Path::new(program));
    Problem::new(Code::LearnProgram, message, Hint::run("see whether it is installed", which))
}
