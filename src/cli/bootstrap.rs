//! The credential that makes the others: from a variable, a file, standard input or a command. Never argv.

use crate::cli::args::ConnectionArgs;
use crate::cli::problem::Problem;
use crate::cloudflare::{Credential, SecretKind};
use crate::secret::Secret;
use crate::world::{BOOTSTRAP_VARIABLES, Child, ChildOutput, World};

/// The longest file that can hold a token, in bytes.
const LONGEST: u64 = 4096;

/// Where to get one, for every error about a bootstrap.
const HOW: &str = "set CLOUDFLARE_BOOTSTRAP_TOKEN, or give --bootstrap-file PATH or --bootstrap-command COMMAND\n\
    make one in the dashboard from the template \"Create Additional Tokens\":\n\
    https://dash.cloudflare.com/profile/api-tokens?permissionGroupKeys=%5B%7B%22key%22%3A%22api_tokens%22%2C%22type%22%3A%22edit%22%7D%5D&accountId=*&zoneId=all&name=cfmint-bootstrap\n\
    or try cfmint without one: --emulator";

/// Reads the bootstrap from where the arguments and variables say; notes what is unwise about it.
pub(super) fn bootstrap(
    world: &dyn World,
    arguments: &ConnectionArgs,
    notes: &mut Vec<String>,
) -> Result<Credential, Problem> {
    let [token, email, key] = BOOTSTRAP_VARIABLES.map(|name| world.variable(name));
    let text = if let Some(path) = &arguments.bootstrap_file {
        if path.as_os_str() == "-" {
            world.read_line().map_err(|error| missing(&format!("standard input cannot be read: {error}")))?
        } else {
            Some(from_file(world, path)?)
        }
    } else if let Some(command) = &arguments.bootstrap_command {
        Some(from_command(world, command)?)
    } else if token.is_some() {
        token
    } else if let (Some(email), Some(key)) = (email, key) {
        notes.push(
            "the global API key has the whole power of its user and cannot be restricted: prefer a token"
                .to_owned(),
        );
        return Ok(Credential::GlobalKey { email, key: Secret::new(key) });
    } else {
        return Err(missing("no bootstrap credential is given"));
    };
    let secret = Secret::new(text.unwrap_or_default().trim().to_owned());
    match SecretKind::of(&secret) {
        _ if secret.is_blank() => Err(missing("the bootstrap is empty")),
        SecretKind::NoToken => Err(missing("the bootstrap does not look like an API token")),
        SecretKind::GlobalKey => Err(Problem::new(
            "bootstrap.global-key",
            "the bootstrap is a global API key, not a token",
            "give it as CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY, or better, make a token",
        )),
        _ => Ok(Credential::Token(secret)),
    }
}

fn missing(message: &str) -> Problem {
    Problem::new("bootstrap.missing", message, HOW)
}

fn from_file(world: &dyn World, path: &std::path::Path) -> Result<String, Problem> {
    let bytes = world
        .read(&world.folder().join(path), LONGEST)
        .map_err(|error| missing(&format!("{} cannot be read: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|_| missing(&format!("{} is not a text file", path.display())))
}

/// Runs a command through the shell, since it is written like one: `op read "op://vault/my item"`.
fn from_command(world: &dyn World, command: &str) -> Result<String, Problem> {
    let argv = ["sh".to_owned(), "-c".to_owned(), command.to_owned()];
    let child = Child {
        argv: &argv,
        folder: world.folder(),
        input: &[],
        variables: &[],
        hidden: &BOOTSTRAP_VARIABLES,
        output: ChildOutput::Captured,
        time_limit: None,
    };
    let failed = |reason: String| {
        Problem::new("bootstrap.command", reason, "run the command by hand to see what is wrong")
    };
    let finished =
        world.run(&child).map_err(|error| failed(format!("the bootstrap command did not start: {error}")))?;
    if finished.code != Some(0) {
        let said = String::from_utf8_lossy(&finished.errors);
        return Err(failed(format!("the bootstrap command failed: {}", said.trim())));
    }
    String::from_utf8(finished.output.to_vec())
        .map_err(|_| failed("the bootstrap command printed no text".to_owned()))
}
