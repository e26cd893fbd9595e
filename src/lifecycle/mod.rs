//! What is due, stale, unused. Pure: the time is an argument.

mod due;
mod idle;
mod prune;
mod roster;
#[cfg(test)]
mod tests;

pub use due::{Due, due};
pub use idle::idle_since;
pub use prune::{Among, Doomed, Pick, Reason, Rule, pick};
pub use roster::{Belonging, Roster};
