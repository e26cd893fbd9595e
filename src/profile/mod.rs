//! YAML text -> valid [`Profile`], every value knowing where it was written.
//!
//! Pure: the time and the variables are arguments; nothing here reads a file or a clock.

mod diagnostic;
mod model;

pub use diagnostic::{Diagnostic, Position, Severity, Source, Span, Spanned};
pub use model::{
    Accounts, Ask, Bucket, Hooks, IpRules, Jurisdiction, Level, Lifetime, Owner, Permission, Profile,
    Reference, Resources, Rotation, Section, Sink, SinkValue, Strategy, Zones, is_id,
};
