//! What is wrong with the place of a secret, whoever names it: git, several values of one variable, a file that Wrangler
//! does not log in with.

use std::path::Path;

use crate::cli::failure::problem::Problem;
use crate::cli::output::checks::Check;
use crate::cli::session::open::unguarded;
use crate::doctor::CheckCode;
use crate::secret::Secret;
use crate::sink::{FixGitignore, Root, SecretFile, SinkError, guard};
use crate::world::World;

/// The one value of a variable: none, or several different ones, are told.
pub(super) fn one_secret(shown: &str, found: &[Secret], checks: &mut Vec<Check>) -> Option<Secret> {
    let last = found.last();
    if found.iter().any(|one| Some(one.expose()) != last.map(Secret::expose)) {
        checks.push(Check::failed(
            CheckCode::Place,
            format!("{shown} is defined {} times, with different values", found.len()),
            "leave one definition: some programs take the first and some the last",
        ));
    }
    last.cloned()
}

/// A file that Wrangler does not log in with.
pub(super) fn not_for_wrangler(path: &Path, shown: &str) -> Option<Check> {
    is_dev_vars(path).then(|| {
        Check::unknown(
            CheckCode::Place,
            format!("Wrangler does not log in with what stands in {shown}: it is the Worker's own"),
            "Wrangler reads CLOUDFLARE_API_TOKEN from the environment or from .env",
        )
    })
}

/// `.dev.vars` holds the local variables of a Worker, and `.dev.vars.ENV` those of one of its environments.
///
/// Source: <https://developers.cloudflare.com/workers/configuration/environment-variables/>
fn is_dev_vars(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name == ".dev.vars" || name.starts_with(".dev.vars.")
}

/// Who names an env file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NamedBy {
    /// A profile, as a sink.
    Profile,
    /// Whoever typed the command.
    Caller,
}

/// What git says of env files.
pub(super) fn guarded(world: &dyn World, root: &Root, files: &[&SecretFile], by: NamedBy) -> Vec<Check> {
    if files.is_empty() {
        return Vec::new();
    }
    match guard(world, root, files, FixGitignore::Refuse) {
        Ok(_) if root.work_tree => {
            let names: Vec<&str> = files.iter().map(|file| file.shown()).collect();
            vec![Check::ok(CheckCode::Git, format!("git ignores {}", names.join(", ")))]
        }
        Ok(_) => Vec::new(),
        Err(errors) => {
            let check = |error: &SinkError| {
                let mut check = Check::of_problem(CheckCode::Git, unguarded(error));
                if by == NamedBy::Caller {
                    // No command of a profile's can add the line.
                    check.hints.truncate(1);
                }
                check
            };
            errors.iter().map(check).collect()
        }
    }
}

pub(super) fn of_sink_error(error: &SinkError) -> Check {
    Check::of_problem(CheckCode::Sink, Problem::from(error))
}
