//! The exit codes.

/// Done.
pub const DONE: u8 = 0;
/// Failed or refused.
pub const FAILED: u8 = 1;
/// Wrong usage or an invalid profile: nothing was written anywhere.
pub const INVALID: u8 = 2;
/// There are differences or findings, and the caller asked to be told by the exit code.
pub const FINDINGS: u8 = 3;
/// Some of several succeeded.
pub const SOME: u8 = 4;
