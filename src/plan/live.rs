//! The picture of a live token: what Cloudflare lists, in this room's own terms.

use chrono::{DateTime, Utc};

use super::addresses::Addresses;
use super::grant::Policy;
use super::mark::{MarkedName, Phase};

/// A token as Cloudflare lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its whole name.
    pub name: String,
    /// The name taken apart, if cfmint made the token.
    pub marked: Option<MarkedName>,
    /// Whether it works.
    pub status: Status,
    /// What it may do.
    pub policies: Vec<Policy>,
    /// From where.
    pub addresses: Addresses,
    /// When it begins to work.
    pub not_before: Option<DateTime<Utc>>,
    /// When it ends; `None` for never.
    pub expires_on: Option<DateTime<Utc>>,
    /// When it was made.
    pub issued_on: Option<DateTime<Utc>>,
    /// When it was last changed or rolled.
    pub modified_on: Option<DateTime<Utc>>,
    /// When it was last used, as far as Cloudflare knows yet.
    pub last_used_on: Option<DateTime<Utc>>,
}

/// Whether a live token works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Active,
    /// It was switched off, and can be switched on.
    Disabled,
    /// Its time is over.
    Expired,
    /// A word that is not in Cloudflare's documentation, such as `revoked (exposed)`: it is dead.
    Other(String),
}

impl Status {
    /// Reads Cloudflare's word.
    #[must_use]
    pub fn read(word: &str) -> Self {
        match word {
            "active" => Self::Active,
            "disabled" => Self::Disabled,
            "expired" => Self::Expired,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Cloudflare's word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Other(word) => word,
        }
    }
}

impl Live {
    /// Whether it works or could again. The status lags behind the clock, so both are asked.
    #[must_use]
    pub fn is_alive(&self, now: DateTime<Utc>) -> bool {
        matches!(self.status, Status::Active | Status::Disabled)
            && self.expires_on.is_none_or(|end| end > now)
    }

    /// Whether it had ended before it was made, by a request that took effect long after its run was over.
    #[must_use]
    pub fn was_born_dead(&self) -> bool {
        self.expires_on.zip(self.issued_on).is_some_and(|(end, at)| end <= at)
    }

    /// How far it has come, if cfmint made it.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        self.marked.as_ref().map(|marked| marked.phase)
    }

    /// Whether it is of this name; a token for one command is no generation of it.
    #[must_use]
    pub fn is_generation_of(&self, name: &str) -> bool {
        self.marked.as_ref().is_some_and(|marked| marked.name == name && marked.phase != Phase::Exec)
    }
}

/// The generations of one name, oldest first: pending, in force and retiring ones. Tokens without a mark are none.
#[must_use]
pub fn generations<'a>(name: &str, tokens: &'a [Live]) -> Vec<&'a Live> {
    let mut generations: Vec<&Live> = tokens.iter().filter(|token| token.is_generation_of(name)).collect();
    // Two of one second, as after a rotation right upon another: the one on its way out ends first, and the one whose
    // hooks have not run was made later than the one that it succeeds.
    generations.sort_by_key(|token| {
        let end = token.expires_on.unwrap_or(DateTime::<Utc>::MAX_UTC);
        (token.issued_on, end, token.phase() == Some(Phase::HooksDue), &token.id)
    });
    generations
}

/// The tokens that were made under a name for one command each, oldest first.
#[must_use]
pub fn of_commands<'a>(name: &str, tokens: &'a [Live]) -> Vec<&'a Live> {
    let is_its = |token: &&Live| {
        token.marked.as_ref().is_some_and(|marked| marked.name == name && marked.phase == Phase::Exec)
    };
    let mut found: Vec<&Live> = tokens.iter().filter(is_its).collect();
    found.sort_by_key(|token| (token.issued_on, &token.id));
    found
}

/// The current generation: the newest that is in force.
#[must_use]
pub fn current<'a>(generations: &[&'a Live], now: DateTime<Utc>) -> Option<&'a Live> {
    let is_in_force = |token: &&&Live| token.is_alive(now) && token.phase().is_some_and(Phase::is_in_force);
    generations.iter().rev().find(is_in_force).copied()
}
