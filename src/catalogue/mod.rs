//! Names as people write them -> permission groups; resources -> the keys that Cloudflare knows them by.
//!
//! In: the permissions of a [`Profile`](crate::profile::Profile), and Cloudflare's own list of permission
//! groups where a command talks to Cloudflare. Out: group ids with notes on what was understood, or
//! diagnostics with what to write instead. Pure: never reads a file or the network, and never guesses; a
//! name either is one that somebody prints for a group, case and spacing aside, or it is a miss.

mod group;
mod live;
mod miss;
mod resolution;
mod resolve;
mod resource;
mod spelling;
mod suggest;
#[cfg(test)]
mod tests;
mod way;

pub use group::{Catalogue, PermissionGroup, Scope, Synonym};
pub use live::{Difference, LiveGroup};
pub use miss::{CODES, Miss};
pub use resolution::{Granted, Resolution, name_sections, resolve_all};
pub use resolve::Understood;
pub use resource::Resource;
pub use way::Way;
