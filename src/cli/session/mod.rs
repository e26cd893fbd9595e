//! What commands stand on: profiles read, the API connected, what is there looked at.

pub(in crate::cli) mod adopt;
pub(in crate::cli) mod bootstrap;
pub(in crate::cli) mod candidates;
pub(in crate::cli) mod confirm;
pub(in crate::cli) mod connect;
pub(in crate::cli) mod context;
pub(in crate::cli) mod due;
pub(in crate::cli) mod interrupt;
pub(in crate::cli) mod inventory;
pub(in crate::cli) mod jobs;
pub(in crate::cli) mod load;
pub(in crate::cli) mod loaded;
pub(in crate::cli) mod new_file;
pub(in crate::cli) mod open;
pub(in crate::cli) mod owner;
pub(in crate::cli) mod permissions;
pub(in crate::cli) mod question;
pub(in crate::cli) mod relay;
pub(in crate::cli) mod sibling;
pub(in crate::cli) mod side_by_side;
pub(in crate::cli) mod standard_input;
pub(in crate::cli) mod together;
pub(in crate::cli) mod trial;
pub(in crate::cli) mod workspace;
