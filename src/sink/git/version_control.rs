//! The systems that keep versions of files, by name.

use std::fmt;

/// A system that keeps versions of files, and could commit a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionControl {
    /// Git.
    Git,
    /// Jujutsu.
    Jujutsu,
    /// Mercurial.
    Mercurial,
}

impl fmt::Display for VersionControl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Git => "git",
            Self::Jujutsu => "Jujutsu",
            Self::Mercurial => "Mercurial",
        })
    }
}
