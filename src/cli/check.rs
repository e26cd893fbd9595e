//! `cfmint check`: validates profiles offline, resolves them against the embedded catalogue, lints.

use super::args::CheckArgs;
use super::context::Context;
use super::exit;
use super::load::{Unnamed, in_order, load};
use super::report::Row;
use crate::catalogue::{Catalogue, resolve_all};
use crate::profile::{Diagnostic, Profile, Severity, Unset};

pub(super) fn run(context: &mut Context<'_>, arguments: &CheckArgs) -> u8 {
    let mut loaded = load(&**context.world, &arguments.profiles, Unnamed::Every, Unset::Note);
    let catalogue = Catalogue::embedded();
    for profile in &loaded.profiles {
        let resolution = resolve_all(&catalogue, &profile.source, &profile.permissions);
        let is_error = |found: &Diagnostic| {
            found.severity == Severity::Error && found.code != "profile.permission-without-id"
        };
        let errors = resolution.diagnostics.iter().filter(|found| is_error(found)).count();
        for mut diagnostic in resolution.diagnostics {
            // Cloudflare's own list has the id; offline there is nothing wrong with the profile.
            if diagnostic.code == "profile.permission-without-id" {
                diagnostic.severity = Severity::Note;
            }
            if !loaded.diagnostics.contains(&diagnostic) {
                loaded.diagnostics.push(diagnostic);
            }
        }
        if errors == 0 {
            say(context, profile, resolution.granted.len());
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
