//! Whose secret is this? Asked of the secret itself, not of a file about it, so that cfmint works on a fresh machine and
//! notices what was changed by hand. The one place that answers, for env files, programs and bootstraps alike.

use super::form::{SecretForm, form, is_emulated};
use crate::cloudflare::wire::Verification;
use crate::cloudflare::{Client, Credential, Error, SecretKind, TokenOwner};
use crate::plan::{Protected, Whose};
use crate::secret::Secret;

/// Whether a run is a trial against the emulator, in which no real value may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// Against Cloudflare.
    No,
    /// Against the emulator.
    Yes,
}

/// Tells whose secret a value is; Cloudflare is asked only with what is shaped like a token. The owner is that of the
/// profile.
pub async fn identify(client: &Client, owner: &TokenOwner, trial: Trial, secret: &Secret) -> Whose {
    let kind = match form(secret) {
        SecretForm::Blank => return Whose::Nobody,
        SecretForm::Placeholder => return Whose::Placeholder,
        // A trial eats no real value.
        SecretForm::Protected(_) if trial == Trial::Yes => return Whose::Protected(Protected::Real),
        SecretForm::Protected(what) => return Whose::Protected(what),
        SecretForm::Token(kind) => kind,
    };
    match (trial, is_emulated(secret)) {
        (Trial::Yes, false) => return Whose::Protected(Protected::Real),
        // Cloudflare never made it, so nobody needs to be asked.
        (Trial::No, true) => return Whose::Dead,
        _ => {}
    }
    let client = client.with_credential(Credential::Token(secret.clone()));
    for owner in owners_to_ask(kind, owner) {
        match heard(client.verify(&owner).await) {
            Whose::Dead => {}
            whose => return whose,
        }
    }
    if kind == SecretKind::UserToken { Whose::Dead } else { live_elsewhere(&client).await }
}

/// The endpoints that may know a token of this kind, in order.
fn owners_to_ask(kind: SecretKind, owner: &TokenOwner) -> Vec<TokenOwner> {
    match (kind, owner) {
        (SecretKind::AccountToken, TokenOwner::Account(_)) => vec![owner.clone()],
        // Which account's is not known here.
        (SecretKind::AccountToken, TokenOwner::User) => Vec::new(),
        (SecretKind::Unprefixed, TokenOwner::Account(_)) => vec![owner.clone(), TokenOwner::User],
        _ => vec![TokenOwner::User],
    }
}

fn heard(answer: Result<Verification, Error>) -> Whose {
    match answer {
        Ok(verification) => Whose::Token(verification.id),
        Err(error) if error.is_dead_secret() => Whose::Dead,
        Err(error) if error.is_shut_out() => Whose::ShutOut,
        Err(error) if error.is_no_token() => Whose::Protected(Protected::OtherService),
        Err(error) => Whose::Unanswered(error.to_string()),
    }
}

/// Verification knows the tokens of one owner only, so a live token looks dead to another's. Any other
/// endpoint tells: it calls a dead token dead, and a live one out of place.
async fn live_elsewhere(client: &Client) -> Whose {
    match client.user().await {
        Err(error) if error.is_dead_secret() => Whose::Dead,
        Err(error) if error.is_shut_out() => Whose::ShutOut,
        Err(error) if error.refusal().is_none() => Whose::Unanswered(error.to_string()),
        Ok(_) | Err(_) => Whose::Unanswered("it works, but it is not a token of this owner".to_owned()),
    }
}
