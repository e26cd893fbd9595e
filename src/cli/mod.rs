//! Arguments -> request -> one file per command -> screen or JSON.
//!
//! [`run`] is the whole program: it takes arguments, a [`World`](crate::world::World) and a [`Screen`], and
//! returns an exit code, so that whole runs happen inside a test. Nobody imports this room.

mod apply;
mod args;
mod bootstrap;
mod check;
mod codes;
mod connection;
pub mod diagnostics;
mod emulator;
mod load;
mod plan;
mod problem;
mod report;
mod revoke;
mod roll;
mod run;
mod screen;
mod session;
mod words;

pub use codes::CODES;
pub use report::exit;
pub use run::run;
pub use screen::{Screen, Verbosity};
