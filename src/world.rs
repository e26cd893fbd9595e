//! The one door to files, clock, randomness, environment, child processes and interruption.
//!
//! Everything cfmint does to the machine it runs on passes through a [`World`]; everything it does to
//! Cloudflare passes through a [`Transport`](crate::cloudflare::Transport). The real world is
//! [`Machine`]; tests bring worlds of their own, with a clock that stands still and effects that fail.
//!
//! The methods are single steps (create, write, sync, rename), never procedures, so that a test can make
//! each of them the moment where the disk fills or the process dies. Waiting is tokio's business: its clock
//! can be paused.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use ring::rand::{SecureRandom, SystemRandom};

/// The machine as cfmint sees it: each method is one effect, or one look.
pub trait World: Send + Sync {
    /// The time now, by this machine's clock.
    fn now(&self) -> DateTime<Utc>;

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

    /// The next line of standard input, without its end; `None` at its end.
    fn read_line(&self) -> io::Result<Option<String>>;

    /// The whole of a file, at most `limit` bytes of it; a longer file is an error of kind `FileTooLarge`.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// What stands at a path, without following a symbolic link; `None` if nothing does.
    fn look(&self, path: &Path) -> io::Result<Option<Entry>>;

    /// The path with every symbolic link followed; fails if it leads nowhere.
    fn real_path(&self, path: &Path) -> io::Result<PathBuf>;

    /// The names in a folder, sorted.
    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>>;

    /// Makes a file that did not exist, with this mode from its first moment, open for writing. Where the file system
    /// has locks, it is held as [`try_lock`](Self::try_lock) does, so that others see that somebody is at it.
    fn create(&self, path: &Path, mode: u32) -> io::Result<File>;

    /// Opens a file for appending, making it with this mode where it is missing.
    fn open_append(&self, path: &Path, mode: u32) -> io::Result<File>;

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

    /// Takes the exclusive lock of a file made for that purpose; `None` while another process holds it.
    /// The lock ends when the file is dropped.
    fn try_lock(&self, path: &Path) -> io::Result<Option<File>>;

    /// Runs a child process to its end.
    fn run(&self, child: &Child<'_>) -> io::Result<Finished>;

    /// The signal that asked this process to stop, if one did.
    fn interrupted(&self) -> Option<Interrupt>;
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its kind.
    pub kind: EntryKind,
    /// The permission bits, such as `0o600`.
    pub mode: u32,
    /// The number of the file system it is on.
    pub device: u64,
    /// The number of its owner.
    pub owner: u32,
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

/// The variables a bootstrap may come from. No child process may see them: they are among its
/// [`hidden`](Child::hidden) ones.
pub const BOOTSTRAP_VARIABLES: [&str; 3] =
    ["CLOUDFLARE_BOOTSTRAP_TOKEN", "CLOUDFLARE_EMAIL", "CLOUDFLARE_API_KEY"];

/// A child process to run.
pub struct Child<'a> {
    /// Program and arguments.
    pub argv: &'a [String],
    /// Where it runs.
    pub folder: &'a Path,
    /// What it reads on standard input; nothing if empty.
    pub input: &'a [u8],
    /// Variables it gets beyond this process's own.
    pub variables: &'a [(&'a str, String)],
    /// Variables of this process that it must not see.
    pub hidden: &'a [&'a str],
    /// Where its standard output goes.
    pub output: ChildOutput,
    /// How long it may run before it is killed.
    pub time_limit: Option<Duration>,
}

/// Where a child's standard output goes. Its standard error is always ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildOutput {
    /// Returned in [`Finished::output`], with standard error in [`Finished::errors`].
    Captured,
    /// To our standard error: ours is kept for results.
    ToStandardError,
}

/// How a child process ended.
pub struct Finished {
    /// Its exit code; `None` if a signal or the time limit ended it.
    pub code: Option<i32>,
    /// Its standard output, if captured. May hold a secret: wiped when dropped.
    pub output: zeroize::Zeroizing<Vec<u8>>,
    /// Its standard error, if captured.
    pub errors: Vec<u8>,
    /// Whether it was killed at its time limit.
    pub timed_out: bool,
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

/// Notes that a signal arrived; the work at hand goes on to a safe place and then stops.
pub fn note_interrupt(interrupt: Interrupt) {
    INTERRUPT.store(interrupt.exit_code(), Ordering::SeqCst);
}

/// The real machine.
pub struct Machine {
    folder: PathBuf,
    random: SystemRandom,
}

#[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
impl Machine {
    /// The machine as seen from the folder this process was started in.
    pub fn new() -> io::Result<Self> {
        Ok(Self { folder: std::env::current_dir()?, random: SystemRandom::new() })
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

    fn read_line(&self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line)?;
        let end = line.trim_end_matches(['\r', '\n']).len();
        line.truncate(end);
        Ok((read > 0).then_some(line))
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        Ok(bytes)
    }

    fn look(&self, path: &Path) -> io::Result<Option<Entry>> {
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
        Ok(Some(Entry {
            kind,
            mode: metadata.mode() & 0o7777,
            device: metadata.dev(),
            owner: metadata.uid(),
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

    fn try_lock(&self, path: &Path) -> io::Result<Option<File>> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    fn run(&self, child: &Child<'_>) -> io::Result<Finished> {
        run_child(child)
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

/// How often a child with a time limit is asked whether it has ended, first and at length.
const CHILD_POLL: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));

#[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
fn run_child(child: &Child<'_>) -> io::Result<Finished> {
    let Some((program, arguments)) = child.argv.split_first() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no program is named"));
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(child.folder);
    for name in child.hidden {
        command.env_remove(name);
    }
    command.envs(child.variables.iter().map(|(name, value)| (name, value)));
    command.stdin(if child.input.is_empty() { Stdio::null() } else { Stdio::piped() });
    match child.output {
        ChildOutput::Captured => command.stdout(Stdio::piped()).stderr(Stdio::piped()),
        ChildOutput::ToStandardError => command.stdout(io::stderr()),
    };
    let mut process = command.spawn()?;

    // The pipes are served side by side, so that neither the child nor we wait for the other.
    let input = process.stdin.take();
    let output = process.stdout.take();
    let errors = process.stderr.take();
    std::thread::scope(|scope| {
        if let Some(mut pipe) = input {
            // A child that closes its input early has said enough with its exit code.
            scope.spawn(move || pipe.write_all(child.input).ok());
        }
        let output = output.map(|pipe| scope.spawn(move || read_pipe(pipe)));
        let errors = errors.map(|pipe| scope.spawn(move || read_pipe(pipe)));
        let (status, timed_out) = wait(&mut process, child.time_limit)?;
        let text = |reader: Option<std::thread::ScopedJoinHandle<'_, Vec<u8>>>| {
            reader.and_then(|thread| thread.join().ok()).unwrap_or_default()
        };
        Ok(Finished { code: status.code(), output: text(output).into(), errors: text(errors), timed_out })
    })
}

fn read_pipe(mut pipe: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What came before a broken pipe is still what the child said.
    pipe.read_to_end(&mut bytes).ok();
    bytes
}

fn wait(
    process: &mut std::process::Child,
    limit: Option<Duration>,
) -> io::Result<(std::process::ExitStatus, bool)> {
    let Some(limit) = limit else { return Ok((process.wait()?, false)) };
    let (mut pause, longest) = CHILD_POLL;
    let mut waited = Duration::ZERO;
    while waited < limit {
        if let Some(status) = process.try_wait()? {
            return Ok((status, false));
        }
        std::thread::sleep(pause);
        waited += pause;
        pause = (pause * 2).min(longest);
    }
    process.kill()?;
    Ok((process.wait()?, true))
}
