//! What went wrong, and what to do about it.

pub(in crate::cli) mod codes;
pub mod exit;
pub(in crate::cli) mod hints;
pub(in crate::cli) mod problem;
