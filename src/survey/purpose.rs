//! What a survey is for, which decides how much must be understood.

/// What a survey is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Tokens as the profiles say: every permission and name must be understood.
    Make,
    /// The same for a token that is given to one command: no sink is looked at, since none gets it.
    Command,
    /// The end of tokens: only their owner and name count, so that a profile whose zone is gone can still be
    /// cleaned up after.
    End,
}

impl Purpose {
    /// Whether tokens are made.
    #[must_use]
    pub fn makes(self) -> bool {
        self != Self::End
    }
}
