//! Options that several commands have.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::plan::Replace;
use crate::sink::FixGitignore;

/// How results and progress are said.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct OutputArgs {
    /// Write one JSON document to standard output
    #[arg(long, global = true)]
    pub(in crate::cli) json: bool,
    /// Colour what is said; `auto` does on a terminal, and heeds `NO_COLOR` and `CLICOLOR_FORCE`
    #[arg(long, global = true, value_name = "auto|always|never", default_value = "auto")]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    pub(in crate::cli) color: Color,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(in crate::cli) quiet: bool,
    /// Say more: -v waits and retries, -vv every request
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(in crate::cli) verbose: u8,
}

/// When there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Color {
    Auto,
    Always,
    Never,
}

/// Which profiles, for which environments.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct ProfileArgs {
    /// Profile files, or folders of them; subfolders are not read
    #[arg(required = true, value_name = "PROFILE")]
    pub(in crate::cli) profiles: Vec<PathBuf>,
    /// How they are resolved.
    #[command(flatten)]
    pub(in crate::cli) choice: ChoiceArgs,
}

/// How profiles are resolved.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Profile options")]
pub(in crate::cli) struct ChoiceArgs {
    /// The environment [may be repeated]
    #[arg(short, long = "env", value_name = "ENV")]
    pub(in crate::cli) environments: Vec<String>,
    /// Every environment that the profile names
    #[arg(long, conflicts_with = "environments")]
    pub(in crate::cli) all_envs: bool,
    /// Turn on a feature of the profile [may be repeated]
    #[arg(long = "feature", value_name = "FEATURE")]
    pub(in crate::cli) features: Vec<String>,
    /// Fill in a variable of the profile, before the process environment does; not for secrets
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(in crate::cli) variables: Vec<(String, String)>,
}

/// Whose tokens, and which profiles they may belong to.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct InventoryArgs {
    /// Profile files, or folders of them (without subfolders), that the tokens may belong to, in all environments
    #[arg(value_name = "PROFILE")]
    pub(in crate::cli) profiles: Vec<PathBuf>,
    /// The account whose tokens to look at, by name or id [default: your user's]
    #[arg(long, value_name = "ACCOUNT")]
    pub(in crate::cli) account: Option<String>,
    /// Turn on a feature of the profiles [may be repeated]
    #[arg(long = "feature", value_name = "FEATURE", help_heading = "Profile options")]
    pub(in crate::cli) features: Vec<String>,
    /// Fill in a variable of the profiles, before the process environment does; not for secrets
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value, help_heading = "Profile options")]
    pub(in crate::cli) variables: Vec<(String, String)>,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

/// How to reach Cloudflare, and as whom.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Cloudflare")]
pub(in crate::cli) struct ConnectionArgs {
    /// Use the embedded emulator instead; needs no bootstrap
    #[arg(long, conflicts_with_all = ["api_url", "bootstrap_file", "bootstrap_command", "bootstrap_vault"])]
    pub(in crate::cli) emulator: bool,
    /// Where the API is; https, except on loopback [env: `CLOUDFLARE_BASE_URL`]
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) api_url: Option<String>,
    /// A file with the bootstrap, `-` for standard input [default: the variable
    /// `CLOUDFLARE_BOOTSTRAP_TOKEN`]
    #[arg(long, value_name = "PATH", conflicts_with_all = ["bootstrap_command", "bootstrap_vault"])]
    pub(in crate::cli) bootstrap_file: Option<PathBuf>,
    /// A command that prints the bootstrap, such as `op read op://vault/item`
    #[arg(long, value_name = "COMMAND", conflicts_with = "bootstrap_vault")]
    pub(in crate::cli) bootstrap_command: Option<String>,
    /// Where Vault or OpenBao keeps the bootstrap, such as `secret/data/cfmint#token`; the store is that of
    /// `VAULT_ADDR`
    #[arg(long, value_name = "PATH#KEY")]
    pub(in crate::cli) bootstrap_vault: Option<String>,
    /// Where cfmint keeps its own files [default: .cfmint at the root of the git work tree]
    #[arg(long, value_name = "FOLDER")]
    pub(in crate::cli) state_dir: Option<PathBuf>,
}

/// Where the requests of another program go, which has a credential of its own.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Cloudflare")]
pub(in crate::cli) struct RelayArgs {
    /// Lead the program to the embedded emulator instead
    #[arg(long, conflicts_with = "api_url")]
    pub(in crate::cli) emulator: bool,
    /// Where the API is; https, except on loopback [env: `CLOUDFLARE_BASE_URL`, `CLOUDFLARE_API_BASE_URL`]
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) api_url: Option<String>,
    /// Where the emulator's state is [default: .cfmint at the root of the git work tree]
    #[arg(long, value_name = "FOLDER", requires = "emulator")]
    pub(in crate::cli) state_dir: Option<PathBuf>,
}

/// Whether secrets are shown to the person who runs the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::cli) enum Reveal {
    /// They go to the sinks of the profiles alone.
    #[default]
    Never,
    /// They are shown on the terminal, besides.
    OnTerminal,
}

/// What may be done to sinks.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct SinkArgs {
    /// Overwrite a live token that is not the profile's
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    /// Add the env and JSON files to .gitignore, so that git ignores them
    #[arg(long)]
    pub(in crate::cli) fix_gitignore: bool,
    /// Show new secrets on the terminal, too; a token that stays keeps its secret, which nobody can show
    #[arg(long)]
    pub(in crate::cli) reveal: bool,
}

impl SinkArgs {
    /// Whether others' live tokens may be overwritten.
    pub(in crate::cli) fn replace(&self) -> Replace {
        if self.replace { Replace::Foreign } else { Replace::Never }
    }

    /// Whether new secrets are shown, too.
    pub(in crate::cli) fn reveal(&self) -> Reveal {
        if self.reveal { Reveal::OnTerminal } else { Reveal::Never }
    }

    /// Whether lines may be added to `.gitignore`.
    pub(in crate::cli) fn fix(&self) -> FixGitignore {
        if self.fix_gitignore { FixGitignore::Add } else { FixGitignore::Refuse }
    }
}

/// What the commands have in common that make or change tokens.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct WritingArgs {
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// What may be lost.
    #[command(flatten)]
    pub(in crate::cli) sinks: SinkArgs,
    /// Accepted for scripts; this command never asks
    #[arg(long, hide = true)]
    pub(in crate::cli) yes: bool,
    /// Which profiles.
    #[command(flatten)]
    pub(in crate::cli) profiles: ProfileArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a variable is set as KEY=VALUE")?;
    let is_name = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name || key.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(format!("`{key}` is not a variable name: letters, digits and `_`, no digit first"));
    }
    Ok((key.to_owned(), value.to_owned()))
}
