//! The client: what it is made of, and one method per request.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};

use super::base::ApiBase;
use super::cancel::{CancelCheck, Signal};
use super::clock::{Clocks, ServerClock};
use super::credential::Credential;
use super::endpoint::{Endpoint, TokenOwner};
use super::error::{Error, Fault};
use super::listing::TokenList;
use super::pace::Pace;
use super::wire::{
    Account, ApiPermissionGroup, Deleted, R2Bucket, R2Buckets, Token, TokenWrite, User, Verification,
    WorkerScript, Zone,
};
use crate::http::Transport;
use crate::secret::Secret;

/// Cloudflare's API as one credential sees it.
#[derive(Clone)]
pub struct Client {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) base: ApiBase,
    pub(super) credential: Credential,
    pub(super) clock: Arc<ServerClock>,
    pub(super) signal: Arc<Signal>,
    pub(super) after_signal: AfterSignal,
    pub(super) pace: Arc<Pace>,
    /// How many rows each list had when it was read last, by its path and its filter.
    pub(super) totals: Arc<Mutex<BTreeMap<String, u64>>>,
    /// Whether people were told that it waits long.
    pub(super) told_of_wait: Arc<AtomicBool>,
}

/// What requests do once a signal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterSignal {
    /// None is begun.
    Stop,
    /// They go on while the grace lasts, since they keep custody.
    GoOn,
}

/// A token and its value, which Cloudflare shows this once.
pub struct NewToken {
    /// The token.
    pub token: Token,
    /// Its value; never blank.
    pub value: Secret,
}

impl Client {
    /// A client for one API and one credential; no request is made, and no signal stops it.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, base: ApiBase, credential: Credential) -> Self {
        Self {
            transport,
            base,
            credential,
            clock: Arc::default(),
            signal: Arc::new(Signal::new(Arc::new(|| false))),
            after_signal: AfterSignal::Stop,
            pace: Arc::default(),
            totals: Arc::default(),
            told_of_wait: Arc::default(),
        }
    }

    /// The same client, which a signal stops: once `stop` says that it came, no request is begun and none is sent again
    /// ([`Fault::Stopped`]), waits end, looks under way are dropped, and writes under way are given ten seconds more.
    #[must_use]
    pub fn stopped_by(self, stop: Arc<CancelCheck>) -> Self {
        Self { signal: Arc::new(Signal::new(stop)), ..self }
    }

    /// Whether a signal asks this process to stop.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.signal.came()
    }

    /// The same client for requests that keep custody, such as deleting what was not delivered: they are sent after a
    /// signal too. All of them and what was under way when it came have ten seconds together, waits between tries
    /// included; what then has no answer fails.
    #[must_use]
    pub fn keeping_custody(&self) -> Self {
        Self { after_signal: AfterSignal::GoOn, ..self.clone() }
    }

    /// The same transport with another credential, for asking a secret who it is.
    #[must_use]
    pub fn with_credential(&self, credential: Credential) -> Self {
        Self { credential, ..self.clone() }
    }

    /// The address of the API.
    #[must_use]
    pub fn base(&self) -> &ApiBase {
        &self.base
    }

    /// The server's time now: that of its last answer, by its `Date` header, and what has passed since.
    #[must_use]
    pub fn server_time(&self) -> Option<DateTime<Utc>> {
        self.clock.now()
    }

    /// The server's time now beside this machine's, which the caller passes.
    #[must_use]
    pub fn clocks(&self, machine: DateTime<Utc>) -> Clocks {
        self.clock.beside(machine)
    }

    /// The credential.
    #[must_use]
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Every token of the owner, expired ones too, as far as they can be read: see [`TokenList::is_whole`].
    pub async fn tokens(&self, owner: &TokenOwner) -> Result<TokenList, Error> {
        let endpoint = Endpoint::ListTokens(owner.clone());
        let filter = [("include_expired", "true")];
        let rows = self.pages(&endpoint, &filter).await?;
        let is_cut = !rows.reached_its_end;
        let list = TokenList::read(rows);
        if list.is_whole || is_cut {
            return Ok(list);
        }
        // Most likely somebody made or deleted a token between two pages.
        Ok(TokenList::read(self.pages(&endpoint, &filter).await?))
    }

    /// Makes a token. Sent once unless it certainly did not arrive: the call is not idempotent.
    pub async fn create_token(&self, owner: &TokenOwner, write: &TokenWrite) -> Result<NewToken, Error> {
        /// The answer holds the token's fields and its value side by side.
        #[derive(serde::Deserialize)]
        struct Created {
            #[serde(flatten)]
            token: Token,
            #[serde(default)]
            value: Option<Secret>,
        }
        let endpoint = Endpoint::CreateToken(owner.clone());
        let created: Option<Created> = self.request(&endpoint, &[], Some(write)).await?;
        match created {
            Some(Created { token, value: Some(value) }) if !value.is_blank() => Ok(NewToken { token, value }),
            _ => Err(Error { endpoint, fault: Fault::WithoutSecret }),
        }
    }

    /// One token.
    pub async fn token(&self, owner: &TokenOwner, id: &str) -> Result<Token, Error> {
        self.request::<Token, ()>(&Endpoint::GetToken(owner.clone(), id.to_owned()), &[], None).await
    }

    /// Replaces all of a token but its id and value: what `write` leaves out is dropped.
    pub async fn update_token(
        &self,
        owner: &TokenOwner,
        id: &str,
        write: &TokenWrite,
    ) -> Result<Token, Error> {
        self.request(&Endpoint::UpdateToken(owner.clone(), id.to_owned()), &[], Some(write)).await
    }

    /// Ends a token at once. Fails with [`Error::is_gone`] where there is none.
    pub async fn delete_token(&self, owner: &TokenOwner, id: &str) -> Result<(), Error> {
        let endpoint = Endpoint::DeleteToken(owner.clone(), id.to_owned());
        self.request::<Deleted, ()>(&endpoint, &[], None).await.map(|_| ())
    }

    /// Gives a token a new value; the old one dies at once.
    pub async fn roll_token(&self, owner: &TokenOwner, id: &str) -> Result<Secret, Error> {
        let endpoint = Endpoint::RollToken(owner.clone(), id.to_owned());
        let value: Option<Secret> = self.request(&endpoint, &[], Some(&serde_json::Map::new())).await?;
        value.filter(|value| !value.is_blank()).ok_or(Error { endpoint, fault: Fault::WithoutSecret })
    }

    /// Asks which token this client's own credential is.
    pub async fn verify(&self, owner: &TokenOwner) -> Result<Verification, Error> {
        self.request::<Verification, ()>(&Endpoint::VerifyToken(owner.clone()), &[], None).await
    }

    /// Every permission group; the list comes whole, and holds the same name twice for two scopes.
    pub async fn permission_groups(&self, owner: &TokenOwner) -> Result<Vec<ApiPermissionGroup>, Error> {
        self.whole(&Endpoint::PermissionGroups(owner.clone())).await
    }

    /// Every account the credential sees.
    pub async fn accounts(&self) -> Result<Vec<Account>, Error> {
        self.named(&Endpoint::Accounts, &[]).await
    }

    /// The zones of this name that the credential sees: one, or one per account.
    pub async fn zones_named(&self, name: &str) -> Result<Vec<Zone>, Error> {
        self.every(&Endpoint::Zones, &[("name", name)]).await
    }

    /// Every zone the credential sees.
    pub async fn zones(&self) -> Result<Vec<Zone>, Error> {
        self.named(&Endpoint::Zones, &[]).await
    }

    /// One zone.
    pub async fn zone(&self, id: &str) -> Result<Zone, Error> {
        self.request::<Zone, ()>(&Endpoint::Zone(id.to_owned()), &[], None).await
    }

    /// Every Worker of an account; the list comes whole.
    pub async fn worker_scripts(&self, account: &str) -> Result<Vec<WorkerScript>, Error> {
        self.whole(&Endpoint::WorkerScripts(account.to_owned())).await
    }

    /// Whether a read of a product is answered; the answer itself is thrown away. Some products answer without the
    /// envelope of all others, which is a success all the same.
    pub async fn read(&self, path: &str) -> Result<(), Error> {
        let endpoint = Endpoint::Read(path.to_owned());
        match self.request::<Option<serde::de::IgnoredAny>, ()>(&endpoint, &[], None).await {
            Ok(_) | Err(Error { fault: Fault::Unreadable { status: 200..300, .. }, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The R2 buckets of an account in a jurisdiction, at most a thousand; `None` for those that are in none.
    pub async fn buckets(
        &self,
        account: &str,
        jurisdiction: Option<&'static str>,
    ) -> Result<Vec<R2Bucket>, Error> {
        let endpoint = Endpoint::Buckets(account.to_owned(), jurisdiction);
        let answer = self.request::<R2Buckets, ()>(&endpoint, &[("per_page", "1000")], None).await?;
        Ok(answer.buckets)
    }

    /// The user behind the credential.
    pub async fn user(&self) -> Result<User, Error> {
        self.request::<User, ()>(&Endpoint::User, &[], None).await
    }
}
