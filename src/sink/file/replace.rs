//! A changed content -> the file, in one step: a reader sees the old content or the new, never a part.
//!
//! The new content is written to a temporary file that nobody else may read from its first moment, brought to the
//! disk, and moved over the old file. Whatever fails on the way, the old file stays and the temporary one goes. Only
//! a file that is mounted by itself cannot be replaced; it is written [in place](super::in_place).

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{MODE, SecretFile, look, refused};
use crate::sink::contract::{NotWritten, Reached};
use crate::sink::{SinkError, Staging};
use crate::world::{EntryKind, FolderEntry, World};

/// How often a change is made again because someone else wrote to the file meanwhile, or because the way there is
/// another one.
const TRIES: usize = 6;

/// What a replacement did to the file, besides its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The mode the file had, if others could read it and now cannot.
    pub tightened: Option<u32>,
    /// Whether the file did not exist.
    pub created: bool,
}

/// What is to be made of a content; asked again each time the file is read again.
type Edit<'a> = dyn FnMut(&[u8]) -> Result<Zeroizing<Vec<u8>>, SinkError> + 'a;

/// What is about to be written.
pub(super) struct Draft {
    /// What stood there, and how.
    pub(super) before: Option<FolderEntry>,
    /// What it held; `None` if there was no file.
    pub(super) old: Option<Zeroizing<Vec<u8>>>,
    /// What it will hold.
    pub(super) new: Zeroizing<Vec<u8>>,
}

impl Draft {
    /// What it held; nothing if there was no file.
    pub(super) fn old(&self) -> &[u8] {
        self.old.as_deref().map_or(&[], Vec::as_slice)
    }
}

/// How the new content gets there.
#[derive(Clone, PartialEq, Eq)]
enum WriteMethod {
    /// By a temporary file of this path, which is moved.
    Move(PathBuf),
    /// Over the old content.
    InPlace,
}

/// Why a try did not succeed.
pub(super) enum ReplaceFailure {
    /// Somebody wrote to the file meanwhile.
    Restless,
    /// The temporary file is on another file system.
    Elsewhere,
    /// Nothing can be moved over the file.
    Mounted,
    /// For good.
    Final(NotWritten),
}

impl From<SinkError> for ReplaceFailure {
    fn from(error: SinkError) -> Self {
        Self::Final(NotWritten::untouched(error))
    }
}

impl SecretFile {
    /// Proves that the file can be read and changed in this way, by doing all of it with a file of another name and as
    /// many bytes.
    ///
    /// Nothing is left behind, and the env file itself is not touched.
    pub fn prove(
        &self,
        world: &dyn World,
        staging: &Staging,
        change: &mut Edit<'_>,
    ) -> Result<(), SinkError> {
        self.finish_interrupted(world, &staging.folder)?;
        let draft = self.draft(world, change)?;
        if self.is_mounted(world, draft.before)? {
            return self.prove_in_place(world, staging, &draft);
        }
        let temporary = staging.folder.join(&self.temporary);
        match self.probe(world, temporary, &draft) {
            Err(SinkError::Refused { source, .. }) if is_elsewhere(&source) => {
                self.probe(world, self.beside_or_refuse(staging)?, &draft)
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
        staging: &Staging,
        change: &mut Edit<'_>,
    ) -> Result<Replaced, SinkError> {
        self.rewrite(world, staging, change).map_err(|not_written| not_written.error)
    }

    /// Replaces the file as [`replace`](Self::replace) does, and knows what a failure leaves there.
    pub(super) fn rewrite(
        &self,
        world: &dyn World,
        staging: &Staging,
        change: &mut Edit<'_>,
    ) -> Result<Replaced, NotWritten> {
        staging.alone_with(&self.path, || self.rewrite_alone(world, staging, change))
    }

    fn rewrite_alone(
        &self,
        world: &dyn World,
        staging: &Staging,
        change: &mut Edit<'_>,
    ) -> Result<Replaced, NotWritten> {
        self.finish_interrupted(world, &staging.folder).map_err(NotWritten::untouched)?;
        let mut way = WriteMethod::Move(staging.folder.join(&self.temporary));
        for _ in 0..TRIES {
            let draft = self.draft(world, change).map_err(NotWritten::untouched)?;
            let mode = draft.before.map(|entry| entry.mode);
            let tightened = mode.filter(|mode| mode & !self.mode != 0);
            let created = draft.old.is_none();
            if *draft.new == *draft.old() && mode.is_none_or(|mode| mode == self.mode) {
                return Ok(Replaced { tightened: None, created: false });
            }
            if self.is_mounted(world, draft.before).map_err(NotWritten::untouched)? {
                way = WriteMethod::InPlace;
            }
            let done = match &way {
                WriteMethod::Move(temporary) => self.move_there(world, temporary.clone(), &draft),
                WriteMethod::InPlace => self.write_in_place(world, staging, &draft),
            };
            match done {
                Ok(()) => return Ok(Replaced { tightened, created }),
                Err(ReplaceFailure::Final(not_written)) => return Err(not_written),
                Err(ReplaceFailure::Restless) => {}
                Err(ReplaceFailure::Mounted) => way = WriteMethod::InPlace,
                Err(ReplaceFailure::Elsewhere) => {
                    way = WriteMethod::Move(self.beside_or_refuse(staging).map_err(NotWritten::untouched)?);
                }
            }
        }
        Err(NotWritten::untouched(SinkError::Restless { shown: self.shown.clone() }))
    }

    /// Removes the file if nothing is in it, as when it is to be as if it had never been made.
    pub fn remove_if_empty(&self, world: &dyn World) -> Result<(), SinkError> {
        if self.bytes(world)?.is_some_and(|bytes| bytes.is_empty()) {
            world.remove(&self.path).map_err(refused("remove", &self.path))?;
            world.sync_folder(&self.folder).map_err(refused("write to the disk", &self.folder))?;
        }
        Ok(())
    }

    /// Judges and reads the file, and makes the change to what was read.
    fn draft(&self, world: &dyn World, change: &mut Edit<'_>) -> Result<Draft, SinkError> {
        let before = look(world, &self.path)?;
        self.judge(world, before)?;
        let old = self.bytes(world)?;
        let new = change(old.as_deref().map_or(&[], Vec::as_slice))?;
        Ok(Draft { before, old, new })
    }

    /// Whether nothing can be moved over the file, because it is itself a mount.
    fn is_mounted(&self, world: &dyn World, entry: Option<FolderEntry>) -> Result<bool, SinkError> {
        let Some(entry) = entry else { return Ok(false) };
        let folder = look(world, &self.folder)?;
        if folder.is_some_and(|folder| folder.device != entry.device) {
            return Ok(true);
        }
        world.is_mount(&self.path).map_err(refused("look at", &self.path))
    }

    /// Refuses a change if it was made to something that is no longer there.
    pub(super) fn is_still(&self, world: &dyn World, draft: &Draft) -> Result<bool, SinkError> {
        let now = look(world, &self.path)?;
        Ok(self.bytes(world)? == draft.old && now.map(identity) == draft.before.map(identity))
    }

    fn move_there(&self, world: &dyn World, temporary: PathBuf, draft: &Draft) -> Result<(), ReplaceFailure> {
        let staged = Staged::write(world, temporary.clone(), &draft.new)?;
        self.dress(&staged, draft.before)?;
        if !self.is_still(world, draft)? {
            return Err(ReplaceFailure::Restless);
        }
        match staged.move_over(&self.path) {
            Ok(()) => {}
            Err(source) if is_elsewhere(&source) => return Err(ReplaceFailure::Elsewhere),
            Err(source) if source.kind() == io::ErrorKind::ResourceBusy => {
                return Err(ReplaceFailure::Mounted);
            }
            Err(source) => {
                // A server may have done what it then could not say, so the file itself is asked.
                let is_old = self.bytes(world).is_ok_and(|now| now == draft.old);
                let reached = if is_old { Reached::No } else { Reached::Perhaps };
                let error = self.unchangeable("replace", source);
                return Err(ReplaceFailure::Final(NotWritten { error, reached }));
            }
        }
        if let Err(source) = world.sync_folder(&self.folder) {
            // The new content could vanish with the power, or the old one could: what was there before is put back, as
            // well as this disk allows, and nobody is told that it is certain.
            self.put_back(world, temporary, draft);
            let error = refused("write to the disk", &self.folder)(source);
            return Err(ReplaceFailure::Final(NotWritten::perhaps(error)));
        }
        Ok(())
    }

    fn put_back(&self, world: &dyn World, temporary: PathBuf, draft: &Draft) {
        match (&draft.old, draft.before) {
            (Some(old), Some(entry)) => {
                let staged = Staged::write(world, temporary, old);
                let staged = staged.and_then(|staged| self.dress(&staged, Some(entry)).map(|()| staged));
                staged.and_then(|staged| staged.move_over(&self.path).map_err(refused("replace", &self.path)))
            }
            _ => world.remove(&self.path).map_err(refused("remove", &self.path)),
        }
        .ok();
    }

    fn beside_or_refuse(&self, staging: &Staging) -> Result<PathBuf, SinkError> {
        let beside = self.beside();
        if staging.allows_beside(&self.path) {
            Ok(beside)
        } else {
            Err(SinkError::StageElsewhere { shown: self.shown.clone(), stage: staging.folder.clone() })
        }
    }

    /// Makes a file of that size at the temporary place, moves it beside the env file, and removes it there. There is
    /// no secret in it, so git may see it for that moment.
    fn probe(&self, world: &dyn World, temporary: PathBuf, draft: &Draft) -> Result<(), SinkError> {
        let beside = self.beside();
        let is_beside = beside == temporary;
        let mut staged = Staged::write(world, temporary, &vec![b'x'; draft.new.len()])?;
        self.dress(&staged, draft.before)?;
        if !is_beside {
            staged.go_to(&beside).map_err(|source| match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    SinkError::ReadOnlyFolder { shown: self.shown.clone(), folder: self.folder.clone() }
                }
                _ => refused("put a file into", &self.folder)(source),
            })?;
        }
        world.sync_folder(&self.folder).map_err(refused("write to the disk", &self.folder))?;
        let gone = world.remove(&beside).map_err(refused("remove", &beside));
        staged.settled = gone.is_ok();
        gone?;
        // What may not be opened for writing, as an immutable file, may not be replaced either.
        match draft.before {
            Some(_) => self.open(world).map(drop),
            None => Ok(()),
        }
    }

    /// Opens the file for writing.
    pub(super) fn open(&self, world: &dyn World) -> Result<File, SinkError> {
        world.open_existing(&self.path).map_err(|source| self.unchangeable("open", source))
    }

    /// What it means that the system does not let the file be changed.
    fn unchangeable(&self, doing: &'static str, source: io::Error) -> SinkError {
        let (shown, path) = (self.shown.clone(), self.path.clone());
        match (source.kind(), source.raw_os_error()) {
            (io::ErrorKind::PermissionDenied, Some(code)) if code == NOT_PERMITTED => {
                SinkError::Immutable { shown, path }
            }
            (io::ErrorKind::PermissionDenied, _) if doing == "open" => SinkError::ReadOnly { shown, path },
            (io::ErrorKind::ReadOnlyFilesystem, _) => SinkError::ReadOnlyMount { shown },
            _ => refused(doing, &self.path)(source),
        }
    }

    /// Gives a temporary file the owner and the group of the file that it will replace, and its mode. What we make is
    /// ours: its owner tells who we are.
    fn dress(&self, staged: &Staged<'_>, before: Option<FolderEntry>) -> Result<(), SinkError> {
        let (shown, path) = (self.shown.clone(), self.path.clone());
        let ours = look(staged.world, &staged.path)?;
        if let (Some(before), Some(ours)) = (before, ours)
            && (before.owner, before.group) != (ours.owner, ours.group)
        {
            let given = staged.world.set_owner(&staged.file, before.owner, before.group);
            given.map_err(|source| match source.kind() {
                // The second is said where the number means nothing here, as in a container.
                io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput
                    if before.owner != ours.owner =>
                {
                    SinkError::OtherOwner { shown, path }
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput => {
                    SinkError::OtherGroup { shown, path }
                }
                _ => refused("set the owner of", &staged.path)(source),
            })?;
        }
        if self.mode != MODE {
            // Set, not given at birth, where the process's file mode mask would take bits away.
            let set = staged.world.set_mode(&staged.path, self.mode);
            set.map_err(refused("set the mode of", &staged.path))?;
        }
        Ok(())
    }
}

/// `EPERM`, which the standard library does not tell from `EACCES`: not even who may write the file may do that.
const NOT_PERMITTED: i32 = rustix::io::Errno::PERM.raw_os_error();

/// Replaces the content of a file, which gets this mode, by way of a temporary file.
pub(in crate::sink) fn write_over(
    world: &dyn World,
    temporary: PathBuf,
    path: &Path,
    bytes: &[u8],
    mode: u32,
) -> Result<(), SinkError> {
    let staged = Staged::write(world, temporary, bytes)?;
    if mode != MODE {
        // Set, not given at birth, where the process's file mode mask would take bits away.
        world.set_mode(&staged.path, mode).map_err(refused("set the mode of", &staged.path))?;
    }
    staged.move_over(path).map_err(refused("replace", path))?;
    let folder = path.parent().unwrap_or(path);
    world.sync_folder(folder).map_err(refused("write to the disk", folder))
}

/// A temporary file, complete and on the disk, that nobody else may read. It is removed when dropped, unless it went
/// where it should.
pub(super) struct Staged<'a> {
    world: &'a dyn World,
    path: PathBuf,
    settled: bool,
    /// Held as long as it is under way, so that no other run takes it for a leftover.
    file: File,
}

impl<'a> Staged<'a> {
    pub(super) fn write(world: &'a dyn World, path: PathBuf, bytes: &[u8]) -> Result<Self, SinkError> {
        let file =
            world.create(&path, MODE).map_err(|source| SinkError::NotMade { path: path.clone(), source })?;
        // From here on the file exists, and every early return removes it.
        let mut staged = Self { world, path, settled: false, file };
        world.write(&mut staged.file, bytes).map_err(refused("write", &staged.path))?;
        world.sync(&staged.file).map_err(refused("write to the disk", &staged.path))?;
        Ok(staged)
    }

    /// Lets it stay where it is.
    pub(super) fn keep(mut self) {
        self.settled = true;
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
fn identity(entry: FolderEntry) -> (EntryKind, u64, u32, (u32, u32), u64) {
    (entry.kind, entry.device, entry.mode, (entry.owner, entry.group), entry.links)
}
