//! A value <-> its spelling in an env file, such that every common program reads the same.
//!
//! What cfmint delivers is plain: secrets, ids, URLs, times. Plain text needs no quotes. What is not plain is put
//! in single quotes where all programs agree on them, and refused where they do not.

use zeroize::Zeroizing;

use super::grammar::{DocumentError, Text};

/// Why a variable cannot stand in an env file. Never holds the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The name is none that a shell takes.
    #[error("`{}` is not a variable name: letters, digits and `_`, no digit first", name.escape_debug())]
    BadName {
        /// The name.
        name: String,
    },
    /// No spelling of the value is read alike by all programs.
    #[error("the value of `{name}` has a character that programs read differently in an env file")]
    BadValue {
        /// The variable.
        name: String,
    },
    /// A line of the file is read differently by programs.
    #[error(transparent)]
    Line(#[from] DocumentError),
}

/// Refuses a name that a shell would not take.
pub(super) fn check_name(name: &str) -> Result<(), ValueError> {
    let mut bytes = name.bytes();
    let begins = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if begins && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        Ok(())
    } else {
        Err(ValueError::BadName { name: name.to_owned() })
    }
}

/// A value that can be spelled.
pub(super) struct Spelling<'a> {
    value: &'a str,
    plain: bool,
}

impl<'a> Spelling<'a> {
    /// Finds out how a value can be spelled.
    pub(super) fn of(name: &str, value: &'a str) -> Result<Self, ValueError> {
        let plain = value.bytes().all(is_plain);
        // Within single quotes python-dotenv expands `$` and un-escapes `\`, and some line splitters know U+2028.
        let unfit =
            |c: char| c.is_control() || matches!(c, '\'' | '\\' | '$' | '\u{2028}' | '\u{2029}' | '\u{feff}');
        if !plain && value.contains(unfit) {
            return Err(ValueError::BadValue { name: name.to_owned() });
        }
        Ok(Self { value, plain })
    }

    /// The spelling in a new line.
    pub(super) fn unquoted_if_possible(&self) -> Text {
        if self.plain { self.between("") } else { self.between("'") }
    }

    /// The spelling in the place of an older value: with the same quotes where they mean the same, and with
    /// quotes around nothing where some programs would take what follows for the value.
    pub(super) fn like(&self, old: &[u8], needs_value: bool) -> Text {
        match old {
            [b'"', .., b'"'] if self.plain => self.between("\""),
            [b'\'', .., b'\''] => self.between("'"),
            _ if self.value.is_empty() && needs_value => self.between("'"),
            _ => self.unquoted_if_possible(),
        }
    }

    fn between(&self, quote: &str) -> Text {
        Zeroizing::new([quote, self.value, quote].concat().into_bytes())
    }
}

/// Whether a byte means itself without quotes, to every program, wherever it stands in a value.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-./:@%+,=".contains(&byte)
}

/// The value that a spelling stands for; a shell's word of several quoted parts is put together.
pub(super) fn read(spelling: &[u8]) -> Text {
    // Never grows: what is read is never longer than how it is written.
    let mut value = Zeroizing::new(Vec::with_capacity(spelling.len()));
    let mut rest = spelling;
    if !matches!(rest.first(), Some(b'"' | b'\'' | b'`')) {
        value.extend_from_slice(rest);
        return value;
    }
    while let [first, after @ ..] = rest {
        rest = match first {
            b'"' => read_double(after, &mut value),
            b'\'' | b'`' => {
                let end = closing(after, *first);
                value.extend(after.iter().take(end));
                after.get(end + 1..).unwrap_or_default()
            }
            b' ' | b'\t' | b'#' => break,
            b'\\' => {
                value.extend(after.first());
                after.get(1..).unwrap_or_default()
            }
            other => {
                value.push(*other);
                after
            }
        };
    }
    value
}

/// Where a quote closes that has no escapes: at the next one of its kind that no backslash precedes, if any.
fn closing(text: &[u8], quote: u8) -> usize {
    let mut before = 0;
    for (at, byte) in text.iter().enumerate() {
        if *byte == quote && (before != b'\\' || at + 1 == text.len()) {
            return at;
        }
        before = *byte;
    }
    text.len()
}

/// Reads on behind a double quote; returns what stands behind the one that closes it.
fn read_double<'a>(mut rest: &'a [u8], value: &mut Vec<u8>) -> &'a [u8] {
    loop {
        rest = match rest {
            [] => return rest,
            [b'"', after @ ..] => return after,
            [b'\\', b'n', after @ ..] => {
                value.push(b'\n');
                after
            }
            [b'\\', b'r', after @ ..] => {
                value.push(b'\r');
                after
            }
            [b'\\', escaped @ (b'"' | b'\\' | b'$' | b'`'), after @ ..] => {
                value.push(*escaped);
                after
            }
            [byte, after @ ..] => {
                value.push(*byte);
                after
            }
        };
    }
}
