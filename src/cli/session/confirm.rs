//! What `revoke` and `prune` have in common: the question before tokens are deleted, and how the end of one is said.

use std::sync::Arc;

use crate::cli::failure::exit;
use crate::cli::failure::problem::{self, Problem};
use crate::cli::output::describe;
use crate::cli::output::report::Row;
use crate::cli::session::context::Context;
use crate::cli::session::jobs::word;
use crate::cli::session::open::interruption;
use crate::custody::{CustodyError, Done, Remark};

/// Asks on a terminal whether these may be deleted; elsewhere the answer must have been given beforehand. A signal is
/// a no.
pub(in crate::cli) async fn agreed(context: &mut Context<'_>, tokens: &str, count: usize) -> Result<(), u8> {
    if !context.world.can_ask() {
        context.report.problem(Problem::new(
            "usage.yes",
            format!("{tokens} would be deleted, and nobody can be asked here"),
            format!("agree beforehand: {}", context.with_yes()),
        ));
        return Err(exit::INVALID);
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
    let hint = format!("answer y, or agree beforehand: {}", context.with_yes());
    let declined = Problem::new("custody.declined", "nothing was deleted", hint);
    context.report.problem(Problem { is_said: true, ..declined });
    Err(exit::FAILED)
}

/// Says how the end of one token went, to people at once and to the report. What the row knows beforehand is kept.
pub(in crate::cli) fn say(
    context: &mut Context<'_>,
    name: &str,
    shown: &str,
    mut row: Row,
    outcome: Result<Done, CustodyError>,
) {
    match outcome {
        Ok(done) => {
            row.action = word(done.action);
            let verb = if row.action == "absent" { "Absent" } else { "Revoked" };
            context.done(verb, shown);
            for remark in &done.remarks {
                if let Remark::Cleared { sink, variables } = remark {
                    context.done("Removed", &format!("{} from {sink}", variables.join(", ")));
                }
                row.notes.push(describe::remark(remark));
            }
        }
        Err(error) => {
            row.action = "failed";
            context.screen.failed(shown);
            let mut problem = problem::custody(&error, "").with_flags(&context.flags);
            problem.message = format!("{name}: {}", problem.message);
            problem.file.clone_from(&row.profile);
            problem.environment.clone_from(&row.environment);
            context.report.problem(problem);
        }
    }
    context.report.row(row);
}
