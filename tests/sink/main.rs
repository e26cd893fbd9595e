//! Sinks on a real file system, with the real git, real programs and the parsers that programs use.

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
mod github_env;
mod json;
mod judges;
mod mount;
mod parsers;
mod place;
mod process;
mod variables;
mod vault;

use std::io::Write;
use std::path::PathBuf;

use cfmint::profile::{CommandInput, FileSpec, SinkValue, Span, Spanned, Writers};
use cfmint::secret::Secret;
use cfmint::sink::{
    CommandSink, ContentProblem, Document, FileSink, KnownSecret, Limits, NotWritten, Replaced, Root,
    SecretFile, Sink, SinkError, SinkReading, Staging, Values, WriteReceipt, root,
};
use support::TestWorld;
use zeroize::Zeroizing;

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

    fn locate(&self, path: &str) -> Result<SecretFile, SinkError> {
        SecretFile::locate(&self.world, &self.root, path.as_ref())
    }

    fn stage(&self) -> Staging {
        Staging::new(self.world.path(".cfmint"), &[])
    }

    /// Sets `TOKEN` in an env file.
    fn deliver(&self, path: &str, value: &str) -> Result<Replaced, SinkError> {
        self.locate(path)?.replace(&self.world, &self.stage(), &mut set(value))
    }

    /// The sink that takes `TOKEN` and `ACCOUNT` in an env file.
    fn sink(&self, path: &str) -> FileSink {
        self.sink_with_mode(path, None)
    }

    fn sink_with_mode(&self, path: &str, mode: Option<u32>) -> FileSink {
        let variables = [("TOKEN", SinkValue::Token), ("ACCOUNT", SinkValue::AccountId)];
        let state = self.world.path(".cfmint");
        let spec = file_spec(path, &variables, mode);
        FileSink::env_file(&self.world, &self.root, Some(&state), &spec).unwrap()
    }

    fn read(&self, sink: &dyn Sink) -> SinkReading {
        sink.read(&self.world).unwrap()
    }

    fn prove(&self, sink: &dyn Sink) -> Result<(), SinkError> {
        sink.prove(&self.world, &self.stage(), &values(&secret("cfut_FAKE-of-some-length")))
    }

    /// Writes a token as one does who has just looked.
    fn write(&self, sink: &dyn Sink, token: &str) -> Result<WriteReceipt, NotWritten> {
        let seen = sink.read(&self.world).map_err(|error| panic!("{error}")).unwrap();
        self.write_after(sink, token, &seen)
    }

    fn write_after(
        &self,
        sink: &dyn Sink,
        token: &str,
        seen: &SinkReading,
    ) -> Result<WriteReceipt, NotWritten> {
        let limits = Limits { time: sink.time_limit(), lock: None };
        sink.write(&self.world, &self.stage(), &values(&secret(token)), seen, &limits)
    }
}

/// A program that takes one value, and perhaps another that prints it.
fn command(root: &Root, argv: &[String], value: SinkValue, read: Option<&[String]>) -> CommandSink {
    let span = Span { start: 0, end: 0 };
    let writers = Writers::One(Spanned::new(argv.to_vec(), span));
    CommandSink::new(root, &writers, &CommandInput::Value(value), read)
}

/// A file as a profile names it.
fn file_spec(path: impl Into<PathBuf>, variables: &[(&str, SinkValue)], mode: Option<u32>) -> FileSpec {
    let span = Span { start: 0, end: 0 };
    let variable = |(name, value): &(&str, SinkValue)| (Spanned::new((*name).to_owned(), span), *value);
    FileSpec {
        path: Spanned::new(path.into(), span),
        variables: variables.iter().map(variable).collect(),
        mode: mode.map(|mode| Spanned::new(mode, span)),
    }
}

/// A change to the document of an env file.
fn edit(
    mut change: impl FnMut(&mut Document) -> Result<(), SinkError>,
) -> impl FnMut(&[u8]) -> Result<Zeroizing<Vec<u8>>, SinkError> {
    move |bytes| {
        let problem = |problem| SinkError::Unreadable {
            shown: ".env".to_owned(),
            problem: ContentProblem::EnvFile(problem),
        };
        let mut document = Document::parse(bytes).map_err(problem)?;
        change(&mut document)?;
        Ok(document.to_bytes())
    }
}

/// A change that sets `TOKEN`.
fn set(value: &str) -> impl FnMut(&[u8]) -> Result<Zeroizing<Vec<u8>>, SinkError> {
    edit(move |document| Ok(document.set("TOKEN", value)?))
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn values(token: &Secret) -> Values<'_> {
    Values {
        secret: KnownSecret::Whole(token),
        token_id: "0123456789abcdef0123456789abcdef",
        account_id: Some("fedcba9876543210fedcba9876543210"),
        zone_id: None,
        expires_on: None,
        r2: None,
    }
}

/// What a sink was found to hold of its first value.
fn found(reading: &SinkReading) -> Vec<String> {
    let SinkReading::Content(content) = reading else { panic!("it cannot be read") };
    content.entries[0].found.iter().map(|secret| secret.expose().to_owned()).collect()
}

/// The code of what went wrong.
#[track_caller]
fn code<T>(outcome: Result<T, SinkError>) -> &'static str {
    outcome.err().expect("a refusal").code().text()
}

/// What is known of a write that failed.
#[track_caller]
fn failure<T>(outcome: Result<T, NotWritten>) -> (&'static str, cfmint::sink::Reached) {
    let not_written = outcome.err().expect("a refusal");
    (not_written.error.code().text(), not_written.reached)
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
