//! A secret -> the place where it is used: variables of a file, the standard input of a program, a store of secrets.
//!
//! What comes in is a [`Secret`](crate::secret::Secret) and a sink of the profile; what goes out is a file or a store that
//! holds it, or a program that took it. The room never makes a secret, never keeps one, never shows one in an
//! error, and never writes into a file that git could commit: [`guard`] asks git itself.
//!
//! The way through: [`root()`] says what paths are relative to, [`locate`] makes [`Sink`]s of what a profile names,
//! [`guard`] asks git about all files at once, [`Sink::prove`] tries out every step that can be tried without a
//! secret, [`Sink::read`] says what is there, and [`Sink::write`] delivers. A kind of sink is one file and its line in
//! the registry; nobody outside asks which kind a sink is.

mod code;
mod command;
mod contract;
mod document;
mod env_file;
mod error;
mod file;
mod git;
mod github_env;
mod json_file;
mod program;
mod registry;
mod root;
mod shell_word;
mod staging;
mod terminal;
mod values;
mod vault;

pub use code::SinkCode;
pub use command::{COMMAND_LIMIT, CommandSink};
pub use contract::{
    ContentEntry, Limits, NotWritten, Reached, ReadContent, Sink, SinkReading, SinkRecord, WriteReceipt,
};
pub use env_file::{Document, DocumentError, Unfit, ValueError};
pub use error::SinkError;
pub use file::{ContentProblem, FileSink, LONGEST_FILE, Replaced, SecretFile};
pub use git::{
    AddedLine, FixGitignore, GuardError, Guarded, TrackedBelow, VersionControl, guard, tracked_below,
};
pub use github_env::GithubEnvSink;
pub use json_file::JsonProblem;
pub use program::{Program, called};
pub use registry::locate;
pub use root::{Root, root};
pub use shell_word::shell_word;
pub use staging::{Staging, sweep};
pub use values::{KnownSecret, R2Home, Values};
pub use vault::{VAULT_SECRETS, VaultError, VaultSink, vault_value};
