//! What is wrong with features that no environment turns on: nobody sees it until somebody does.

use super::resolve;
use crate::profile::diagnostic::Diagnostic;
use crate::profile::file::{ProfileFile, ResolveOptions, Resolved};

/// Resolves each feature that none of these environments turns on, together with each of them. What is wrong with it in
/// every one of them is wrong with the feature.
pub(super) fn check(
    file: &ProfileFile,
    environments: &[Option<String>],
    options: &ResolveOptions<'_>,
) -> Vec<Resolved> {
    let unused = file.features().into_iter().filter(|name| !is_used(file, name));
    unused.filter_map(|name| alone(file, name, environments, options)).collect()
}

fn is_used(file: &ProfileFile, name: &str) -> bool {
    let environments = file.keys.environments.get().into_iter().flat_map(|named| &named.entries);
    let in_use = environments.filter_map(|(_, environment)| environment.own.r#use.get()).flatten();
    in_use.into_iter().any(|used| used.0.value == name)
}

/// A feature in every environment: the findings that all of them share and that are not there without it.
fn alone(
    file: &ProfileFile,
    name: &str,
    environments: &[Option<String>],
    options: &ResolveOptions<'_>,
) -> Option<Resolved> {
    let with = [options.features, &[name.to_owned()]].concat();
    let mut each = environments.iter().map(|environment| {
        let options = ResolveOptions { environment: environment.as_deref(), ..*options };
        let without = resolve(file, &options);
        let mut resolved = resolve(file, &ResolveOptions { features: &with, ..options });
        resolved.diagnostics.retain(|found| !without.diagnostics.contains(found));
        resolved.permissions.retain(|permission| !without.permissions.contains(permission));
        resolved
    });
    let mut shared = each.next()?;
    for other in each {
        let is_shared = |found: &Diagnostic| other.diagnostics.contains(found);
        shared.diagnostics.retain(is_shared);
    }
    Some(shared)
}
