//! When two spellings are one: case and white space aside, and `Write` is `Edit`. Nothing fuzzier.

use crate::profile::Level;
use crate::text::one_line;

/// Whether two texts are one, case and the amount of white space aside.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.split_whitespace().map(Folded).eq(other.split_whitespace().map(Folded))
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

/// The text in lower case, its words one space apart; for distances between texts.
pub(super) fn fold(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// The label and level of a whole name: `DNS Write` is `DNS` and `edit`, `IP Prefixes: Read` is
/// `IP Prefixes` and `read`. `None` for a name that ends in no level, such as `Page Shield`.
pub(super) fn split(whole: &str) -> Option<(&str, Level)> {
    let (label, word) = whole.trim_end().rsplit_once(char::is_whitespace)?;
    Some((trim_label(label), level(word)?))
}

/// A label without the colon that some names put between it and the level.
pub(super) fn trim_label(label: &str) -> &str {
    let label = label.trim();
    label.strip_suffix(':').map_or(label, str::trim_end)
}

/// The level that a word names; `Write` of the API is `Edit` of the dashboard.
fn level(word: &str) -> Option<Level> {
    if word.eq_ignore_ascii_case("write") {
        return Some(Level::Edit);
    }
    Level::ALL.into_iter().find(|level| word.eq_ignore_ascii_case(level.word()))
}

/// The text for a message: on one line, its words one space apart.
pub(super) fn shown(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    one_line(&words.join(" "))
}
