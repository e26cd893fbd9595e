//! The real machine: each method is the one call of the system that its name says.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, IsTerminal as _, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::exchange::Exchange;
use super::mask::Mask;
use super::uptime::uptime;
use crate::http::{Answer, Request, SendFailure, Server};

use super::{Child, EntryKind, Finished, FolderEntry, INTERRUPT, Interrupt, World};

/// How long the lock of a file that is written in place is waited for: a program that was just started holds what this
/// process holds until it has become itself.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);
/// How long between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// The real machine.
pub struct Machine {
    folder: PathBuf,
    random: SystemRandom,
    /// What no program may show.
    hidden: Mutex<Vec<Zeroizing<String>>>,
    exchange: Exchange,
}

#[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
impl Machine {
    /// The machine as seen from the folder this process was started in.
    pub fn new() -> io::Result<Self> {
        let folder = std::env::current_dir()?;
        let (hidden, exchange) = (Mutex::default(), Exchange::default());
        Ok(Self { folder, random: SystemRandom::new(), hidden, exchange })
    }

    /// Keeps this process's memory, which holds secrets, out of core dumps and other processes' sight, where
    /// the system lets it.
    pub fn seal() {
        use rustix::process::{Resource, Rlimit, setrlimit};
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).ok();
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{DumpableBehavior, set_dumpable_behavior};
            set_dumpable_behavior(DumpableBehavior::NotDumpable).ok();
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
impl World for Machine {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn uptime(&self) -> Duration {
        uptime()
    }

    fn fill_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        self.random.fill(bytes).map_err(|_| io::Error::other("the system gives no random bytes"))
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    fn user(&self) -> u32 {
        rustix::process::geteuid().as_raw()
    }

    fn folder(&self) -> &Path {
        &self.folder
    }

    fn can_ask(&self) -> bool {
        io::IsTerminal::is_terminal(&io::stdin()) && io::IsTerminal::is_terminal(&io::stderr())
    }

    fn read_line(&self, limit: u64) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().take(limit + 1).read_until(b'\n', &mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        // A byte that is no text is seen as the sign that stands in its place.
        let mut line = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let end = line.trim_end_matches(['\r', '\n']).len();
        line.truncate(end);
        Ok((read > 0).then_some(line))
    }

    fn read_input(&self, limit: u64) -> io::Result<Vec<u8>> {
        read_all(io::stdin().lock(), limit)
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        read_all(File::open(path)?, limit)
    }

    fn look(&self, path: &Path) -> io::Result<Option<FolderEntry>> {
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let kind = match metadata.file_type() {
            kind if kind.is_file() => EntryKind::File,
            kind if kind.is_dir() => EntryKind::Folder,
            kind if kind.is_symlink() => EntryKind::Link,
            _ => EntryKind::Special,
        };
        Ok(Some(FolderEntry {
            kind,
            mode: metadata.mode() & 0o7777,
            device: metadata.dev(),
            owner: metadata.uid(),
            group: metadata.gid(),
            links: metadata.nlink(),
            length: metadata.len(),
        }))
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let mut names =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.try_lock().ok();
        Ok(file)
    }

    fn open_append(&self, path: &Path, mode: u32) -> io::Result<File> {
        OpenOptions::new().append(true).create(true).mode(mode).open(path)
    }

    fn open_existing(&self, path: &Path) -> io::Result<File> {
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        OpenOptions::new().write(true).custom_flags(flags.bits().cast_signed()).open(path)
    }

    fn lock(&self, file: &File) -> io::Result<bool> {
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(true),
                Err(fs::TryLockError::Error(error)) => return Err(error),
                Err(fs::TryLockError::WouldBlock) if begun.elapsed() > LOCK_PATIENCE => return Ok(false),
                Err(fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            }
        }
    }

    fn reserve(&self, file: &File, length: u64) -> io::Result<()> {
        reserve(file, length)
    }

    fn overwrite(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.rewind()?;
        file.write_all(bytes)
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn create_folder(&self, path: &Path, mode: u32) -> io::Result<()> {
        fs::DirBuilder::new().mode(mode).create(path)
    }

    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
    }

    fn set_owner(&self, file: &File, owner: u32, group: u32) -> io::Result<()> {
        std::os::unix::fs::fchown(file, Some(owner), Some(group))
    }

    fn is_mount(&self, path: &Path) -> io::Result<bool> {
        is_mount(path)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<File>> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    fn hide(&self, text: &str) {
        let mut hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        if !hidden.iter().any(|known| **known == text) {
            hidden.push(Zeroizing::new(text.to_owned()));
        }
    }

    fn exchange(&self, server: &Server, request: Request, limit: Duration) -> Result<Answer, SendFailure> {
        self.exchange.send(server, request, limit)
    }

    fn pause(&self, length: Duration) {
        std::thread::sleep(length);
    }

    fn has_screen(&self) -> bool {
        io::stdout().is_terminal()
    }

    fn show(&self, line: &str) -> io::Result<()> {
        let mut screen = io::stdout().lock();
        // What tells of progress may stand on the line.
        screen.write_all(&Zeroizing::new(["\r\x1b[2K", line, "\n"].concat().into_bytes()))?;
        screen.flush()
    }

    fn tell_runner(&self, line: &str) -> io::Result<()> {
        let mut errors = io::stderr().lock();
        // The runner knows a command at the beginning of a line only, and a program may have left the last one unfinished. One
        // write, so that nothing of others comes between.
        errors.write_all(&Zeroizing::new(["\n", line, "\n"].concat().into_bytes()))?;
        errors.flush()
    }

    fn run(&self, child: &Child<'_>) -> io::Result<Finished> {
        let mask = {
            let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
            Mask::of(hidden.iter().map(|text| text.as_str()))
        };
        child.run(&mask)
    }

    fn interrupted(&self) -> Option<Interrupt> {
        match INTERRUPT.load(Ordering::SeqCst) {
            130 => Some(Interrupt::Interrupt),
            143 => Some(Interrupt::Terminate),
            129 => Some(Interrupt::HangUp),
            _ => None,
        }
    }
}

fn read_all(from: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    Ok(bytes)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_mount(path: &Path) -> io::Result<bool> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    match statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::empty()) {
        // A kernel that cannot say (before 5.8) leaves the mask empty.
        Ok(found) => Ok(found.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT)
            && found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)),
        Err(rustix::io::Errno::NOSYS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Elsewhere single files are mounted from other devices, and the numbers of those tell.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_mount(_: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn reserve(file: &File, length: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    if length == 0 {
        return Ok(());
    }
    Ok(fallocate(file, FallocateFlags::KEEP_SIZE, 0, length)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn reserve(_: &File, _: u64) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}
