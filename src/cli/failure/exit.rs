//! The exit codes.

use crate::world::Interrupt;

/// How a run ends, as its exit code tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Failed or refused.
    Failed,
    /// Wrong usage or an invalid profile: nothing was written anywhere.
    Invalid,
    /// There are differences or findings, and the caller asked to be told by the exit code.
    Findings,
    /// Some of several succeeded.
    Some,
    /// As the command that was run for the caller, which failed.
    OfCommand(u8),
    /// A signal asked to stop.
    Interrupted(Interrupt),
}

impl Exit {
    /// The number that a shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Invalid => 2,
            Self::Findings => 3,
            Self::Some => 4,
            Self::OfCommand(code) => code,
            Self::Interrupted(interrupt) => interrupt.exit_code(),
        }
    }
}
