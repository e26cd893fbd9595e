//! Profiles read, the API connected, what is there surveyed: what commands about profiles begin with.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::bootstrap::BootstrapScope;
use super::context::Context;
use super::interrupt::unless_interrupted;
use super::load::{Unchosen, in_order, load};
use super::workspace::Workspace;
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::{About, CommandLine};
use crate::cli::failure::exit::Exit;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::options::{ConnectionArgs, ProfileArgs, Reveal};
use crate::cli::output::describe;
use crate::cloudflare::Client;
use crate::custody::Custody;
use crate::plan::Mark;
use crate::profile::{Diagnostic, DiagnosticCode, Owner, Profile, Severity, SinkSpec, Unset};
use crate::sink::{FixGitignore, SinkError};
use crate::survey::{Purpose, Survey, SurveyError};

/// Everything that a command needs before its first step.
pub(in crate::cli) struct Session {
    pub(in crate::cli) client: Client,
    pub(in crate::cli) survey: Survey,
    /// The marks that this state folder announced and has not finished.
    pub(in crate::cli) own: BTreeSet<Mark>,
}

/// Whether a command may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// It only looks, and adds no line to any `.gitignore`.
    Read,
    /// It writes.
    Write(FixGitignore),
}

impl Session {
    /// Reads profiles, connects, and looks; nothing is written.
    pub(in crate::cli) async fn look(
        context: &mut Context<'_>,
        profiles: &ProfileArgs,
        connection: &ConnectionArgs,
        purpose: Purpose,
        unchosen: Unchosen,
    ) -> Result<Self, Failure> {
        let loaded = read(context, profiles, purpose, unchosen)?;
        let workspace = Workspace::open(context, connection).await?;
        let own = workspace.own_marks(context)?;
        let survey = survey(context, &workspace, profiles, loaded, (purpose, Access::Read)).await?;
        Ok(Self { survey, client: workspace.connection.client, own })
    }

    /// The same for a command that writes: it holds the lock from before its first look.
    pub(in crate::cli) async fn begin(
        context: &mut Context<'_>,
        profiles: &ProfileArgs,
        connection: &ConnectionArgs,
        purpose: Purpose,
        fix: FixGitignore,
    ) -> Result<(Self, Custody), Failure> {
        let loaded = read(context, profiles, purpose, Unchosen::Refuse)?;
        let workspace = Workspace::open(context, connection).await?;
        let mut custody = workspace.custody(context).await?;
        let own = custody.own_marks();
        custody.finish_interrupted_writes(&workspace.root, &loaded);
        let survey = survey(context, &workspace, profiles, loaded, (purpose, Access::Write(fix))).await?;
        custody.enter(&survey);
        Ok((Self { survey, client: workspace.connection.client, own }, custody))
    }

    /// The same for a command that gets a token of its own: no sink is looked at, and nothing is locked.
    pub(in crate::cli) async fn for_command(
        context: &mut Context<'_>,
        arguments: &ProfileArgs,
        profiles: Vec<Profile>,
        connection: &ConnectionArgs,
    ) -> Result<(Survey, Custody, Workspace), Failure> {
        let workspace = Workspace::open(context, connection).await?;
        let custody = workspace.custody_for_command(context)?;
        let about = (Purpose::Command, Access::Read);
        let survey = survey(context, &workspace, arguments, profiles, about).await?;
        Ok((survey, custody, workspace))
    }
}

/// Reads the profiles; what is wrong with any of them forbids everything.
pub(in crate::cli) fn read(
    context: &mut Context<'_>,
    arguments: &ProfileArgs,
    purpose: Purpose,
    unchosen: Unchosen,
) -> Result<Vec<Profile>, Failure> {
    context.choice = arguments.choice.clone();
    let mut loaded = load(&**context.world, arguments, unchosen, Unset::Error);
    if context.reveal == Reveal::OnTerminal {
        if context.json {
            let message = "--reveal shows a secret to a person, and --json is for programs";
            return Err(Problem::new(Code::UsageArguments, message, "leave one of the two out").into());
        }
        // The screen is a sink like any other, besides those of the profile.
        loaded.diagnostics.retain(|found| found.code != DiagnosticCode::UndeliveredSecret);
        for profile in &mut loaded.profiles {
            profile.sinks.push(SinkSpec::Terminal { name: profile.name.value.clone() });
        }
    }
    if purpose == Purpose::Make {
        // A new secret that goes nowhere is lost: what `check` warns of is refused here.
        let lost = |found: &&mut Diagnostic| found.code == DiagnosticCode::UndeliveredSecret;
        loaded.diagnostics.iter_mut().filter(lost).for_each(|found| found.severity = Severity::Error);
    }
    if purpose == Purpose::Command {
        // The command gets it.
        loaded.diagnostics.retain(|found| found.code != DiagnosticCode::UndeliveredSecret);
    }
    let profiles = loaded.accept(context)?.profiles;
    if profiles.iter().all(|profile| matches!(profile.owner, Owner::Account(_))) {
        context.scope = BootstrapScope::Account;
    }
    Ok(profiles)
}

/// Looks at tokens, names and sinks.
async fn survey(
    context: &mut Context<'_>,
    workspace: &Workspace,
    arguments: &ProfileArgs,
    profiles: Vec<Profile>,
    (purpose, access): (Purpose, Access),
) -> Result<Survey, Failure> {
    let fix = match access {
        Access::Read => FixGitignore::Refuse,
        Access::Write(fix) => fix,
    };
    let surveyor = workspace.surveyor(&**context.world, purpose, fix);
    let mut survey =
        unless_interrupted(context, surveyor.survey(profiles)).await?.map_err(|error| match error {
            SurveyError::Profiles(mut diagnostics) => {
                in_order(&mut diagnostics, &arguments.profiles);
                diagnostics.into()
            }
            SurveyError::Sinks(errors) if access == Access::Read => {
                Failure::of(errors.iter().map(unguarded).collect(), Exit::Failed)
            }
            error => error.into(),
        })?;
    say_added(context, &survey);
    let mut notes = std::mem::take(&mut survey.notes);
    in_order(&mut notes, &arguments.profiles);
    context.report.diagnostics(notes);
    if let Some(warning) = skew(context.world.now(), workspace.connection.client.server_time()) {
        context.screen.warn(&warning);
    }
    Ok(survey)
}

/// What is wrong with a sink where nothing is written: another command adds the line to `.gitignore`.
pub(in crate::cli) fn unguarded(error: &SinkError) -> Problem {
    let problem = Problem::from(error);
    let SinkError::NotIgnored { line, gitignore, .. } = error else { return problem };
    let apply = CommandLine::new("apply", About::SameProfiles).flag("--fix-gitignore");
    let hints = vec![
        Hint::text(format!("add this line to {}: {line}", gitignore.display())),
        Hint::run("or let `apply` add it when it makes the token", apply),
    ];
    Problem { hints, ..problem }
}

/// Says which lines were added to which `.gitignore`, each once.
fn say_added(context: &mut Context<'_>, survey: &Survey) {
    let added = survey.guarded.iter().filter_map(|file| file.added.as_ref());
    let lines: BTreeSet<String> = added.map(ToString::to_string).collect();
    for line in lines {
        context.done("Ignored", &line);
    }
}

/// A clock that is wrong is worth a word, although the lives of tokens go by the server's.
pub(in crate::cli) fn skew(here: DateTime<Utc>, server: Option<DateTime<Utc>>) -> Option<String> {
    let apart = here.signed_duration_since(server?);
    let direction = if apart > TimeDelta::zero() { "ahead of" } else { "behind" };
    (apart.abs() > TimeDelta::minutes(5)).then(|| {
        format!(
            "this machine's clock is {} {direction} Cloudflare's; tokens end by Cloudflare's clock",
            describe::span(apart.abs())
        )
    })
}
