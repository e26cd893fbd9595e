//! Names to ids, and back: the accounts and zones the bootstrap sees, and its user.

use std::sync::Arc;

use crate::profile::{Diagnostic, Reference, Severity, Source, Spanned};
use crate::text::one_line;

/// What the look-ups found. Names a profile gives as ids never need to stand here.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// The accounts the bootstrap sees.
    pub accounts: Vec<AccountEntry>,
    /// The zones of the names that were asked for.
    pub zones: Vec<ZoneEntry>,
    /// The id of the user behind the bootstrap, if it could be learnt.
    pub user: Option<String>,
}

/// An id with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEntry {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The name; not unique.
    pub name: String,
}

/// A zone and the account it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneEntry {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The domain.
    pub name: String,
    /// The id of its account.
    pub account: String,
}

/// A name of a profile that leads to no id, or to several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// The bootstrap sees no account of this name.
    Account {
        /// What was written.
        written: Spanned<Reference>,
        /// The accounts it sees.
        seen: Vec<String>,
    },
    /// Several accounts have this name.
    AmbiguousAccount {
        /// What was written.
        written: Spanned<Reference>,
        /// Their ids.
        ids: Vec<String>,
    },
    /// The bootstrap sees no zone of this name in the profile's accounts.
    Zone {
        /// What was written.
        written: Spanned<Reference>,
        /// Where a zone of that name was seen instead, if anywhere.
        elsewhere: Vec<String>,
    },
    /// Several zones have this name.
    AmbiguousZone {
        /// What was written.
        written: Spanned<Reference>,
        /// Their ids.
        ids: Vec<String>,
    },
    /// User permissions were asked for and the user's id could not be learnt.
    User {
        /// Where the profile's name stands.
        written: Spanned<String>,
    },
}

impl Directory {
    /// The id of an account.
    pub fn account(&self, written: &Spanned<Reference>) -> Result<String, Unresolved> {
        let name = match &written.value {
            Reference::Id(id) => return Ok(id.clone()),
            Reference::Name(name) => name,
        };
        let exact: Vec<&AccountEntry> =
            self.accounts.iter().filter(|account| account.name == *name).collect();
        let found = if exact.is_empty() {
            self.accounts.iter().filter(|account| same_name(&account.name, name)).collect()
        } else {
            exact
        };
        match found.as_slice() {
            [one] => Ok(one.id.clone()),
            [] => Err(Unresolved::Account {
                written: written.clone(),
                seen: self.accounts.iter().map(|account| account.name.clone()).collect(),
            }),
            several => Err(Unresolved::AmbiguousAccount {
                written: written.clone(),
                ids: several.iter().map(|account| account.id.clone()).collect(),
            }),
        }
    }

    /// The id of a zone; among several of one name, the one in these accounts.
    pub fn zone(&self, written: &Spanned<Reference>, accounts: &[String]) -> Result<String, Unresolved> {
        let name = match &written.value {
            Reference::Id(id) => return Ok(id.clone()),
            Reference::Name(name) => name,
        };
        let of_name: Vec<&ZoneEntry> =
            self.zones.iter().filter(|zone| zone.name.eq_ignore_ascii_case(name)).collect();
        let found: Vec<&ZoneEntry> = of_name
            .iter()
            .filter(|zone| accounts.is_empty() || accounts.contains(&zone.account))
            .copied()
            .collect();
        match found.as_slice() {
            [one] => Ok(one.id.clone()),
            [] => Err(Unresolved::Zone {
                written: written.clone(),
                elsewhere: of_name.iter().map(|zone| self.account_name(&zone.account)).collect(),
            }),
            several => Err(Unresolved::AmbiguousZone {
                written: written.clone(),
                ids: several.iter().map(|zone| zone.id.clone()).collect(),
            }),
        }
    }

    /// What a person calls an account: its name, or its id where the name is not known.
    #[must_use]
    pub fn account_name(&self, id: &str) -> String {
        let known = self.accounts.iter().find(|account| account.id == id && !account.name.is_empty());
        known.map_or_else(|| id.to_owned(), |account| account.name.clone())
    }

    /// What a person calls a zone: its domain, or its id where the domain is not known.
    #[must_use]
    pub fn zone_name(&self, id: &str) -> String {
        let known = self.zones.iter().find(|zone| zone.id == id);
        known.map_or_else(|| id.to_owned(), |zone| zone.name.clone())
    }
}

fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

impl Unresolved {
    /// Every code of this room's diagnostics.
    pub const CODES: [&str; 3] = ["profile.unknown-account", "profile.unknown-zone", "profile.unknown-user"];

    /// The diagnostic, at the place where the name was written.
    #[must_use]
    pub fn diagnostic(&self, source: &Arc<Source>) -> Diagnostic {
        let (code, span) = match self {
            Self::Account { written, .. } | Self::AmbiguousAccount { written, .. } => {
                ("profile.unknown-account", written.span)
            }
            Self::Zone { written, .. } | Self::AmbiguousZone { written, .. } => {
                ("profile.unknown-zone", written.span)
            }
            Self::User { written } => ("profile.unknown-user", written.span),
        };
        let (message, hint) = self.words();
        Diagnostic {
            severity: Severity::Error,
            code,
            message,
            source: Arc::clone(source),
            place: Some((span, String::new())),
            also: None,
            hint,
        }
    }

    /// What is wrong, and what to write instead.
    #[must_use]
    pub fn words(&self) -> (String, String) {
        match self {
            Self::Account { written, seen } if seen.is_empty() => (
                format!("the bootstrap sees no accounts, so `{}` cannot be looked up", written.value),
                "write the account's 32-digit id (Workers & Pages > Overview in the dashboard shows it), \
                 or give the bootstrap `Account Settings: Read`"
                    .to_owned(),
            ),
            Self::Account { written, seen } => (
                format!("the bootstrap sees no account called `{}`", written.value),
                format!("it sees: {}", on_one_line(seen)),
            ),
            Self::AmbiguousAccount { written, ids } => (
                format!("several accounts are called `{}`", written.value),
                format!("write the id of the one you mean: {}", ids.join(", ")),
            ),
            Self::Zone { written, elsewhere } if elsewhere.is_empty() => (
                format!("the bootstrap sees no zone called `{}`", written.value),
                "write the zone's 32-digit id (the zone's Overview page shows it), or give the bootstrap \
                 `Zone: Read`"
                    .to_owned(),
            ),
            Self::Zone { written, elsewhere } => (
                format!("no account of this profile has a zone called `{}`", written.value),
                format!("it is in: {}", on_one_line(elsewhere)),
            ),
            Self::AmbiguousZone { written, ids } => (
                format!("several zones are called `{}`", written.value),
                format!("name the account, or write the id of the zone you mean: {}", ids.join(", ")),
            ),
            Self::User { .. } => (
                "user permissions need the user's id, which this bootstrap may not read".to_owned(),
                "give the bootstrap `User Details: Read`".to_owned(),
            ),
        }
    }
}

/// Names in a row.
fn on_one_line(names: &[String]) -> String {
    names.iter().map(|name| one_line(name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Span;

    #[test]
    fn a_user_who_is_not_known_is_told_with_the_permission_that_is_missing() {
        let source = Arc::new(Source { path: "shop.yaml".to_owned(), text: "name: shop".to_owned() });
        let written = Spanned::new("shop".to_owned(), Span { start: 6, end: 10 });
        let told = Unresolved::User { written }.diagnostic(&source);
        assert_eq!((told.code, told.position().map(|place| place.column)), ("profile.unknown-user", Some(7)));
        assert!(told.hint.contains("User Details: Read"));
    }
}
