//! Why a permission means no group that can be used, and what to write instead.

use std::sync::Arc;

use super::group::Scope;
use crate::profile::{
    Diagnostic, DiagnosticCode, Level, Permission, PermissionRef, Section, Severity, Source, Span,
};

/// Where Cloudflare lists the names.
const ALL_NAMES: &str = "https://developers.cloudflare.com/fundamentals/api/reference/permissions/";

/// Why a permission means no group that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// No group goes by this name.
    #[error("no permission group is called `{written}`")]
    UnknownName {
        /// What was written.
        written: String,
        /// Lines that come near, best first.
        candidates: Vec<String>,
    },
    /// People call several groups so.
    #[error("no permission group is called `{written}`: {why}")]
    Family {
        /// What was written.
        written: String,
        /// Why there are several.
        why: String,
        /// The lines that there are.
        candidates: Vec<String>,
    },
    /// The label has other levels.
    #[error("`{label}` has no level `{}`", level.word())]
    UnknownLevel {
        /// The label as written.
        label: String,
        /// The level as written.
        level: Level,
        /// The lines that there are for this label.
        candidates: Vec<String>,
    },
    /// No group has this id.
    #[error("no permission group has the id {id}")]
    UnknownId {
        /// The id.
        id: String,
    },
    /// The permission belongs in another section.
    #[error("{} applies to {}", subject(written, name), scope_words(scopes))]
    WrongSection {
        /// What was written.
        written: String,
        /// The group.
        name: String,
        /// What it applies to.
        scopes: Vec<Scope>,
        /// The sections it can stand in, and the line for each; none where profiles have no such section.
        instead: Vec<(Section, String)>,
    },
    /// Several groups of the section go by this name, none with a better claim than the others.
    #[error("`{written}` means more than one permission group")]
    Ambiguous {
        /// What was written.
        written: String,
        /// Id and name of each.
        groups: Vec<(String, String)>,
    },
    /// The name is known, but its id stands on Cloudflare's list alone.
    #[error("only Cloudflare's own list knows the id of `{name}`")]
    WithoutId {
        /// The group's name.
        name: String,
    },
    /// Cloudflare's list for this owner does not have the group.
    #[error("Cloudflare's list of permission groups for this owner does not have `{name}`")]
    NotListed {
        /// The group's name.
        name: String,
        /// The id that took the place of the one asked for.
        instead: Option<String>,
    },
}

/// A group as the subject of a sentence, with what was written for it where that is not its name.
fn subject(written: &str, name: &str) -> String {
    if written == name { format!("`{name}`") } else { format!("`{written}` means `{name}`, which") }
}

/// The scopes of a group for people.
fn scope_words(scopes: &[Scope]) -> String {
    let word = |scope: &Scope| match scope {
        Scope::Account => "accounts".to_owned(),
        Scope::Zone => "zones".to_owned(),
        Scope::User => "the user".to_owned(),
        Scope::Bucket => "R2 buckets".to_owned(),
        Scope::Worker => "single Workers".to_owned(),
        Scope::Other(key) => format!("`{key}`"),
    };
    let words: Vec<String> = scopes.iter().map(word).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(" and ") }
}

impl ResolveError {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> DiagnosticCode {
        match self {
            Self::UnknownName { .. } | Self::Family { .. } | Self::UnknownId { .. } => {
                DiagnosticCode::UnknownPermission
            }
            Self::UnknownLevel { .. } => DiagnosticCode::UnknownLevel,
            Self::WrongSection { .. } => DiagnosticCode::PermissionInWrongSection,
            Self::Ambiguous { .. } => DiagnosticCode::AmbiguousPermission,
            Self::WithoutId { .. } => DiagnosticCode::PermissionWithoutId,
            Self::NotListed { .. } => DiagnosticCode::PermissionNotListed,
        }
    }

    /// The error as a finding about the permission that caused it, with the line to write instead.
    #[must_use]
    pub fn diagnostic(&self, permission: &Permission, source: &Arc<Source>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code: self.code(),
            message: self.to_string(),
            source: Arc::clone(source),
            place: Some((self.span(permission), self.underline(permission.section))),
            also: None,
            hint: self.hint(permission.section),
        }
    }

    /// Whether Cloudflare's own list may know what the embedded catalogue does not. A name that is a letter or a level
    /// away from a known one is a mistake, wherever it is looked up.
    pub(super) fn is_for_the_list_to_tell(&self) -> bool {
        match self {
            Self::UnknownName { candidates, .. } => candidates.is_empty(),
            Self::UnknownId { .. } | Self::WithoutId { .. } => true,
            Self::Family { .. }
            | Self::UnknownLevel { .. }
            | Self::WrongSection { .. }
            | Self::Ambiguous { .. }
            | Self::NotListed { .. } => false,
        }
    }

    /// The error as a doubt, where nobody has asked Cloudflare.
    pub(super) fn doubt(&self, permission: &Permission, source: &Arc<Source>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            hint: "only Cloudflare's own list can tell; `plan` asks it".to_owned(),
            ..self.diagnostic(permission, source)
        }
    }

    fn span(&self, permission: &Permission) -> Span {
        match (&permission.reference, self) {
            (PermissionRef::Label { level, .. }, Self::UnknownLevel { .. }) => level.span,
            (reference, _) => span_of(reference),
        }
    }

    fn underline(&self, section: Section) -> String {
        match self {
            Self::UnknownName { .. } | Self::Family { .. } | Self::UnknownId { .. } => {
                format!("not in section `{}`", section.key())
            }
            Self::UnknownLevel { .. } => "not a level of this label".to_owned(),
            Self::WrongSection { .. } => format!("is in section `{}`", section.key()),
            Self::Ambiguous { .. } => "ambiguous".to_owned(),
            Self::WithoutId { .. } => "known by name only".to_owned(),
            Self::NotListed { .. } => "not on the list".to_owned(),
        }
    }

    fn hint(&self, section: Section) -> String {
        match self {
            Self::UnknownName { candidates, .. } if candidates.is_empty() => {
                format!("all names are on {ALL_NAMES}")
            }
            Self::UnknownName { candidates, .. }
            | Self::Family { candidates, .. }
            | Self::UnknownLevel { candidates, .. } => {
                format!("write {}", alternatives(candidates.iter().map(|line| format!("`{line}`"))))
            }
            Self::UnknownId { .. } => {
                format!("ids copied from elsewhere are often wrong; write the name, from {ALL_NAMES}")
            }
            Self::WrongSection { instead, .. } if instead.is_empty() => {
                "profiles have no section for it".to_owned()
            }
            Self::WrongSection { instead, .. } => {
                let place =
                    |(section, line): &(Section, String)| format!("`{line}` under `{}:`", section.key());
                format!("write {}", alternatives(instead.iter().map(place)))
            }
            Self::Ambiguous { groups, .. } => {
                let by_id = |(id, name): &(String, String)| format!("`- {id}` ({name})");
                format!("name it by id: {}", alternatives(groups.iter().map(by_id)))
            }
            Self::WithoutId { .. } => {
                "commands that talk to Cloudflare look it up, if the bootstrap may read the list".to_owned()
            }
            Self::NotListed { instead: Some(id), .. } => {
                format!("Cloudflare gave it another id; write `- {id}`")
            }
            Self::NotListed { .. } if section == Section::User => {
                "a token of an account cannot have user permissions; write `owner: user`, or remove this line"
                    .to_owned()
            }
            Self::NotListed { .. } => {
                "this owner cannot grant it; remove this line, or use another owner".to_owned()
            }
        }
    }
}

/// Where a reference was written.
pub(super) fn span_of(reference: &PermissionRef) -> Span {
    match reference {
        PermissionRef::Label { label, .. } => label.span,
        PermissionRef::Item(item) => item.span,
    }
}

fn alternatives(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join(", or ")
}
