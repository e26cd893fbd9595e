//! The mark: how a live token says which profile it belongs to and that cfmint made it.
//!
//! A live token of ours is called `<name>@<mark>`. The mark is chosen before the request, so that a token
//! whose answer was lost can be found with certainty, and two generations of one name are told apart.

use std::fmt;

/// A letter and seven more of `0-9a-z`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(String);

/// How many characters a mark has.
const LENGTH: usize = 8;

impl Mark {
    /// Makes a mark out of random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; LENGTH]) -> Self {
        const SIGNS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let letters = bytes.iter().enumerate().map(|(index, byte)| {
            let choices = if index == 0 { 26 } else { SIGNS.len() };
            char::from(SIGNS[usize::from(*byte) % choices])
        });
        Self(letters.collect())
    }

    /// Reads a mark; `None` if the text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_mark = text.len() == LENGTH
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        is_mark.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A live token's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarkedName {
    /// The profile's name for it.
    pub name: String,
    /// The mark of this generation.
    pub mark: Mark,
}

impl MarkedName {
    /// Reads `<name>@<mark>`; `None` for a token that is not cfmint's.
    #[must_use]
    pub fn parse(live_name: &str) -> Option<Self> {
        let (name, mark) = live_name.rsplit_once('@')?;
        Some(Self { name: name.to_owned(), mark: Mark::parse(mark)? })
    }
}

impl fmt::Display for MarkedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.name, self.mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_name_is_read_back_from_what_was_written() {
        for bytes in [[0; 8], [255; 8], [7, 35, 36, 25, 26, 99, 128, 200]] {
            let written = MarkedName { name: "shop-dns-dev".to_owned(), mark: Mark::from_random(bytes) };
            assert_eq!(MarkedName::parse(&written.to_string()), Some(written));
        }
    }

    #[test]
    fn other_names_bear_no_mark() {
        for name in
            ["shop-dns-dev", "a@b", "me@example.com", "x@1abcdefg", "x@abcdefg", "x@Abcdefgh", "x@abcdefgh2"]
        {
            assert_eq!(MarkedName::parse(name), None, "{name}");
        }
    }
}
