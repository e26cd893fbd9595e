//! The credential that makes the others: from a variable, a file, standard input or a command. Never argv.

use crate::cli::args::ConnectionArgs;
use crate::cli::context::Makes;
use crate::cli::problem::Problem;
use crate::cloudflare::{Credential, SecretKind};
use crate::secret::Secret;
use crate::world::{BOOTSTRAP_VARIABLES, Child, Group, World};

/// The longest file that can hold a token, in bytes.
const LONGEST: u64 = 4096;

/// The form of the dashboard for a bootstrap that makes a user's tokens.
const FORM_OF_USER: &str = "https://dash.cloudflare.com/profile/api-tokens?permissionGroupKeys=%5B%7B%22key%22%3A%22api_tokens%22%2C%22type%22%3A%22edit%22%7D%5D&accountId=*&zoneId=all&name=cfmint-bootstrap";

/// The same for an account's tokens.
const FORM_OF_ACCOUNT: &str = "https://dash.cloudflare.com/?to=/:account/api-tokens&permissionGroupKeys=%5B%7B%22key%22%3A%22account_api_tokens%22%2C%22type%22%3A%22edit%22%7D%5D&name=cfmint-bootstrap";

/// The variable of the tokens that others use, which many have set.
const OTHERS_TOKEN: &str = "CLOUDFLARE_API_TOKEN";

/// Where to get one.
fn how(world: &dyn World, makes: Makes) -> String {
    let other = match world.variable(OTHERS_TOKEN) {
        Some(_) => format!(
            "{OTHERS_TOKEN} is set, but it is not the bootstrap's variable: it is for the tokens that cfmint makes\n"
        ),
        None => String::new(),
    };
    let (permission, form) = match makes {
        Makes::OfUser => ("User: API Tokens: Edit", FORM_OF_USER),
        Makes::OfAccount => ("Account API Tokens: Edit", FORM_OF_ACCOUNT),
    };
    format!(
        "{other}set CLOUDFLARE_BOOTSTRAP_TOKEN, or give --bootstrap-file PATH or --bootstrap-command COMMAND\n\
         to make one with `{permission}`, open this form of the dashboard:\n\
         {form}\n\
         or try cfmint without one: --emulator"
    )
}

/// What a token looks like, for a text that is none.
const FORM: &str = "a token is one word of 40 characters or more, such as cfut_… or cfat_…: copy it again";

/// Reads the bootstrap from where the arguments and variables say; notes what is unwise about it.
pub(super) fn bootstrap(
    world: &dyn World,
    arguments: &ConnectionArgs,
    makes: Makes,
    notes: &mut Vec<String>,
) -> Result<Credential, Problem> {
    let [token, email, key] = BOOTSTRAP_VARIABLES.map(|name| world.variable(name));
    let (origin, text) = if let Some(path) = &arguments.bootstrap_file {
        if path.as_os_str() == "-" {
            let line = world.read_line().map_err(|error| unreadable("standard input", &error.to_string()))?;
            ("standard input".to_owned(), line.unwrap_or_default())
        } else {
            (path.display().to_string(), from_file(world, path)?)
        }
    } else if let Some(command) = &arguments.bootstrap_command {
        ("the answer of the bootstrap command".to_owned(), from_command(world, command)?)
    } else if let Some(token) = token {
        ("CLOUDFLARE_BOOTSTRAP_TOKEN".to_owned(), token)
    } else if let (Some(email), Some(key)) = (email, key) {
        notes.push(
            "the global API key has the whole power of its user and cannot be restricted: prefer a token"
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
            "bootstrap.missing",
            format!("there is no bootstrap, the token that makes the others{half}"),
            how(world, makes),
        ));
    };
    let secret = Secret::new(text.trim().to_owned());
    match SecretKind::of(&secret) {
        _ if secret.is_blank() => {
            let message = format!("{origin} is empty: there is no bootstrap");
            Err(Problem::new("bootstrap.missing", message, how(world, makes)))
        }
        SecretKind::NoToken => Err(Problem::new(
            "bootstrap.malformed",
            format!("{origin} does not look like an API token"),
            FORM,
        )),
        SecretKind::GlobalKey => Err(Problem::new(
            "bootstrap.global-key",
            format!("{origin} is a global API key, not a token"),
            "give it as CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY, or better, make a token",
        )),
        _ => Ok(Credential::Token(secret)),
    }
}

fn unreadable(origin: &str, reason: &str) -> Problem {
    Problem::new(
        "bootstrap.unreadable",
        format!("{origin} cannot be read: {reason}"),
        "give a file that holds the bootstrap and nothing else: --bootstrap-file PATH",
    )
}

fn from_file(world: &dyn World, path: &std::path::Path) -> Result<String, Problem> {
    let bytes = world
        .read(&world.folder().join(path), LONGEST)
        .map_err(|error| unreadable(&path.display().to_string(), &error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| unreadable(&path.display().to_string(), "it is no text file"))
}

/// Runs a command through the shell, since it is written like one: `op read "op://vault/my item"`.
fn from_command(world: &dyn World, command: &str) -> Result<String, Problem> {
    let argv = ["sh".to_owned(), "-c".to_owned(), command.to_owned()];
    let child = Child {
        hidden: &BOOTSTRAP_VARIABLES,
        // It may ask at the terminal.
        group: Group::Shared,
        ..Child::new(&argv, world.folder())
    };
    let failed = |reason: String| {
        Problem::new("bootstrap.command", reason, "run the command by hand to see what is wrong")
    };
    let finished =
        world.run(&child).map_err(|error| failed(format!("the bootstrap command did not start: {error}")))?;
    if finished.code != Some(0) {
        let said = String::from_utf8_lossy(&finished.errors);
        let how = finished
            .code
            .map_or_else(|| "was killed".to_owned(), |code| format!("failed with exit code {code}"));
        let said = if said.trim().is_empty() { String::new() } else { format!(": {}", said.trim()) };
        return Err(failed(format!("the bootstrap command {how}{said}")));
    }
    String::from_utf8(finished.output.to_vec())
        .map_err(|_| failed("the bootstrap command printed no text".to_owned()))
}
