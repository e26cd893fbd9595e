//! `cfmint emulator`: serves the embedded Cloudflare API on loopback until it is interrupted.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::cli::session::context::Context;
use crate::cli::session::interrupt::interruption;
use crate::cli::session::trial::emulator_settings;
use crate::emulator;

/// Serve the embedded Cloudflare API on loopback, for tests
#[derive(Debug, Args)]
#[command(after_help = "Prints the variables that point cfmint to it, and serves until it is interrupted.\n\
    It forgets everything at the end.\n\n\
    Example: cfmint emulator --port 8787")]
pub(in crate::cli) struct EmulatorArgs {
    /// The port on 127.0.0.1; 0 chooses a free one
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// How long to wait before each answer, such as `20ms` or `1s`
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = latency)]
    latency: Duration,
}

impl RunCommand for EmulatorArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let settings = emulator::Settings { latency: self.latency, ..emulator_settings(context.world) };
        let emulator = emulator::Emulator::new(settings);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let unusable = |error: std::io::Error| unusable_port(&format!("cannot listen on {address}: {error}"));
        let listener = TcpListener::bind(address).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let variables = BTreeMap::from([
            ("CLOUDFLARE_BASE_URL", format!("http://{address}/client/v4")),
            ("CLOUDFLARE_BOOTSTRAP_TOKEN", emulator::world::BOOTSTRAP.to_owned()),
        ]);
        // Whoever waits for them reads them at once, so the document cannot wait for the end.
        if context.json {
            context.report.variables(variables);
            context.print_report();
        } else {
            let lines = variables.iter().map(|(name, value)| format!("{name}={value}\n"));
            context.screen.result(&lines.collect::<String>());
        }
        context.screen.note("serving until interrupted; then the emulator forgets everything");
        let world = Arc::clone(context.world);
        let stop = async move {
            interruption(&*world).await;
        };
        let served = emulator.serve(listener, stop).await;
        served.map_err(|error| unusable_port(&format!("serving failed: {error}")))?;
        Ok(Outcome::Printed)
    }
}

fn unusable_port(message: &str) -> Problem {
    Problem::new(Code::EmulatorPort, message, "choose another port: --port 0 chooses a free one")
}

fn latency(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration such as `20ms` or `1s`");
    let (number, unit) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, Duration::from_millis(1)),
        (None, Some(number)) => (number, Duration::from_secs(1)),
        (None, None) => return Err(wrong()),
    };
    let number: u32 = number.parse().map_err(|_| wrong())?;
    Ok(unit * number)
}
