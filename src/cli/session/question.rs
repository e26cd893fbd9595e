//! A question on the terminal, and the line that answers it.

use std::sync::Arc;

use super::context::Context;
use super::interrupt::interruption;
use super::standard_input::LONGEST_LINE;

/// Asks, and waits for a line; without the blanks around it. `None` where no answer came: the input ended, or a signal
/// asks to stop.
pub(in crate::cli) async fn answer(context: &mut Context<'_>, question: &str) -> Option<String> {
    context.screen.ask(question);
    let world = Arc::clone(context.world);
    let line = tokio::select! {
        line = tokio::task::spawn_blocking(move || world.read_line(LONGEST_LINE)) => line.ok().and_then(Result::ok),
        _ = interruption(&**context.world) => None,
    };
    let is_stopped = context.world.interrupted().is_some();
    line.flatten().filter(|_| !is_stopped).map(|line| line.trim().to_owned())
}
