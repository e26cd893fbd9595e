//! What a request authenticates with, and what its wire format says about it.

use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderMap};

use crate::secret::Secret;

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
    /// `cfk_`: the global key in its new form.
    GlobalKey,
    /// No prefix: a token from before April 2026, of a user or an account.
    Unprefixed,
    /// Characters or a length that no token has.
    NoToken,
}

/// The shortest token there has been, in characters. Longer ones are accepted at any length.
const SHORTEST_TOKEN: usize = 40;

impl SecretKind {
    /// Tells the kind by the prefix. The checksum is not looked at: what it covers is not documented.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        let text = secret.expose();
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if !plain || text.len() < SHORTEST_TOKEN {
            Self::NoToken
        } else if text.starts_with("cfut_") {
            Self::UserToken
        } else if text.starts_with("cfat_") {
            Self::AccountToken
        } else if text.starts_with("cfk_") {
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
