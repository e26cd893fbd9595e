//! All permissions of a profile -> the groups they grant, with every finding at once.

use std::sync::Arc;

use super::embedded::Catalogue;
use super::error::span_of;
use super::group::{KnownGroup, entry, item};
use super::resolve::{Understood, UsableGroup};
use super::spelling::same;
use super::suggest;
use crate::profile::{
    Diagnostic, DiagnosticCode, Owner, Permission, PermissionRef, Section, Severity, Source, Span,
};

/// What the permissions of a profile came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The groups, each once, in the order written; incomplete while a diagnostic is an error.
    pub granted: Vec<Granted>,
    /// How many permissions are left that only Cloudflare's own list can tell; without that list alone.
    pub undecided: usize,
    /// Names that mean nothing usable, as errors; names that were understood, and differences of Cloudflare's list,
    /// as notes.
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

/// What a resolution can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consulted {
    /// The catalogue decides: whoever asks has what Cloudflare's list says, or all that can be had of it.
    Cloudflare,
    /// The embedded catalogue alone: Cloudflare's list may know more.
    Nobody,
}

/// Resolves every permission that a profile asks for. Two that mean the same group are one.
#[must_use]
pub fn resolve_all(
    catalogue: &Catalogue,
    source: &Arc<Source>,
    permissions: &[Permission],
    owner: &Owner,
) -> Resolution {
    resolve(catalogue, Consulted::Cloudflare, source, permissions, owner)
}

/// Resolves every permission without asking Cloudflare: what only its own list can tell is a warning.
#[must_use]
pub fn resolve_offline(source: &Arc<Source>, permissions: &[Permission], owner: &Owner) -> Resolution {
    resolve(Catalogue::embedded(), Consulted::Nobody, source, permissions, owner)
}

fn resolve(
    catalogue: &Catalogue,
    asked: Consulted,
    source: &Arc<Source>,
    permissions: &[Permission],
    owner: &Owner,
) -> Resolution {
    let mut resolution = Resolution { granted: Vec::new(), undecided: 0, diagnostics: Vec::new() };
    for permission in permissions {
        match catalogue.resolve(permission) {
            Ok(understood) => resolution.grant(understood, permission, source, owner),
            Err(error) if asked == Consulted::Nobody && error.is_for_the_list_to_tell() => {
                resolution.undecided += 1;
                resolution.diagnostics.push(error.doubt(permission, source));
            }
            Err(error) => resolution.diagnostics.push(error.diagnostic(permission, source)),
        }
    }
    resolution
}

/// Says under which section a permission belongs that stands in none.
pub fn name_sections(catalogue: &Catalogue, diagnostics: &mut [Diagnostic]) {
    for diagnostic in diagnostics.iter_mut().filter(|found| found.code == DiagnosticCode::NoSection) {
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
    fn grant(
        &mut self,
        understood: Understood<'_>,
        permission: &Permission,
        source: &Arc<Source>,
        owner: &Owner,
    ) {
        let place = span_of(&permission.reference);
        let Understood { groups, note: words } = understood;
        if let Some(words) = words {
            let own = groups.iter().filter_map(|one| own_line(one.group, &permission.reference));
            let lines: Vec<String> = own.map(|line| format!("`{line}`")).collect();
            let hint =
                if lines.is_empty() { String::new() } else { format!("write {}", lines.join(" and ")) };
            self.diagnostics.push(note(DiagnosticCode::PermissionUnderstood, words, hint, source, place));
        }
        for one in groups {
            let (section, name) = (permission.section, one.group.name.clone());
            let granted = Granted { section, id: one.id.to_owned(), name };
            if self.granted.contains(&granted) {
                continue;
            }
            for (code, message, hint) in remarks(&one, owner) {
                self.diagnostics.push(note(code, message, hint, source, place));
            }
            self.granted.push(granted);
        }
    }
}

/// What is to be known about a group before it is granted.
fn remarks(one: &UsableGroup<'_>, owner: &Owner) -> Vec<(DiagnosticCode, String, String)> {
    let name = &one.group.name;
    let differences = one
        .differences
        .iter()
        .map(|one| (DiagnosticCode::PermissionListDiffers, one.to_string(), String::new()));
    let refused = one.group.refused_to_accounts().filter(|_| *owner != Owner::User).map(|product| {
        let message =
            format!("{product} refuses tokens that an account owns: not all that `{name}` allows will work");
        (
            DiagnosticCode::PermissionNotForAccounts,
            message,
            "write `owner: user` for what needs it".to_owned(),
        )
    });
    let ungrantable = one.is_ungrantable.then(|| {
        let message = format!("Cloudflare's list says that this bootstrap may not grant `{name}`");
        (
            DiagnosticCode::PermissionNotSelectable,
            message,
            "the request that makes the token decides".to_owned(),
        )
    });
    differences.chain(refused).chain(ungrantable).collect()
}

fn note(
    code: DiagnosticCode,
    message: String,
    hint: String,
    source: &Arc<Source>,
    place: Span,
) -> Diagnostic {
    Diagnostic {
        severity: Severity::Note,
        code,
        message,
        source: Arc::clone(source),
        place: Some((place, String::new())),
        also: None,
        hint,
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
