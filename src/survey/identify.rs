//! Which token a sink holds: asked of the secret itself, not of a file about it, so that cfmint works on a
//! fresh machine and notices what hands have changed.

use crate::cloudflare::{Client, Credential, Error, SecretKind, TokenOwner};
use crate::plan::Held;
use crate::secret::Secret;

/// How the secrets of the embedded emulator begin.
const EMULATED: [&str; 2] = ["cfut_EMULATOR", "cfat_EMULATOR"];

/// Whether the emulator minted this secret; it says so in its text.
pub(super) fn is_emulated(secret: &Secret) -> bool {
    EMULATED.iter().any(|prefix| secret.expose().starts_with(prefix))
}

/// Whether a run is a trial against the emulator, in which no real value may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// Against Cloudflare.
    No,
    /// Against the emulator, or anything else on this machine.
    Yes,
}

/// One value of a sink: whose is it?
pub(super) struct Question {
    /// The profile it belongs to, by position.
    pub(super) profile: usize,
    value: Option<Secret>,
    /// The answer where there is no value to ask with.
    unasked: Held,
    trial: Trial,
}

/// What a value tells by its form alone.
enum Form {
    Settled(Held),
    /// To be asked at these endpoints, in order.
    Ask(Vec<TokenOwner>),
}

impl Question {
    /// Prepares a question about a sink's value; nothing is asked yet.
    #[must_use]
    pub(super) fn new(profile: usize, value: Option<Secret>, trial: Trial) -> Self {
        Self { profile, value, unasked: Held::Nothing, trial }
    }

    /// A question about S3 credentials: their key is a hash, so nobody can be asked with it, and whether it
    /// comes from the emulator cannot be seen.
    #[must_use]
    pub(super) fn about_pair(profile: usize, trial: Trial) -> Self {
        let unasked = match trial {
            Trial::No => Held::Nothing,
            Trial::Yes => Held::Precious,
        };
        Self { profile, value: None, unasked, trial }
    }

    /// Asks Cloudflare, unless the form of the value is answer enough. The owner is that of the profile.
    pub(super) async fn ask(&self, client: &Client, owner: &TokenOwner) -> Held {
        let Some(secret) = &self.value else { return self.unasked.clone() };
        let owners = match self.form(secret, owner) {
            Form::Settled(held) => return held,
            Form::Ask(owners) => owners,
        };
        let client = client.with_credential(Credential::Token(secret.clone()));
        let mut held = Held::Invalid;
        for owner in owners {
            held = heard(client.verify(&owner).await);
            if held != Held::Invalid {
                return held;
            }
        }
        match SecretKind::of(secret) {
            SecretKind::UserToken => held,
            _ => live_elsewhere(&client).await,
        }
    }

    fn form(&self, secret: &Secret, owner: &TokenOwner) -> Form {
        if secret.is_blank() {
            return Form::Settled(Held::Nothing);
        }
        let emulated = is_emulated(secret);
        match self.trial {
            Trial::Yes if !emulated => return Form::Settled(Held::Precious),
            // Cloudflare never made it, so nobody needs to be asked.
            Trial::No if emulated => return Form::Settled(Held::Invalid),
            _ => {}
        }
        match (SecretKind::of(secret), owner) {
            (SecretKind::NoToken, _) => Form::Settled(Held::NoToken),
            (SecretKind::GlobalKey, _) => Form::Settled(Held::Precious),
            (SecretKind::UserToken, _) | (SecretKind::Unprefixed, TokenOwner::User) => {
                Form::Ask(vec![TokenOwner::User])
            }
            (SecretKind::AccountToken, TokenOwner::Account(_)) => Form::Ask(vec![owner.clone()]),
            // Which account's is not known here.
            (SecretKind::AccountToken, TokenOwner::User) => Form::Ask(Vec::new()),
            (SecretKind::Unprefixed, TokenOwner::Account(_)) => {
                Form::Ask(vec![owner.clone(), TokenOwner::User])
            }
        }
    }
}

fn heard(answer: Result<crate::cloudflare::wire::Verification, Error>) -> Held {
    match answer {
        Ok(verification) => Held::Token(verification.id),
        Err(error) if error.is_dead_secret() => Held::Invalid,
        Err(error) if error.is_shut_out() => Held::ShutOut,
        Err(error) if error.is_no_token() => Held::NoToken,
        Err(error) => Held::Unanswered(error.to_string()),
    }
}

/// Verification knows the tokens of one owner only, so a live token looks dead to another's. Any other
/// endpoint tells: it calls a dead token dead, and a live one out of place.
async fn live_elsewhere(client: &Client) -> Held {
    match client.user().await {
        Err(error) if error.is_dead_secret() => Held::Invalid,
        Err(error) if error.is_shut_out() => Held::ShutOut,
        Err(error) if error.refusal().is_none() => Held::Unanswered(error.to_string()),
        Ok(_) | Err(_) => Held::Unanswered("it works, but is not known as this owner's".to_owned()),
    }
}
