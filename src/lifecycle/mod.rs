//! What is due, stale, unused. Pure: the time is an argument.

mod due;
mod idle;
mod roster;
mod schedule;
mod spare;
#[cfg(test)]
mod tests;

pub use due::{Due, due};
pub use idle::idle_since;
pub use roster::{Belonging, Roster};
pub use schedule::{Bootstrap, Format, Pace, Printed, Schedule, ScheduleError, renewal};
pub use spare::{Spare, spare};
