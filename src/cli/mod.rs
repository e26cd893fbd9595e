//! Arguments -> request -> one file per command -> screen or JSON.
//!
//! [`run()`] is the whole program: it takes arguments, a [`World`](crate::world::World) and a [`Screen`], and
//! returns an exit code. [`run_over`] takes the [`TransportFactory`] to the API as well, so that whole runs happen inside a
//! test. Nobody imports this room.

mod command;
mod failure;
mod options;
mod output;
mod reference;
mod run;
mod session;

pub use failure::code::CODES;
pub use failure::exit::Exit;
pub use output::screen::{Screen, Verbosity};
pub use output::snippet;
pub use run::{reference, run, run_over};
pub use session::connect::TransportFactory;
