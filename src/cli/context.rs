//! What every command works with.

use std::ffi::OsString;
use std::sync::Arc;

use super::connection::TransportFactory;
use super::report::Report;
use super::screen::Screen;
use crate::sink::shell_word;
use crate::world::World;

/// Whose tokens a bootstrap is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Makes {
    /// The user's.
    #[default]
    OfUser,
    /// An account's.
    OfAccount,
}

/// What every command works with.
pub(super) struct Context<'a> {
    pub(super) world: &'a Arc<dyn World>,
    pub(super) transport_factory: &'a TransportFactory,
    pub(super) screen: &'a mut Screen,
    pub(super) report: Report,
    /// The whole command line, as it was typed.
    pub(super) typed: &'a [OsString],
    /// The options by which the same run reaches the same API again, for the commands in hints.
    pub(super) flags: String,
    /// Whose tokens the run is about, as far as it is known before anybody is asked.
    pub(super) makes: Makes,
    /// Whether results are said as JSON, so that lines for people are not.
    pub(super) json: bool,
}

impl Context<'_> {
    /// Notes the account that the run is about, where one was named.
    pub(super) fn about(&mut self, account: Option<&String>) {
        if account.is_some() {
            self.makes = Makes::OfAccount;
        }
    }

    /// The same command, with the answer to what it would ask.
    pub(super) fn with_yes(&self) -> String {
        let mut words: Vec<String> =
            self.typed.iter().skip(1).map(|word| shell_word(word.as_ref())).collect();
        // Behind a bare `--` it would be a profile.
        let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
        words.insert(end, "--yes".to_owned());
        format!("cfmint {}", words.join(" "))
    }

    /// A line for people about something done.
    pub(super) fn done(&mut self, verb: &str, text: &str) {
        self.screen.done(verb, text);
    }
}
