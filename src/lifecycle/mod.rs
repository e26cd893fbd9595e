//! What is due, stale, unused, and what an audit finds. Pure: the time is an argument.

mod audit;
mod due;
mod finding;
mod idle;
mod import;
mod prune;
mod reach;
mod retiring;
mod roster;
mod schedule;
mod spare;
#[cfg(test)]
mod tests;

pub use audit::{Circumstances, Home, Measure, OpenFile, Role, audit};
pub use due::{Due, due};
pub use finding::{Finding, Kind, What};
pub use idle::idle_since;
pub use import::{Imported, Inexpressible, Origin, import};
pub use prune::{Among, Doomed, Pick, Reason, Rule, pick};
pub use reach::{changes_things, makes_tokens, wildcards};
pub use retiring::{Standing, standing};
pub use roster::{Belonging, Roster};
pub use schedule::{Bootstrap, Format, Pace, Printed, Schedule, ScheduleError};
pub use spare::{Spare, spare};
