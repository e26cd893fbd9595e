//! Whose token a step is about and where its secret goes: what carrying out needs of a profile besides what the token
//! should be.

use super::places::{SecretPlace, SurveyedSink};
use crate::cloudflare::TokenOwner;
use crate::cloudflare::wire::Token;
use crate::plan::{BucketHome, Whose};
use crate::secret::Secret;
use crate::sink::{KnownSecret, R2Home, SinkError, Values};

/// What a delivery needs to know besides the token itself.
pub struct DeliveryContext {
    /// The profile's file, for people.
    pub profile: String,
    /// Its environment.
    pub environment: Option<String>,
    /// Whose token it is.
    pub owner: TokenOwner,
    /// The sinks, with what they held when the run looked.
    pub sinks: Vec<SurveyedSink>,
    /// The places in the sinks where a secret stands.
    pub places: Vec<SecretPlace>,
    /// The one account, if there is one.
    pub account: Option<String>,
    /// The one zone, if there is one.
    pub zone: Option<String>,
    /// Where the buckets are, if that is one place.
    pub buckets: Option<BucketHome>,
}

impl DeliveryContext {
    /// A token of this owner's that no profile is at hand for.
    #[must_use]
    pub fn without_sinks(owner: TokenOwner) -> Self {
        Self {
            profile: String::new(),
            environment: None,
            owner,
            sinks: Vec::new(),
            places: Vec::new(),
            account: None,
            zone: None,
            buckets: None,
        }
    }

    /// Everything its sinks can ask for.
    #[must_use]
    pub fn values<'a>(&'a self, token: &'a Token, secret: &'a Secret) -> Values<'a> {
        self.values_knowing(token, KnownSecret::Whole(secret))
    }

    /// Everything that one of its sinks, by position, can ask for of a token whose secret it holds, or of which it takes
    /// no secret. Where the secret is not at hand, the sink's own part of it serves.
    #[must_use]
    pub fn values_of<'a>(&'a self, token: &'a Token, secret: Option<&'a Secret>, sink: usize) -> Values<'a> {
        let own = || self.places.iter().filter(|place| place.sink == sink).find_map(SecretPlace::known);
        let known = secret.map(KnownSecret::Whole).or_else(own).unwrap_or(KnownSecret::Nothing);
        self.values_knowing(token, known)
    }

    /// Whether a sink that holds the secret of a token, or takes none, has another value than it should, by the place of
    /// the secret and what planning sees there.
    pub(crate) fn is_stale(
        &self,
        place: &SecretPlace,
        whose: &Whose,
        token: &Token,
        secret: Option<&Secret>,
    ) -> Result<bool, SinkError> {
        let concerns = match whose {
            Whose::Token(id) => *id == token.id,
            Whose::NoSecret => true,
            _ => false,
        };
        match self.sinks.get(place.sink) {
            Some(seen) if concerns => seen.is_stale(&self.values_of(token, secret, place.sink)),
            _ => Ok(false),
        }
    }

    /// The secret of a token as some place holds it, given whose secrets the places hold.
    pub(crate) fn held<'a>(&self, whose: impl Iterator<Item = &'a Whose>, id: &str) -> Option<&Secret> {
        let is_its = |whose: &Whose| matches!(whose, Whose::Token(of) if of == id);
        self.places.iter().zip(whose).filter(|(_, whose)| is_its(whose)).find_map(|(place, _)| place.secret())
    }

    fn values_knowing<'a>(&'a self, token: &'a Token, secret: KnownSecret<'a>) -> Values<'a> {
        Values {
            secret,
            token_id: &token.id,
            account_id: self.account.as_deref(),
            zone_id: self.zone.as_deref(),
            expires_on: token.expires_on,
            r2: self
                .buckets
                .as_ref()
                .map(|home| R2Home { account_id: &home.account, jurisdiction: home.jurisdiction }),
        }
    }
}
