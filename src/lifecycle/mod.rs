//! What is due, stale, unused. Pure: the time is an argument.

mod due;
mod idle;
mod import;
mod roster;
#[cfg(test)]
mod tests;

pub use due::{Due, due};
pub use idle::idle_since;
pub use import::{Imported, Inexpressible, Origin, Role, import};
pub use roster::{Belonging, Roster};
