//! What a program asked of Cloudflare -> the least profile that allows it.
//!
//! In: requests as they pass by, or a log, an HTTP archive, a plan of Terraform. Out: the permissions that cover all of
//! it together, with what needs each of them, as a profile; or whether a profile would have been enough. Bodies, headers
//! and the values of queries are never kept, and what the tables do not know is named, never guessed.

mod address;
mod answers;
mod compare;
mod cover;
mod draft;
mod har;
mod least;
mod lenient;
mod listen;
mod names;
mod needs;
mod proxy;
mod read;
mod seen;
mod template;
mod terraform_log;
mod terraform_plan;
#[cfg(test)]
mod tests;
mod wrangler_log;

pub use compare::{Comparison, Held};
pub use draft::{Origin, draft};
pub use least::{LeastRights, Right};
pub use names::Listed;
pub use needs::Reachable;
pub use proxy::Proxy;
pub use read::{LONGEST, read_log, read_plan};
pub use seen::Recording;
