//! Maps with free keys, which are names: environments, features, variables.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::codes::DiagnosticCode;
use super::decode::{Decode, Merge, entries_of, texts};
use super::diagnostic::Spanned;
use super::problems::{Problems, quoted};
use super::tree::{Node, NodeContent};

/// The names that a map with free keys may have as keys.
pub(super) trait Name {
    /// What such a name is, with its article.
    const NOUN: &'static str;

    /// A pattern for the schema that every such name matches.
    const PATTERN: &'static str;

    /// What such a name looks like, for the hint.
    const RULE: &'static str;

    /// A value that such a name may have, for the hint.
    const VALUE: &'static str;

    /// Whether a text is such a name.
    fn accepts(text: &str) -> bool;
}

/// A map with free keys, in the order written. Keys are names, and taken as written: no variables.
#[derive(Debug, Clone)]
pub(super) struct NamedMap<N, T> {
    /// The entries that could be read.
    pub(super) entries: Vec<(Spanned<String>, T)>,
    kind: PhantomData<N>,
}

impl<N, T> NamedMap<N, T> {
    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.entries.iter().find(|(key, _)| key.value == name).map(|(_, value)| value)
    }

    /// The names, in the order written.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| key.value.as_str())
    }
}

impl<N: Name, T: Decode> Decode for NamedMap<N, T> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let mut named = Self { entries: Vec::new(), kind: PhantomData };
        let mut is_whole = true;
        for (key, value) in entries_of(node, named_instead::<N>, problems)? {
            if !N::accepts(&key.text) {
                problems
                    .error(
                        DiagnosticCode::BadName,
                        key.span,
                        format!("{} is not a name for {}", quoted(&key.text), N::NOUN),
                    )
                    .hint(N::RULE);
                is_whole = false;
            }
            match T::decode(value, problems) {
                Some(value) => named.entries.push((Spanned::new(key.text.clone(), key.span), value)),
                None => is_whole = false,
            }
        }
        is_whole.then_some(named)
    }
}

/// A map of the names that stand in its place without values.
fn named_instead<N: Name>(content: &NodeContent) -> Option<String> {
    let names = texts(content)?;
    let entries: Vec<String> = names.iter().map(|name| format!("{name}: {}", N::VALUE)).collect();
    names.iter().all(|name| N::accepts(name)).then(|| format!("{{ {} }}", entries.join(", ").escape_debug()))
}

impl<N, T> Merge for NamedMap<N, T> {}

impl<N: Name, T: JsonSchema> JsonSchema for NamedMap<N, T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Map".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["object", "null"],
            "propertyNames": { "pattern": N::PATTERN },
            "additionalProperties": generator.subschema_for::<T>(),
        })
    }
}
