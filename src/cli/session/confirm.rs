//! The question before tokens are deleted.

use std::sync::Arc;

use super::context::Context;
use super::interrupt::interruption;
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;

/// Asks on a terminal whether these may be deleted; elsewhere the answer must have been given in advance. A signal is
/// a no.
pub(in crate::cli) async fn agreed(
    context: &mut Context<'_>,
    tokens: &str,
    count: usize,
) -> Result<(), Failure> {
    if !context.world.can_ask() {
        let agree = Hint::run("agree in advance", CommandLine::again("--yes"));
        let message = format!("this would delete {tokens}, and there is nobody to ask");
        return Err(Problem::new(Code::UsageYes, message, agree).into());
    }
    let them = if count == 1 { "it" } else { "one of them" };
    context.screen.ask(&format!("Delete {tokens}? What uses {them} stops working at once. [y/N]"));
    let world = Arc::clone(context.world);
    let answer = tokio::select! {
        answer = tokio::task::spawn_blocking(move || world.read_line()) => answer.ok().and_then(Result::ok),
        _ = interruption(&**context.world) => None,
    };
    let answer = answer.flatten().unwrap_or_default();
    if context.world.interrupted().is_none() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    // Whoever said no knows why; only a program needs a problem.
    context.screen.note("nothing was deleted");
    Err(declined().into())
}

/// Somebody said no.
pub(in crate::cli) fn declined() -> Problem {
    let agree = Hint::run("answer y, or agree in advance", CommandLine::again("--yes"));
    Problem { is_said: true, ..Problem::new(Code::CustodyDeclined, "nothing was deleted", agree) }
}
