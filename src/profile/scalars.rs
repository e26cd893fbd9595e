//! The scalars of a profile, but for times: what a text means at each place.

use std::net::IpAddr;
use std::path::{Component, Path, PathBuf};

use ipnet::IpNet;
use schemars::{Schema, json_schema};
use serde_json::{Value, json};

use super::codes;
use super::lifetime::Strategy;
use super::model::{Jurisdiction, Level, Reference};
use super::scalar::{InvalidScalar, Scalar, one_of, words_schema};
use super::sink::SinkValue;
use super::template::is_variable_name;

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
        Err(InvalidScalar::new(codes::UNKNOWN_VERSION, "is not a version that this cfmint reads")
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
        let refused = |what: String| Err(InvalidScalar::new(codes::BAD_NAME, what));
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
                codes::BAD_NAME,
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

/// An account or a zone in a list, or the account of an owner or a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResourceName(pub(super) Reference);

impl Scalar for ResourceName {
    const EXAMPLE: &'static str = "Acme Production";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        // One item called `all` among others would grant far more, or far less, than its writer thinks.
        let lower = text.to_ascii_lowercase();
        if matches!(lower.as_str(), "all" | "all-accounts" | "*") {
            let word = if text == "*" { "all" } else { &lower };
            return Err(InvalidScalar::new(codes::ALL_IN_A_LIST, "cannot be one name among others").hint(
                format!("write the word alone, as in `zones: {word}`; or the id of what is called so"),
            ));
        }
        Self::read_substituted(text)
    }

    fn read_substituted(text: &str) -> Result<Self, InvalidScalar> {
        Ok(Self(Reference::new(text)))
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

/// Whether a text names one R2 bucket.
#[must_use]
pub fn bucket_name_is_valid(text: &str) -> bool {
    matches!(BucketName::read(text), Ok(BucketName::One(_)))
}

/// Whether a text can stand in a list of accounts or zones as a name, and means nothing else there.
#[must_use]
pub fn resource_name_is_valid(text: &str) -> bool {
    super::scalar::understand(text, ResourceName::read).is_ok_and(|name| matches!(name.0, Reference::Name(_)))
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
        let others = [("write", Self::Level(Level::Edit)), ("none", Self::None)];
        levels.into_iter().chain(others).collect()
    }
}

impl Scalar for GrantedLevel {
    const EXAMPLE: &'static str = "read";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        one_of(text, &Self::words())
    }

    fn schema() -> Schema {
        words_schema(&Self::words())
    }
}

/// A bucket's name, or all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BucketName {
    /// This bucket.
    One(String),
    /// Every bucket of the account.
    All,
}

impl Scalar for BucketName {
    const EXAMPLE: &'static str = "assets";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        if text == "all" { Ok(Self::All) } else { Self::read_substituted(text) }
    }

    // R2's rule: https://developers.cloudflare.com/r2/buckets/create-buckets/
    fn read_substituted(text: &str) -> Result<Self, InvalidScalar> {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (3..=63).contains(&text.len())
            && text.bytes().all(is_allowed)
            && !text.starts_with('-')
            && !text.ends_with('-')
        {
            return Ok(Self::One(text.to_owned()));
        }
        Err(InvalidScalar::new(codes::BAD_NAME, "is not a bucket's name")
            .hint("3 to 63 of a-z, 0-9 and `-`, without `-` at an end; or `all`"))
    }

    fn placeholder(written: &str) -> Option<Self> {
        Some(Self::One(written.to_owned()))
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$" })
    }
}

/// A Worker's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WorkerName(pub(super) String);

impl Scalar for WorkerName {
    const EXAMPLE: &'static str = "api";

    // Wrangler's rule: https://developers.cloudflare.com/workers/wrangler/configuration/
    fn read(text: &str) -> Result<Self, InvalidScalar> {
        if matches!(text, "all" | "*") {
            return Err(InvalidScalar::new(codes::ALL_IN_A_LIST, "cannot be one Worker among others")
                .hint("permissions for every Worker of an account stand in the section `account`"));
        }
        Self::read_substituted(text)
    }

    fn read_substituted(text: &str) -> Result<Self, InvalidScalar> {
        if worker_name_is_valid(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidScalar::new(codes::BAD_NAME, "is not a Worker's name")
            .hint("write the `name` of its wrangler.jsonc: a-z, 0-9, `-` and `_`"))
    }

    fn placeholder(written: &str) -> Option<Self> {
        Some(Self(written.to_owned()))
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[a-z0-9_][a-z0-9_-]{0,254}$" })
    }
}

/// Whether a text can be the name of a Worker.
#[must_use]
pub fn worker_name_is_valid(text: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=255).contains(&text.len()) && text.bytes().all(is_allowed) && !text.starts_with('-')
}

impl Scalar for Jurisdiction {
    const EXAMPLE: &'static str = "default";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        one_of(text, &Self::ALL.map(|place| (place.word(), place)))
    }

    fn schema() -> Schema {
        words_schema(&Self::ALL.map(|place| (place.word(), place)))
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

impl Scalar for SinkValue {
    const EXAMPLE: &'static str = "token";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        one_of(text, &Self::ALL.map(|value| (value.word(), value)))
    }

    fn schema() -> Schema {
        words_schema(&Self::ALL.map(|value| (value.word(), value)))
    }
}

/// The path of an env file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SinkPath(pub(super) PathBuf);

impl Scalar for SinkPath {
    const EXAMPLE: &'static str = ".env";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        let path = Path::new(text);
        if text.starts_with("~/") {
            return Err(InvalidScalar::new(codes::BAD_PATH, "begins with `~`, which only a shell knows")
                .hint("write `${HOME}/…` instead"));
        }
        if !path.is_absolute() && leaves_root(path) {
            return Err(InvalidScalar::new(codes::BAD_PATH, "leads out of the work tree")
                .hint("stay inside the work tree, or write an absolute path"));
        }
        // `file_name` looks past a last `/` or `/.`, which a file's path does not have.
        if path.file_name().is_none() || text.ends_with('/') || text.ends_with("/.") {
            return Err(InvalidScalar::new(codes::BAD_PATH, "names a folder, not a file"));
        }
        Ok(Self(path.to_owned()))
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "minLength": 1 })
    }
}

/// Whether a relative path climbs above where it starts, wherever it comes down again.
fn leaves_root(path: &Path) -> bool {
    let mut depth: usize = 0;
    for component in path.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => match depth.checked_sub(1) {
                Some(above) => depth = above,
                None => return true,
            },
            Component::RootDir | Component::Prefix(_) => return true,
        }
    }
    false
}

/// The mode of a file that holds a secret. Octal however it is written: `0640`, `0o640` or `640`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileMode(pub(super) u32);

impl FileMode {
    /// What the owner must be able to do: whoever cannot read and write a file cannot keep it up to date.
    const OWNER: u32 = 0o600;

    /// What may be given at all: nothing to execute, and nothing for others.
    const MOST: u32 = 0o660;

    /// Every mode that there is.
    fn all() -> impl Iterator<Item = u32> {
        (0..=Self::MOST).filter(|mode| mode & Self::OWNER == Self::OWNER && mode & !Self::MOST == 0)
    }
}

impl Scalar for FileMode {
    const EXAMPLE: &'static str = "0640";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        let digits = text.strip_prefix("0o").unwrap_or(text);
        let is_octal =
            (3..=4).contains(&digits.len()) && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        let Some(mode) = is_octal.then(|| u32::from_str_radix(digits, 8).ok()).flatten() else {
            return Err(InvalidScalar::new(codes::BAD_MODE, "is not the mode of a file")
                .hint("write three octal digits, for the owner, the group and others: `0640`"));
        };
        let what = if mode & 0o007 != 0 {
            "lets everybody at the secret"
        } else if mode & !Self::MOST != 0 {
            "gives more than reading and writing"
        } else if mode & Self::OWNER != Self::OWNER {
            "keeps the owner from reading or writing the file"
        } else {
            return Ok(Self(mode));
        };
        let nearest = mode & Self::MOST | Self::OWNER;
        Err(InvalidScalar::new(codes::BAD_MODE, what).hint(format!("write `{nearest:04o}`")))
    }

    // To the YAML of some readers `0640` and `0o640` are numbers, and not the same ones to each.
    fn schema() -> Schema {
        let spellings = |mode: u32| {
            let plain = format!("{mode:o}");
            let number = plain.parse::<u32>().unwrap_or(mode);
            [
                json!(format!("0{plain}")),
                json!(format!("0o{plain}")),
                json!(plain),
                json!(number),
                json!(mode),
            ]
        };
        let spellings: Vec<Value> = Self::all().flat_map(spellings).collect();
        json_schema!({ "enum": spellings })
    }
}

/// One argument of a program; the first names the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument(pub(super) String);

impl Scalar for Argument {
    const EXAMPLE: &'static str = "./restart.sh";
    const MAY_HAVE_DOLLARS: bool = true;
    const MAY_BE_EMPTY: bool = true;
    const MAY_HAVE_LINES: bool = true;

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        Ok(Self(text.to_owned()))
    }
}

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
        let fault = InvalidScalar::new(codes::BAD_CIDR, "is not an address or a CIDR block");
        let address = text.split_once('/').and_then(|(address, _)| address.parse::<IpAddr>().ok());
        Err(match address {
            Some(IpAddr::V4(address)) => {
                fault.hint(format!("the prefix is a number from 0 to 32: `{address}/32`"))
            }
            Some(IpAddr::V6(address)) => {
                fault.hint(format!("the prefix is a number from 0 to 128: `{address}/128`"))
            }
            None if text.contains(',') => fault.hint("write a list with one address or block per item"),
            None => fault,
        })
    }
}

/// Names of environment variables.
#[derive(Debug, Clone)]
pub(super) struct VariableName;

impl super::decode::Name for VariableName {
    const NOUN: &'static str = "a variable";
    const PATTERN: &'static str = "^[A-Za-z_][A-Za-z0-9_]*$";
    const VALUE: &'static str = "token";
    const RULE: &'static str = "letters, digits and `_`, not beginning with a digit: `CLOUDFLARE_API_TOKEN`";

    fn accepts(text: &str) -> bool {
        is_variable_name(text)
    }
}

/// The labels of a permission section, compared case and spacing aside.
pub(super) fn folded(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
