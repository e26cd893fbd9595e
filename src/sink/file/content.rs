//! What a file with a secret is made of, whatever its format: names and values among other bytes, which stay.

use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::sink::SinkError;
use crate::sink::env_file::{DocumentError, ValueError};
use crate::sink::json_file::JsonProblem;

/// A format of files that hold secrets.
pub(in crate::sink) trait FileFormat: Send + Sync {
    /// The word for it in a profile.
    fn kind(&self) -> &'static str;

    /// Takes a file's content apart; nothing at all is a file without values.
    fn parse(&self, bytes: &[u8]) -> Result<Box<dyn FileContent>, ContentProblem>;
}

/// A file's content, editable without touching a byte that is not meant.
pub(in crate::sink) trait FileContent {
    /// The values of every definition of a name, in order.
    fn values(&self, name: &str) -> Result<Vec<Secret>, ContentProblem>;

    /// Sets a name wherever it is defined, or adds it.
    fn set(&mut self, name: &str, value: &str) -> Result<(), ContentProblem>;

    /// Takes every definition of a name out.
    fn remove(&mut self, name: &str) -> Result<(), ContentProblem>;

    /// The content, byte for byte.
    fn to_bytes(&self) -> Zeroizing<Vec<u8>>;
}

/// Why a file's content is left alone, without a word of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentProblem {
    /// Programs read an env file differently.
    #[error(transparent)]
    EnvFile(DocumentError),
    /// A JSON file cannot be understood.
    #[error(transparent)]
    Json(#[from] JsonProblem),
    /// A value cannot stand in such a file.
    #[error(transparent)]
    Value(ValueError),
}

impl ContentProblem {
    /// What it means for a sink that is this file.
    pub(in crate::sink) fn of(self, shown: &str) -> SinkError {
        match self {
            Self::Value(problem) => SinkError::Value(problem),
            problem => SinkError::Unreadable { shown: shown.to_owned(), problem },
        }
    }
}
