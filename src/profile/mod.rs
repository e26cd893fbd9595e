//! YAML text -> valid [`Profile`], every value knowing where it was written.
//!
//! [`ProfileFile::from_bytes`] reads a file: bytes to text (`text`), text to a tree of nodes (`syntax`,
//! `tree`), the tree to typed layers (`decode`, `keys`, `layer`). [`ProfileFile::resolve`] lays the layers of one
//! environment over one another, fills in the variables and checks the whole (`resolve`). Each step adds to
//! one list of problems and goes on, so that a profile's problems are reported together.
//!
//! Pure: the time and the variables are arguments; nothing here reads a file or a clock.

mod allow;
mod codes;
mod command_variables;
mod decode;
mod diagnostic;
mod document_scalars;
mod draft;
mod environment;
mod file;
mod instead;
mod keys;
mod layer;
mod lifetime;
mod model;
mod named_map;
mod pace;
mod problems;
mod programs;
mod resolve;
mod resource_scalars;
mod scalar;
mod scalars;
mod schema;
mod section;
mod shape;
mod sink;
mod sink_scalars;
mod sink_shape;
mod syntax;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod text_or_map;
mod times;
mod tree;
mod write;

pub use allow::{is_allowed, stale_allows};
pub use codes::DiagnosticCode;
pub use diagnostic::{Diagnostic, Position, Severity, Source, Span, Spanned};
pub use draft::{Draft, DraftEnvironment, DraftLine, DraftNames, DraftRights, DraftSink};
pub use environment::{environment_name_is_valid, matches_pattern, pattern_is_valid};
pub use file::{ProfileFile, ResolveOptions, Resolved, Shape, Unset, distinct, is_sound};
pub use lifetime::{Lifetime, Rotation, Start, Strategy};
pub use model::{
    Accounts, Bucket, Hooks, IpRules, Jurisdiction, Level, Owner, Permission, PermissionRef, Profile,
    Reference, Resources, Rights, Section, Worker, Zones, is_id,
};
pub use pace::{Pace, YOUNG};
pub use problems::{listed, nearest};
pub use resource_scalars::{bucket_name_is_valid, resource_name_is_valid, worker_name_is_valid};
pub use scalars::{LONGEST_NAME, NAME_SUFFIXES, name_is_valid};
pub use schema::schema;
pub use sink::{CommandInput, DocumentFormat, FileSpec, SinkSpec, SinkValue, Writers};
pub use sink_scalars::vault_path_is_valid;
pub use text::LONGEST_PROFILE;
pub use times::duration;
pub use write::{literal, scalar};
