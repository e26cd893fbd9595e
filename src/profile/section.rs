//! One section of a layer's permissions: labels with levels, or a list of API names and ids.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::codes::DiagnosticCode;
use super::decode::{Decode, Merge, kind_of};
use super::diagnostic::{Span, Spanned};
use super::problems::{Problems, nearest, quoted};
use super::scalar::Templated;
use super::scalars::{GrantedLevel, GroupName, folded};
use super::tree::{Key, Node, NodeContent};
use super::write::scalar;
use crate::text::is_steering;

/// What a section gives. A layer writes a map or a list; of several layers, both parts may stand side by side.
#[derive(Debug, Clone, Default)]
pub(super) struct SectionPermissions {
    /// Labels with their levels, in the order written.
    pub(super) labels: Vec<LabelLevels>,
    /// The list of API names and ids, if a layer wrote one.
    pub(super) items: Option<Vec<Templated<GroupName>>>,
}

/// A label and what it is given.
#[derive(Debug, Clone)]
pub(super) struct LabelLevels {
    /// The label as written.
    pub(super) label: Spanned<String>,
    /// Its levels; several are a list.
    pub(super) levels: Vec<Templated<GrantedLevel>>,
    /// Whether a lower layer gave it something too.
    pub(super) is_over_another: bool,
}

impl Merge for SectionPermissions {
    /// A map merges into the map below label by label, and a list replaces the list below. Neither touches
    /// what a lower layer wrote in the other form: a list names whole groups, so nothing short of the
    /// catalogue could say which label it answers.
    fn over(self, lower: Self) -> Self {
        let mut labels = lower.labels;
        let places: HashMap<String, usize> = labels
            .iter()
            .enumerate()
            .map(|(place, labelled)| (folded(&labelled.label.value), place))
            .collect();
        for mut upper in self.labels {
            match places.get(&folded(&upper.label.value)).and_then(|place| labels.get_mut(*place)) {
                Some(lower) => {
                    upper.is_over_another = true;
                    *lower = upper;
                }
                None => labels.push(upper),
            }
        }
        Self { labels, items: self.items.or(lower.items) }
    }
}

impl Decode for SectionPermissions {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.content {
            NodeContent::Null => Some(Self::default()),
            NodeContent::List(items) => list(items, problems),
            NodeContent::Map(entries) => {
                let labels = labels([entries.as_slice()], problems)?;
                Some(Self { labels, items: None })
            }
            NodeContent::Text(_) => {
                problems
                    .error(
                        DiagnosticCode::WrongType,
                        node.span,
                        "labels with their levels belong here, not a text",
                    )
                    .hint("write `DNS: edit`, or a list of API names: `[DNS Write]`");
                None
            }
        }
    }
}

/// A list of API names and ids. An item may be a label with its level too, as guides write `- DNS: Edit`.
fn list(items: &[Rc<Node>], problems: &mut Problems) -> Option<SectionPermissions> {
    let maps = items.iter().filter_map(|item| match &item.content {
        NodeContent::Map(entries) => Some(entries.as_slice()),
        _ => None,
    });
    let labels = labels(maps, problems);
    let others = items.iter().filter(|item| !matches!(item.content, NodeContent::Map(_)));
    // Every item is read, so that every fault is reported.
    let names: Vec<Option<Templated<GroupName>>> =
        others.map(|item| Templated::decode(item, problems)).collect();
    let names: Vec<Templated<GroupName>> = names.into_iter().collect::<Option<_>>()?;
    let labels = labels?;
    // Labels alone merge as a map does.
    let is_list = labels.is_empty() || !names.is_empty();
    Some(SectionPermissions { labels, items: is_list.then_some(names) })
}

/// Labels with their levels, of one map or of several.
fn labels<'a>(
    maps: impl IntoIterator<Item = &'a [(Key, Rc<Node>)]>,
    problems: &mut Problems,
) -> Option<Vec<LabelLevels>> {
    let mut labels = Vec::new();
    let mut seen = HashMap::new();
    let mut is_whole = true;
    for (key, value) in maps.into_iter().flatten() {
        let label = Spanned::new(key.text.clone(), key.span);
        is_whole &= label_is_sound(&label, &mut seen, problems);
        match levels(&label.value, value, problems) {
            Some(levels) => labels.push(LabelLevels { label, levels, is_over_another: false }),
            None => is_whole = false,
        }
    }
    is_whole.then_some(labels)
}

/// Checks a label by itself and against those before it.
fn label_is_sound(
    label: &Spanned<String>,
    seen: &mut HashMap<String, Span>,
    problems: &mut Problems,
) -> bool {
    let name = folded(&label.value);
    if name.is_empty() || name.chars().any(is_steering) {
        problems
            .error(DiagnosticCode::BadName, label.span, format!("{} is not a label", quoted(&label.value)))
            .hint("write the label of a permission as the dashboard shows it: `DNS: edit`");
        return false;
    }
    if let Some(first) = seen.insert(name, label.span) {
        problems
            .error(
                DiagnosticCode::DuplicateKey,
                label.span,
                format!(
                    "{} stands twice in one map; case and spacing do not tell labels apart",
                    quoted(&label.value)
                ),
            )
            .label("again here")
            .also(first, "first here")
            .hint("keep one of the two; several levels are a list: `[read, revoke]`");
        return false;
    }
    true
}

/// Reads the level or levels of a label.
fn levels(label: &str, node: &Node, problems: &mut Problems) -> Option<Vec<Templated<GrantedLevel>>> {
    match &node.content {
        NodeContent::Text(text) => level(label, text, node.span, problems).map(|level| vec![level]),
        NodeContent::List(items) if items.is_empty() => {
            problems
                .error(DiagnosticCode::EmptyValue, node.span, format!("{} is given no level", quoted(label)))
                .hint("write `none` to take away what a lower layer gives, or leave the label out");
            None
        }
        NodeContent::List(items) => {
            let read: Vec<Option<Templated<GrantedLevel>>> = items
                .iter()
                .map(|item| match &item.content {
                    NodeContent::Text(text) => level(label, text, item.span, problems),
                    _ => Templated::decode(item, problems),
                })
                .collect();
            read.into_iter().collect()
        }
        NodeContent::Null => {
            // `{ D1: Read, Write }` is a label with a level, and another without.
            let hint = match GrantedLevel::named_in(label).as_slice() {
                [] => format!("write a level: `{}: read`", scalar(label)),
                levels => format!("several levels are a list, as in `[read, {}]`", levels.join(", ")),
            };
            problems
                .error(DiagnosticCode::EmptyValue, node.span, format!("{} is given no level", quoted(label)))
                .hint(hint);
            None
        }
        content @ NodeContent::Map(entries) => {
            // The rest of a label with a colon, moved to a line of its own or into braces.
            let hint = match entries.as_slice() {
                [(key, value)] => match &value.content {
                    NodeContent::Text(level) => {
                        format!("quote the label: \"{label}: {}\": {level}", key.text)
                    }
                    _ => "write a level, such as `read`".to_owned(),
                },
                _ => "write a level, such as `read`; put a label with a colon in quotes".to_owned(),
            };
            let kind = kind_of(content);
            problems
                .error(DiagnosticCode::WrongType, node.span, format!("a level belongs here, not {kind}"))
                .hint(hint);
            None
        }
    }
}

/// Reads a level; a text that holds one, or several, is shown as them, and what is far from every level may be the rest
/// of a label that has a colon.
fn level(label: &str, text: &str, span: Span, problems: &mut Problems) -> Option<Templated<GrantedLevel>> {
    let before = problems.count();
    let level = Templated::from_text(text, span, problems);
    let Some(problem) = problems.last_since(before).filter(|_| level.is_none()) else { return level };
    if problem.code != DiagnosticCode::UnknownWord {
        return None;
    }
    let is_phrase = text.contains(' ') && nearest(text, ["read", "edit", "none"]).is_none();
    match GrantedLevel::named_in(text).as_slice() {
        [] if is_phrase => {
            problem.hint(format!(
                "put a label with a colon in quotes, and give it a level: \"{label}: {text}\": read"
            ));
        }
        [] => {}
        [level] => {
            problem.hint(format!("write `{}: {level}`", scalar(label)));
        }
        levels => {
            problem.hint(format!("write `{}: [{}]`", scalar(label), levels.join(", ")));
        }
    }
    None
}

impl JsonSchema for SectionPermissions {
    fn schema_name() -> Cow<'static, str> {
        "SectionPermissions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let level = generator.subschema_for::<Templated<GrantedLevel>>();
        let name = generator.subschema_for::<Templated<GroupName>>();
        let levels = json_schema!({ "anyOf": [level, { "type": "array", "items": level, "minItems": 1 }] });
        let labels = |kind: serde_json::Value| {
            json_schema!({
                "type": kind,
                "propertyNames": { "minLength": 1 },
                "additionalProperties": levels,
            })
        };
        json_schema!({
            "description": "Labels with a level or a list of levels; or a list of API names and ids, or of such labels.",
            "anyOf": [
                labels(serde_json::json!(["object", "null"])),
                { "type": "array", "items": { "anyOf": [name, labels("object".into())] } },
            ],
        })
    }
}
