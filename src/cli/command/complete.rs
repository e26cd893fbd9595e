//! `cfmint complete`: what can stand where a person presses Tab, one candidate a line. It is for the scripts that
//! `cfmint completions` prints: what goes wrong says nothing, and nothing but files is looked at.

use std::ffi::OsString;

use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::session::candidates::candidates;
use crate::cli::session::context::Context;

/// Print what completes a word, for the scripts of `cfmint completions`
#[derive(Debug, Args)]
#[command(hide = true)]
pub(in crate::cli) struct CompleteArgs {
    /// Which of the words is to be completed, from 0
    #[arg(long)]
    index: usize,
    /// What was typed so far, cfmint's own name first
    #[arg(last = true, value_name = "WORD")]
    words: Vec<OsString>,
}

impl RunCommand for CompleteArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let found = candidates(context.world, (context.grammar)(), &self.words, self.index);
        let lines = found.into_iter().map(|(value, help)| match help {
            Some(help) => format!("{value}\t{help}\n"),
            None => format!("{value}\n"),
        });
        let text: String = lines.collect();
        context.screen.result(&text);
        Ok(Outcome::Printed)
    }
}
