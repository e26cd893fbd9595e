//! The options of each command.

use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use clap::{ArgGroup, Args};

use crate::cli::options::common::{ChoiceArgs, ConnectionArgs, InventoryArgs, ProfileArgs, SinkArgs};
use crate::profile::duration;

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
    /// Plan for `rotate --due`
    #[arg(long)]
    pub(in crate::cli) due: bool,
    /// Plan for `rotate --due --splay DURATION`
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "due")]
    pub(in crate::cli) splay: Option<TimeDelta>,
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

/// `roll`, and what `apply` and `rotate` take too
#[derive(Debug, Args)]
pub(in crate::cli) struct WritingArgs {
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

/// `apply`
#[derive(Debug, Args)]
pub(in crate::cli) struct ApplyArgs {
    /// Take over the live token with this id, with the secret it has
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) adopt: Option<String>,
    /// Which tokens, and how.
    #[command(flatten)]
    pub(in crate::cli) writing: WritingArgs,
}

/// `rotate`
#[derive(Debug, Args)]
pub(in crate::cli) struct RotateArgs {
    // What is flattened gives those behind it its heading, so these stand in front.
    /// Rotate only what is older than `rotation.every`, or has less than `renew_before` left
    #[arg(long)]
    pub(in crate::cli) due: bool,
    /// Let each token become due up to this much later, such as 2h, so that those made together are not rotated
    /// together; nothing waits, and no token is left to end
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "due")]
    pub(in crate::cli) splay: Option<TimeDelta>,
    /// Which tokens, and how.
    #[command(flatten)]
    pub(in crate::cli) writing: WritingArgs,
}

/// `revoke`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").args(["profiles", "id"]).required(true).multiple(true))]
pub(in crate::cli) struct RevokeArgs {
    /// Delete the token with this id, whoever made it
    // clap takes a requirement for met where what is required conflicts with what is given: each conflict is written
    // out.
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["profiles", "environments", "all_envs", "features", "variables"]
    )]
    pub(in crate::cli) id: Option<String>,
    /// The account that owns the token of --id, by name or id [default: your user]
    #[arg(long, value_name = "ACCOUNT", requires = "id", conflicts_with = "profiles")]
    pub(in crate::cli) account: Option<String>,
    /// Do not ask
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Profile files, or folders of them; subfolders are not read
    #[arg(value_name = "PROFILE")]
    pub(in crate::cli) profiles: Vec<PathBuf>,
    /// How they are resolved.
    #[command(flatten)]
    pub(in crate::cli) choice: ChoiceArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

/// `schedule`
#[derive(Debug, Args)]
pub(in crate::cli) struct ScheduleArgs {
    /// For which scheduler.
    #[command(flatten)]
    pub(in crate::cli) format: FormatArgs,
    /// Let each token become due up to this much later, as in `rotate --due --splay`
    #[arg(long, value_name = "DURATION", value_parser = |text: &str| duration(text).map(|_| text.to_owned()))]
    pub(in crate::cli) splay: Option<String>,
    /// What the schedule is called [default: cfmint-rotate- and what it rotates]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,
    /// Where cfmint is, for systemd and cron [default: where PATH finds it]
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) program: Option<String>,
    /// Which profiles.
    #[command(flatten)]
    pub(in crate::cli) profiles: ProfileArgs,
    /// What is carried over to each run.
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

/// The schedulers, of which one is chosen.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
#[allow(clippy::struct_excessive_bools, reason = "one flag for each scheduler, as they are typed")]
pub(in crate::cli) struct FormatArgs {
    /// A systemd service and its timer
    #[arg(long)]
    pub(in crate::cli) systemd: bool,
    /// A line of a crontab
    #[arg(long)]
    pub(in crate::cli) cron: bool,
    /// A workflow of GitHub Actions
    #[arg(long)]
    pub(in crate::cli) github_actions: bool,
    /// A `CronJob` of Kubernetes
    #[arg(long)]
    pub(in crate::cli) kubernetes: bool,
}

/// `prune`
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("rules")
        .args(["unused_for", "older_than", "expired", "shape"])
        .required(true)
        .multiple(true),
    // Without a profile these would narrow nothing down, and more would go than was meant.
    group = ArgGroup::new("choice")
        .args(["environments", "all_envs", "features", "variables"])
        .multiple(true)
        .requires("profiles"),
)]
pub(in crate::cli) struct PruneArgs {
    /// Only the tokens of these profile files, or folders of them (not their subfolders); their env files lose what dies
    #[arg(value_name = "PROFILE")]
    pub(in crate::cli) profiles: Vec<PathBuf>,
    /// Unused for so long, such as `90d`; one never used counts from when it was made or last changed
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Rules")]
    pub(in crate::cli) unused_for: Option<TimeDelta>,
    /// Made so long ago
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Rules")]
    pub(in crate::cli) older_than: Option<TimeDelta>,
    /// Past its end
    #[arg(long, help_heading = "Rules")]
    pub(in crate::cli) expired: bool,
    /// Of an environment of this shape, such as 'pr-*'; the profiles tell it by the token's name
    #[arg(
        id = "shape",
        long = "environments",
        value_name = "GLOB",
        value_parser = shape,
        requires = "profiles",
        conflicts_with = "unmanaged",
        help_heading = "Rules"
    )]
    pub(in crate::cli) shape: Option<String>,
    /// Look at the tokens that cfmint did not make instead: those called --name
    #[arg(long, requires = "name", conflicts_with_all = ["profiles", "choice"])]
    pub(in crate::cli) unmanaged: bool,
    /// The shape of the names that --unmanaged is about, such as 'legacy-*'
    #[arg(long, value_name = "GLOB", requires = "unmanaged", conflicts_with = "profiles")]
    pub(in crate::cli) name: Option<String>,
    /// The account whose tokens are looked at, by name or id [default: what the profiles say, or your user]
    #[arg(long, value_name = "ACCOUNT")]
    pub(in crate::cli) account: Option<String>,
    /// Delete nothing if more tokens than this would go
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(in crate::cli) max: usize,
    /// Delete, without asking
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// How they are resolved.
    #[command(flatten)]
    pub(in crate::cli) choice: ChoiceArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

/// `list`
#[derive(Debug, Args)]
pub(in crate::cli) struct ListArgs {
    /// Show the tokens' ids, as `revoke --id` takes them
    #[arg(long)]
    pub(in crate::cli) ids: bool,
    /// Which tokens.
    #[command(flatten)]
    pub(in crate::cli) inventory: InventoryArgs,
}

/// `audit`
#[derive(Debug, Args)]
pub(in crate::cli) struct AuditArgs {
    /// How long a token may be idle before it counts as unused
    #[arg(long, value_name = "DURATION", default_value = "90d", value_parser = duration)]
    pub(in crate::cli) unused_for: TimeDelta,
    /// Write the findings as SARIF 2.1.0 to standard output
    #[arg(long, conflicts_with = "json")]
    pub(in crate::cli) sarif: bool,
    /// Write a page with everything to this file as well
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) html: Option<PathBuf>,
    /// Which tokens.
    #[command(flatten)]
    pub(in crate::cli) inventory: InventoryArgs,
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
    /// Profile files, or folders of them, whose unfinished runs are finished; without any, what is left is reported
    #[arg(value_name = "PROFILE")]
    pub(in crate::cli) profiles: Vec<PathBuf>,
    /// Without profiles: the account whose tokens are looked at, by name or id [default: your user]
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "profiles")]
    pub(in crate::cli) account: Option<String>,
    /// How they are resolved.
    #[command(flatten)]
    pub(in crate::cli) choice: ChoiceArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

impl From<&RecoverArgs> for WritingArgs {
    fn from(arguments: &RecoverArgs) -> Self {
        let RecoverArgs { profiles, choice, connection, .. } = arguments;
        Self {
            sinks: SinkArgs { replace: false, fix_gitignore: false },
            yes: false,
            profiles: ProfileArgs { profiles: profiles.clone(), choice: choice.clone() },
            connection: connection.clone(),
        }
    }
}

/// `emulator`
#[derive(Debug, Args)]
pub(in crate::cli) struct EmulatorArgs {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8787)]
    pub(in crate::cli) port: u16,
    /// How long to wait before each answer, such as `20ms` or `1s`
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = latency)]
    pub(in crate::cli) latency: Duration,
}

/// The shape of environments' names: what such a name may be made of, and `*`.
fn shape(text: &str) -> Result<String, String> {
    if crate::profile::pattern_is_valid(text) {
        return Ok(text.to_owned());
    }
    Err("an environment's name has letters, digits, `.`, `_` and `-`; `*` stands for any, as in 'pr-*'"
        .to_owned())
}

fn latency(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration such as `20ms` or `1s`");
    let (number, unit) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, Duration::from_millis(1)),
        (None, Some(number)) => (number, Duration::from_secs(1)),
        (None, None) => return Err(wrong()),
    };
    let number: u32 = number.parse().map_err(|_| wrong())?;
    Ok(unit * number)
}
