//! What a text means where a document of several values is described: its format, the names in it.

use schemars::{Schema, json_schema};

use super::codes::DiagnosticCode;
use super::named_map::Name;
use super::scalar::{InvalidScalar, Scalar, one_of, words_schema};
use super::template::is_variable_name;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormatWord {
    Json,
    Env,
    Yaml,
    Kubernetes,
    Tfvars,
}

impl FormatWord {
    const ALL: [(&str, Self); 5] = [
        ("json", Self::Json),
        ("env", Self::Env),
        ("yaml", Self::Yaml),
        ("kubernetes", Self::Kubernetes),
        ("tfvars", Self::Tfvars),
    ];

    /// Whether a document of this format can hold a value of this name.
    pub(super) fn accepts(self, name: &str) -> bool {
        match self {
            // Kubernetes' rule for the keys of a Secret is wider: https://kubernetes.io/docs/concepts/configuration/secret/
            Self::Json | Self::Yaml | Self::Kubernetes => true,
            Self::Env => is_variable_name(name),
            Self::Tfvars => !name.contains('.'),
        }
    }
}

impl Scalar for FormatWord {
    const EXAMPLE: &'static str = "json";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        one_of(text, &Self::ALL)
    }

    fn schema() -> Schema {
        words_schema(&Self::ALL)
    }
}

/// The name of a Secret of Kubernetes, or of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KubernetesName(pub(super) String);

impl Scalar for KubernetesName {
    const EXAMPLE: &'static str = "cloudflare";

    // Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
    fn read(text: &str) -> Result<Self, InvalidScalar> {
        let is_end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_inner = |byte: u8| is_end(byte) || matches!(byte, b'-' | b'.');
        let bytes = text.as_bytes();
        let ends_well =
            bytes.first().copied().is_some_and(is_end) && bytes.last().copied().is_some_and(is_end);
        if text.len() <= 253 && ends_well && bytes.iter().copied().all(is_inner) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidScalar::new(DiagnosticCode::BadName, "is not a name in Kubernetes")
            .hint("1 to 253 of a-z, 0-9, `-` and `.`, with a letter or a digit at both ends"))
    }

    fn placeholder(written: &str) -> Option<Self> {
        Some(Self(written.to_owned()))
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$" })
    }
}

/// Names of the values that a sink holds: variables of an env file, keys of a document.
#[derive(Debug, Clone)]
pub(super) struct KeyName;

impl Name for KeyName {
    const NOUN: &'static str = "a variable";
    const PATTERN: &'static str = "^[A-Za-z_][A-Za-z0-9._-]*$";
    const VALUE: &'static str = "token";
    // What every kind of sink takes.
    const RULE: &'static str = "letters, digits and `_`, not beginning with a digit: `CLOUDFLARE_API_TOKEN`";

    fn accepts(text: &str) -> bool {
        text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    }
}
