//! The credential that makes the others: from a variable, a file, standard input, a command or Vault. Never argv.
//!
//! Arguments and variables come in; a credential goes out, with warnings of what is unwise about it. No error shows any
//! part of what was read.

mod command;

use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use self::command::from_command;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::cli::options::ConnectionArgs;
use crate::cli::session::standard_input::{LONGEST_LINE, first_line};
use crate::cloudflare::{Credential, SecretKind};
use crate::doctor::diagnose_paste;
use crate::profile::vault_path_is_valid;
use crate::secret::Secret;
use crate::sink::{shell_word, vault_value};
use crate::world::{BOOTSTRAP_VARIABLES, EntryKind, World};

/// Whose tokens a bootstrap is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::cli) enum BootstrapScope {
    /// The user's.
    #[default]
    User,
    /// An account's.
    Account,
}

/// The form of the dashboard for a bootstrap that makes a user's tokens.
const FORM_OF_USER: &str = "https://dash.cloudflare.com/profile/api-tokens?permissionGroupKeys=%5B%7B%22key%22%3A%22api_tokens%22%2C%22type%22%3A%22edit%22%7D%5D&accountId=*&zoneId=all&name=cfmint-bootstrap";

/// The same for an account's tokens.
const FORM_OF_ACCOUNT: &str = "https://dash.cloudflare.com/?to=/:account/api-tokens&permissionGroupKeys=%5B%7B%22key%22%3A%22account_api_tokens%22%2C%22type%22%3A%22edit%22%7D%5D&name=cfmint-bootstrap";

/// The variable of the tokens that others use, which many have set.
const OTHERS_TOKEN: &str = "CLOUDFLARE_API_TOKEN";

/// Where to get one.
fn how(world: &dyn World, scope: BootstrapScope) -> String {
    let other = match world.variable(OTHERS_TOKEN) {
        Some(_) => format!(
            "{OTHERS_TOKEN} is set, but it is not the bootstrap's variable: it is for the tokens that cfmint makes\n"
        ),
        None => String::new(),
    };
    let (permission, form) = match scope {
        BootstrapScope::User => ("User: API Tokens: Edit", FORM_OF_USER),
        BootstrapScope::Account => ("Account API Tokens: Edit", FORM_OF_ACCOUNT),
    };
    format!(
        "{other}set CLOUDFLARE_BOOTSTRAP_TOKEN, or give --bootstrap-file PATH, --bootstrap-command COMMAND or \
         --bootstrap-vault PATH#KEY\n\
         to make one with `{permission}`, open this form of the dashboard:\n\
         {form}\n\
         or try cfmint without one: --emulator"
    )
}

/// Reads the bootstrap from where the arguments and variables say; warns of what is unwise about it.
pub(in crate::cli) fn bootstrap(
    world: &dyn World,
    arguments: &ConnectionArgs,
    scope: BootstrapScope,
    warnings: &mut Vec<String>,
) -> Result<Credential, Problem> {
    let [token, email, key] = BOOTSTRAP_VARIABLES.map(|name| world.variable(name));
    let (origin, text) = if let Some(path) = &arguments.bootstrap_file {
        if path.as_os_str() == "-" {
            let line = first_line(world).map_err(|why| unreadable("standard input", &why))?;
            ("standard input".to_owned(), line)
        } else {
            (path.display().to_string(), from_file(world, path, warnings)?)
        }
    } else if let Some(command) = &arguments.bootstrap_command {
        ("the answer of the bootstrap command".to_owned(), from_command(world, command)?)
    } else if let Some(place) = &arguments.bootstrap_vault {
        (crate::text::one_line(place), from_vault(world, place)?)
    } else if let Some(token) = token {
        ("CLOUDFLARE_BOOTSTRAP_TOKEN".to_owned(), token)
    } else if let (Some(email), Some(key)) = (email, key) {
        warnings.push(
            "the global API key can do everything that its user can, and cannot be restricted: use a \
             token instead"
                .to_owned(),
        );
        return Ok(Credential::GlobalKey { email, key: Secret::new(key) });
    } else {
        let is_set = |name| world.variable(name).is_some();
        let half = match (is_set("CLOUDFLARE_EMAIL"), is_set("CLOUDFLARE_API_KEY")) {
            (true, false) => ": CLOUDFLARE_EMAIL is set, and CLOUDFLARE_API_KEY is not",
            (false, true) => ": CLOUDFLARE_API_KEY is set, and CLOUDFLARE_EMAIL is not",
            _ => "",
        };
        return Err(Problem::new(
            Code::BootstrapMissing,
            format!("there is no bootstrap, the token that makes the others{half}"),
            how(world, scope),
        ));
    };
    let secret = Secret::new(text.trim().to_owned());
    match SecretKind::of(&secret) {
        _ if secret.is_blank() => {
            let message = format!("{origin} is empty: there is no bootstrap");
            Err(Problem::new(Code::BootstrapMissing, message, how(world, scope)))
        }
        SecretKind::NoToken => {
            let (what, fix) = diagnose_paste(secret.expose());
            Err(Problem::new(Code::BootstrapMalformed, format!("{origin} {what}"), fix))
        }
        SecretKind::GlobalKey => Err(Problem::new(
            Code::BootstrapGlobalKey,
            format!("{origin} is a global API key, not a token"),
            "give it as CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY, or better, make a token",
        )),
        _ => Ok(Credential::Token(secret)),
    }
}

/// Reads the bootstrap from a key of a secret in Vault or OpenBao.
fn from_vault(world: &dyn World, place: &str) -> Result<String, Problem> {
    let path_and_key =
        place.rsplit_once('#').filter(|(path, key)| vault_path_is_valid(path) && !key.is_empty());
    let Some((path, key)) = path_and_key else {
        return Err(Problem::new(
            Code::BootstrapVault,
            format!("`{}` is no key of a secret in a KV store of version 2", crate::text::one_line(place)),
            "write the path, with `data` behind the store's name, and the key: --bootstrap-vault secret/data/cfmint#token",
        ));
    };
    let value = vault_value(world, path, key).map_err(|error| Problem::from(&error))?;
    Ok(value.map(|value| value.expose().to_owned()).unwrap_or_default())
}

fn unreadable(origin: &str, reason: &str) -> Problem {
    Problem::new(
        Code::BootstrapUnreadable,
        format!("{origin} cannot be read: {reason}"),
        "give a file that holds the bootstrap and nothing else: --bootstrap-file PATH",
    )
}

fn from_file(world: &dyn World, path: &Path, warnings: &mut Vec<String>) -> Result<String, Problem> {
    let origin = path.display().to_string();
    let failed = |error: io::Error| unreadable(&origin, &error.to_string());
    let full = world.folder().join(path);
    match kind(world, &full).map_err(failed)? {
        Kind::Folder => return Err(unreadable(&origin, "it is a folder")),
        Kind::Device => {
            return Err(unreadable(&origin, "it is a device (for a terminal: --bootstrap-file -)"));
        }
        Kind::File { mode } if mode & 0o077 != 0 => warnings.push(format!(
            "the bootstrap file {origin} can be read by others (mode {mode:o}): chmod 600 {}",
            shell_word(path)
        )),
        Kind::File { .. } | Kind::Pipe => {}
    }
    let bytes = Zeroizing::new(world.read(&full, LONGEST_LINE).map_err(failed)?);
    std::str::from_utf8(&bytes).map(str::to_owned).map_err(|_| unreadable(&origin, "it is no text file"))
}

/// What a bootstrap file really is.
enum Kind {
    File { mode: u32 },
    Folder,
    Pipe,
    Device,
}

fn kind(world: &dyn World, path: &Path) -> io::Result<Kind> {
    let Ok(real) = world.real_path(path) else {
        // What a shell passes for `<(command)` is a link to no path. Nor is a missing file one; reading tells them apart.
        return Ok(Kind::Pipe);
    };
    let entry = world.look(&real)?.ok_or(io::ErrorKind::NotFound)?;
    Ok(match entry.kind {
        EntryKind::Folder => Kind::Folder,
        EntryKind::Special if real.starts_with("/dev") => Kind::Device,
        EntryKind::Special => Kind::Pipe,
        EntryKind::File | EntryKind::Link => Kind::File { mode: entry.mode },
    })
}
