//! Cloudflare's own refusal of a request, as its envelope tells it.
//!
//! In: what an envelope of errors holds. Out: the code, and whether certain words are in it. It explains nothing.

use super::wire::ApiError;

/// Cloudflare's own no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status, which says less than the codes.
    pub status: u16,
    /// The errors of the envelope; at least one.
    pub errors: Vec<ApiError>,
    /// Cloudflare's id of the request, for its support.
    pub ray: Option<String>,
}

impl Refusal {
    /// The code of the first error.
    #[must_use]
    pub fn code(&self) -> i64 {
        self.errors.first().map_or(0, |error| error.code)
    }

    /// Whether any error has this text in it.
    #[must_use]
    pub fn says(&self, words: &str) -> bool {
        self.errors.iter().any(|error| error.message.contains(words))
    }

    /// Whether too many bad credentials came from here.
    pub(super) fn is_lock_out(&self) -> bool {
        self.code() == 10502 || self.says("Max auth failures")
    }
}
