//! Text of others -> text that a terminal, a table, a comment or a page can hold.
//!
//! In: names, messages, paths and whatever else somebody outside wrote. Out: the same text with every character that
//! is not seen written as an escape, so that nothing in it moves the cursor, begins a line, turns the direction of
//! writing or hides. Escapes have JSON's form, so that a JSON document that passes [`lines`] still says the same. It
//! never guesses what was meant, and cleaning twice changes nothing more. Beside it stands what many say or read alike: a
//! number with its noun, a few names of many, JSON with comments.

use std::fmt::Write as _;

use jsonc_parser::ParseOptions;
use unicode_width::UnicodeWidthChar;

/// How long a piece of somebody's text is on a terminal at the most, in characters.
pub const LONGEST: usize = 400;

/// How many marks may stand on one letter. No language needs more; a tower of them covers the lines above.
const MOST_MARKS: usize = 4;

/// A text on one line of at most [`LONGEST`] characters.
#[must_use]
pub fn one_line(text: &str) -> String {
    one_line_of(text, LONGEST)
}

/// A text on one line of at most so many characters; what is cut off shows as `…`.
#[must_use]
pub fn one_line_of(text: &str, longest: usize) -> String {
    let longest = longest.max(1);
    let mut shown = String::new();
    let (mut length, mut cut) = (0, 0);
    for piece in pieces(text, |_| false) {
        length += piece.len();
        if length > longest {
            shown.truncate(cut);
            shown.push('…');
            break;
        }
        piece.write(&mut shown);
        if length < longest {
            cut = shown.len();
        }
    }
    shown
}

/// A text on one line, however long.
#[must_use]
pub fn whole_line(text: &str) -> String {
    one_line_of(text, usize::MAX)
}

/// A text whose line ends and tabs are its own: a message of several lines, a table, a document.
#[must_use]
pub fn lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    pieces(text, |character| matches!(character, '\n' | '\t')).for_each(|piece| piece.write(&mut shown));
    shown
}

/// How many, with the noun in its number.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Whether a character steers a terminal or the direction of writing. Line feed and tab are for the caller to judge.
#[must_use]
pub fn is_steering(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => true,
        other => other.is_control(),
    }
}

/// Whether nobody sees a character: controls, line ends and tabs, what turns the direction of writing, what takes no
/// room without being a mark on a letter, fillers, and what is no character at all.
#[must_use]
pub fn is_unseen(character: char) -> bool {
    match character {
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}'
        | '\u{ffff}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
}

/// Whether a character takes no room because it stands on the one before it.
fn is_mark(character: char) -> bool {
    character.width() == Some(0) && !is_unseen(character)
}

/// A character as it is shown.
enum Piece {
    /// As it is.
    Plain(char),
    /// As an escape.
    Escaped(char),
}

impl Piece {
    /// How many characters it takes.
    fn len(&self) -> usize {
        match self {
            Self::Plain(_) => 1,
            Self::Escaped('\n' | '\r' | '\t') => 2,
            Self::Escaped(character) => 6 * character.len_utf16(),
        }
    }

    fn write(&self, shown: &mut String) {
        match self {
            Self::Plain(character) => shown.push(*character),
            Self::Escaped('\n') => shown.push_str("\\n"),
            Self::Escaped('\r') => shown.push_str("\\r"),
            Self::Escaped('\t') => shown.push_str("\\t"),
            Self::Escaped(character) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(shown, "\\u{unit:04x}").ok();
                }
            }
        }
    }
}

/// The pieces of a text; what is kept stays, though nobody sees it.
fn pieces(text: &str, is_kept: impl Fn(char) -> bool) -> impl Iterator<Item = Piece> {
    let mut marks = 0;
    text.chars().map(move |character| {
        marks = if is_mark(character) { marks + 1 } else { 0 };
        if marks > MOST_MARKS || (is_unseen(character) && !is_kept(character)) {
            Piece::Escaped(character)
        } else {
            Piece::Plain(character)
        }
    })
}

/// How JSON is read in which people write: with comments and with commas at the end of lists, and nothing else that JSON
/// lacks.
pub(crate) fn json_with_comments() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

/// The most that [`few_of`] names of many.
const MOST_NAMED: usize = 3;

/// Names in a line: all of a few, of many the first and how many more.
pub(crate) fn few_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.split_at_checked(MOST_NAMED) {
        Some((first, others)) if others.len() > 1 => {
            format!("{} and {} more", first.join(", "), others.len())
        }
        _ => names.join(", "),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_seen_stays_and_what_is_not_is_written_out() {
        let rows = [
            ("shop-deploy", "shop-deploy"),
            ("Zürich · 東京 · مرحبا · שלום · ไทย", "Zürich · 東京 · مرحبا · שלום · ไทย"),
            ("a\\b \"c\"", "a\\b \"c\""),
            ("one\ntwo\r\n\tthree", "one\\ntwo\\r\\n\\tthree"),
            ("\u{1b}[2J\u{1b}]0;title\u{7}", "\\u001b[2J\\u001b]0;title\\u0007"),
            (
                "c1 \u{9b}2J, delete \u{7f}, next line \u{85}",
                "c1 \\u009b2J, delete \\u007f, next line \\u0085",
            ),
            ("\u{202e}gpj.exe\u{202c}", "\\u202egpj.exe\\u202c"),
            ("\u{2066}isolate\u{2069}\u{61c}", "\\u2066isolate\\u2069\\u061c"),
            ("p\u{200b}r\u{200d}o\u{feff}d\u{2060}\u{ad}", "p\\u200br\\u200do\\ufeffd\\u2060\\u00ad"),
            ("lines\u{2028}and\u{2029}paragraphs", "lines\\u2028and\\u2029paragraphs"),
            ("tag \u{e0041}", "tag \\udb40\\udc41"),
            ("filled \u{3164}\u{115f}", "filled \\u3164\\u115f"),
            ("e\u{301}", "e\u{301}"),
            ("\u{fffe}\u{0}", "\\ufffe\\u0000"),
        ];
        for (text, shown) in rows {
            assert_eq!(one_line(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_tower_of_marks_stays_low() {
        let shown = one_line(&format!("e{}x", "\u{301}".repeat(6)));
        assert_eq!(shown, format!("e{}\\u0301\\u0301x", "\u{301}".repeat(4)));
    }

    #[test]
    fn a_long_text_is_cut_between_whole_pieces() {
        let rows = [
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abcde…"),
            ("abc\u{1b}", 9, "abc\\u001b"),
            ("abc\u{1b}", 8, "abc…"),
            ("abc\u{1b}d", 9, "abc…"),
            ("abcd", 0, "…"),
            ("", 0, ""),
        ];
        for (text, longest, shown) in rows {
            assert_eq!(one_line_of(text, longest), shown, "{text:?} in {longest}");
        }
        assert_eq!(one_line(&"x".repeat(10_240)).chars().count(), LONGEST);
        assert_eq!(whole_line(&"x".repeat(10_240)).len(), 10_240);
    }

    #[test]
    fn lines_and_tabs_stay_where_a_text_has_lines() {
        assert_eq!(lines("a\tb\nc\r\n\u{1b}[1m"), "a\tb\nc\\r\n\\u001b[1m");
    }

    /// Texts with much that is not seen in them.
    fn texts() -> impl Strategy<Value = String> {
        let odd = prop::sample::select(vec![
            '\n',
            '\r',
            '\t',
            '\u{0}',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{ad}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{2028}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{ffff}',
            '\u{e0001}',
            '\u{301}',
            '\u{488}',
            '\u{fe0f}',
            '\u{20dd}',
            '\\',
            'a',
            '漢',
            '🦀',
        ]);
        prop::collection::vec(prop_oneof![odd, any::<char>()], 0..200)
            .prop_map(|characters| characters.into_iter().collect())
    }

    /// The longest run of characters that take no room.
    fn highest_tower(text: &str) -> usize {
        let (mut run, mut highest) = (0, 0);
        for character in text.chars() {
            run = if character.width() == Some(0) { run + 1 } else { 0 };
            highest = highest.max(run);
        }
        highest
    }

    proptest! {
        #[test]
        fn no_line_holds_what_is_not_seen_or_grows_too_long_and_cleaning_it_again_changes_nothing(
            text in texts(),
            longest in 1_usize..300,
        ) {
            let shown = one_line_of(&text, longest);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_steering(c) || is_unseen(c)), "{shown:?}");
            prop_assert!(highest_tower(&shown) <= MOST_MARKS, "{shown:?}");
            prop_assert!(shown.chars().count() <= longest, "{shown:?}");
            prop_assert_eq!(one_line_of(&shown, longest), shown);
        }

        #[test]
        fn lines_hold_nothing_unseen_but_their_ends_and_tabs(text in texts()) {
            let shown = lines(&text);
            let is_own = |c: char| matches!(c, '\n' | '\t');
            prop_assert!(!shown.chars().any(|c| is_unseen(c) && !is_own(c)), "{shown:?}");
            prop_assert_eq!(lines(&shown), shown.clone());
            prop_assert_eq!(text.matches('\n').count(), shown.matches('\n').count());
        }

        #[test]
        fn a_json_document_says_the_same_when_its_lines_are_cleaned(text in texts()) {
            let document = serde_json::json!({ "name": text });
            for written in [document.to_string(), serde_json::to_string_pretty(&document).unwrap()] {
                prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&lines(&written)).unwrap(), &document);
            }
        }
    }
}
