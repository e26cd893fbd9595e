//! What is due, stale, unused, what an audit finds, and how tokens and profiles read as one another. Pure: the time is
//! an argument.

mod audit;
mod due;
mod finding;
mod generation_state;
mod import;
mod last_activity;
mod link;
mod privileges;
mod profile_index;
mod prune;
mod schedule;
mod spare;
#[cfg(test)]
mod tests;

pub use audit::{AuditContext, Measure, Membership, OpenFile, Role, audit};
pub use due::{Due, due};
pub use finding::{Finding, FindingRule, What};
pub use generation_state::{GenerationState, generation_state};
pub use import::{Imported, Inexpressible, Origin, import};
pub use last_activity::last_activity;
pub use link::{AccountForm, ByHand, Link, link};
pub use privileges::{changes_things, makes_tokens, wildcards, without_effect};
pub use profile_index::{Belonging, ProfileIndex};
pub use prune::{Among, Pick, PruneCandidate, PruneRule, Reason, pick};
pub use schedule::{Bootstrap, Format, Pace, Printed, Schedule, ScheduleError, Source};
pub use spare::{Spare, spare};
