//! What should be × what is, now -> steps with reasons. Pure: the time is an argument, and nothing acts.
//!
//! [`Wanted`] is a profile with every name turned into an id by the [`Directory`]; [`Live`] is the picture
//! of a token that Cloudflare lists. Both speak of what is allowed as sets of [`Grant`]s, so neither order
//! nor spelling is ever a difference. [`decide()`] and [`adopt()`] compare the two, and say
//! which [`Step`] must be taken.

mod addresses;
mod adopt;
mod change;
mod decide;
mod directory;
mod generations;
mod grant;
mod live;
mod loss;
mod mark;
mod notes;
mod policies;
mod retirements;
mod sinks;
mod step;
#[cfg(test)]
mod tests;
mod unresolved;
mod unseen;
mod wanted;

pub use addresses::{Addresses, Network};
pub use adopt::{Adoptee, adopt};
pub use change::{Change, Kept, changes, kept};
pub use decide::{ClockReading, Renewal, Situation, decide};
pub use directory::{AccountEntry, Directory, WorkerEntry, ZoneEntry, forms_of_domain};
pub use generations::{Generations, MOST_PENDING, RUN_WINDOW};
pub use grant::{Grant, Policy, PolicyEffect, allowed, allowing, grants};
pub use live::{Live, Status, current, generations, of_commands};
pub use loss::{Replace, may_be_somebodys};
pub use mark::{Mark, MarkedName, Phase};
pub use sinks::{CannotTell, Protected, SinkKind, SinkView, Whose};
pub use step::{Create, Ends, Goal, Keep, Note, Plan, Refused, Retirement, Step, Why};
pub use unresolved::Unresolved;
pub use unseen::unseen;
pub use wanted::{BucketHome, Wanted};
