//! `cfmint audit`: the inventory of an owner, and what somebody should know about each token.

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::exit::Exit;
use crate::cli::options::InventoryArgs;
use crate::cli::output::findings::{AuditView, FindingView};
use crate::cli::output::rows::FindingRow;
use crate::cli::output::{html, sarif};
use crate::cli::session::context::Context;
use crate::cli::session::inventory::{Listed, take};
use crate::profile::{Severity, duration};

/// Find tokens that allow too much, are too old or are badly protected
#[derive(Debug, Args)]
#[command(
    after_help = "Asks Cloudflare and changes nothing. With profiles, it also finds tokens that belong to none of \
    them, or that may do more than their profile asks for.\n\
    Exits with 3 when there is an error or a warning, but not for notes.\n\n\
    Examples:\n  cfmint audit profiles/ --unused-for 30d\n  cfmint audit --html tokens.html\n  \
    cfmint audit profiles/ --sarif > tokens.sarif"
)]
pub(in crate::cli) struct AuditArgs {
    /// How long a token may be idle before it counts as unused
    #[arg(long, value_name = "DURATION", default_value = "90d", value_parser = duration)]
    unused_for: TimeDelta,
    /// Write the findings as SARIF 2.1.0 to standard output
    #[arg(long, conflicts_with = "json")]
    sarif: bool,
    /// Also write an HTML page with everything to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Which tokens.
    #[command(flatten)]
    inventory: InventoryArgs,
}

impl RunCommand for AuditArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let inventory = take(context, &self.inventory, self.unused_for).await?;
        let view = AuditView::new(&inventory, &context.invocation);
        if self.sarif {
            context.screen.result(&sarif::document(&view));
        } else if !context.json {
            context.screen.result(&view.text());
        }
        let found = |listed: &Listed| view.said_of(listed).iter().map(row).collect();
        context.report.inventory(inventory.rows(found));
        if let Some(path) = &self.html {
            html::write(&**context.world, path, &html::page(&view))?;
            context.done("Wrote", &path.display().to_string());
        }
        let is_found = view.count_from(Severity::Warning) > 0 && context.report.exit() == Exit::Done;
        Ok(if is_found { Outcome::Findings } else { Outcome::Reported })
    }
}

fn row(finding: &FindingView) -> FindingRow {
    let FindingView { code, severity, message, hint, command } = finding.clone();
    FindingRow { code, severity, message, hint, command }
}
