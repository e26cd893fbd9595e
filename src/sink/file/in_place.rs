//! A changed content -> a file that is mounted by itself, as containers mount one, so that nothing can be moved over it.
//!
//! It is written over under its lock. Two copies are in the state folder and on the disk before that: what the file
//! held, and what it will hold. A write that fails is undone from memory; after a run that died in the middle, the next
//! one finds the copies under their names, which follow from the path of the file, and puts back what the file held if
//! it is a mixture of the two. Nobody sweeps them before. A reader may see a mixture for that moment, which a move would
//! not allow.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::replace::{Draft, ReplaceFailure, Staged};
use super::{LONGEST_FILE, SecretFile, look, refused};
use crate::sink::contract::NotWritten;
use crate::sink::staging::kept_name;
use crate::sink::{SinkError, Staging};
use crate::text::whole_line;
use crate::world::{EntryKind, World};

impl SecretFile {
    /// Finishes what a run that died left of this file: puts back what it held, if it was half written, and removes
    /// what was kept for that. To be called under the lock of the state folder, before the file is read.
    pub fn finish_interrupted(&self, world: &dyn World, state_folder: &Path) -> Result<(), SinkError> {
        let [before, after] = self.kept_paths(state_folder);
        let old = kept(world, &before)?;
        let new = kept(world, &after)?;
        if let (Some(old), Some(new)) = (&old, &new) {
            let now = self.bytes(world)?.unwrap_or_default();
            if *now != **old && *now != **new {
                if !is_mixture(&now, old, new) {
                    return Err(SinkError::HalfWritten {
                        shown: self.shown.clone(),
                        path: self.path.clone(),
                        kept: before,
                    });
                }
                let mut file = self.open_alone(world)?;
                put(world, &mut file, old).map_err(refused("put back", &self.path))?;
            }
        }
        if old.is_none() && new.is_none() {
            return Ok(());
        }
        for (path, _) in [(&before, &old), (&after, &new)].into_iter().filter(|(_, kept)| kept.is_some()) {
            world.remove(path).map_err(refused("remove", path))?;
        }
        // Copies that came back with the power would tell of a write that was over, and of a file that is another by now.
        world.sync_folder(state_folder).map_err(refused("write to the disk", state_folder))
    }

    /// Proves that the file can be written in place: that there is room for the copies and for what it will hold.
    pub(super) fn prove_in_place(
        &self,
        world: &dyn World,
        staging: &Staging,
        draft: &Draft,
    ) -> Result<(), SinkError> {
        let file = self.open_alone(world)?;
        self.reserve(world, &file, draft)?;
        if let Some(before) = draft.before.filter(|before| before.mode != self.mode) {
            // Who may set the mode that it has may set another.
            world.set_mode(&self.path, before.mode).map_err(refused("set the mode of", &self.path))?;
        }
        // One file as long as the two copies, under the longer of their names: a run that dies meanwhile must not leave two,
        // which the next one would take for what the file held and will hold.
        let [before, _] = self.kept_paths(&staging.folder);
        let _tried = Staged::write(world, before, &vec![b'x'; draft.old().len() + draft.new.len()])?;
        world.sync_folder(&staging.folder).map_err(refused("write to the disk", &staging.folder))
    }

    /// Writes what is drafted over what is there.
    pub(super) fn write_in_place(
        &self,
        world: &dyn World,
        staging: &Staging,
        draft: &Draft,
    ) -> Result<(), ReplaceFailure> {
        let mut file = self.open_alone(world)?;
        if !self.is_still(world, draft)? {
            return Err(ReplaceFailure::Restless);
        }
        self.reserve(world, &file, draft)?;
        let copies = self.keep(world, staging, draft.old(), &draft.new)?;
        if draft.before.is_some_and(|before| before.mode != self.mode) {
            // Before the secret is in it.
            world.set_mode(&self.path, self.mode).map_err(refused("set the mode of", &self.path))?;
        }
        let written = put(world, &mut file, &draft.new);
        if written.is_err() && put(world, &mut file, draft.old()).is_err() {
            // The next run finds them.
            copies.into_iter().for_each(Staged::keep);
        } else {
            drop(copies);
            // Else they could come back with the power; what is written is certain without it.
            world.sync_folder(&staging.folder).ok();
        }
        let Err(source) = written else { return Ok(()) };
        Err(ReplaceFailure::Final(NotWritten::perhaps(refused("write", &self.path)(source))))
    }

    /// Opens the file for writing and takes its lock.
    fn open_alone(&self, world: &dyn World) -> Result<File, SinkError> {
        let file = self.open(world)?;
        let why = match world.lock(&file) {
            Ok(true) => return Ok(file),
            Ok(false) => "another program holds its lock",
            Err(_) => "its file system does not support locks",
        };
        Err(SinkError::MountPoint { shown: self.shown.clone(), why })
    }

    fn reserve(&self, world: &dyn World, file: &File, draft: &Draft) -> Result<(), SinkError> {
        match world.reserve(file, draft.new.len() as u64) {
            Err(source) if source.kind() != io::ErrorKind::Unsupported => {
                Err(refused("make room in", &self.path)(source))
            }
            _ => Ok(()),
        }
    }

    /// Keeps both contents where the next run finds them; they go when they are dropped.
    fn keep<'w>(
        &self,
        world: &'w dyn World,
        staging: &Staging,
        old: &[u8],
        new: &[u8],
    ) -> Result<[Staged<'w>; 2], SinkError> {
        let [before, after] = self.kept_paths(&staging.folder);
        let copies = [Staged::write(world, before, old)?, Staged::write(world, after, new)?];
        world.sync_folder(&staging.folder).map_err(refused("write to the disk", &staging.folder))?;
        Ok(copies)
    }

    /// Where what it held and what it will hold are kept while it is written.
    fn kept_paths(&self, folder: &Path) -> [PathBuf; 2] {
        ["before", "after"].map(|what| folder.join(kept_name(&self.path, what)))
    }
}

/// Writes all of a file's content over what is there, and brings it to the disk.
fn put(world: &dyn World, file: &mut File, bytes: &[u8]) -> io::Result<()> {
    world.overwrite(file, bytes)?;
    world.truncate(file, bytes.len() as u64)?;
    world.sync(file)
}

/// What was kept, if anything was.
fn kept(world: &dyn World, path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, SinkError> {
    match look(world, path)? {
        None => return Ok(None),
        Some(entry) if entry.kind == EntryKind::File => {}
        // Not of our making: a link may lead anywhere, and a FIFO is never at its end.
        Some(_) => {
            return Err(SinkError::NotAFile {
                shown: whole_line(&path.to_string_lossy()),
                what: "a link or a device",
            });
        }
    }
    world.read(path, 2 * LONGEST_FILE).map(|bytes| Some(Zeroizing::new(bytes))).map_err(refused("read", path))
}

/// Whether a content can have come about by writing one over the other: each byte is of one of them, at its place.
fn is_mixture(now: &[u8], old: &[u8], new: &[u8]) -> bool {
    let lengths = old.len().min(new.len())..=old.len().max(new.len());
    let is_of_either = |(place, byte)| old.get(place) == Some(byte) || new.get(place) == Some(byte);
    lengths.contains(&now.len()) && now.iter().enumerate().all(is_of_either)
}
