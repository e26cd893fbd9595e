//! The end of the tokens of profiles.

use crate::cli::command::revoke::agreed;
use crate::cli::failure::exit;
use crate::cli::failure::problem;
use crate::cli::options::{ProfileArgs, RevokeArgs};
use crate::cli::session::context::Context;
use crate::cli::session::jobs::say;
use crate::cli::session::{self, Intent, Session};
use crate::cloudflare::wire::Token;
use crate::custody::CustodyError;
use crate::plan::{MarkedName, Note, Plan, Protected, SinkView, Step, Whose};
use crate::sink::FixGitignore;
use crate::survey::{Job, Purpose, Survey};

pub(in crate::cli) async fn run(context: &mut Context<'_>, arguments: &RevokeArgs) -> Result<(), u8> {
    let profiles = ProfileArgs { profiles: arguments.profiles.clone(), choice: arguments.choice.clone() };
    let wish = session::Wish { purpose: Purpose::End, fix: FixGitignore::Refuse, intent: Intent::Write };
    let session = session::open(context, &profiles, &arguments.connection, wish).await?;
    let Session { survey, custody: Some(custody), .. } = &session else { return Err(exit::FAILED) };
    if let Some(owned) = survey.owners.values().find(|owned| !owned.is_whole) {
        let error = CustodyError::ListCutOff { read: owned.tokens.len() };
        context.report.problem(problem::custody(&error, ""));
        return Err(exit::FAILED);
    }
    let doomed: Vec<&Token> = survey.jobs.iter().flat_map(|job| survey.generations(job)).collect();
    // A bootstrap that cfmint made itself has a profile's name; it must not end the run it is doing.
    let mut own = survey.owners.values().filter_map(|owned| owned.own.as_ref());
    if let Some(id) = own.find(|id| doomed.iter().any(|token| token.id == **id)) {
        context.report.problem(problem::custody(&CustodyError::Bootstrap { id: id.clone() }, ""));
        return Err(exit::FAILED);
    }
    agreed(context, arguments, &doomed).await?;
    for job in &survey.jobs {
        let generations = survey.generations(job);
        let mut notes = if generations.is_empty() { others(survey, job) } else { Vec::new() };
        notes.extend(job.views.iter().filter_map(left));
        let plan = Plan { step: Step::Nothing, notes };
        let outcome = match context.world.interrupted() {
            Some(interrupt) => Err(CustodyError::Interrupted(interrupt)),
            None => match unmarked(survey, job) {
                Some(unmarked) if generations.is_empty() => Err(unmarked),
                _ => custody.revoke(&job.context, &job.views, &generations, survey.live(job), &[]).await,
            },
        };
        say(context, survey, job, &plan, outcome.map_err(CustodyError::into));
    }
    Ok(())
}

/// The live tokens that the profile's sinks hold under another name: the profile had it once, or it is another's.
fn others(survey: &Survey, job: &Job) -> Vec<Note> {
    let note = |view: &SinkView| {
        let Whose::Token(id) = &view.whose else { return None };
        let token = survey.token(&job.context.owner, id)?;
        MarkedName::parse(&token.name)?;
        let (sink, name) = (view.shown.clone(), token.name.clone());
        Some(Note::HoldsAnother { sink, id: id.clone(), name })
    };
    job.views.iter().filter_map(note).collect()
}

/// S3 credentials name a token that is not listed: another's, or this profile's, deleted before they could be cleared.
fn left(view: &SinkView) -> Option<Note> {
    let cannot_tell = matches!(view.whose, Whose::Protected(Protected::S3Pair | Protected::Real));
    cannot_tell.then(|| Note::Left { sink: view.shown.clone() })
}

/// A live token without a mark that a sink holds: the profile's own perhaps, renamed by hand, or one that it never took
/// over. The bootstrap is nobody's to end.
fn unmarked(survey: &Survey, job: &Job) -> Option<CustodyError> {
    let owner = &job.context.owner;
    let own = survey.owners.get(owner).and_then(|owned| owned.own.as_ref());
    job.views.iter().find_map(|view| {
        let Whose::Token(id) = &view.whose else { return None };
        let token = survey.token(owner, id)?;
        let is_unmarked = MarkedName::parse(&token.name).is_none() && own != Some(id);
        is_unmarked.then(|| CustodyError::Unmarked {
            sink: view.shown.clone(),
            owner: owner.clone(),
            id: id.clone(),
            name: token.name.clone(),
        })
    })
}
