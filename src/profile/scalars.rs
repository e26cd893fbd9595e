//! The scalars of a profile, but for times: what a text means at each place.

use std::net::IpAddr;

use ipnet::IpNet;
use schemars::{Schema, json_schema};

use super::codes::DiagnosticCode;
use super::lifetime::Strategy;
use super::model::{Level, Reference};
use super::scalar::{InvalidScalar, Scalar, not_the_word, one_of, words_schema};

/// How long a token's name may be: 120 characters, less the longest of [`NAME_SUFFIXES`], `@` and a mark of eight.
pub const LONGEST_NAME: usize = 105;

/// What cfmint puts between a name and its mark, to say how far a token has come; so no name may end with one.
pub const NAME_SUFFIXES: [&str; 5] = ["+new", "+roll", "+hooks", "+old", "+exec"];

/// The version of the format; there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FormatVersion;

impl Scalar for FormatVersion {
    const EXAMPLE: &'static str = "1";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        if text == "1" {
            return Ok(Self);
        }
        Err(InvalidScalar::new(DiagnosticCode::UnknownVersion, "is not a version that this cfmint reads")
            .hint("write `version: 1`"))
    }

    fn schema() -> Schema {
        json_schema!({ "enum": [1, "1"] })
    }
}

/// A token's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TokenName(pub(super) String);

impl Scalar for TokenName {
    const EXAMPLE: &'static str = "myapp-deploy-${environment}";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        let refused = |what: String| Err(InvalidScalar::new(DiagnosticCode::BadName, what));
        if text.chars().count() > LONGEST_NAME {
            return refused(format!(
                "is longer than {LONGEST_NAME} characters, which leaves no room for the mark"
            ));
        }
        if text.contains('@') {
            return refused("holds an `@`, which sets the mark apart from the name".to_owned());
        }
        if text.trim() != text {
            return refused("begins or ends with a space".to_owned());
        }
        if let Some((own, suffix)) = suffixed(text) {
            let instead = suffix.replace('+', "-");
            return Err(InvalidScalar::new(
                DiagnosticCode::BadName,
                format!("ends with `{suffix}`, which says how far a token has come"),
            )
            .hint(format!("write for example `{}{instead}`", own.escape_debug())));
        }
        Ok(Self(text.to_owned()))
    }
}

/// A name that ends with a suffix: what stands before it, and the suffix.
fn suffixed(text: &str) -> Option<(&str, &'static str)> {
    NAME_SUFFIXES.into_iter().find_map(|suffix| text.strip_suffix(suffix).map(|own| (own, suffix)))
}

/// Whether a text can be a profile's name for its token.
#[must_use]
pub fn name_is_valid(text: &str) -> bool {
    super::scalar::understand(text, TokenName::read).is_ok()
}

/// A sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence(pub(super) String);

impl Scalar for Sentence {
    const EXAMPLE: &'static str = "Deploys myapp's Workers";
    const MAY_HAVE_DOLLARS: bool = true;
    const MAY_HAVE_LINES: bool = true;

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        Ok(Self(text.trim_end().to_owned()))
    }
}

/// The API's name of a permission group, or its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GroupName(pub(super) Reference);

impl Scalar for GroupName {
    const EXAMPLE: &'static str = "DNS Write";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        Ok(Self(Reference::new(text)))
    }
}

/// What a label is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GrantedLevel {
    /// This level.
    Level(Level),
    /// Nothing; what a lower layer gave is taken away.
    None,
}

impl GrantedLevel {
    /// Every word for a level, and `none`.
    fn words() -> Vec<(&'static str, Self)> {
        let levels = Level::ALL.map(|level| (level.word(), Self::Level(level)));
        let others = [
            ("write", Self::Level(Level::Edit)),
            ("read-only", Self::Level(Level::Read)),
            ("none", Self::None),
        ];
        levels.into_iter().chain(others).collect()
    }

    /// The levels that a text names and nothing else, as guides write them: `Read & Edit`, `Edit (for Next.js)`. Each
    /// by its own word.
    pub(super) fn named_in(text: &str) -> Vec<&'static str> {
        // What says when or for what a level is wanted says nothing about the level.
        const REMARKS: [&str; 5] = ["for", "if", "to", "on", "when"];
        const BETWEEN: [&str; 8] =
            ["and", "or", "plus", "then", "only", "access", "permission", "permissions"];
        let lower = text.to_lowercase();
        let said = lower.split(['(', '[', '#', '—', '–', ':']).next().unwrap_or_default();
        let words = said.split(|letter: char| !letter.is_alphanumeric() && letter != '-');
        let words = words.filter(|word| !word.is_empty());
        let mut named = Vec::new();
        for word in words.take_while(|word| !REMARKS.contains(word)) {
            let level = Self::words().into_iter().find(|(known, _)| *known == word);
            match level {
                Some((_, Self::Level(level))) if !named.contains(&level.word()) => named.push(level.word()),
                Some((_, Self::Level(_))) => {}
                None if BETWEEN.contains(&word) => {}
                Some((_, Self::None)) | None => return Vec::new(),
            }
        }
        named
    }
}

impl Scalar for GrantedLevel {
    const EXAMPLE: &'static str = "read";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        one_of(text, &Self::words())
    }

    fn read_substituted(text: &str) -> Result<Self, InvalidScalar> {
        not_the_word(text, "none").and_then(|()| Self::read(text))
    }

    fn schema() -> Schema {
        words_schema(&Self::words())
    }
}

const STRATEGIES: [(&str, Strategy); 2] = [("rotate", Strategy::Generation), ("roll", Strategy::Roll)];

impl Scalar for Strategy {
    const EXAMPLE: &'static str = "rotate";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        one_of(text, &STRATEGIES)
    }

    fn schema() -> Schema {
        words_schema(&STRATEGIES)
    }
}

/// Words for every address that people write into a list; the rule as a whole has one.
const EVERYWHERE: [&str; 6] = ["any", "all", "anywhere", "everywhere", "everyone", "*"];

/// A network, or one address as the network of itself. Bits of the host are kept: they tell that one address was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cidr(pub(super) IpNet);

impl Scalar for Cidr {
    const EXAMPLE: &'static str = "203.0.113.0/24";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self(network));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(IpNet::from(address)));
        }
        let fault = InvalidScalar::new(DiagnosticCode::BadCidr, "is not an address or a CIDR block");
        let address = text.split_once('/').and_then(|(address, _)| address.parse::<IpAddr>().ok());
        Err(match address {
            Some(IpAddr::V4(address)) => {
                fault.hint(format!("the prefix is a number from 0 to 32: `{address}/32`"))
            }
            Some(IpAddr::V6(address)) => {
                fault.hint(format!("the prefix is a number from 0 to 128: `{address}/128`"))
            }
            None if EVERYWHERE.iter().any(|word| word.eq_ignore_ascii_case(text)) => {
                fault.hint("for no rule, write `ip: any` in place of its lists")
            }
            None if text.eq_ignore_ascii_case("none") => {
                fault.hint("leave the list out to name no address; `ip: any` is no rule at all")
            }
            None if text.contains(',') => fault.hint("write a list with one address or block per item"),
            None => fault,
        })
    }
}

/// The labels of a permission section, compared case and spacing aside.
pub(super) fn folded(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
