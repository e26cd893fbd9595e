//! `cfmint schema`: the JSON Schemas of what cfmint reads and of what it writes for programs.

use clap::{Args, ValueEnum};

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::output::schema::SCHEMA;
use crate::cli::session::context::Context;

/// Print the JSON Schema of profiles, for editors, or that of what `--json` writes
#[derive(Debug, Args)]
#[command(after_help = "What it prints is the schema itself, with --json too.\n\n\
    Examples:\n  cfmint schema > profiles/profile.schema.json\n  cfmint schema output")]
pub(in crate::cli) struct SchemaArgs {
    /// Of what
    #[arg(value_name = "WHAT", default_value = "profile")]
    what: What,
}

/// What a schema is of.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// A profile
    Profile,
    /// The document that `--json` writes
    Output,
}

impl RunCommand for SchemaArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        match self.what {
            What::Profile => {
                let text = serde_json::to_string_pretty(&crate::profile::schema()).unwrap_or_default();
                context.screen.result(&format!("{text}\n"));
            }
            What::Output => context.screen.result(SCHEMA),
        }
        Ok(Outcome::Printed)
    }
}
