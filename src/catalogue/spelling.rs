//! When two spellings are one: case and blanks aside, those around a colon too, and `Write` is `Edit`. Nothing fuzzier.

use crate::profile::Level;
use crate::text::one_line;

/// What stands between the parts of a phrase: `Account → Workers Scripts → Edit`, `Zone.DNS`, `Zone:Read`.
pub(super) const SEPARATORS: [char; 11] = ['→', '⇒', '>', '›', '»', '/', '\\', '.', '·', ':', '|'];

/// Whether two texts are one, case and blanks aside.
pub(super) fn same(one: &str, other: &str) -> bool {
    tokens(one).map(Folded).eq(tokens(other).map(Folded))
}

/// The words of a text, and its colons, wherever blanks stand.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let pieces = text.split_whitespace().flat_map(|word| word.split_inclusive(':'));
    pieces
        .flat_map(|piece| match piece.strip_suffix(':') {
            Some(word) => [word, ":"],
            None => [piece, ""],
        })
        .filter(|token| !token.is_empty())
}

/// A word without its case.
struct Folded<'a>(&'a str);

impl PartialEq for Folded<'_> {
    fn eq(&self, other: &Self) -> bool {
        // Cloudflare's own names are ASCII; the slow way is for what people write.
        self.0.eq_ignore_ascii_case(other.0)
            || (!self.0.is_ascii() || !other.0.is_ascii())
                && self
                    .0
                    .chars()
                    .flat_map(char::to_lowercase)
                    .eq(other.0.chars().flat_map(char::to_lowercase))
    }
}

/// The text in lower case, its words one space apart and each colon right behind a word; for distances between texts.
pub(super) fn fold(text: &str) -> String {
    let words: Vec<String> = tokens(text).map(str::to_lowercase).collect();
    words.join(" ").replace(" :", ":")
}

/// The words of a text without colons, in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    tokens(text).filter(|token| *token != ":").map(str::to_lowercase).collect()
}

/// The label and level of a whole name: `DNS Write` is `DNS` and `edit`, `IP Prefixes: Read` is
/// `IP Prefixes` and `read`, and so is `IP Prefixes:Read`. `None` for a name that ends in no level, such as
/// `Page Shield`.
pub(super) fn split(whole: &str) -> Option<(&str, Level)> {
    let is_border = |character: char| character.is_whitespace() || SEPARATORS.contains(&character);
    let (label, word) = whole.trim_end().rsplit_once(is_border)?;
    let (label, level) = (trim_label(label), level(word)?);
    (!label.is_empty()).then_some((label, level))
}

/// A label without what some names put between it and the level: a colon, an arrow.
pub(super) fn trim_label(label: &str) -> &str {
    let is_border = |last: char| last.is_whitespace() || "-–—=".contains(last) || SEPARATORS.contains(&last);
    label.trim().trim_end_matches(is_border)
}

/// The level that a word names; `Write` of the API is `Edit` of the dashboard.
pub(super) fn level(word: &str) -> Option<Level> {
    if word.eq_ignore_ascii_case("write") {
        return Some(Level::Edit);
    }
    if word.eq_ignore_ascii_case("read-only") {
        return Some(Level::Read);
    }
    Level::ALL.into_iter().find(|level| word.eq_ignore_ascii_case(level.word()))
}

/// The text for a message: on one line, its words one space apart.
pub(super) fn shown(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    one_line(&words.join(" "))
}
