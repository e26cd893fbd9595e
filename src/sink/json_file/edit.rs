//! A text of JSON and a place in it -> what to change there, so that all else stays as its writer laid it out.

use std::ops::Range;

use jsonc_parser::ast::Object;
use jsonc_parser::common::Ranged as _;
use zeroize::Zeroizing;

use crate::sink::document::in_quotes;

/// A key of an object, by the bytes of both.
pub(super) struct Place {
    /// The object, with its braces.
    object: Range<usize>,
    /// The key with its value, where the object has any.
    property: Option<Range<usize>>,
    /// What stands between its name and its value.
    between: Range<usize>,
    /// The keys before and behind it.
    neighbours: (Option<Range<usize>>, Option<Range<usize>>),
}

impl Place {
    /// The key at a position of an object.
    pub(super) fn of(object: &Object<'_>, position: usize) -> Self {
        let range = |position: Option<usize>| {
            let property = position.and_then(|position| object.properties.get(position))?;
            Some(property.start()..property.end())
        };
        let between = object.properties.get(position).map_or(0..0, |it| it.name.end()..it.value.start());
        Self {
            object: object.start()..object.end(),
            property: range(Some(position)),
            between,
            neighbours: (range(position.checked_sub(1)), range(Some(position + 1))),
        }
    }
}

/// Bytes and what stands in their place afterwards.
pub(super) struct Edit {
    range: Range<usize>,
    text: Zeroizing<String>,
}

impl Edit {
    pub(super) fn new(range: Range<usize>, text: Zeroizing<String>) -> Self {
        Self { range, text }
    }

    fn plain(range: Range<usize>, text: &str) -> Self {
        Self::new(range, Zeroizing::new(text.to_owned()))
    }
}

/// The text with these edits, none of which overlaps another.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> Zeroizing<String> {
    edits.sort_by_key(|edit| edit.range.start);
    let longer: usize = edits.iter().map(|edit| edit.text.len()).sum();
    // A buffer that grew would leave copies of the secret behind.
    let mut after = Zeroizing::new(String::with_capacity(text.len() + longer));
    let mut done = 0;
    for Edit { range, text: by } in edits {
        after.push_str(text.get(done..range.start).unwrap_or_default());
        after.push_str(&by);
        done = range.end;
    }
    after.push_str(text.get(done..).unwrap_or_default());
    after
}

/// A text in quotes.
pub(super) fn quoted(value: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(crate::sink::document::longest(value)));
    in_quotes(&mut out, value);
    out
}

/// Adds a value under the keys that are left of a way, behind the last key of an object, or as a file of its own.
pub(super) fn addition(text: &str, object: Option<Place>, keys: &[&str], value: &str) -> Edit {
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let unit = unit(text);
    let Some(place) = object else {
        let entry = entry(keys, value, &Layout { line_end, indent: unit.clone(), unit: &unit, colon: ": " });
        return Edit::new(
            text.len()..text.len(),
            joined(&["{", line_end, &unit, &entry, line_end, "}", line_end]),
        );
    };
    let Some(last) = &place.property else {
        // An object with nothing in it but perhaps comments, which stay behind.
        let own = indent_of_line(text, place.object.start);
        let inner = place.object.start + 1..place.object.end - 1;
        let indent = format!("{own}{unit}");
        let entry =
            entry(keys, value, &Layout { line_end, indent: indent.clone(), unit: &unit, colon: ": " });
        let is_empty = text.get(inner.clone()).unwrap_or_default().trim().is_empty();
        return if is_empty {
            Edit::new(inner, joined(&[line_end, &indent, &entry, line_end, own]))
        } else {
            Edit::new(inner.start..inner.start, joined(&[line_end, &indent, &entry]))
        };
    };
    let is_tight = place.between.len() == 1;
    let colon = if is_tight { ":" } else { ": " };
    let own = indent_of_line(text, last.start);
    let begins_line = line_start(text, last.start) + own.len() == last.start;
    if !begins_line {
        let layout = Layout { line_end: "", indent: String::new(), unit: "", colon };
        let comma = if is_tight { "," } else { ", " };
        return Edit::new(last.end..last.end, joined(&[comma, &entry(keys, value, &layout)]));
    }
    let entry = entry(keys, value, &Layout { line_end, indent: own.to_owned(), unit: &unit, colon });
    let (comma, rest) = comma_behind(text, last.end);
    // A comment at the end of the last line stays with it.
    match (comma, rest) {
        (Some(comma), _) => {
            let end = text_end_of_line(text, comma + 1);
            Edit::new(end..end, joined(&[line_end, own, &entry, ","]))
        }
        (None, true) => {
            let end = text_end_of_line(text, last.end);
            let comment = text.get(last.end..end).unwrap_or_default();
            Edit::new(last.end..end, joined(&[",", comment, line_end, own, &entry]))
        }
        (None, false) => Edit::new(last.end..last.end, joined(&[",", line_end, own, &entry])),
    }
}

/// Takes a key out, with its line where it has one of its own, and the comma that is too many then.
pub(super) fn removal(text: &str, place: &Place) -> Vec<Edit> {
    let Some(own) = place.property.clone() else { return Vec::new() };
    let (before, behind) = &place.neighbours;
    let (comma, rest) = comma_behind(text, own.end);
    let end = comma.map_or(own.end, |comma| comma + 1);
    let start = line_start(text, own.start);
    let begins_line = text.get(start..own.start).is_some_and(|indent| indent.trim().is_empty());
    let ends_line =
        text.get(text_end_of_line(text, end)..).is_some_and(|after| after.starts_with(['\r', '\n']));
    let has_line = begins_line && ends_line && (comma.is_some() || rest);
    let mut edits = Vec::new();
    if has_line {
        let end = text_end_of_line(text, end);
        let line_end = if text.get(end..).is_some_and(|after| after.starts_with("\r\n")) { 2 } else { 1 };
        edits.push(Edit::plain(start..end + line_end, ""));
    } else {
        let range = match (before, behind) {
            (_, Some(next)) => own.start..next.start,
            (Some(last), None) => last.end..own.end,
            (None, None) => own.start..end,
        };
        return vec![Edit::plain(range, "")];
    }
    if let (Some(last), None, None) = (before, behind, comma)
        && let (Some(comma), _) = comma_behind(text, last.end)
    {
        edits.push(Edit::plain(comma..comma + 1, ""));
    }
    edits
}

/// How what is added is laid out.
struct Layout<'a> {
    line_end: &'a str,
    indent: String,
    unit: &'a str,
    colon: &'a str,
}

/// `"key": value`, the value within as many objects as there are keys left.
fn entry(keys: &[&str], value: &str, layout: &Layout<'_>) -> Zeroizing<String> {
    let Some((key, rest)) = keys.split_first() else { return Zeroizing::new(String::new()) };
    let key = quoted(key);
    if rest.is_empty() {
        return joined(&[&key, layout.colon, &quoted(value)]);
    }
    let indent = format!("{}{}", layout.indent, layout.unit);
    let inner = entry(rest, value, &Layout { indent: indent.clone(), ..*layout });
    let (line_end, own) = (layout.line_end, &layout.indent);
    joined(&[&key, layout.colon, "{", line_end, &indent, &inner, line_end, own, "}"])
}

fn joined(parts: &[&str]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
    for part in parts {
        text.push_str(part);
    }
    text
}

/// By what the file indents: as its first indented line does.
fn unit(text: &str) -> String {
    let indent = |line: &str| line.chars().take_while(|one| matches!(one, ' ' | '\t')).collect::<String>();
    let first = text.lines().filter(|line| !line.trim().is_empty()).map(indent).find(|own| !own.is_empty());
    first.unwrap_or_else(|| "  ".to_owned())
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

fn indent_of_line(text: &str, at: usize) -> &str {
    let line = text.get(line_start(text, at)..).unwrap_or_default();
    let length = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    line.get(..length).unwrap_or_default()
}

/// Where the line ends, before its line end.
fn text_end_of_line(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    at + line.len()
}

/// The comma that follows a value, if one does, and whether nothing but a comment follows on its line.
fn comma_behind(text: &str, mut at: usize) -> (Option<usize>, bool) {
    let line = text.get(at..text_end_of_line(text, at)).unwrap_or_default().trim();
    let is_rest = |rest: &str| rest.is_empty() || rest.starts_with("//");
    let is_alone = is_rest(line);
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.starts_with("//") {
            at += trimmed.lines().next().map_or(0, str::len);
        } else if let Some(comment) = trimmed.strip_prefix("/*") {
            at += 2 + comment.find("*/").map_or(comment.len(), |end| end + 2);
        } else if trimmed.starts_with(',') {
            let behind = text.get(at + 1..text_end_of_line(text, at + 1)).unwrap_or_default().trim();
            return (Some(at), is_rest(behind));
        } else {
            return (None, is_alone);
        }
    }
}
