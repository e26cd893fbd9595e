//! A name of a profile that leads to no id, to several, or to something else than is meant: what is said of it.

use std::sync::Arc;

use crate::profile::{Diagnostic, DiagnosticCode, Reference, Severity, Source, Spanned, nearest};
use crate::text::one_line;

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
    /// The id of a zone stands where an account's belongs.
    ZoneForAccount {
        /// What was written.
        written: Spanned<Reference>,
        /// The zone's name.
        zone: String,
    },
    /// The bootstrap sees no zone of this name in the profile's accounts.
    Zone {
        /// What was written.
        written: Spanned<Reference>,
        /// Where a zone of that name was seen instead, if anywhere.
        elsewhere: Vec<String>,
        /// The zones it sees.
        seen: Vec<String>,
    },
    /// Several zones have this name.
    AmbiguousZone {
        /// What was written.
        written: Spanned<Reference>,
        /// Their ids.
        ids: Vec<String>,
    },
    /// The id of an account stands where a zone's belongs.
    AccountForZone {
        /// What was written.
        written: Spanned<Reference>,
        /// The account's name.
        account: String,
    },
    /// The account has no Worker of this name.
    Worker {
        /// What was written.
        written: Spanned<String>,
        /// The account's name.
        account: String,
        /// The Workers it has; `None` where the bootstrap may not list them.
        seen: Option<Vec<String>>,
    },
    /// User permissions were asked for and the user's id could not be learnt.
    User {
        /// Where the profile's name stands.
        written: Spanned<String>,
    },
}

/// How many names a hint lists.
const MOST_NAMES: usize = 12;

impl Unresolved {
    /// The diagnostic, at the place where the name was written.
    #[must_use]
    pub fn diagnostic(&self, source: &Arc<Source>) -> Diagnostic {
        let (code, span) = match self {
            Self::Account { written, .. } | Self::AmbiguousAccount { written, .. } => {
                (DiagnosticCode::UnknownAccount, written.span)
            }
            Self::Zone { written, .. } | Self::AmbiguousZone { written, .. } => {
                (DiagnosticCode::UnknownZone, written.span)
            }
            Self::ZoneForAccount { written, .. } | Self::AccountForZone { written, .. } => {
                (DiagnosticCode::IdOfAnotherKind, written.span)
            }
            Self::Worker { written, .. } => (DiagnosticCode::UnknownWorker, written.span),
            Self::User { written } => (DiagnosticCode::UnknownUser, written.span),
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
                near(written.value.text(), seen, "it sees"),
            ),
            Self::AmbiguousAccount { written, ids } => (
                format!("several accounts are called `{}`", written.value),
                format!("write the id of the one you mean: {}", ids.join(", ")),
            ),
            Self::ZoneForAccount { written, zone } => (
                format!("`{}` is the id of the zone {zone}, and an account belongs here", written.value),
                "write the account's name or id; the zone belongs under `zones:`".to_owned(),
            ),
            Self::Zone { written, elsewhere, seen } if elsewhere.is_empty() && seen.is_empty() => (
                format!("the bootstrap sees no zone called `{}`", written.value),
                "write the zone's 32-digit id (the zone's Overview page shows it), or give the bootstrap \
                 `Zone: Read`"
                    .to_owned(),
            ),
            Self::Zone { written, elsewhere, seen } if elsewhere.is_empty() => (
                format!("the bootstrap sees no zone called `{}`", written.value),
                near(written.value.text(), seen, "it sees"),
            ),
            Self::Zone { written, elsewhere, .. } => (
                format!("no account of this profile has a zone called `{}`", written.value),
                format!(
                    "it is in: {}",
                    elsewhere.iter().map(|name| one_line(name)).collect::<Vec<_>>().join(", ")
                ),
            ),
            Self::AmbiguousZone { written, ids } => (
                format!("several zones are called `{}`", written.value),
                format!("name the account, or write the id of the zone you mean: {}", ids.join(", ")),
            ),
            Self::AccountForZone { written, account } => (
                format!("`{}` is the id of the account {account}, and a zone belongs here", written.value),
                "write the zone's name or id; the account belongs under `accounts:`".to_owned(),
            ),
            Self::Worker { written, account, seen: None } => (
                format!(
                    "the Workers of {account} cannot be listed, so `{}` cannot be looked up",
                    written.value
                ),
                "give the bootstrap `Workers Scripts: Read`, or write the Worker's tag".to_owned(),
            ),
            Self::Worker { written, account, seen: Some(seen) } => (
                format!("{account} has no Worker called `{}`", written.value),
                if let Some(name) = nearest(&written.value, seen.iter().map(String::as_str)) {
                    format!("did you mean `{name}`? a Worker must be deployed before a token can name it")
                } else if seen.is_empty() {
                    "deploy the Worker first; until then, use a permission for every Worker of the account"
                        .to_owned()
                } else {
                    format!("deploy the Worker first; {}", names(seen, "there are"))
                },
            ),
            Self::User { .. } => (
                "user permissions need the user's id, which this bootstrap may not read".to_owned(),
                "give the bootstrap `User Details: Read`".to_owned(),
            ),
        }
    }
}

/// The name that was probably meant, or else those there are.
fn near(written: &str, seen: &[String], verb: &str) -> String {
    match nearest(written, seen.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`? {}", names(seen, verb)),
        None => names(seen, verb),
    }
}

/// The names there are, as far as they are worth reading.
fn names(seen: &[String], verb: &str) -> String {
    let shown = seen.iter().take(MOST_NAMES).map(|name| one_line(name)).collect::<Vec<_>>().join(", ");
    match seen.len().saturating_sub(MOST_NAMES) {
        0 => format!("{verb}: {shown}"),
        more => format!("{verb}: {shown} and {more} more"),
    }
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
        assert_eq!(
            (told.code, told.position().map(|place| place.column)),
            (DiagnosticCode::UnknownUser, Some(7))
        );
        assert!(told.hint.contains("User Details: Read"));
    }
}
