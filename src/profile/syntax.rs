//! What to do when YAML does not parse: say it in words that help, and read on where that is safe.
//!
//! Two slips are so common that the text is read on as it was meant: a colon inside a text without quotes,
//! and a variable in brackets without quotes. They are fixed in a copy, character by character, so that
//! every position holds; the slip stays an error.

use std::rc::Rc;

use serde_yaml::granit_parser::ErrorKind;

use super::codes::DiagnosticCode;
use super::diagnostic::{Source, Span};
use super::problems::{Problems, nearest};
use super::text::report_tabs;
use super::tree::{self, Node, SyntaxError};

/// How many slips of one file are fixed; after that, it is no YAML.
const MOST_SLIPS: usize = 32;

/// Reads the text into a tree. `keys` are the words that a profile knows as keys, which tell whether a key
/// or a value forgot its quotes. `None` where no tree can be had; a problem then says why.
pub(super) fn parse(text: String, keys: &[&'static str], problems: &mut Problems) -> Option<Rc<Node>> {
    let mut text = text;
    for _ in 0..=MOST_SLIPS {
        let mut found = Problems::new(std::sync::Arc::clone(problems.source()));
        match tree::parse(&text, &mut found) {
            Ok(root) => {
                problems.extend(found);
                return root;
            }
            Err(stop) => {
                // What was found up to a slip is found again in the next round.
                let Some(fixed) = fix(&text, &stop, keys, problems) else {
                    problems.extend(found);
                    report(&text, &stop, problems);
                    return None;
                };
                text = fixed;
            }
        }
    }
    None
}

/// Reports a slip that can be read on from, and returns the text as it was meant.
fn fix(text: &str, stop: &SyntaxError, keys: &[&'static str], problems: &mut Problems) -> Option<String> {
    let source = std::sync::Arc::clone(problems.source());
    let last = stop.plain[0].filter(|span| span.end == stop.at && !span_is_empty(*span))?;
    if text.get(stop.at..)?.starts_with('{') && text.get(last.start..last.end)?.ends_with('$') {
        return quote_variable(text, &source, last, problems);
    }
    if !text.get(stop.at..)?.starts_with(':') {
        return None;
    }
    let key = stop.plain[1]?;
    let between = text.get(key.end..last.start)?;
    if !between.strip_prefix(':')?.trim_matches(' ').is_empty() {
        return None;
    }
    let key_text = source.text.get(key.start..key.end)?;
    let rest_of_line = source.text.get(last.start..)?.lines().next()?;
    let meant_value = keys.contains(&key_text) || nearest(key_text, keys.iter().copied()).is_some();
    let (colon, hint) = if meant_value {
        let value = rest_of_line.split(" #").next().unwrap_or_default().trim_end();
        (stop.at, format!("quote the value: {key_text}: {value:?}"))
    } else {
        let label = source.text.get(key.start..last.end)?;
        let value = rest_of_line.get(last.end - last.start..).unwrap_or_default();
        let value = value.trim_start_matches(':').split([',', '}', '#']).next().unwrap_or_default().trim();
        (key.end, format!("quote the key: \"{label}\": {value}"))
    };
    problems
        .error(
            DiagnosticCode::UnquotedColon,
            Span { start: key.start, end: stop.at + 1 },
            "a text with a colon in it needs quotes",
        )
        .label("the second colon ends no key")
        .hint(hint);
    replace(text, &[(colon, ";")])
}

fn quote_variable(text: &str, source: &Source, dollar: Span, problems: &mut Problems) -> Option<String> {
    let open = dollar.end;
    let length = text.get(open..)?.find(['}', '\n'])?;
    let close = open + length;
    if !text.get(close..)?.starts_with('}') {
        return None;
    }
    // The quotes go around the whole text, up to where the item ends.
    let tail = text.get(close + 1..)?;
    let tail = tail.split([',', ']', '}', '\n', '#', ' ']).next().unwrap_or_default();
    let span = Span { start: dollar.start, end: close + 1 + tail.len() };
    let written = source.text.get(span.start..span.end)?;
    problems
        .error(DiagnosticCode::UnquotedVariable, span, "between brackets, a variable needs quotes")
        .label("YAML takes this brace for a map")
        .hint(format!("quote it: \"{written}\""));
    replace(text, &[(open, "("), (close, ")")])
}

fn span_is_empty(span: Span) -> bool {
    span.start == span.end
}

/// The text with single bytes replaced by others.
fn replace(text: &str, changes: &[(usize, &str)]) -> Option<String> {
    let mut meant = text.to_owned();
    for (at, with) in changes {
        let byte = *at..at.checked_add(1)?;
        meant.get(byte.clone())?;
        meant.replace_range(byte, with);
    }
    Some(meant)
}

/// Reports a stop that cannot be read on from.
fn report(text: &str, stop: &SyntaxError, problems: &mut Problems) {
    let line_start = text.get(..stop.at).and_then(|head| head.rfind('\n')).map_or(0, |newline| newline + 1);
    let line = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
    let is_indented_by_tab =
        line.chars().take_while(|character| character.is_whitespace()).any(|c| c == '\t');
    let kind = stop.error.kind();
    let is_about_tabs = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::InvalidBlockEntryWhitespace
    );
    if is_about_tabs || is_indented_by_tab {
        let before = problems.count();
        report_tabs(problems);
        if problems.count() > before {
            return;
        }
    }
    let rest = text.get(stop.at..).unwrap_or_default();
    let width = rest.chars().next().filter(|character| *character != '\n').map_or(0, char::len_utf8);
    let span = Span { start: stop.at, end: stop.at + width };
    let (message, hint) = in_words(kind, rest);
    problems.error(DiagnosticCode::Syntax, span, message).hint(hint);
}

/// What the parser means, and what helps.
fn in_words(kind: &ErrorKind, rest: &str) -> (String, &'static str) {
    let first = rest.chars().next().unwrap_or(' ');
    match kind {
        ErrorKind::UnknownAnchor | ErrorKind::MissingAnchorOrAliasName => (
            "YAML takes a text that begins with `*` or `&` for an alias or an anchor".to_owned(),
            "quote it, as in \"*\"",
        ),
        ErrorKind::UnexpectedCharacter { .. } => {
            (format!("a text cannot begin with `{}`", first.escape_default()), "quote the text")
        }
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => {
            ("a quoted text does not end".to_owned(), "close the quote on the line on which it was opened")
        }
        ErrorKind::UnknownQuotedScalarEscape => (
            "a backslash in double quotes begins an escape that YAML does not know".to_owned(),
            "use single quotes, or write the backslash twice",
        ),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::ExpectedFlowMappingSeparator => (
            "a bracket is not closed, or a comma is missing".to_owned(),
            "close every `[` with `]` and every `{` with `}`, with commas between the items",
        ),
        ErrorKind::RecursionLimitExceeded => {
            ("lists and maps nest too deep for a profile".to_owned(), "a profile needs six levels")
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            ("a key without its colon".to_owned(), "write `key: value`; a list item begins with `- `")
        }
        ErrorKind::MappingValueNotAllowed => (
            "a colon where YAML expects none".to_owned(),
            "quote a text that has a colon in it; check the indentation",
        ),
        other => (format!("this is not YAML: {other}"), "check the indentation and the quotes of this line"),
    }
}
