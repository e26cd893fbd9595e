//! `cfmint schema`: the JSON Schema of profiles.

use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::session::context::Context;

/// Print the JSON Schema of profiles, for editors
#[derive(Debug, Args)]
#[command(after_help = "What it prints is the schema itself, with --json too.\n\n\
    Example: cfmint schema > profiles/profile.schema.json")]
pub(in crate::cli) struct SchemaArgs {}

impl RunCommand for SchemaArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let text = serde_json::to_string_pretty(&crate::profile::schema()).unwrap_or_default();
        context.screen.result(&format!("{text}\n"));
        Ok(Outcome::Printed)
    }
}
