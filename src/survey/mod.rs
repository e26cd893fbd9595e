//! What is: the tokens that an owner has, the names that a profile uses, and whose secret each sink holds. This room only
//! reads.
//!
//! A [`Surveyor`] turns profiles into a [`Survey`]; [`identify()`] is the one place that tells whose secret a value is.

mod context;
mod details;
mod form;
mod identify;
mod inspect;
mod listed;
mod lookups;
mod names;
mod own_token;
mod places;
mod purpose;
mod requirements;
mod resources;
#[expect(clippy::module_inception, reason = "the room is called after what it makes")]
mod survey;
mod surveyor;
mod translate;

pub use context::DeliveryContext;
pub use details::{TokenDetails, token_details};
pub use form::{SecretForm, form, is_emulated};
pub use identify::{Trial, identify};
pub use inspect::{Inspection, inspect, seen_by_itself, wanted_by};
pub use listed::{ListedGroups, listed_groups};
pub use lookups::{Listing, Lookups, Owned, groups, list};
pub use names::accounts;
pub use own_token::own_token;
pub use places::{SecretPlace, SurveyedSink};
pub use purpose::Purpose;
pub use resources::{ResourceKind, SeenBucket, SeenIn, SeenResources, resources};
pub use survey::{Job, Survey};
pub use surveyor::{SurveyError, Surveyor};
pub use translate::{addresses, live, policy};
