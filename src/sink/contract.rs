//! What every kind of sink can do, and what custody learns from it.
//!
//! A sink answers for itself: nobody outside this room asks of which kind it is. A secret goes in through
//! [`Sink::write`] and comes out only where the sink can say what it holds; none is in a record or an error.

use std::fs::File;
use std::slice;
use std::time::Duration;

use zeroize::Zeroizing;

use super::SinkError;
use super::file::SecretFile;
use super::staging::Staging;
use super::values::Values;
use crate::profile::SinkValue;
use crate::secret::Secret;
use crate::world::World;

/// What a sink is, for people, for JSON and for hooks. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkRecord {
    /// Its kind, as the profile names it, such as `env_file`.
    pub kind: &'static str,
    /// What a person calls it.
    pub path: String,
    /// The variables or keys it sets; none for a single value.
    pub variables: Vec<String>,
}

/// What a sink said of what it holds.
pub enum SinkReading {
    /// It could be read.
    Content(ReadContent),
    /// It only takes, as a program or a terminal does: nobody knows what it holds.
    Opaque,
}

impl SinkReading {
    /// The first thing that a later reading found changed, as a person calls it.
    #[must_use]
    pub fn changed_in<'a>(&self, later: &'a Self) -> Option<&'a str> {
        let (Self::Content(before), Self::Content(now)) = (self, later) else { return None };
        let pairs = before.entries.iter().zip(&now.entries);
        pairs
            .into_iter()
            .find(|(one, other)| !is_same(&one.found, &other.found))
            .map(|(_, now)| now.shown.as_str())
    }

    /// The first place, by its position, in which stands neither what this reading found nor the text that is about to be
    /// written there.
    pub(super) fn first_foreign(&self, now: &[Vec<Secret>], texts: &[Secret]) -> Option<usize> {
        let seen = match self {
            Self::Content(ReadContent { entries, .. }) => entries.as_slice(),
            Self::Opaque => &[],
        };
        let is_ours = |position: usize, now: &[Secret]| {
            seen.get(position).is_some_and(|entry| is_same(&entry.found, now))
                || texts.get(position).is_some_and(|text| is_same(now, slice::from_ref(text)))
        };
        now.iter().enumerate().position(|(position, now)| !is_ours(position, now))
    }
}

/// What a readable sink holds.
pub struct ReadContent {
    /// Everything that it should hold, in the order of the profile.
    pub entries: Vec<ContentEntry>,
    /// Whether others than its owner may read it although the profile does not say so.
    pub is_loose: bool,
}

/// One thing that a sink should hold: a variable of an env file, a key of a store, or the one value of a program.
pub struct ContentEntry {
    /// What a person calls it: `CLOUDFLARE_API_TOKEN in .env`, or the program.
    pub shown: String,
    /// What should be there.
    pub value: SinkValue,
    /// What is there: every definition of the variable, in order. Empty where there is none.
    pub found: Vec<Secret>,
}

/// What was done by a write.
pub struct WriteReceipt {
    /// What a person calls the sink.
    pub shown: String,
    /// The variables or keys that were set; none for a single value.
    pub variables: Vec<String>,
    /// The mode the file had, if more could read it than now.
    pub tightened: Option<u32>,
    /// What it takes to put back what was there.
    pub(super) undo: Undo,
}

/// What it takes to put back what a write replaced.
pub(super) enum Undo {
    /// For a file.
    File {
        /// What it held.
        before: Zeroizing<Vec<u8>>,
        /// What it holds since.
        after: Zeroizing<Vec<u8>>,
        /// Whether it was made.
        created: bool,
    },
    /// For a program or a store that can say what it holds.
    Readable {
        /// What it held of each value.
        before: Vec<Vec<Secret>>,
        /// What it was given.
        after: Vec<Secret>,
    },
    /// For what cannot say: nothing helps.
    Opaque,
}

/// A write that failed, and what is known of its effect.
#[derive(Debug)]
pub struct NotWritten {
    /// Why.
    pub error: SinkError,
    /// Whether the sink may hold the new value all the same.
    pub reached: Reached,
}

impl NotWritten {
    /// A write that failed before the sink was touched.
    pub(super) fn untouched(error: SinkError) -> Self {
        Self { error, reached: Reached::No }
    }

    /// A write that failed when nobody knows what the sink holds.
    pub(super) fn perhaps(error: SinkError) -> Self {
        Self { error, reached: Reached::Perhaps }
    }
}

/// Whether a sink holds a value whose write failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// It certainly does not.
    No,
    /// It may.
    Perhaps,
}

/// How a program of a sink may run.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// How long the write may take; then the program is killed, with all that it started.
    pub time: Duration,
    /// A locked file that the program inherits, so that the lock is held as long as it runs.
    pub lock: Option<&'a File>,
}

/// A place where a secret is delivered.
pub trait Sink: Send + Sync {
    /// What a person calls it.
    fn shown(&self) -> &str;

    /// What it is, for people, for JSON and for hooks.
    fn record(&self) -> SinkRecord;

    /// What it asks for.
    fn values(&self) -> Vec<SinkValue>;

    /// Its file, for the git guard, the sweep of temporary files, and hooks; `None` for what is none.
    fn file(&self) -> Option<&SecretFile>;

    /// The places that it writes, with what it writes there: no two sinks of a run may write one place. A place is the
    /// real path, a NUL and the variable; what only takes has none.
    fn claims(&self) -> Vec<(String, SinkValue)>;

    /// Whether nobody can know what it holds.
    fn is_opaque(&self) -> bool;

    /// Whether a write may print something on the terminal, so that nothing else should be drawn there meanwhile.
    fn prints(&self) -> bool {
        false
    }

    /// How long one write may take at the most; zero for what takes no time.
    fn time_limit(&self) -> Duration;

    /// Tries the very way in which it will be written, with the size that will be written. Programs are only checked
    /// to exist. Where the values are not known yet, others of their length serve.
    fn prove(&self, world: &dyn World, staging: &Staging, values: &Values<'_>) -> Result<(), SinkError>;

    /// Tells what is wrong with it without trying anything, for commands that only look.
    fn check(&self, _: &dyn World) -> Result<(), SinkError> {
        Ok(())
    }

    /// Says what it holds.
    fn read(&self, world: &dyn World) -> Result<SinkReading, SinkError>;

    /// Writes all values. Refuses, before it touches anything, where something in it is neither as in `seen` nor
    /// already what it is about to be.
    fn write(
        &self,
        world: &dyn World,
        staging: &Staging,
        values: &Values<'_>,
        seen: &SinkReading,
        limits: &Limits<'_>,
    ) -> Result<WriteReceipt, NotWritten>;

    /// Puts back what a write replaced, where the sink still holds what was written; what somebody put there since is
    /// theirs. An error where it cannot: what was written may be there still.
    fn restore(&self, world: &dyn World, staging: &Staging, written: &WriteReceipt) -> Result<(), SinkError>;

    /// Takes out the values that die with a token, where they are still as in `seen`; returns the variables that went.
    /// From a program nothing can be taken.
    fn clear(
        &self,
        world: &dyn World,
        staging: &Staging,
        seen: &SinkReading,
    ) -> Result<Vec<String>, SinkError>;
}

/// Whether two lists of secrets are the same.
pub(super) fn is_same(one: &[Secret], other: &[Secret]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.expose() == other.expose())
}
