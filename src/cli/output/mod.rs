//! What people and programs get to see.

pub(in crate::cli) mod checks;
pub(in crate::cli) mod describe;
pub(in crate::cli) mod explanation;
pub(in crate::cli) mod findings;
pub(in crate::cli) mod html;
pub(in crate::cli) mod learned;
pub(in crate::cli) mod link;
pub(in crate::cli) mod outcome;
pub(in crate::cli) mod permission_table;
pub(in crate::cli) mod plan_view;
pub(in crate::cli) mod report;
pub(in crate::cli) mod resources;
pub(in crate::cli) mod rows;
pub(in crate::cli) mod sarif;
pub(in crate::cli) mod schema;
pub(in crate::cli) mod screen;
pub mod snippet;
pub(in crate::cli) mod summary;
pub(in crate::cli) mod table;
pub(in crate::cli) mod token_table;
