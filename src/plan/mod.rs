//! What should be × what is, now -> steps with reasons. Pure: the time is an argument, and nothing acts.
//!
//! [`Wanted`] is a profile with every name turned into an id by the [`Directory`]; [`Live`] is the picture
//! of a token that Cloudflare lists. Both speak of what is allowed as sets of [`Grant`]s, so neither order
//! nor spelling is ever a difference. [`apply`], [`adopt`], [`roll`] and [`rotate`] compare the two and decide.

mod addresses;
mod adopt;
mod change;
mod decide;
mod directory;
mod grant;
mod held;
mod live;
mod mark;
mod rotation;
#[cfg(test)]
mod tests;
mod wanted;

pub use addresses::{Addresses, Network};
pub use adopt::{Adoptee, adopt};
pub use change::{Change, Kept, changes, kept};
pub use decide::{Note, Plan, Refused, Step, apply, roll};
pub use directory::{Directory, Named, Unresolved, ZoneEntry};
pub use grant::{Effect, Grant, Policy, allowed, grants};
pub use held::{CannotTell, Held, Replace, SinkView};
pub use live::{Live, Status, current, generations};
pub use mark::{Mark, MarkedName};
pub use rotation::{Renewal, rotate};
pub use wanted::{BucketHome, Wanted};
