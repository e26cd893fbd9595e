//! How a run holds the state folder: by one lock from its first look to its end, or, while a command is under way, only
//! for as long as it takes to change the note.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::Custody;
use super::blocking::blocking;
use super::error::CustodyError;
use super::note::{NoteError, Progress};
use super::state::{Lock, StateError, StateFolder};
use super::under_way::{UnderWay, sweep};
use crate::plan::Mark;

/// How the state folder is held.
pub(super) enum Hold {
    /// By its lock, all the time: no other run of this folder does anything meanwhile.
    Throughout(Lock),
    /// By its lock where the note is changed, and by the locks of commands under way.
    Briefly(Brief),
}

/// The folder of a run that does not hold its lock.
pub(super) struct Brief {
    home: StateFolder,
    /// One for each mark that was announced.
    under_way: Mutex<Vec<UnderWay>>,
}

impl Hold {
    /// Holds a folder for moments only.
    pub(super) fn briefly(home: StateFolder) -> Self {
        Self::Briefly(Brief { home, under_way: Mutex::default() })
    }

    /// What a program of a sink inherits, so that the folder is held as long as it runs.
    pub(super) fn file(&self) -> Option<&File> {
        match self {
            Self::Throughout(lock) => Some(lock.file()),
            Self::Briefly(_) => None,
        }
    }

    /// What the command inherits whose token was announced last.
    pub(super) fn of_command(&self) -> io::Result<Option<File>> {
        let Self::Briefly(brief) = self else { return Ok(None) };
        let under_way = brief.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.last().map(|under_way| under_way.file().try_clone()).transpose()
    }
}

impl Custody {
    /// Notes how far a mark has come; when this returns, it is on the disk.
    pub(super) async fn keep_mark(
        &self,
        mark: &Mark,
        progress: Progress,
        until: DateTime<Utc>,
    ) -> Result<(), CustodyError> {
        let (world, now) = (self.world(), self.now());
        let Hold::Briefly(brief) = &self.hold else {
            return blocking(|| self.note().keep(world, mark, progress, until, now))
                .map_err(CustodyError::Note);
        };
        let folder = brief.home.path();
        let lock = brief.home.lock_briefly(world).await.map_err(|error| self.unlocked(error))?;
        sweep(world, folder);
        self.note().refresh(world).map_err(CustodyError::Note)?;
        self.note().tidy(world);
        let failed = |error| CustodyError::Note(NoteError { path: folder.to_owned(), error });
        let under_way = UnderWay::begin(world, folder, mark).map_err(failed)?;
        brief.under_way.lock().unwrap_or_else(PoisonError::into_inner).push(under_way);
        let noted = self.note().keep(world, mark, progress, until, now);
        drop(lock);
        noted.map_err(CustodyError::Note)
    }

    /// Forgets marks whose tokens are finished, and ends the locks of commands: if the note cannot be changed, the next run
    /// finds it so.
    pub(super) async fn end_commands(&self, finished: &BTreeSet<Mark>) {
        let Hold::Briefly(brief) = &self.hold else { return };
        let world = self.world();
        let forgotten = match brief.home.lock_soon(world).await {
            Ok(Some(_lock)) => {
                let refreshed = self.note().refresh(world);
                refreshed
                    .and_then(|()| self.note().forget(world, finished))
                    .map_err(|error| error.to_string())
            }
            // Another run is at work here; a mark is forgotten at the end of its token at the latest.
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = forgotten {
            tracing::warn!("{error}; this loses nothing");
        }
        let under_way = std::mem::take(&mut *brief.under_way.lock().unwrap_or_else(PoisonError::into_inner));
        for command in under_way {
            command.end(world);
        }
    }

    fn unlocked(&self, error: StateError) -> CustodyError {
        match (error, self.world().interrupted()) {
            (StateError::Interrupted, Some(interrupt)) => CustodyError::Interrupted(interrupt),
            (error, _) => CustodyError::State(error),
        }
    }
}
