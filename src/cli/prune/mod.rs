//! `cfmint prune`: shows the tokens that meet every rule, and deletes them where that is agreed to.

mod act;
mod look;
mod say;

use std::collections::BTreeSet;

use super::args::PruneArgs;
use super::context::Context;
use super::end;
use super::problem::Problem;
use super::session::{self, Intent};

pub(super) async fn run(context: &mut Context<'_>, arguments: &PruneArgs) -> u8 {
    match prune(context, arguments).await {
        Ok(()) => context.report.exit_code(),
        Err(code) => code,
    }
}

async fn prune(context: &mut Context<'_>, arguments: &PruneArgs) -> Result<(), u8> {
    let loaded = look::profiles(context, arguments)?;
    // Without agreement it only looks: nothing is locked or settled while a person reads.
    let intent = if arguments.yes { Intent::Write } else { Intent::Read };
    context.about(arguments.account.as_ref());
    let mut ground = session::ground(context, &arguments.connection, intent).await?;
    let mut looked = look::look(context, &ground, &loaded, arguments).await?;
    say::spared(context, &looked);
    let too_many_go = looked.doomed.len() > arguments.max;
    // Who agreed beforehand and wants to hear only what went wrong has no use for the table.
    if too_many_go || !arguments.yes || !context.screen.is_quiet() {
        say::table(context, &looked);
    }
    if too_many_go {
        say::rows(context, &looked);
        context.report.problem(too_many(looked.doomed.len(), arguments.max));
        return Ok(());
    }
    if looked.doomed.is_empty() {
        return Ok(());
    }
    if !arguments.yes {
        if context.json || !context.world.can_ask() {
            say::rows(context, &looked);
            let again = context.with_yes();
            context.screen.note(&format!("nothing was deleted; to delete what is listed: {again}"));
            return Ok(());
        }
        let these = if looked.doomed.len() == 1 { "this token" } else { "these tokens" };
        end::agreed(context, these, looked.doomed.len()).await?;
        let agreed: BTreeSet<String> = looked.doomed.iter().map(|doomed| doomed.live.id.clone()).collect();
        session::begin_to_write(context, &arguments.connection, &mut ground).await?;
        // The answer took its time: what is used again by now stays, and what was not shown does too.
        looked = look::look(context, &ground, &loaded, arguments).await?;
        looked.doomed.retain(|doomed| agreed.contains(&doomed.live.id));
        say::fewer(context, agreed.len() - looked.doomed.len());
    }
    act::end_all(context, &mut ground, looked).await
}

fn too_many(found: usize, most: usize) -> Problem {
    Problem::new(
        "custody.too-many",
        format!("{found} tokens meet the rules, which is more than {most}: nothing was deleted"),
        format!("add a rule; or, if all of them are meant: --max {found}"),
    )
}
