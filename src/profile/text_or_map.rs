//! A place that takes a text, or a map that says more.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{Decode, Merge};
use super::problems::Problems;
use super::tree::{Node, NodeContent};

/// A text, or a map in its place.
#[derive(Debug, Clone)]
pub(super) enum TextOrMap<T, M> {
    /// The text.
    Text(T),
    /// The map.
    Map(M),
}

impl<T: Decode, M: Decode> Decode for TextOrMap<T, M> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.content {
            NodeContent::Map(_) => M::decode(node, problems).map(Self::Map),
            _ => T::decode(node, problems).map(Self::Text),
        }
    }
}

impl<T, M> Merge for TextOrMap<T, M> {}

impl<T: JsonSchema, M: JsonSchema> JsonSchema for TextOrMap<T, M> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TextOrMap".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [generator.subschema_for::<T>(), generator.subschema_for::<M>()] })
    }
}
