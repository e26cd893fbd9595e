//! Bytes -> text that may be parsed: not too long, UTF-8, nothing invisible in it.
//!
//! What is at fault is reported and painted over with spaces of the same length, so that the rest of the
//! file is read as well and every position still holds.

use std::sync::Arc;

use super::codes::DiagnosticCode;
use super::diagnostic::{Source, Span};
use super::problems::Problems;
use crate::text::is_steering;

/// How many bytes a profile may have. Every permission there is, each on its own line, takes a tenth of
/// it.
pub const LONGEST_PROFILE: usize = 128 * 1024;

/// How many invisible characters are reported one by one.
const MOST_CHARACTERS: usize = 20;

/// Reads the bytes of a file as text; `None` for the text where there is none to parse.
pub(super) fn read(path: &str, bytes: Vec<u8>) -> (Problems, Option<String>) {
    if bytes.len() > LONGEST_PROFILE {
        let source = Source { path: path.to_owned(), text: String::new() };
        let mut problems = Problems::new(Arc::new(source));
        problems
            .error_of_file(
                DiagnosticCode::TooLong,
                format!("the file has {} bytes; a profile has at most {LONGEST_PROFILE}", bytes.len()),
            )
            .hint("name the profile's own file, or split it: one profile makes one token");
        return (problems, None);
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return (not_utf8(path, &error), None),
    };
    let mut problems = Problems::new(Arc::new(Source { path: path.to_owned(), text }));
    let source = Arc::clone(problems.source());
    let text = paint_over_unseen(&source.text, &mut problems);
    (problems, Some(text))
}

fn not_utf8(path: &str, error: &std::string::FromUtf8Error) -> Problems {
    let start = error.utf8_error().valid_up_to();
    let bytes = error.as_bytes();
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut problems = Problems::new(Arc::new(Source { path: path.to_owned(), text }));
    let span = Span { start, end: start + char::REPLACEMENT_CHARACTER.len_utf8() };
    let byte = bytes.get(start).copied().unwrap_or_default();
    problems
        .error(DiagnosticCode::NotUtf8, span, "the file is not UTF-8 text")
        .label(format!("the byte 0x{byte:02X}"))
        .hint("save the file as UTF-8");
    problems
}

/// Reports the characters that nobody sees, and returns the text with spaces in their stead.
fn paint_over_unseen(text: &str, problems: &mut Problems) -> String {
    let mut painted = String::with_capacity(text.len());
    let mut reported = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((start, character)) = characters.next() {
        let ends_line = character == '\r' && matches!(characters.peek(), Some((_, '\n')));
        let marks_order = character == '\u{FEFF}' && start == 0;
        if !is_steering(character) || ends_line || marks_order {
            painted.push(character);
            continue;
        }
        let width = character.len_utf8();
        painted.extend(std::iter::repeat_n(' ', width));
        reported += 1;
        if reported > MOST_CHARACTERS {
            continue;
        }
        let name =
            if character == '\0' { "a NUL".to_owned() } else { format!("U+{:04X}", u32::from(character)) };
        problems
            .error(
                DiagnosticCode::ControlCharacter,
                Span { start, end: start + width },
                format!("the file holds an invisible character, {name}"),
            )
            .hint("delete it");
    }
    painted
}

/// Reports every line that is indented with a tab.
pub(super) fn report_tabs(problems: &mut Problems) {
    let source = Arc::clone(problems.source());
    let mut line_start = 0;
    for line in source.text.split_inclusive('\n') {
        let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
        let is_blank = line.trim().is_empty();
        if let Some(tab) = line.as_bytes().iter().take(indentation).position(|byte| *byte == b'\t')
            && !is_blank
        {
            let span = Span { start: line_start + tab, end: line_start + indentation };
            problems
                .error(DiagnosticCode::Tab, span, "a tab indents this line; YAML takes spaces only")
                .label("indent with spaces")
                .hint("replace each tab of the indentation with two spaces");
        }
        line_start += line.len();
    }
}
