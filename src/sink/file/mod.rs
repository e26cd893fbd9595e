//! One real file with a secret: judged before anything is written, read whole, replaced in one step.
//!
//! A path of the profile comes in; what goes out is a file proven to be plain, ours and replaceable. A symbolic
//! link is followed once, here, and from then on only the real file counts: two paths that lead to it are one sink.

mod content;
mod in_place;
mod replace;
mod sink;

use std::ffi::OsStr;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

pub use content::ContentProblem;
pub use replace::Replaced;
pub use sink::FileSink;

pub(super) use content::{FileContent, FileFormat};
pub(super) use replace::write_over;

use super::staging::{is_reserved, temporary_name};
use super::{Root, SinkError};
use crate::text::whole_line;
use crate::world::{EntryKind, FolderEntry, World};

/// The mode of a file that holds a secret, unless the profile says otherwise.
const MODE: u32 = 0o600;

/// The longest file that is read, in bytes.
pub const LONGEST_FILE: u64 = 1024 * 1024;

/// One real file, or the place for one. Two are equal if they are the same file.
#[derive(Debug, Clone)]
pub struct SecretFile {
    path: PathBuf,
    folder: PathBuf,
    /// The name of the temporary file that replaces it, the same for the whole run, so that git can be asked.
    temporary: PathBuf,
    shown: String,
    /// The mode that it should have.
    mode: u32,
}

impl PartialEq for SecretFile {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Eq for SecretFile {}

impl Hash for SecretFile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path.hash(state);
    }
}

impl SecretFile {
    /// Finds the real file behind a path of the profile, and refuses what cannot hold a secret.
    pub fn locate(world: &dyn World, root: &Root, path: &Path) -> Result<Self, SinkError> {
        let written = whole_line(&path.to_string_lossy());
        let placed = root.folder.join(path);
        let Some(name) = placed.file_name().filter(|_| !ends_in_slash(path)) else {
            return Err(SinkError::NotAFile { shown: written, what: "a folder" });
        };
        let parent = placed.parent().unwrap_or(&root.folder);
        let folder = real_folder(world, parent, &written)?;
        let mut real = folder.join(name);
        let mut entry = look(world, &real)?;
        if entry.is_some_and(|entry| entry.kind == EntryKind::Link) {
            real = world.real_path(&real).map_err(|_| SinkError::BrokenLink { shown: written.clone() })?;
            entry = look(world, &real)?;
        }
        if path.is_relative() && !real.starts_with(&root.folder) {
            return Err(SinkError::Outside { shown: written, root: root.folder.clone(), real });
        }
        let (Some(folder), Some(name)) = (real.parent(), real.file_name()) else {
            return Err(SinkError::NotAFile { shown: written, what: "a folder" });
        };
        if is_reserved(name) {
            return Err(SinkError::Reserved {
                shown: written,
                why: "it has the name of a temporary file of cfmint",
            });
        }
        let temporary = temporary_name(world, name).map_err(|source| SinkError::Refused {
            doing: "name a temporary file for",
            path: real.clone(),
            source,
        })?;
        let file = Self {
            folder: folder.to_owned(),
            temporary: temporary.into(),
            shown: whole_line(&real.strip_prefix(&root.folder).unwrap_or(&real).to_string_lossy()),
            path: real,
            mode: MODE,
        };
        file.judge(world, entry)?;
        Ok(file)
    }

    /// The same file, which should have this mode.
    #[must_use]
    pub fn with_mode(self, mode: u32) -> Self {
        Self { mode, ..self }
    }

    /// Refuses a file in the state folder: what stands there is not the profile's.
    pub(super) fn stay_out_of(&self, world: &dyn World, state_folder: &Path) -> Result<(), SinkError> {
        // One that is not there yet is about to be made where it is named.
        let real = world.real_path(state_folder).unwrap_or_else(|_| state_folder.to_owned());
        if self.path.starts_with(&real) || self.path.starts_with(state_folder) {
            let why = "it is in the folder where cfmint keeps its own files";
            return Err(SinkError::Reserved { shown: self.shown.clone(), why });
        }
        Ok(())
    }

    /// The real file, absolute.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The real file as a person should read it: relative to the root where it is inside.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The folder it is in, real and absolute.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether others can read or write it than the profile says; the next delivery tightens it.
    pub fn is_loose(&self, world: &dyn World) -> Result<bool, SinkError> {
        Ok(look(world, &self.path)?.is_some_and(|entry| entry.mode & 0o077 & !self.mode != 0))
    }

    /// Where a temporary file would stand that is staged beside it.
    pub(super) fn beside(&self) -> PathBuf {
        self.folder.join(&self.temporary)
    }

    /// Reads its content; a file that does not exist is empty.
    pub fn read(&self, world: &dyn World) -> Result<Zeroizing<Vec<u8>>, SinkError> {
        Ok(self.bytes(world)?.unwrap_or_default())
    }

    /// The content as it stands; `None` if there is no file.
    fn bytes(&self, world: &dyn World) -> Result<Option<Zeroizing<Vec<u8>>>, SinkError> {
        match world.read(&self.path, LONGEST_FILE) {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(SinkError::TooLong { shown: self.shown.clone(), limit: LONGEST_FILE })
            }
            Err(source) => Err(refused("read", &self.path)(source)),
        }
    }

    /// Refuses the file if replacing it would do harm or cannot work, as far as a look can tell.
    fn judge(&self, world: &dyn World, entry: Option<FolderEntry>) -> Result<(), SinkError> {
        let (shown, path) = (self.shown.clone(), self.path.clone());
        let folder = look(world, &self.folder)?;
        if folder.is_some_and(|folder| folder.mode & 0o222 == 0) {
            return Err(SinkError::ReadOnlyFolder { shown, folder: self.folder.clone() });
        }
        let Some(entry) = entry else { return Ok(()) };
        match entry.kind {
            EntryKind::File => {}
            EntryKind::Folder => return Err(SinkError::NotAFile { shown, what: "a folder" }),
            EntryKind::Link => return Err(SinkError::NotAFile { shown, what: "a symbolic link" }),
            EntryKind::Special => {
                return Err(SinkError::NotAFile { shown, what: "a FIFO, a socket or a device" });
            }
        }
        if entry.links > 1 {
            return Err(SinkError::HardLink { shown, names: entry.links, path });
        }
        if entry.mode & 0o200 == 0 {
            return Err(SinkError::ReadOnly { shown, path });
        }
        Ok(())
    }
}

/// `Path` overlooks a slash at the end, which asks for a folder.
fn ends_in_slash(path: &Path) -> bool {
    OsStr::as_encoded_bytes(path.as_os_str()).ends_with(b"/")
}

fn real_folder(world: &dyn World, folder: &Path, written: &str) -> Result<PathBuf, SinkError> {
    let missing = || SinkError::NoFolder { shown: written.to_owned(), folder: folder.to_owned() };
    let real = world.real_path(folder).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => missing(),
        _ => refused("reach", folder)(source),
    })?;
    match look(world, &real)? {
        Some(entry) if entry.kind == EntryKind::Folder => Ok(real),
        _ => Err(missing()),
    }
}

fn look(world: &dyn World, path: &Path) -> Result<Option<FolderEntry>, SinkError> {
    world.look(path).map_err(refused("look at", path))
}

/// Makes an error of a refusal by the system.
pub(super) fn refused(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SinkError {
    let path = path.to_owned();
    move |source| SinkError::Refused { doing, path, source }
}
