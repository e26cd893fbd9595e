//! The road to the API for one run: Cloudflare over HTTPS, or the emulator inside this process.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tower::ServiceExt as _;

use crate::cli::args::ConnectionArgs;
use crate::cli::bootstrap::bootstrap;
use crate::cli::context::Makes;
use crate::cli::problem::Problem;
use crate::cloudflare::{
    Answer, ApiBase, Client, Credential, Https, LONGEST_BODY, Request, SendFailure, Sending, Transport,
};
use crate::custody::{Lock, STATE_FOLDER, StateFolder};
use crate::emulator::{self, Emulator};
use crate::secret::Secret;
use crate::sink::Root;
use crate::survey::{Trial, is_emulated};
use crate::world::World;

/// A client, and what kind of run it serves.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) trial: Trial,
    pub(super) notes: Vec<String>,
}

/// Lays the road to an API beyond this process.
pub type Roads = dyn Fn(&ApiBase) -> Result<Arc<dyn Transport>, reqwest::Error> + Send + Sync;

/// The real roads.
pub(super) fn https(base: &ApiBase) -> Result<Arc<dyn Transport>, reqwest::Error> {
    Ok(Arc::new(Https::new(base)?))
}

/// Where the state folder of a run is.
pub(super) fn state_path(world: &dyn World, root: &Root, arguments: &ConnectionArgs) -> PathBuf {
    match &arguments.state_dir {
        Some(folder) => world.folder().join(folder),
        None => root.folder.join(STATE_FOLDER),
    }
}

/// Connects; nothing is sent yet. The emulator's state folder is made where it is missing.
pub(super) async fn connect(
    world: &Arc<dyn World>,
    roads: &Roads,
    root: &Root,
    arguments: &ConnectionArgs,
    makes: Makes,
) -> Result<Connection, Problem> {
    if arguments.emulator {
        let state = StateFolder::open(&**world, &state_path(&**world, root, arguments))
            .map_err(|error| Problem::from(&error))?;
        let road = InProcess::open(world, &state).await?;
        let credential = Credential::Token(Secret::new(emulator::world::BOOTSTRAP.to_owned()));
        return Ok(Connection {
            client: client(world, Arc::new(road), ApiBase::emulator(), credential),
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
    let road = roads(&base).map_err(|error| {
        Problem::new(
            "cloudflare.no-connection",
            format!("no HTTPS connection can be prepared: {error}"),
            "check the system's certificates and proxy settings",
        )
    })?;
    // An API on this machine is the emulator's where its bootstrap says so.
    let is_trial = match &credential {
        Credential::Token(secret) => is_emulated(secret),
        Credential::GlobalKey { key, .. } => is_emulated(key),
    };
    let trial = if is_trial { Trial::Yes } else { Trial::No };
    Ok(Connection { client: client(world, road, base, credential), trial, notes })
}

/// A client that a signal keeps from long waits.
fn client(world: &Arc<dyn World>, road: Arc<dyn Transport>, base: ApiBase, credential: Credential) -> Client {
    let world = Arc::clone(world);
    Client::new(road, base, credential).stopped_by(Arc::new(move || world.interrupted().is_some()))
}

/// The road to the emulator inside this process. Its state is saved before an answer is given, so that the
/// next run finds what this one was told.
struct InProcess {
    emulator: Emulator,
    router: axum::Router,
    world: Arc<dyn World>,
    path: PathBuf,
    saved: Mutex<u64>,
    /// Other trials wait: two emulators on one state would forget each other's tokens.
    _lock: Lock,
}

/// The longest state that is read, in bytes.
const LONGEST_STATE: u64 = 64 * 1024 * 1024;

impl InProcess {
    async fn open(world: &Arc<dyn World>, state: &StateFolder) -> Result<Self, Problem> {
        let path = state.path().join("emulator.json");
        let broken = |reason: String| {
            Problem::new(
                "emulator.state",
                format!("{} cannot be used: {reason}", path.display()),
                format!("begin anew: rm {}", path.display()),
            )
        };
        let lock =
            state.lock_named(&**world, "emulator.lock").await.map_err(|error| Problem::from(&error))?;
        let settings = emulator_settings(world);
        let emulator = match world.look(&path) {
            Ok(None) => Emulator::new(settings),
            Ok(Some(_)) => {
                let bytes = world.read(&path, LONGEST_STATE).map_err(|error| broken(error.to_string()))?;
                Emulator::restore(settings, &bytes).map_err(|error| broken(error.to_string()))?
            }
            Err(error) => return Err(broken(error.to_string())),
        };
        let saved = Mutex::new(emulator.revision());
        Ok(Self { router: emulator.router(), emulator, world: Arc::clone(world), path, saved, _lock: lock })
    }

    fn save(&self) -> std::io::Result<()> {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        let revision = self.emulator.revision();
        if *saved != revision {
            replace(&*self.world, &self.path, &self.emulator.snapshot())?;
            *saved = revision;
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
pub(super) fn emulator_settings(world: &Arc<dyn World>) -> emulator::Settings {
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
            let response = match self.router.clone().oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            let (parts, body) = response.into_parts();
            let bytes =
                axum::body::to_bytes(body, LONGEST_BODY).await.map_err(|error| lost(error.to_string()))?;
            self.save().map_err(|error| lost(format!("the emulator's state cannot be saved: {error}")))?;
            Ok(Answer::from_parts(parts, bytes.to_vec().into()))
        })
    }
}
