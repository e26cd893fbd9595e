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
