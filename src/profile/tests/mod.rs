//! Profiles that hold, profiles that do not, and what is said about them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod cases;
mod draft;
mod lints;
mod meaning;
mod pace;
mod shapes;
mod sinks;
mod text;

use chrono::{DateTime, Utc};

use super::*;

/// A profile without any problem.
const SOUND: &str = "\
version: 1
name: app
permissions: { zone: { DNS: read } }
resources: { zones: [example.com] }
ttl: 90d
sinks: [{ env_file: .env, variables: { TOKEN: token } }]
";

/// When the tests take place.
fn now() -> DateTime<Utc> {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

/// The value of a variable in the tests: `SET` and `HOME` have one.
fn variable(name: &str) -> Option<String> {
    match name {
        "SET" => Some("from-variable".to_owned()),
        "LONG" => Some("x".repeat(200)),
        "UP" => Some("../outside".to_owned()),
        "ALL" => Some("all".to_owned()),
        "BLANK" => Some(" ".to_owned()),
        "LINES" => Some("one\ntwo".to_owned()),
        "HOME" => Some("/home/someone".to_owned()),
        _ => None,
    }
}

fn options<'a>(environment: Option<&'a str>, features: &'a [String]) -> ResolveOptions<'a> {
    ResolveOptions { environment, features, variables: &variable, now: now(), unset: Unset::Error }
}

/// Everything that is said about a text, resolved for an environment.
fn resolve(text: &str, environment: Option<&str>, features: &[&str]) -> Resolved {
    let features: Vec<String> = features.iter().map(|name| (*name).to_owned()).collect();
    match ProfileFile::from_bytes("app.yaml", text.as_bytes().to_vec()) {
        Ok(file) => file.resolve(&options(environment, &features)),
        Err(diagnostics) => Resolved { profile: None, permissions: Vec::new(), diagnostics },
    }
}

/// The profile of a text that must be valid.
fn profile(text: &str, environment: Option<&str>, features: &[&str]) -> Profile {
    let resolved = resolve(text, environment, features);
    resolved.profile.unwrap_or_else(|| panic!("{:#?}\n{text}", brief(&resolved.diagnostics)))
}

/// Diagnostics in short: code and place.
fn brief(diagnostics: &[Diagnostic]) -> Vec<String> {
    let place = |diagnostic: &Diagnostic| match diagnostic.position() {
        Some(Position { line, column }) => format!("{} {line}:{column}", diagnostic.code),
        None => diagnostic.code.to_string(),
    };
    diagnostics.iter().map(place).collect()
}

/// The sound profile with a part of it replaced.
fn edited(part: &str, by: &str) -> String {
    assert_eq!(SOUND.matches(part).count(), 1, "{part}");
    SOUND.replace(part, by)
}

/// The sound profile with more lines.
fn extended(lines: &str) -> String {
    format!("{SOUND}{lines}")
}
