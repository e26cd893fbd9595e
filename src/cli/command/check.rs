//! `cfmint check`: validates profiles offline, resolves them against the embedded catalogue, lints.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::catalogue::resolve_offline;
use crate::cli::failure::exit;
use crate::cli::options::CheckArgs;
use crate::cli::output::report::{Row, SinkRow};
use crate::cli::session::context::Context;
use crate::cli::session::load::{Loaded, Unnamed, in_order, lexical, load};
use crate::profile::{Diagnostic, Profile, Severity, SinkSpec, SinkValue, Unset};
use crate::sink::root;
use crate::world::World;

pub(in crate::cli) fn run(context: &mut Context<'_>, arguments: &CheckArgs) -> u8 {
    let mut loaded = load(&**context.world, &arguments.profiles, Unnamed::Every, Unset::Note);
    let permissions = permissions(&mut loaded);
    for (profile, permissions) in loaded.profiles.iter().zip(permissions) {
        if let Some(permissions) = permissions {
            say(context, profile, &permissions);
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

/// How many permissions of a profile are understood, and how many only Cloudflare's own list can tell.
pub(in crate::cli) struct Understood {
    granted: usize,
    undecided: usize,
}

/// Resolves the permissions of every profile against the embedded catalogue: per profile, what came of it, if nothing
/// is wrong with any of them.
pub(in crate::cli) fn permissions(loaded: &mut Loaded) -> Vec<Option<Understood>> {
    let mut permissions = Vec::new();
    for profile in &loaded.profiles {
        let resolution = resolve_offline(&profile.source, &profile.permissions, &profile.owner);
        let is_sound = resolution.diagnostics.iter().all(|found| found.severity != Severity::Error);
        for diagnostic in resolution.diagnostics {
            if !loaded.diagnostics.contains(&diagnostic) {
                loaded.diagnostics.push(diagnostic);
            }
        }
        let understood = Understood { granted: resolution.granted.len(), undecided: resolution.undecided };
        permissions.push(is_sound.then_some(understood));
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

fn say(context: &mut Context<'_>, profile: &Profile, permissions: &Understood) {
    let environment = profile.environment.as_ref().map(|name| format!(" -e {name}")).unwrap_or_default();
    let counted = |count: usize| format!("{count} permission{}", if count == 1 { "" } else { "s" });
    let (verb, action, permissions) = match permissions {
        Understood { granted, undecided: 0 } => ("Valid", "valid", counted(*granted)),
        Understood { granted, undecided } => {
            let open = format!("{} that only Cloudflare's own list can tell", counted(*undecided));
            ("Undecided", "undecided", format!("{}, and {open}", counted(*granted)))
        }
    };
    context
        .done(verb, &format!("{}{environment}: {}, {permissions}", profile.source.path, profile.name.value));
    context.report.row(Row {
        profile: Some(profile.source.path.clone()),
        environment: profile.environment.clone(),
        action,
        sinks: profile.sinks.iter().map(SinkRow::from).collect(),
        ..Row::default()
    });
}
