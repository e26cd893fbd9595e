//! The permissions of profiles, as far as the embedded catalogue knows them.

use super::load::Loaded;
use crate::catalogue::{Catalogue, resolve_all};
use crate::profile::{Diagnostic, Severity};

/// Resolves the permissions of every profile against the embedded catalogue: per profile, how many there are, if
/// all of them are understood.
pub(in crate::cli) fn permissions(loaded: &mut Loaded) -> Vec<Option<usize>> {
    let catalogue = Catalogue::embedded();
    let mut permissions = Vec::new();
    for profile in &loaded.profiles {
        let resolution = resolve_all(&catalogue, &profile.source, &profile.permissions);
        let is_error = |found: &Diagnostic| {
            found.severity == Severity::Error && found.code != "profile.permission-without-id"
        };
        let is_understood = !resolution.diagnostics.iter().any(is_error);
        for mut diagnostic in resolution.diagnostics {
            // Cloudflare's own list has the id; offline there is nothing wrong with the profile.
            if diagnostic.code == "profile.permission-without-id" {
                diagnostic.severity = Severity::Note;
            }
            if !loaded.diagnostics.contains(&diagnostic) {
                loaded.diagnostics.push(diagnostic);
            }
        }
        permissions.push(is_understood.then_some(resolution.granted.len()));
    }
    permissions
}
