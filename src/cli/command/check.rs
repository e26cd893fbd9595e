//! `cfmint check`: validates profiles offline, resolves them against the embedded catalogue, lints.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::{Outcome, RunCommand};
use crate::catalogue::lint;
use crate::cli::failure::Failure;
use crate::cli::failure::command_line::ProfileArguments;
use crate::cli::options::ProfileArgs;
use crate::cli::output::rows::{Row, RowAction};
use crate::cli::session::context::Context;
use crate::cli::session::load::{Unchosen, in_order, lexical, load};
use crate::cli::session::loaded::Loaded;
use crate::cli::session::permissions::{PermissionCounts, permissions};
use crate::profile::{
    Diagnostic, DiagnosticCode, FileSpec, Profile, Severity, SinkValue, Source, Unset, distinct, stale_allows,
};
use crate::sink::root;
use crate::text::count;
use crate::world::World;

/// Find mistakes in profiles, offline
#[derive(Debug, Args)]
#[command(
    after_help = "Without -e, every environment is checked; for a pattern such as pr-*, an example is.\n\n\
    Example: cfmint check profiles/ --strict"
)]
pub(in crate::cli) struct CheckArgs {
    /// Exit with 3 when there is a warning
    #[arg(long)]
    strict: bool,
    /// Which profiles.
    #[command(flatten)]
    profiles: ProfileArgs,
}

impl RunCommand for CheckArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let mut loaded = load(&**context.world, &self.profiles, Unchosen::Every, Unset::Note);
        let permissions = permissions(&mut loaded);
        for (profile, permissions) in loaded.profiles.iter().zip(permissions) {
            if let Some(permissions) = permissions
                && !loaded.unsound.contains(&profile.source.path)
                && !loaded.same_named.contains(&profile.name.value)
            {
                say(context, profile, &permissions);
            }
        }
        for profile in &loaded.profiles {
            loaded.diagnostics.extend(lint(profile));
        }
        loaded.diagnostics = distinct(std::mem::take(&mut loaded.diagnostics));
        let shared = shared_variables(&**context.world, &loaded);
        loaded.diagnostics.extend(shared);
        let is_whole = self.profiles.choice.environments.is_empty() && !loaded.has_errors();
        if is_whole {
            let stale = stale(&loaded);
            loaded.diagnostics.extend(stale);
        }
        in_order(&mut loaded.diagnostics, &self.profiles.profiles);
        loaded.accept(context)?;
        let is_found = self.strict && context.report.has_warnings();
        Ok(if is_found { Outcome::Findings } else { Outcome::Reported })
    }
}

/// The comments that silence nothing in any environment.
fn stale(loaded: &Loaded) -> Vec<Diagnostic> {
    let sources: BTreeMap<&str, &Arc<Source>> =
        loaded.profiles.iter().map(|profile| (&*profile.source.path, &profile.source)).collect();
    sources.into_values().flat_map(|source| stale_allows(source, &loaded.diagnostics)).collect()
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
            let Some(FileSpec { path, variables, .. }) = sink.file() else { continue };
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
                        code: DiagnosticCode::SameVariable,
                        message: format!(
                            "`{}` in {} is written for {} and for {}: a run for both is refused",
                            name.value,
                            path.value.display(),
                            of(first),
                            of(profile)
                        ),
                        source: Arc::clone(&profile.source),
                        place: Some((path.span, String::new())),
                        also: None,
                        hint: "give each its own file: `env_file: .env.${environment}`".to_owned(),
                    });
                }
            }
        }
    }
    found
}

fn say(context: &mut Context<'_>, profile: &Profile, permissions: &PermissionCounts) {
    let arguments = ProfileArguments::of(profile);
    let counted = |number: usize| count(number, "permission");
    let (verb, action, permissions) = match permissions {
        PermissionCounts { granted, undecided: 0 } => ("Valid", RowAction::Valid, counted(*granted)),
        PermissionCounts { granted, undecided } => {
            let open = format!("{} that only Cloudflare's own list knows", counted(*undecided));
            ("Undecided", RowAction::Undecided, format!("{}, and {open}", counted(*granted)))
        }
    };
    context.done(verb, &format!("{}: {}, {permissions}", arguments.words(), profile.name.value));
    context.report.row(Row::of_profile(profile, action));
}
