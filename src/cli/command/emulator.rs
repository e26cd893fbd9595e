//! `cfmint emulator`: serves the embedded Cloudflare API on loopback until it is interrupted.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::cli::failure::exit;
use crate::cli::failure::problem::Problem;
use crate::cli::options::EmulatorArgs;
use crate::cli::session::connect::emulator_settings;
use crate::cli::session::context::Context;
use crate::cli::session::open::interruption;
use crate::emulator::{self, Emulator};

pub(in crate::cli) async fn run(context: &mut Context<'_>, arguments: &EmulatorArgs) -> u8 {
    let settings = emulator::Settings { latency: arguments.latency, ..emulator_settings(context.world) };
    let emulator = Emulator::new(settings);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let bound = TcpListener::bind(address).await.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = match bound {
        Ok(bound) => bound,
        Err(error) => {
            context.report.problem(problem(&format!("{address} cannot be listened on: {error}")));
            context.report.say(context.screen, context.json);
            return exit::FAILED;
        }
    };
    let variables = BTreeMap::from([
        ("CLOUDFLARE_BASE_URL", format!("http://{address}/client/v4")),
        ("CLOUDFLARE_BOOTSTRAP_TOKEN", emulator::world::BOOTSTRAP.to_owned()),
    ]);
    // Whoever waits for them reads them at once, so the document cannot wait for the end.
    if context.json {
        context.report.variables(variables);
        context.screen.result(&context.report.document());
    } else {
        let lines = variables.iter().map(|(name, value)| format!("{name}={value}\n"));
        context.screen.result(&lines.collect::<String>());
    }
    context.screen.note("serving until interrupted; what is made here is forgotten then");
    let world = std::sync::Arc::clone(context.world);
    let stop = async move {
        interruption(&*world).await;
    };
    match emulator.serve(listener, stop).await {
        Ok(()) => context.world.interrupted().map_or(exit::DONE, crate::world::Interrupt::exit_code),
        Err(error) => {
            let problem = problem(&format!("serving failed: {error}"));
            context.screen.error(&problem.code, &problem.message, &problem.hint);
            exit::FAILED
        }
    }
}

fn problem(message: &str) -> Problem {
    Problem::new("emulator.port", message, "choose another port: --port 0 takes a free one")
}
