//! What a survey is for, which decides how much must be understood.

/// What a survey is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Tokens as the profiles say: every permission and name must be understood.
    Make,
    /// The end of tokens: only their owner and name count, so that a profile whose zone is gone can still be
    /// cleaned up after.
    End,
}
