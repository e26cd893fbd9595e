//! What a live token is worth to a sink: each word of a profile -> the text that is delivered.

use chrono::{DateTime, SecondsFormat, Utc};
use ring::digest;

use super::SinkError;
use crate::profile::{Jurisdiction, SinkValue};
use crate::secret::Secret;

/// Everything that a sink of one token can ask for.
pub struct Values<'a> {
    /// What is known of the token's secret.
    pub secret: KnownSecret<'a>,
    /// The token's id.
    pub token_id: &'a str,
    /// The id of the profile's account, where there is exactly one.
    pub account_id: Option<&'a str>,
    /// The id of the profile's zone, where there is exactly one.
    pub zone_id: Option<&'a str>,
    /// When the token ends; `None` for never.
    pub expires_on: Option<DateTime<Utc>>,
    /// Where the profile's buckets are, where that is one place.
    pub r2: Option<R2Home<'a>>,
}

/// What is known of a token's secret.
#[derive(Clone, Copy)]
pub enum KnownSecret<'a> {
    /// All of it.
    Whole(&'a Secret),
    /// The key that S3 clients use, which is only a hash of it.
    S3Key(&'a Secret),
    /// Nothing: enough for what asks for ids and times alone.
    Nothing,
}

/// Where buckets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct R2Home<'a> {
    /// The account they belong to.
    pub account_id: &'a str,
    /// Where their data may lie.
    pub jurisdiction: Jurisdiction,
}

impl Values<'_> {
    /// Returns the text for one word of a profile; each is handled as a secret, though not each is one.
    pub fn of(&self, value: SinkValue) -> Result<Secret, SinkError> {
        let unknown = || SinkError::NoValue { value: value.word() };
        let text = match value {
            SinkValue::Token => match self.secret {
                KnownSecret::Whole(secret) => return Ok(secret.clone()),
                KnownSecret::S3Key(_) | KnownSecret::Nothing => return Err(unknown()),
            },
            SinkValue::R2SecretAccessKey => match self.secret {
                KnownSecret::Whole(secret) => return Ok(r2_secret_access_key(secret)),
                KnownSecret::S3Key(key) => return Ok(key.clone()),
                KnownSecret::Nothing => return Err(unknown()),
            },
            SinkValue::TokenId | SinkValue::R2AccessKeyId => self.token_id.to_owned(),
            SinkValue::AccountId => self.account_id.ok_or_else(unknown)?.to_owned(),
            SinkValue::ZoneId => self.zone_id.ok_or_else(unknown)?.to_owned(),
            SinkValue::ExpiresOn => self
                .expires_on
                .map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
                .unwrap_or_default(),
            SinkValue::R2Endpoint => r2_endpoint(self.r2.ok_or_else(unknown)?),
        };
        Ok(Secret::new(text))
    }
}

/// R2's S3 interface takes the SHA-256 of the token's secret, in lower-case hexadecimal digits, as the secret key.
/// Source: <https://developers.cloudflare.com/r2/api/tokens/>.
fn r2_secret_access_key(token: &Secret) -> Secret {
    let digest = digest::digest(&digest::SHA256, token.expose().as_bytes());
    let mut text = String::with_capacity(2 * digest.as_ref().len());
    for byte in digest.as_ref() {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    Secret::new(text)
}

/// A jurisdiction has its own host name. Source: <https://developers.cloudflare.com/r2/api/tokens/>.
fn r2_endpoint(home: R2Home<'_>) -> String {
    let account = home.account_id;
    match home.jurisdiction {
        Jurisdiction::Default => format!("https://{account}.r2.cloudflarestorage.com"),
        Jurisdiction::Eu | Jurisdiction::Us | Jurisdiction::Fedramp => {
            format!("https://{account}.{}.r2.cloudflarestorage.com", home.jurisdiction.word())
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::*;

    fn values<'a>(token: &'a Secret, r2: Option<R2Home<'a>>) -> Values<'a> {
        Values {
            secret: KnownSecret::Whole(token),
            token_id: "0123456789abcdef0123456789abcdef",
            account_id: None,
            zone_id: Some("fedcba9876543210fedcba9876543210"),
            expires_on: DateTime::from_timestamp(1_800_000_000, 999_000_000),
            r2,
        }
    }

    fn text(values: &Values<'_>, value: SinkValue) -> String {
        values.of(value).map(|secret| secret.expose().to_owned()).unwrap()
    }

    #[test]
    fn every_word_of_a_profile_has_its_text() {
        let token = Secret::new("abc".to_owned());
        let home = R2Home { account_id: "a1", jurisdiction: Jurisdiction::Default };
        let values = values(&token, Some(home));
        assert_eq!(text(&values, SinkValue::Token), "abc");
        assert_eq!(text(&values, SinkValue::TokenId), values.token_id);
        assert_eq!(text(&values, SinkValue::ZoneId), "fedcba9876543210fedcba9876543210");
        assert_eq!(text(&values, SinkValue::ExpiresOn), "2027-01-15T08:00:00Z");
        assert_eq!(text(&values, SinkValue::R2AccessKeyId), values.token_id);
        // The first test vector of FIPS 180-2.
        assert_eq!(
            text(&values, SinkValue::R2SecretAccessKey),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(text(&values, SinkValue::R2Endpoint), "https://a1.r2.cloudflarestorage.com");
    }

    #[test]
    fn a_jurisdiction_has_its_own_endpoint() {
        let token = Secret::new("abc".to_owned());
        for (jurisdiction, endpoint) in [
            (Jurisdiction::Eu, "https://a1.eu.r2.cloudflarestorage.com"),
            (Jurisdiction::Us, "https://a1.us.r2.cloudflarestorage.com"),
            (Jurisdiction::Fedramp, "https://a1.fedramp.r2.cloudflarestorage.com"),
        ] {
            let home = R2Home { account_id: "a1", jurisdiction };
            assert_eq!(text(&values(&token, Some(home)), SinkValue::R2Endpoint), endpoint);
        }
    }

    #[test]
    fn a_token_that_never_ends_has_an_empty_end() {
        let token = Secret::new("abc".to_owned());
        let values = Values { expires_on: None, ..values(&token, None) };
        assert_eq!(text(&values, SinkValue::ExpiresOn), "");
    }

    #[test]
    fn a_key_serves_as_itself_and_nothing_makes_a_secret_of_it() {
        let (token, key) = (Secret::new("abc".to_owned()), Secret::new("0123abcd".to_owned()));
        let of_key = Values { secret: KnownSecret::S3Key(&key), ..values(&token, None) };
        assert_eq!(text(&of_key, SinkValue::R2SecretAccessKey), "0123abcd");
        assert!(of_key.of(SinkValue::Token).is_err());
        let of_none = Values { secret: KnownSecret::Nothing, ..values(&token, None) };
        assert_eq!(text(&of_none, SinkValue::R2AccessKeyId), of_none.token_id);
        assert!(of_none.of(SinkValue::R2SecretAccessKey).is_err());
    }

    #[test]
    fn what_the_profile_does_not_settle_is_named() {
        let token = Secret::new("abc".to_owned());
        let values = values(&token, None);
        for value in [SinkValue::AccountId, SinkValue::R2Endpoint] {
            let error = values.of(value).err().unwrap();
            assert_eq!(error.code().text(), "sink.no-value");
            assert!(error.to_string().contains(value.word()), "{error}");
        }
    }
}
