//! All permissions of a profile -> the groups they grant, with every finding at once.

use std::sync::Arc;

use super::embedded::Catalogue;
use super::error::{LIST_DIFFERS, UNDERSTOOD, span_of};
use super::group::{KnownGroup, entry, item};
use super::resolve::Understood;
use super::spelling::same;
use crate::profile::{Diagnostic, Permission, PermissionRef, Section, Severity, Source};

/// What the permissions of a profile came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The groups, each once, in the order written; incomplete while a diagnostic is an error.
    pub granted: Vec<Granted>,
    /// What means no group, as errors; names that were understood, and differences of Cloudflare's list, as notes.
    pub diagnostics: Vec<Diagnostic>,
}

/// A permission group that a profile grants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Granted {
    /// The section it was asked for in, and so what it applies to.
    pub section: Section,
    /// The group's id.
    pub id: String,
    /// The group's name.
    pub name: String,
}

/// Resolves every permission that a profile asks for. Two that mean the same group are one.
#[must_use]
pub fn resolve_all(catalogue: &Catalogue, source: &Arc<Source>, permissions: &[Permission]) -> Resolution {
    let mut resolution = Resolution { granted: Vec::new(), diagnostics: Vec::new() };
    for permission in permissions {
        match catalogue.resolve(permission) {
            Ok(understood) => resolution.grant(understood, permission, source),
            Err(error) => resolution.diagnostics.push(error.diagnostic(permission, source)),
        }
    }
    resolution
}

impl Resolution {
    fn grant(&mut self, understood: Understood<'_>, permission: &Permission, source: &Arc<Source>) {
        let note = |code, message, hint| Diagnostic {
            severity: Severity::Note,
            code,
            message,
            source: Arc::clone(source),
            place: Some((span_of(&permission.reference), String::new())),
            also: None,
            hint,
        };
        let Understood { group, id, note: words, differences } = understood;
        if let Some(words) = words {
            let hint = own_line(group, &permission.reference)
                .map_or_else(String::new, |line| format!("write `{line}`"));
            self.diagnostics.push(note(UNDERSTOOD, words, hint));
        }
        let granted = Granted { section: permission.section, id: id.to_owned(), name: group.name.clone() };
        if self.granted.contains(&granted) {
            return;
        }
        let differences = differences.iter().map(|one| note(LIST_DIFFERS, one.to_string(), String::new()));
        self.diagnostics.extend(differences);
        self.granted.push(granted);
    }
}

/// The line that asks for a group by its own name, unless that is the very line that asked.
fn own_line(group: &KnownGroup, reference: &PermissionRef) -> Option<String> {
    let (own, asked) = match reference {
        PermissionRef::Label { label, level } => (group.line(), entry(&label.value, level.value)),
        PermissionRef::Item(name) => (item(&group.name), item(&name.value.to_string())),
    };
    (!same(&own, &asked)).then_some(own)
}
