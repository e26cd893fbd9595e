//! A disk that keeps only what was synced: what a power cut undoes of the effects of a world.
//!
//! The content of a file is safe once the file was synced; a name that was made, moved or removed is safe once its
//! folder was. Everything else is undone, the last first, but for a write over a file that is cut in half; a file whose new
//! name is safe has the old one beside it. What programs and the test itself write is always safe.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// What was done since it was last brought to the disk.
pub(super) struct Disk {
    /// Where files wait that lost their name, so that they can get it back.
    attic: TempDir,
    stored: usize,
    contents: BTreeMap<u64, Content>,
    entries: Vec<EntryChange>,
}

/// What stands in a file, by its inode.
struct Content {
    on_disk: Vec<u8>,
    in_memory: Vec<u8>,
}

/// A change of a name, and the folders that have not been synced since.
struct EntryChange {
    unsynced: Vec<PathBuf>,
    undo: Undo,
}

enum Undo {
    /// A file was made here.
    Made(PathBuf),
    /// A folder was made here.
    MadeFolder(PathBuf),
    /// A file was moved, known by its inode; another one, that it replaced, is in the attic.
    Moved { from: PathBuf, to: PathBuf, inode: u64, replaced: Option<PathBuf> },
    /// A file was removed, and is in the attic.
    Removed { path: PathBuf, kept: PathBuf },
}

impl Disk {
    /// A disk for the folder that this one stands beside: files are linked between the two.
    pub(super) fn beside(base: &Path) -> Self {
        let attic =
            tempfile::Builder::new().prefix("cfmint-attic").tempdir_in(base.parent().unwrap()).unwrap();
        Self { attic, stored: 0, contents: BTreeMap::new(), entries: Vec::new() }
    }

    /// A file was made.
    pub(super) fn made(&mut self, path: &Path, file: &File) {
        let content = Content { on_disk: Vec::new(), in_memory: Vec::new() };
        self.contents.insert(inode(file), content);
        self.note(&[path], Undo::Made(path.to_owned()));
    }

    /// A file that was there was opened for writing.
    pub(super) fn opened(&mut self, path: &Path, file: &File) {
        if let Ok(bytes) = fs::read(path) {
            let content = Content { on_disk: bytes.clone(), in_memory: bytes };
            self.contents.entry(inode(file)).or_insert(content);
        }
    }

    pub(super) fn made_folder(&mut self, path: &Path) {
        self.note(&[path], Undo::MadeFolder(path.to_owned()));
    }

    pub(super) fn wrote(&mut self, file: &File, bytes: &[u8]) {
        if let Some(content) = self.contents.get_mut(&inode(file)) {
            content.in_memory.extend(bytes);
        }
    }

    /// Bytes were written over the beginning of a file.
    pub(super) fn overwrote(&mut self, file: &File, bytes: &[u8]) {
        if let Some(content) = self.contents.get_mut(&inode(file)) {
            let replaced = bytes.len().min(content.in_memory.len());
            content.in_memory.splice(..replaced, bytes.iter().copied());
        }
    }

    pub(super) fn truncated(&mut self, file: &File, length: u64) {
        if let Some(content) = self.contents.get_mut(&inode(file)) {
            content.in_memory.truncate(usize::try_from(length).unwrap());
        }
    }

    pub(super) fn synced(&mut self, file: &File) {
        if let Some(content) = self.contents.get_mut(&inode(file)) {
            content.on_disk.clone_from(&content.in_memory);
        }
    }

    pub(super) fn synced_folder(&mut self, folder: &Path) {
        let folder = real(folder);
        for change in &mut self.entries {
            change.unsynced.retain(|unsynced| *unsynced != folder);
        }
        self.entries.retain(|change| !change.unsynced.is_empty());
    }

    /// Keeps what a move or a removal is about to take a name from; returns where.
    pub(super) fn keep(&mut self, path: &Path) -> Option<PathBuf> {
        self.stored += 1;
        let kept = self.attic.path().join(self.stored.to_string());
        fs::hard_link(path, &kept).ok().map(|()| kept)
    }

    pub(super) fn moved(&mut self, from: &Path, to: &Path, replaced: Option<PathBuf>) {
        let inode = fs::symlink_metadata(to).unwrap().ino();
        let undo = Undo::Moved { from: from.to_owned(), to: to.to_owned(), inode, replaced };
        self.note(&[from, to], undo);
    }

    pub(super) fn removed(&mut self, path: &Path, kept: Option<PathBuf>) {
        if let Some(kept) = kept {
            self.note(&[path], Undo::Removed { path: path.to_owned(), kept });
        }
    }

    fn note(&mut self, paths: &[&Path], undo: Undo) {
        let unsynced = paths.iter().map(|path| real(path.parent().unwrap())).collect();
        self.entries.push(EntryChange { unsynced, undo });
    }

    /// Undoes what is not on the disk in a folder, and everything below.
    pub(super) fn cut(&mut self, base: &Path) -> io::Result<()> {
        for change in std::mem::take(&mut self.entries).into_iter().rev() {
            match change.undo {
                Undo::Made(path) => fs::remove_file(path).or_else(if_absent)?,
                Undo::MadeFolder(path) => fs::remove_dir_all(path).or_else(if_absent)?,
                Undo::Moved { from, to, inode, .. }
                    if !change.unsynced.contains(&real(to.parent().unwrap())) =>
                {
                    if fs::symlink_metadata(&to).is_ok_and(|entry| entry.ino() == inode) {
                        fs::hard_link(&to, from)?;
                    }
                }
                Undo::Moved { from, to, replaced, .. } => {
                    fs::rename(&to, from).or_else(if_absent)?;
                    if let Some(replaced) = replaced {
                        fs::rename(replaced, to)?;
                    }
                }
                Undo::Removed { path, kept } => fs::rename(kept, path)?,
            }
        }
        let contents = std::mem::take(&mut self.contents);
        let mut folders = vec![base.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                let metadata = fs::symlink_metadata(&path)?;
                if metadata.is_dir() {
                    folders.push(path);
                } else if let Some(content) = contents.get(&metadata.ino()).filter(|_| metadata.is_file()) {
                    content.roll_back(&path)?;
                }
            }
        }
        Ok(())
    }
}

impl Content {
    /// Unless somebody else has written to the file.
    fn roll_back(&self, path: &Path) -> io::Result<()> {
        if self.on_disk != self.in_memory && fs::read(path)? == self.in_memory {
            let file = File::options().write(true).open(path)?;
            file.set_len(0)?;
            file.write_all_at(&self.on_disk, 0)?;
        }
        Ok(())
    }
}

fn inode(file: &File) -> u64 {
    file.metadata().unwrap().ino()
}

/// A folder by its true name, if it is there.
fn real(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

fn if_absent(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
