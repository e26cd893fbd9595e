//! The text of a configuration -> its keys and values, or the place where it cannot be read.

use serde_json::{Map, Value};

use crate::text::json_with_comments;

/// The form of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigForm {
    /// `wrangler.toml`.
    Toml,
    /// `wrangler.json` and `wrangler.jsonc`: JSON with comments.
    Json,
}

impl ConfigForm {
    /// The form that a file's name tells; `None` where it tells none.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let ends = |end: &str| name.to_ascii_lowercase().ends_with(end);
        if ends(".toml") {
            Some(Self::Toml)
        } else if ends(".json") || ends(".jsonc") {
            Some(Self::Json)
        } else {
            None
        }
    }
}

/// A configuration that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct WranglerConfig {
    /// Its keys.
    pub(super) keys: Map<String, Value>,
}

/// Why a configuration cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What is wrong, one line.
    pub message: String,
    /// The line and the column, from 1, where it is known.
    pub position: Option<(usize, usize)>,
}

impl WranglerConfig {
    /// Reads a text.
    pub fn read(form: ConfigForm, text: &str) -> Result<Self, ConfigError> {
        // Editors of Windows put a mark in front.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value = match form {
            ConfigForm::Toml => toml(text)?,
            ConfigForm::Json => json(text)?,
        };
        match value {
            Value::Object(keys) => Ok(Self { keys }),
            _ => Err(ConfigError {
                message: "it is no configuration of Wrangler's".to_owned(),
                position: None,
            }),
        }
    }

    /// The sections of its environments, in order of their names.
    pub(super) fn environments(&self) -> impl Iterator<Item = (&str, &Map<String, Value>)> {
        let sections = self.keys.get("env").and_then(Value::as_object).into_iter().flatten();
        sections.filter_map(|(name, section)| Some((name.as_str(), section.as_object()?)))
    }
}

fn toml(text: &str) -> Result<Value, ConfigError> {
    toml::from_str(text).map_err(|error| ConfigError {
        message: error.message().lines().collect::<Vec<_>>().join("; "),
        position: error.span().map(|span| position(text, span.start)),
    })
}

/// As Wrangler reads it: comments and commas at the end of lists, and nothing else that JSON lacks.
fn json(text: &str) -> Result<Value, ConfigError> {
    jsonc_parser::parse_to_serde_value(text, &json_with_comments()).map_err(|error| ConfigError {
        message: error.kind().to_string(),
        position: Some((error.line_display(), error.column_display())),
    })
}

/// The line and the column of a byte, from 1.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
