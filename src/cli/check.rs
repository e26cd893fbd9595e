//! `cfmint check`: validates profiles offline, resolves them against the embedded catalogue, lints.

use super::args::CheckArgs;
use super::context::Context;
use super::exit;
use super::load::{Loaded, Unnamed, in_order, load};
use super::report::{Row, SinkRow};
use crate::catalogue::{Catalogue, resolve_all};
use crate::profile::{Diagnostic, Profile, Severity, Unset};

pub(super) fn run(context: &mut Context<'_>, arguments: &CheckArgs) -> u8 {
    let mut loaded = load(&**context.world, &arguments.profiles, Unnamed::Every, Unset::Note);
    let permissions = permissions(&mut loaded);
    for (profile, permissions) in loaded.profiles.iter().zip(permissions) {
        if let Some(permissions) = permissions {
            say(context, profile, permissions);
        }
    }
    in_order(&mut loaded.diagnostics, &arguments.profiles.profiles);
    let invalid = loaded.has_errors();
    context.report.diagnostics(loaded.diagnostics);
    for problem in loaded.problems {
        context.report.problem(problem);
    }
    if invalid {
        exit::INVALID
    } else if arguments.strict && context.report.has_warnings() {
        exit::FINDINGS
    } else {
        exit::DONE
    }
}

/// Resolves the permissions of every profile against the embedded catalogue: per profile, how many there are, if
/// all of them are understood.
pub(super) fn permissions(loaded: &mut Loaded) -> Vec<Option<usize>> {
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

fn say(context: &mut Context<'_>, profile: &Profile, permissions: usize) {
    let environment = profile.environment.as_ref().map(|name| format!(" -e {name}")).unwrap_or_default();
    let plural = if permissions == 1 { "" } else { "s" };
    context.done(
        "Valid",
        &format!(
            "{}{environment}: {}, {permissions} permission{plural}",
            profile.source.path, profile.name.value
        ),
    );
    context.report.row(Row {
        profile: Some(profile.source.path.clone()),
        environment: profile.environment.clone(),
        action: "valid",
        ..Row::default()
    });
}
        sinks: profile.sinks.iter().map(SinkRow::from).collect(),
