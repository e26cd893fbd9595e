//! The content of an env file: found, set and removed without touching a byte that is not meant.

mod document;
mod grammar;
mod quoting;
#[cfg(test)]
mod tests;

pub use document::Document;
pub use grammar::{DocumentError, Unfit};
pub use quoting::ValueError;

use zeroize::Zeroizing;

use super::file::{ContentProblem, FileContent, FileFormat};
use crate::secret::Secret;

/// The format of env files.
pub(super) struct EnvFormat;

impl FileFormat for EnvFormat {
    fn kind(&self) -> &'static str {
        "env_file"
    }

    fn parse(&self, bytes: &[u8]) -> Result<Box<dyn FileContent>, ContentProblem> {
        Ok(Box::new(Document::parse(bytes)?))
    }
}

impl FileContent for Document {
    fn values(&self, name: &str) -> Result<Vec<Secret>, ContentProblem> {
        Ok(Self::values(self, name)?)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), ContentProblem> {
        Ok(Self::set(self, name, value)?)
    }

    fn remove(&mut self, name: &str) -> Result<(), ContentProblem> {
        Ok(Self::remove(self, name)?)
    }

    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Self::to_bytes(self)
    }
}

impl From<DocumentError> for ContentProblem {
    fn from(problem: DocumentError) -> Self {
        Self::EnvFile(problem)
    }
}

impl From<ValueError> for ContentProblem {
    fn from(problem: ValueError) -> Self {
        match problem {
            ValueError::Line(problem) => Self::EnvFile(problem),
            other => Self::Value(other),
        }
    }
}
