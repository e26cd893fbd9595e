//! The code of each situation.

use super::SinkError;
use crate::sink::SinkCode;

impl SinkError {
    /// The code of the situation.
    #[must_use]
    pub fn code(&self) -> SinkCode {
        match self {
            Self::Outside { .. } => SinkCode::Outside,
            Self::NoFolder { .. } => SinkCode::NoFolder,
            Self::NotAFile { .. } => SinkCode::NotAFile,
            Self::BrokenLink { .. } => SinkCode::BrokenLink,
            Self::OtherOwner { .. } => SinkCode::OtherOwner,
            Self::HardLink { .. } => SinkCode::HardLink,
            Self::ReadOnly { .. } => SinkCode::ReadOnly,
            Self::ReadOnlyFolder { .. } => SinkCode::ReadOnlyFolder,
            Self::OtherGroup { .. } => SinkCode::OtherGroup,
            Self::Immutable { .. } => SinkCode::Immutable,
            Self::ReadOnlyMount { .. } => SinkCode::ReadOnlyMount,
            Self::MountPoint { .. } => SinkCode::MountPoint,
            Self::HalfWritten { .. } => SinkCode::HalfWritten,
            Self::Reserved { .. } => SinkCode::Reserved,
            Self::TooLong { .. } => SinkCode::TooLong,
            Self::Unreadable { .. } => SinkCode::Unreadable,
            Self::Restless { .. } => SinkCode::Restless,
            Self::ChangedMeanwhile { .. } => SinkCode::Changed,
            Self::StageElsewhere { .. } => SinkCode::StageElsewhere,
            Self::NotMade { .. } | Self::Refused { .. } => SinkCode::Refused,
            Self::Value(_) => SinkCode::Value,
            Self::NoValue { .. } => SinkCode::NoValue,
            Self::Tracked { .. } => SinkCode::Tracked,
            Self::NotIgnored { .. } => SinkCode::NotIgnored,
            Self::StillNotIgnored { .. } => SinkCode::StillNotIgnored,
            Self::GitignoreUnfit { .. } => SinkCode::GitignoreUnfit,
            Self::NoGit { .. } => SinkCode::NoGit,
            Self::GitFailed { .. } | Self::GitDistrusts { .. } => SinkCode::GitFailed,
            Self::NameNotText { .. } => SinkCode::NameNotText,
            Self::Guard(error) => error.code(),
            Self::NoProgram { .. } => SinkCode::NoProgram,
            Self::CommandNotStarted { .. } => SinkCode::CommandNotStarted,
            Self::CommandFailed { .. } => SinkCode::CommandFailed,
            Self::CommandKilled { .. } => SinkCode::CommandKilled,
            Self::CommandUnread { .. } => SinkCode::CommandUnread,
            Self::NoGithubActions { .. } => SinkCode::NoGithubActions,
            Self::Vault(error) if error.is_of_settings() => SinkCode::VaultSettings,
            Self::Vault(error) if error.is_of_connection() => SinkCode::VaultUnanswered,
            Self::Vault(_) => SinkCode::VaultRefused,
            Self::NoTerminal => SinkCode::NoTerminal,
            Self::NotRestorable { .. } => SinkCode::NotRestorable,
            Self::CommandTimedOut { .. } => SinkCode::CommandTimedOut,
            Self::TooLate { .. } => SinkCode::TooLate,
        }
    }
}
