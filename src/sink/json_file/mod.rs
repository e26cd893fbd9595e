//! The content of a JSON file, with or without comments: found, set and removed without touching a byte that is not meant.
//!
//! A name may lead into an object: `cloudflare.token` is the key `token` of the object `cloudflare`.

mod content;
mod edit;
mod problem;
#[cfg(test)]
mod tests;

pub use problem::JsonProblem;

use zeroize::Zeroizing;

pub(super) use self::content::{JsonContent, object_at};
use super::file::{ContentProblem, FileContent, FileFormat};
use crate::secret::Secret;

/// The format of JSON files.
pub(super) struct JsonFormat;

impl FileFormat for JsonFormat {
    fn kind(&self) -> &'static str {
        "json_file"
    }

    fn parse(&self, bytes: &[u8]) -> Result<Box<dyn FileContent>, ContentProblem> {
        Ok(Box::new(JsonContent::parse(bytes)?))
    }
}

impl FileContent for JsonContent {
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
