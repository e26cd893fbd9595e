//! `cfmint prune`: shows the tokens that meet every rule, and deletes them where that is agreed to.

mod delete;
mod render;
mod select;

use std::collections::BTreeSet;

use crate::cli::failure::problem::Problem;
use crate::cli::options::PruneArgs;
use crate::cli::session::confirm;
use crate::cli::session::context::Context;
use crate::cli::session::{self, Intent};

pub(in crate::cli) async fn run(context: &mut Context<'_>, arguments: &PruneArgs) -> u8 {
    match prune(context, arguments).await {
        Ok(()) => context.report.exit_code(),
        Err(code) => code,
    }
}

async fn prune(context: &mut Context<'_>, arguments: &PruneArgs) -> Result<(), u8> {
    let loaded = select::profiles(context, arguments)?;
    // Without agreement it only looks: nothing is locked or settled while a person reads.
    let intent = if arguments.yes { Intent::Write } else { Intent::Read };
    context.about(arguments.account.as_ref());
    let mut ground = session::ground(context, &arguments.connection, intent).await?;
    let mut looked = select::look(context, &ground, &loaded, arguments).await?;
    render::spared(context, &looked);
    let too_many_go = looked.doomed.len() > arguments.max;
    // Who agreed beforehand and wants to hear only what went wrong has no use for the table.
    if too_many_go || !arguments.yes || !context.screen.is_quiet() {
        render::table(context, &looked);
    }
    if too_many_go {
        render::rows(context, &looked);
        context.report.problem(too_many(looked.doomed.len(), arguments.max));
        return Ok(());
    }
    if looked.doomed.is_empty() {
        return Ok(());
    }
    if !arguments.yes {
        if context.json || !context.world.can_ask() {
            render::rows(context, &looked);
            let again = context.with_yes();
            context.screen.note(&format!("nothing was deleted; to delete what is listed: {again}"));
            return Ok(());
        }
        let these = if looked.doomed.len() == 1 { "this token" } else { "these tokens" };
        confirm::agreed(context, these, looked.doomed.len()).await?;
        let agreed: BTreeSet<String> = looked.doomed.iter().map(|doomed| doomed.live.id.clone()).collect();
        session::begin_to_write(context, &arguments.connection, &mut ground).await?;
        // The answer took its time: what is used again by now stays, and what was not shown does too.
        looked = select::look(context, &ground, &loaded, arguments).await?;
        looked.doomed.retain(|doomed| agreed.contains(&doomed.live.id));
        render::fewer(context, agreed.len() - looked.doomed.len());
    }
    delete::end_all(context, &mut ground, looked).await
}

fn too_many(found: usize, most: usize) -> Problem {
    Problem::new(
        "custody.too-many",
        format!("{found} tokens meet the rules, which is more than {most}: nothing was deleted"),
        format!("add a rule; or, if all of them are meant: --max {found}"),
    )
}
