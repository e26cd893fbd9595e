//! The note: the marks that this state folder announced and has not finished.
//!
//! A mark is written down, and on the disk, before the request that makes its token. Under the lock, a pending token with
//! a noted mark is therefore of a run of ours that died, and nobody has to wait for it. That is all that the note is for:
//! it holds no profile, path, program, sink or secret, nothing in it is ever executed, and losing it loses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};

use super::under_way::is_over;
use crate::plan::{Mark, Phase};
use crate::world::{EntryKind, World};

/// The file in the state folder.
const FILE: &str = "marks";

/// The longest note that is read, in bytes; a mark takes about 40.
const LONGEST: u64 = 256 * 1024;

/// What stands in a journal's place, which versions before kept.
const JOURNAL: &str = "journal";

/// Why a note cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("the file of marks {} cannot be written: {error}", path.display())]
pub struct NoteError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub error: io::Error,
}

/// How far a marked token has come, as its run noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Announced; no sink can have its secret.
    Announced,
    /// Its delivery has begun.
    Delivering,
    /// Its secret is for one command, which may be under way although nobody holds the lock of the folder.
    Command,
}

impl Progress {
    fn word(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Delivering => "delivering",
            Self::Command => "exec",
        }
    }

    /// How far a token has come that is about to be made in this phase.
    pub(super) fn of(phase: Phase) -> Self {
        if phase == Phase::Exec { Self::Command } else { Self::Announced }
    }
}

impl FromStr for Progress {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Announced, Self::Delivering, Self::Command]
            .into_iter()
            .find(|one| one.word() == word)
            .ok_or(())
    }
}

/// A noted mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Noted {
    progress: Progress,
    /// When its token has ended by itself, whenever its request took effect.
    until: DateTime<Utc>,
}

/// The marks of a state folder. Jobs that note something at the same time are served by one write.
#[derive(Debug)]
pub struct MarkNote {
    path: PathBuf,
    marks: Mutex<Marks>,
    /// The number of changes that are on the disk; whoever writes holds it.
    written: Mutex<u64>,
}

/// The marks as they should be on the disk.
#[derive(Debug, Default)]
struct Marks {
    noted: BTreeMap<Mark, Noted>,
    /// The number of changes so far.
    changes: u64,
}

impl MarkNote {
    /// Reads the note of a state folder. Lines that are none are left out: what they could have told is not needed.
    pub fn read(world: &dyn World, folder: &Path) -> Result<Self, NoteError> {
        let path = folder.join(FILE);
        let failed = |error| NoteError { path: path.clone(), error };
        let bytes = match world.look(&path).map_err(failed)? {
            Some(entry) if entry.kind == EntryKind::File => match world.read(&path, LONGEST) {
                Ok(bytes) => bytes,
                // Damaged beyond use, and so as good as lost.
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Vec::new(),
                Err(error) => return Err(failed(error)),
            },
            Some(_) | None => Vec::new(),
        };
        let text = String::from_utf8_lossy(&bytes);
        let noted = text.lines().filter_map(parse_line).collect();
        Ok(Self { marks: Mutex::new(Marks { noted, changes: 0 }), path, written: Mutex::default() })
    }

    /// Removes what a run left that died, or was refused, while it replaced the note. Only under the lock.
    pub(super) fn tidy(&self, world: &dyn World) {
        let temporary = self.temporary();
        let removed = match world.look(&temporary) {
            Ok(None) => return,
            Ok(Some(_)) => world.remove(&temporary),
            Err(error) => Err(error),
        };
        if let Err(error) = removed {
            tracing::warn!("{} could not be removed: {error}; this loses nothing", temporary.display());
        }
    }

    fn temporary(&self) -> PathBuf {
        self.path.with_extension("new")
    }

    /// Whether a journal of an earlier version lies in the folder.
    pub fn has_journal_of_earlier_version(world: &dyn World, folder: &Path) -> bool {
        world.look(&folder.join(JOURNAL)).is_ok_and(|entry| entry.is_some())
    }

    /// The noted marks.
    #[must_use]
    pub fn marks(&self) -> BTreeSet<Mark> {
        held(&self.marks).noted.keys().cloned().collect()
    }

    /// The noted marks whose runs are over, if this is read under the lock: all but those of commands that are under way.
    #[must_use]
    pub fn marks_of_dead_runs(&self, world: &dyn World) -> BTreeSet<Mark> {
        let noted = held(&self.marks).noted.clone();
        let is_dead = |(mark, noted): &(Mark, Noted)| {
            noted.progress != Progress::Command || is_over(world, self.folder(), mark)
        };
        noted.into_iter().filter(is_dead).map(|(mark, _)| mark).collect()
    }

    /// Takes what stands on the disk by now, since others may have changed it. Only under the lock.
    pub(super) fn refresh(&self, world: &dyn World) -> Result<(), NoteError> {
        let now = Self::read(world, self.folder())?;
        held(&self.marks).noted = std::mem::take(&mut held(&now.marks).noted);
        Ok(())
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Whether a mark is noted, and no sink can have its token's secret.
    #[must_use]
    pub fn is_undelivered(&self, mark: &Mark) -> bool {
        held(&self.marks).noted.get(mark).is_some_and(|noted| noted.progress == Progress::Announced)
    }

    /// Notes how far a mark has come; when this returns, it is on the disk. Marks whose tokens have ended are dropped.
    pub(super) fn keep(
        &self,
        world: &dyn World,
        mark: &Mark,
        progress: Progress,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), NoteError> {
        let (change, before) = {
            let mut marks = held(&self.marks);
            marks.noted.retain(|_, noted| noted.until > now);
            let before = marks.noted.insert(mark.clone(), Noted { progress, until });
            (marks.changed(), before)
        };
        self.bring_to_disk(world, change).inspect_err(|_| {
            // What is not on the disk is not noted.
            let mut marks = held(&self.marks);
            match before {
                Some(before) => marks.noted.insert(mark.clone(), before),
                None => marks.noted.remove(mark),
            };
            marks.changed();
        })
    }

    /// Forgets marks whose tokens are finished.
    pub(super) fn forget(&self, world: &dyn World, finished: &BTreeSet<Mark>) -> Result<(), NoteError> {
        let change = {
            let mut marks = held(&self.marks);
            let before = marks.noted.len();
            marks.noted.retain(|mark, _| !finished.contains(mark));
            if marks.noted.len() == before {
                return Ok(());
            }
            marks.changed()
        };
        self.bring_to_disk(world, change)
    }

    /// Returns once this change is on the disk: another job that wrote meanwhile may have taken it along.
    fn bring_to_disk(&self, world: &dyn World, change: u64) -> Result<(), NoteError> {
        let mut written = held(&self.written);
        if *written >= change {
            return Ok(());
        }
        let (text, changes) = {
            let marks = held(&self.marks);
            let lines = marks.noted.iter().map(|(mark, noted)| line(mark, noted));
            (lines.collect::<String>(), marks.changes)
        };
        write_file(world, &self.temporary(), &self.path, text.as_bytes())
            .map_err(|error| NoteError { path: self.path.clone(), error })?;
        *written = changes;
        Ok(())
    }
}

impl Marks {
    /// Numbers a change.
    fn changed(&mut self) -> u64 {
        self.changes += 1;
        self.changes
    }
}

/// A panic elsewhere spoils no mark.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_file(world: &dyn World, temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    if world.look(temporary)?.is_some() {
        world.remove(temporary)?;
    }
    let mut file = world.create(temporary, 0o600)?;
    world.write(&mut file, bytes)?;
    world.sync(&file)?;
    world.rename(temporary, path)?;
    world.sync_folder(path.parent().unwrap_or(path))
}

fn line(mark: &Mark, noted: &Noted) -> String {
    let until = noted.until.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("{mark} {} {until}\n", noted.progress.word())
}

fn parse_line(line: &str) -> Option<(Mark, Noted)> {
    let mut words = line.split(' ');
    let mark = Mark::parse(words.next()?)?;
    let progress = words.next()?.parse().ok()?;
    let until = words.next()?.parse().ok()?;
    words.next().is_none().then_some((mark, Noted { progress, until }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]
    use super::*;

    #[test]
    fn a_line_is_read_back_and_nothing_else_is_one() {
        let until = "2027-01-15T12:00:00Z".parse().unwrap();
        for progress in [Progress::Announced, Progress::Delivering, Progress::Command] {
            let (mark, noted) = (Mark::parse("k3f9x2ab").unwrap(), Noted { progress, until });
            assert_eq!(parse_line(line(&mark, &noted).trim_end()), Some((mark, noted)));
        }
        for line in [
            "",
            "k3f9x2ab",
            "k3f9x2ab announced",
            "k3f9x2ab running 2027-01-15T12:00:00Z",
            "k3f9x2ab announced 2027-01-15T12:00:00Z more",
            "1forged1 announced 2027-01-15T12:00:00Z",
            "{\"work\":{\"roll\":{}}}",
        ] {
            assert_eq!(parse_line(line), None, "{line}");
        }
    }
}
