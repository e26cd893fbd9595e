//! A work tree, a small Cloudflare and the transport between them, on one clock: whole commands run inside a test.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anstream::adapter::strip_str;
use cfmint::cli::{Screen, run_over};
use cfmint::cloudflare::wire::{Token, TokenWrite};
use cfmint::cloudflare::{ApiBase, Transport};
use cfmint::emulator::{Emulator, EmulatorOwner, Settings, world};
use cfmint::secret::Secret;
use cfmint::world::World;
use regex_lite::Regex;
use ring::digest::{SHA256, digest};
use serde_json::Value;

use super::{FaultyTransport, TestWorld, far};

/// What is there before the first token is made.
const FIRST: [&str; 3] = [world::BOOTSTRAP_ID, world::NARROW_BOOTSTRAP_ID, world::ACCOUNT_BOOTSTRAP_ID];

/// Everything a command can touch.
///
/// The work tree ignores `.env*`. The bootstrap is the emulator's wide one and the API is on loopback, unless the
/// world's variables say otherwise.
pub struct Scene {
    pub world: Arc<TestWorld>,
    pub emulator: Emulator,
    pub transport: Arc<FaultyTransport>,
    said: Mutex<String>,
    raw: Mutex<String>,
    others: Arc<Mutex<Vec<String>>>,
    machines: Arc<AtomicU64>,
}

/// A command that ran to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub code: u8,
    pub out: String,
    pub err: String,
}

/// A live token that was made after the scene began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveToken {
    pub id: String,
    pub name: String,
    /// The files that hold its secret.
    pub held_by: Vec<String>,
}

impl Scene {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// A scene whose Cloudflare has other settings.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::on(TestWorld::new(), change)
    }

    /// A scene where every request takes this long.
    pub fn slow(latency: Duration) -> Self {
        Self::with(|settings| settings.latency = latency)
    }

    /// A scene in which nothing says that an emulator is at work: what is at stake is real.
    pub fn real() -> Self {
        let world = TestWorld::new()
            .with_variable("CLOUDFLARE_BASE_URL", "https://api.example.com/client/v4")
            .with_variable("CLOUDFLARE_BOOTSTRAP_TOKEN", &far::real(world::BOOTSTRAP));
        let scene = Self::on(world, |_| {});
        scene.transport.look_real();
        scene
    }

    /// A scene on its own world, such as one with another bootstrap.
    pub fn on(world: TestWorld, change: impl FnOnce(&mut Settings)) -> Self {
        let init = Command::new("git").args(["init", "--quiet"]).current_dir(world.base()).status();
        assert!(init.unwrap().success());
        world.put(".gitignore", ".env*\n");
        Self::outside_git(world, change)
    }

    /// A scene on a world as it is: no work tree, and so no git to ask, which is slow.
    pub fn outside_git(world: TestWorld, change: impl FnOnce(&mut Settings)) -> Self {
        let world = Arc::new(Self::connected(world));
        let clock = Arc::clone(&world);
        let mut settings = Settings::new(Arc::new(move || clock.now()), Arc::new(|bytes| bytes.fill(7)));
        change(&mut settings);
        let emulator = Emulator::new(settings);
        let transport = Arc::new(FaultyTransport::new(Arc::clone(&world), emulator.clone()));
        let machines = Arc::new(AtomicU64::new(1));
        Self {
            world,
            emulator,
            transport,
            said: Mutex::default(),
            raw: Mutex::default(),
            others: Arc::default(),
            machines,
        }
    }

    /// Another machine with the same Cloudflare, variables and profiles: a work tree of its own that holds nothing else,
    /// a state folder of its own, its own random bytes, the same clock. What goes wrong on this transport leaves the
    /// other's alone; the secrets and what is late are known to all.
    pub fn second_machine(&self) -> Self {
        let number = self.machines.fetch_add(1, Ordering::SeqCst);
        let world = TestWorld::new().beside(&self.world).with_seed(number * 0x0005_DEEC_E66D);
        let is_git = self.world.path(".git").exists();
        if is_git {
            let init = Command::new("git").args(["init", "--quiet"]).current_dir(world.base()).status();
            assert!(init.unwrap().success());
        }
        let extension = |name: &str| name.rsplit_once('.').map(|(_, extension)| extension.to_owned());
        let is_profile = |name: &String| matches!(extension(name).as_deref(), Some("yaml" | "yml"));
        for file in self.world.files().iter().filter(|name| is_profile(name) || *name == ".gitignore") {
            world.put(file, self.world.text(file));
        }
        let world = Arc::new(world);
        let transport = Arc::new(self.transport.from(Arc::clone(&world)));
        let (emulator, others) = (self.emulator.clone(), Arc::clone(&self.others));
        let machines = Arc::clone(&self.machines);
        Self { world, emulator, transport, said: Mutex::default(), raw: Mutex::default(), others, machines }
    }

    fn connected(mut world: TestWorld) -> TestWorld {
        for (name, instead, value) in [
            ("CLOUDFLARE_BOOTSTRAP_TOKEN", "CLOUDFLARE_API_KEY", world::BOOTSTRAP),
            ("CLOUDFLARE_BASE_URL", "CLOUDFLARE_BASE_URL", "http://localhost/client/v4"),
        ] {
            if world.variable(name).is_none() && world.variable(instead).is_none() {
                world = world.with_variable(name, value);
            }
        }
        world
    }

    /// Runs a command, such as `apply shop.yaml -e dev`, from its arguments to its exit code.
    pub async fn run(&self, line: &str) -> Ran {
        self.run_with(&line.split(' ').collect::<Vec<_>>()).await
    }

    /// Runs a command whose arguments may hold spaces.
    pub async fn run_with(&self, arguments: &[&str]) -> Ran {
        self.run_over(arguments, Arc::clone(&self.transport) as Arc<dyn Transport>).await
    }

    /// Runs a command whose requests pass something else on their way to this scene's transport.
    pub async fn run_over(&self, arguments: &[&str], transport: Arc<dyn Transport>) -> Ran {
        let arguments = ["cfmint"].iter().chain(arguments).map(OsString::from).collect();
        let (out, err) = (Sheet::default(), Sheet::default());
        let mut screen = Screen::new(Box::new(out.clone()), Box::new(err.clone()));
        let transport_factory = move |_: &ApiBase| Ok(Arc::clone(&transport));
        let world: Arc<dyn World> = Arc::clone(&self.world) as Arc<dyn World>;
        let code = run_over(&transport_factory, arguments, world, &mut screen).await;
        let ran = Ran { code, out: out.text(), err: err.text() };
        *self.raw.lock().unwrap() = out.raw() + &err.raw();
        self.said.lock().unwrap().extend([&*ran.out, "\n", &*ran.err, "\n"]);
        ran
    }

    /// Both streams of the last command as they were written, with their styles.
    pub fn raw(&self) -> String {
        self.raw.lock().unwrap().clone()
    }

    /// Runs a command that must end with 0, and forgets what it did: the scene of what follows.
    pub async fn given(&self, line: &str) -> Ran {
        let ran = self.run(line).await;
        assert_eq!(ran.code, 0, "{line}\n{ran:?}");
        self.world.forget_effects();
        ran
    }

    /// Runs a command that must end with 0, and returns every effect it had and every request it made, by name.
    pub async fn given_noted(&self, line: &str) -> Vec<String> {
        let before = self.world.effects().len();
        let ran = self.run(line).await;
        assert_eq!(ran.code, 0, "{line}\n{ran:?}");
        self.world.effects().split_off(before)
    }

    /// What was done to the machine and asked of Cloudflare so far, in order. Ids and the digits of temporary
    /// files are left out, and git's arguments but for the first.
    pub fn story(&self) -> Vec<String> {
        let volatile = [
            (r"\b[0-9a-f]{32}\b", "ID"),
            (r"\.cfmint-[0-9a-f]{8}", ".new"),
            (r"^run git (?:-\S+ )*(\S+).*", "git $1"),
        ];
        let volatile = volatile.map(|(pattern, name)| (Regex::new(pattern).unwrap(), name));
        let told = self.world.effects().into_iter().map(|effect| {
            volatile
                .iter()
                .fold(effect, |effect, (pattern, name)| pattern.replace_all(&effect, *name).into_owned())
        });
        told.collect()
    }

    /// The requests so far that could change anything.
    pub fn writes(&self) -> Vec<String> {
        self.story().into_iter().filter(|effect| is_write(effect)).collect()
    }

    /// The tokens that work or could again, but for the bootstraps.
    pub fn live(&self) -> Vec<LiveToken> {
        let files: Vec<(String, String)> = self.files();
        let secrets = self.secrets();
        let alive = self.tokens().into_iter().filter(|token| token.status != "expired");
        alive
            .map(|token| {
                let of_token: Vec<&String> = secrets
                    .iter()
                    .filter(|secret| {
                        let owner = self.emulator.token_of(&Secret::new(far::minted(secret)));
                        owner.is_some_and(|owner| owner.token.id == token.id)
                    })
                    .collect();
                let holds = |text: &str| {
                    of_token.iter().any(|secret| text.contains(*secret) || text.contains(&s3_key(secret)))
                };
                let held_by = files.iter().filter(|(_, text)| holds(text)).map(|(name, _)| name.clone());
                LiveToken { held_by: held_by.collect(), id: token.id, name: token.name }
            })
            .collect()
    }

    /// Whether a token ends within an hour: a predecessor on its way out.
    pub fn is_retired(&self, id: &str) -> bool {
        let soon = self.world.now() + chrono::TimeDelta::minutes(61);
        let token = self.tokens().into_iter().find(|token| token.id == id);
        token.is_some_and(|token| token.expires_on.is_some_and(|end| end <= soon))
    }

    /// The text of a file, if it is there.
    pub fn try_text(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.world.path(file)).ok()
    }

    /// The one token that was made.
    pub fn only_token(&self) -> Token {
        let tokens = self.tokens();
        assert_eq!(tokens.len(), 1, "{tokens:?}");
        tokens.into_iter().next().unwrap()
    }

    /// Every token but the bootstraps, oldest first.
    pub fn tokens(&self) -> Vec<Token> {
        let all = self.emulator.tokens().into_iter().map(|owned| owned.token);
        all.filter(|token| !FIRST.contains(&token.id.as_str())).collect()
    }

    /// The value of a variable of an env file; `None` where it stands nowhere.
    pub fn value(&self, file: &str, variable: &str) -> Option<String> {
        let text = std::fs::read_to_string(self.world.path(file)).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(variable)?.strip_prefix('='));
        line.map(str::to_owned)
    }

    /// A user's token that somebody else made; returns its id and its secret.
    pub fn foreign(&self, write: TokenWrite) -> (String, String) {
        let (id, secret) = self.emulator.add_token(EmulatorOwner::User, write);
        let secret = self.transport.look_of(secret.expose());
        self.knows(&secret);
        (id, secret)
    }

    /// Takes note of a secret that no answer of the transport's carried.
    pub fn knows(&self, secret: &str) {
        self.others.lock().unwrap().push(secret.to_owned());
    }

    /// Changes the one token that was made, as somebody else would.
    pub fn meddle(&self, change: impl FnOnce(&mut Token)) {
        assert!(self.emulator.change_token(&self.only_token().id, change));
    }

    /// Where any part of any secret stands that is no sink: in what was said so far, or in a file.
    pub fn leaks(&self, sinks: &[&str]) -> BTreeSet<String> {
        self.leaks_by(sinks, |text, secret| holds_part(text, secret) || text.contains(&s3_key(secret)))
    }

    /// The same where hashes of secrets may stand, as in the emulator's state.
    pub fn leaks_but_hashes(&self, sinks: &[&str]) -> BTreeSet<String> {
        self.leaks_by(sinks, holds_part)
    }

    fn leaks_by(&self, sinks: &[&str], holds: impl Fn(&str, &str) -> bool) -> BTreeSet<String> {
        let bootstraps =
            [world::BOOTSTRAP, world::NARROW_BOOTSTRAP, world::ACCOUNT_BOOTSTRAP, world::LEGACY_KEY];
        let secrets: Vec<String> = bootstraps.into_iter().map(str::to_owned).chain(self.secrets()).collect();
        let files = self.files().into_iter().filter(|(name, _)| !sinks.contains(&name.as_str()));
        let said = ("what was said".to_owned(), self.said.lock().unwrap().clone());
        let leaky = files.chain([said]).filter(|(_, text)| secrets.iter().any(|secret| holds(text, secret)));
        leaky.map(|(name, _)| name).collect()
    }

    /// Every secret that was minted, but for the bootstraps'.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = self.transport.minted();
        secrets.extend(self.others.lock().unwrap().iter().cloned());
        secrets
    }

    fn files(&self) -> Vec<(String, String)> {
        let read = |name: String| {
            let text = std::fs::read(self.world.path(&name)).unwrap_or_default();
            (name, String::from_utf8_lossy(&text).into_owned())
        };
        self.world.files().into_iter().map(read).collect()
    }
}

impl Ran {
    /// Goes on if the command ended with this code.
    #[track_caller]
    pub fn ends_with(self, code: u8) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    /// Goes on if people were told all of this.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for words in words {
            assert!(
                self.out.contains(words) || self.err.contains(words),
                "{words}?\n{}\n{}",
                self.out,
                self.err
            );
        }
        self
    }

    /// Goes on if nobody was told this.
    #[track_caller]
    pub fn says_nothing_of(self, words: &str) -> Self {
        assert!(
            !self.out.contains(words) && !self.err.contains(words),
            "{words}!\n{}\n{}",
            self.out,
            self.err
        );
        self
    }

    /// The document of `--json`.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// Whether a request or another effect could change anything at Cloudflare.
pub fn is_write(effect: &str) -> bool {
    ["POST ", "PUT ", "DELETE "].iter().any(|method| effect.starts_with(method))
}

/// The S3 key that R2 derives from a secret.
fn s3_key(secret: &str) -> String {
    let hash = digest(&SHA256, secret.as_bytes());
    hash.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Whether a text holds so much of a secret that it is no accident. How secrets begin is no secret.
fn holds_part(text: &str, secret: &str) -> bool {
    const PART: usize = 14;
    let random = secret.split_at_checked("cfut_EMULATOR".len()).map_or(secret, |(_, random)| random);
    random.as_bytes().windows(PART).any(|part| text.contains(std::str::from_utf8(part).unwrap()))
}

/// What was written to a stream; its text is without styles.
#[derive(Clone, Default)]
struct Sheet(Arc<Mutex<Vec<u8>>>);

impl Sheet {
    fn raw(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn text(&self) -> String {
        strip_str(&self.raw()).to_string()
    }
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
