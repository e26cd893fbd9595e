//! The state <-> versioned JSON. Secrets are not in it: the state holds only their hashes.

use serde::{Deserialize, Serialize};

use super::state::State;

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

/// Why a snapshot cannot be taken up again.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Another version of cfmint wrote it.
    #[error("the emulator's state has version {found}, and this cfmint reads version {VERSION}")]
    Version {
        /// The version it has.
        found: u32,
    },
    /// It is no snapshot, or not a whole one.
    #[error("the emulator's state cannot be read")]
    Broken(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct SnapshotVersion {
    version: u32,
}

#[derive(Serialize)]
struct VersionedState<'a> {
    version: u32,
    #[serde(flatten)]
    state: &'a State,
}

/// Writes a state. It cannot fail: every key of its maps is text.
pub(super) fn write(state: &State) -> Vec<u8> {
    serde_json::to_vec(&VersionedState { version: VERSION, state }).unwrap_or_default()
}

/// Reads a state; never guesses at what it does not know.
pub(super) fn read(bytes: &[u8]) -> Result<State, SnapshotError> {
    let SnapshotVersion { version } = serde_json::from_slice(bytes).map_err(SnapshotError::Broken)?;
    if version != VERSION {
        return Err(SnapshotError::Version { found: version });
    }
    serde_json::from_slice(bytes).map_err(SnapshotError::Broken)
}
