//! Maps with known keys: declared once, and read, laid over one another, suggested and described from that.

use std::rc::Rc;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use super::codes::DiagnosticCode;
use super::decode::{Decode, entries_of, sound, texts};
use super::instead::{map_of, on_one_line};
use super::problems::{Problems, listed, nearest, quoted};
use super::tree::{Key, Node, NodeContent};

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

    /// Takes note that the value of a key was written in another place, so that nobody looks for it.
    fn misplaced(&mut self, key: &str);

    /// The key that holds such a map, if it holds nothing else.
    const HOME: Option<&'static str> = None;

    /// The key that holds a list of such maps.
    const LIST: Option<&'static str> = None;

    /// The map that a text was meant for, or several, which stand in its place; `…` stands for them. Addresses are most
    /// likely allowed, and permissions most likely on accounts.
    const SHORT: &'static str = "";

    /// The schemas of its values.
    fn properties(generator: &mut SchemaGenerator) -> Map<String, Value>;
}

/// Declares a map with known keys. The comments become the descriptions of the schema.
macro_rules! keys {
    ($(
        $(#[doc = $about:literal])+
        struct $name:ident
            $(in $home:literal)? $(listed in $list:literal)? $(short for $short:literal)?
            { $( $(#[doc = $doc:literal])+ $field:ident: $kind:ty, )+ }
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Debug, Clone, Default)]
        pub(super) struct $name { $( $(#[doc = $doc])+ pub(super) $field: $crate::profile::decode::Field<$kind>, )+ }

        impl $crate::profile::keys::Keys for $name {
            const NAME: &'static str = stringify!($name);
            const ABOUT: &'static str = concat!($($about),+);
            $(const HOME: Option<&'static str> = Some($home);)?
            $(const LIST: Option<&'static str> = Some($list);)?
            $(const SHORT: &'static str = $short;)?

            fn known() -> Vec<&'static str> {
                vec![$($crate::profile::keys::key_name(stringify!($field))),+]
            }

            fn set(
                &mut self,
                key: &str,
                node: &$crate::profile::tree::Node,
                problems: &mut $crate::profile::problems::Problems,
            ) -> bool {
                $(
                    if key == $crate::profile::keys::key_name(stringify!($field)) {
                        self.$field = $crate::profile::decode::Field::decode(node, problems);
                        return true;
                    }
                )+
                false
            }

            fn misplaced(&mut self, key: &str) {
                $(
                    if key == $crate::profile::keys::key_name(stringify!($field)) && self.$field.is_absent() {
                        self.$field = $crate::profile::decode::Field::Invalid;
                    }
                )+
            }

            fn properties(
                generator: &mut schemars::SchemaGenerator,
            ) -> serde_json::Map<String, serde_json::Value> {
                let mut properties = serde_json::Map::new();
                $(
                    let mut schema = generator.subschema_for::<$kind>();
                    schema.insert("description".to_owned(), concat!($($doc),+).trim().into());
                    let key = $crate::profile::keys::key_name(stringify!($field));
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

        $crate::profile::keys::decode_keys!($name);
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
                $crate::profile::keys::map_with_keys(node, problems)
            }

            const LIST: Option<&'static str> = <$name as $crate::profile::keys::Keys>::LIST;

            fn instead(content: &$crate::profile::tree::NodeContent) -> Option<String> {
                $crate::profile::keys::instead_of_map::<$name>(content)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                <$name as $crate::profile::keys::Keys>::NAME.into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::profile::keys::schema_of_keys::<$name>(generator)
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

    fn misplaced(&mut self, key: &str) {
        self.own.misplaced(key);
        self.layer.misplaced(key);
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
pub(super) fn map_with_keys<T: Keys + Decode>(node: &Node, problems: &mut Problems) -> Option<T> {
    let home = T::HOME.map(|key| format!("{key}: ")).unwrap_or_default();
    let instead = |content: &NodeContent| T::instead(content).map(|map| format!("{home}{map}"));
    let entries = entries_of(node, instead, problems)?;
    let mut map = T::default();
    let mut is_whole = true;
    // What follows from a key that is not known is not worth telling: a key that is near another is read as that one,
    // and what it was to give is not looked for.
    let mut misplaced = Vec::new();
    for (key, value) in entries {
        if map.set(&key.text, value, problems) {
            continue;
        }
        let known = T::known();
        if is_section(&known) && is_given(value) && nearest(&key.text, known.iter().copied()).is_none() {
            let label = map_of([(key.text.as_str(), &value.content)]);
            let section = label.and_then(|label| sound::<T>(format!("{{ account: {label} }}")));
            let section = section.as_deref().and_then(|map| map.strip_prefix("{ ")?.strip_suffix(" }"));
            problems
                .error(
                    DiagnosticCode::NoSection,
                    key.span,
                    format!("{} stands in no section", quoted(&key.text)),
                )
                .hint(match section {
                    Some(section) => format!(
                        "write `{section}`, or the same under what it applies to: `zone`, `user`, `r2` or `worker`"
                    ),
                    None => "put it under what it applies to: `account:`, `zone:`, `user:`, `r2:` or `worker:`"
                        .to_owned(),
                });
            is_whole = false;
            continue;
        }
        let home = HOMES.iter().find(|(home, inside)| known.contains(home) && inside.contains(&&*key.text));
        let near = nearest(&key.text, known.iter().copied());
        let hint = match near {
            _ if let Some((home, _)) = home => format!("indent it under `{home}:`"),
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("known here: {}", listed(known.iter().copied())),
        };
        problems
            .error(DiagnosticCode::UnknownKey, key.span, format!("{} is not a key here", quoted(&key.text)))
            .hint(hint);
        match (home, near) {
            (Some((home, _)), _) => misplaced.push(*home),
            (None, Some(word)) if !entries.iter().any(|(key, _)| key.text == word) => {
                map.set(word, value, problems);
            }
            (None, Some(_)) => {}
            // Which section or which list of resources it stands for is anybody's guess.
            (None, None) => is_whole &= !matches!(T::HOME, Some("permissions" | "resources")),
        }
    }
    for key in misplaced {
        map.misplaced(key);
    }
    is_whole.then_some(map)
}

/// The map to write where a map with known keys belongs and this stands.
pub(super) fn instead_of_map<T: Keys + Decode>(content: &NodeContent) -> Option<String> {
    let known = T::known();
    let is_known = |key: &Key| known.contains(&key.text.as_str());
    let map = match content {
        NodeContent::Null => None,
        NodeContent::Map(entries) => {
            entries.iter().any(|(key, _)| is_known(key)).then(|| on_one_line(content))?
        }
        NodeContent::Text(_) => filled(T::SHORT, &[content]),
        NodeContent::List(items) => {
            let entries = entries_of_items(items);
            match entries {
                // A dash before each key.
                Some(entries) if entries.iter().any(|(key, _)| is_known(key)) => {
                    map_of(entries.into_iter().map(|(key, value)| (key.text.as_str(), &value.content)))
                }
                // A dash before each label.
                Some(entries) if is_section(&known) => {
                    let labels = entries.into_iter().map(|(key, value)| (key.text.as_str(), &value.content));
                    map_of(labels).map(|labels| format!("{{ account: {labels} }}"))
                }
                _ => filled(T::SHORT, &items.iter().map(|item| &item.content).collect::<Vec<_>>()),
            }
        }
    };
    sound::<T>(map?)
}

/// The entries of a list of maps, if it holds nothing else.
fn entries_of_items(items: &[Rc<Node>]) -> Option<Vec<&(Key, Rc<Node>)>> {
    let mut entries = Vec::new();
    for item in items {
        let NodeContent::Map(own) = &item.content else { return None };
        entries.extend(own);
    }
    Some(entries)
}

/// The map that is written short: one value, or several where the map takes a list of them.
fn filled(short: &str, values: &[&NodeContent]) -> Option<String> {
    let is_fit = matches!(values, [_]) || (short.contains('[') && !values.is_empty());
    let values: Option<Vec<String>> = values.iter().map(|value| on_one_line(value)).collect();
    (is_fit && !short.is_empty()).then(|| Some(short.replace('…', &values?.join(", "))))?
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
