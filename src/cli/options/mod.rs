//! What was typed. Each command's file says what it means.

mod commands;
mod common;

use clap::{Parser, Subcommand};

pub(in crate::cli) use commands::{
    ApplyArgs, AuditArgs, CheckArgs, EmulatorArgs, FormatArgs, ImportArgs, ListArgs, PlanArgs, PruneArgs,
    RecoverArgs, RevokeArgs, RotateArgs, ScheduleArgs, WritingArgs,
};
pub(in crate::cli) use common::{
    ChoiceArgs, ConnectionArgs, InventoryArgs, OutputArgs, ProfileArgs, SinkArgs,
};

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
  4  some of several succeeded
  129, 130, 143  ended by a signal (hang-up, Ctrl-C, SIGTERM), with every secret safe";

/// Makes, rotates and retires scoped Cloudflare API tokens from YAML profiles, and never loses a secret.
#[derive(Debug, Parser)]
#[command(name = "cfmint", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
    /// How to say it.
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Find mistakes in profiles, offline
    #[command(
        after_help = "Without -e, every environment is checked; a pattern such as pr-* by an example.\n\n\
        Example: cfmint check profiles/ --strict"
    )]
    Check(CheckArgs),
    /// Show what `apply` would do, and why
    #[command(after_help = "Asks Cloudflare and changes nothing.\n\n\
        Examples:\n  cfmint plan shop.yaml -e production --exit-code\n  \
        cfmint plan profiles/ --all-envs --due --exit-code")]
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
    Roll(WritingArgs),
    /// Make successors; the old tokens end after their overlap
    #[command(
        after_help = "The old secret works until the new one is verified, and for the overlap beyond.\n\n\
        Example: cfmint rotate shop.yaml -e production --due"
    )]
    Rotate(RotateArgs),
    /// Delete tokens, and remove their secrets from the env files
    #[command(after_help = "Asks first on a terminal; elsewhere it needs --yes.\n\n\
        Examples:\n  cfmint revoke shop.yaml -e pr-17 --yes\n  \
        cfmint revoke --id 0123456789abcdef0123456789abcdef")]
    Revoke(RevokeArgs),
    /// Print what lets systemd, cron, GitHub Actions or Kubernetes run `rotate --due`
    #[command(
        after_help = "Looks at the profiles and prints text; nothing is installed or sent. Without -e, every named\n\
        environment is taken. Variables come from --set alone: a scheduler has not your environment.\n\n\
        Example: cfmint schedule --systemd shop.yaml -e production > units"
    )]
    Schedule(ScheduleArgs),
    /// Show, and with --yes delete, the tokens that meet every rule given
    #[command(
        after_help = "Shows which tokens meet every rule, and why. Then it asks on a terminal; elsewhere, and with --json, \
        nothing is deleted without --yes, and that is no error. The bootstrap's own token never goes.\n\n\
        Examples:\n  cfmint prune --unused-for 90d\n  \
        cfmint prune shop.yaml --environments 'pr-*' --older-than 7d --yes\n  \
        cfmint prune --unmanaged --name 'legacy-*' --expired"
    )]
    Prune(PruneArgs),
    /// Show every live token: its age, its last use, its end, and which profile it belongs to
    #[command(after_help = "Asks Cloudflare and changes nothing.\n\n\
        Examples:\n  cfmint list\n  cfmint list profiles/ --account 'Acme Production'")]
    List(ListArgs),
    /// Find tokens that are wider, older or less guarded than they need be
    #[command(
        after_help = "Asks Cloudflare and changes nothing. Given profiles, it also finds tokens that are in none of \
        them, or may do more than theirs asks for.\n\
        Exits with 3 when there is an error or a warning; notes alone are no reason.\n\n\
        Examples:\n  cfmint audit profiles/ --unused-for 30d\n  cfmint audit --html tokens.html\n  \
        cfmint audit profiles/ --sarif > tokens.sarif"
    )]
    Audit(AuditArgs),
    /// Write a profile from a live token
    #[command(
        after_help = "Goes to standard output unless --output names a new file. The secret is not in it: Cloudflare \
        shows it once.\n\n\
        Example: cfmint import 0123456789abcdef0123456789abcdef --output shop.yaml"
    )]
    Import(ImportArgs),
    /// Finish what an interrupted run left
    #[command(
        after_help = "`apply` and `rotate` do this for their profiles; this command does nothing else. `roll` leaves it to them, \
        unless a sink may hold a secret that such a run made. Elsewhere than on its machine, an interrupted run counts as \
        over 15 minutes after it made its token.\n\
        Without profiles it says what is left, and deletes tokens whose secret nobody can have; all others end by \
        themselves.\n\n\
        Examples:\n  cfmint recover shop.yaml -e dev\n  cfmint recover"
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
    #[command(after_help = "What it prints is the schema itself, with --json too.\n\n\
        Example: cfmint schema > profiles/profile.schema.json")]
    Schema,
}

impl Command {
    /// The command's name, for JSON.
    #[must_use]
    pub(in crate::cli) fn name(&self) -> &'static str {
        match self {
            Self::Check(_) => "check",
            Self::Plan(_) => "plan",
            Self::Apply(_) => "apply",
            Self::Roll(_) => "roll",
            Self::Rotate(_) => "rotate",
            Self::Revoke(_) => "revoke",
            Self::Schedule(_) => "schedule",
            Self::Prune(_) => "prune",
            Self::List(_) => "list",
            Self::Audit(_) => "audit",
            Self::Import(_) => "import",
            Self::Recover(_) => "recover",
            Self::Emulator(_) => "emulator",
            Self::Schema => "schema",
        }
    }
}
