//! The keys of a sink that need one another, or exclude one another: what can be said without choosing an environment.

use super::codes::DiagnosticCode;
use super::decode::Field;
use super::diagnostic::{Span, Spanned};
use super::document_scalars::FormatWord;
use super::layer::{DocumentKeys, SinkKeys};
use super::problems::{Problems, quoted};
use super::scalar::Templated;
use super::sink_scalars::Argument;
use super::template::is_variable_name;
use super::text_or_map::TextOrMap;

/// A kind of sink: the key that makes it one, and what else such a sink has.
struct Kind {
    key: &'static str,
    /// What it is called, with its article.
    noun: &'static str,
    /// A key that it must have, what is said where it is missing, and what to write then.
    needs: (&'static str, &'static str, &'static str),
    /// Keys that it may have besides.
    takes: &'static [&'static str],
}

/// Every kind.
const KINDS: [Kind; 6] = [
    Kind {
        key: "env_file",
        noun: "an env file",
        needs: (
            "variables",
            "an env file has no `variables` to write",
            "variables: { CLOUDFLARE_API_TOKEN: token }",
        ),
        takes: &["mode"],
    },
    Kind {
        key: "json_file",
        noun: "a JSON file",
        needs: (
            "variables",
            "a JSON file has no `variables` to write",
            "variables: { cloudflare.token: token }",
        ),
        takes: &["mode"],
    },
    Kind {
        key: "github_env",
        noun: "a job of GitHub Actions",
        needs: (
            "variables",
            "`github_env` has no `variables` to set",
            "variables: { CLOUDFLARE_API_TOKEN: token }",
        ),
        takes: &[],
    },
    Kind {
        key: "vault",
        noun: "a secret in Vault",
        needs: (
            "variables",
            "`vault` has no `variables` to write",
            "variables: { token: token, account: account_id }",
        ),
        takes: &[],
    },
    Kind { key: "command", noun: "a command", needs: INPUT, takes: &["read"] },
    Kind { key: "create", noun: "a command", needs: INPUT, takes: &["update", "read"] },
];

const INPUT: (&str, &str, &str) = ("input", "a command has no `input` to read", "input: token");

/// What to write where it is not clear of which kind a sink is.
const HINT: &str = "write `env_file`, `json_file`, `vault` or `github_env` with `variables`, or `command: [gh, …]` with `input`";

/// What is said about a key that a kind of sink does not have, where there is more to say than that.
const FOREIGN: [(&str, &str, &str, &str); 4] = [
    ("env_file", "input", "an env file has no `input`; its `variables` say what it gets", HINT),
    (
        "env_file",
        "read",
        "an env file has no `read`: it is read as it stands",
        "leave `read` out, or write it beside a `command`",
    ),
    ("command", "variables", "a command has no `variables`; its `input` says what it gets", HINT),
    (
        "command",
        "mode",
        "a command has no `mode`: it writes no file of ours",
        "leave `mode` out, or write it beside an `env_file`",
    ),
];

/// Reports what sinks lack in themselves.
pub(super) fn sinks(sinks: &Field<Vec<SinkKeys>>, problems: &mut Problems) {
    for sink in sinks.get().into_iter().flatten() {
        Written::of(sink).check(problems);
        for program in [&sink.command, &sink.create, &sink.update, &sink.read] {
            if let Some(program) = program.get() {
                argv(&program.value, Some(program.span), problems);
            }
        }
        creation(sink, problems);
        if !sink.vault.is_absent() {
            let entries = sink.variables.get().into_iter().flat_map(|named| &named.entries);
            names(entries, "a secret in Vault", NO_DOTS, |name| !name.contains('.'), problems);
        }
        if !sink.github_env.is_absent() {
            let entries = sink.variables.get().into_iter().flat_map(|named| &named.entries);
            // Others cannot be set: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
            let takes = |name: &str| {
                let is_runners =
                    name.starts_with("GITHUB_") || name.starts_with("RUNNER_") || name == "NODE_OPTIONS";
                is_variable_name(name) && !is_runners
            };
            names(entries, "a job of GitHub Actions", NOT_OF_RUNNERS, takes, problems);
        }
        if !sink.env_file.is_absent() {
            let takes = |name: &str| is_variable_name(name);
            names(
                sink.variables.get().into_iter().flat_map(|named| &named.entries),
                "an env file",
                LETTERS,
                takes,
                problems,
            );
        }
        if let Some(TextOrMap::Map(document)) = sink.input.get() {
            self::document(document, problems);
        }
    }
}

/// The keys that a sink has, each with its place where that is known.
struct Written(Vec<(&'static str, Option<Span>)>);

impl Written {
    fn of(sink: &SinkKeys) -> Self {
        let variables =
            sink.variables.get().and_then(|named| named.entries.first()).map(|(name, _)| name.span);
        let input = sink.input.get().map(|input| match input {
            TextOrMap::Text(value) => value.span(),
            TextOrMap::Map(document) => document.span,
        });
        let is_empty = sink.variables.get().is_some_and(|named| named.entries.is_empty());
        // In the order in which one of them stands for the whole.
        let keys = [
            ("env_file", sink.env_file.is_absent(), sink.env_file.get().map(Templated::span)),
            ("json_file", sink.json_file.is_absent(), sink.json_file.get().map(Templated::span)),
            ("github_env", sink.github_env.is_absent(), sink.github_env.get().map(Templated::span)),
            ("vault", sink.vault.is_absent(), sink.vault.get().map(Templated::span)),
            ("command", sink.command.is_absent(), first_of(&sink.command)),
            ("create", sink.create.is_absent(), first_of(&sink.create)),
            ("update", sink.update.is_absent(), first_of(&sink.update)),
            ("variables", sink.variables.is_absent() || is_empty, variables),
            ("input", sink.input.is_absent(), input),
            ("mode", sink.mode.is_absent(), sink.mode.get().map(Templated::span)),
            ("read", sink.read.is_absent(), first_of(&sink.read)),
        ];
        let written = keys.into_iter().filter(|(_, is_absent, _)| !is_absent);
        Self(written.map(|(key, _, span)| (key, span)).collect())
    }

    fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(written, _)| *written == key)
    }

    /// A sink is of exactly one kind, and has what that kind needs and no more.
    fn check(&self, problems: &mut Problems) {
        let place = self.0.iter().find_map(|(_, span)| *span);
        let mut report = |own: Option<Span>, code, message: &str, hint: &str| {
            match own.or(place) {
                Some(span) => problems.error(code, span, message),
                None => problems.error_of_file(code, message),
            }
            .hint(hint);
        };
        // One of the two for a store that tells them apart stands for both.
        let is_of = |kind: &&Kind| self.has(kind.key) || (kind.key == "create" && self.has("update"));
        let kinds: Vec<&Kind> = KINDS.iter().filter(is_of).collect();
        let kind = match kinds.as_slice() {
            [kind] => kind,
            [] => {
                return report(
                    None,
                    DiagnosticCode::SinkKind,
                    "a sink does not say of which kind it is",
                    HINT,
                );
            }
            [one, other, ..] => {
                let key = |kind: &Kind| if self.has(kind.key) { kind.key } else { "update" };
                let message = format!("a sink is of one kind, not both `{}` and `{}`", key(one), key(other));
                return report(None, DiagnosticCode::SinkKind, &message, HINT);
            }
        };
        let (needed, message, hint) = kind.needs;
        if !self.has(needed) {
            report(None, DiagnosticCode::MissingKey, message, hint);
        }
        for (key, span) in &self.0 {
            if *key == kind.key || *key == needed || kind.takes.contains(key) {
                continue;
            }
            // The two programs in place of one make no other kind of sink.
            let like = if kind.key == "create" { "command" } else { kind.key };
            let known = FOREIGN.iter().find(|(of, foreign, ..)| *of == like && foreign == key);
            let said = known.map(|(_, _, message, hint)| ((*message).to_owned(), (*hint).to_owned()));
            let (message, hint) = said
                .unwrap_or_else(|| (format!("{} has no `{key}`", kind.noun), format!("leave `{key}` out")));
            report(*span, DiagnosticCode::SinkKind, &message, &hint);
        }
    }
}

/// Which of two programs is to run is told by a third.
fn creation(sink: &SinkKeys, problems: &mut Problems) {
    let (create, update) = (&sink.create, &sink.update);
    let Some(span) = first_of(create).or_else(|| first_of(update)).filter(|_| sink.command.is_absent())
    else {
        return;
    };
    for (key, program) in [("create", create), ("update", update)] {
        if program.is_absent() {
            let message = format!("a store that tells new values from others has no `{key}`");
            problems
                .error(DiagnosticCode::MissingKey, span, message)
                .hint(format!("write `{key}: [program, …]`, or `command` in place of both"));
        }
    }
    if sink.read.is_absent() {
        let message = "nobody can tell whether `create` or `update` is to run: there is no `read`";
        problems
            .error(DiagnosticCode::MissingKey, span, message)
            .hint("write `read: [program, …]`, which prints what the store holds and nothing where it holds nothing");
    }
}

/// A document has a format, values, and for Kubernetes a name.
fn document(document: &Spanned<DocumentKeys>, problems: &mut Problems) {
    let (keys, span) = (&document.value, document.span);
    if keys.format.is_absent() {
        problems
            .error(DiagnosticCode::MissingKey, span, "a document has no `format`")
            .hint("write `format: json`; or env, yaml, kubernetes, tfvars");
    }
    if keys.variables.is_absent() || keys.variables.get().is_some_and(|named| named.entries.is_empty()) {
        problems
            .error(DiagnosticCode::MissingKey, span, "a document has no `variables` to write")
            .hint("variables: { token: token, account: account_id }");
    }
    if let Some(Templated::Known(format)) = keys.format.get() {
        document_format(format.value, document, problems);
    }
}

/// What a document of this format must have, and what it cannot have.
pub(super) fn document_format(format: FormatWord, document: &Spanned<DocumentKeys>, problems: &mut Problems) {
    let keys = &document.value;
    let noun = match format {
        FormatWord::Env => "an env file",
        FormatWord::Tfvars => "a tfvars file",
        FormatWord::Json | FormatWord::Yaml | FormatWord::Kubernetes => "a document",
    };
    let entries = keys.variables.get().into_iter().flat_map(|named| &named.entries);
    names(entries, noun, LETTERS, |name| format.accepts(name), problems);
    if format == FormatWord::Kubernetes {
        if keys.name.is_absent() {
            problems
                .error(DiagnosticCode::MissingKey, document.span, "a Secret of Kubernetes has no `name`")
                .hint("write `name: cloudflare`");
        }
        return;
    }
    for (key, field) in [("name", &keys.name), ("namespace", &keys.namespace)] {
        if let Some(written) = field.get() {
            problems
                .error(
                    DiagnosticCode::SinkKind,
                    written.span(),
                    format!("only a Secret of Kubernetes has a `{key}`"),
                )
                .hint(format!("leave `{key}` out, or write `format: kubernetes`"));
        }
    }
}

const LETTERS: &str = "letters, digits and `_`, not beginning with a digit: `CLOUDFLARE_API_TOKEN`";
const NO_DOTS: &str = "a key of the store's has no dot: `cloudflare_token`";
const NOT_OF_RUNNERS: &str = "letters, digits and `_`, not beginning with a digit: `CLOUDFLARE_API_TOKEN`; `GITHUB_…`, \
    `RUNNER_…` and `NODE_OPTIONS` are the runner's own";

/// Reports names that their place cannot take, though another place could.
fn names<'a, T: 'a>(
    entries: impl IntoIterator<Item = &'a (Spanned<String>, T)>,
    noun: &str,
    hint: &str,
    takes: impl Fn(&str) -> bool,
    problems: &mut Problems,
) {
    for (name, _) in entries {
        if !takes(&name.value) {
            problems
                .error(
                    DiagnosticCode::BadName,
                    name.span,
                    format!("{} is not a name for a variable of {noun}", quoted(&name.value)),
                )
                .hint(hint);
        }
    }
}

fn first_of(argv: &Field<Spanned<Vec<Templated<Argument>>>>) -> Option<Span> {
    let argv = argv.get()?;
    Some(argv.value.first().map_or(argv.span, Templated::span))
}

/// A program has a name.
pub(super) fn argv(argv: &[Templated<Argument>], list: Option<Span>, problems: &mut Problems) {
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
