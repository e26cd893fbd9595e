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

/// What a user's token begins with.
pub const USER_TOKEN: &str = "cfut_";
/// What an account's token begins with.
pub const ACCOUNT_TOKEN: &str = "cfat_";
/// What a global API key begins with.
pub const GLOBAL_KEY: &str = "cfk_";
/// What the access token of a log-in begins with.
pub const LOG_IN: &str = "cfoat_";

/// What Cloudflare's secrets begin with.
///
/// Source: <https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/>
pub const PREFIXES: [&str; 4] = [USER_TOKEN, ACCOUNT_TOKEN, GLOBAL_KEY, LOG_IN];

/// How long a token without a prefix is, in characters: those from before April 2026.
pub const UNPREFIXED_LENGTH: usize = 40;

/// How many characters behind a prefix make a secret, and not a word about one.
const LEAST: usize = 20;

/// The prefix that a text begins with, where enough stands behind it to be a secret.
#[must_use]
pub fn secret_prefix(text: &str) -> Option<&'static str> {
    let is_of_token = |sign: &char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-');
    let is_long = |rest: &str| rest.chars().take_while(is_of_token).count() >= LEAST;
    PREFIXES.into_iter().find(|prefix| text.strip_prefix(prefix).is_some_and(is_long))
}

/// Whether one of Cloudflare's secrets stands anywhere in a text, by its prefix and its length.
#[must_use]
pub fn holds_secret(text: &str) -> bool {
    text.char_indices().any(|(at, _)| text.get(at..).and_then(secret_prefix).is_some())
}

/// How many hexadecimal digits a global key of the older form has; ids have fewer.
const KEY_LENGTH: usize = 37;

/// How long a part of a signed token is at the least. Host names have three parts, too.
const PART_LENGTH: usize = 16;

/// Whether a piece of a path or a name looks like a secret, which none should be: what may be a name all the same is
/// taken for a secret, too.
#[must_use]
pub fn looks_like_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_key = lower.len() >= KEY_LENGTH && lower.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_key || PREFIXES.iter().any(|prefix| lower.contains(prefix)) || is_signed(text)
}

/// Whether a text is three parts in base64 with dots between them, as a JSON Web Token is.
fn is_signed(text: &str) -> bool {
    let is_part = |part: &str| {
        let is_of_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte);
        part.len() >= PART_LENGTH && part.bytes().all(is_of_base64)
    };
    text.split('.').count() == 3 && text.split('.').all(is_part)
}

/// Returns a foreign text, such as a server's, with stars over what looks like a token, byte for byte.
#[must_use]
pub fn masked(text: &str) -> String {
    let is_of_token = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_of_token) {
        let (before, from) = rest.split_at(start);
        let (run, after) = from.split_at(from.find(|sign| !is_of_token(sign)).unwrap_or(from.len()));
        let prefixed = PREFIXES.iter().any(|prefix| run.starts_with(prefix));
        let mixed =
            [char::is_uppercase, char::is_lowercase, char::is_numeric].iter().all(|kind| run.contains(kind));
        let looks_like_one = prefixed || (run.len() >= UNPREFIXED_LENGTH && mixed);
        shown.push_str(before);
        shown.push_str(&if looks_like_one { "*".repeat(run.len()) } else { run.to_owned() });
        rest = after;
    }
    shown + rest
}
