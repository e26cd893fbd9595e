//! The one door to files, clock, randomness, environment, child processes and interruption.
//!
//! Everything cfmint does to the machine it runs on passes through a [`World`]; everything it does to
//! Cloudflare passes through a [`Transport`](crate::http::Transport). The real world is
//! [`Machine`]; tests bring worlds of their own, with a clock that stands still and effects that fail.
//!
//! The methods are single steps (create, write, sync, rename), never procedures, so that a test can make
//! each of them the moment where the disk fills or the process dies. Waiting is tokio's business: its clock
//! can be paused.

mod child;
mod exchange;
mod machine;
mod mask;
mod pipes;
mod start;
mod uptime;
mod watchdog;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::http::{Answer, Request, SendFailure, Server};

pub use child::{BOOTSTRAP_VARIABLES, Child, Finished, ProcessGroup};
pub use machine::Machine;
pub use pipes::ChildOutput;

/// The machine as cfmint sees it: each method is one effect, or one look.
pub trait World: Send + Sync {
    /// The time now, by this machine's clock.
    fn now(&self) -> DateTime<Utc>;

    /// A clock that nobody sets, for the length of things: where the system has one (Linux), it counts the time that
    /// the machine was suspended too.
    fn uptime(&self) -> Duration;

    /// Fills the buffer with bytes that nobody can guess.
    fn fill_random(&self, bytes: &mut [u8]) -> io::Result<()>;

    /// A variable of the process environment; one that is not UTF-8 counts as absent, and so does an empty one: build
    /// servers pass what nobody has set as an empty text.
    fn variable(&self, name: &str) -> Option<String>;

    /// The number of the user that this process acts as; 0 for root.
    fn user(&self) -> u32;

    /// The folder that cfmint was started in, absolute.
    fn folder(&self) -> &Path;

    /// Whether standard input is a terminal, so that a person can be asked.
    fn can_ask(&self) -> bool;

    /// The next line of standard input, without its end; `None` at its end. A line of more than `limit` bytes is an error
    /// of kind `FileTooLarge`.
    fn read_line(&self, limit: u64) -> io::Result<Option<String>>;

    /// The rest of standard input, at most `limit` bytes of it; more is an error of kind `FileTooLarge`.
    fn read_input(&self, limit: u64) -> io::Result<Vec<u8>>;

    /// The whole of a file, at most `limit` bytes of it; a longer file is an error of kind `FileTooLarge`.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// What stands at a path, without following a symbolic link; `None` if nothing does.
    fn look(&self, path: &Path) -> io::Result<Option<FolderEntry>>;

    /// The path with every symbolic link followed; fails if it leads nowhere.
    fn real_path(&self, path: &Path) -> io::Result<PathBuf>;

    /// The names in a folder, sorted.
    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>>;

    /// Makes a file that did not exist, with this mode from its first moment, open for writing. Where the file system
    /// has locks, it is held as [`try_lock`](Self::try_lock) does, so that others see that somebody is at it.
    fn create(&self, path: &Path, mode: u32) -> io::Result<File>;

    /// Opens a file for appending, making it with this mode where it is missing.
    fn open_append(&self, path: &Path, mode: u32) -> io::Result<File>;

    /// Opens a file that exists for writing, from its beginning, and changes nothing in it; a symbolic link is refused.
    /// It fails where the file could not be changed, as an immutable one.
    fn open_existing(&self, path: &Path) -> io::Result<File>;

    /// Takes the exclusive lock of an open file, and waits a moment for it; `false` if somebody else holds it longer.
    fn lock(&self, file: &File) -> io::Result<bool>;

    /// Sets room aside on the disk for so many bytes, and changes neither content nor length. A file system that does
    /// not know how is an error of kind `Unsupported`.
    fn reserve(&self, file: &File, length: u64) -> io::Result<()>;

    /// Writes all of the bytes over the beginning of an open file.
    fn overwrite(&self, file: &mut File, bytes: &[u8]) -> io::Result<()>;

    /// Cuts an open file to this length.
    fn truncate(&self, file: &File, length: u64) -> io::Result<()>;

    /// Writes all of the bytes.
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()>;

    /// Brings a file's content to the disk.
    fn sync(&self, file: &File) -> io::Result<()>;

    /// Brings a folder's entries to the disk.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Moves a file over another, which it replaces at once.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes one folder with this mode; its parent must exist.
    fn create_folder(&self, path: &Path, mode: u32) -> io::Result<()>;

    /// Changes the mode of a file.
    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()>;

    /// Gives an open file an owner and a group.
    fn set_owner(&self, file: &File, owner: u32, group: u32) -> io::Result<()>;

    /// Whether something is mounted at this very path, such as one file in a container.
    fn is_mount(&self, path: &Path) -> io::Result<bool>;

    /// Takes the exclusive lock of a file made for that purpose; `None` while another process holds it.
    /// The lock ends when the file is dropped.
    fn try_lock(&self, path: &Path) -> io::Result<Option<File>>;

    /// Puts stars over this text, and over what is commonly derived from it, in what every program prints from now on.
    fn hide(&self, text: &str);

    /// Whether standard output is a terminal, so that only a person reads it.
    fn has_screen(&self) -> bool;

    /// Prints a line on standard output: the one way for a secret to come there, on a person's own wish.
    fn show(&self, line: &str) -> io::Result<()>;

    /// Prints a line on standard error that the build server which runs this process reads as a command.
    fn tell_runner(&self, line: &str) -> io::Result<()>;

    /// Sends one request to a server that is not Cloudflare's, such as a store of secrets, and waits for the whole answer,
    /// for so long at the most. Never follows a redirect, never tries twice.
    fn exchange(&self, server: &Server, request: Request, limit: Duration) -> Result<Answer, SendFailure>;

    /// Lets this time pass.
    fn pause(&self, length: Duration);

    /// Runs a child process to its end.
    fn run(&self, child: &Child<'_>) -> io::Result<Finished>;

    /// The signal that asked this process to stop, if one did.
    fn interrupted(&self) -> Option<Interrupt>;
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its kind.
    pub kind: EntryKind,
    /// The permission bits, such as `0o600`.
    pub mode: u32,
    /// The number of the file system it is on.
    pub device: u64,
    /// The number of its owner.
    pub owner: u32,
    /// The number of its group.
    pub group: u32,
    /// How many names it has; more than one for a hard link.
    pub links: u64,
    /// Its length in bytes.
    pub length: u64,
}

/// The kinds of thing that can stand at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A FIFO, socket or device.
    Special,
}

/// A signal that asks the process to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupt {
    /// SIGINT, as from Ctrl-C.
    Interrupt,
    /// SIGTERM, as from a service manager.
    Terminate,
    /// SIGHUP, as from a terminal that was closed.
    HangUp,
}

impl Interrupt {
    /// The exit code by which shells know the signal.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::HangUp => 129,
        }
    }
}

/// Where a signal handler leaves word for [`Machine::interrupted`].
static INTERRUPT: AtomicU8 = AtomicU8::new(0);

/// How many came: each is passed on to a command that a person runs through us.
static INTERRUPTS: AtomicU32 = AtomicU32::new(0);

/// Notes that a signal arrived; the work at hand goes on to a safe place and then stops.
pub fn note_interrupt(interrupt: Interrupt) {
    INTERRUPT.store(interrupt.exit_code(), Ordering::SeqCst);
    INTERRUPTS.fetch_add(1, Ordering::SeqCst);
}
