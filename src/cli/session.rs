//! What `plan`, `apply`, `roll` and `revoke` have in common: profiles read, the road laid, the survey made.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::args::{ConnectionArgs, ProfileArgs, SinkArgs};
use super::connection::{Connection, connect, state_path};
use super::load::{Unnamed, in_order, load};
use super::problem::{self, Problem};
use super::report::{Report, SinkRow, exit};
use super::run::Context;
use crate::custody::{
    Custody, CustodyError, Job, Located, Lock, Purpose, StateError, StateFolder, Survey, SurveyError,
    Surveyor,
};
use crate::plan::Replace;
use crate::profile::{Diagnostic, Severity, Unset};
use crate::sink::{FixGitignore, root};
use crate::world::{Interrupt, World};

/// Whether a command may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// It only looks.
    Read,
    /// It writes, so it holds the lock from before its first look.
    Write,
}

/// What a command wants of its session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub(super) purpose: Purpose,
    pub(super) fix: FixGitignore,
    pub(super) intent: Intent,
}

/// Everything a command needs before its first step.
pub(super) struct Session {
    connection: Connection,
    held: Option<(StateFolder, Lock)>,
    pub(super) survey: Survey,
}

/// Reads, connects and looks. On failure the problems are in the report, and the exit code is returned.
pub(super) async fn open(
    context: &mut Context<'_>,
    profiles: &ProfileArgs,
    connection: &ConnectionArgs,
    wish: Wish,
) -> Result<Session, u8> {
    let mut loaded = load(&**context.world, profiles, Unnamed::Refuse, Unset::Error);
    if wish.purpose == Purpose::Make {
        // A new secret that goes nowhere is lost: what `check` warns of is refused here.
        let lost = |found: &&mut Diagnostic| found.code == "profile.undelivered-secret";
        loaded.diagnostics.iter_mut().filter(lost).for_each(|found| found.severity = Severity::Error);
    }
    let invalid = loaded.has_errors();
    context.report.diagnostics(loaded.diagnostics);
    for problem in loaded.problems {
        context.report.problem(problem);
    }
    if invalid {
        return Err(exit::INVALID);
    }
    let root = root(&**context.world).map_err(|error| {
        let message = format!("the folder cannot be looked at: {error}");
        context.report.problem(Problem::new("sink.folder", message, "change into a folder that exists"));
        exit::FAILED
    })?;
    let state = state_path(&**context.world, &root, connection);
    let held = match wish.intent {
        Intent::Read => None,
        Intent::Write => match lock(context, &state).await {
            Ok(held) => Some(held),
            Err(error) => {
                context.report.problem(&error);
                return Err(exit::FAILED);
            }
        },
    };
    let connection = match connect(context.world, &root, connection).await {
        Ok(connection) => connection,
        Err(problem) => {
            let code = problem.exit_code();
            context.report.problem(problem);
            return Err(code);
        }
    };
    for note in &connection.notes {
        context.screen.warn(note);
    }
    let surveyor = Surveyor {
        world: &**context.world,
        client: &connection.client,
        root: &root,
        trial: connection.trial,
        fix: wish.fix,
        purpose: wish.purpose,
    };
    let survey = tokio::select! {
        survey = surveyor.survey(loaded.profiles) => survey,
        // Nothing is in custody yet, so there is nothing to wait for.
        interrupt = interruption(&**context.world) => {
            context.report.problem(problem::custody(&CustodyError::Interrupted(interrupt), ""));
            return Err(interrupt.exit_code());
        }
    };
    match survey {
        Ok(mut survey) => {
            let added: BTreeSet<String> = survey
                .guarded
                .iter()
                .filter_map(|file| file.added.as_ref())
                .map(ToString::to_string)
                .collect();
            for line in added {
                context.done("Ignored", &line);
            }
            let mut notes = std::mem::take(&mut survey.notes);
            in_order(&mut notes, &profiles.profiles);
            context.report.diagnostics(notes);
            Ok(Session { connection, held, survey })
        }
        Err(SurveyError::Profiles(mut diagnostics)) => {
            in_order(&mut diagnostics, &profiles.profiles);
            context.report.diagnostics(diagnostics);
            Err(exit::INVALID)
        }
        Err(error) => Err(report_survey(context, error)),
    }
}

async fn lock(context: &Context<'_>, path: &Path) -> Result<(StateFolder, Lock), StateError> {
    let state = StateFolder::open(&**context.world, path)?;
    let lock = state.lock(&**context.world).await?;
    Ok((state, lock))
}

/// Waits for a signal that asks to stop.
pub(super) async fn interruption(world: &dyn World) -> Interrupt {
    loop {
        if let Some(interrupt) = world.interrupted() {
            return interrupt;
        }
        tokio::time::sleep(INTERRUPT_POLL).await;
    }
}

/// How often a signal is looked for while nothing is in custody.
const INTERRUPT_POLL: Duration = Duration::from_millis(50);

fn report_survey(context: &mut Context<'_>, error: SurveyError) -> u8 {
    match error {
        SurveyError::Sinks(errors) => {
            for error in &errors {
                context.report.problem(error);
            }
            exit::FAILED
        }
        SurveyError::Api(error) => {
            context.report.problem(&error);
            exit::FAILED
        }
        SurveyError::Profiles(diagnostics) => {
            context.report.diagnostics(diagnostics);
            exit::INVALID
        }
        SurveyError::AccountBootstrap => {
            context.report.problem(Problem::new(
                "bootstrap.account-owned",
                "the bootstrap belongs to an account (cfat_…) and cannot make a user's tokens",
                "write `owner: { account: NAME }` in the profile, or use a user's bootstrap (cfut_…)",
            ));
            exit::FAILED
        }
    }
}

impl Session {
    /// Proves the sinks; from here on there are writes. `None` for a command that only looks, and where the
    /// sinks' problems are in the report.
    pub(super) fn custody<'a>(
        &'a mut self,
        world: &'a dyn World,
        report: &mut Report,
    ) -> Option<(Custody<'a>, &'a Survey)> {
        let (state, lock) = self.held.take()?;
        match Custody::open(world, &self.connection.client, &state, lock, &self.survey) {
            Ok(custody) => Some((custody, &self.survey)),
            Err(errors) => {
                for error in &errors {
                    report.problem(error);
                }
                None
            }
        }
    }
}

/// Whether others' live tokens may be overwritten.
pub(super) fn replace(arguments: &SinkArgs) -> Replace {
    if arguments.replace { Replace::Foreign } else { Replace::Never }
}

/// Whether lines may be added to `.gitignore`.
pub(super) fn fix(arguments: &SinkArgs) -> FixGitignore {
    if arguments.fix_gitignore { FixGitignore::Add } else { FixGitignore::Refuse }
}

/// The sinks of a job, for JSON.
pub(super) fn sink_rows(job: &Job) -> Vec<SinkRow> {
    let rows = job.located.iter().map(|sink| SinkRow {
        kind: match sink {
            Located::EnvFile { .. } => "env_file",
            Located::Command { .. } => "command",
        },
        path: sink.shown(),
        variables: sink.variables().into_iter().map(str::to_owned).collect(),
    });
    rows.collect()
}

/// The profile's arguments for a command that mends something: its path and environment.
pub(super) fn arguments_of(job: &Job) -> String {
    let environment = job.profile.environment.as_ref().map(|name| format!(" -e {name}")).unwrap_or_default();
    format!("{}{environment}", job.profile.source.path)
}
