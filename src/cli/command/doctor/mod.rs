//! `cfmint doctor`: what is wrong with a token and with cfmint itself, in the order of causes, and what to do about it.
//!
//! Reads only. The secret is shown to Cloudflare where it has the form of a token, and to nobody else.

mod health;
mod look;
mod neighbours;
mod of_file;
mod of_profile;
mod place;
mod rights;
mod rule;
mod seen;
mod subject;
mod token;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use self::look::Look;
use self::subject::{Found, Subject};
use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::{About, CommandLine, ProfileArguments};
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::options::{ChoiceArgs, ConnectionArgs, ProfileArgs};
use crate::cli::output::checks::{self, Check};
use crate::cli::session::bootstrap::BootstrapScope;
use crate::cli::session::connect::{ConnectAs, state_path};
use crate::cli::session::context::Context;
use crate::cli::session::interrupt::unless_interrupted;
use crate::cli::session::load::{Unchosen, load};
use crate::cli::session::workspace::{Workspace, find_root};
use crate::doctor::{CheckCode, CheckStatus};
use crate::profile::{Owner, Profile, Unset};
use crate::sink::Root;

/// Find out what is wrong with a token, and what to do
#[derive(Debug, Args)]
#[command(
    after_help = "Looks at the secret of a profile, of --env-file, of standard input, or of the variable \
    CLOUDFLARE_API_TOKEN, and at cfmint's own health. Asks Cloudflare and changes nothing. With a bootstrap, it compares \
    the token's real policies with the profile; without one, it tries harmless reads, which never prove edit.\n\
    Exits with 3 when something is missing or wrong.\n\n\
    Examples:\n  cfmint doctor shop.yaml -e production\n  cfmint doctor --env-file .env\n  \
    cfmint doctor shop.yaml -e dev --env-file apps/api/.env --variable CF_TOKEN\n  \
    op read op://vault/item | cfmint doctor --token-stdin"
)]
pub(in crate::cli) struct DoctorArgs {
    /// The profile that says what the token should do
    #[arg(value_name = "PROFILE")]
    profiles: Option<PathBuf>,
    /// The env file that holds the secret [default: that of the profile]
    #[arg(long, value_name = "FILE", conflicts_with = "token_stdin")]
    env_file: Option<PathBuf>,
    /// The variable that holds it [default: `CLOUDFLARE_API_TOKEN`]
    #[arg(long, value_name = "NAME", conflicts_with = "token_stdin")]
    variable: Option<String>,
    /// Read the secret from standard input
    #[arg(long)]
    token_stdin: bool,
    /// How the profile is resolved.
    #[command(flatten)]
    choice: ChoiceArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// The connection of a run, where there is one.
struct Opened {
    workspace: Workspace,
    /// Whether it is made with a bootstrap, and not with the token itself.
    has_bootstrap: bool,
}

impl RunCommand for DoctorArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let profile = self.profile(context)?;
        let root = find_root(&**context.world)?;
        let Found { subject, mut checks } = self.find(context, &root, profile.as_ref())?;
        if let Some(secret) = &subject.secret {
            context.world.hide(secret.expose());
        }
        let kind = token::form(&subject, profile.is_some(), &mut checks);
        let opened = self.open(context, &subject, kind.is_some(), &mut checks).await?;
        let has_bootstrap = opened.as_ref().is_some_and(|opened| opened.has_bootstrap);
        checks.extend(not_there(&subject, profile.as_ref(), has_bootstrap));
        if !subject.is_there() && !has_bootstrap {
            fail_without_anything(&mut checks);
        }
        if let Some(opened) = &opened {
            let own = opened.workspace.own_marks(context).unwrap_or_else(|failure| {
                let found = failure.problems.into_iter();
                checks.extend(found.map(|problem| Check::of_problem(CheckCode::Pending, problem)));
                BTreeSet::new()
            });
            let now = context.world.now();
            let look = Look { subject: &subject, profile: profile.as_ref(), opened, own, now };
            let found = unless_interrupted(context, Box::pin(look.all(kind))).await?;
            checks.extend(found);
            checks.extend(health::connection(&**context.world, &opened.workspace.connection));
        }
        if !context.json {
            let title = title(&subject, profile.as_ref());
            let conclusion = conclusion(&checks, context);
            let text =
                checks::text(&title, &checks, &conclusion, &context.invocation, context.screen.width());
            context.screen.result(&text);
        }
        let is_bad = checks.iter().any(|check| check.status.is_bad());
        let rows = checks.iter().map(|check| check.row(&context.invocation)).collect();
        context.report.checks(rows);
        Ok(if is_bad { Outcome::Findings } else { Outcome::Reported })
    }
}

impl DoctorArgs {
    /// The profile, in one environment.
    fn profile(&self, context: &mut Context<'_>) -> Result<Option<Profile>, Failure> {
        let Some(path) = &self.profiles else { return Ok(None) };
        context.choice = self.choice.clone();
        let arguments = ProfileArgs { profiles: vec![path.clone()], choice: self.choice.clone() };
        let loaded = load(&**context.world, &arguments, Unchosen::RefuseOne, Unset::Error).accept(context)?;
        let mut profiles = loaded.profiles.into_iter();
        let first = profiles.next();
        if profiles.next().is_some() {
            let hint = "name one profile and one environment: cfmint doctor PROFILE -e ENV";
            return Err(Problem::new(Code::UsageDoctor, "doctor looks at one token at a time", hint).into());
        }
        if first.as_ref().is_some_and(|profile| matches!(profile.owner, Owner::Account(_))) {
            context.scope = BootstrapScope::Account;
        }
        Ok(first)
    }

    /// The secret, from where the arguments say.
    fn find(&self, context: &Context<'_>, root: &Root, profile: Option<&Profile>) -> Result<Found, Failure> {
        let world = &**context.world;
        let variable = self.variable.as_deref().unwrap_or(subject::TOKEN);
        if self.token_stdin {
            if self.connection.bootstrap_file.as_ref().is_some_and(|path| path.as_os_str() == "-") {
                let message = "the token and the bootstrap cannot both be on standard input";
                let hint = "give the bootstrap as CLOUDFLARE_BOOTSTRAP_TOKEN, or in a file";
                return Err(Problem::new(Code::UsageDoctor, message, hint).into());
            }
            return subject::of_stdin(world);
        }
        let state = state_path(world, root, self.connection.state_dir.as_deref());
        match (&self.env_file, profile) {
            (Some(file), _) => {
                let mut found = of_file::of_file(context, root, file, variable)?;
                found.subject.sink = profile.and_then(|profile| {
                    of_profile::sink_of(world, root, &state, profile, (file.as_path(), variable))
                });
                Ok(found)
            }
            (None, Some(profile)) => {
                match self
                    .variable
                    .as_ref()
                    .and_then(|_| of_profile::first_file(world, root, &state, profile))
                {
                    Some(file) => of_file::of_file(context, root, &file, variable),
                    None => Ok(of_profile::of_profile(world, root, &state, profile)),
                }
            }
            (None, None) => Ok(subject::of_variable(world, self.variable.as_deref())),
        }
    }

    /// Connects: with the bootstrap, else with the token itself; with neither, nobody is asked anything.
    async fn open(
        &self,
        context: &mut Context<'_>,
        subject: &Subject,
        is_token: bool,
        checks: &mut Vec<Check>,
    ) -> Result<Option<Opened>, Failure> {
        match Workspace::open(context, &self.connection).await {
            Ok(workspace) => return Ok(Some(Opened { workspace, has_bootstrap: true })),
            Err(failure) if failure.is_about_the_bootstrap() => checks.extend(health::no_bootstrap(failure)),
            Err(failure) => return Err(failure),
        }
        let Some(secret) = subject.secret.clone().filter(|_| is_token) else { return Ok(None) };
        let workspace = Workspace::open_as(context, &self.connection, ConnectAs::Token(secret)).await?;
        Ok(Some(Opened { workspace, has_bootstrap: false }))
    }
}

/// A secret that is not where the profile has it.
fn not_there(subject: &Subject, profile: Option<&Profile>, has_bootstrap: bool) -> Option<Check> {
    let is_missing = !subject.is_there() && !subject.shown.is_empty();
    profile.filter(|_| is_missing)?;
    // The list of tokens says more about it, where it can be read.
    let make = CommandLine::new("apply", About::SameProfiles);
    let hints: Vec<Hint> = if has_bootstrap { Vec::new() } else { vec![Hint::run("make the token", make)] };
    Some(Check::failed(CheckCode::Place, format!("there is no {}", subject.shown), hints))
}

/// A run without a token that has no bootstrap to examine either looked at nothing: all is not well.
fn fail_without_anything(checks: &mut [Check]) {
    for check in checks.iter_mut().filter(|check| check.code == CheckCode::Place) {
        check.status = CheckStatus::Failed;
    }
}

/// What is looked at, in a line.
fn title(subject: &Subject, profile: Option<&Profile>) -> String {
    let of_profile = profile.map(|profile| ProfileArguments::of(profile).words());
    match (subject.shown.as_str(), of_profile) {
        ("", Some(profile)) => profile,
        (shown, Some(profile)) => format!("{shown}, for {profile}"),
        (shown, None) => shown.to_owned(),
    }
}

/// How it ended, with the command that makes the token what the profile says, where that is all it takes.
fn conclusion(checks: &[Check], context: &Context<'_>) -> Vec<String> {
    let is = |code, status| checks.iter().any(|check| check.code == code && check.status == status);
    let differs = is(CheckCode::Policy, CheckStatus::Missing) || is(CheckCode::Policy, CheckStatus::Unneeded);
    let mut lines = vec![checks::conclusion(checks)];
    if differs && is(CheckCode::Generation, CheckStatus::Ok) {
        let apply = context.invocation.line(&CommandLine::new("apply", About::SameProfiles));
        lines.push(format!("To give the token what the profile says: {apply}"));
    } else if is(CheckCode::Policy, CheckStatus::Missing) || is(CheckCode::Read, CheckStatus::Missing) {
        lines.push(
            "To grant what is missing, edit the token in the dashboard: its secret stays the same."
                .to_owned(),
        );
    }
    lines
}
