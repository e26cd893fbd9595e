//! All permissions of a profile -> the groups they grant, with every finding at once.

use std::sync::Arc;

use super::group::{Catalogue, PermissionGroup, entry, item};
use super::miss::{LIST_DIFFERS, UNDERSTOOD, span_of};
use super::resolve::Understood;
use super::spelling::same;
use super::suggest;
use crate::profile::{Ask, Diagnostic, Permission, Section, Severity, Source};

/// What the permissions of a profile came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The groups, each once, in the order written; incomplete while a diagnostic is an error.
    pub granted: Vec<Granted>,
    /// Misses as errors; names that were understood, and differences of Cloudflare's list, as notes.
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
            Err(miss) => resolution.diagnostics.push(miss.diagnostic(permission, source)),
        }
    }
    resolution
}

/// Says under which section a permission belongs that stands in none.
pub fn name_sections(catalogue: &Catalogue, diagnostics: &mut [Diagnostic]) {
    for diagnostic in diagnostics.iter_mut().filter(|found| found.code == "profile.no-section") {
        let label = diagnostic.place.as_ref().and_then(|(span, _)| {
            diagnostic.source.text.get(span.start..span.end).map(|text| text.trim_matches(['"', '\'']))
        });
        let sections = label.map(|label| suggest::sections_of(catalogue, label)).unwrap_or_default();
        if !sections.is_empty() {
            let keys: Vec<String> = sections.iter().map(|section| format!("`{}:`", section.key())).collect();
            diagnostic.hint = format!("put it under {}", keys.join(" or "));
        }
    }
}

impl Resolution {
    fn grant(&mut self, understood: Understood<'_>, permission: &Permission, source: &Arc<Source>) {
        let note = |code, message, hint| Diagnostic {
            severity: Severity::Note,
            code,
            message,
            source: Arc::clone(source),
            place: Some((span_of(&permission.ask), String::new())),
            also: None,
            hint,
        };
        let Understood { group, id, note: words, differences } = understood;
        if let Some(words) = words {
            let hint =
                own_line(group, &permission.ask).map_or_else(String::new, |line| format!("write `{line}`"));
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
fn own_line(group: &PermissionGroup, ask: &Ask) -> Option<String> {
    let (own, asked) = match ask {
        Ask::Label { label, level } => (group.line(), entry(&label.value, level.value)),
        Ask::Item(name) => (item(&group.name), item(&name.value.to_string())),
    };
    (!same(&own, &asked)).then_some(own)
}
