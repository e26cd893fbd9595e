//! What every command works with.

use std::sync::Arc;

use super::bootstrap::BootstrapScope;
use super::connect::TransportFactory;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::invocation::Invocation;
use crate::cli::options::{ChoiceArgs, Reveal};
use crate::cli::output::report::Report;
use crate::cli::output::screen::Screen;
use crate::cli::output::summary::summary;
use crate::world::World;

/// What every command works with.
pub(in crate::cli) struct Context<'a> {
    pub(in crate::cli) world: &'a Arc<dyn World>,
    pub(in crate::cli) transport_factory: &'a TransportFactory,
    pub(in crate::cli) screen: &'a mut Screen,
    pub(in crate::cli) report: Report,
    /// How cfmint was called, for the commands in hints.
    pub(in crate::cli) invocation: Invocation,
    /// Whose tokens the run is about, as far as it is known before anybody is asked.
    pub(in crate::cli) scope: BootstrapScope,
    /// How the profiles of the run are resolved.
    pub(in crate::cli) choice: ChoiceArgs,
    /// Whether new secrets are shown.
    pub(in crate::cli) reveal: Reveal,
    /// Every command and option, as clap knows them.
    pub(in crate::cli) grammar: fn() -> clap::Command,
    /// Whether results are said as JSON, so that lines for people are not.
    pub(in crate::cli) json: bool,
}

impl Context<'_> {
    /// Notes the account that the run is about, where one was named.
    pub(in crate::cli) fn about(&mut self, account: Option<&String>) {
        if account.is_some() {
            self.scope = BootstrapScope::Account;
        }
    }

    /// Writes the report for the program that reads standard output: now, and not again at the end.
    pub(in crate::cli) fn print_report(&mut self) {
        let document = self.report.document(&self.invocation);
        self.screen.result(&document);
    }

    /// A table for people of how many ended how, where there are several.
    pub(in crate::cli) fn summarize(&mut self) {
        let results = self.report.results();
        if results.len() > 1 && !self.json && !self.screen.is_quiet() {
            let text = summary(results, self.screen.width());
            self.screen.rendered(&format!("\n{}", text.trim_end()));
        }
    }

    /// A line for people about something done.
    pub(in crate::cli) fn done(&mut self, verb: &str, text: &str) {
        self.screen.done(verb, text);
    }

    /// A note for people about what a command can do about something.
    pub(in crate::cli) fn note(&mut self, hint: &Hint) {
        let line = hint.line(&self.invocation);
        self.screen.note(&line);
    }
}
