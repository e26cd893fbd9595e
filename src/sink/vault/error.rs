//! What stands between a secret and Vault or OpenBao, without a word of any secret.

use std::io;
use std::path::PathBuf;

use crate::http::BadAddress;

/// Why a store could not be asked, or did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// Nothing says where the store is.
    #[error("VAULT_ADDR is not set, so nobody knows where the store is")]
    NoAddress,
    /// The store cannot be reached safely there.
    #[error("VAULT_ADDR: {0}")]
    BadAddress(BadAddress),
    /// Nothing says who asks.
    #[error("there is no token for the store: neither VAULT_TOKEN nor another way to log in is set")]
    NoLogin,
    /// Half of what a log-in takes is there.
    #[error("{set} is set, and {missing} is not")]
    HalfLogin {
        /// The variable that is set.
        set: &'static str,
        /// The one that is missing.
        missing: &'static str,
    },
    /// A file that the variables name cannot be read.
    #[error("{what} {} cannot be read: {source}", path.display())]
    Unreadable {
        /// What it should hold.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The store refused.
    #[error("the store refused {doing}: {message}")]
    Refused {
        /// What was asked.
        doing: String,
        /// Its words, or its status.
        message: String,
    },
    /// The token may read but not write.
    #[error("the store's token may not write {path}: it has {capabilities} there")]
    NoCapability {
        /// The path.
        path: String,
        /// What it may do.
        capabilities: String,
    },
    /// The store at this path keeps no versions, so two writers would overwrite each other.
    #[error("{path} is not in a KV store of version 2")]
    NoVersions {
        /// The path.
        path: String,
    },
    /// The store answered in a way that is not known.
    #[error("the store answered {doing} in an unknown way: {detail}")]
    Unknown {
        /// What was asked.
        doing: String,
        /// What is unknown about it.
        detail: String,
    },
    /// Another server was named, and a token goes to no server that the user did not name.
    #[error("the store sends {doing} on to another server, and the token does not go there")]
    Redirected {
        /// What was asked.
        doing: String,
    },
    /// There is no connection, or no answer.
    #[error("the store did not answer {doing}: {why}")]
    Unanswered {
        /// What was asked.
        doing: String,
        /// Why not.
        why: String,
    },
}

impl VaultError {
    /// Whether the variables that describe the store are at fault.
    pub(crate) fn is_of_settings(&self) -> bool {
        matches!(
            self,
            Self::NoAddress
                | Self::BadAddress(_)
                | Self::NoLogin
                | Self::HalfLogin { .. }
                | Self::Unreadable { .. }
        )
    }

    /// Whether it is about the way to the store.
    pub(crate) fn is_of_connection(&self) -> bool {
        matches!(self, Self::Unanswered { .. } | Self::Redirected { .. })
    }
}
