//! The one type a secret lives in, from the socket to the sink.
//!
//! A [`Secret`] has no `Debug`, `Display` or `Serialize`, so that no log line, error or JSON document can
//! hold one by accident, and its memory is wiped when it is dropped. The text comes out at one place,
//! [`Secret::expose`], which is easy to search for.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

/// Text that must never be seen: a token's value, or a credential of the bootstrap.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes the text over; the caller's buffer becomes the secret's own.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// Lends the text, for a request header, a sink or a comparison, and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether the text holds nothing but white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.expose().trim().is_empty()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// How long a run of a token's characters is that may be a token without a prefix.
const TOKEN_LENGTH: usize = 40;

/// Returns a foreign text, such as a server's, with stars over what looks like a token, byte for byte.
#[must_use]
pub fn masked(text: &str) -> String {
    let is_of_token = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_of_token) {
        let (before, from) = rest.split_at(start);
        let (run, after) = from.split_at(from.find(|sign| !is_of_token(sign)).unwrap_or(from.len()));
        let prefixed = ["cfut_", "cfat_", "cfk_"].iter().any(|prefix| run.starts_with(prefix));
        let mixed =
            [char::is_uppercase, char::is_lowercase, char::is_numeric].iter().all(|kind| run.contains(kind));
        let looks_like_one = prefixed || (run.len() >= TOKEN_LENGTH && mixed);
        shown.push_str(before);
        shown.push_str(&if looks_like_one { "*".repeat(run.len()) } else { run.to_owned() });
        rest = after;
    }
    shown + rest
}
