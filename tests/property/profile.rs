//! Whatever is read as a profile: no panic, no place outside the file, no meaning in the order of keys.

use std::sync::Arc;

use cfmint::profile::{Profile, ProfileFile, ResolveOptions, Source, Unset};
use proptest::prelude::*;
use serde_json::Value;

use crate::claims;

const FULL: &str = include_str!("../fixtures/full.yaml");

/// Pieces that mean something to YAML or to a profile.
const PIECES: &[&str] = &[
    "\n",
    "  ",
    "\t",
    ": ",
    ":",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\"",
    "'",
    "#",
    "&a ",
    "*a",
    "!!str ",
    "|\n",
    ">-\n",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "? ",
    "<<: ",
    "~",
    "null",
    "\u{0}",
    "\u{1b}[2J",
    "\u{85}",
    "\u{feff}",
    "\r",
    "\r\n",
    "ä",
    "💥",
    "${",
    "$${",
    "${A}",
    "${A:-b}",
    "${environment}",
    "}",
    "version: 1\n",
    "name: a\n",
    "ttl: 1d\n",
    "ttl: 99999999999999999999w\n",
    "all",
    "none",
    "permissions: ",
    "zone: ",
    "DNS: edit",
    "sinks: ",
    "use: [a]",
    "0",
    "-1",
    "1e999",
    "@",
    "`",
    "\\",
    "/",
    "..",
    "*",
];

/// A profile for one of the environments of [`FULL`].
fn profile(file: &ProfileFile, environment: &str) -> Profile {
    let variables = |name: &str| (name == "A").then(|| "value".to_owned());
    let now = "2026-01-15T12:00:00Z".parse().unwrap();
    let choice = ResolveOptions {
        environment: Some(environment),
        features: &[],
        variables: &variables,
        now,
        unset: Unset::Error,
    };
    file.resolve(&choice).profile.unwrap()
}

/// A byte offset of a text, moved back to where a character begins.
fn boundary(text: &str, part: f64) -> usize {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a test stops where it fails"
    )]
    let mut at = (part * text.len() as f64) as usize;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Writes a value as JSON, which is YAML, with the keys of each map in an order that `turn` decides. The
/// order of an env file's variables means something, and stays.
fn write(value: &Value, turn: &mut impl FnMut(usize) -> usize, keeps_order: bool) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            let mut written = Vec::new();
            while !keys.is_empty() {
                let next = if keeps_order { 0 } else { turn(keys.len()) };
                let key = keys.remove(next);
                let value = map.get(key).unwrap();
                written.push(format!(
                    "{}: {}",
                    Value::from(key.as_str()),
                    write(value, turn, key == "variables")
                ));
            }
            format!("{{{}}}", written.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| write(item, turn, false)).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// A profile's value without the places of its parts.
fn without_places(mut profile: Profile) -> String {
    profile.source = Arc::new(Source { path: String::new(), text: String::new() });
    let shown = format!("{profile:?}");
    let mut parts = shown.split("Span { ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shown, part| shown + part.split_once('}').unwrap().1)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        claims::profile::hold(&bytes);
    }

    #[test]
    fn no_pieces_make_it_panic(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)) {
        claims::profile::hold(pieces.concat().as_bytes());
    }

    #[test]
    fn no_change_of_a_profile_makes_it_panic(
        changes in proptest::collection::vec((0.0..1.0f64, 0.0..0.02f64, proptest::sample::select(PIECES)), 1..5),
    ) {
        let mut text = FULL.to_owned();
        for (at, width, piece) in changes {
            let start = boundary(&text, at);
            let end = boundary(&text, (at + width).min(1.0));
            text.replace_range(start..end, piece);
        }
        claims::profile::hold(text.as_bytes());
    }

    #[test]
    fn the_order_of_keys_means_nothing(turns in proptest::collection::vec(any::<usize>(), 200)) {
        let value: Value = serde_yaml::from_str(FULL).unwrap();
        let mut turns = turns.into_iter();
        let shuffled = write(&value, &mut |keys| turns.next().unwrap_or_default() % keys, false);
        let original = write(&value, &mut |_| 0, false);
        let original = ProfileFile::from_bytes("any.yaml", original.into_bytes()).unwrap();
        let shuffled = ProfileFile::from_bytes("any.yaml", shuffled.into_bytes()).unwrap();
        for environment in ["dev", "production", "pr-17"] {
            let profile = |file: &ProfileFile| without_places(profile(file, environment));
            prop_assert_eq!(profile(&original), profile(&shuffled));
        }
    }
}
