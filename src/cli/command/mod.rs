//! The commands, one file each.

pub(in crate::cli) mod apply;
pub(in crate::cli) mod audit;
pub(in crate::cli) mod check;
pub(in crate::cli) mod emulator;
pub(in crate::cli) mod import;
pub(in crate::cli) mod list;
pub(in crate::cli) mod plan;
pub(in crate::cli) mod prune;
pub(in crate::cli) mod recover;
pub(in crate::cli) mod revoke;
pub(in crate::cli) mod roll;
pub(in crate::cli) mod rotate;
pub(in crate::cli) mod schedule;
