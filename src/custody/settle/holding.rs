//! Whose secret the sinks hold, as far as it can be told: asked of the secrets themselves.

use super::Settling;
use crate::cloudflare::wire::Token;
use crate::cloudflare::{Credential, SecretKind, TokenOwner};
use crate::custody::PROPAGATION;
use crate::custody::error::CustodyError;
use crate::custody::held::{Trial, is_emulated};
use crate::custody::sinks::Target;
use crate::custody::subject::Subject;
use crate::custody::translate;
use crate::plan::Status;
use crate::secret::Secret;

/// Which of the sinks hold a secret.
pub(super) enum HeldBy {
    /// All of them, and it works.
    Every,
    /// Some, or it cannot be told: then giving the token a new secret, in all of them, is never wrong.
    Some,
    /// Certainly none.
    None,
}

/// What a stored secret says about a token.
enum Says {
    Token(String),
    Nothing,
    CannotTell,
}

/// Why a stored secret does not say which token it is.
enum Unanswerable {
    Dead,
    ShutOut,
    NoToken,
    OtherOwner,
}

/// Whether S3 credentials count as holding the token that their id names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NamedPairs {
    Count,
    Ignore,
}

impl Settling<'_> {
    /// Which of the sinks hold this token's secret, as the secret itself says.
    pub(super) async fn held(
        &self,
        subject: &Subject,
        token: &Token,
        pairs: NamedPairs,
    ) -> Result<HeldBy, CustodyError> {
        let places = &subject.places;
        let (mut holding, mut lacking, mut readable) = (0, 0, 0);
        for place in places {
            let says = match (place.named(), place.token()) {
                (Some(named), _) if pairs == NamedPairs::Count => Says::Token(named),
                (Some(_), _) => Says::CannotTell,
                (None, Some(secret)) => self.says(secret, token).await?,
                (None, None) if place.is_program() => continue,
                (None, None) => Says::Nothing,
            };
            readable += 1;
            match says {
                Says::Token(id) if id == token.id => holding += 1,
                Says::Token(_) | Says::Nothing => lacking += 1,
                Says::CannotTell => {}
            }
        }
        Ok(if holding > 0 && holding == places.len() {
            HeldBy::Every
        } else if readable > 0 && lacking == readable {
            // Programs are served after files: where no file has the secret, no program has it.
            HeldBy::None
        } else {
            HeldBy::Some
        })
    }

    /// Whether what stands in a sink died with this token: nothing in it is the secret of another live token.
    pub(super) async fn is_dead(&self, target: &Target<'_>, id: &str) -> Result<bool, CustodyError> {
        for place in &target.places {
            let live = match (place.named(), place.token()) {
                (Some(named), _) => named != id,
                (None, Some(secret)) => match self.ask(secret).await? {
                    Ok(found) => found != id,
                    Err(Unanswerable::ShutOut | Unanswerable::OtherOwner) => true,
                    Err(Unanswerable::Dead | Unanswerable::NoToken) => false,
                },
                (None, None) => false,
            };
            if live {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What a stored secret says about this token. One that Cloudflare does not know proves nothing while the
    /// token is young, disabled or bound to addresses: it may be its own.
    async fn says(&self, secret: &Secret, token: &Token) -> Result<Says, CustodyError> {
        let live = translate::live(token);
        let changed = live.modified_on.max(live.issued_on);
        let age = changed.map(|at| self.custody.world().now().signed_duration_since(at));
        let shy = age.is_none_or(|age| age < PROPAGATION)
            || live.status == Status::Disabled
            || !live.addresses.is_empty();
        Ok(match self.ask(secret).await? {
            Ok(id) => Says::Token(id),
            Err(Unanswerable::NoToken | Unanswerable::OtherOwner) => Says::Nothing,
            Err(Unanswerable::Dead) if !shy => Says::Nothing,
            Err(Unanswerable::Dead | Unanswerable::ShutOut) => Says::CannotTell,
        })
    }

    /// Asks a stored secret which token it is.
    async fn ask(&self, secret: &Secret) -> Result<Result<String, Unanswerable>, CustodyError> {
        let owner = self.intent.owner();
        match (SecretKind::of(secret), &owner) {
            (SecretKind::NoToken, _) => return Ok(Err(Unanswerable::NoToken)),
            (SecretKind::UserToken, TokenOwner::User)
            | (SecretKind::AccountToken, TokenOwner::Account(_))
            | (SecretKind::Unprefixed, _) => {}
            _ => return Ok(Err(Unanswerable::OtherOwner)),
        }
        if (self.trial == Trial::Yes) != is_emulated(secret) {
            return Ok(Err(Unanswerable::OtherOwner));
        }
        let own = self.custody.client.with_credential(Credential::Token(secret.clone()));
        match own.verify(&owner).await {
            Ok(verification) => Ok(Ok(verification.id)),
            Err(error) if error.is_dead_secret() => Ok(Err(Unanswerable::Dead)),
            Err(error) if error.is_shut_out() => Ok(Err(Unanswerable::ShutOut)),
            Err(error) => Err(error.into()),
        }
    }
}
