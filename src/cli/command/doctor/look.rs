//! Everything that Cloudflare is asked about a token, in the order of causes: whose it is, whether it works, what it may
//! do; then what the bootstrap may do.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::Opened;
use super::health::{self, Successor};
use super::neighbours::with_neighbours;
use super::rights::{self, Words};
use super::rule;
use super::seen::Seen;
use super::subject::Subject;
use super::token::{self, Asked, KnownToken};
use crate::catalogue::Catalogue;
use crate::cli::failure::command_line::{About, CommandLine};
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::output::checks::Check;
use crate::cli::output::describe::Names;
use crate::cloudflare::{ApiBase, Client, Credential, SecretKind};
use crate::doctor::CheckCode;
use crate::plan::{Directory, Live, Mark, Wanted, current, generations};
use crate::profile::{Diagnostic, Profile};
use crate::survey::{Trial, is_emulated, live, seen_by_itself, wanted_by};

/// What is looked at, and with what.
pub(super) struct Look<'a> {
    pub(super) subject: &'a Subject,
    pub(super) profile: Option<&'a Profile>,
    pub(super) opened: &'a Opened,
    /// The marks that this state folder announced and has not finished.
    pub(super) own: BTreeSet<Mark>,
    pub(super) now: DateTime<Utc>,
}

impl Look<'_> {
    /// Looks at everything.
    pub(super) async fn all(&self, kind: Option<SecretKind>) -> Vec<Check> {
        let mut checks = Vec::new();
        let own_client = self.own_client();
        let mut asked = Asked::Nothing;
        if let (Some(kind), Some(client)) = (kind, &own_client) {
            match self.foreign_to_this_api() {
                Some(check) => checks.push(check),
                None => asked = token::verified(client, self.subject, kind, self.advice(), &mut checks).await,
            }
        }
        let seen = if self.opened.has_bootstrap {
            Seen::look(self.client(), self.profile, self.subject, &asked, &mut checks).await
        } else {
            None
        };
        let now = self.client().server_time().unwrap_or(self.now);
        let (mut known, shut_out) = match asked {
            Asked::Known(known) => (Some(known), None),
            Asked::ShutOut(address) => (None, address),
            Asked::Nothing => (None, None),
        };
        if let Some(id) = &self.subject.id {
            known = self.by_id(id, seen.as_ref(), &mut checks);
        } else if self.subject.shown.is_empty() {
            let name = self.profile.map(|profile| profile.name.value.as_str());
            known = name.and_then(|name| seen.as_ref()?.in_force(name, now));
        }
        let live = match &known {
            Some(known) => self.live(known, seen.as_ref(), own_client.as_ref()).await,
            None => None,
        };
        if let Some(known) = &known {
            checks.extend(token::life(known, live.as_ref(), now, &self.renew()));
        }
        let directory = self.directory(seen.as_ref(), known.as_ref(), own_client.as_ref(), &mut checks).await;
        if let Some(known) = &known {
            let sees_own = seen.is_none();
            checks.extend(token::account(self.subject, &known.owner, live.as_ref(), &directory, sees_own));
            checks.extend(token::zone(self.subject, live.as_ref(), &directory, sees_own));
        }
        // What the token sees is judged; only then do the ids beside it stand in for names.
        let directory = match &seen {
            None if known.is_some() => with_neighbours(directory, self.subject, self.profile),
            _ => directory,
        };
        let wanted = self.wanted(seen.as_ref(), &directory);
        if let Some(address) = shut_out {
            let tokens = seen.as_ref().map(|seen| seen.found.owned.live.as_slice()).unwrap_or_default();
            let name = self.profile.map(|profile| profile.name.value.as_str()).unwrap_or_default();
            rule::explain(&mut checks, address, current(&generations(name, tokens), now), self.profile);
        }
        let id = known.as_ref().map(|known| known.token.id.as_str());
        if let (Some(seen), Some(Ok(wanted))) = (&seen, &wanted) {
            let tokens = &seen.found.owned.live;
            if shut_out.is_none() {
                checks.extend(health::generations(wanted, tokens, &self.own, id, now, &self.successor(kind)));
            }
        }
        let catalogue = seen.as_ref().map_or_else(|| Catalogue::embedded(), |seen| &seen.found.catalogue);
        let words = Words { names: Names { directory: &directory, catalogue: Some(catalogue) }, catalogue };
        if let Some(Err(found)) = &wanted {
            checks.extend(rights::unresolved(found, seen.is_none()));
        }
        match (&wanted, &live, own_client.as_ref().filter(|_| known.is_some())) {
            (Some(Ok(wanted)), Some(live), _) => {
                checks.extend(rights::by_policies(&words, &directory, wanted, live));
            }
            (Some(Ok(wanted)), None, Some(client)) => {
                checks.extend(rights::by_reads(&words, client, &directory, wanted).await);
            }
            (None, Some(live), _) => checks.extend(rights::listed(&words, live)),
            (None, None, Some(client)) => {
                checks.extend(rights::by_common_reads(&words, client, &directory).await);
            }
            _ => {}
        }
        if let Some(Seen { owner, found, zones }) = &seen {
            if id.is_some() && found.bootstrap.as_deref() == id {
                checks.push(Check::failed(
                    CheckCode::Bootstrap,
                    "it is the bootstrap itself: whoever holds it can make any token",
                    "give the program a token of its own, made from a profile",
                ));
            }
            let wanted = wanted.as_ref().and_then(|wanted| wanted.as_ref().ok());
            checks.extend(health::power(owner, found, zones, wanted, catalogue));
        }
        checks
    }

    fn client(&self) -> &Client {
        &self.opened.workspace.connection.client
    }

    /// The client that asks with the token itself.
    fn own_client(&self) -> Option<Client> {
        let secret = self.subject.secret.clone()?;
        Some(self.client().with_credential(Credential::Token(secret)))
    }

    /// A secret that is not shown to this API: the emulator's to Cloudflare, or a real one to the emulator.
    fn foreign_to_this_api(&self) -> Option<Check> {
        let secret = self.subject.secret.as_ref()?;
        let base = self.client().base();
        let is_here = base.is_loopback() || base.as_str() == ApiBase::emulator().as_str();
        let is_trial = self.opened.workspace.connection.trial == Trial::Yes;
        let (message, hint) = match (is_emulated(secret), is_here) {
            (true, false) => (
                "it is a secret of the emulator's: Cloudflare never made it",
                "make a real one: cfmint apply, without --emulator",
            ),
            (false, true) if is_trial => {
                ("it is no secret of the emulator's, so it is not shown to it", "leave --emulator away")
            }
            _ => return None,
        };
        Some(Check::failed(CheckCode::Verify, message, hint))
    }

    /// What to do about a secret that nobody knows, where no list of tokens can tell more.
    fn advice(&self) -> Option<Hint> {
        match self.profile {
            Some(_) if self.opened.has_bootstrap => None,
            Some(_) => Some(self.renew()),
            None => Some(Hint::text(
                "copy it again; if that does not help, roll it in the dashboard, or make a new one",
            )),
        }
    }

    /// What gives the token a new life.
    fn renew(&self) -> Hint {
        match self.profile {
            Some(_) if self.subject.sink.is_none() && !self.subject.shown.is_empty() => {
                Hint::text("copy the secret again from where the profile keeps it, or put a new one here")
            }
            Some(_) => Hint::run("make a new one", CommandLine::new("rotate", About::SameProfiles)),
            None => Hint::text("make a new one, or give it a later end in the dashboard"),
        }
    }

    /// What a new token of the profile would change about the place that is looked at.
    fn successor(&self, kind: Option<SecretKind>) -> Successor<'_> {
        let Subject { secret, shown, sink, .. } = self.subject;
        if secret.is_some() && kind.is_none() {
            return Successor::Unfit;
        }
        let is_trial = self.opened.workspace.connection.trial == Trial::Yes;
        match sink {
            // A trial replaces no secret that is not the emulator's.
            Some(sink) if is_trial && secret.as_ref().is_some_and(|secret| !is_emulated(secret)) => {
                Successor::Blocked(sink)
            }
            None if !shown.is_empty() => Successor::Elsewhere,
            _ => Successor::Here,
        }
    }

    /// The token that S3 credentials name by its id.
    fn by_id(&self, id: &str, seen: Option<&Seen>, checks: &mut Vec<Check>) -> Option<KnownToken> {
        let Some(known) = seen?.token(id) else {
            checks.push(Check::failed(
                CheckCode::Verify,
                format!("no live token has the id {id}, which stands beside {}", self.subject.shown),
                self.renew(),
            ));
            return None;
        };
        let message = "S3 credentials name their token by its id; their key is not verified";
        checks.push(Check::unknown(CheckCode::Verify, message, Vec::new()));
        Some(known)
    }

    /// The token as it is listed: for the bootstrap, or for itself where it may read tokens.
    async fn live(&self, known: &KnownToken, seen: Option<&Seen>, own: Option<&Client>) -> Option<Live> {
        let id = &known.token.id;
        if let Some(live) = seen.and_then(|seen| seen.found.owned.live.iter().find(|live| live.id == *id)) {
            return Some(live.clone());
        }
        let client = if self.opened.has_bootstrap { self.client() } else { own? };
        client.token(&known.owner, id).await.ok().map(|token| live(&token))
    }

    /// The names of accounts and zones, as the bootstrap sees them, or the token itself.
    async fn directory(
        &self,
        seen: Option<&Seen>,
        known: Option<&KnownToken>,
        own: Option<&Client>,
        checks: &mut Vec<Check>,
    ) -> Directory {
        if let Some(seen) = seen {
            return seen.found.directory.clone();
        }
        let (Some(_), Some(client)) = (known, own) else { return Directory::default() };
        match seen_by_itself(client, self.profile).await {
            Ok(directory) => directory,
            Err(error) => {
                checks.push(Check::of_problem(CheckCode::Verify, Problem::from(&error)));
                Directory::default()
            }
        }
    }

    /// What the profile asks for; `None` where there is no profile.
    fn wanted(&self, seen: Option<&Seen>, directory: &Directory) -> Option<Result<Wanted, Vec<Diagnostic>>> {
        let profile = self.profile?;
        match seen {
            Some(seen) => seen.found.wanted.first().cloned(),
            None if directory.user.is_some() => Some(wanted_by(profile, directory)),
            None => None,
        }
    }
}
