//! Whose token a step is about and where its secret goes: what carrying out needs of a profile besides what the token
//! should be.

use super::places::{SecretPlace, SurveyedSink};
use crate::cloudflare::TokenOwner;
use crate::cloudflare::wire::Token;
use crate::plan::BucketHome;
use crate::secret::Secret;
use crate::sink::{R2Home, Values};

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
        Values {
            token: secret,
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
