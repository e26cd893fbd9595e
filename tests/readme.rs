//! The README's commands do what the README says.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test stops where it fails"
)]

#[path = "support/transcript.rs"]
#[allow(dead_code, reason = "what sessions print is looked through elsewhere")]
mod transcript;

use std::path::Path;

#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    transcript::run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
}
