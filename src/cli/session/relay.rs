//! What passes another program's requests on: to the API over HTTPS, or to the emulator inside this process.

use std::sync::Arc;

use super::connect::{BASE_URL, api_base, open, state_path};
use super::trial::InProcess;
use super::workspace::find_root;
use crate::cli::failure::Failure;
use crate::cli::failure::problem::Problem;
use crate::cli::options::RelayArgs;
use crate::cloudflare::{ApiBase, Https, Relay};
use crate::custody::StateFolder;
use crate::world::World;

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
