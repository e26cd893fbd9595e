//! Names of environments, and the patterns that stand for many of them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::codes::DiagnosticCode;
use super::decode::{Decode, kind_of};
use super::diagnostic::Spanned;
use super::named_map::Name;
use super::problems::Problems;
use super::scalar::text_schema;
use super::tree::{Node, NodeContent};

/// How long a name may be.
const LONGEST: usize = 63;

/// Whether a text can name an environment: 1 to 63 letters, digits, `.`, `_` and `-`, without `..`.
#[must_use]
pub fn environment_name_is_valid(name: &str) -> bool {
    is_plain(name, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// Whether a text can be the shape of environments' names: such a name, in which each `*` stands for anything.
#[must_use]
pub fn pattern_is_valid(text: &str) -> bool {
    is_plain(text, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'*'))
}

/// Whether a key of `environments` is a pattern.
pub(super) fn is_pattern(key: &str) -> bool {
    key.contains('*')
}

/// Whether a name has the shape of a pattern, in which each `*` stands for any characters, or none.
#[must_use]
pub fn matches_pattern(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(first) = parts.next() else { return false };
    // A `*` stands for something: `pr-` is what an empty variable makes of `pr-$NUMBER`.
    if name.len() <= pattern.len() - pattern.matches('*').count() && pattern.contains('*') {
        return false;
    }
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    // The earliest place for each part in between leaves the most for those after it.
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// How closely a pattern says what it stands for: its characters other than `*`.
pub(super) fn closeness(pattern: &str) -> usize {
    pattern.bytes().filter(|byte| *byte != b'*').count()
}

fn is_plain(text: &str, allows: impl Fn(u8) -> bool) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(allows) && !text.contains("..")
}

/// The keys of `environments`: names and patterns.
#[derive(Debug, Clone)]
pub(super) struct EnvironmentKey;

impl Name for EnvironmentKey {
    const NOUN: &'static str = "an environment";
    const PATTERN: &'static str = r"^(?!.*\.\.)[A-Za-z0-9._*-]{1,63}$";
    const VALUE: &'static str = "{}";
    const RULE: &'static str =
        "1 to 63 letters, digits, `.`, `_` and `-`, without `..`; `*` for any, as in `\"pr-*\"`";

    fn accepts(text: &str) -> bool {
        pattern_is_valid(text)
    }
}

/// The keys of `features`.
#[derive(Debug, Clone)]
pub(super) struct FeatureKey;

impl Name for FeatureKey {
    const NOUN: &'static str = "a feature";
    const PATTERN: &'static str = r"^(?!.*\.\.)[A-Za-z0-9._-]{1,63}$";
    const VALUE: &'static str = "{}";
    const RULE: &'static str = "1 to 63 letters, digits, `.`, `_` and `-`, without `..`";

    fn accepts(text: &str) -> bool {
        environment_name_is_valid(text)
    }
}

/// The name of a feature, where one is turned on. Taken as written: no variables.
#[derive(Debug, Clone)]
pub(super) struct FeatureName(pub(super) Spanned<String>);

impl Decode for FeatureName {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        if let NodeContent::Text(text) = &node.content {
            return Some(Self(Spanned::new(text.clone(), node.span)));
        }
        let kind = kind_of(&node.content);
        problems
            .error(
                DiagnosticCode::WrongType,
                node.span,
                format!("the name of a feature belongs here, not {kind}"),
            )
            .hint("write a name that stands under `features`");
        None
    }
}

impl JsonSchema for FeatureName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "FeatureName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        text_schema()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for name in ["dev", "production", "pr-17", "a.b_c-D", "0", &"x".repeat(63)] {
            assert!(environment_name_is_valid(name), "{name}");
        }
        for name in ["", "a b", "a..b", "..", "pr-*", "a/b", "ä", "a\n", &"x".repeat(64)] {
            assert!(!environment_name_is_valid(name), "{name}");
        }
    }

    #[test]
    fn a_star_stands_for_one_character_or_more() {
        for (pattern, name, expected) in [
            ("pr-*", "pr-17", true),
            ("pr-*", "pr-", false),
            ("pr-*", "pr", false),
            ("pr-*", "xpr-1", false),
            ("*", "anything", true),
            ("*-eu", "prod-eu", true),
            ("*-eu", "prod-eu-2", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("ab*ba", "aba", false),
            ("dev", "dev", true),
            ("dev", "dev2", false),
            ("**", "x", true),
        ] {
            assert_eq!(matches_pattern(pattern, name), expected, "{pattern} and {name}");
        }
    }
}
