//! What a text means where a resource is named: accounts, zones, buckets, Workers.

use schemars::{Schema, json_schema};

use super::codes::DiagnosticCode;
use super::model::{Jurisdiction, Reference};
use super::scalar::{InvalidScalar, Scalar, one_of, words_schema};

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
            return Err(InvalidScalar::new(DiagnosticCode::AllInAList, "cannot be one name among others")
                .hint(format!(
                    "write the word alone, as in `zones: {word}`; or the id of what is called so"
                )));
        }
        Self::read_substituted(text)
    }

    fn read_substituted(text: &str) -> Result<Self, InvalidScalar> {
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
        Err(InvalidScalar::new(DiagnosticCode::BadName, "is not a bucket's name")
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
            return Err(InvalidScalar::new(DiagnosticCode::AllInAList, "cannot be one Worker among others")
                .hint("permissions for every Worker of an account stand in the section `account`"));
        }
        Self::read_substituted(text)
    }

    fn read_substituted(text: &str) -> Result<Self, InvalidScalar> {
        if worker_name_is_valid(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidScalar::new(DiagnosticCode::BadName, "is not a Worker's name")
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
