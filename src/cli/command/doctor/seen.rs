//! What the bootstrap sees of the owner of a token, and of what the profile names. Reads only.

use chrono::{DateTime, Utc};

use super::subject::Subject;
use super::token::{Asked, KnownToken};
use crate::cli::failure::problem::{Problem, account_bootstrap};
use crate::cli::output::checks::Check;
use crate::cli::session::owner::{is_of_account, owner};
use crate::cloudflare::wire::Verification;
use crate::cloudflare::{Client, TokenOwner};
use crate::doctor::CheckCode;
use crate::plan::{Live, ZoneEntry, current, generations};
use crate::profile::{Owner, Profile, is_id};
use crate::survey::{Inspection, groups, inspect};

/// What the bootstrap sees.
pub(super) struct Seen {
    pub(super) owner: TokenOwner,
    pub(super) found: Inspection,
    /// The names of all zones.
    pub(super) zones: Vec<String>,
}

impl Seen {
    /// What the bootstrap sees of the owner and of the profile.
    pub(super) async fn look(
        client: &Client,
        profile: Option<&Profile>,
        subject: &Subject,
        asked: &Asked,
        checks: &mut Vec<Check>,
    ) -> Option<Self> {
        let found = match (profile.map(|profile| &profile.owner), asked) {
            (Some(Owner::User), _) if is_of_account(client) => Err(account_bootstrap()),
            (Some(Owner::User), _) => Ok(TokenOwner::User),
            (Some(Owner::Account(account)), _) => owner(client, Some(account.value.text())).await,
            (None, Asked::Known(KnownToken { owner, .. })) => Ok(owner.clone()),
            (None, _) => {
                let beside = subject.account.as_ref().map(|(_, id)| id.as_str());
                owner(client, beside.filter(|id| is_id(id) && is_of_account(client))).await
            }
        };
        let owner = match found {
            Ok(owner) => owner,
            Err(problem) => {
                checks.push(Check::of_problem(CheckCode::Bootstrap, problem));
                return None;
            }
        };
        let profiles: Vec<&Profile> = profile.into_iter().collect();
        match inspect(client, &owner, &profiles).await {
            Ok(mut found) => {
                if profile.is_none() {
                    // Not asked where nothing is to be made.
                    found.owned.groups = groups(client, &owner).await.unwrap_or_default();
                }
                let zones = client.zones().await.unwrap_or_default();
                let names = zones.iter().map(|zone| zone.name.clone()).collect();
                let known = |id: &String| found.directory.zones.iter().any(|zone| zone.id == *id);
                let more: Vec<ZoneEntry> = zones
                    .into_iter()
                    .filter(|zone| !known(&zone.id))
                    .map(|zone| ZoneEntry { id: zone.id, name: zone.name, account: zone.account.id })
                    .collect();
                found.directory.zones.extend(more);
                Some(Self { owner, found, zones: names })
            }
            Err(error) => {
                checks.push(Check::of_problem(CheckCode::Bootstrap, Problem::from(&error)));
                None
            }
        }
    }

    /// The live token with this id.
    pub(super) fn token(&self, id: &str) -> Option<KnownToken> {
        let live = self.found.owned.live.iter().find(|live| live.id == id)?;
        Some(listed(&self.owner, live))
    }

    /// The token in force of a name, where its sinks only take secrets, so that nobody can read which one they hold.
    pub(super) fn in_force(&self, name: &str, now: DateTime<Utc>) -> Option<KnownToken> {
        let live = current(&generations(name, &self.found.owned.live), now)?;
        Some(listed(&self.owner, live))
    }
}

/// A token as its listing tells it, in place of its own verification.
fn listed(owner: &TokenOwner, live: &Live) -> KnownToken {
    let token = Verification {
        id: live.id.clone(),
        status: live.status.word().to_owned(),
        not_before: live.not_before,
        expires_on: live.expires_on,
    };
    KnownToken { owner: owner.clone(), token, is_verified: false }
}
