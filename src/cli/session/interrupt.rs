//! Signals while nothing is in custody: what is waited for then ends at once.

use std::time::Duration;

use super::context::Context;
use crate::cli::failure::Failure;
use crate::world::{Interrupt, World};

/// How often a signal is looked for.
const POLL: Duration = Duration::from_millis(50);

/// Waits for a signal that asks to stop.
pub(in crate::cli) async fn interruption(world: &dyn World) -> Interrupt {
    loop {
        if let Some(interrupt) = world.interrupted() {
            return interrupt;
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Looks, until a signal asks to stop: nothing is in custody yet, so there is nothing to wait for.
pub(in crate::cli) async fn unless_interrupted<T>(
    context: &Context<'_>,
    look: impl Future<Output = T>,
) -> Result<T, Failure> {
    tokio::select! {
        found = look => Ok(found),
        interrupt = interruption(&**context.world) => Err(interrupt.into()),
    }
}
