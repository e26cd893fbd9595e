//! Which layers the options mean, and what they come to when laid over one another.

use crate::profile::codes::DiagnosticCode;
use crate::profile::decode::Merge;
use crate::profile::environment::{closeness, environment_name_is_valid, is_pattern, matches_pattern};
use crate::profile::file::{ProfileFile, ResolveOptions};
use crate::profile::layer::{EnvironmentLayer, Feature, Layer};
use crate::profile::problems::{Problems, listed, nearest, quoted};
use crate::profile::shape::feature_hint;

/// The layers that the options choose, laid over one another: the base, the features in use, the environment.
pub(super) struct Stack<'a> {
    /// What they come to.
    pub(super) layer: Layer,
    /// The features that are off.
    pub(super) off: Vec<&'a Feature>,
}

/// Lays the layers that the options choose over one another; `None` if the environment is not there.
pub(super) fn stack<'a>(
    file: &'a ProfileFile,
    options: &ResolveOptions<'_>,
    problems: &mut Problems,
) -> Option<Stack<'a>> {
    let environment = match options.environment {
        None => None,
        Some(name) => Some(find(file, name, problems)?),
    };
    Some(lay(file, environment, options.features, problems))
}

/// Lays the layers of an environment over one another.
fn lay<'a>(
    file: &'a ProfileFile,
    environment: Option<&'a EnvironmentLayer>,
    features: &[String],
    problems: &mut Problems,
) -> Stack<'a> {
    let mut in_use: Vec<&str> = Vec::new();
    let turned_on = environment.and_then(|environment| environment.own.r#use.get());
    // The environment's own list was checked with the file.
    in_use.extend(turned_on.into_iter().flatten().map(|name| name.0.value.as_str()));
    for name in features {
        if file.feature(name).is_none() && !file.keys.features.is_invalid() {
            problems
                .error_of_file(
                    DiagnosticCode::UnknownFeature,
                    format!("{} is not a feature of this profile", quoted(name)),
                )
                .hint(feature_hint(name, &file.features()));
        }
        if !in_use.contains(&name.as_str()) {
            in_use.push(name);
        }
    }
    let mut layer = file.base.clone();
    for feature in in_use.iter().filter_map(|name| file.feature(name)) {
        layer = Layer::from(feature.clone()).over(layer);
    }
    if let Some(environment) = environment {
        layer = environment.layer.clone().over(layer);
    }
    let features = file.keys.features.get().into_iter().flat_map(|named| &named.entries);
    let off = features.filter(|(name, _)| !in_use.contains(&name.value.as_str()));
    Stack { layer, off: off.map(|(_, feature)| feature).collect() }
}

/// Each pattern among the environments, with the layers of the environments it stands for.
pub(super) fn stacks_of_patterns<'a>(
    file: &'a ProfileFile,
    options: &ResolveOptions<'_>,
) -> Vec<(&'a str, Stack<'a>)> {
    let entries = file.keys.environments.get().map(|named| named.entries.as_slice()).unwrap_or_default();
    let patterns = entries.iter().filter(|(key, _)| is_pattern(&key.value));
    // What is wrong with a layer is said where an environment is resolved.
    let mut problems = file.problems.clone();
    patterns
        .map(|(key, environment)| {
            (key.value.as_str(), lay(file, Some(environment), options.features, &mut problems))
        })
        .collect()
}

/// A name of a pattern's shape, for an example.
fn name_of(pattern: &str) -> String {
    pattern.replace('*', "12").escape_debug().to_string()
}

/// The layer of an environment: the one of its exact name, else the pattern that says most about it; of two
/// that say as much, the first.
fn find<'a>(file: &'a ProfileFile, name: &str, problems: &mut Problems) -> Option<&'a EnvironmentLayer> {
    if !environment_name_is_valid(name) {
        let hint = if is_pattern(name) {
            format!("name one environment of that shape, such as `-e {}`", name_of(name))
        } else {
            "a name has 1 to 63 letters, digits, `.`, `_` and `-`, without `..`".to_owned()
        };
        problems
            .error_of_file(
                DiagnosticCode::UnknownEnvironment,
                format!("{} cannot name an environment", quoted(name)),
            )
            .hint(hint);
        return None;
    }
    let entries = file.keys.environments.get().map(|named| named.entries.as_slice()).unwrap_or_default();
    let exact = entries.iter().find(|(key, _)| key.value == name);
    let shaped = || {
        let patterns = entries.iter().rev().filter(|(key, _)| is_pattern(&key.value));
        patterns
            .filter(|(key, _)| matches_pattern(&key.value, name))
            .max_by_key(|(key, _)| closeness(&key.value))
    };
    if let Some((_, environment)) = exact.or_else(shaped) {
        return Some(environment);
    }
    if file.keys.environments.is_invalid() {
        return None;
    }
    let known: Vec<&str> = entries.iter().map(|(key, _)| key.value.as_str()).collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) if is_pattern(near) => {
            format!("`{near}` stands for names such as `{}`", name_of(near))
        }
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => {
            format!("the profile has no `environments`; write `environments: {{ {name}: {{}} }}`")
        }
        None => format!("its environments: {}", listed(known.iter().copied())),
    };
    problems
        .error_of_file(
            DiagnosticCode::UnknownEnvironment,
            format!("{} is not an environment of this profile", quoted(name)),
        )
        .hint(hint);
    None
}
