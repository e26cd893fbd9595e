//! The emulator inside this process, as the transport of a trial.
//!
//! Nothing is made before it is needed: the state folder appears with the first request that changes something.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use http_body_util::BodyExt as _;
use tokio::sync::Mutex;
use tower::ServiceExt as _;

use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cloudflare::{
    Answer, LONGEST_BODY, Relay, RelayBody, Relaying, Request, SendFailure, Sending, Transport,
};
use crate::custody::{Lock, StateFolder};
use crate::emulator::{self, Emulator};
use crate::world::World;

/// The transport to the emulator inside this process. Its state is saved before an answer is given, so that the
/// next run finds what this one was told.
pub(super) struct InProcess {
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
    pub(super) async fn open(world: &Arc<dyn World>, state: StateFolder) -> Result<Self, Failure> {
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
    async fn held(&self) -> Result<Served, Failure> {
        let (world, path) = (&self.world, self.path());
        let broken = |reason: String| -> Failure {
            Problem::new(
                Code::EmulatorState,
                format!("{} cannot be used: {reason}", path.display()),
                Hint::run("start again", CommandLine::on_path("rm", &path)),
            )
            .into()
        };
        let lock = self.state.lock_named(&**world, "emulator.lock").await;
        let lock = lock?;
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
            let held = self.held().await.map_err(|failure| failure.message())?;
            if !trial.was_asked {
                *trial = held;
            } else if self.world.look(&self.path()).is_ok_and(|entry| entry.is_none()) {
                trial.lock = held.lock;
            } else {
                return Err("another trial started here at the same time".to_owned());
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
            let changes = !request.method().is_safe();
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

/// Another program's request: the emulator answers whole ones only.
impl Relay for InProcess {
    fn pass_on(&self, request: http::Request<RelayBody>) -> Relaying<'_> {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(axum::body::Body::new(body), LONGEST_BODY);
            let body = body.await.map_err(|error| SendFailure::NotSent(error.to_string()))?;
            let answer = self.send(Request::from_parts(parts, body.to_vec())).await?;
            Ok(answer.map(|bytes| {
                let body = http_body_util::Full::new(bytes::Bytes::copy_from_slice(&bytes));
                body.map_err(|never| match never {}).boxed_unsync()
            }))
        })
    }
}
