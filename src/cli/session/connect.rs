//! The transport to the API for one run: Cloudflare over HTTPS, or the emulator inside this process.
//!
//! Arguments and variables come in, a client goes out; nothing is sent yet, and nothing is made: the emulator's state
//! folder appears with the first request that changes something.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Mutex;
use tower::ServiceExt as _;

use crate::cli::failure::problem::Problem;
use crate::cli::options::ConnectionArgs;
use crate::cli::session::bootstrap::bootstrap;
use crate::cli::session::context::Makes;
use crate::cloudflare::{
    Answer, ApiBase, Client, Credential, Https, HttpsError, LONGEST_BODY, Request, SendFailure, Sending,
    Transport, check_proxy,
};
use crate::custody::{Lock, STATE_FOLDER, StateFolder};
use crate::emulator::{self, Emulator};
use crate::secret::Secret;
use crate::sink::Root;
use crate::survey::{Trial, is_emulated};
use crate::world::World;

/// A client, and what kind of run it serves.
pub(in crate::cli) struct Connection {
    pub(in crate::cli) client: Client,
    pub(in crate::cli) trial: Trial,
    pub(in crate::cli) notes: Vec<String>,
}

/// Opens the transport to an API beyond this process.
pub type TransportFactory = dyn Fn(&ApiBase) -> Result<Arc<dyn Transport>, HttpsError> + Send + Sync;

/// The real transport_factory.
pub(in crate::cli) fn https(base: &ApiBase) -> Result<Arc<dyn Transport>, HttpsError> {
    Ok(Arc::new(Https::new(base)?))
}

/// Where the state folder of a run is.
pub(in crate::cli) fn state_path(world: &dyn World, root: &Root, arguments: &ConnectionArgs) -> PathBuf {
    match &arguments.state_dir {
        Some(folder) => world.folder().join(folder),
        None => root.folder.join(STATE_FOLDER),
    }
}

/// Connects; nothing is sent yet.
pub(in crate::cli) async fn connect(
    world: &Arc<dyn World>,
    transport_factory: &TransportFactory,
    root: &Root,
    arguments: &ConnectionArgs,
    makes: Makes,
) -> Result<Connection, Problem> {
    if arguments.emulator {
        let state = StateFolder::open(&**world, &state_path(&**world, root, arguments))
            .map_err(|error| Problem::from(&error))?;
        let transport = InProcess::open(world, state).await?;
        let credential = Credential::Token(Secret::new(emulator::world::BOOTSTRAP.to_owned()));
        world.hide(emulator::world::BOOTSTRAP);
        return Ok(Connection {
            client: client(world, Arc::new(transport), ApiBase::emulator(), credential),
            trial: Trial::Yes,
            notes: Vec::new(),
        });
    }
    let text = arguments.api_url.clone().or_else(|| world.variable("CLOUDFLARE_BASE_URL"));
    let base =
        text.map_or_else(|| Ok(ApiBase::cloudflare()), |text| ApiBase::parse(&text)).map_err(|error| {
            Problem::new("usage.api-url", error.to_string(), "give the address with https://")
        })?;
    let mut notes = Vec::new();
    let credential = bootstrap(&**world, arguments, makes, &mut notes)?;
    if !base.is_loopback() {
        usable_proxy(&**world)?;
    }
    let transport = transport_factory(&base).map_err(|error| unprepared(&error))?;
    // An API on this machine is the emulator's where its bootstrap says so.
    let (Credential::Token(secret) | Credential::GlobalKey { key: secret, .. }) = &credential;
    world.hide(secret.expose());
    let trial = if is_emulated(secret) { Trial::Yes } else { Trial::No };
    Ok(Connection { client: client(world, transport, base, credential), trial, notes })
}

/// What keeps a connection from being prepared, with what to install or to set.
fn unprepared(error: &HttpsError) -> Problem {
    match error {
        HttpsError::NoAuthorities => Problem::new(
            "cloudflare.no-authorities",
            error.to_string(),
            "install the system's certificates (the package is called ca-certificates nearly everywhere)\n\
             or set SSL_CERT_FILE to a file that has them; if it or SSL_CERT_DIR is set to a wrong place: unset it",
        ),
        other => Problem::new(
            "cloudflare.no-connection",
            other.to_string(),
            "check the system's certificates and proxy settings",
        ),
    }
}

/// The variables of a proxy for HTTPS, in the order in which they count.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Refuses a proxy that cannot be used: requests would go past it, to where a firewall swallows them.
fn usable_proxy(world: &dyn World) -> Result<(), Problem> {
    let is_off = |name| world.variable(name).is_some_and(|list| list.trim() == "*");
    if is_off("NO_PROXY") || is_off("no_proxy") {
        return Ok(());
    }
    let set = PROXY_VARIABLES.iter().find_map(|name| Some((name, world.variable(name)?)));
    let Some((name, address)) = set else { return Ok(()) };
    check_proxy(address.trim()).map_err(|error| {
        Problem::new(
            "cloudflare.proxy",
            format!("{name} {error}"),
            format!("write it so: {name}=http://HOST:PORT"),
        )
    })
}

/// A client that a signal keeps from long waits.
fn client(
    world: &Arc<dyn World>,
    transport: Arc<dyn Transport>,
    base: ApiBase,
    credential: Credential,
) -> Client {
    let world = Arc::clone(world);
    Client::new(transport, base, credential).stopped_by(Arc::new(move || world.interrupted().is_some()))
}

/// The transport to the emulator inside this process. Its state is saved before an answer is given, so that the
/// next run finds what this one was told.
struct InProcess {
    world: Arc<dyn World>,
    state: StateFolder,
    trial: Mutex<Served>,
}

/// The emulator, and how far its state is on the disk.
struct Served {
    emulator: Emulator,
    router: axum::Router,
    saved: u64,
    /// Whether anything was asked of it.
    was_asked: bool,
    /// Other trials wait: two emulators on one state would forget each other's tokens. A trial that only looks, where
    /// none was before, has no state on the disk and no lock.
    lock: Option<Lock>,
}

/// The longest state that is read, in bytes.
const LONGEST_STATE: u64 = 64 * 1024 * 1024;

impl Served {
    fn new(emulator: Emulator) -> Self {
        let (router, saved) = (emulator.router(), emulator.revision());
        Self { emulator, router, saved, was_asked: false, lock: None }
    }
}

impl InProcess {
    async fn open(world: &Arc<dyn World>, state: StateFolder) -> Result<Self, Problem> {
        let mut served = Served::new(Emulator::new(emulator_settings(world)));
        let transport =
            |trial| Self { world: Arc::clone(world), state: state.clone(), trial: Mutex::new(trial) };
        if world.look(state.path()).is_ok_and(|entry| entry.is_some()) {
            served = transport(served).held().await?;
        }
        Ok(transport(served))
    }

    fn path(&self) -> PathBuf {
        self.state.path().join("emulator.json")
    }

    /// The emulator as the last trial left it, its state locked.
    async fn held(&self) -> Result<Served, Problem> {
        let (world, path) = (&self.world, self.path());
        let broken = |reason: String| {
            Problem::new(
                "emulator.state",
                format!("{} cannot be used: {reason}", path.display()),
                format!("begin anew: rm {}", path.display()),
            )
        };
        let lock = self.state.lock_named(&**world, "emulator.lock").await;
        let lock = lock.map_err(|error| Problem::from(&error))?;
        let settings = emulator_settings(world);
        let emulator = match world.look(&path) {
            Ok(None) => Emulator::new(settings),
            Ok(Some(_)) => {
                let bytes = world.read(&path, LONGEST_STATE).map_err(|error| broken(error.to_string()))?;
                Emulator::restore(settings, &bytes).map_err(|error| broken(error.to_string()))?
            }
            Err(error) => return Err(broken(error.to_string())),
        };
        Ok(Served { lock: Some(lock), ..Served::new(emulator) })
    }

    /// The emulator for one more request: locked, with a state on the disk, if there is a state folder or if the
    /// request changes something.
    async fn router(&self, changes: bool) -> Result<axum::Router, String> {
        let mut trial = self.trial.lock().await;
        let exists = || self.world.look(self.state.path()).is_ok_and(|entry| entry.is_some());
        if trial.lock.is_none() && (changes || exists()) {
            let held = self.held().await.map_err(|problem| problem.message)?;
            if !trial.was_asked {
                *trial = held;
            } else if self.world.look(&self.path()).is_ok_and(|entry| entry.is_none()) {
                trial.lock = held.lock;
            } else {
                return Err("another trial began here meanwhile".to_owned());
            }
        }
        trial.was_asked = true;
        Ok(trial.router.clone())
    }

    async fn save(&self) -> std::io::Result<()> {
        let mut trial = self.trial.lock().await;
        let revision = trial.emulator.revision();
        if trial.lock.is_some() && trial.saved != revision {
            replace(&*self.world, &self.path(), &trial.emulator.snapshot())?;
            trial.saved = revision;
        }
        Ok(())
    }
}

fn replace(world: &dyn World, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension("json.new");
    if world.look(&temporary)?.is_some() {
        world.remove(&temporary)?;
    }
    let mut file = world.create(&temporary, 0o600)?;
    world.write(&mut file, bytes)?;
    world.rename(&temporary, path)
}

/// An emulator that lives by this world's clock and randomness.
pub(in crate::cli) fn emulator_settings(world: &Arc<dyn World>) -> emulator::Settings {
    let (clock, random) = (Arc::clone(world), Arc::clone(world));
    let clock = Arc::new(move || clock.now());
    let random = Arc::new(move |bytes: &mut [u8]| {
        // Without randomness two emulated secrets may be equal, which harms nobody.
        random.fill_random(bytes).ok();
    });
    emulator::Settings::new(clock, random)
}

impl Transport for InProcess {
    fn send(&self, request: Request) -> Sending<'_> {
        Box::pin(async move {
            let request = request.map(axum::body::Body::from);
            let lost = |reason: String| SendFailure::Lost(reason);
            let changes = request.method() != http::Method::GET;
            let router = self.router(changes).await.map_err(SendFailure::NotSent)?;
            let response = match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            let (parts, body) = response.into_parts();
            let bytes =
                axum::body::to_bytes(body, LONGEST_BODY).await.map_err(|error| lost(error.to_string()))?;
            self.save()
                .await
                .map_err(|error| lost(format!("the emulator's state cannot be saved: {error}")))?;
            Ok(Answer::from_parts(parts, bytes.to_vec().into()))
        })
    }
}
