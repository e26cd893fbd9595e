//! The variables that describe a store -> where it is, and how to log in there.
//!
//! The names are those of the programs `vault` and `bao`: <https://openbao.org/docs/commands/#environment-variables>. As
//! `bao` does, a name that begins with `BAO_` counts before one that begins with `VAULT_`.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::VaultError;
use crate::http::{Address, Server};
use crate::secret::Secret;
use crate::world::{EntryKind, World};

/// The longest file of a token or of certificates, in bytes.
const LONGEST: u64 = 256 * 1024;

/// Where Kubernetes puts the token of a pod's service account.
/// Source: <https://openbao.org/docs/auth/kubernetes/>.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// A store, and who asks.
pub(super) struct Settings {
    pub(super) server: Server,
    pub(super) namespace: Option<String>,
    pub(super) login: Login,
}

/// How to come to a token.
pub(super) enum Login {
    /// It is there.
    Token(Secret),
    /// By a log-in with these texts, at this path.
    With { path: String, fields: [(&'static str, Secret); 2] },
}

impl Settings {
    /// Reads them from the variables and the files that those name.
    pub(super) fn read(world: &dyn World) -> Result<Self, VaultError> {
        let address = variable(world, "ADDR").ok_or(VaultError::NoAddress)?;
        let address = Address::parse(&address).map_err(VaultError::BadAddress)?;
        let authorities = match variable(world, "CACERT") {
            None => None,
            Some(path) => Some(file(world, "the file of certificates", Path::new(&path))?.to_vec()),
        };
        let server = Server { address, authorities };
        Ok(Self { server, namespace: variable(world, "NAMESPACE"), login: Login::read(world)? })
    }
}

impl Login {
    /// What is set by a variable counts before the token that `vault login` left in the home folder.
    fn read(world: &dyn World) -> Result<Self, VaultError> {
        if let Some(token) = variable(world, "TOKEN") {
            return Ok(Self::Token(Secret::new(token.trim().to_owned())));
        }
        let path = |method: &str| variable(world, "AUTH_PATH").unwrap_or_else(|| method.to_owned());
        match (variable(world, "ROLE_ID"), variable(world, "SECRET_ID")) {
            (Some(role), Some(secret)) => {
                let fields = [("role_id", Secret::new(role)), ("secret_id", Secret::new(secret))];
                return Ok(Self::With { path: path("approle"), fields });
            }
            (Some(_), None) => {
                return Err(VaultError::HalfLogin { set: "VAULT_ROLE_ID", missing: "VAULT_SECRET_ID" });
            }
            (None, Some(_)) => {
                return Err(VaultError::HalfLogin { set: "VAULT_SECRET_ID", missing: "VAULT_ROLE_ID" });
            }
            (None, None) => {}
        }
        if let Some(role) = variable(world, "K8S_ROLE") {
            let from = variable(world, "K8S_TOKEN_FILE").unwrap_or_else(|| SERVICE_ACCOUNT.to_owned());
            let jwt = text(world, "the token of the service account", Path::new(&from))?;
            return Ok(Self::With {
                path: path("kubernetes"),
                fields: [("role", Secret::new(role)), ("jwt", jwt)],
            });
        }
        let home = world.variable("HOME").map(|home| PathBuf::from(home).join(".vault-token"));
        let kept = home.filter(|path| matches!(world.look(path), Ok(Some(_))));
        let token = text(world, "the store's token", &kept.ok_or(VaultError::NoLogin)?)?;
        if token.is_blank() { Err(VaultError::NoLogin) } else { Ok(Self::Token(token)) }
    }
}

/// The variables that log in to the store by a secret.
pub const VAULT_SECRETS: [&str; 4] = ["BAO_TOKEN", "VAULT_TOKEN", "BAO_SECRET_ID", "VAULT_SECRET_ID"];

/// A variable of the store, by what follows its prefix.
fn variable(world: &dyn World, name: &str) -> Option<String> {
    ["BAO", "VAULT"].iter().find_map(|prefix| world.variable(&format!("{prefix}_{name}")))
}

/// The one text that a file holds.
fn text(world: &dyn World, what: &'static str, path: &Path) -> Result<Secret, VaultError> {
    let bytes = file(world, what, path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| VaultError::Unreadable {
        what,
        path: path.to_owned(),
        source: std::io::ErrorKind::InvalidData.into(),
    })?;
    Ok(Secret::new(text.trim().to_owned()))
}

fn file(world: &dyn World, what: &'static str, path: &Path) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let unreadable = |source| VaultError::Unreadable { what, path: path.to_owned(), source };
    // A pipe would be waited for.
    let real = world.real_path(&world.folder().join(path)).map_err(unreadable)?;
    match world.look(&real).map_err(unreadable)? {
        Some(entry) if entry.kind == EntryKind::File => {}
        _ => return Err(unreadable(std::io::ErrorKind::InvalidInput.into())),
    }
    world.read(&real, LONGEST).map(Zeroizing::new).map_err(unreadable)
}
