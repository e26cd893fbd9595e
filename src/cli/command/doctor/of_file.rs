//! The secret of an env file that is named, whether or not a profile names it.

use std::path::Path;

use super::place::{NamedBy, guarded, not_for_wrangler, of_sink_error, one_secret};
use super::subject::{Found, OTHER_NAMES, Subject};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::cli::output::checks::Check;
use crate::cli::session::context::Context;
use crate::doctor::CheckCode;
use crate::sink::{ContentProblem, Document, LONGEST_FILE, Root, SecretFile, SinkError};

/// The secret of a file that is named. The file is only read: whether cfmint could write it is no matter.
pub(super) fn of_file(
    context: &Context<'_>,
    root: &Root,
    path: &Path,
    variable: &str,
) -> Result<Found, Failure> {
    let world = &**context.world;
    let full = world.folder().join(path);
    let bytes = world.read(&full, LONGEST_FILE).map(zeroize::Zeroizing::new);
    let shown = path.display().to_string();
    let bytes = bytes.map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => {
            let hint = "name the env file that holds the token; relative paths start from the current folder";
            Failure::from(Problem::new(Code::UsageDoctor, format!("there is no file {shown}"), hint))
        }
        _ => Failure::from(vec![SinkError::Refused { doing: "read", path: full.clone(), source }]),
    })?;
    let unreadable = |problem| {
        let problem = ContentProblem::EnvFile(problem);
        Failure::from(vec![SinkError::Unreadable { shown: shown.clone(), problem }])
    };
    let document = Document::parse(&bytes).map_err(unreadable)?;
    let mut checks = match SecretFile::locate(world, root, &full) {
        Ok(file) => guarded(world, root, &[&file], NamedBy::Caller),
        Err(error) => vec![of_sink_error(&error)],
    };
    let place = format!("{variable} in {shown}");
    let found = document.values(variable).map_err(unreadable)?;
    let secret = one_secret(&place, &found, &mut checks);
    if secret.is_none() {
        let other = OTHER_NAMES.iter().find(|name| document.value(name).is_some());
        let hint = match other {
            Some(name) => {
                format!("{name} is there: --variable {name}, or give it the name that programs look for")
            }
            None => "name the variable that holds the token: --variable NAME".to_owned(),
        };
        checks.push(Check::failed(CheckCode::Place, format!("{shown} has no {variable}"), hint));
    }
    if secret.is_some() {
        checks.extend(not_for_wrangler(path, &shown));
    }
    let beside = |name: &str| {
        let value = document.value(name)?;
        Some((format!("{name} in {shown}"), value.expose().trim().to_owned()))
    };
    Ok(Found { subject: Subject::beside(place.clone(), secret, beside), checks })
}
