//! The name of a live token of ours: which profile it belongs to, how far it has come, and its mark.
//!
//! A live token is called `<name>[+phase]@<mark>`. The mark is chosen before the request, so that a token whose answer
//! was lost can be found with certainty, and two generations of one name are told apart. The phase is the only record of
//! how far a generation has come: any machine reads it from Cloudflare's list.

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

/// How far a token of ours has come. A generation goes one way: pending, in force, retiring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Made, and its delivery is not confirmed: it ends soon by itself.
    Pending,
    /// The same, as the stand-in of a roll.
    StandIn,
    /// In force.
    InForce,
    /// In force, and its `delivered` hooks have not run.
    HooksDue,
    /// On its way out: it has an end.
    Retiring,
    /// Made for one command: no generation.
    Exec,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::StandIn, Self::InForce, Self::HooksDue, Self::Retiring, Self::Exec];

    /// What stands between the name and the mark.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Pending => "+new",
            Self::StandIn => "+roll",
            Self::InForce => "",
            Self::HooksDue => "+hooks",
            Self::Retiring => "+old",
            Self::Exec => "+exec",
        }
    }

    /// Whether its delivery is not confirmed.
    #[must_use]
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Pending | Self::StandIn)
    }

    /// Whether it is in force, with or without its hooks.
    #[must_use]
    pub fn is_in_force(self) -> bool {
        matches!(self, Self::InForce | Self::HooksDue)
    }
}

/// A live token's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarkedName {
    /// The profile's name for it.
    pub name: String,
    /// How far it has come.
    pub phase: Phase,
    /// The mark of this generation.
    pub mark: Mark,
}

impl MarkedName {
    /// Reads `<name>[+phase]@<mark>`; `None` for a token that is not cfmint's.
    #[must_use]
    pub fn parse(live_name: &str) -> Option<Self> {
        let (name, mark) = live_name.rsplit_once('@')?;
        let mark = Mark::parse(mark)?;
        let is_suffixed = |phase: &Phase| !phase.suffix().is_empty() && name.ends_with(phase.suffix());
        let phase = Phase::ALL.into_iter().find(is_suffixed).unwrap_or(Phase::InForce);
        let name = name.strip_suffix(phase.suffix()).unwrap_or(name);
        Some(Self { name: name.to_owned(), phase, mark })
    }

    /// The name that the same token has in another phase.
    #[must_use]
    pub fn in_phase(&self, phase: Phase) -> Self {
        Self { phase, ..self.clone() }
    }
}

impl fmt::Display for MarkedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}@{}", self.name, self.phase.suffix(), self.mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_name_is_read_back_from_what_was_written() {
        for bytes in [[0; 8], [255; 8], [7, 35, 36, 25, 26, 99, 128, 200]] {
            for phase in Phase::ALL {
                let name = "shop+dns-dev".to_owned();
                let written = MarkedName { name, phase, mark: Mark::from_random(bytes) };
                assert_eq!(MarkedName::parse(&written.to_string()), Some(written));
            }
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

    #[test]
    fn the_suffixes_are_those_that_no_profile_may_use() {
        let suffixes: Vec<&str> =
            Phase::ALL.into_iter().map(Phase::suffix).filter(|s| !s.is_empty()).collect();
        assert!(suffixes.iter().all(|suffix| crate::profile::NAME_SUFFIXES.contains(suffix)));
        assert_eq!(suffixes.len(), crate::profile::NAME_SUFFIXES.len());
    }
}
