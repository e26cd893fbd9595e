//! Sinks on a real file system, with the real git and the parsers that programs use.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test stops where it fails, and says what it skips"
)]
#![allow(clippy::disallowed_methods, reason = "tests set their scene with the file system itself")]

#[path = "../support/mod.rs"]
mod support;

mod command;
mod file;
mod git;
mod judges;
mod parsers;
mod place;

use std::io::Write;

use cfmint::sink::{Document, EnvFile, Replaced, Root, SinkError, Stage, root};
use support::TestWorld;

/// A world with a state folder, and how a test speaks to it.
struct Scene {
    world: TestWorld,
    root: Root,
}

impl Scene {
    /// Starts in the world's folder.
    fn new(world: TestWorld) -> Self {
        std::fs::create_dir_all(world.path(".cfmint")).unwrap();
        let root = root(&world).unwrap();
        Self { world, root }
    }

    fn locate(&self, path: &str) -> Result<EnvFile, SinkError> {
        EnvFile::locate(&self.world, &self.root, path.as_ref())
    }

    fn stage(&self) -> Stage {
        Stage::new(self.world.path(".cfmint"), &[])
    }

    /// Sets `TOKEN` in an env file.
    fn deliver(&self, path: &str, value: &str) -> Result<Replaced, SinkError> {
        let mut change = |document: &mut Document| Ok(document.set("TOKEN", value)?);
        self.locate(path)?.replace(&self.world, &self.stage(), &mut change)
    }
}

/// The code of what went wrong.
#[track_caller]
fn code<T>(outcome: Result<T, SinkError>) -> &'static str {
    outcome.err().expect("a refusal").code()
}

/// Whether nothing is forbidden to this process, so that a refusal by the system cannot be provoked; says so.
fn is_root() -> bool {
    let root = std::process::Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if root {
        skip("root may do everything");
    }
    root
}

/// Says that a test did not test, past the capture of its output: what was skipped should be seen.
#[allow(clippy::explicit_write, reason = "`eprintln!` would be captured")]
fn skip(why: &str) {
    writeln!(std::io::stderr(), "skipped: {why}").unwrap();
}
