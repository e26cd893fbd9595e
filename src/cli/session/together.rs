//! Several profiles in one run: what is wrong with them only together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::loaded::Loaded;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::ProfileArguments;
use crate::cli::failure::problem::Problem;
use crate::cli::options::ChoiceArgs;
use crate::profile::{Diagnostic, DiagnosticCode, Profile, Severity, listed, nearest};
use crate::text::one_line;
use crate::world::World;

/// Leaving every profile out is no answer: the environment is a slip, or a choice is missing.
pub(super) fn nobody_has(choice: &ChoiceArgs, loaded: &mut Loaded) {
    let is_found =
        |name: &String| loaded.profiles.iter().any(|profile| profile.environment.as_ref() == Some(name));
    // What cannot be read may have anything.
    if loaded.has_errors() {
        return;
    }
    let slips: Vec<&String> = choice.environments.iter().filter(|name| !is_found(name)).collect();
    let problems: Vec<Problem> = if choice.environments.is_empty() && loaded.profiles.is_empty() {
        let left_out = loaded.left_out.drain(..).map(|left| {
            let message = format!("nothing is left to do: {}: {}", left.path, left.why);
            Problem::new(Code::UsageEnvironment, message, "choose one: -e ENV").in_file(left.path)
        });
        left_out.collect()
    } else {
        let problem = |name: &&String| {
            let known = || loaded.environments.iter().map(String::as_str);
            let hint = match nearest(name, known()) {
                Some(near) => format!("did you mean `-e {near}`?"),
                None if known().next().is_none() => "none of them names an environment".to_owned(),
                None => format!("they name {}", listed(known())),
            };
            let message = format!("no profile given has the environment `{name}`");
            Problem::new(Code::UsageEnvironment, message, hint)
        };
        slips.iter().map(problem).collect()
    };
    loaded.problems.extend(problems);
}

/// A feature that none of several profiles has is a slip; of a profile alone its reader says so.
pub(super) fn no_such_feature(choice: &ChoiceArgs, loaded: &mut Loaded) {
    // What cannot be read may have anything.
    if loaded.has_errors() {
        return;
    }
    let known = || loaded.features.iter().map(String::as_str);
    let missing = choice.features.iter().filter(|name| !loaded.features.contains(*name));
    let problem = |name: &String| {
        let hint = match nearest(name, known()) {
            Some(near) => format!("did you mean `--feature {near}`?"),
            None if known().next().is_none() => "none of them has `features`".to_owned(),
            None => format!("their features: {}", listed(known())),
        };
        let code = Code::Diagnostic(DiagnosticCode::UnknownFeature);
        Problem::new(code, format!("no profile given has the feature `{}`", one_line(name)), hint)
    };
    let problems: Vec<Problem> = missing.map(problem).collect();
    loaded.problems.extend(problems);
}

/// What `--set` says and nothing asks for is a slip, and what it would have changed stays as it was: a token for the
/// wrong account, with a default.
pub(super) fn set_in_vain(choice: &ChoiceArgs, loaded: &mut Loaded) {
    let mut seen = BTreeSet::new();
    for (key, _) in &choice.variables {
        let problem = if key == "environment" {
            Problem::new(Code::UsageSet, "the environment is not set as a variable", "choose it: -e ENV")
        } else if !seen.insert(key) {
            Problem::new(
                Code::UsageSet,
                format!("`--set {key}=…` is given twice"),
                "give one value for each name",
            )
        } else {
            // What cannot be read may refer to anything.
            let Some(known) = loaded.variables.as_ref().filter(|known| !known.contains(key)) else {
                continue;
            };
            if loaded.elsewhere.contains(key) {
                loaded.problems.push(Problem::new(
                    Code::UsageSet,
                    format!("`--set {key}=…` changes nothing: no environment or feature in use refers to it"),
                    "leave it out, or choose the environment or the feature that refers to it",
                ));
                continue;
            }
            let names = || known.iter().map(String::as_str).filter(|name| *name != "environment");
            let hint = match nearest(key, names()) {
                Some(near) => format!("did you mean `--set {near}=…`?"),
                None if names().next().is_none() => {
                    "none of them refers to any variable: leave it out".to_owned()
                }
                None => format!("they refer to {}", listed(names())),
            };
            Problem::new(Code::UsageSet, format!("no profile given refers to `${{{key}}}`"), hint)
        };
        if !loaded.problems.contains(&problem) {
            loaded.problems.push(problem);
        }
    }
}

/// Two profiles of one run with one name would take each other's tokens for their own.
pub(super) fn same_names(world: &dyn World, loaded: &mut Loaded) {
    // One file may be given by two paths.
    let real = |profile: &Profile| world.real_path(&world.folder().join(&profile.source.path)).ok();
    let mut seen: BTreeMap<&str, &Profile> = BTreeMap::new();
    let mut found = Vec::new();
    let mut names = BTreeSet::new();
    for profile in &loaded.profiles {
        let Some(first) = seen.insert(&profile.name.value, profile) else { continue };
        names.insert(profile.name.value.clone());
        let arguments = |profile: &Profile| ProfileArguments::of(profile).words();
        let (name, first_arguments) = (&profile.name.value, arguments(first));
        let is_one_file = first.source.path == profile.source.path || real(first) == real(profile);
        let (message, hint) = if is_one_file && first.environment == profile.environment {
            let (mut message, now) = (format!("{first_arguments} is given twice"), arguments(profile));
            if now != first_arguments {
                message = format!("{message}, the second time as {now}");
            }
            (message, "name it once".to_owned())
        } else {
            let message = format!("`{name}` is also the name of the token of {first_arguments}");
            let hint = if is_one_file {
                format!("put the environment into it: `name: {name}-${{environment}}`")
            } else {
                "give the two profiles different names".to_owned()
            };
            (message, hint)
        };
        found.push(Diagnostic {
            severity: Severity::Error,
            code: DiagnosticCode::SameName,
            message,
            source: Arc::clone(&profile.source),
            place: Some((profile.name.span, String::new())),
            also: None,
            hint,
        });
    }
    loaded.diagnostics.extend(found);
    loaded.same_named = names;
}
