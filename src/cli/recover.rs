//! `cfmint recover`: settles what interrupted runs left open, and does nothing else.

use std::collections::BTreeSet;

use super::args::RecoverArgs;
use super::context::Context;
use super::exit;
use super::report::Row;
use super::session::{Ground, Intent, ground, settle};

pub(super) async fn run(context: &mut Context<'_>, arguments: &RecoverArgs) -> u8 {
    let ground = match ground(context, &arguments.connection, Intent::Write).await {
        Ok(ground) => ground,
        Err(code) => return code,
    };
    let Ground { root, connection, custody: Some(custody), .. } = ground else { return exit::FAILED };
    let settled = match settle(context, &custody, &root, connection.trial, &BTreeSet::new()).await {
        Ok(settled) => settled,
        Err(code) => return code,
    };
    for one in &settled {
        context.report.row(Row {
            profile: Some(one.profile.clone()),
            environment: one.environment.clone(),
            action: if one.verdict.is_ok() { "settled" } else { "failed" },
            notes: one.verdict.iter().map(|verdict| super::words::settled(&one.name, verdict)).collect(),
            ..Row::default()
        });
    }
    if settled.is_empty() {
        context.done("Settled", "nothing was left open");
    }
    let elsewhere = custody.open_elsewhere();
    if elsewhere > 0 {
        context.screen.note(&format!("{elsewhere} more were left open at another API, which was not asked"));
    }
    context.report.exit_code()
}
