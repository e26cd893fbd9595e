//! What a profile asks for -> what a token for this work could do without.
//!
//! In: a valid profile. Out: warnings and notes at the permissions they are about. Goes by names, so it may be wrong: a
//! finding is something to look at, never an error, and a profile can say why it stays as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::purpose::Purpose;
use super::spelling::split;
use super::{Catalogue, KnownGroup};
use crate::profile::{
    Diagnostic, DiagnosticCode, Level, Permission, PermissionRef, Profile, Section, Severity, Span,
};

/// How many kinds of work a token may change before somebody should look at it.
const MOST_PURPOSES: usize = 2;

/// Words in a name that say that a token only reads.
const OF_READERS: [&str; 10] = [
    "read",
    "readonly",
    "reader",
    "viewer",
    "monitor",
    "monitoring",
    "metrics",
    "exporter",
    "audit",
    "auditor",
];

/// A permission, and a group that it stands for.
struct Asked<'a> {
    permission: &'a Permission,
    group: &'a KnownGroup,
}

/// Looks for more than a token for this work needs.
#[must_use]
pub fn lint(profile: &Profile) -> Vec<Diagnostic> {
    let catalogue = Catalogue::embedded();
    let permissions = profile.all_rights().flat_map(|rights| &rights.permissions);
    let asked: Vec<Asked<'_>> = permissions
        .filter_map(|permission| Some((permission, catalogue.resolve(permission).ok()?)))
        .flat_map(|(permission, understood)| {
            let groups = understood.groups.into_iter();
            groups.map(move |one| Asked { permission, group: one.group })
        })
        .collect();
    let mut found = Vec::new();
    found.extend(asked.iter().filter_map(|asked| token_making(profile, asked)));
    if is_for_reading(&profile.name.value) {
        found.extend(asked.iter().filter_map(|asked| more_than_read(profile, asked)));
    }
    found.extend(several_purposes(profile, &asked));
    found.extend(user_owned(profile, &asked));
    found
}

impl Asked<'_> {
    /// Whether the group lets its holder change things.
    fn changes(&self) -> bool {
        let level = split(&self.group.name).map(|(_, level)| level);
        matches!(level, Some(Level::Edit | Level::Editor | Level::Admin))
    }

    /// Where the permission says so.
    fn span(&self) -> Span {
        match &self.permission.reference {
            PermissionRef::Label { level, .. } => level.span,
            PermissionRef::Item(item) => item.span,
        }
    }

    fn warning(&self, profile: &Profile, code: DiagnosticCode, message: String, hint: &str) -> Diagnostic {
        finding(profile, Severity::Warning, code, self.span(), message, hint)
    }
}

/// The power to make tokens is every power there is.
///
/// A token that is made through the API cannot have it: `sub-token is not allowed to have permissions to manage other
/// tokens`, code 1001, as seen in November 2026.
fn token_making(profile: &Profile, asked: &Asked<'_>) -> Option<Diagnostic> {
    const MAKERS: [&str; 2] = ["API Tokens Write", "Account API Tokens Write"];
    let name = &asked.group.name;
    MAKERS.contains(&name.as_str()).then(|| {
        asked.warning(
            profile,
            DiagnosticCode::TokenMaking,
            format!(
                "`{name}` makes tokens of any kind, and Cloudflare refuses it to a token made through its API"
            ),
            "leave it out; a bootstrap is made in the dashboard: `cfmint init` prints the link",
        )
    })
}

/// Whether a token's name says that it only reads.
fn is_for_reading(name: &str) -> bool {
    const OF_WRITERS: [&str; 7] = ["deploy", "deployer", "write", "writer", "edit", "editor", "admin"];
    let words = || name.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase);
    words().any(|word| OF_READERS.contains(&word.as_str()))
        && !words().any(|word| OF_WRITERS.contains(&word.as_str()))
}

fn more_than_read(profile: &Profile, asked: &Asked<'_>) -> Option<Diagnostic> {
    asked.changes().then(|| {
        asked.warning(
            profile,
            DiagnosticCode::MoreThanRead,
            format!(
                "the name `{}` says that the token reads, and `{}` lets it change things",
                profile.name.value, asked.group.name
            ),
            "write `read` for the level, or a name that says what it changes",
        )
    })
}

/// A token that changes things for several teams opens all of them when it leaks.
fn several_purposes(profile: &Profile, asked: &[Asked<'_>]) -> Option<Diagnostic> {
    let mut by_purpose: BTreeMap<Purpose, &Asked<'_>> = BTreeMap::new();
    for asked in asked.iter().filter(|asked| asked.changes()) {
        if let Some(purpose) = Purpose::of(&asked.group.name) {
            by_purpose.entry(purpose).or_insert(asked);
        }
    }
    if by_purpose.len() <= MOST_PURPOSES {
        return None;
    }
    let names: Vec<&str> = by_purpose.keys().map(|purpose| purpose.name()).collect();
    let last = by_purpose.values().max_by_key(|asked| asked.span())?;
    Some(last.warning(
        profile,
        DiagnosticCode::SeveralPurposes,
        format!("one token changes {} kinds of things: {}", names.len(), names.join(", ")),
        "write a profile for each, so that a leak opens one of them, and each can be rotated by itself",
    ))
}

/// Guides say that a token of an account cannot hold permissions on zones, and so make it the user's. It can.
///
/// Source: <https://developers.cloudflare.com/fundamentals/api/get-started/account-owned-tokens/>
fn user_owned(profile: &Profile, asked: &[Asked<'_>]) -> Option<Diagnostic> {
    let span = profile.user_written?;
    let could_be_the_accounts = asked.iter().all(|asked| {
        matches!(asked.permission.section, Section::Account | Section::Zone | Section::R2)
            && asked.group.refused_to_accounts().is_none()
    });
    let is_of_zones = asked.iter().any(|asked| asked.permission.section == Section::Zone);
    (could_be_the_accounts && is_of_zones).then(|| {
        finding(
            profile,
            Severity::Note,
            DiagnosticCode::UserOwned,
            span,
            "a token of the account can hold these permissions too, those on zones as well, and works when the user \
             has left"
                .to_owned(),
            "write `owner: { account: NAME }`; the bootstrap then needs `Account API Tokens: edit`",
        )
    })
}

fn finding(
    profile: &Profile,
    severity: Severity,
    code: DiagnosticCode,
    span: Span,
    message: String,
    hint: &str,
) -> Diagnostic {
    Diagnostic {
        severity,
        code,
        message,
        source: Arc::clone(&profile.source),
        place: Some((span, String::new())),
        also: None,
        hint: hint.to_owned(),
    }
}
