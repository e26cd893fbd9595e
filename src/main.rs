//! The binary: starts the runtime, runs, exits with the code.
fn main() {}
