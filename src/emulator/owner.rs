//! Whose a token is.

use serde::{Deserialize, Serialize};

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmulatorOwner {
    /// The one user's.
    User,
    /// An account's, by its id.
    Account(String),
}
