//! Arguments -> request -> one file per command -> screen or JSON.

pub mod diagnostics;
