//! What `plan`, `apply`, `roll` and `revoke` have in common: profiles read, the connection opened, the survey made.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::cli::failure::exit;
use crate::cli::failure::problem::{self, Problem};
use crate::cli::options::{ConnectionArgs, ProfileArgs, SinkArgs};
use crate::cli::output::describe;
use crate::cli::output::report::SinkRow;
use crate::cli::session::connect::{Connection, connect, state_path};
use crate::cli::session::context::{Context, Makes};
use crate::cli::session::load::{Unnamed, in_order, load};
use crate::cloudflare::Client;
use crate::custody::{Custody, CustodyError, Note, Proven, StateFolder};
use crate::plan::{Mark, Plan, Replace};
use crate::profile::{Diagnostic, Owner, Severity, Unset};
use crate::sink::{FixGitignore, Root, SinkError, root, shell_word};
use crate::survey::{Job, Purpose, Survey, SurveyError, Surveyor};
use crate::world::{Interrupt, World};

/// Whether a command may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Intent {
    /// It only looks.
    Read,
    /// It writes, so it holds the lock from before its first look.
    Write,
}

/// What a command wants of its session.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Wish {
    pub(in crate::cli) purpose: Purpose,
    pub(in crate::cli) fix: FixGitignore,
    pub(in crate::cli) intent: Intent,
}

/// Everything a command needs before its first step.
pub(in crate::cli) struct Session {
    pub(in crate::cli) client: Client,
    pub(in crate::cli) survey: Survey,
    /// The right to write; a command that only looks has none.
    pub(in crate::cli) custody: Option<Custody>,
    /// The marks that this state folder announced and has not finished.
    pub(in crate::cli) own: BTreeSet<Mark>,
}

/// Reads, connects, and looks. On failure the problems are in the report, and the exit
/// code is returned.
pub(in crate::cli) async fn open(
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
    if loaded.profiles.iter().all(|profile| matches!(profile.owner, Owner::Account(_))) {
        context.makes = Makes::OfAccount;
    }
    let Ground { root, connection, mut custody, state_folder, own } =
        ground(context, connection, wish.intent).await?;
    if let Some(custody) = &custody {
        custody.finish_interrupted_writes(&root, &loaded.profiles);
    }
    let surveyor = Surveyor {
        world: &**context.world,
        client: &connection.client,
        root: &root,
        state_folder: &state_folder,
        trial: connection.trial,
        fix: wish.fix,
        purpose: wish.purpose,
    };
    let mut survey = match unless_interrupted(context, surveyor.survey(loaded.profiles)).await? {
        Ok(survey) => survey,
        Err(SurveyError::Profiles(mut diagnostics)) => {
            in_order(&mut diagnostics, &profiles.profiles);
            context.report.diagnostics(diagnostics);
            return Err(exit::INVALID);
        }
        Err(SurveyError::Sinks(errors)) => {
            for error in &errors {
                context.report.problem(sink_problem(error, context, profiles, wish.intent));
            }
            return Err(exit::FAILED);
        }
        Err(error) => return Err(report_survey(context, error)),
    };
    say_added(context, &survey);
    let mut notes = std::mem::take(&mut survey.notes);
    in_order(&mut notes, &profiles.profiles);
    context.report.diagnostics(notes);
    if let Some(warning) = skew(context.world.now(), connection.client.server_time()) {
        context.screen.warn(&warning);
    }
    if let Some(custody) = &mut custody {
        custody.enter(&survey);
    }
    Ok(Session { client: connection.client, survey, custody, own })
}

/// What is wrong with a sink. A command that only looks adds no line to `.gitignore`: another one does.
fn sink_problem(error: &SinkError, context: &Context<'_>, profiles: &ProfileArgs, intent: Intent) -> Problem {
    let problem = Problem::from(error);
    let SinkError::NotIgnored { line, gitignore, .. } = error else { return problem };
    if intent == Intent::Write {
        return problem;
    }
    let (file, again, flags) = (gitignore.display(), profiles.again(), &context.flags);
    let hint = format!(
        "add this line to {file}: {line}\n\
         or let `apply` add it when it makes the token: cfmint apply {again} --fix-gitignore{flags}"
    );
    Problem { hint, ..problem }
}

/// Proves that the sinks of these jobs can be written, all of them before the first step.
pub(in crate::cli) fn prove<'a>(
    context: &mut Context<'_>,
    custody: &Custody,
    planned: Vec<(&'a Job, Plan)>,
) -> Result<Vec<Proven<'a>>, u8> {
    custody.prove(planned).map_err(|errors| {
        for error in &errors {
            context.report.problem(error);
        }
        exit::FAILED
    })
}

/// Looks, until a signal asks to stop: nothing is in custody yet, so there is nothing to wait for.
pub(in crate::cli) async fn unless_interrupted<T>(
    context: &mut Context<'_>,
    look: impl Future<Output = T>,
) -> Result<T, u8> {
    tokio::select! {
        found = look => Ok(found),
        interrupt = interruption(&**context.world) => {
            context.report.problem(problem::custody(&CustodyError::Interrupted(interrupt), ""));
            Err(interrupt.exit_code())
        }
    }
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
fn skew(here: DateTime<Utc>, server: Option<DateTime<Utc>>) -> Option<String> {
    let apart = here.signed_duration_since(server?);
    let direction = if apart > TimeDelta::zero() { "ahead of" } else { "behind" };
    (apart.abs() > TimeDelta::minutes(5)).then(|| {
        format!(
            "this machine's clock is {} {direction} Cloudflare's, which counts for the lives of tokens",
            describe::span(apart.abs())
        )
    })
}

/// What every command that talks to Cloudflare stands on.
pub(in crate::cli) struct Ground {
    pub(in crate::cli) root: Root,
    pub(in crate::cli) connection: Connection,
    pub(in crate::cli) custody: Option<Custody>,
    pub(in crate::cli) state_folder: PathBuf,
    /// The marks that this state folder announced and has not finished.
    pub(in crate::cli) own: BTreeSet<Mark>,
}

/// Finds the root, takes the lock where there will be writes, and connects.
pub(in crate::cli) async fn ground(
    context: &mut Context<'_>,
    connection: &ConnectionArgs,
    intent: Intent,
) -> Result<Ground, u8> {
    context.flags = connection.flags();
    match stand(context, connection, intent).await {
        Ok(ground) => {
            for note in &ground.connection.notes {
                context.screen.warn(note);
            }
            Ok(ground)
        }
        Err(problem) => {
            let code = problem.exit_code();
            context.report.problem(problem);
            Err(code)
        }
    }
}

async fn stand(
    context: &mut Context<'_>,
    arguments: &ConnectionArgs,
    intent: Intent,
) -> Result<Ground, Problem> {
    let world = context.world;
    let root = root(&**world).map_err(|error| {
        Problem::new(
            "sink.folder",
            format!("the folder cannot be looked at: {error}"),
            "change into a folder that exists",
        )
    })?;
    let path = state_path(&**world, &root, arguments);
    let connection = connect(world, context.transport_factory, &root, arguments, context.makes).await?;
    let custody = match intent {
        Intent::Read => {
            StateFolder::look(&**world, &path).map_err(|error| Problem::from(&error))?;
            None
        }
        Intent::Write => Some(custody(world, &path, &connection).await?),
    };
    let own = match &custody {
        Some(custody) => custody.own_marks(),
        // What a run under way announced counts as dead here: nothing is done about it.
        None => Note::read(&**world, &path).map_err(|error| Problem::from(&error))?.marks(),
    };
    if Note::has_journal_of_earlier_version(&**world, &path) {
        let journal = shell_word(&path.join("journal"));
        context.screen.note(&format!(
            "an earlier version of cfmint left a journal, which is not needed: what it was about is in Cloudflare's \
             list of tokens; to be rid of this note: rm {journal}"
        ));
    }
    Ok(Ground { root, connection, custody, state_folder: path, own })
}

/// Takes the lock, and with it the right to write.
async fn custody(world: &Arc<dyn World>, path: &Path, connection: &Connection) -> Result<Custody, Problem> {
    let state = StateFolder::open(&**world, path).map_err(|error| Problem::from(&error))?;
    let lock = state.lock(&**world).await.map_err(|error| Problem::from(&error))?;
    let custody = Custody::open(Arc::clone(world), connection.client.clone(), connection.trial, &state, lock);
    custody.map_err(|error| Problem::from(&error))
}

/// Lets a command that only looked write from now on.
pub(in crate::cli) async fn begin_to_write(
    context: &mut Context<'_>,
    arguments: &ConnectionArgs,
    ground: &mut Ground,
) -> Result<(), u8> {
    let path = state_path(&**context.world, &ground.root, arguments);
    match custody(context.world, &path, &ground.connection).await {
        Ok(custody) => {
            ground.own = custody.own_marks();
            ground.custody = Some(custody);
            Ok(())
        }
        Err(problem) => {
            let code = problem.exit_code();
            context.report.problem(problem);
            Err(code)
        }
    }
}

/// Waits for a signal that asks to stop.
pub(in crate::cli) async fn interruption(world: &dyn World) -> Interrupt {
    loop {
        if let Some(interrupt) = world.interrupted() {
            return interrupt;
        }
        tokio::time::sleep(INTERRUPT_POLL).await;
    }
}

/// How often a signal is looked for while nothing is in custody.
const INTERRUPT_POLL: Duration = Duration::from_millis(50);

pub(in crate::cli) fn report_survey(context: &mut Context<'_>, error: SurveyError) -> u8 {
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

/// Whether others' live tokens may be overwritten.
pub(in crate::cli) fn replace(arguments: &SinkArgs) -> Replace {
    if arguments.replace { Replace::Foreign } else { Replace::Never }
}

/// Whether lines may be added to `.gitignore`.
pub(in crate::cli) fn fix(arguments: &SinkArgs) -> FixGitignore {
    if arguments.fix_gitignore { FixGitignore::Add } else { FixGitignore::Refuse }
}

/// The sinks of a job, for JSON.
pub(in crate::cli) fn sink_rows(job: &Job) -> Vec<SinkRow> {
    job.context.sinks.iter().map(|seen| SinkRow::from(seen.sink.record())).collect()
}

/// The profile's arguments for a command about it: its path and environment.
pub(in crate::cli) fn arguments_of(job: &Job) -> String {
    describe::arguments(&job.profile.source.path, job.profile.environment.as_deref())
}
