//! The layers of a file × options -> one valid profile, or every reason why there is none.

mod address_set;
mod addresses;
mod features;
mod layers;
mod permissions;
mod reach;
mod resources;
mod rights;
mod sinks;
mod times;

use std::sync::Arc;

use super::codes::DiagnosticCode;
use super::decode::Field;
use super::diagnostic::{Span, Spanned};
use super::file::{ProfileFile, ResolveOptions, Resolved, Shape, Unset};
use super::layer::{HookLists, Layer, OwnerChoice};
use super::model::{Hooks, Owner, Permission, Profile};
use super::problems::{Problems, listed, quoted};
use super::programs::Programs;
use super::scalar::{Scalar, Templated};
use super::scalars::TokenName;
use super::sink_scalars::Argument;
use super::template::{Filled, Template};

/// Resolves a file with these options.
pub(super) fn resolve(file: &ProfileFile, options: &ResolveOptions<'_>) -> Resolved {
    let problems = file.problems.clone();
    let mut resolver = Resolver { file, options, problems, is_whole: true, permissions: Vec::new() };
    let profile = layers::stack(file, options, &mut resolver.problems).map(|stack| resolver.profile(&stack));
    let is_refused = resolver.problems.has_errors() || !resolver.is_whole;
    Resolved {
        profile: profile.flatten().filter(|_| !is_refused),
        permissions: resolver.permissions,
        diagnostics: resolver.problems.into_list(),
    }
}

/// What is wrong with features that none of these environments turns on.
pub(super) fn unused_features(
    file: &ProfileFile,
    environments: &[Option<String>],
    options: &ResolveOptions<'_>,
) -> Vec<Resolved> {
    features::check(file, environments, options)
}

/// The names that tokens of each pattern's environments have, with the pattern in place of the environment. A name
/// that cannot be known is left out.
pub(super) fn shapes(file: &ProfileFile, options: &ResolveOptions<'_>) -> Vec<Shape> {
    let shape = |(pattern, stack): (&str, layers::Stack<'_>)| {
        let lookup = |name: &str| match name {
            "environment" => Some(pattern.to_owned()),
            other => (options.variables)(other),
        };
        let name = match stack.layer.name.get()? {
            Templated::Known(known) => known.value.0.clone(),
            Templated::Template(template) => match template.value.fill(&lookup) {
                Filled::Whole(name) => name,
                Filled::Unset(_) => return None,
            },
        };
        let (source, example) = (Arc::clone(file.source()), file.example(pattern));
        Some(Shape { source, environment: pattern.to_owned(), example, name })
    };
    layers::stacks_of_patterns(file, options).into_iter().filter_map(shape).collect()
}

/// A file while it is resolved.
struct Resolver<'a> {
    file: &'a ProfileFile,
    options: &'a ResolveOptions<'a>,
    problems: Problems,
    /// Whether every value was known so far.
    is_whole: bool,
    /// The permissions asked for, known even where the rest of the profile is not.
    permissions: Vec<Permission>,
}

impl Resolver<'_> {
    fn profile(&mut self, stack: &layers::Stack<'_>) -> Option<Profile> {
        let layer = &stack.layer;
        let name = self.required(&layer.name, "name", "write `name: myapp-deploy-${environment}`");
        self.lint_name(&layer.name);
        let description = self.optional(&layer.description);
        let owner = self.owner(&layer.owner);
        let rights::AllRights { permissions, resources, rights } =
            self.all_rights(layer, stack, owner.as_ref());
        self.permissions = permissions;
        let ip = self.ip(&layer.ip);
        let ttl = self.ttl(&layer.ttl);
        let not_before = self.not_before(&layer.not_before, ttl.as_ref());
        let rotation = self.rotation(&layer.rotation, ttl.as_ref());
        let hooks = self.hooks(&layer.hooks);
        let sinks = self.sinks(layer, resources.as_ref());
        self.lint_delivery(layer, &sinks);
        let (rights, grants) = rights?;
        Some(Profile {
            source: Arc::clone(self.file.source()),
            environment: self.options.environment.map(str::to_owned),
            name: name?.map(|name| name.0),
            description: description.map(|sentence| sentence.value.0),
            owner: owner?,
            user_written: match layer.owner.get() {
                Some(OwnerChoice::User(span)) => Some(*span),
                Some(OwnerChoice::Account(_)) | None => None,
            },
            rights,
            grants,
            ip,
            ttl: ttl?,
            not_before,
            rotation,
            hooks,
            sinks,
        })
    }

    /// A name without a variable is one name for the tokens of every environment of a pattern, and of those that are
    /// added later. Environments that are named and share one are told apart when they are loaded together.
    fn lint_name(&mut self, name: &Field<Templated<TokenName>>) {
        let Some(environment) = self.options.environment else { return };
        let named = self.file.environments();
        let is_of_many = !named.contains(&environment);
        if let Some(Templated::Known(name)) = name.get()
            && (is_of_many || (named.len() == 1 && !name.value.0.contains(environment)))
        {
            self.problems
                .warning(
                    DiagnosticCode::NameWithoutEnvironment,
                    name.span,
                    "every environment's token would have this name, so each would take the place of the others",
                )
                .hint(format!("write `name: {}-${{environment}}`", name.value.0));
        }
    }

    fn owner(&mut self, owner: &Field<OwnerChoice>) -> Option<Owner> {
        match owner.get() {
            Some(OwnerChoice::Account(keys)) => {
                let account = self.optional(&keys.account)?;
                Some(Owner::Account(account.map(|name| name.0)))
            }
            Some(OwnerChoice::User(_)) => Some(Owner::User),
            None => owner.is_absent().then_some(Owner::User),
        }
    }

    fn hooks(&mut self, hooks: &Field<HookLists>) -> Hooks {
        let Some(lists) = hooks.get() else { return Hooks::default() };
        let mut read = |programs: &Field<Programs>| {
            programs.get().into_iter().flat_map(|programs| &programs.0).map(|argv| self.argv(argv)).collect()
        };
        Hooks { delivered: read(&lists.delivered), retired: read(&lists.retired) }
    }

    /// A program and its arguments; a program that variables leave without a name is a problem.
    fn argv(&mut self, written: &[Templated<Argument>]) -> Vec<String> {
        let argv = self.values(written);
        if let (Some(Templated::Template(template)), Some(program)) = (written.first(), argv.first())
            && program.span == template.span
            && program.value.0.trim().is_empty()
        {
            self.problems
                .error(DiagnosticCode::BadCommand, program.span, "a program to run has no name")
                .label("after its variables were filled in")
                .hint("set the variable, or write the program");
        }
        argv.into_iter().map(|argument| argument.value.0).collect()
    }

    /// A value that must be there.
    fn required<W: Scalar>(
        &mut self,
        slot: &Field<Templated<W>>,
        key: &str,
        hint: &str,
    ) -> Option<Spanned<W>> {
        if slot.is_absent() {
            self.problems
                .error_of_file(DiagnosticCode::MissingKey, format!("the profile has no `{key}`"))
                .hint(hint);
        }
        self.optional(slot)
    }

    /// A value that may be there.
    fn optional<W: Scalar>(&mut self, slot: &Field<Templated<W>>) -> Option<Spanned<W>> {
        slot.get().and_then(|written| self.value(written))
    }

    /// The values that can be known.
    fn values<'w, W: Scalar + 'w>(
        &mut self,
        written: impl IntoIterator<Item = &'w Templated<W>>,
    ) -> Vec<Spanned<W>> {
        written.into_iter().filter_map(|written| self.value(written)).collect()
    }

    /// The value of a text, its variables filled in. `None` if it cannot be known, which is then noted.
    fn value<W: Scalar>(&mut self, written: &Templated<W>) -> Option<Spanned<W>> {
        let template = match written {
            Templated::Known(known) => return Some(known.clone()),
            Templated::Template(template) => template,
        };
        let options = self.options;
        let lookup = |name: &str| match name {
            "environment" => options.environment.map(str::to_owned),
            other => (options.variables)(other),
        };
        let value = match template.value.fill(&lookup) {
            Filled::Whole(text) => Templated::read_filled(template, &text, &mut self.problems),
            Filled::Unset(names) => {
                for name in names {
                    self.unset(template, &name);
                }
                let placeholder = W::placeholder(&template.value.written);
                placeholder.map(|meaning| Spanned::new(meaning, template.span))
            }
        };
        self.is_whole &= value.is_some();
        value
    }

    fn unset(&mut self, template: &Spanned<Template>, name: &str) {
        let span = self.variable_span(template.span, name);
        let hint = match (name, self.file.environments().as_slice()) {
            ("environment", []) => "write `${environment:-dev}` for a default".to_owned(),
            ("environment", known) => format!("choose one with `-e`: {}", listed(known.iter().copied())),
            _ => {
                format!("set it with `--set {name}=…` or in the environment, or write `${{{name}:-default}}`")
            }
        };
        let message = match name {
            "environment" => "`${environment}` has no value, for no environment is chosen".to_owned(),
            _ => format!("the variable {} has no value", quoted(name)),
        };
        match self.options.unset {
            Unset::Error => self.problems.error(DiagnosticCode::UnsetVariable, span, message),
            Unset::Note => self.problems.note(DiagnosticCode::UnsetVariable, span, message),
        }
        .hint(hint);
    }

    /// Where a variable stands within its text, or else the text.
    fn variable_span(&self, text: Span, name: &str) -> Span {
        let written = self.file.source().text.get(text.start..text.end).unwrap_or_default();
        let opening = format!("${{{name}");
        let Some(at) = written.find(&opening) else { return text };
        let rest = written.get(at..).unwrap_or_default();
        let length = rest.find('}').map_or(opening.len(), |brace| brace + 1);
        Span { start: text.start + at, end: text.start + at + length }
    }
}

/// Whether the layer says anything at all about sinks.
fn has_sinks(layer: &Layer) -> bool {
    !layer.sinks.is_absent()
}
