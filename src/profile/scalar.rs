//! A value of a profile that is written as one text: what it means, and how it is read.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::codes::DiagnosticCode;
use super::decode::{Decode, Merge, kind_of};
use super::diagnostic::{Diagnostic, Span, Spanned};
use super::instead::on_one_line;
use super::problems::{Problems, listed, nearest, quoted};
use super::template::Template;
use super::tree::{Node, NodeContent};
use crate::text::is_steering;

/// What a text can mean at a place of a profile.
pub(super) trait Scalar: Sized + Clone {
    /// A text that is right, for hints.
    const EXAMPLE: &'static str;

    /// Whether it may be empty.
    const MAY_BE_EMPTY: bool = false;

    /// Whether it may have several lines.
    const MAY_HAVE_LINES: bool = false;

    /// Whether a `$NAME` in it may be meant as it stands.
    const MAY_HAVE_DOLLARS: bool = false;

    /// Reads a text that stands in the profile.
    fn read(text: &str) -> Result<Self, InvalidScalar>;

    /// Reads a text that came out of a variable: it never is a word with a meaning of its own, such as `all`.
    fn read_substituted(text: &str) -> Result<Self, InvalidScalar> {
        Self::read(text)
    }

    /// What stands in for a text whose variables have no value, when a profile is only looked at.
    fn placeholder(written: &str) -> Option<Self> {
        understand(written, Self::read_substituted).ok()
    }

    /// The JSON Schema of texts that are right.
    fn schema() -> Schema {
        text_schema()
    }
}

/// The schema of free text. YAML editors take unquoted digits for numbers, and so do schemas; here they are
/// text like any other.
pub(super) fn text_schema() -> Schema {
    json_schema!({ "type": ["string", "number", "boolean"] })
}

/// Why a text does not mean anything at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InvalidScalar {
    /// The code.
    pub(super) code: DiagnosticCode,
    /// What is wrong, to be read after the text: `is not a duration`.
    pub(super) what: Cow<'static, str>,
    /// What to write instead, where the text says more than the example.
    pub(super) hint: Option<String>,
}

impl InvalidScalar {
    pub(super) fn new(code: DiagnosticCode, what: impl Into<Cow<'static, str>>) -> Self {
        Self { code, what: what.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Refuses a word with a meaning of its own where a variable holds it: it counts only where the profile itself says it.
pub(super) fn not_the_word(text: &str, word: &str) -> Result<(), InvalidScalar> {
    if !text.eq_ignore_ascii_case(word) {
        return Ok(());
    }
    let what = format!("is the word `{word}`, which only the profile itself can say");
    Err(InvalidScalar::new(DiagnosticCode::UnknownWord, what))
}

/// Reads one of a few words, in any case.
pub(super) fn one_of<T: Copy>(text: &str, words: &[(&'static str, T)]) -> Result<T, InvalidScalar> {
    let known = || words.iter().map(|(word, _)| *word);
    if let Some((_, meaning)) = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
        return Ok(*meaning);
    }
    let fault = InvalidScalar::new(DiagnosticCode::UnknownWord, "is not a value that fits here");
    Err(match nearest(text, known()) {
        Some(word) => fault.hint(format!("did you mean `{word}`?")),
        None => fault.hint(format!("write {}", listed(known()))),
    })
}

/// The schema of one of a few words.
pub(super) fn words_schema<T>(words: &[(&'static str, T)]) -> Schema {
    any_case_schema(&words.iter().map(|(word, _)| *word).collect::<Vec<_>>())
}

/// The schema of these words: editors offer them as they stand, and take them in any case.
pub(super) fn any_case_schema(words: &[&str]) -> Schema {
    let patterns: Vec<String> = words.iter().map(|word| in_any_case(word)).collect();
    let pattern = format!("^({})$", patterns.join("|"));
    json_schema!({ "anyOf": [{ "enum": words }, { "type": "string", "pattern": pattern }] })
}

/// A pattern for a word in any case; JSON Schema has no flag for that.
fn in_any_case(word: &str) -> String {
    let letter = |letter: char| match letter {
        'a'..='z' => format!("[{}{letter}]", letter.to_ascii_uppercase()),
        other => other.to_string(),
    };
    word.chars().map(letter).collect()
}

/// Reads a text after the checks that hold everywhere.
pub(super) fn understand<W: Scalar>(
    text: &str,
    read: fn(&str) -> Result<W, InvalidScalar>,
) -> Result<W, InvalidScalar> {
    if !W::MAY_BE_EMPTY && text.trim().is_empty() {
        return Err(InvalidScalar::new(DiagnosticCode::EmptyValue, "is empty"));
    }
    let is_refused =
        |character: char| is_steering(character) || (!W::MAY_HAVE_LINES && matches!(character, '\n' | '\t'));
    if text.chars().any(is_refused) {
        return Err(InvalidScalar::new(DiagnosticCode::ControlCharacter, "holds an invisible character"));
    }
    read(text)
}

/// A scalar as it was written: understood already, or waiting for its variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Templated<W> {
    /// Understood.
    Known(Spanned<W>),
    /// Waiting.
    Template(Spanned<Template>),
}

impl<W: Scalar> Templated<W> {
    /// Where it was written.
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Known(known) => known.span,
            Self::Template(template) => template.span,
        }
    }

    /// Reads a filled-in template. The text is not quoted, for nobody knows what a variable holds.
    pub(super) fn read_filled(
        template: &Spanned<Template>,
        text: &str,
        problems: &mut Problems,
    ) -> Option<Spanned<W>> {
        match understand(text, W::read_substituted) {
            Ok(meaning) => Some(Spanned::new(meaning, template.span)),
            Err(fault) => {
                let written = quoted(&template.value.written);
                problems
                    .error(fault.code, template.span, format!("the value of {written} {}", fault.what))
                    .label("after its variables were filled in")
                    .hint(format!("set the variable so that the text is like `{}`", W::EXAMPLE));
                None
            }
        }
    }

    /// Reads a text of the profile.
    pub(super) fn from_text(text: &str, span: Span, problems: &mut Problems) -> Option<Self> {
        let template = match Template::parse(text) {
            Ok(template) => template,
            Err(malformed) => {
                problems
                    .error(DiagnosticCode::BadSubstitution, span, format!("in {}, {malformed}", quoted(text)))
                    .hint("write `${NAME}` or `${NAME:-default}`; for a literal `${`, write `$${`");
                return None;
            }
        };
        if let (false, Some(name)) = (W::MAY_HAVE_DOLLARS, template.bare_variable()) {
            problems
                .warning(
                    DiagnosticCode::BareVariable,
                    span,
                    format!("`${name}` is not a variable here: its braces are missing"),
                )
                .hint(format!("write `${{{name}}}`"));
        }
        let Some(literal) = template.literal() else {
            return Some(Self::Template(Spanned::new(template, span)));
        };
        match understand(literal, W::read) {
            Ok(meaning) => Some(Self::Known(Spanned::new(meaning, span))),
            Err(fault) => {
                describe::<W>(problems.error(fault.code, span, String::new()), literal, &fault);
                None
            }
        }
    }
}

fn describe<W: Scalar>(diagnostic: &mut Diagnostic, text: &str, fault: &InvalidScalar) {
    diagnostic.message = format!("{} {}", quoted(text), fault.what);
    let example = || format!("write for example `{}`", W::EXAMPLE);
    diagnostic.hint = fault.hint.clone().unwrap_or_else(example);
}

impl<W: Scalar> Decode for Templated<W> {
    fn decode(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.content {
            NodeContent::Text(text) => Self::from_text(text, node.span, problems),
            NodeContent::Null => {
                problems
                    .error(DiagnosticCode::EmptyValue, node.span, "a text is missing here")
                    .hint(format!("write for example `{}`, or leave the key out", W::EXAMPLE));
                None
            }
            content => {
                let hint = unquoted(content).map_or_else(
                    || format!("write for example `{}`", W::EXAMPLE),
                    |text| format!("quote it: \"{text}\""),
                );
                problems
                    .error(
                        DiagnosticCode::WrongType,
                        node.span,
                        format!("a text belongs here, not {}", kind_of(content)),
                    )
                    .hint(hint);
                None
            }
        }
    }

    fn instead(content: &NodeContent) -> Option<String> {
        match content {
            NodeContent::Text(_) => on_one_line(content),
            _ => None,
        }
    }

    fn list_hint(text: &str) -> String {
        let fault = understand(text, W::read).err();
        fault.and_then(|fault| fault.hint).unwrap_or_else(|| format!("write for example `[{}]`", W::EXAMPLE))
    }
}

/// The text that was taken for a map because of its colon.
fn unquoted(content: &NodeContent) -> Option<String> {
    let NodeContent::Map(entries) = content else { return None };
    let [(key, value)] = entries.as_slice() else { return None };
    let NodeContent::Text(value) = &value.content else { return None };
    Some(format!("{}: {value}", key.text))
}

impl<W> Merge for Templated<W> {}

impl<W: Scalar> JsonSchema for Templated<W> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = W::schema();
        if words == text_schema() {
            return words;
        }
        json_schema!({ "anyOf": [words, { "type": "string", "pattern": r"\$\{" }] })
    }
}
