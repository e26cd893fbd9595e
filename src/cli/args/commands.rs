//! The options of each command.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::common::{ChoiceArgs, ConnectionArgs, ProfileArgs, SinkArgs};

/// `check`
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArgs {
    /// Exit with 3 when there is a warning
    #[arg(long)]
    pub(in crate::cli) strict: bool,
    /// Which profiles.
    #[command(flatten)]
    pub(in crate::cli) profiles: ProfileArgs,
}

/// `plan`
#[derive(Debug, Args)]
pub(in crate::cli) struct PlanArgs {
    /// Plan for `apply --adopt`
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) adopt: Option<String>,
    /// Plan for `apply --replace`
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    /// Exit with 3 when there is anything to do
    #[arg(long)]
    pub(in crate::cli) exit_code: bool,
    /// Which profiles.
    #[command(flatten)]
    pub(in crate::cli) profiles: ProfileArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

/// `apply`
#[derive(Debug, Args)]
pub(in crate::cli) struct ApplyArgs {
    /// Take over the live token with this id, with the secret it has
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) adopt: Option<String>,
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

/// `roll`
#[derive(Debug, Args)]
pub(in crate::cli) struct RollArgs {
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

/// `rotate`
#[derive(Debug, Args)]
pub(in crate::cli) struct RotateArgs {
    /// Which profiles.
    #[command(flatten)]
    pub(in crate::cli) profiles: ProfileArgs,
    /// Rotate only what is older than `rotation.every`, or has less than `renew_before` left
    #[arg(long)]
    pub(in crate::cli) due: bool,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
    /// What may be lost.
    #[command(flatten)]
    pub(in crate::cli) sinks: SinkArgs,
    /// Accepted for scripts; this command never asks
    #[arg(long, hide = true)]
    pub(in crate::cli) yes: bool,
}

/// `revoke`
#[derive(Debug, Args)]
pub(in crate::cli) struct RevokeArgs {
    /// Delete the token with this id, whoever made it
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) id: Option<String>,
    /// The account that owns the token of --id, by name or id [default: your user]
    #[arg(long, value_name = "ACCOUNT", requires = "id")]
    pub(in crate::cli) account: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Profile files, or folders of them
    #[arg(required_unless_present = "id", conflicts_with = "id", value_name = "PROFILE")]
    pub(in crate::cli) profiles: Vec<PathBuf>,
    /// How they are resolved.
    #[command(flatten)]
    pub(in crate::cli) choice: ChoiceArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

/// `import`
#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArgs {
    /// The token's id
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    /// The account that owns the token, by name or id [default: your user]
    #[arg(long, value_name = "ACCOUNT")]
    pub(in crate::cli) account: Option<String>,
    /// A new file for the profile [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

/// `recover`
#[derive(Debug, Args)]
pub(in crate::cli) struct RecoverArgs {
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

/// `emulator`
#[derive(Debug, Args)]
pub(in crate::cli) struct EmulatorArgs {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8787)]
    pub(in crate::cli) port: u16,
    /// How long to wait before each answer, such as `20ms` or `1s`
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = latency)]
    pub(in crate::cli) latency: Duration,
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
