//! What befalls an effect: it fails, goes half way, or is the last thing the process does.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::super::disk::Disk;
use super::TestWorld;

/// Which effect something befalls.
pub(super) enum When {
    /// The one of this number, counted from 1.
    Nth(usize),
    /// The first whose name begins so.
    Named(String),
}

/// What befalls one effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doom {
    /// It fails; with `StorageFull`, a write gets half way.
    Error(io::ErrorKind),
    /// The process dies just before it.
    DeathBefore,
    /// The process dies in the middle of it: half is written, a request is answered to nobody.
    DeathAmid,
    /// The program panics instead.
    Panic,
}

/// How far an effect goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Extent {
    /// All the way.
    Whole,
    /// Half of it, and then it fails.
    Half(io::ErrorKind),
    /// Half of it, and then the process is dead.
    Last,
}

impl TestWorld {
    /// Lets something befall the nth effect from now, counted from 1.
    pub fn doom(&self, nth: usize, doom: Doom) {
        let done = self.effects.lock().unwrap().len();
        self.dooms.lock().unwrap().push((When::Nth(done + nth), doom));
    }

    /// Lets something befall the first effect from now whose name begins so.
    pub fn doom_at(&self, name: &str, doom: Doom) {
        self.dooms.lock().unwrap().push((When::Named(name.to_owned()), doom));
    }

    /// Whether the process has died. From then on nothing it does has an effect.
    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// Ends the process as a power cut does: what was not synced is undone, if this world is
    /// [forgetful](Self::forgetful).
    pub fn power_cut(&self) {
        self.dead.store(true, Ordering::SeqCst);
        if let Some(disk) = &self.disk {
            disk.lock().unwrap().cut(&self.base).unwrap();
        }
    }

    pub(super) fn on_disk(&self, note: impl FnOnce(&mut Disk)) {
        if let Some(disk) = &self.disk {
            note(&mut disk.lock().unwrap());
        }
    }

    /// Does what takes a name from the file at a path, which the disk keeps for a while.
    pub(super) fn losing(
        &self,
        path: &Path,
        effect: impl FnOnce() -> io::Result<()>,
        note: impl FnOnce(&mut Disk, Option<PathBuf>),
    ) -> io::Result<()> {
        let Some(disk) = &self.disk else { return effect() };
        let mut disk = disk.lock().unwrap();
        let kept = disk.keep(path);
        let done = effect();
        match (&done, kept) {
            (Ok(()), kept) => note(&mut disk, kept),
            // Two names would be a hard link.
            (Err(_), Some(kept)) => std::fs::remove_file(kept).unwrap(),
            (Err(_), None) => {}
        }
        done
    }

    /// A new process on the same machine: nothing is doomed.
    pub fn revive(&self) {
        self.dooms.lock().unwrap().clear();
        self.dead.store(false, Ordering::SeqCst);
        *self.interrupt.lock().unwrap() = None;
    }

    /// Begins an effect: records it, and says how far it goes.
    pub(in super::super) fn begin(&self, name: String) -> io::Result<Extent> {
        if self.is_dead() {
            return Err(dead());
        }
        let allowed = self.look_at(&name);
        let doom = {
            let mut dooms = self.dooms.lock().unwrap();
            let next = self.effects.lock().unwrap().len() + 1;
            let is_now = |(when, _): &(When, Doom)| match when {
                When::Nth(at) => *at == next,
                When::Named(begin) => name.starts_with(&**begin),
            };
            let found = dooms.iter().position(is_now);
            found.map(|place| dooms.remove(place).1)
        };
        if doom == Some(Doom::Panic) {
            self.effects.lock().unwrap().push(format!("PANICS before {name}"));
            // Past the hook that prints it: thousands of panics are meant.
            std::panic::resume_unwind(Box::new("a panic that was asked for"));
        }
        let extent = match (allowed, doom) {
            (Err(error), _) => Err(error),
            (Ok(()), None) => Ok(Extent::Whole),
            (Ok(()), Some(Doom::DeathAmid)) => Ok(Extent::Last),
            (Ok(()), Some(Doom::DeathBefore)) => {
                self.end(Extent::Last).ok();
                Err(dead())
            }
            (Ok(()), Some(Doom::Error(kind)))
                if kind == io::ErrorKind::StorageFull && ["write", "overwrite"].contains(&&*name) =>
            {
                Ok(Extent::Half(kind))
            }
            (Ok(()), Some(Doom::Error(kind))) => Err(io::Error::from(kind)),
            (Ok(()), Some(Doom::Panic)) => unreachable!("it has panicked"),
        };
        let note = match &extent {
            Ok(Extent::Whole) => name,
            Ok(Extent::Last) => format!("{name} DIES"),
            _ if self.is_dead() => format!("DIES before {name}"),
            _ => format!("{name} FAILS"),
        };
        self.effects.lock().unwrap().push(note);
        extent
    }

    /// Ends an effect that went this far.
    pub(in super::super) fn end(&self, extent: Extent) -> io::Result<()> {
        match extent {
            Extent::Whole => Ok(()),
            Extent::Half(kind) => Err(io::Error::from(kind)),
            Extent::Last => {
                self.power_cut();
                Err(dead())
            }
        }
    }

    pub(super) fn act<T>(&self, name: String, effect: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let extent = self.begin(name)?;
        let done = effect();
        self.end(extent)?;
        done
    }
}

fn dead() -> io::Error {
    io::Error::other("this process is dead")
}
