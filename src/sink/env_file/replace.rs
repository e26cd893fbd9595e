//! A changed document -> the file, in one step: a reader sees the old content or the new, never a part.
//!
//! The new content is written to a temporary file that nobody else may read from its first moment, brought to the
//! disk, and moved over the old file. Whatever fails on the way, the old file stays and the temporary one goes.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::{Document, EnvFile, look, refused};
use crate::sink::{SinkError, Stage};
use crate::world::{Entry, World};

/// The mode of every file that holds a secret. There is none stricter to keep: what its owner may not write is
/// refused, and what its owner may not read cannot be edited.
const MODE: u32 = 0o600;

/// How often a change is made anew because someone else wrote to the file meanwhile.
const TRIES: usize = 5;

/// What a replacement did to the file, besides its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The mode the file had, if others could read it and now cannot.
    pub tightened: Option<u32>,
    /// Whether the file did not exist.
    pub created: bool,
}

impl EnvFile {
    /// Proves that the file can be read and replaced, by doing all of it with an empty file of another name.
    ///
    /// Nothing is left behind, and the env file itself is not touched.
    pub fn prove(&self, world: &dyn World, stage: &Stage) -> Result<(), SinkError> {
        let entry = look(world, &self.path)?;
        self.judge(world, entry)?;
        self.read(world)?;
        match self.probe(world, &stage.folder.join(&self.temporary), entry) {
            Err(SinkError::Refused { source, .. }) if is_elsewhere(&source) => {
                self.probe(world, &self.beside_or_refuse(stage)?, entry)
            }
            other => other,
        }
    }

    /// Reads, changes and replaces the file.
    ///
    /// `change` may be called several times: whenever someone else wrote to the file between the reading and the
    /// replacing, it is applied to what they wrote. A change that changes nothing writes nothing.
    pub fn replace(
        &self,
        world: &dyn World,
        stage: &Stage,
        change: &mut dyn FnMut(&mut Document) -> Result<(), SinkError>,
    ) -> Result<Replaced, SinkError> {
        let mut temporary = stage.folder.join(&self.temporary);
        let mut tries = 0;
        while tries < TRIES {
            let before = look(world, &self.path)?;
            self.judge(world, before)?;
            let old = self.bytes(world)?;
            let mut document = self.parse(old.as_deref().map_or(&[], Vec::as_slice))?;
            change(&mut document)?;
            let new = document.to_bytes();

            let loose = before.map(|entry| entry.mode).filter(|mode| mode & !MODE != 0);
            let replaced = Replaced { tightened: loose, created: old.is_none() };
            if loose.is_none() && *new == *old.as_deref().map_or(&[][..], Vec::as_slice) {
                return Ok(Replaced { created: false, ..replaced });
            }

            let staged = Staged::write(world, temporary.clone(), &new, MODE)?;
            self.check_owner(world, &staged.path, before)?;
            let now = look(world, &self.path)?;
            if self.bytes(world)? != old || now.map(identity) != before.map(identity) {
                tries += 1;
                continue;
            }
            match staged.move_over(&self.path) {
                Ok(()) => {}
                Err(source) if is_elsewhere(&source) && temporary != self.beside() => {
                    temporary = self.beside_or_refuse(stage)?;
                    continue;
                }
                Err(source) if source.kind() == io::ErrorKind::ResourceBusy => {
                    return Err(SinkError::MountPoint { shown: self.shown.clone() });
                }
                Err(source) => return Err(refused("replace", &self.path)(source)),
            }
            if let Err(source) = world.sync_folder(&self.folder) {
                // The new content could vanish with the power, and the caller is about to hear that it was not
                // delivered: what was there before is put back, as well as this disk allows.
                match (&old, before) {
                    (Some(old), Some(entry)) => {
                        write_over(world, temporary, &self.path, old, entry.mode).ok()
                    }
                    _ => world.remove(&self.path).ok(),
                };
                return Err(refused("bring to the disk", &self.folder)(source));
            }
            return Ok(replaced);
        }
        Err(SinkError::Restless { shown: self.shown.clone() })
    }

    /// Removes the file if nothing is in it, as when it is to be as if it had never been made.
    pub fn remove_if_empty(&self, world: &dyn World) -> Result<(), SinkError> {
        if self.bytes(world)?.is_some_and(|bytes| bytes.is_empty()) {
            world.remove(&self.path).map_err(refused("remove", &self.path))?;
            world.sync_folder(&self.folder).map_err(refused("bring to the disk", &self.folder))?;
        }
        Ok(())
    }

    fn beside_or_refuse(&self, stage: &Stage) -> Result<PathBuf, SinkError> {
        if stage.allows_beside(&self.path) {
            Ok(self.beside())
        } else {
            Err(SinkError::StageElsewhere { shown: self.shown.clone(), stage: stage.folder.clone() })
        }
    }

    /// Makes an empty file at the temporary place, moves it beside the env file, and removes it there. It is
    /// empty, so git may see it for that moment.
    fn probe(&self, world: &dyn World, temporary: &Path, entry: Option<Entry>) -> Result<(), SinkError> {
        let mut staged = Staged::write(world, temporary.to_owned(), b"", MODE)?;
        self.check_owner(world, temporary, entry)?;
        let beside = self.beside();
        if beside != temporary {
            staged.go_to(&beside).map_err(|source| match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    SinkError::ReadOnlyFolder { shown: self.shown.clone(), folder: self.folder.clone() }
                }
                _ => refused("put a file into", &self.folder)(source),
            })?;
        }
        world.sync_folder(&self.folder).map_err(refused("bring to the disk", &self.folder))?;
        let gone = world.remove(&beside).map_err(refused("remove", &beside));
        staged.settled = gone.is_ok();
        gone
    }

    /// A file that we make is ours: its owner tells who we are.
    fn check_owner(&self, world: &dyn World, ours: &Path, entry: Option<Entry>) -> Result<(), SinkError> {
        let us = look(world, ours)?.map(|entry| entry.owner);
        match entry.map(|entry| entry.owner) {
            Some(owner) if Some(owner) != us => {
                Err(SinkError::OtherOwner { shown: self.shown.clone(), path: self.path.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// Replaces the content of a file, which gets this mode, by way of a temporary file.
pub(in crate::sink) fn write_over(
    world: &dyn World,
    temporary: PathBuf,
    path: &Path,
    bytes: &[u8],
    mode: u32,
) -> Result<(), SinkError> {
    let staged = Staged::write(world, temporary, bytes, MODE)?;
    if mode != MODE {
        // Set, not given at birth, where the process's file mode mask would take bits away.
        world.set_mode(&staged.path, mode).map_err(refused("set the mode of", &staged.path))?;
    }
    staged.move_over(path).map_err(refused("replace", path))?;
    let folder = path.parent().unwrap_or(path);
    world.sync_folder(folder).map_err(refused("bring to the disk", folder))
}

/// A temporary file, complete and on the disk. It is removed when dropped, unless it went where it should.
struct Staged<'a> {
    world: &'a dyn World,
    path: PathBuf,
    settled: bool,
    /// Held as long as it is under way, so that no other run takes it for a leftover.
    file: File,
}

impl<'a> Staged<'a> {
    fn write(world: &'a dyn World, path: PathBuf, bytes: &[u8], mode: u32) -> Result<Self, SinkError> {
        let file = world.create(&path, mode).map_err(refused("make", &path))?;
        // From here on the file exists, and every early return removes it.
        let mut staged = Self { world, path, settled: false, file };
        world.write(&mut staged.file, bytes).map_err(refused("write", &staged.path))?;
        world.sync(&staged.file).map_err(refused("bring to the disk", &staged.path))?;
        Ok(staged)
    }

    fn go_to(&mut self, path: &Path) -> io::Result<()> {
        self.world.rename(&self.path, path)?;
        path.clone_into(&mut self.path);
        Ok(())
    }

    fn move_over(mut self, path: &Path) -> io::Result<()> {
        self.world.rename(&self.path, path)?;
        self.settled = true;
        Ok(())
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        if !self.settled {
            // Nothing more can be done here; settling sweeps what stays.
            self.world.remove(&self.path).ok();
        }
    }
}

/// Whether a rename failed because it would lead to another file system. The rename itself is asked, rather than
/// the numbers of the devices: bind mounts of one file system share a number and still allow no rename.
fn is_elsewhere(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::CrossesDevices
}

/// What must not change between reading a file and replacing it, besides its content.
fn identity(entry: Entry) -> (crate::world::EntryKind, u64, u32, u64) {
    (entry.kind, entry.device, entry.mode, entry.links)
}
