//! What a text means where a sink is described: values, paths, modes, arguments.

use std::path::{Component, Path, PathBuf};

use schemars::{Schema, json_schema};
use serde_json::{Value, json};

use super::codes::DiagnosticCode;
use super::scalar::{InvalidScalar, Scalar, one_of, words_schema};
use super::sink::SinkValue;

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
            return Err(InvalidScalar::new(
                DiagnosticCode::BadPath,
                "begins with `~`, which only a shell knows",
            )
            .hint("write `${HOME}/…` instead"));
        }
        if !path.is_absolute() && leaves_root(path) {
            return Err(InvalidScalar::new(DiagnosticCode::BadPath, "leads out of the work tree")
                .hint("stay inside the work tree, or write an absolute path"));
        }
        // `file_name` looks past a last `/` or `/.`, which a file's path does not have.
        if path.file_name().is_none() || text.ends_with('/') || text.ends_with("/.") {
            return Err(InvalidScalar::new(DiagnosticCode::BadPath, "names a folder, not a file"));
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
            return Err(InvalidScalar::new(DiagnosticCode::BadMode, "is not the mode of a file")
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
        Err(InvalidScalar::new(DiagnosticCode::BadMode, what).hint(format!("write `{nearest:04o}`")))
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

/// The word `true`, for what is there or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct True;

impl Scalar for True {
    const EXAMPLE: &'static str = "true";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        one_of(text, &[("true", Self)])
    }

    fn schema() -> Schema {
        json_schema!({ "enum": [true, "true"] })
    }
}

/// The path of a secret in a KV store of version 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct VaultPath(pub(super) String);

impl Scalar for VaultPath {
    const EXAMPLE: &'static str = "secret/data/shop/cloudflare";

    // Source: https://openbao.org/api-docs/secret/kv/kv-v2/
    fn read(text: &str) -> Result<Self, InvalidScalar> {
        let fault = |what: &'static str| InvalidScalar::new(DiagnosticCode::BadPath, what);
        let parts: Vec<&str> = text.split('/').collect();
        if text.starts_with('/') || text.starts_with("v1/") || text.contains("://") {
            return Err(fault("is more than the path of a secret")
                .hint("begin with the name of the store, and leave the address to VAULT_ADDR"));
        }
        let is_unfit = |one: char| one.is_whitespace() || one.is_control() || "?#%\\".contains(one);
        if parts.iter().any(|part| matches!(*part, "" | "." | "..")) || text.contains(is_unfit) {
            return Err(fault("is not the path of a secret"));
        }
        // The name of the store may have several parts, and so may what follows.
        if parts.iter().skip(1).rev().skip(1).any(|part| *part == "data") {
            return Ok(Self(text.to_owned()));
        }
        let (store, rest) = text.split_once('/').unwrap_or(("secret", text));
        Err(fault("has no `data` in it, as the paths of a KV store of version 2 have")
            .hint(format!("write `{store}/data/{rest}`")))
    }

    fn placeholder(written: &str) -> Option<Self> {
        Some(Self(written.to_owned()))
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[^/]+/(.+/)?data/.+$" })
    }
}

/// Whether a text is the path of a secret in a KV store of version 2.
#[must_use]
pub fn vault_path_is_valid(text: &str) -> bool {
    VaultPath::read(text).is_ok()
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
