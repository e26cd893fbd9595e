//! Text -> in double quotes, as JSON, YAML and Terraform all read it.

use std::fmt::Write as _;

/// How long a text can be in quotes.
pub(in crate::sink) fn longest(text: &str) -> usize {
    // A byte becomes six letters at the most.
    2 + 6 * text.len()
}

/// Writes a text in quotes. JSON and YAML read the same of it: YAML has the escapes of JSON, and no others are used.
pub(in crate::sink) fn in_quotes(out: &mut String, text: &str) {
    out.push('"');
    text.chars().for_each(|letter| escaped(out, letter));
    out.push('"');
}

/// Writes a text in quotes in which Terraform finds no template.
/// Source: <https://developer.hashicorp.com/terraform/language/expressions/strings>
pub(super) fn in_quotes_of_terraform(out: &mut String, text: &str) {
    out.push('"');
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if matches!(letter, '$' | '%') && letters.peek() == Some(&'{') {
            out.push(letter);
        }
        escaped(out, letter);
    }
    out.push('"');
}

fn escaped(out: &mut String, letter: char) {
    match letter {
        '"' | '\\' => out.extend(['\\', letter]),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // What some readers of YAML take for the end of a line, or refuse; none of it is beyond four digits.
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => unicode(out, letter),
        _ if letter.is_control() => unicode(out, letter),
        _ => out.push(letter),
    }
}

fn unicode(out: &mut String, letter: char) {
    write!(out, "\\u{:04x}", u32::from(letter)).ok();
}
