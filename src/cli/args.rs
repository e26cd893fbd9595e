//! What was typed. Each command's file says what it means.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::sink::shell_word;

/// What follows the list of commands.
const EXAMPLES: &str = "\
Examples:
  cfmint check profiles/                    is everything in this folder valid?
  cfmint plan shop.yaml -e production       what would change, and why?
  cfmint apply shop.yaml -e production      make it so
  cfmint apply shop.yaml -e dev --emulator  try it without Cloudflare

Variables:
  CLOUDFLARE_BOOTSTRAP_TOKEN  the token that makes the others
  CLOUDFLARE_BASE_URL         where the API is, as --api-url
  NO_COLOR                    no colours

Exit codes:
  0  done
  1  failed or refused
  2  wrong usage or an invalid profile
  3  differences or findings, where asked for
  4  some of several succeeded";

/// Makes, rotates and retires scoped Cloudflare API tokens from YAML profiles, and never loses a secret.
#[derive(Debug, Parser)]
#[command(name = "cfmint", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
    /// How to say it.
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Find mistakes in profiles, offline
    #[command(
        after_help = "Without -e, every environment is checked; a pattern such as pr-* by an example.\n\n\
        Example: cfmint check profiles/ --strict"
    )]
    Check(CheckArgs),
    /// Show what `apply` would do, and why
    #[command(after_help = "Asks Cloudflare and changes nothing.\n\n\
        Example: cfmint plan shop.yaml -e production --exit-code")]
    Plan(PlanArgs),
    /// Make and update tokens, and store their secrets
    #[command(
        visible_alias = "create",
        after_help = "Makes what is missing, updates what differs from its profile. A second run changes nothing.\n\n\
            Example: cfmint apply shop.yaml -e dev -e production"
    )]
    Apply(ApplyArgs),
    /// Give tokens a new secret and store it; the old one dies at once
    #[command(after_help = "Example: cfmint roll shop.yaml -e production")]
    Roll(ApplyArgs),
    /// Make successors; the old tokens end after their overlap
    #[command(
        after_help = "The old secret works until the new one is verified, and for the overlap beyond.\n\n\
        Example: cfmint rotate profiles/ -e production --due"
    )]
    Rotate(RotateArgs),
    /// Delete tokens, and remove their secrets from the env files
    #[command(after_help = "Asks first on a terminal; elsewhere it needs --yes.\n\n\
        Examples:\n  cfmint revoke shop.yaml -e pr-17 --yes\n  \
        cfmint revoke --id 0123456789abcdef0123456789abcdef")]
    Revoke(RevokeArgs),
    /// Finish or undo what an interrupted run left open
    #[command(
        after_help = "Every writing command does this first; this one does nothing else, and says why.\n\n\
        Example: cfmint recover"
    )]
    Recover(RecoverArgs),
    /// Serve the embedded Cloudflare API on loopback, for tests
    #[command(
        after_help = "Prints the variables that lead cfmint to it, and serves until it is interrupted.\n\
        What is made here is forgotten at the end.\n\n\
        Example: cfmint emulator --port 8787"
    )]
    Emulator(EmulatorArgs),
    /// Print the JSON Schema of profiles, for editors
    Schema,
}

impl Command {
    /// The command's name, for JSON.
    #[must_use]
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Check(_) => "check",
            Self::Plan(_) => "plan",
            Self::Apply(_) => "apply",
            Self::Roll(_) => "roll",
            Self::Rotate(_) => "rotate",
            Self::Revoke(_) => "revoke",
            Self::Recover(_) => "recover",
            Self::Emulator(_) => "emulator",
            Self::Schema => "schema",
        }
    }
}

/// How results and progress are said.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Write one JSON document to standard output
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more: -v waits and retries, -vv every request
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

/// Which profiles, for which environments.
#[derive(Debug, Clone, Args)]
pub(super) struct ProfileArgs {
    /// Profile files, or folders of them
    #[arg(required = true, value_name = "PROFILE")]
    pub(super) profiles: Vec<PathBuf>,
    /// How they are resolved.
    #[command(flatten)]
    pub(super) choice: ChoiceArgs,
}

/// How profiles are resolved.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Profile options")]
pub(super) struct ChoiceArgs {
    /// The environment [may be repeated]
    #[arg(short, long = "env", value_name = "ENV")]
    pub(super) environments: Vec<String>,
    /// Every environment that the profile names
    #[arg(long, conflicts_with = "environments")]
    pub(super) all_envs: bool,
    /// Turn on a feature of the profile [may be repeated]
    #[arg(long = "feature", value_name = "FEATURE")]
    pub(super) features: Vec<String>,
    /// Fill in a variable of the profile, before the process environment does; not for secrets
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(super) variables: Vec<(String, String)>,
}

/// How to reach Cloudflare, and as whom.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Cloudflare")]
pub(super) struct ConnectionArgs {
    /// Use the embedded emulator instead; needs no bootstrap
    #[arg(long, conflicts_with_all = ["api_url", "bootstrap_file", "bootstrap_command"])]
    pub(super) emulator: bool,
    /// Where the API is; https, except on loopback [env: `CLOUDFLARE_BASE_URL`]
    #[arg(long, value_name = "URL")]
    pub(super) api_url: Option<String>,
    /// A file with the bootstrap, `-` for standard input [default: the variable
    /// `CLOUDFLARE_BOOTSTRAP_TOKEN`]
    #[arg(long, value_name = "PATH", conflicts_with = "bootstrap_command")]
    pub(super) bootstrap_file: Option<PathBuf>,
    /// A command that prints the bootstrap, such as `op read op://vault/item`
    #[arg(long, value_name = "COMMAND")]
    pub(super) bootstrap_command: Option<String>,
    /// Where cfmint keeps its own files [default: .cfmint at the root of the git work tree]
    #[arg(long, value_name = "FOLDER")]
    pub(super) state_dir: Option<PathBuf>,
}

impl ConnectionArgs {
    /// The options that lead another command to the same API and the same state folder.
    pub(super) fn flags(&self) -> String {
        let emulator = self.emulator.then(|| " --emulator".to_owned());
        let url = self.api_url.as_ref().map(|url| format!(" --api-url {}", shell_word(url.as_ref())));
        let folder = self.state_dir.as_ref().map(|folder| format!(" --state-dir {}", shell_word(folder)));
        [emulator, url, folder].into_iter().flatten().collect()
    }
}

/// `check`
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Exit with 3 when there is a warning
    #[arg(long)]
    pub(super) strict: bool,
    /// Which profiles.
    #[command(flatten)]
    pub(super) profiles: ProfileArgs,
}

/// `plan`
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// Plan for `apply --replace`
    #[arg(long)]
    pub(super) replace: bool,
    /// Exit with 3 when there is anything to do
    #[arg(long)]
    pub(super) exit_code: bool,
    /// Which profiles.
    #[command(flatten)]
    pub(super) profiles: ProfileArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
}

/// `apply` and `roll`
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// What may be lost.
    #[command(flatten)]
    pub(super) sinks: SinkArgs,
    /// Accepted for scripts; this command never asks
    #[arg(long, hide = true)]
    pub(super) yes: bool,
    /// Which profiles.
    #[command(flatten)]
    pub(super) profiles: ProfileArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
}

/// `rotate`
#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    /// Which profiles.
    #[command(flatten)]
    pub(super) profiles: ProfileArgs,
    /// Rotate only what is older than `rotation.every`, or has less than `renew_before` left
    #[arg(long)]
    pub(super) due: bool,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
    /// What may be lost.
    #[command(flatten)]
    pub(super) sinks: SinkArgs,
    /// Accepted for scripts; this command never asks
    #[arg(long, hide = true)]
    pub(super) yes: bool,
}

/// What may be done to sinks.
#[derive(Debug, Clone, Args)]
pub(super) struct SinkArgs {
    /// Overwrite a live token that is not the profile's
    #[arg(long)]
    pub(super) replace: bool,
    /// Let git ignore the env files, by a line in .gitignore
    #[arg(long)]
    pub(super) fix_gitignore: bool,
}

/// `revoke`
#[derive(Debug, Args)]
pub(super) struct RevokeArgs {
    /// Delete the token with this id, whoever made it
    #[arg(long, value_name = "ID")]
    pub(super) id: Option<String>,
    /// The account that owns the token of --id, by name or id [default: your user]
    #[arg(long, value_name = "ACCOUNT", requires = "id")]
    pub(super) account: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub(super) yes: bool,
    /// Profile files, or folders of them
    #[arg(required_unless_present = "id", conflicts_with = "id", value_name = "PROFILE")]
    pub(super) profiles: Vec<PathBuf>,
    /// How they are resolved.
    #[command(flatten)]
    pub(super) choice: ChoiceArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
}

/// `recover`
#[derive(Debug, Args)]
pub(super) struct RecoverArgs {
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
}

/// `emulator`
#[derive(Debug, Args)]
pub(super) struct EmulatorArgs {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8787)]
    pub(super) port: u16,
    /// How long to wait before each answer, such as `20ms` or `1s`
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = latency)]
    pub(super) latency: Duration,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a variable is set as KEY=VALUE")?;
    let is_name = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name || key.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(format!("`{key}` is not a variable name: letters, digits and `_`, no digit first"));
    }
    Ok((key.to_owned(), value.to_owned()))
}

fn latency(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time such as `20ms` or `1s`");
    let (number, unit) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, Duration::from_millis(1)),
        (None, Some(number)) => (number, Duration::from_secs(1)),
        (None, None) => return Err(wrong()),
    };
    let number: u32 = number.parse().map_err(|_| wrong())?;
    Ok(unit * number)
}
