//! A world over a temporary folder: its clock and its random bytes are settled, every effect is recorded and can be
//! made to fail or to be the last, and everything else is the real machine.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use cfmint::world::{Child, Finished, FolderEntry, Interrupt, Machine, World};
use chrono::{DateTime, Utc};
use tempfile::TempDir;
use tokio::time::Instant;

use super::disk::Disk;

/// When the world begins, unless a test says otherwise.
const START: i64 = 1_800_000_000;

type Matches = Box<dyn Fn(&str) -> bool + Send + Sync>;
type Action = Box<dyn FnMut() -> io::Result<()> + Send>;
type Programs = Box<dyn FnMut(&Child<'_>) -> io::Result<Finished> + Send>;

/// A world of a test's own.
///
/// Effects and looks have names, with paths relative to the world's folder: `read .env`, `look .env`,
/// `real_path .env`, `list .`, `random`, `read_line`, `create 600 .env.cfmint-01234567`, `append log`, `write`, `sync`,
/// `sync_folder .`, `rename a -> b`, `remove a`, `create_folder a`, `set_mode 600 a`, `lock a`, `run git ls-files …`,
/// and of a file that is written in place `open .env`, `take_lock`, `is_mount .env`, `reserve`, `overwrite`, `truncate`;
/// `set_owner 0:33`.
/// The requests of a [`FaultyTransport`](super::FaultyTransport) are effects too: `POST /user/tokens`.
pub struct TestWorld {
    machine: Machine,
    temporary: TempDir,
    base: PathBuf,
    folder: PathBuf,
    start: DateTime<Utc>,
    started: Instant,
    slept: Mutex<Duration>,
    random: AtomicU64,
    variables: BTreeMap<String, String>,
    user: Option<u32>,
    interrupt: Mutex<Option<Interrupt>>,
    answers: Option<Mutex<VecDeque<String>>>,
    effects: Mutex<Vec<String>>,
    hooks: Mutex<Vec<Hook>>,
    dooms: Mutex<Vec<(When, Doom)>>,
    programs: Mutex<Option<Programs>>,
    dead: AtomicBool,
    mounts: Mutex<BTreeSet<PathBuf>>,
    disk: Option<Mutex<Disk>>,
}

struct Hook {
    matches: Matches,
    action: Action,
}

/// Which effect something befalls.
enum When {
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
pub(super) enum Extent {
    /// All the way.
    Whole,
    /// Half of it, and then it fails.
    Half(io::ErrorKind),
    /// Half of it, and then the process is dead.
    Last,
}

impl TestWorld {
    /// A world with an empty folder, that starts there, with no variable but `PATH`.
    pub fn new() -> Self {
        let temporary = tempfile::Builder::new().prefix("cfmint").tempdir().unwrap();
        let base = temporary.path().canonicalize().unwrap();
        Self {
            machine: Machine::new().unwrap(),
            temporary,
            folder: base.clone(),
            base,
            start: DateTime::from_timestamp(START, 0).unwrap(),
            started: Instant::now(),
            slept: Mutex::default(),
            random: AtomicU64::new(0x9E37_79B9_7F4A_7C15),
            variables: std::env::var("PATH").map(|path| ("PATH".to_owned(), path)).into_iter().collect(),
            user: None,
            interrupt: Mutex::new(None),
            answers: None,
            effects: Mutex::default(),
            hooks: Mutex::default(),
            dooms: Mutex::default(),
            programs: Mutex::default(),
            dead: AtomicBool::new(false),
            mounts: Mutex::default(),
            disk: None,
        }
    }

    /// Lets this world's deaths be power cuts: what was not synced is undone.
    pub fn forgetful(mut self) -> Self {
        self.disk = Some(Mutex::new(Disk::beside(&self.base)));
        self
    }

    /// Takes the variables of another world, and its clock.
    pub fn beside(mut self, other: &Self) -> Self {
        (self.start, self.started) = (other.start, other.started);
        self.variables.clone_from(&other.variables);
        self
    }

    /// Starts the clock at this time.
    pub fn at(mut self, start: DateTime<Utc>) -> Self {
        self.start = start;
        self.started = Instant::now();
        self
    }

    /// Sets a variable, for cfmint and for the programs it runs.
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Acts as another user, to whom nothing here belongs.
    pub fn acting_as(mut self, user: u32) -> Self {
        self.user = Some(user);
        self
    }

    /// Sits a person at the terminal, who types these lines.
    pub fn with_answers(mut self, lines: &[&str]) -> Self {
        self.answers = Some(Mutex::new(lines.iter().map(|line| (*line).to_owned()).collect()));
        self
    }

    /// Lets random bytes follow another seed, as in a second run.
    pub fn with_seed(self, seed: u64) -> Self {
        self.random.store(seed | 1, Ordering::Relaxed);
        self
    }

    /// Starts in a folder below the base, which is made where it is missing.
    pub fn starting_in(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = self.base.join(folder);
        std::fs::create_dir_all(&self.folder).unwrap();
        self
    }

    /// The folder of this world, real and absolute. It goes when the world goes.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// A path below the base.
    pub fn path(&self, path: &str) -> PathBuf {
        self.base.join(path)
    }

    /// Puts a file below the base, with the folders it needs. No effect is recorded.
    pub fn put(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The text of a file below the base.
    pub fn text(&self, path: &str) -> String {
        String::from_utf8(std::fs::read(self.path(path)).unwrap()).unwrap()
    }

    /// The names of all files and links below a folder, sorted, but for those in `.git`.
    pub fn files(&self) -> Vec<String> {
        let mut folders = vec![self.base.clone()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                match entry.file_type().unwrap() {
                    kind if !kind.is_dir() => files.push(self.name(&entry.path())),
                    _ if entry.file_name() == ".git" => {}
                    _ => folders.push(entry.path()),
                }
            }
        }
        files.sort();
        files
    }

    /// What was done to the machine so far, in order; looks and reads are left out.
    pub fn effects(&self) -> Vec<String> {
        self.effects.lock().unwrap().clone()
    }

    /// Forgets the effects so far.
    pub fn forget_effects(&self) {
        self.effects.lock().unwrap().clear();
    }

    /// Lets every effect or look fail whose name begins so.
    pub fn fail(&self, name: &str, kind: io::ErrorKind) {
        self.hook(name, move || Err(io::Error::from(kind)));
    }

    /// Lets the nth effect or look fail whose name begins so, counted from 1 and from now.
    pub fn fail_nth(&self, nth: usize, name: &str, kind: io::ErrorKind) {
        let mut count = 0;
        self.hook(name, move || {
            count += 1;
            if count == nth { Err(io::Error::from(kind)) } else { Ok(()) }
        });
    }

    /// Does something just before each effect or look whose name begins so. What it returns decides whether the
    /// effect happens.
    pub fn hook(&self, name: &str, action: impl FnMut() -> io::Result<()> + Send + 'static) {
        let name = name.to_owned();
        self.hook_where(move |effect| effect.starts_with(&name), action);
    }

    /// The same just before each effect or look of a name that fits.
    pub fn hook_where(
        &self,
        matches: impl Fn(&str) -> bool + Send + Sync + 'static,
        action: impl FnMut() -> io::Result<()> + Send + 'static,
    ) {
        self.hooks.lock().unwrap().push(Hook { matches: Box::new(matches), action: Box::new(action) });
    }

    /// Does something in the place of every program: no process is started.
    pub fn act_for_programs(
        &self,
        programs: impl FnMut(&Child<'_>) -> io::Result<Finished> + Send + 'static,
    ) {
        *self.programs.lock().unwrap() = Some(Box::new(programs));
    }

    /// Takes all hooks away.
    pub fn unhook(&self) {
        self.hooks.lock().unwrap().clear();
    }

    /// Lets a file below the base be a mount of its own, as in a container: nothing can be moved over it.
    pub fn mount(&self, path: &str) {
        self.mounts.lock().unwrap().insert(self.path(path));
    }

    /// Lets the machine sleep: its clocks go on, and no timer does.
    pub fn sleep(&self, duration: Duration) {
        *self.slept.lock().unwrap() += duration;
    }

    fn passed(&self) -> Duration {
        self.started.elapsed() + *self.slept.lock().unwrap()
    }

    /// Lets a signal arrive.
    pub fn interrupt(&self, interrupt: Interrupt) {
        *self.interrupt.lock().unwrap() = Some(interrupt);
    }

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

    fn on_disk(&self, note: impl FnOnce(&mut Disk)) {
        if let Some(disk) = &self.disk {
            note(&mut disk.lock().unwrap());
        }
    }

    /// Does what takes a name from the file at a path, which the disk keeps for a while.
    fn losing(
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

    fn name(&self, path: &Path) -> String {
        match path.strip_prefix(&self.base) {
            Ok(inside) if inside.as_os_str().is_empty() => ".".to_owned(),
            Ok(inside) => inside.display().to_string(),
            Err(_) => path.display().to_string(),
        }
    }

    fn look_at(&self, name: &str) -> io::Result<()> {
        let mut hooks = self.hooks.lock().unwrap();
        hooks.iter_mut().filter(|hook| (hook.matches)(name)).try_for_each(|hook| (hook.action)())
    }

    /// Begins an effect: records it, and says how far it goes.
    pub(super) fn begin(&self, name: String) -> io::Result<Extent> {
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
    pub(super) fn end(&self, extent: Extent) -> io::Result<()> {
        match extent {
            Extent::Whole => Ok(()),
            Extent::Half(kind) => Err(io::Error::from(kind)),
            Extent::Last => {
                self.power_cut();
                Err(dead())
            }
        }
    }

    fn act<T>(&self, name: String, effect: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let extent = self.begin(name)?;
        let done = effect();
        self.end(extent)?;
        done
    }
}

/// What gets written of these bytes.
fn half(bytes: &[u8], extent: Extent) -> &[u8] {
    if extent == Extent::Whole { bytes } else { &bytes[..bytes.len() / 2] }
}

fn dead() -> io::Error {
    io::Error::other("this process is dead")
}

impl World for TestWorld {
    fn now(&self) -> DateTime<Utc> {
        self.start + self.passed()
    }

    /// The virtual time that has passed.
    fn uptime(&self) -> Duration {
        self.passed()
    }

    /// The same bytes in every run: xorshift64*.
    fn fill_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        self.look_at("random")?;
        for byte in bytes {
            let mut state = self.random.load(Ordering::Relaxed);
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            self.random.store(state, Ordering::Relaxed);
            *byte = state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_be_bytes()[0];
        }
        Ok(())
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }

    fn user(&self) -> u32 {
        self.user.unwrap_or_else(|| self.machine.user())
    }

    fn folder(&self) -> &Path {
        &self.folder
    }

    fn can_ask(&self) -> bool {
        self.answers.is_some()
    }

    fn read_line(&self) -> io::Result<Option<String>> {
        self.look_at("read_line")?;
        Ok(self.answers.as_ref().and_then(|answers| answers.lock().unwrap().pop_front()))
    }

    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.look_at(&format!("read {}", self.name(path)))?;
        self.machine.read(path, limit)
    }

    fn look(&self, path: &Path) -> io::Result<Option<FolderEntry>> {
        self.look_at(&format!("look {}", self.name(path)))?;
        self.machine.look(path)
    }

    fn real_path(&self, path: &Path) -> io::Result<PathBuf> {
        self.look_at(&format!("real_path {}", self.name(path)))?;
        self.machine.real_path(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        self.look_at(&format!("list {}", self.name(folder)))?;
        self.machine.list(folder)
    }

    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.act(format!("create {mode:o} {}", self.name(path)), || {
            let file = self.machine.create(path, mode)?;
            self.on_disk(|disk| disk.made(path, &file));
            Ok(file)
        })
    }

    fn open_append(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.act(format!("append {}", self.name(path)), || {
            let is_new = self.machine.look(path)?.is_none();
            let file = self.machine.open_append(path, mode)?;
            self.on_disk(|disk| if is_new { disk.made(path, &file) } else { disk.opened(path, &file) });
            Ok(file)
        })
    }

    fn open_existing(&self, path: &Path) -> io::Result<File> {
        self.look_at(&format!("open {}", self.name(path)))?;
        let file = self.machine.open_existing(path)?;
        self.on_disk(|disk| disk.opened(path, &file));
        Ok(file)
    }

    fn lock(&self, file: &File) -> io::Result<bool> {
        self.look_at("take_lock")?;
        self.machine.lock(file)
    }

    fn reserve(&self, file: &File, length: u64) -> io::Result<()> {
        self.act("reserve".to_owned(), || self.machine.reserve(file, length))
    }

    fn overwrite(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let extent = self.begin("overwrite".to_owned())?;
        let written = half(bytes, extent);
        self.machine.overwrite(file, written)?;
        self.on_disk(|disk| {
            disk.overwrote(file, written);
            // The power went while the disk was at it.
            if extent == Extent::Last {
                disk.synced(file);
            }
        });
        self.end(extent)
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        self.act("truncate".to_owned(), || {
            self.machine.truncate(file, length)?;
            self.on_disk(|disk| disk.truncated(file, length));
            Ok(())
        })
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let extent = self.begin("write".to_owned())?;
        let written = half(bytes, extent);
        self.machine.write(file, written)?;
        self.on_disk(|disk| disk.wrote(file, written));
        self.end(extent)
    }

    /// Only recorded: a real disk would make thousands of cases slow and show nothing more.
    fn sync(&self, file: &File) -> io::Result<()> {
        self.act("sync".to_owned(), || {
            self.on_disk(|disk| disk.synced(file));
            Ok(())
        })
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let exists = self.machine.look(folder)?.map(drop).ok_or(io::ErrorKind::NotFound);
        self.act(format!("sync_folder {}", self.name(folder)), || {
            exists?;
            self.on_disk(|disk| disk.synced_folder(folder));
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let name = format!("rename {} -> {}", self.name(from), self.name(to));
        if self.mounts.lock().unwrap().contains(to) {
            return self.act(name, || Err(io::ErrorKind::ResourceBusy.into()));
        }
        self.act(name, || {
            self.losing(to, || self.machine.rename(from, to), |disk, replaced| disk.moved(from, to, replaced))
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.act(format!("remove {}", self.name(path)), || {
            self.losing(path, || self.machine.remove(path), |disk, kept| disk.removed(path, kept))
        })
    }

    fn create_folder(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.act(format!("create_folder {}", self.name(path)), || {
            self.machine.create_folder(path, mode)?;
            self.on_disk(|disk| disk.made_folder(path));
            Ok(())
        })
    }

    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.act(format!("set_mode {mode:o} {}", self.name(path)), || self.machine.set_mode(path, mode))
    }

    fn set_owner(&self, file: &File, owner: u32, group: u32) -> io::Result<()> {
        self.act(format!("set_owner {owner}:{group}"), || self.machine.set_owner(file, owner, group))
    }

    fn is_mount(&self, path: &Path) -> io::Result<bool> {
        self.look_at(&format!("is_mount {}", self.name(path)))?;
        Ok(self.mounts.lock().unwrap().contains(path) || self.machine.is_mount(path)?)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<File>> {
        let lock = self.act(format!("lock {}", self.name(path)), || {
            let is_new = self.machine.look(path)?.is_none();
            let lock = self.machine.try_lock(path)?;
            if let Some(file) = lock.as_ref().filter(|_| is_new) {
                self.on_disk(|disk| disk.made(path, file));
            }
            Ok(lock)
        })?;
        if lock.is_none() {
            // A child that another test is just starting shares every lock of this process until it is a program of
            // its own. It needs real time for that, and the waiting for locks happens in virtual time.
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(lock)
    }

    /// The child gets this world's variables beside those of the test process.
    fn hide(&self, text: &str) {
        self.machine.hide(text);
    }

    fn run(&self, child: &Child<'_>) -> io::Result<Finished> {
        let seen = self.variables.iter().filter(|(name, _)| !child.hidden.contains(&name.as_str()));
        let mut variables: Vec<_> = seen.map(|(name, value)| (name.as_str(), value.clone())).collect();
        variables.extend(child.variables.iter().cloned());
        let child = Child { variables: &variables, ..*child };
        self.act(format!("run {}", child.argv.join(" ")), || match &mut *self.programs.lock().unwrap() {
            Some(act) => act(&child),
            None => self.machine.run(&child),
        })
    }

    fn interrupted(&self) -> Option<Interrupt> {
        *self.interrupt.lock().unwrap()
    }
}
