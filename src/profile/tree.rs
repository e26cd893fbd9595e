//! YAML text -> a tree of nodes, each knowing where it was written.
//!
//! Scalars stay text: nothing here takes `no` for a boolean or an id for a number. Duplicate keys, tags,
//! second documents and aliases that stand for too much are reported, and the tree goes on without them.

use std::collections::HashMap;
use std::rc::Rc;

use serde_yaml::granit_parser::{self, Event, Parser, ScalarStyle, ScanError};

use super::codes::DiagnosticCode;
use super::diagnostic::{Source, Span};
use super::problems::{Problems, quoted};

/// How many nodes the aliases of one file may stand for, all told.
const ALIAS_BUDGET: usize = 1000;

/// How deep collections may nest. A profile needs six levels.
const DEEPEST: usize = 32;

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it was written; the first line of a collection.
    pub(super) span: Span,
    /// What it is.
    pub(super) content: NodeContent,
    /// How many nodes it has, itself among them.
    size: usize,
}

/// The kinds of value.
#[derive(Debug)]
pub(super) enum NodeContent {
    /// Nothing, `~` or `null`.
    Null,
    /// A text, however it was quoted.
    Text(String),
    /// A list.
    List(Vec<Rc<Node>>),
    /// A map, in the order written; no key twice.
    Map(Vec<(Key, Rc<Node>)>),
}

/// A key of a map.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// Its text.
    pub(super) text: String,
    /// Where it was written.
    pub(super) span: Span,
}

/// What stopped the parser, with what it had read just before.
pub(super) struct SyntaxError {
    /// The parser's own word for it.
    pub(super) error: ScanError,
    /// The byte it happened at.
    pub(super) at: usize,
    /// The plain scalar that came just before, and the one before that.
    pub(super) plain: [Option<Span>; 2],
}

/// Reads `text`, a version of the source's text that differs in single characters only, into a tree.
/// `None` if there is no document.
pub(super) fn parse(text: &str, problems: &mut Problems) -> Result<Option<Rc<Node>>, Box<SyntaxError>> {
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut tree = TreeBuilder::new(problems);
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => {
                if !tree.take(event, &span) {
                    break;
                }
            }
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                return Err(Box::new(SyntaxError { error, at, plain: tree.plain }));
            }
        }
    }
    Ok(tree.root)
}

/// The tree while it grows.
struct TreeBuilder<'a> {
    problems: &'a mut Problems,
    open: Vec<OpenCollection>,
    root: Option<Rc<Node>>,
    anchors: HashMap<usize, Rc<Node>>,
    documents: usize,
    aliased: usize,
    plain: [Option<Span>; 2],
}

/// A collection that is not at its end.
struct OpenCollection {
    start: usize,
    anchor: usize,
    size: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Rc<Node>>),
    Map { entries: Vec<(Key, Rc<Node>)>, seen: HashMap<String, Span>, next: NextKey },
}

/// What a map waits for.
enum NextKey {
    /// A key.
    Awaited,
    /// The value of this key.
    Is(Key),
    /// The value of a key that was refused.
    Refused,
}

impl<'a> TreeBuilder<'a> {
    fn new(problems: &'a mut Problems) -> Self {
        Self {
            problems,
            open: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            documents: 0,
            aliased: 0,
            plain: [None, None],
        }
    }

    /// Takes the next event; false when the rest of the file does not matter.
    fn take(&mut self, event: Event<'_>, span: &granit_parser::Span) -> bool {
        let source = std::sync::Arc::clone(self.problems.source());
        let span_of_tag = span.tag_span();
        let span = bytes(span, &source);
        if let Some(tag) = tag_of(&event) {
            let tag_span = span_of_tag.map_or(span, |tag| bytes(&tag, &source));
            self.problems
                .error(
                    DiagnosticCode::Tag,
                    tag_span,
                    format!("a profile has no YAML tags, such as {}", quoted(&tag)),
                )
                .hint("leave the tag out; quote the text if it begins with `!`");
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.problems
                        .error(DiagnosticCode::ManyDocuments, span, "the file holds a second YAML document")
                        .label("a profile is one document")
                        .hint("put each profile into a file of its own");
                    return false;
                }
            }
            Event::Scalar(text, style, anchor, _) => {
                if style == ScalarStyle::Plain {
                    self.plain = [Some(span), self.plain[0]];
                } else {
                    self.plain = [None, self.plain[0]];
                }
                // A plain text is taken from the source itself, which the parser may have seen fixed.
                let is_one_line =
                    source.text.get(span.start..span.end).is_some_and(|text| !text.contains('\n'));
                let text = match source.text.get(span.start..span.end) {
                    Some(written) if style == ScalarStyle::Plain && is_one_line && !written.is_empty() => {
                        written.to_owned()
                    }
                    _ => text.into_owned(),
                };
                let is_null = style == ScalarStyle::Plain
                    && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL");
                let content = if is_null { NodeContent::Null } else { NodeContent::Text(text) };
                self.add(Node { span, content, size: 1 }, anchor);
            }
            Event::SequenceStart(_, anchor, _) => self.begin(span.start, anchor, OpenKind::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                let kind =
                    OpenKind::Map { entries: Vec::new(), seen: HashMap::new(), next: NextKey::Awaited };
                self.begin(span.start, anchor, kind);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(&source),
            Event::Alias(anchor) => self.alias(anchor, span),
            _ => {}
        }
        true
    }

    fn begin(&mut self, start: usize, anchor: usize, kind: OpenKind) {
        self.open.push(OpenCollection { start, anchor, size: 1, kind });
    }

    fn end(&mut self, source: &Source) {
        let Some(open) = self.open.pop() else { return };
        let content = match open.kind {
            OpenKind::List(items) => NodeContent::List(items),
            OpenKind::Map { entries, .. } => NodeContent::Map(entries),
        };
        let line = source.text.get(open.start..).unwrap_or_default();
        let line = line.lines().next().unwrap_or_default();
        let span = Span { start: open.start, end: open.start + line.trim_end().len() };
        self.add(Node { span, content, size: open.size }, open.anchor);
    }

    fn alias(&mut self, anchor: usize, span: Span) {
        let Some(node) = self.anchors.get(&anchor).map(Rc::clone) else {
            self.problems.error(
                DiagnosticCode::Syntax,
                span,
                "an alias is inside the value that it refers to",
            );
            self.attach(Rc::new(Node { span, content: NodeContent::Null, size: 1 }));
            return;
        };
        let was_within = self.aliased <= ALIAS_BUDGET;
        self.aliased = self.aliased.saturating_add(node.size);
        if self.aliased <= ALIAS_BUDGET {
            self.attach(node);
            return;
        }
        if was_within {
            self.problems
                .error(
                    DiagnosticCode::AliasBudget,
                    span,
                    format!("the aliases of this file stand for more than {ALIAS_BUDGET} values"),
                )
                .hint("write the values out, or put what deployments share into `features`");
        }
        self.attach(Rc::new(Node { span, content: NodeContent::Null, size: 1 }));
    }

    fn add(&mut self, node: Node, anchor: usize) {
        let node = Rc::new(node);
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.attach(node);
    }

    /// Puts a whole node where it belongs: into the collection that is open, or at the root.
    fn attach(&mut self, node: Rc<Node>) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        open.size = open.size.saturating_add(node.size);
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Map { entries, seen, next } => match std::mem::replace(next, NextKey::Awaited) {
                NextKey::Awaited => *next = key_of(&node, seen, self.problems),
                NextKey::Is(key) => {
                    // A value that is not there is looked for at its key.
                    let is_absent =
                        matches!(node.content, NodeContent::Null) && node.span.start == node.span.end;
                    let absent = || Rc::new(Node { span: key.span, content: NodeContent::Null, size: 1 });
                    let node = if is_absent { absent() } else { node };
                    entries.push((key, node));
                }
                NextKey::Refused => {}
            },
        }
    }
}

/// Takes a node for a key, unless it cannot be one or stands in the map already.
fn key_of(node: &Node, seen: &mut HashMap<String, Span>, problems: &mut Problems) -> NextKey {
    let NodeContent::Text(text) = &node.content else {
        problems
            .error(DiagnosticCode::WrongType, node.span, "a key is a text")
            .hint("write `key: value`; a text such as `null` needs quotes here");
        return NextKey::Refused;
    };
    if let Some(first) = seen.get(text) {
        problems
            .error(
                DiagnosticCode::DuplicateKey,
                node.span,
                format!("{} stands twice in one map", quoted(text)),
            )
            .label("again here")
            .also(*first, "first here")
            .hint("keep one of the two");
        return NextKey::Refused;
    }
    seen.insert(text.clone(), node.span);
    NextKey::Is(Key { text: text.clone(), span: node.span })
}

/// The tag of an event as written by a person, more or less.
fn tag_of(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Scalar(_, _, _, Some(tag))
        | Event::SequenceStart(_, _, Some(tag))
        | Event::MappingStart(_, _, Some(tag)) => Some(format!("!{}", tag.suffix())),
        _ => None,
    }
}

/// The parser's span in bytes of the source.
fn bytes(span: &granit_parser::Span, source: &Source) -> Span {
    let length = source.text.len();
    let start = span.start.byte_offset().unwrap_or(length).min(length);
    Span { start, end: span.end.byte_offset().unwrap_or(start).clamp(start, length) }
}
