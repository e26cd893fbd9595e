//! What is due. Pure: the time is an argument.

mod due;

pub use due::{Due, due};
