//! A world over a temporary folder: its clock and its random bytes are settled, every effect is recorded and can be
//! made to fail or to be the last, and everything else is the real machine.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cfmint::world::{Child, Finished, Interrupt, Machine};
use chrono::{DateTime, Utc};
use tempfile::TempDir;
use tokio::time::Instant;

use super::disk::Disk;
use super::vault::FakeVault;
pub use effect::Doom;
pub(super) use effect::Extent;
use effect::When;

mod effect;
mod machine;

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
/// `set_owner 0:33`, `tell_runner`.
/// The requests to a store of secrets are effects, `ask store POST secret/data/shop`: one that fails with `ConnectionReset` was
/// carried out.
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
    told: Mutex<Vec<String>>,
    shown: Mutex<Vec<String>>,
    has_screen: bool,
    store: Arc<Mutex<FakeVault>>,
    disk: Option<Mutex<Disk>>,
}

struct Hook {
    matches: Matches,
    action: Action,
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
            told: Mutex::default(),
            shown: Mutex::default(),
            has_screen: false,
            store: Arc::new(Mutex::new(FakeVault::new())),
            disk: None,
        }
    }

    /// Takes a store of secrets, and the variables that lead there.
    pub fn with_store(mut self, store: FakeVault) -> Self {
        self.store = Arc::new(Mutex::new(store));
        self.with_variable("VAULT_ADDR", "https://vault.example:8200")
            .with_variable("VAULT_TOKEN", super::vault::TOKEN)
    }

    /// The store of secrets.
    pub fn store(&self) -> std::sync::MutexGuard<'_, FakeVault> {
        self.store.lock().unwrap()
    }

    /// Lets standard output be a terminal.
    pub fn with_screen(mut self) -> Self {
        self.has_screen = true;
        self
    }

    /// What a person was shown.
    pub fn shown(&self) -> Vec<String> {
        self.shown.lock().unwrap().clone()
    }

    /// What a build server was told.
    pub fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
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
        self.store = Arc::clone(&other.store);
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

    /// Lets a file below the base be its own mount, as in a container: nothing can be moved over it.
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
}
