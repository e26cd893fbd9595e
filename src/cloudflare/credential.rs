//! What a request authenticates with, and what its wire format says about it.

use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderMap};

use crate::secret::{ACCOUNT_TOKEN, GLOBAL_KEY, Secret, USER_TOKEN};

/// A credential of Cloudflare's API.
#[derive(Clone)]
pub enum Credential {
    /// An API token: `Authorization: Bearer`.
    Token(Secret),
    /// The legacy global key, with the whole power of its user: `X-Auth-Email` and `X-Auth-Key`.
    GlobalKey {
        /// The address the user logs in with.
        email: String,
        /// The key.
        key: Secret,
    },
}

/// What kind of token a secret is, by its prefix.
///
/// Source: <https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// `cfut_`: a user's token.
    UserToken,
    /// `cfat_`: an account's token.
    AccountToken,
    /// `cfk_`, or 37 to 45 lower-case hexadecimal digits: the global key, new or old.
    GlobalKey,
    /// No prefix: a token from before April 2026, of a user or an account.
    Unprefixed,
    /// Characters or a length that no token has.
    NoToken,
}

/// How long the old global key has been seen, in lower-case hexadecimal digits.
const OLD_GLOBAL_KEY: std::ops::RangeInclusive<usize> = 37..=45;

/// The shortest token there has been, in characters. Longer ones are accepted at any length.
const SHORTEST_TOKEN: usize = 40;

impl SecretKind {
    /// Tells the kind by the prefix. The checksum is not looked at: what it covers is not documented.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        let text = secret.expose();
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits && OLD_GLOBAL_KEY.contains(&text.len()) {
            Self::GlobalKey
        } else if !plain || text.len() < SHORTEST_TOKEN {
            Self::NoToken
        } else if text.starts_with(USER_TOKEN) {
            Self::UserToken
        } else if text.starts_with(ACCOUNT_TOKEN) {
            Self::AccountToken
        } else if text.starts_with(GLOBAL_KEY) {
            Self::GlobalKey
        } else {
            Self::Unprefixed
        }
    }
}

/// A credential holds characters that no HTTP header may carry, such as a line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAHeader;

impl Credential {
    /// Puts the credential on a request. Only one kind is ever sent: both at once confuse the API.
    pub(super) fn sign(&self, headers: &mut HeaderMap) -> Result<(), NotAHeader> {
        match self {
            Self::Token(token) => {
                headers.insert(AUTHORIZATION, sensitive(&format!("Bearer {}", token.expose()))?);
            }
            Self::GlobalKey { email, key } => {
                headers.insert("x-auth-email", HeaderValue::from_str(email).map_err(|_| NotAHeader)?);
                headers.insert("x-auth-key", sensitive(key.expose())?);
            }
        }
        Ok(())
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, NotAHeader> {
    let mut value = HeaderValue::from_str(text).map_err(|_| NotAHeader)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_tells_its_kind_by_its_form() {
        for (text, kind) in [
            ("cfut_EMULATOR-a-users-token-of-the-new-form-53-long-x", SecretKind::UserToken),
            ("cfat_EMULATOR-an-accounts-token-of-any-length-whatsoever-and-more", SecretKind::AccountToken),
            ("cfk_EMULATOR-a-global-key-of-the-new-form-------52--", SecretKind::GlobalKey),
            ("0123456789abcdef0123456789abcdef01234", SecretKind::GlobalKey),
            ("0123456789abcdef0123456789abcdef012345678abcd", SecretKind::GlobalKey),
            ("0123456789abcdef0123456789abcdef0123", SecretKind::NoToken),
            ("EMULATOR_a-token-from-before-April-2026x", SecretKind::Unprefixed),
            ("EMULATOR_a-token-from-before-April-2026", SecretKind::NoToken),
            ("cfut_EMULATOR-with-a-line-break\n-and-long-enough-to-be-one", SecretKind::NoToken),
            ("", SecretKind::NoToken),
        ] {
            assert_eq!(SecretKind::of(&Secret::new(text.to_owned())), kind, "{text}");
        }
    }
}
