//! The permissions of profiles, as far as the embedded catalogue knows them.

use super::loaded::Loaded;
use crate::catalogue::resolve_offline;
use crate::profile::Severity;

/// How many permissions of a profile are understood, and how many only Cloudflare's own list can tell.
pub(in crate::cli) struct PermissionCounts {
    pub(in crate::cli) granted: usize,
    pub(in crate::cli) undecided: usize,
}

/// Resolves the permissions of every profile against the embedded catalogue: per profile, what came of it, if nothing
/// is wrong with any of them.
pub(in crate::cli) fn permissions(loaded: &mut Loaded) -> Vec<Option<PermissionCounts>> {
    let mut permissions = Vec::new();
    for profile in &loaded.profiles {
        let (mut is_sound, mut understood) = (true, PermissionCounts { granted: 0, undecided: 0 });
        for rights in profile.all_rights() {
            let resolution = resolve_offline(&profile.source, &rights.permissions, &profile.owner);
            is_sound &= resolution.diagnostics.iter().all(|found| found.severity != Severity::Error);
            for diagnostic in resolution.diagnostics {
                if !loaded.diagnostics.contains(&diagnostic) {
                    loaded.diagnostics.push(diagnostic);
                }
            }
            understood.granted += resolution.granted.len();
            understood.undecided += resolution.undecided;
        }
        permissions.push(is_sound.then_some(understood));
    }
    permissions
}
