//! A tree of nodes -> typed values, with every fault reported and none of them final.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::codes::DiagnosticCode;
use super::diagnostic::{Source, Span, Spanned};
use super::problems::{Problems, quoted};
use super::tree::{self, Node, NodeContent};

/// How long a line may be that is shown to be written.
pub(super) const LONGEST_SHOWN: usize = 120;

/// A value that a node can be read as.
pub(super) trait Decode: Sized {
    /// Reads a node; `None` when it is at fault, which is then among the problems.
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self>;

    /// The key that holds a list of such values, where there is one key only.
    const LIST: Option<&'static str> = None;

    /// The value to write where such a value belongs and this stands, if anything tells.
    fn instead(content: &NodeContent) -> Option<String> {
        let _ = content;
        None
    }

    /// What to say about a text that stands where a list of such values belongs.
    fn list_hint(text: &str) -> String {
        format!("write `[{}]`", text.escape_debug())
    }
}

/// The value, if it reads without a fault where a `T` belongs.
pub(super) fn sound<T: Decode>(value: String) -> Option<String> {
    if value.len() > LONGEST_SHOWN {
        return None;
    }
    let mut problems = Problems::new(Arc::new(Source { path: String::new(), text: value.clone() }));
    let node = tree::parse(&value, &mut problems).ok()??;
    let is_read = T::decode(&node, &mut problems).is_some() && problems.count() == 0;
    is_read.then_some(value)
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

/// The entries of a map; nothing at all is an empty one. `instead` is what to write where something else stands.
pub(super) fn entries_of<'a>(
    node: &'a Node,
    instead: impl FnOnce(&NodeContent) -> Option<String>,
    problems: &mut Problems,
) -> Option<&'a [(tree::Key, Rc<Node>)]> {
    match &node.content {
        NodeContent::Map(entries) => Some(entries),
        NodeContent::Null => Some(&[]),
        content => {
            problems
                .error(
                    DiagnosticCode::WrongType,
                    node.span,
                    format!("a map belongs here, not {}", kind_of(content)),
                )
                .hint(instead(content).map_or_else(
                    || "write `key: value` on lines of their own, or `{ key: value }`".to_owned(),
                    |map| format!("write `{map}`"),
                ));
            None
        }
    }
}

/// The texts of a list that holds nothing else; a text by itself is one.
pub(super) fn texts(content: &NodeContent) -> Option<Vec<&str>> {
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
            let instead = Self::instead(&node.content);
            let hint = match &node.content {
                _ if let (Some(key), Some(list)) = (T::LIST, &instead) => format!("write `{key}: {list}`"),
                NodeContent::Text(text)
                    if instead.is_some() && text.contains(char::is_whitespace) && !text.contains(',') =>
                {
                    let words: Vec<&str> = text.split_whitespace().collect();
                    let (one, several) = (text.escape_debug(), words.join(", "));
                    format!("write `[{one}]` for one, or `[{}]` for several", several.escape_debug())
                }
                NodeContent::Text(text) => {
                    instead.map_or_else(|| T::list_hint(text), |list| format!("write `{list}`"))
                }
                _ if let Some(list) = instead => format!("write `{list}`"),
                _ => "write `[one, two]`, or each item on a line that begins with `- `".to_owned(),
            };
            let kind = kind_of(&node.content);
            problems
                .error(DiagnosticCode::WrongType, node.span, format!("a list belongs here, not {kind}"))
                .hint(hint);
            return None;
        };
        // Every item is read, so that every fault is reported.
        let read: Vec<Option<T>> = items.iter().map(|item| T::decode(item, problems)).collect();
        read.into_iter().collect()
    }

    /// The items that a text names between commas; the one item that a map is, or those that it gives names to.
    fn instead(content: &NodeContent) -> Option<String> {
        let of_text = |text: &str| T::instead(&NodeContent::Text(text.trim().to_owned()));
        let items: Option<Vec<String>> = match content {
            NodeContent::Null | NodeContent::List(_) => None,
            NodeContent::Text(text) => text.split(',').map(of_text).collect(),
            NodeContent::Map(entries) => match T::instead(content) {
                Some(item) => Some(vec![item]),
                None => entries
                    .iter()
                    .map(|(key, value)| match &value.content {
                        NodeContent::Null => of_text(&key.text),
                        map @ NodeContent::Map(_) => T::instead(map),
                        _ => None,
                    })
                    .collect(),
            },
        };
        sound::<Self>(format!("[{}]", items.filter(|items| !items.is_empty())?.join(", ")))
    }
}

impl<T> Merge for Vec<T> {}

/// A value that tells where it stands even when there is nothing in it.
impl<T: Decode> Decode for Spanned<T> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        T::decode(node, problems).map(|value| Self::new(value, node.span))
    }

    const LIST: Option<&'static str> = T::LIST;

    fn instead(content: &NodeContent) -> Option<String> {
        T::instead(content)
    }

    fn list_hint(text: &str) -> String {
        T::list_hint(text)
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

/// Reports a word that stands for nothing at its place.
pub(super) fn unknown_word(node: &Node, text: &str, message: &str, hint: &str, problems: &mut Problems) {
    let span: Span = node.span;
    problems.error(DiagnosticCode::UnknownWord, span, format!("{} {message}", quoted(text))).hint(hint);
}
