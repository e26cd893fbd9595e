//! The binary: starts the runtime, runs, exits with the code.

use std::process::ExitCode;
use std::sync::Arc;

use cfmint::cli::{Screen, run};
use cfmint::world::{Interrupt, Machine, note_interrupt};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    // One thread beside this one: it notes signals, and keeps connections alive, while this one waits for a program.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let ran = runtime.and_then(|runtime| {
        let code = runtime.block_on(start());
        // A question that nobody answered any more must not keep the process alive.
        runtime.shutdown_background();
        code
    });
    match ran {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            Screen::standard().error("system", &format!("cfmint cannot start: {error}"), "");
            ExitCode::FAILURE
        }
    }
}

async fn start() -> std::io::Result<u8> {
    Machine::seal();
    let world = Arc::new(Machine::new()?);
    listen(SignalKind::interrupt(), Interrupt::Interrupt)?;
    listen(SignalKind::terminate(), Interrupt::Terminate)?;
    listen(SignalKind::hangup(), Interrupt::HangUp)?;
    Ok(run(std::env::args_os().collect(), world, &mut Screen::standard()).await)
}

/// Notes a signal instead of dying of it: the step at hand goes on until its secret is safe.
fn listen(kind: SignalKind, interrupt: Interrupt) -> std::io::Result<()> {
    let mut signals = signal(kind)?;
    tokio::spawn(async move {
        while signals.recv().await.is_some() {
            note_interrupt(interrupt);
        }
    });
    Ok(())
}
