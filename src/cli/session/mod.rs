//! What commands stand on: profiles read, the API connected, what is there looked at.

pub(in crate::cli) mod adopt;
pub(in crate::cli) mod bootstrap;
pub(in crate::cli) mod confirm;
pub(in crate::cli) mod connect;
pub(in crate::cli) mod context;
pub(in crate::cli) mod due;
pub(in crate::cli) mod inventory;
pub(in crate::cli) mod jobs;
pub(in crate::cli) mod load;
pub(in crate::cli) mod open;
pub(in crate::cli) mod owner;

pub(in crate::cli) use open::{
    Ground, Intent, Session, Wish, arguments_of, begin_to_write, fix, ground, open, prove, replace, sink_rows,
};
