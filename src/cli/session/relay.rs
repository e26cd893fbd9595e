//! Other programs and the API: what passes their requests on, to the API over HTTPS or to the emulator inside this process;
//! what leads them there; and how they ended.

use std::sync::Arc;

use super::connect::{BASE_URL, api_base, open, state_path};
use super::trial::InProcess;
use super::workspace::find_root;
use crate::cli::failure::Failure;
use crate::cli::failure::problem::Problem;
use crate::cli::options::RelayArgs;
use crate::cloudflare::{ApiBase, Https, Relay};
use crate::custody::StateFolder;
use crate::world::{Finished, World};

/// The variables by which programs find the API: Wrangler's, and that of the SDKs and of Terraform's provider. Each takes
/// the base that paths are appended to, `/client/v4` included.
///
/// Sources: <https://developers.cloudflare.com/workers/wrangler/system-environment-variables/>, and the SDKs
/// `cloudflare-typescript`, `cloudflare-python` and `cloudflare-go`.
const BASE_VARIABLES: [&str; 2] = ["CLOUDFLARE_API_BASE_URL", "CLOUDFLARE_BASE_URL"];

/// The variables that lead a program's requests through a proxy, and those that lead them past it.
const PROXIES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
const PAST_PROXIES: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Opens the way to the API; nothing is sent yet, and no credential is needed: the program has its own.
pub(in crate::cli) async fn relay(
    world: &Arc<dyn World>,
    arguments: &RelayArgs,
) -> Result<(Arc<dyn Relay>, ApiBase), Failure> {
    if arguments.emulator {
        let root = find_root(&**world)?;
        let state =
            StateFolder::open(&**world, &state_path(&**world, &root, arguments.state_dir.as_deref()))?;
        return Ok((Arc::new(InProcess::open(world, state).await?), ApiBase::emulator()));
    }
    let base = base(&**world, arguments)?;
    let https = open(&**world, &base, |base| Https::new(base))?;
    Ok((Arc::new(https), base))
}

/// Where the API is that a program asks.
pub(in crate::cli) fn base(world: &dyn World, arguments: &RelayArgs) -> Result<ApiBase, Problem> {
    // A program may be used to another base than Cloudflare's; the variable that cfmint itself reads comes first.
    let wrangler =
        || world.variable("CLOUDFLARE_API_BASE_URL").filter(|_| world.variable(BASE_URL).is_none());
    let given = arguments.api_url.clone().or_else(wrangler);
    api_base(world, given.as_deref())
}

/// What leads a program to an API.
pub(in crate::cli) fn lead_to(base: &str) -> Vec<(&'static str, String)> {
    BASE_VARIABLES.map(|name| (name, base.to_owned())).to_vec()
}

/// What leads a program to a port of this process, past any proxy of the environment.
pub(in crate::cli) fn lead_to_loopback(world: &dyn World, base: &str) -> Vec<(&'static str, String)> {
    let mut variables = lead_to(base);
    if PROXIES.iter().any(|name| world.variable(name).is_some()) {
        variables.extend(PAST_PROXIES.map(|name| {
            let before = world.variable(name).map(|hosts| format!("{hosts},")).unwrap_or_default();
            (name, format!("{before}127.0.0.1"))
        }));
    }
    variables
}

/// The exit code of a program, as a shell has it.
pub(in crate::cli) fn exit_code(finished: &Finished) -> u8 {
    let code = finished.code.or(finished.signal.map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(u8::MAX)
}
