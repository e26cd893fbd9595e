//! Arguments -> request -> one file per command -> screen or JSON.
//!
//! [`run`] is the whole program: it takes arguments, a [`World`](crate::world::World) and a [`Screen`], and
//! returns an exit code. [`run_over`] takes the [`TransportFactory`] to the API as well, so that whole runs happen inside a
//! test. Nobody imports this room.

mod adopt;
mod apply;
mod args;
mod audit;
mod bootstrap;
mod check;
mod codes;
mod connection;
mod context;
pub mod diagnostics;
mod due;
mod emulator;
mod end;
pub mod exit;
mod hints;
mod import;
mod inventory;
mod list;
mod load;
mod outcome;
mod owner;
mod plan;
mod problem;
mod prune;
mod recover;
mod report;
mod revoke;
mod roll;
mod rotate;
mod run;
mod schedule;
mod screen;
mod session;
mod table;
mod words;

pub use codes::CODES;
pub use connection::TransportFactory;
pub use run::{run, run_over};
pub use screen::{Screen, Verbosity};
