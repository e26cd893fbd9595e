//! Text -> how a profile's YAML takes it: the way back.
//!
//! In: any text. Out: a scalar that is read as exactly this text, by this room and by other readers of YAML. Text
//! that no profile may hold, such as a control character, is escaped here and refused where it is read.

use std::fmt::Write as _;

/// What YAML readers take for something else than text.
const WORDS: [&str; 10] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan"];

/// The text as a scalar, in quotes where YAML would read it otherwise. For a place that takes no variables, such as
/// a key.
#[must_use]
pub fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { in_quotes(text) }
}

/// The text as a scalar at a place that takes variables, none of which it has: `${` stays `${`.
#[must_use]
pub fn literal(text: &str) -> String {
    scalar(&text.replace("${", "$${"))
}

/// Whether the text means itself without quotes, in a list between brackets too.
fn is_plain(text: &str) -> bool {
    let is_harmless = |letter: char| letter.is_ascii_alphanumeric() || " -_./&()".contains(letter);
    let is_word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    let begins_number = text.starts_with(|first: char| first.is_ascii_digit());
    let is_of_number = |letter: char| letter.is_ascii_digit() || "-_.eExXoO".contains(letter);
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.ends_with(|last: char| last != ' ')
        && text.chars().all(is_harmless)
        && !is_word
        && !(begins_number && text.chars().all(is_of_number))
}

fn in_quotes(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            ' '..='~' => quoted.push(letter),
            _ if letter.is_alphanumeric() => quoted.push(letter),
            _ => {
                let code = u32::from(letter);
                let written = if code <= 0xFFFF {
                    write!(quoted, "\\u{code:04X}")
                } else {
                    write!(quoted, "\\U{code:08X}")
                };
                written.ok();
            }
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_would_read_otherwise_is_quoted() {
        for (text, written) in [
            ("DNS", "DNS"),
            ("Workers R2 Storage", "Workers R2 Storage"),
            ("4755a26eedb94da69e1066d98aa820be", "4755a26eedb94da69e1066d98aa820be"),
            ("e0000000000000000000000000000101", "e0000000000000000000000000000101"),
            ("Access: Apps", "\"Access: Apps\""),
            ("a #b", "\"a #b\""),
            ("- a", "\"- a\""),
            ("No", "\"No\""),
            ("1e10", "\"1e10\""),
            ("2030-01-31", "\"2030-01-31\""),
            ("", "\"\""),
            ("a ", "\"a \""),
            ("say \"hi\" \\", "\"say \\\"hi\\\" \\\\\""),
            ("Café", "\"Café\""),
            ("a\u{85}💥\n", "\"a\\u0085\\U0001F4A5\\n\""),
        ] {
            assert_eq!(scalar(text), written);
        }
        assert_eq!(literal("shop-${environment}"), "\"shop-$${environment}\"");
    }
}
