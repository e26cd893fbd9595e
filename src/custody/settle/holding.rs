//! Whose secret the sinks hold, as far as it can be told: asked of the secrets themselves.

use super::Settling;
use crate::cloudflare::wire::Token;
use crate::cloudflare::{Credential, SecretKind, TokenOwner};
use crate::custody::PROPAGATION;
use crate::custody::error::CustodyError;
use crate::custody::held::{Trial, is_emulated};
use crate::custody::sinks::{SecretPlace, Target};
use crate::custody::subject::Subject;
use crate::custody::translate;
use crate::plan::{MarkedName, Refused, Status};
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
    /// It is its own.
    Own,
    /// It is dead, or that of another generation, or no secret.
    Nothing,
    CannotTell,
    /// It is, or may be, somebody else's, and must not be lost.
    Foreign(Refused),
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
    /// Which of the sinks hold this token's secret, as the secret itself says, and what of somebody else's stands
    /// in one of them.
    pub(super) async fn held(
        &self,
        subject: &Subject,
        token: &Token,
        pairs: NamedPairs,
    ) -> Result<(HeldBy, Option<Refused>), CustodyError> {
        let places = &subject.places;
        // A program may have been given what a file held before something else was put there.
        let may_be_elsewhere = subject.has_programs();
        let (mut holding, mut lacking, mut readable) = (0, 0, 0);
        let mut foreign = Vec::new();
        for place in places {
            let says = match (place.named(), place.token()) {
                (Some(named), _) if named != token.id => self.of_another(place, &named),
                (Some(_), _) if pairs == NamedPairs::Count => Says::Own,
                (Some(_), _) => Says::CannotTell,
                (None, Some(secret)) => self.says(place, secret, token, may_be_elsewhere).await?,
                (None, None) if place.is_program() => continue,
                (None, None) => Says::Nothing,
            };
            readable += 1;
            match says {
                Says::Own => holding += 1,
                Says::Nothing => lacking += 1,
                Says::CannotTell => {}
                Says::Foreign(refused) => foreign.push(refused),
            }
        }
        let elsewhere = if may_be_elsewhere { 0 } else { foreign.len() };
        let held = if holding > 0 && holding + foreign.len() == places.len() {
            HeldBy::Every
        } else if readable > 0 && lacking + elsewhere == readable {
            // Programs are served after files: where no file has the secret, no program has it.
            HeldBy::None
        } else {
            HeldBy::Some
        };
        Ok((held, foreign.into_iter().next()))
    }

    /// What the secret of another token means: that of another generation is superseded.
    fn of_another(&self, place: &SecretPlace, id: &str) -> Says {
        let other = self.listed.iter().find(|other| other.id == id);
        let name = |name: &str| MarkedName::parse(name).map(|marked| marked.name);
        let is_generation = other
            .is_some_and(|other| name(&other.name).is_some() && name(&other.name) == name(&self.intent.name));
        if is_generation {
            return Says::Nothing;
        }
        let name = other.map(|other| other.name.clone());
        Says::Foreign(Refused::Foreign { sink: place.shown.clone(), id: id.to_owned(), name })
    }

    /// Whether what stands in a sink died with this token: nothing in it is the secret of another live token.
    pub(super) async fn is_dead(&self, target: &Target<'_>, id: &str) -> Result<bool, CustodyError> {
        for place in &target.places {
            let live = match (place.named(), place.token()) {
                (Some(named), _) => named != id,
                (None, Some(secret)) => match self.ask(secret).await? {
                    Ok(found) => found != id,
                    // What is no token was put there since.
                    Err(Unanswerable::ShutOut | Unanswerable::OtherOwner | Unanswerable::NoToken) => true,
                    Err(Unanswerable::Dead) => false,
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
    /// token is young, disabled or bound to addresses: it may be its own. Where programs have copies, it never does.
    async fn says(
        &self,
        place: &SecretPlace,
        secret: &Secret,
        token: &Token,
        may_be_elsewhere: bool,
    ) -> Result<Says, CustodyError> {
        let live = translate::live(token);
        let changed = live.modified_on.max(live.issued_on);
        let age = changed.map(|at| self.custody.now().signed_duration_since(at));
        let shy = may_be_elsewhere
            || age.is_none_or(|age| age < PROPAGATION)
            || live.status == Status::Disabled
            || !live.addresses.is_empty();
        let sink = || place.shown.clone();
        Ok(match self.ask(secret).await? {
            Ok(id) if id == token.id => Says::Own,
            Ok(id) => self.of_another(place, &id),
            Err(Unanswerable::NoToken) => Says::Nothing,
            Err(Unanswerable::Dead) if !shy => Says::Nothing,
            Err(Unanswerable::Dead) => Says::CannotTell,
            // Its own rule may be what shuts this machine out.
            Err(Unanswerable::ShutOut) if !live.addresses.is_empty() => Says::CannotTell,
            Err(Unanswerable::ShutOut) => Says::Foreign(Refused::ForeignShutOut { sink: sink() }),
            Err(Unanswerable::OtherOwner) => Says::Foreign(Refused::Precious { sink: sink() }),
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
        match (self.trial, is_emulated(secret)) {
            (Trial::Yes, false) => return Ok(Err(Unanswerable::OtherOwner)),
            // Cloudflare never made it.
            (Trial::No, true) => return Ok(Err(Unanswerable::Dead)),
            _ => {}
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
