//! The world as it stands: accounts, zones, and tokens with the hashes of their secrets.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::mint;
use super::owner::EmulatorOwner;
use super::settings::Random;
use crate::cloudflare::wire::{Account, Token, WorkerScript, Zone};

/// A Worker and the account it is in.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct StoredScript {
    /// The account's id.
    pub(super) account: String,
    /// What is listed.
    pub(super) shown: WorkerScript,
}

/// A token and what its listing does not show.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct StoredToken {
    /// Whose it is.
    pub(super) owner: EmulatorOwner,
    /// The hash of its secret, 64 hexadecimal digits.
    pub(super) secret_sha256: String,
    /// When its secret has reached the edge, if not at once.
    pub(super) works_from: Option<DateTime<Utc>>,
    /// Whether it is one of Cloudflare's own, which cannot be deleted.
    pub(super) managed: bool,
    /// Who made it; account-owned tokens only.
    pub(super) creator_email: Option<String>,
    /// What is listed. Its status is what was set; an expiry shows in [`StoredToken::status`].
    pub(super) token: Token,
}

impl StoredToken {
    /// The status that the API shows now.
    pub(super) fn status(&self, now: DateTime<Utc>) -> &str {
        let over = self.token.expires_on.is_some_and(|end| end <= now);
        if over && matches!(self.token.status.as_str(), ACTIVE | DISABLED) {
            EXPIRED
        } else {
            &self.token.status
        }
    }

    /// Whether its time has not come.
    pub(super) fn is_early(&self, now: DateTime<Utc>) -> bool {
        self.token.not_before.is_some_and(|start| now < start)
    }
}

/// A change of one token, so that lists can show the world before it.
#[derive(Clone)]
pub(super) struct TokenChange {
    id: String,
    place: usize,
    before: Option<StoredToken>,
}

/// The status of a token that works.
pub(super) const ACTIVE: &str = "active";
/// The status of a token that was switched off.
pub(super) const DISABLED: &str = "disabled";
/// The status of a token whose time is over.
pub(super) const EXPIRED: &str = "expired";

/// Everything that outlives a request.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct State {
    /// How many draws of randomness there were.
    pub(super) sequence: u64,
    /// The accounts the user is a member of.
    pub(super) accounts: Vec<Account>,
    /// The zones of those accounts.
    pub(super) zones: Vec<Zone>,
    /// The Workers of those accounts.
    #[serde(default)]
    pub(super) scripts: Vec<StoredScript>,
    /// The tokens, oldest first.
    pub(super) tokens: Vec<StoredToken>,
    /// Grows with every change.
    #[serde(skip)]
    pub(super) revision: u64,
    /// The last change of a token's.
    #[serde(skip)]
    pub(super) last_change: Option<TokenChange>,
}

impl State {
    /// Notes that something changed.
    pub(super) fn changed(&mut self) {
        self.revision = self.revision.saturating_add(1);
    }

    /// Notes how a token stands before it is made, changed or deleted.
    pub(super) fn note_token(&mut self, id: &str) {
        let place = self.tokens.iter().position(|stored| stored.token.id == id);
        let before = place.and_then(|place| self.tokens.get(place)).cloned();
        let place = place.unwrap_or(self.tokens.len());
        self.last_change = Some(TokenChange { id: id.to_owned(), place, before });
    }

    /// The tokens as they were before the last change.
    pub(super) fn tokens_before(&self) -> Vec<&StoredToken> {
        let Some(change) = &self.last_change else { return self.tokens.iter().collect() };
        let mut tokens: Vec<&StoredToken> =
            self.tokens.iter().filter(|stored| stored.token.id != change.id).collect();
        if let Some(before) = &change.before {
            tokens.insert(change.place.min(tokens.len()), before);
        }
        tokens
    }

    /// 32 bytes that never came before: the draw's number is hashed with the random bytes, so that even
    /// randomness that repeats itself in a test gives ids and secrets of their own.
    pub(super) fn draw(&mut self, random: &Random) -> [u8; 32] {
        self.sequence = self.sequence.wrapping_add(1);
        let mut bytes = [0; 40];
        let (noise, number) = bytes.split_at_mut(32);
        random(noise);
        number.copy_from_slice(&self.sequence.to_le_bytes());
        mint::digest(&bytes)
    }

    /// A new id.
    pub(super) fn draw_id(&mut self, random: &Random) -> String {
        mint::hex(&self.draw(random)).chars().take(32).collect()
    }

    /// The token that a secret belongs to.
    pub(super) fn by_secret(&self, secret: &str) -> Option<&StoredToken> {
        let hash = mint::sha256(secret.as_bytes());
        self.tokens.iter().find(|stored| stored.secret_sha256 == hash)
    }

    /// An owner's token by its id.
    pub(super) fn find(&self, owner: &EmulatorOwner, id: &str) -> Option<&StoredToken> {
        self.tokens.iter().find(|stored| stored.owner == *owner && stored.token.id == id)
    }

    /// An owner's token by its id, to change it.
    pub(super) fn find_mut(&mut self, owner: &EmulatorOwner, id: &str) -> Option<&mut StoredToken> {
        self.tokens.iter_mut().find(|stored| stored.owner == *owner && stored.token.id == id)
    }

    /// The account with an id.
    pub(super) fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// The zone with an id.
    pub(super) fn zone(&self, id: &str) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.id == id)
    }

    /// Notes that a token was used.
    pub(super) fn used(&mut self, id: &str, now: DateTime<Utc>) {
        let Some(stored) = self.tokens.iter_mut().find(|stored| stored.token.id == id) else { return };
        if stored.token.last_used_on != Some(now) {
            stored.token.last_used_on = Some(now);
            self.changed();
        }
    }
}
