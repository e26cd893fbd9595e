//! Lists of programs to run, and the slips that people make in them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::codes::DiagnosticCode;
use super::decode::{Decode, Merge};
use super::problems::Problems;
use super::scalar::Templated;
use super::sink_scalars::Argument;
use super::tree::{Node, NodeContent};

/// Programs to run, each a list of its arguments.
#[derive(Debug, Clone)]
pub(super) struct Programs(pub(super) Vec<Vec<Templated<Argument>>>);

impl Decode for Programs {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        // One program written without its own brackets is one slip, not one for each argument.
        if let NodeContent::List(items) = &node.content
            && let [first, ..] = items.as_slice()
            && let NodeContent::Text(program) = &first.content
        {
            problems
                .error(DiagnosticCode::WrongType, first.span, "a list of arguments belongs here, not a text")
                .hint(format!("each program is a list of its own: `[[{program}, …]]`"));
            return None;
        }
        if let NodeContent::Text(text) = &node.content {
            let words: Vec<&str> = text.split_whitespace().collect();
            problems
                .error(DiagnosticCode::WrongType, node.span, "a list of programs belongs here, not a text")
                .hint(format!(
                    "each program is a list of its own: `[[{}]]`",
                    words.join(", ").escape_debug()
                ));
            return None;
        }
        Vec::decode(node, problems).map(Self)
    }
}

impl Merge for Programs {}

impl JsonSchema for Programs {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Programs".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Vec<Vec<Templated<Argument>>>>()
    }
}
