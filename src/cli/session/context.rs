//! What every command works with.

use std::ffi::OsString;
use std::sync::Arc;

use crate::cli::output::report::Report;
use crate::cli::output::screen::Screen;
use crate::cli::session::connect::TransportFactory;
use crate::sink::shell_word;
use crate::world::World;

/// Whose tokens a bootstrap is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::cli) enum Makes {
    /// The user's.
    #[default]
    OfUser,
    /// An account's.
    OfAccount,
}

/// What every command works with.
pub(in crate::cli) struct Context<'a> {
    pub(in crate::cli) world: &'a Arc<dyn World>,
    pub(in crate::cli) transport_factory: &'a TransportFactory,
    pub(in crate::cli) screen: &'a mut Screen,
    pub(in crate::cli) report: Report,
    /// The whole command line, as it was typed.
    pub(in crate::cli) typed: &'a [OsString],
    /// The options by which the same run reaches the same API again, for the commands in hints.
    pub(in crate::cli) flags: String,
    /// Whose tokens the run is about, as far as it is known before anybody is asked.
    pub(in crate::cli) makes: Makes,
    /// Whether results are said as JSON, so that lines for people are not.
    pub(in crate::cli) json: bool,
}

impl Context<'_> {
    /// Notes the account that the run is about, where one was named.
    pub(in crate::cli) fn about(&mut self, account: Option<&String>) {
        if account.is_some() {
            self.makes = Makes::OfAccount;
        }
    }

    /// The same command, with the answer to what it would ask.
    pub(in crate::cli) fn with_yes(&self) -> String {
        let mut words: Vec<String> =
            self.typed.iter().skip(1).map(|word| shell_word(word.as_ref())).collect();
        // Behind a bare `--` it would be a profile.
        let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
        words.insert(end, "--yes".to_owned());
        format!("cfmint {}", words.join(" "))
    }

    /// A line for people about something done.
    pub(in crate::cli) fn done(&mut self, verb: &str, text: &str) {
        self.screen.done(verb, text);
    }
}
