//! What people and programs get to see.

pub(in crate::cli) mod describe;
pub(in crate::cli) mod report;
pub(in crate::cli) mod screen;
pub mod snippet;
pub(in crate::cli) mod table;
