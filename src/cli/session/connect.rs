//! The connection of one run: Cloudflare over HTTPS, or the emulator inside this process.
//!
//! Arguments and variables come in, a client goes out; nothing is sent yet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bootstrap::{BootstrapScope, bootstrap};
use super::trial::InProcess;
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::cli::options::ConnectionArgs;
use crate::cloudflare::{ApiBase, Client, Credential, Https, HttpsError, Relay, Transport, check_proxy};
use crate::custody::{STATE_FOLDER, StateFolder};
use crate::emulator;
use crate::secret::Secret;
use crate::sink::Root;
use crate::survey::{Trial, is_emulated};
use crate::world::World;

/// The variable that says where the API is.
pub(in crate::cli) const BASE_URL: &str = "CLOUDFLARE_BASE_URL";

/// A client, and what kind of run it serves.
pub(in crate::cli) struct Connection {
    pub(in crate::cli) client: Client,
    pub(in crate::cli) trial: Trial,
    /// What passes on another program's requests to the same API, where no address leads there.
    pub(in crate::cli) relay: Option<Arc<dyn Relay>>,
    /// What is unwise about the bootstrap.
    pub(in crate::cli) warnings: Vec<String>,
}

/// Opens the transport to an API beyond this process.
pub type TransportFactory = dyn Fn(&ApiBase) -> Result<Arc<dyn Transport>, HttpsError> + Send + Sync;

/// The transport that is used outside of tests.
pub(in crate::cli) fn https(base: &ApiBase) -> Result<Arc<dyn Transport>, HttpsError> {
    Ok(Arc::new(Https::new(base)?))
}

/// Where the state folder of a run is.
pub(in crate::cli) fn state_path(world: &dyn World, root: &Root, given: Option<&Path>) -> PathBuf {
    match given {
        Some(folder) => world.folder().join(folder),
        None => root.folder.join(STATE_FOLDER),
    }
}

/// What a connection is made with.
pub(in crate::cli) enum ConnectAs {
    /// The bootstrap, wherever the arguments and the variables say, for tokens of this scope.
    Bootstrap(BootstrapScope),
    /// This token, where there is no bootstrap.
    Token(Secret),
}

/// Connects; nothing is sent yet.
pub(in crate::cli) async fn connect(
    world: &Arc<dyn World>,
    transport_factory: &TransportFactory,
    root: &Root,
    arguments: &ConnectionArgs,
    connect_as: ConnectAs,
) -> Result<Connection, Failure> {
    if arguments.emulator {
        let state = StateFolder::open(&**world, &state_path(&**world, root, arguments.state_dir.as_deref()))?;
        let transport = Arc::new(InProcess::open(world, state).await?);
        let credential = Credential::Token(Secret::new(emulator::world::BOOTSTRAP.to_owned()));
        world.hide(emulator::world::BOOTSTRAP);
        return Ok(Connection {
            client: client(
                world,
                Arc::clone(&transport) as Arc<dyn Transport>,
                ApiBase::emulator(),
                credential,
            ),
            trial: Trial::Yes,
            relay: Some(transport),
            warnings: Vec::new(),
        });
    }
    let base = api_base(&**world, arguments.api_url.as_deref())?;
    let mut warnings = Vec::new();
    let credential = match connect_as {
        ConnectAs::Bootstrap(scope) => bootstrap(&**world, arguments, scope, &mut warnings)?,
        ConnectAs::Token(secret) => Credential::Token(secret),
    };
    let transport = open(&**world, &base, transport_factory)?;
    // An API on this machine is the emulator's where its bootstrap says so.
    let (Credential::Token(secret) | Credential::GlobalKey { key: secret, .. }) = &credential;
    world.hide(secret.expose());
    let trial = if is_emulated(secret) { Trial::Yes } else { Trial::No };
    Ok(Connection { client: client(world, transport, base, credential), trial, relay: None, warnings })
}

/// Where the API is: as `--api-url` says, else as the variable does, else at Cloudflare.
pub(in crate::cli) fn api_base(world: &dyn World, given: Option<&str>) -> Result<ApiBase, Problem> {
    let text = given.map(str::to_owned).or_else(|| world.variable(BASE_URL));
    text.map_or_else(|| Ok(ApiBase::cloudflare()), |text| ApiBase::parse(&text))
        .map_err(|error| Problem::new(Code::UsageApiUrl, error.to_string(), "give the address with https://"))
}

/// Opens a transport to an API beyond this process; nothing is sent yet.
pub(in crate::cli) fn open<T>(
    world: &dyn World,
    base: &ApiBase,
    factory: impl FnOnce(&ApiBase) -> Result<T, HttpsError>,
) -> Result<T, Problem> {
    if !base.is_loopback() {
        usable_proxy(world)?;
    }
    factory(base).map_err(|error| unprepared(&error))
}

/// What keeps a connection from being prepared, with what to install or to set.
fn unprepared(error: &HttpsError) -> Problem {
    match error {
        HttpsError::NoAuthorities => Problem::new(
            Code::CloudflareNoAuthorities,
            error.to_string(),
            "install the system's certificates (the package is called ca-certificates on most systems)\n\
             or set SSL_CERT_FILE to a file that has them; if SSL_CERT_FILE or SSL_CERT_DIR is set to a wrong \
             place: unset it",
        ),
        other => Problem::new(
            Code::CloudflareNoConnection,
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
            Code::CloudflareProxy,
            format!("{name} {error}"),
            format!("write it like this: {name}=http://HOST:PORT"),
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
