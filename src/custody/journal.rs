//! The journal: what is about to be written, on the disk before it is, and how it ended.
//!
//! One file of lines in the state folder, appended and brought to the disk before the effect they announce.
//! Each line is a checksum and a JSON record; a last line that is torn was never relied on and is dropped.
//! The file never holds a secret. When nothing is open any more, it goes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::intent::Intent;
use crate::world::World;

/// The format this version writes. A newer one is refused, not guessed.
const VERSION: u32 = 1;

/// The longest journal that is read, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The journal of one state folder. Held open under the folder's lock.
pub struct Journal {
    path: PathBuf,
    folder: PathBuf,
    file: Option<File>,
    open: BTreeMap<u64, Intent>,
    next: u64,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    /// The first line.
    Version(u32),
    /// Something is about to be done.
    Intent {
        number: u64,
        #[serde(flatten)]
        intent: Box<Intent>,
    },
    /// It is done, or certainly will never be.
    Settled { number: u64 },
}

/// Why the journal is no use. Nothing may be written then.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read or written.
    #[error("the journal {} cannot be used: {error}", path.display())]
    Unusable {
        /// The journal.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A newer cfmint wrote it.
    #[error("the journal {} was written by a newer cfmint (format {found})", path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// A line that was once on the disk is not what it was.
    #[error("line {line} of the journal {} is damaged", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

/// The name of the journal in a state folder.
const NAME: &str = "journal";

impl Journal {
    /// Reads the journal of a state folder; a folder without one has nothing open. Writes nothing.
    pub fn read(world: &dyn World, folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join(NAME);
        let unusable = |error| JournalError::Unusable { path: path.clone(), error };
        let bytes = match world.look(&path).map_err(unusable)? {
            Some(_) => world.read(&path, LONGEST).map_err(unusable)?,
            None => Vec::new(),
        };
        let (open, next) = replay(&bytes, &path)?;
        Ok(Self { path, folder: folder.to_owned(), file: None, open, next })
    }

    /// Removes the new file of a run that died before it was in its place. To be called under the lock.
    pub fn tidy(&self, world: &dyn World) -> Result<(), JournalError> {
        let fresh = self.fresh();
        let is_there = world.look(&fresh).map_err(|error| self.unusable(error))?.is_some();
        if is_there { world.remove(&fresh).map_err(|error| self.unusable(error)) } else { Ok(()) }
    }

    fn fresh(&self) -> PathBuf {
        self.folder.join(format!("{NAME}.new"))
    }

    /// What is open, oldest first.
    #[must_use]
    pub fn open_intents(&self) -> Vec<(u64, &Intent)> {
        self.open.iter().map(|(number, intent)| (*number, intent)).collect()
    }

    /// Announces an effect. When this returns, the record is on the disk.
    pub fn intend(&mut self, world: &dyn World, intent: &Intent) -> Result<u64, JournalError> {
        let number = self.next;
        let record = Record::Intent { number, intent: Box::new(intent.clone()) };
        self.append(world, &record).map_err(|error| self.unusable(error))?;
        self.next += 1;
        self.open.insert(number, intent.clone());
        Ok(number)
    }

    /// Notes that an announced effect is settled. Where this fails, the next run finds the same.
    pub fn settle(&mut self, world: &dyn World, number: u64) -> Result<(), JournalError> {
        if self.open.remove(&number).is_none() {
            return Ok(());
        }
        if self.open.is_empty() {
            return self.clear(world).map_err(|error| self.unusable(error));
        }
        self.append(world, &Record::Settled { number }).map_err(|error| self.unusable(error))
    }

    fn unusable(&self, error: io::Error) -> JournalError {
        JournalError::Unusable { path: self.path.clone(), error }
    }

    /// Nothing is open: the file goes, and what it said is forgotten.
    fn clear(&mut self, world: &dyn World) -> io::Result<()> {
        self.file = None;
        world.remove(&self.path)?;
        world.sync_folder(&self.folder)
    }

    fn append(&mut self, world: &dyn World, record: &Record) -> io::Result<()> {
        let line = line(record)?;
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.begin(world)?,
        };
        // A handle whose write failed is not used again: the next record begins with a fresh file.
        world.write(&mut file, &line)?;
        world.sync(&file)?;
        self.file = Some(file);
        Ok(())
    }

    /// Writes the file anew with what is open, so that it ends with a whole line, and returns it open.
    fn begin(&self, world: &dyn World) -> io::Result<File> {
        let mut lines = line(&Record::Version(VERSION))?;
        for (number, intent) in &self.open {
            lines.extend(line(&Record::Intent { number: *number, intent: Box::new(intent.clone()) })?);
        }
        let fresh = self.fresh();
        if world.look(&fresh)?.is_some() {
            world.remove(&fresh)?;
        }
        let replaced = self.replace(world, &fresh, &lines);
        if replaced.is_err() {
            // It holds no secret, and the next beginning would remove it; but there may be none.
            world.remove(&fresh).ok();
        }
        replaced
    }

    fn replace(&self, world: &dyn World, fresh: &Path, lines: &[u8]) -> io::Result<File> {
        let mut file = world.create(fresh, 0o600)?;
        world.write(&mut file, lines)?;
        world.sync(&file)?;
        world.rename(fresh, &self.path)?;
        world.sync_folder(&self.folder)?;
        Ok(file)
    }
}

fn line(record: &Record) -> io::Result<Vec<u8>> {
    let json = serde_json::to_string(record).map_err(io::Error::other)?;
    Ok(format!("{} {json}\n", checksum(json.as_bytes())).into_bytes())
}

/// The first 64 bits of SHA-256.
fn checksum(bytes: &[u8]) -> String {
    let sum = digest(&SHA256, bytes);
    let start = sum.as_ref().first_chunk().map_or(0, |start| u64::from_be_bytes(*start));
    format!("{start:016x}")
}

/// Reads the lines: what is open, and the next number.
fn replay(bytes: &[u8], path: &Path) -> Result<(BTreeMap<u64, Intent>, u64), JournalError> {
    let mut open = BTreeMap::new();
    let mut next = 1;
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for (index, line) in lines.iter().enumerate() {
        let is_last = index + 1 == lines.len();
        let Some(record) = record(line, path)? else {
            if is_last {
                break;
            }
            return Err(JournalError::Damaged { path: path.to_owned(), line: index + 1 });
        };
        match record {
            Record::Version(_) => {}
            Record::Intent { number, intent } => {
                next = next.max(number + 1);
                open.insert(number, *intent);
            }
            Record::Settled { number } => {
                open.remove(&number);
            }
        }
    }
    Ok((open, next))
}

/// Reads one line; `None` for one that is torn or damaged.
fn record(line: &[u8], path: &Path) -> Result<Option<Record>, JournalError> {
    let Some(line) = line.strip_suffix(b"\n") else { return Ok(None) };
    let Ok(line) = std::str::from_utf8(line) else { return Ok(None) };
    let Some((sum, json)) = line.split_once(' ') else { return Ok(None) };
    if checksum(json.as_bytes()) != sum {
        return Ok(None);
    }
    match serde_json::from_str(json) {
        Ok(Record::Version(found)) if found > VERSION => {
            Err(JournalError::Newer { path: path.to_owned(), found })
        }
        Ok(record) => Ok(Some(record)),
        // The checksum holds, so this is what was written: by a version that knows more.
        Err(_) => Err(JournalError::Newer { path: path.to_owned(), found: VERSION + 1 }),
    }
}
