//! Names as people write them -> permission groups; resources -> the keys that Cloudflare knows them by.
//!
//! In: the permissions of a [`Profile`](crate::profile::Profile), and Cloudflare's own list of permission
//! groups where a command talks to Cloudflare. Out: group ids with notes on what was understood, or
//! diagnostics with what to write instead. Pure: never reads a file or the network, and never guesses; a
//! name either is one that somebody prints for a group, case and spacing aside, or it is an error.

mod difference;
mod embedded;
mod entries;
mod error;
mod group;
mod lint;
mod live;
mod operations;
mod phrase;
mod purpose;
mod reading;
mod requested_name;
mod resolution;
mod resolve;
mod resource;
mod search;
mod spelling;
mod suggest;
mod template;
#[cfg(test)]
mod tests;

pub use difference::Difference;
pub use embedded::Catalogue;
pub use error::ResolveError;
pub use group::{KnownGroup, Scope, Synonym};
pub use lint::lint;
pub use live::LiveGroup;
pub use operations::{
    Accepted, AcceptedGroup, FoundOperation, METHODS, Operation, Reach, TerraformEntry, TerraformKind,
    known_phase,
};
pub use phrase::Phrase;
pub use resolution::{Granted, Resolution, name_sections, resolve_all, resolve_offline};
pub use resolve::{Understood, UsableGroup};
pub use resource::Resource;
pub use search::{Matched, SearchHit};
pub use template::{KeySource, TemplateForm, TemplatePermission, template_link};
