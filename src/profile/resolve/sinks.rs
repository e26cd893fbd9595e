//! Where the secret goes, and whether there is one value for what each sink receives.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::{Resolver, has_sinks};
use crate::profile::codes::DiagnosticCode;
use crate::profile::decode::Field;
use crate::profile::diagnostic::{Span, Spanned};
use crate::profile::document_scalars::FormatWord;
use crate::profile::layer::{DocumentKeys, Layer, SinkKeys};
use crate::profile::model::{Accounts, Resources, Zones};
use crate::profile::named_map::NamedMap;
use crate::profile::problems::quoted;
use crate::profile::scalar::Templated;
use crate::profile::sink::{CommandInput, DocumentFormat, FileSpec, SinkSpec, SinkValue, Writers};
use crate::profile::sink_scalars::Argument;
use crate::profile::sink_shape::document_format;
use crate::profile::text_or_map::TextOrMap;

impl Resolver<'_> {
    pub(super) fn sinks(&mut self, layer: &Layer, resources: Option<&Resources>) -> Vec<SinkSpec> {
        let mut sinks = Vec::new();
        let mut written: HashMap<(PathBuf, String), Span> = HashMap::new();
        for keys in layer.sinks.get().into_iter().flatten() {
            let Some(sink) = self.sink(keys, resources) else { continue };
            if let Some(FileSpec { path, variables, .. }) = sink.file() {
                for (name, _) in variables {
                    let place = (plain(&path.value), name.value.clone());
                    if let Some(first) = written.insert(place, name.span) {
                        self.problems
                            .error(
                                DiagnosticCode::DuplicateVariable,
                                name.span,
                                format!("{} is written twice into one file", quoted(&name.value)),
                            )
                            .label("again here")
                            .also(first, "first here")
                            .hint("keep one of the two");
                    }
                }
            }
            sinks.push(sink);
        }
        self.one_mode_for_each_file(&mut sinks);
        sinks
    }

    /// What one entry says about the mode of a file holds for the other entries of that file, which are silent.
    fn one_mode_for_each_file(&mut self, sinks: &mut [SinkSpec]) {
        let mut modes: HashMap<PathBuf, Spanned<u32>> = HashMap::new();
        for sink in &*sinks {
            let Some(FileSpec { path, mode: Some(mode), .. }) = sink.file() else { continue };
            let first = modes.entry(plain(&path.value)).or_insert_with(|| mode.clone());
            if first.value != mode.value {
                self.problems
                    .error(DiagnosticCode::Contradiction, mode.span, "a file cannot have two modes")
                    .label("another here")
                    .also(first.span, "one here")
                    .hint("keep one of the two");
            }
        }
        for sink in sinks {
            if let Some(file) = sink.file_mut() {
                file.mode = modes.get(&plain(&file.path.value)).cloned();
            }
        }
    }

    /// One sink; the keys that it must have were checked with the file.
    fn sink(&mut self, keys: &SinkKeys, resources: Option<&Resources>) -> Option<SinkSpec> {
        if let Some(writers) = self.writers(keys) {
            let input = self.input(keys.input.get()?, resources)?;
            let read = keys.read.get().map(|read| self.program(read));
            if let (CommandInput::Document { format: DocumentFormat::Tfvars, .. }, Some(read)) =
                (&input, &read)
            {
                self.problems
                    .error(
                        DiagnosticCode::SinkKind,
                        read.span,
                        "a document of the format tfvars is not read back",
                    )
                    .hint(
                        "leave `read` out, or write `format: json`, which Terraform reads too: *.tfvars.json",
                    );
            }
            return Some(SinkSpec::Command { writers, input, read });
        }
        if keys.github_env.get().is_some() {
            self.optional(&keys.github_env)?;
            return Some(SinkSpec::GithubEnv { variables: self.variables(&keys.variables, resources) });
        }
        if keys.vault.get().is_some() {
            let path = self.optional(&keys.vault)?.map(|path| path.0);
            return Some(SinkSpec::Vault { path, variables: self.variables(&keys.variables, resources) });
        }
        let is_json = !keys.json_file.is_absent();
        let path = self.optional(if is_json { &keys.json_file } else { &keys.env_file })?;
        let variables = self.variables(&keys.variables, resources);
        let mode = self.optional(&keys.mode).map(|mode| mode.map(|mode| mode.0));
        let file = FileSpec { path: path.map(|path| path.0), variables, mode };
        Some(if is_json { SinkSpec::JsonFile(file) } else { SinkSpec::EnvFile(file) })
    }

    /// The programs that take the secret, where it is programs.
    fn writers(&mut self, keys: &SinkKeys) -> Option<Writers> {
        if let Some(command) = keys.command.get() {
            return Some(Writers::One(self.program(command)));
        }
        let (create, update) = (self.program(keys.create.get()?), self.program(keys.update.get()?));
        Some(Writers::ByContent { create, update })
    }

    fn program(&mut self, argv: &Spanned<Vec<Templated<Argument>>>) -> Spanned<Vec<String>> {
        let span = argv.value.first().map_or(argv.span, Templated::span);
        Spanned::new(self.argv(&argv.value), span)
    }

    /// What a program reads.
    fn input(
        &mut self,
        input: &TextOrMap<Templated<SinkValue>, Spanned<DocumentKeys>>,
        resources: Option<&Resources>,
    ) -> Option<CommandInput> {
        let document = match input {
            TextOrMap::Text(value) => {
                let value = self.value(value)?;
                self.check_value(value.value, value.span, resources);
                return Some(CommandInput::Value(value.value));
            }
            TextOrMap::Map(document) => document,
        };
        let keys = &document.value;
        let word = self.optional(&keys.format)?;
        if let Some(Templated::Template(_)) = keys.format.get() {
            // One that was written as it stands was checked with the file.
            document_format(word.value, document, &mut self.problems);
        }
        let variables = self.variables(&keys.variables, resources);
        let variables = variables.into_iter().map(|(name, value)| (name.value, value)).collect();
        let (name, namespace) = (self.optional(&keys.name), self.optional(&keys.namespace));
        let format = match word.value {
            FormatWord::Json => DocumentFormat::Json,
            FormatWord::Env => DocumentFormat::Env,
            FormatWord::Yaml => DocumentFormat::Yaml,
            FormatWord::Tfvars => DocumentFormat::Tfvars,
            FormatWord::Kubernetes => DocumentFormat::Kubernetes {
                name: name?.value.0,
                namespace: namespace.map(|namespace| namespace.value.0),
            },
        };
        Some(CommandInput::Document { format, variables })
    }

    /// The names that a sink gives to values, with the values that can be known.
    fn variables<N>(
        &mut self,
        written: &Field<NamedMap<N, Templated<SinkValue>>>,
        resources: Option<&Resources>,
    ) -> Vec<(Spanned<String>, SinkValue)> {
        let mut variables = Vec::new();
        for (name, value) in written.get().into_iter().flat_map(|named| &named.entries) {
            let Some(value) = self.value(value) else { continue };
            self.check_value(value.value, value.span, resources);
            variables.push((name.clone(), value.value));
        }
        variables
    }

    /// Reports a value that there is none of, or more than one.
    fn check_value(&mut self, value: SinkValue, span: Span, resources: Option<&Resources>) {
        // Resources that are not known were reported already.
        let Some(resources) = resources else { return };
        let is_known = match value {
            SinkValue::AccountId => resources.account().is_some(),
            SinkValue::ZoneId => resources.zone().is_some(),
            SinkValue::R2Endpoint => resources.r2_endpoint().is_some(),
            _ => true,
        };
        if is_known {
            return;
        }
        let accounts = match &resources.accounts {
            Accounts::Named(named) => Some(named.len()),
            Accounts::All => None,
        };
        let (why, hint) = match value {
            SinkValue::ZoneId => match &resources.zones {
                Zones::Named(zones) if zones.is_empty() => {
                    ("the profile names no zone", "write `zones: [example.com]` under `resources:`")
                }
                Zones::Named(_) => {
                    ("the profile names several zones", "write the id itself there, or one zone")
                }
                Zones::OfAccounts | Zones::AllAccounts => {
                    ("the profile means every zone", "write `zones: [example.com]` under `resources:`")
                }
            },
            SinkValue::R2Endpoint if !resources.buckets.is_empty() => {
                ("the buckets have different endpoints", "name buckets of one account and one jurisdiction")
            }
            _ => match accounts {
                Some(0) => {
                    ("the profile names no account", "write `accounts: [Acme Production]` under `resources:`")
                }
                Some(_) => {
                    ("the profile names several accounts", "write the id itself there, or one account")
                }
                None => (
                    "the profile means every account",
                    "write `accounts: [Acme Production]` under `resources:`",
                ),
            },
        };
        self.problems
            .error(
                DiagnosticCode::AmbiguousValue,
                span,
                format!("`{}` needs exactly one, and {why}", value.word()),
            )
            .hint(hint);
    }

    /// A secret that goes nowhere is lost as soon as it is made.
    pub(super) fn lint_delivery(&mut self, layer: &Layer, sinks: &[SinkSpec]) {
        let is_delivered = sinks.iter().flat_map(SinkSpec::values).any(|(_, value)| value.is_secret());
        let is_certain = !layer.sinks.is_invalid() && self.is_whole && !self.problems.has_errors();
        if is_delivered || !is_certain {
            return;
        }
        let message = if has_sinks(layer) {
            "no sink receives the secret, which would be lost"
        } else {
            "the profile has no sinks, so its secret would be lost"
        };
        self.problems
            .warning_of_file(DiagnosticCode::UndeliveredSecret, message)
            .hint("write `sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]`");
    }
}

/// A path without its detours, so that two ways to write it are one.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
