//! `cfmint check`: validates profiles offline, resolves them against the embedded catalogue, lints.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::args::CheckArgs;
use super::context::Context;
use super::exit;
use super::load::{Loaded, Unnamed, in_order, lexical, load};
use super::report::{Row, SinkRow};
use crate::catalogue::{Catalogue, resolve_all};
use crate::profile::{Diagnostic, Profile, Severity, SinkSpec, SinkValue, Unset};
use crate::sink::root;
use crate::world::World;

pub(super) fn run(context: &mut Context<'_>, arguments: &CheckArgs) -> u8 {
    let mut loaded = load(&**context.world, &arguments.profiles, Unnamed::Every, Unset::Note);
    let permissions = permissions(&mut loaded);
    for (profile, permissions) in loaded.profiles.iter().zip(permissions) {
        if let Some(permissions) = permissions {
            say(context, profile, permissions);
        }
    }
    let shared = shared_variables(&**context.world, &loaded);
    loaded.diagnostics.extend(shared);
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
        let mut count = Some(0);
        for rights in profile.all_rights() {
            let resolution = resolve_all(&catalogue, &profile.source, &rights.permissions);
            let is_error = |found: &Diagnostic| {
                found.severity == Severity::Error && found.code != "profile.permission-without-id"
            };
            let is_understood = !resolution.diagnostics.iter().any(is_error);
            count = count.filter(|_| is_understood).map(|count| count + resolution.granted.len());
            for mut diagnostic in resolution.diagnostics {
                // Cloudflare's own list has the id; offline there is nothing wrong with the profile.
                if diagnostic.code == "profile.permission-without-id" {
                    diagnostic.severity = Severity::Note;
                }
                if !loaded.diagnostics.contains(&diagnostic) {
                    loaded.diagnostics.push(diagnostic);
                }
            }
        }
        permissions.push(count);
    }
    permissions
}

/// Two environments of a file that write one variable: a run over both would be refused. Links are not followed; what
/// they lead to is known when a run is about to write.
fn shared_variables(world: &dyn World, loaded: &Loaded) -> Vec<Diagnostic> {
    let root = root(world).map_or_else(|_| world.folder().to_owned(), |root| root.folder);
    let is_example = |profile: &Profile| {
        loaded.shapes.iter().any(|shape| {
            shape.source.path == profile.source.path
                && profile.environment.as_deref() == Some(&*shape.example)
        })
    };
    let mut seen: BTreeMap<(&str, PathBuf, &str), &Profile> = BTreeMap::new();
    let mut found = Vec::new();
    for profile in loaded.profiles.iter().filter(|profile| !is_example(profile)) {
        for sink in &profile.sinks {
            let SinkSpec::EnvFile { path, variables, .. } = sink else { continue };
            let file = lexical(&root.join(&path.value));
            for (name, value) in variables {
                let place = (&*profile.source.path, file.clone(), &*name.value);
                let first = *seen.entry(place).or_insert(profile);
                let is_of_token =
                    !matches!(value, SinkValue::AccountId | SinkValue::ZoneId | SinkValue::R2Endpoint);
                if first.environment != profile.environment && is_of_token {
                    let of = |profile: &Profile| profile.environment.clone().unwrap_or_default();
                    found.push(Diagnostic {
                        severity: Severity::Warning,
                        code: "profile.same-variable",
                        message: format!(
                            "`{}` in {} is written for {} and for {}: one run over both is refused",
                            name.value,
                            path.value.display(),
                            of(first),
                            of(profile)
                        ),
                        source: Arc::clone(&profile.source),
                        place: Some((path.span, String::new())),
                        also: None,
                        hint: "give each a file of its own: `env_file: .env.${environment}`".to_owned(),
                    });
                }
            }
        }
    }
    found
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
        sinks: profile.sinks.iter().map(SinkRow::from).collect(),
        ..Row::default()
    });
}
