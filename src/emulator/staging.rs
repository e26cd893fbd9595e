//! What happens behind the API's back: accounts and tokens that are just there, tokens that somebody
//! changes, things that go wrong, and a look at everything.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Emulator;
use super::faults::{InjectedFault, LoggedRequest};
use super::mint;
use super::owner::EmulatorOwner;
use super::settings::{SecretFormat, Switches};
use super::state::{ACTIVE, StoredScript, StoredToken};
use super::world::LEGACY_EMAIL;
use crate::cloudflare::wire::{Account, Token, TokenWrite, WorkerScript, Zone};
use crate::secret::Secret;

/// A token and who owns it.
#[derive(Debug, Clone)]
pub struct OwnedToken {
    /// Whose it is.
    pub owner: EmulatorOwner,
    /// The token, with the status that the API shows now.
    pub token: Token,
}

impl Emulator {
    /// Adds an account that the user is a member of, and returns its id.
    #[must_use]
    pub fn add_account(&self, name: &str) -> String {
        let mut core = self.core();
        let id = core.state.draw_id(&*self.settings.random);
        core.state.accounts.push(Account { id: id.clone(), name: name.to_owned() });
        core.state.changed();
        id
    }

    /// Adds an active zone, and returns its id; `None` if there is no such account.
    #[must_use]
    pub fn add_zone(&self, account_id: &str, name: &str) -> Option<String> {
        let mut core = self.core();
        let account = core.state.account(account_id)?.clone();
        let id = core.state.draw_id(&*self.settings.random);
        let status = Some(ACTIVE.to_owned());
        core.state.zones.push(Zone { id: id.clone(), name: name.to_owned(), status, account });
        core.state.changed();
        Some(id)
    }

    /// Adds a Worker as a deployment would, and returns its tag.
    #[must_use]
    pub fn add_worker(&self, account_id: &str, name: &str) -> String {
        let mut core = self.core();
        let tag = core.state.draw_id(&*self.settings.random);
        let shown = WorkerScript { id: name.to_owned(), tag: Some(tag.clone()) };
        core.state.scripts.push(StoredScript { account: account_id.to_owned(), shown });
        core.state.changed();
        tag
    }

    /// Adds a token that works at once, past every rule; returns its id and its secret.
    #[must_use]
    pub fn add_token(&self, owner: EmulatorOwner, write: TokenWrite) -> (String, Secret) {
        let now = self.settings.now();
        let mut core = self.core();
        let state = &mut core.state;
        let id = state.draw_id(&*self.settings.random);
        let secret = mint::secret(&owner, SecretFormat::Prefixed, &state.draw(&*self.settings.random));
        let mut policies = write.policies;
        for policy in policies.iter_mut().filter(|policy| policy.id.is_none()) {
            policy.id = Some(state.draw_id(&*self.settings.random));
        }
        let token = Token {
            id: id.clone(),
            name: write.name,
            status: write.status.unwrap_or_else(|| ACTIVE.to_owned()),
            policies,
            condition: write.condition,
            not_before: write.not_before,
            expires_on: write.expires_on,
            issued_on: Some(now),
            modified_on: Some(now),
            last_used_on: None,
        };
        state.note_token(&id);
        state.tokens.push(StoredToken {
            creator_email: matches!(owner, EmulatorOwner::Account(_)).then(|| LEGACY_EMAIL.to_owned()),
            owner,
            secret_sha256: mint::sha256(secret.expose().as_bytes()),
            works_from: None,
            managed: false,
            token,
        });
        state.changed();
        (id, secret)
    }

    /// Changes a token by somebody else: its policies, its last use, a status such as `disabled` or
    /// `revoked (exposed)`. Returns whether there is one.
    #[must_use]
    pub fn change_token(&self, id: &str, change: impl FnOnce(&mut Token)) -> bool {
        self.with_stored(id, |stored| change(&mut stored.token))
    }

    /// Makes a token one of Cloudflare's own, which cannot be deleted. Returns whether there is one.
    #[must_use]
    pub fn mark_managed(&self, id: &str) -> bool {
        self.with_stored(id, |stored| stored.managed = true)
    }

    /// Removes a token as somebody else would. Returns whether there was one.
    #[must_use]
    pub fn remove_token(&self, id: &str) -> bool {
        let mut core = self.core();
        let before = core.state.tokens.len();
        core.state.note_token(id);
        core.state.tokens.retain(|stored| stored.token.id != id);
        let removed = core.state.tokens.len() < before;
        if removed {
            core.state.changed();
        }
        removed
    }

    /// Every token that exists, expired ones too, oldest first; the bootstraps are the first three.
    #[must_use]
    pub fn tokens(&self) -> Vec<OwnedToken> {
        let now = self.settings.now();
        self.core().state.tokens.iter().map(|stored| owned(stored, now)).collect()
    }

    /// The token that a secret belongs to now, whether or not it works.
    #[must_use]
    pub fn token_of(&self, secret: &Secret) -> Option<OwnedToken> {
        let now = self.settings.now();
        self.core().state.by_secret(secret.expose()).map(|stored| owned(stored, now))
    }

    /// The requests so far, oldest first, refused ones too; of a long run the last ten thousand.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.core().traffic.log()
    }

    /// Lets the next request that fits go wrong, once. Faults wait in the order they were given.
    pub fn fail_next(&self, when: impl Fn(&LoggedRequest) -> bool + Send + 'static, fault: InjectedFault) {
        self.core().traffic.wait_for(Box::new(when), fault);
    }

    /// Spoils the answer to the next request that fits, once: its body, envelope and all.
    pub fn spoil_next(
        &self,
        when: impl Fn(&LoggedRequest) -> bool + Send + 'static,
        spoil: impl Fn(&mut Value) + Send + Sync + 'static,
    ) {
        self.core().traffic.spoil_next(Box::new(when), Arc::new(spoil));
    }

    /// Spoils what every answer shows of a token: a name that is null, an end that is empty.
    pub fn spoil_row(&self, id: &str, spoil: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.core().oddities.spoil(id, Arc::new(spoil));
    }

    /// Lets the next lists of tokens show the world before its last change, so many requests long.
    pub fn lag_list(&self, requests: usize) {
        self.core().oddities.lag(requests);
    }

    /// Takes other sides in disputes from now on.
    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.core().switches);
    }

    fn with_stored(&self, id: &str, change: impl FnOnce(&mut StoredToken)) -> bool {
        let mut core = self.core();
        core.state.note_token(id);
        let Some(stored) = core.state.tokens.iter_mut().find(|stored| stored.token.id == id) else {
            return false;
        };
        change(stored);
        core.state.changed();
        true
    }
}

fn owned(stored: &StoredToken, now: DateTime<Utc>) -> OwnedToken {
    let mut token = stored.token.clone();
    stored.status(now).clone_into(&mut token.status);
    OwnedToken { owner: stored.owner.clone(), token }
}
