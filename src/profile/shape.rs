//! Keys that need one another: what can be said about every layer without choosing an environment.

use super::codes::DiagnosticCode;
use super::decode::Field;
use super::diagnostic::{Span, Spanned};
use super::layer::{
    BucketChoice, EnvironmentLayer, File, GrantKeys, HookLists, OwnerChoice, ResourceLists, SinkKeys,
};
use super::named_map::NamedMap;
use super::problems::{Problems, listed, nearest, quoted};
use super::scalar::Templated;
use super::sink_scalars::Argument;

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

fn sinks(sinks: &Field<Vec<SinkKeys>>, problems: &mut Problems) {
    for sink in sinks.get().into_iter().flatten() {
        sink_kind(sink, problems);
        if let Some(argv) = sink.command.get() {
            self::argv(&argv.value, Some(argv.span), problems);
        }
        if let Some(argv) = sink.read.get() {
            self::argv(&argv.value, Some(argv.span), problems);
        }
    }
}

/// A sink is of exactly one kind, and has what that kind needs and no more.
fn sink_kind(sink: &SinkKeys, problems: &mut Problems) {
    const HINT: &str = "write one of `env_file: .env` with `variables`, and `command: [gh, …]` with `input`";
    let file = sink.env_file.get().map(Templated::span);
    let variables = sink.variables.get().and_then(|named| named.entries.first()).map(|(name, _)| name.span);
    let mode = sink.mode.get().map(Templated::span);
    let command = first_of(&sink.command);
    let input = sink.input.get().map(Templated::span);
    let read = first_of(&sink.read);
    let place = file.or(command).or(variables).or(input).or(mode).or(read);
    let mut report = |own: Option<Span>, code, message: &str, hint: &str| {
        match own.or(place) {
            Some(span) => problems.error(code, span, message),
            None => problems.error_of_file(code, message),
        }
        .hint(hint);
    };
    match (!sink.env_file.is_absent(), !sink.command.is_absent()) {
        (true, true) => {
            report(None, DiagnosticCode::SinkKind, "a sink is an env file or a command, not both", HINT);
        }
        (false, false) => {
            report(None, DiagnosticCode::SinkKind, "a sink is neither an env file nor a command", HINT);
        }
        (true, false) => {
            let is_empty = sink.variables.get().is_some_and(|named| named.entries.is_empty());
            if sink.variables.is_absent() || is_empty {
                let hint = "variables: { CLOUDFLARE_API_TOKEN: token }";
                report(None, DiagnosticCode::MissingKey, "an env file has no `variables` to write", hint);
            }
            if !sink.input.is_absent() {
                let message = "an env file has no `input`; its `variables` say what it gets";
                report(input, DiagnosticCode::SinkKind, message, HINT);
            }
            if !sink.read.is_absent() {
                let message = "an env file has no `read`: it is read as it stands";
                report(
                    read,
                    DiagnosticCode::SinkKind,
                    message,
                    "leave `read` out, or write it beside a `command`",
                );
            }
        }
        (false, true) => {
            if sink.input.is_absent() {
                report(None, DiagnosticCode::MissingKey, "a command has no `input` to read", "input: token");
            }
            if !sink.variables.is_absent() {
                let message = "a command has no `variables`; its `input` says what it gets";
                report(variables, DiagnosticCode::SinkKind, message, HINT);
            }
            if !sink.mode.is_absent() {
                let message = "a command has no `mode`: it writes no file of ours";
                report(
                    mode,
                    DiagnosticCode::SinkKind,
                    message,
                    "leave `mode` out, or write it beside an `env_file`",
                );
            }
        }
    }
}

fn first_of(argv: &Field<Spanned<Vec<Templated<Argument>>>>) -> Option<Span> {
    let argv = argv.get()?;
    Some(argv.value.first().map_or(argv.span, Templated::span))
}

fn hooks(hooks: &Field<HookLists>, problems: &mut Problems) {
    let Some(hooks) = hooks.get() else { return };
    for programs in [hooks.delivered.get(), hooks.retired.get()].into_iter().flatten() {
        for program in &programs.0 {
            argv(program, None, problems);
        }
    }
}

/// A program has a name.
fn argv(argv: &[Templated<Argument>], list: Option<Span>, problems: &mut Problems) {
    let span = match argv.first() {
        None => list,
        Some(Templated::Known(program)) if program.value.0.trim().is_empty() => Some(program.span),
        Some(_) => return,
    };
    let message = "a program to run has no name";
    let diagnostic = match span {
        Some(span) => problems.error(DiagnosticCode::BadCommand, span, message),
        None => problems.error_of_file(DiagnosticCode::BadCommand, message),
    };
    diagnostic.hint("write the program and its arguments: `[./restart.sh, --now]`");
}
