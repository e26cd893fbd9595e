//! One profile file: its layers, and what is wrong with it whatever environment is chosen.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::allow;
use super::codes::DiagnosticCode;
use super::decode::{Decode, Field};
use super::diagnostic::{Diagnostic, Severity, Source, Span};
use super::environment::{is_pattern, matches_pattern};
use super::keys::{Keys as _, With};
use super::layer::{self, Feature, FileKeys, Layer};
use super::model::{Permission, Profile};
use super::named_map::NamedMap;
use super::problems::{Problems, nearest};
use super::resolve;
use super::shape;
use super::syntax;
use super::template::Template;
use super::text;
use super::tree::{Key, Node, NodeContent};

/// Keys that files of other tools have too.
const COMMON: [&str; 3] = ["version", "name", "description"];

/// A profile file that could be read: a base, features and environments, each a layer.
#[derive(Debug, Clone)]
pub struct ProfileFile {
    pub(super) keys: FileKeys,
    pub(super) base: Layer,
    pub(super) problems: Problems,
    variables: BTreeSet<String>,
}

/// What a profile is resolved for.
#[derive(Clone, Copy)]
pub struct ResolveOptions<'a> {
    /// The environment; none for the base alone.
    pub environment: Option<&'a str>,
    /// Features beyond those that the environment turns on.
    pub features: &'a [String],
    /// The value of a variable, from `--set` or the process environment.
    pub variables: &'a dyn Fn(&str) -> Option<String>,
    /// The time now.
    pub now: DateTime<Utc>,
    /// What to do about a variable without a value.
    pub unset: Unset,
}

/// What to do about a variable without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// Refuse the profile.
    Error,
    /// Make a note of it, and take names with the variable as written. Such a profile is good to look at, and
    /// must not be acted on.
    Note,
}

/// What came of resolving a profile.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The profile; `None` while an error stands, or where a value cannot be known ([`Unset::Note`]).
    pub profile: Option<Profile>,
    /// The permissions it asks for; known also where there is no profile, so that faults in them can be shown
    /// together with the others.
    pub permissions: Vec<Permission>,
    /// The findings about it and its file, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the tokens of all environments of one pattern have in common.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The text of its profile.
    pub source: Arc<Source>,
    /// The pattern, such as `pr-*`.
    pub environment: String,
    /// The environment that [`examples`](ProfileFile::examples) gives for it.
    pub example: String,
    /// The tokens' names, with the pattern where the environment stands: `shop-deploy-pr-*`.
    pub name: String,
}

impl ProfileFile {
    /// Reads a file. It fails only if nothing can be made of the bytes; every other problem of the file is
    /// kept, and comes with those that show when it is [resolved](Self::resolve), so that all are seen together.
    pub fn from_bytes(path: &str, bytes: Vec<u8>) -> Result<Self, Vec<Diagnostic>> {
        let (mut problems, text) = text::read(path, bytes);
        match text.and_then(|text| Self::parse(text, &mut problems)) {
            Some((With { own: keys, layer: base }, variables)) => {
                Ok(Self { keys, base, problems, variables })
            }
            None => Err(problems.into_list()),
        }
    }

    fn parse(text: String, problems: &mut Problems) -> Option<(layer::File, BTreeSet<String>)> {
        const HINT: &str =
            "begin with `version: 1`, `name: myapp-deploy` and `permissions: { zone: { DNS: edit } }`";
        let root = syntax::parse(text, &layer::all_keys(), problems);
        let root = match root {
            Some(root) => root,
            None if problems.has_errors() => return None,
            None => {
                problems.error_of_file(DiagnosticCode::Empty, "the file is empty").hint(HINT);
                return None;
            }
        };
        let at_start = Span { start: root.span.start, end: root.span.end };
        match &root.content {
            NodeContent::Map(entries) => {
                if is_of_another_tool(entries) {
                    let message =
                        "is this a cfmint profile? It has no `permissions`, and keys that no profile has";
                    problems.error_of_file(DiagnosticCode::NoProfile, message).hint(
                        "if so, begin with `version: 1` and `permissions: { zone: { DNS: edit } }`; if not, name the \
                         profiles one by one",
                    );
                    return None;
                }
            }
            NodeContent::Null => {
                problems.error_of_file(DiagnosticCode::Empty, "the file is empty").hint(HINT);
                return None;
            }
            NodeContent::List(_) => {
                problems
                    .error(DiagnosticCode::NotAMap, at_start, "a profile is a map, and this is a list")
                    .hint("write one profile per file, with `version: 1` at the top and no dashes");
                return None;
            }
            NodeContent::Text(_) => {
                problems
                    .error(DiagnosticCode::NotAMap, at_start, "a profile is a map, and this is a text")
                    .hint(HINT);
                return None;
            }
        }
        let file = layer::File::decode(&root, problems)?;
        allow::check(problems);
        shape::check(&file, problems);
        let mut variables = BTreeSet::new();
        variables_of(&root, &mut variables);
        Some((file, variables))
    }

    /// The variables that any layer refers to, with a default or without.
    #[must_use]
    pub fn variables(&self) -> &BTreeSet<String> {
        &self.variables
    }

    /// The named environments, in the order written; patterns such as `pr-*` are not among them.
    #[must_use]
    pub fn environments(&self) -> Vec<&str> {
        let environments = self.keys.environments.get();
        environments.into_iter().flat_map(NamedMap::names).filter(|name| !is_pattern(name)).collect()
    }

    /// A name for each pattern among the environments: `pr-1` for `pr-*`. Resolved, it shows what is wrong with
    /// the pattern's layer before anybody chooses a name of its shape.
    #[must_use]
    pub fn examples(&self) -> Vec<String> {
        let environments = self.keys.environments.get();
        let patterns = environments.into_iter().flat_map(NamedMap::names).filter(|name| is_pattern(name));
        patterns.map(|pattern| self.example(pattern)).collect()
    }

    /// A name of this pattern's shape that no environment has for its own.
    pub(super) fn example(&self, pattern: &str) -> String {
        let named = self.environments();
        let examples = (1..).map(|number: u32| pattern.replace('*', &number.to_string()));
        examples.into_iter().find(|example| !named.contains(&example.as_str())).unwrap_or_default()
    }

    /// The names that tokens have in the environments of each pattern, as far as they are known. The chosen
    /// environment does not count.
    #[must_use]
    pub fn shapes(&self, options: &ResolveOptions<'_>) -> Vec<Shape> {
        resolve::shapes(self, options)
    }

    /// Whether there are environments to choose from, named ones or patterns.
    #[must_use]
    pub fn has_environments(&self) -> bool {
        match &self.keys.environments {
            Field::Absent => false,
            Field::Invalid => true,
            Field::Set(named) => !named.entries.is_empty(),
        }
    }

    /// Whether an environment of this name can be chosen: it is named, or a pattern matches it.
    #[must_use]
    pub fn has_environment(&self, name: &str) -> bool {
        let environments = self.keys.environments.get();
        let is_it =
            |known: &str| if is_pattern(known) { matches_pattern(known, name) } else { known == name };
        environments.into_iter().flat_map(NamedMap::names).any(is_it)
    }

    /// The features, in the order written.
    #[must_use]
    pub fn features(&self) -> Vec<&str> {
        self.keys.features.get().into_iter().flat_map(NamedMap::names).collect()
    }

    /// What is wrong with each feature that no environment turns on, whichever of these environments it is added to; with
    /// the permissions that it asks for.
    #[must_use]
    pub fn check_unused_features(
        &self,
        environments: &[Option<String>],
        options: &ResolveOptions<'_>,
    ) -> Vec<Resolved> {
        resolve::unused_features(self, environments, options)
    }

    /// The findings about the file itself, which are the same for every choice of options.
    #[must_use]
    pub fn findings(&self) -> Vec<Diagnostic> {
        self.problems.clone().into_list()
    }

    pub(super) fn feature(&self, name: &str) -> Option<&Feature> {
        self.keys.features.get().and_then(|named| named.get(name))
    }

    /// The text it was read from.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        self.problems.source()
    }

    /// Lays the layers of these options over one another, fills in the variables and checks the whole.
    ///
    /// The findings begin with those about the file itself, which are the same for every choice of options; see
    /// [`distinct`] where a file is resolved more than once.
    #[must_use]
    pub fn resolve(&self, options: &ResolveOptions<'_>) -> Resolved {
        resolve::resolve(self, options)
    }
}

/// Whether a map is some other tool's: keys that no profile has, and none that only profiles have, slips included.
fn is_of_another_tool(entries: &[(Key, Rc<Node>)]) -> bool {
    let known = layer::File::known();
    let own = |key: &Key| nearest(&key.text, known.iter().copied());
    let mut is_foreign = false;
    for (key, _) in entries {
        match own(key) {
            Some(word) if !COMMON.contains(&word) => return false,
            Some(_) => {}
            None => is_foreign = true,
        }
    }
    is_foreign
}

fn variables_of(node: &Node, found: &mut BTreeSet<String>) {
    match &node.content {
        NodeContent::Null => {}
        NodeContent::Text(text) => {
            if let Ok(template) = Template::parse(text) {
                found.extend(template.variables().map(str::to_owned));
            }
        }
        NodeContent::List(items) => items.iter().for_each(|item| variables_of(item, found)),
        NodeContent::Map(entries) => entries.iter().for_each(|(_, value)| variables_of(value, found)),
    }
}

/// The diagnostics without repetitions, as they arise when one file is resolved for several environments.
#[must_use]
pub fn distinct(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut distinct: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    for diagnostic in diagnostics {
        if !distinct.contains(&diagnostic) {
            distinct.push(diagnostic);
        }
    }
    distinct
}

/// Whether nothing among the diagnostics stands in the way of acting.
#[must_use]
pub fn is_sound(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error)
}
