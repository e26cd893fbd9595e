//! What was typed. Each command's file says what it means.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

/// Makes, rotates and retires scoped Cloudflare API tokens from YAML profiles, and never loses a secret.
#[derive(Debug, Parser)]
#[command(name = "cfmint", version, propagate_version = true, arg_required_else_help = true)]
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
    /// Validate profiles offline: shape, permissions against the embedded catalogue, least privilege
    Check(CheckArgs),
    /// Show what `apply` would do, and why
    Plan(PlanArgs),
    /// Make what is missing, update what drifted, deliver secrets; a second run changes nothing
    #[command(visible_alias = "create")]
    Apply(ApplyArgs),
    /// Give the same token a new secret and deliver it; the old secret dies at once
    Roll(ApplyArgs),
    /// Make a successor and deliver it; the old token ends after its overlap
    Rotate(RotateArgs),
    /// Delete tokens, and take the dead variables out of the env files
    Revoke(RevokeArgs),
    /// Finish or undo what an interrupted run left open
    Recover(RecoverArgs),
    /// Serve the embedded Cloudflare API on loopback
    Emulator(EmulatorArgs),
    /// Print the JSON Schema of the profile format
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
pub(super) struct OutputArgs {
    /// Write one JSON document to standard output, and nothing else there
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
pub(super) struct ChoiceArgs {
    /// The environment; may be given several times
    #[arg(short, long = "env", value_name = "ENV")]
    pub(super) environments: Vec<String>,
    /// Every named environment of the profile
    #[arg(long, conflicts_with = "environments")]
    pub(super) all_envs: bool,
    /// Turn on a feature of the profile; may be given several times
    #[arg(long = "feature", value_name = "FEATURE")]
    pub(super) features: Vec<String>,
    /// Set a variable of the profile; wins over the process environment. Not for secrets
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(super) variables: Vec<(String, String)>,
}

/// How to reach Cloudflare, and as whom.
#[derive(Debug, Clone, Args)]
pub(super) struct ConnectionArgs {
    /// Run against the embedded emulator instead of Cloudflare
    #[arg(long, conflicts_with_all = ["api_url", "bootstrap_file", "bootstrap_command"])]
    pub(super) emulator: bool,
    /// Where the API is; https only, except on loopback
    #[arg(long, value_name = "URL")]
    pub(super) api_url: Option<String>,
    /// A file with the bootstrap token; `-` is standard input
    #[arg(long, value_name = "PATH", conflicts_with = "bootstrap_command")]
    pub(super) bootstrap_file: Option<PathBuf>,
    /// A command that prints the bootstrap token, such as `op read op://vault/item`
    #[arg(long, value_name = "COMMAND")]
    pub(super) bootstrap_command: Option<String>,
    /// Where cfmint keeps its lock and temporary files [default: .cfmint at the root of the git work tree]
    #[arg(long, value_name = "FOLDER")]
    pub(super) state_dir: Option<PathBuf>,
}

/// `check`
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Which profiles.
    #[command(flatten)]
    pub(super) profiles: ProfileArgs,
    /// Exit with 3 when there is a warning
    #[arg(long)]
    pub(super) strict: bool,
}

/// `plan`
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// Which profiles.
    #[command(flatten)]
    pub(super) profiles: ProfileArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
    /// Plan as if --replace were given to `apply`
    #[arg(long)]
    pub(super) replace: bool,
    /// Exit with 3 when there is anything to do
    #[arg(long)]
    pub(super) exit_code: bool,
}

/// `apply` and `roll`
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// Which profiles.
    #[command(flatten)]
    pub(super) profiles: ProfileArgs,
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
    /// Overwrite a variable that holds a live token of somebody else
    #[arg(long)]
    pub(super) replace: bool,
    /// Add env files that git does not ignore to .gitignore
    #[arg(long)]
    pub(super) fix_gitignore: bool,
}

/// `revoke`
#[derive(Debug, Args)]
pub(super) struct RevokeArgs {
    /// Profile files, or folders of them
    #[arg(required_unless_present = "id", conflicts_with = "id", value_name = "PROFILE")]
    pub(super) profiles: Vec<PathBuf>,
    /// How they are resolved.
    #[command(flatten)]
    pub(super) choice: ChoiceArgs,
    /// Delete the token with this id, whoever made it
    #[arg(long, value_name = "ID")]
    pub(super) id: Option<String>,
    /// The account that owns the token of --id, by name or id [default: your user]
    #[arg(long, value_name = "ACCOUNT", requires = "id")]
    pub(super) account: Option<String>,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
    /// Do not ask
    #[arg(long)]
    pub(super) yes: bool,
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
    #[arg(long, default_value = "0ms", value_parser = latency)]
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
