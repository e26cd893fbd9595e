//! A configuration of Wrangler's -> the least profile whose token can deploy it.
//!
//! In: the text of a `wrangler.toml`, `wrangler.json` or `wrangler.jsonc`. Out: for each environment of it what a
//! deployment takes, each permission with the part of the configuration that needs it; and a draft of a profile. A binding
//! does not need a permission only because it is there: the table in `bindings` says which ones do, and why. Reads no
//! file and runs no program.

mod bindings;
mod config;
mod draft;
mod names;
mod needs;
mod routes;
mod shapes;

pub use config::{ConfigError, ConfigForm, WranglerConfig};
pub use draft::{Choices, draft};
pub use names::TOP_LEVEL;
pub use needs::{Deployment, Need, deployments};
pub use shapes::misshapen;
