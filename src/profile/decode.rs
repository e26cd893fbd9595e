//! A tree of nodes -> typed values, with every fault reported and none of them final.
//!
//! [`keys!`] declares the keys of a map once; reading it, laying one layer over another, the suggestions for
//! unknown keys and the JSON Schema all come from that declaration.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::rc::Rc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use super::codes;
use super::diagnostic::{Span, Spanned};
use super::problems::{Problems, listed, nearest, quoted};
use super::tree::{Node, NodeContent};

/// A value that a node can be read as.
pub(super) trait Decode: Sized {
    /// Reads a node; `None` when it is at fault, which is then among the problems.
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self>;
}

/// A value that one layer can lay over that of a lower one.
pub(super) trait Merge: Sized {
    /// What results; unless said otherwise, the upper value alone.
    #[must_use]
    fn over(self, lower: Self) -> Self {
        let _ = lower;
        self
    }
}

/// What a key of a layer holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Field<T> {
    /// The layer is silent.
    #[default]
    Absent,
    /// Something that was reported; nothing else should be said about it.
    Invalid,
    /// A value.
    Set(T),
}

impl<T> Field<T> {
    /// The value, where there is one.
    pub(super) fn get(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Invalid => None,
        }
    }

    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(super) fn is_invalid(&self) -> bool {
        matches!(self, Self::Invalid)
    }
}

impl<T: Decode> Field<T> {
    pub(super) fn decode(node: &Node, problems: &mut Problems) -> Self {
        T::decode(node, problems).map_or(Self::Invalid, Self::Set)
    }
}

impl<T: Merge> Merge for Field<T> {
    fn over(self, lower: Self) -> Self {
        match (self, lower) {
            (Self::Absent, lower) => lower,
            (Self::Set(upper), Self::Set(lower)) => Self::Set(upper.over(lower)),
            (upper, _) => upper,
        }
    }
}

/// A map with known keys.
pub(super) trait Keys: Sized + Default {
    /// The name of its schema.
    const NAME: &'static str;

    /// What it is, in the words of its schema.
    const ABOUT: &'static str;

    /// Its keys.
    fn known() -> Vec<&'static str>;

    /// Takes a value; false if the key is not known.
    fn set(&mut self, key: &str, node: &Node, problems: &mut Problems) -> bool;

    /// The map that texts were probably meant for, which stand in its place: addresses are most likely allowed, and
    /// permissions most likely on accounts.
    fn instead(texts: &[&str]) -> Option<String> {
        let known = Self::known();
        let key = ["allow", "account"].into_iter().find(|key| known.contains(key))?;
        Some(format!("{{ {key}: [{}] }}", texts.join(", ")))
    }

    /// The schemas of its values.
    fn properties(generator: &mut SchemaGenerator) -> Map<String, Value>;
}

/// Declares a map with known keys. The comments become the descriptions of the schema.
macro_rules! keys {
    ($(
        $(#[doc = $about:literal])+
        struct $name:ident { $( $(#[doc = $doc:literal])+ $field:ident: $kind:ty, )+ }
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Debug, Clone, Default)]
        pub(super) struct $name { $( $(#[doc = $doc])+ pub(super) $field: $crate::profile::decode::Field<$kind>, )+ }

        impl $crate::profile::decode::Keys for $name {
            const NAME: &'static str = stringify!($name);
            const ABOUT: &'static str = concat!($($about),+);

            fn known() -> Vec<&'static str> {
                vec![$($crate::profile::decode::key_name(stringify!($field))),+]
            }

            fn set(
                &mut self,
                key: &str,
                node: &$crate::profile::tree::Node,
                problems: &mut $crate::profile::problems::Problems,
            ) -> bool {
                $(
                    if key == $crate::profile::decode::key_name(stringify!($field)) {
                        self.$field = $crate::profile::decode::Field::decode(node, problems);
                        return true;
                    }
                )+
                false
            }

            fn properties(
                generator: &mut schemars::SchemaGenerator,
            ) -> serde_json::Map<String, serde_json::Value> {
                let mut properties = serde_json::Map::new();
                $(
                    let mut schema = generator.subschema_for::<$kind>();
                    schema.insert("description".to_owned(), concat!($($doc),+).trim().into());
                    let key = $crate::profile::decode::key_name(stringify!($field));
                    properties.insert(key.to_owned(), schema.to_value());
                )+
                properties
            }
        }

        impl $crate::profile::decode::Merge for $name {
            fn over(self, lower: Self) -> Self {
                Self { $($field: $crate::profile::decode::Merge::over(self.$field, lower.$field)),+ }
            }
        }

        $crate::profile::decode::decode_keys!($name);
    )+};
}

/// Makes a map with known keys readable and describable.
macro_rules! decode_keys {
    ($name:ty) => {
        impl $crate::profile::decode::Decode for $name {
            fn decode(
                node: &$crate::profile::tree::Node,
                problems: &mut $crate::profile::problems::Problems,
            ) -> Option<Self> {
                $crate::profile::decode::map_with_keys(node, problems)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                <$name as $crate::profile::decode::Keys>::NAME.into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::profile::decode::schema_of_keys::<$name>(generator)
            }
        }
    };
}
pub(super) use {decode_keys, keys};

/// The key that a field stands for; `use` is a word of Rust.
pub(super) fn key_name(field: &'static str) -> &'static str {
    field.strip_prefix("r#").unwrap_or(field)
}

/// Two sets of keys that share one map.
#[derive(Debug, Clone, Default)]
pub(super) struct With<A, B> {
    /// The keys of its own.
    pub(super) own: A,
    /// The keys it shares with others.
    pub(super) layer: B,
}

impl<A: Keys, B: Keys> Keys for With<A, B> {
    const NAME: &'static str = A::NAME;
    const ABOUT: &'static str = A::ABOUT;

    fn known() -> Vec<&'static str> {
        let mut known = A::known();
        known.extend(B::known());
        known
    }

    fn set(&mut self, key: &str, node: &Node, problems: &mut Problems) -> bool {
        self.own.set(key, node, problems) || self.layer.set(key, node, problems)
    }

    fn properties(generator: &mut SchemaGenerator) -> Map<String, Value> {
        let mut properties = A::properties(generator);
        properties.extend(B::properties(generator));
        properties
    }
}

/// Keys whose map is easily forgotten, and what it is called.
const HOMES: [(&str, &[&str]); 3] = [
    ("permissions", &["account", "zone", "user", "r2", "worker"]),
    ("resources", &["accounts", "zones", "buckets", "workers"]),
    ("ip", &["allow", "deny"]),
];

/// Reads a map with known keys; nothing at all is an empty one.
pub(super) fn map_with_keys<T: Keys>(node: &Node, problems: &mut Problems) -> Option<T> {
    let entries = entries_of(node, T::instead, problems)?;
    let mut map = T::default();
    let mut is_whole = true;
    for (key, value) in entries {
        if map.set(&key.text, value, problems) {
            continue;
        }
        let known = T::known();
        if is_section(&known) && is_given(value) && nearest(&key.text, known.iter().copied()).is_none() {
            problems
                .error(codes::NO_SECTION, key.span, format!("{} stands in no section", quoted(&key.text)))
                .hint("put it under what it applies to: `account:`, `zone:`, `user:`, `r2:` or `worker:`");
            is_whole = false;
            continue;
        }
        let home = HOMES.iter().find(|(home, inside)| known.contains(home) && inside.contains(&&*key.text));
        let hint = match nearest(&key.text, known.iter().copied()) {
            _ if let Some((home, _)) = home => format!("indent it under `{home}:`"),
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("known here: {}", listed(known.iter().copied())),
        };
        problems
            .error(codes::UNKNOWN_KEY, key.span, format!("{} is no key here", quoted(&key.text)))
            .hint(hint);
    }
    is_whole.then_some(map)
}

/// Whether these are the keys of the sections of permissions.
fn is_section(known: &[&str]) -> bool {
    known.contains(&"account") && known.contains(&"r2")
}

/// Whether a value may be the level of a permission, or several.
fn is_given(value: &Node) -> bool {
    texts(&value.content).is_some()
}

pub(super) fn schema_of_keys<T: Keys>(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": T::ABOUT.trim(),
        "type": ["object", "null"],
        "properties": T::properties(generator),
        "additionalProperties": false,
    })
}

fn entries_of<'a>(
    node: &'a Node,
    instead: fn(&[&str]) -> Option<String>,
    problems: &mut Problems,
) -> Option<&'a [(super::tree::Key, Rc<Node>)]> {
    match &node.content {
        NodeContent::Map(entries) => Some(entries),
        NodeContent::Null => Some(&[]),
        content => {
            problems
                .error(codes::WRONG_TYPE, node.span, format!("a map belongs here, not {}", kind_of(content)))
                .hint(texts(content).and_then(|items| instead(&items)).map_or_else(
                    || "write `key: value` on lines of their own, or `{ key: value }`".to_owned(),
                    |map| format!("write `{}`", map.escape_debug()),
                ));
            None
        }
    }
}

/// The texts of a list that holds nothing else; a text by itself is one.
fn texts(content: &NodeContent) -> Option<Vec<&str>> {
    let text = |node: &'_ Rc<Node>| matches!(&node.content, NodeContent::Text(_));
    match content {
        NodeContent::Text(text) => Some(vec![text]),
        NodeContent::List(items) if !items.is_empty() && items.iter().all(text) => {
            let texts = items.iter().filter_map(|item| match &item.content {
                NodeContent::Text(text) => Some(text.as_str()),
                _ => None,
            });
            Some(texts.collect())
        }
        _ => None,
    }
}

/// What a node is, with its article.
pub(super) fn kind_of(content: &NodeContent) -> &'static str {
    match content {
        NodeContent::Null => "nothing",
        NodeContent::Text(_) => "a text",
        NodeContent::List(_) => "a list",
        NodeContent::Map(_) => "a map",
    }
}

/// The items of a list; broken if one of them is.
impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        let NodeContent::List(items) = &node.content else {
            let hint = match &node.content {
                NodeContent::Text(text) if text.contains(char::is_whitespace) && !text.contains(',') => {
                    let words: Vec<&str> = text.split_whitespace().collect();
                    let (one, several) = (text.escape_debug(), words.join(", "));
                    format!("write `[{one}]` for one, or `[{}]` for several", several.escape_debug())
                }
                NodeContent::Text(text) => format!("write `[{}]`", text.escape_debug()),
                _ => "write `[one, two]`, or each item on a line that begins with `- `".to_owned(),
            };
            let kind = kind_of(&node.content);
            problems
                .error(codes::WRONG_TYPE, node.span, format!("a list belongs here, not {kind}"))
                .hint(hint);
            return None;
        };
        // Every item is read, so that every fault is reported.
        let read: Vec<Option<T>> = items.iter().map(|item| T::decode(item, problems)).collect();
        read.into_iter().collect()
    }
}

impl<T> Merge for Vec<T> {}

/// A value that tells where it stands even when there is nothing in it.
impl<T: Decode> Decode for Spanned<T> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        T::decode(node, problems).map(|value| Self::new(value, node.span))
    }
}

impl<T> Merge for Spanned<T> {}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

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
                        codes::BAD_NAME,
                        key.span,
                        format!("{} is no name for {}", quoted(&key.text), N::NOUN),
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
fn named_instead<N: Name>(names: &[&str]) -> Option<String> {
    let entries: Vec<String> = names.iter().map(|name| format!("{name}: {}", N::VALUE)).collect();
    names.iter().all(|name| N::accepts(name)).then(|| format!("{{ {} }}", entries.join(", ")))
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

/// Reports a word that stands for nothing at its place.
pub(super) fn unknown_word(node: &Node, text: &str, message: &str, hint: &str, problems: &mut Problems) {
    let span: Span = node.span;
    problems.error(codes::UNKNOWN_WORD, span, format!("{} {message}", quoted(text))).hint(hint);
}
