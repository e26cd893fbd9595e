//! A secret -> the place where it is used: variables of an env file, or the standard input of a program.
//!
//! What comes in is a [`Secret`](crate::secret::Secret) and a sink of the profile; what goes out is a file that
//! holds it, or a program that took it. The room never makes a secret, never keeps one, never shows one in an
//! error, and never writes into a file that git could commit: [`guard`] asks git itself.
//!
//! The way through: [`root`] says what paths are relative to, [`EnvFile::locate`] judges the real file, [`guard`]
//! asks git about all files at once, [`EnvFile::prove`] tries out every step that can be tried without a secret, and
//! [`EnvFile::replace`] delivers.

mod command;
mod env_file;
mod error;
mod git;
mod root;
mod stage;
mod values;

pub use command::{COMMAND_LIMIT, CommandSink, called};
pub use env_file::{Document, DocumentError, EnvFile, LONGEST_FILE, Replaced, ValueError};
pub use error::{SinkError, shell_word};
pub use git::{AddedLine, FixGitignore, GuardError, Guarded, TrackedBelow, guard, tracked_below};
pub use root::{Root, root};
pub use stage::{Stage, sweep};
pub use values::{R2Home, Values};
