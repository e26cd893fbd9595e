//! Where a valid profile sends its secret, and what each sink receives.

use std::path::PathBuf;

use super::diagnostic::Spanned;

/// Where a secret is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkSpec {
    /// Variables of an env file.
    EnvFile {
        /// As written; relative to the root of the git work tree, else to the current folder.
        path: Spanned<PathBuf>,
        /// Variable to value, in the order written.
        variables: Vec<(Spanned<String>, SinkValue)>,
        /// Its permission bits, where the profile says so: read and write for the owner, no more for the group,
        /// nothing for others.
        mode: Option<Spanned<u32>>,
    },
    /// Standard input of a program.
    Command {
        /// Program and arguments.
        argv: Spanned<Vec<String>>,
        /// What it reads.
        input: SinkValue,
        /// Program and arguments whose standard output is what the sink holds now; `None` where nobody can ask.
        read: Option<Spanned<Vec<String>>>,
    },
}

/// What a sink receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SinkValue {
    /// The secret.
    Token,
    /// The token's id.
    TokenId,
    /// The id of the one account.
    AccountId,
    /// The id of the one zone.
    ZoneId,
    /// When it ends, RFC 3339; empty for never.
    ExpiresOn,
    /// The S3 access key id of R2: the token's id.
    R2AccessKeyId,
    /// The S3 secret access key of R2: the SHA-256 of the secret. A secret itself.
    R2SecretAccessKey,
    /// The S3 endpoint of R2.
    R2Endpoint,
}

impl SinkValue {
    /// Every value.
    pub const ALL: [Self; 8] = [
        Self::Token,
        Self::TokenId,
        Self::AccountId,
        Self::ZoneId,
        Self::ExpiresOn,
        Self::R2AccessKeyId,
        Self::R2SecretAccessKey,
        Self::R2Endpoint,
    ];

    /// Whether it is a secret, or made from one.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Token | Self::R2SecretAccessKey)
    }

    /// Whether it means nothing once its token is dead. Ids of accounts and zones stay true.
    #[must_use]
    pub fn dies_with_token(self) -> bool {
        match self {
            Self::Token | Self::TokenId | Self::ExpiresOn | Self::R2AccessKeyId | Self::R2SecretAccessKey => {
                true
            }
            Self::AccountId | Self::ZoneId | Self::R2Endpoint => false,
        }
    }

    /// The word for it in a profile.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::TokenId => "token_id",
            Self::AccountId => "account_id",
            Self::ZoneId => "zone_id",
            Self::ExpiresOn => "expires_on",
            Self::R2AccessKeyId => "r2_access_key_id",
            Self::R2SecretAccessKey => "r2_secret_access_key",
            Self::R2Endpoint => "r2_endpoint",
        }
    }
}
