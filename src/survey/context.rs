//! Whose token a step is about and where its secret goes: what carrying out needs of a profile, or of the
//! journal where the profile is not at hand.

use super::sinks::{Located, SecretPlace, Target};
use crate::cloudflare::TokenOwner;
use crate::cloudflare::wire::Token;
use crate::plan::BucketHome;
use crate::secret::Secret;
use crate::sink::{R2Home, Values};

/// What a step needs to know besides the token itself.
pub struct Subject {
    /// The profile's file, for people.
    pub profile: String,
    /// Its environment.
    pub environment: Option<String>,
    /// Whose token it is.
    pub owner: TokenOwner,
    /// The user behind the bootstrap, as far as it is known.
    pub user: Option<String>,
    /// The sinks.
    pub located: Vec<Located>,
    /// The places in the sinks where a secret stands, as they were when the run looked.
    pub places: Vec<SecretPlace>,
    /// The one account, if there is one.
    pub account: Option<String>,
    /// The one zone, if there is one.
    pub zone: Option<String>,
    /// Where the buckets are, if that is one place.
    pub buckets: Option<BucketHome>,
}

impl Subject {
    /// A token of this owner's that no profile is at hand for.
    #[must_use]
    pub fn without_sinks(owner: TokenOwner) -> Self {
        Self {
            profile: String::new(),
            environment: None,
            owner,
            user: None,
            located: Vec::new(),
            places: Vec::new(),
            account: None,
            zone: None,
            buckets: None,
        }
    }

    /// Whether a sink is a program: what it was given cannot be taken back.
    pub(super) fn has_programs(&self) -> bool {
        self.located.iter().any(|sink| matches!(sink, Located::Command { .. }))
    }

    /// Every sink, to be written.
    pub(super) fn targets(&self) -> Vec<Target<'_>> {
        (0..self.located.len()).filter_map(|sink| self.target(sink)).collect()
    }

    /// A sink by its position, to be written.
    pub(super) fn target(&self, sink: usize) -> Option<Target<'_>> {
        let places = self.places.iter().filter(|place| place.sink == sink).collect();
        self.located.get(sink).map(|located| Target { located, places })
    }

    /// Everything its sinks can ask for.
    pub(super) fn values<'a>(&'a self, token: &'a Token, secret: &'a Secret) -> Values<'a> {
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
