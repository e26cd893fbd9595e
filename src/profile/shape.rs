//! Keys that need one another: what can be said about every layer without choosing an environment.

use super::codes::DiagnosticCode;
use super::decode::Field;
use super::diagnostic::{Span, Spanned};
use super::layer::{BucketChoice, EnvironmentLayer, File, GrantKeys, HookLists, OwnerChoice, ResourceLists};
use super::named_map::NamedMap;
use super::problems::{Problems, listed, nearest, quoted};
use super::scalar::Templated;
use super::sink_shape::{argv, sinks};

/// Reports what every layer of a file lacks in itself.
pub(super) fn check(file: &File, problems: &mut Problems) {
    if file.own.version.is_absent() {
        problems
            .error_of_file(
                DiagnosticCode::MissingKey,
                "the profile does not say which version of the format it has",
            )
            .hint("write `version: 1`");
    }
    let layer = &file.layer;
    owner(&layer.owner, problems);
    resources(&layer.resources, problems);
    grants(&layer.grants, problems);
    sinks(&layer.sinks, problems);
    hooks(&layer.hooks, problems);
    for (_, feature) in file.own.features.get().into_iter().flat_map(|named| &named.entries) {
        resources(&feature.resources, problems);
        grants(&feature.grants, problems);
        sinks(&feature.sinks, problems);
    }
    for (_, environment) in file.own.environments.get().into_iter().flat_map(|named| &named.entries) {
        let layer = &environment.layer;
        features_in_use(environment, file, problems);
        owner(&layer.owner, problems);
        resources(&layer.resources, problems);
        grants(&layer.grants, problems);
        sinks(&layer.sinks, problems);
        hooks(&layer.hooks, problems);
    }
}

fn features_in_use(environment: &EnvironmentLayer, file: &File, problems: &mut Problems) {
    if file.own.features.is_invalid() {
        return;
    }
    let known: Vec<&str> = file.own.features.get().into_iter().flat_map(NamedMap::names).collect();
    for name in environment.own.r#use.get().into_iter().flatten() {
        if known.contains(&name.0.value.as_str()) {
            continue;
        }
        let message = format!("{} is not a feature of this profile", quoted(&name.0.value));
        problems
            .error(DiagnosticCode::UnknownFeature, name.0.span, message)
            .hint(feature_hint(&name.0.value, &known));
    }
}

/// What to write for a feature that is not there.
pub(super) fn feature_hint(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "the profile has no `features`".to_owned(),
        None => format!("its features: {}", listed(known.iter().copied())),
    }
}

fn owner(owner: &Field<OwnerChoice>, problems: &mut Problems) {
    if let Some(OwnerChoice::Account(keys)) = owner.get()
        && keys.account.is_absent()
    {
        problems
            .error_of_file(DiagnosticCode::MissingKey, "`owner` is a map without `account`")
            .hint("write `owner: { account: Acme Production }`");
    }
}

fn grants(grants: &Field<Vec<Spanned<GrantKeys>>>, problems: &mut Problems) {
    for grant in grants.get().into_iter().flatten() {
        resources(&grant.value.resources, problems);
    }
}

fn resources(resources: &Field<ResourceLists>, problems: &mut Problems) {
    let Some(lists) = resources.get() else { return };
    let mut nameless = |span: Option<Span>, message: &str, hint: &str| {
        match span {
            Some(span) => problems.error(DiagnosticCode::MissingKey, span, message),
            None => problems.error_of_file(DiagnosticCode::MissingKey, message),
        }
        .hint(hint);
    };
    if let Some(BucketChoice::Named(buckets)) = lists.buckets.get() {
        for bucket in buckets.iter().filter(|bucket| bucket.name.is_absent()) {
            let jurisdiction = bucket.jurisdiction.get().map(Templated::span);
            let span = bucket.account.get().map(Templated::span).or(jurisdiction);
            nameless(span, "a bucket has no `name`", "write `name: assets`");
        }
    }
    for worker in lists.workers.get().into_iter().flatten().filter(|worker| worker.name.is_absent()) {
        nameless(worker.account.get().map(Templated::span), "a Worker has no `name`", "write `name: api`");
    }
}

fn hooks(hooks: &Field<HookLists>, problems: &mut Problems) {
    let Some(hooks) = hooks.get() else { return };
    for programs in [hooks.delivered.get(), hooks.retired.get()].into_iter().flatten() {
        for program in &programs.0 {
            argv(program, None, problems);
        }
    }
}
