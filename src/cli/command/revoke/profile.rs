//! The end of the tokens of profiles, side by side.

use std::sync::Arc;

use super::{RevokeArgs, may_delete};
use crate::cli::failure::Failure;
use crate::cli::options::ProfileArgs;
use crate::cli::output::outcome::{job_row, say, would_end};
use crate::cli::output::rows::{Row, RowAction, TokenRow};
use crate::cli::session::context::Context;
use crate::cli::session::load::Unchosen;
use crate::cli::session::open::Session;
use crate::cli::session::side_by_side::SideBySide;
use crate::cloudflare::wire::Token;
use crate::custody::CustodyError;
use crate::plan::{MarkedName, Note, Plan, Protected, SinkView, Step, Whose};
use crate::sink::FixGitignore;
use crate::survey::{Job, Purpose, Survey, live};
use crate::text::one_line;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RevokeArgs) -> Result<(), Failure> {
    let profiles = ProfileArgs { profiles: arguments.profiles.clone(), choice: arguments.choice.clone() };
    let connection = &arguments.connection;
    if arguments.dry_run {
        let session = Session::look(context, &profiles, connection, Purpose::End, Unchosen::Refuse).await?;
        doomed(&session.survey)?;
        show(context, &session.survey);
        return Ok(());
    }
    let (session, custody) =
        Session::begin(context, &profiles, connection, Purpose::End, FixGitignore::Refuse).await?;
    may_delete(context, arguments, &doomed(&session.survey)?).await?;
    let (custody, survey) = (Arc::new(custody), Arc::new(session.survey));
    let jobs = survey.jobs.iter().map(|job| {
        let (world, custody) = (Arc::clone(context.world), Arc::clone(&custody));
        let (survey, job) = (Arc::clone(&survey), Arc::clone(job));
        async move {
            if let Some(interrupt) = world.interrupted() {
                return Err(CustodyError::Interrupted(interrupt));
            }
            let made = survey.made_for(&job);
            match unmarked(&survey, &job) {
                Some(unmarked) if made.is_empty() => Err(unmarked),
                _ => custody.revoke(&job.context, &job.views, &made, survey.live(&job), &[]).await,
            }
        }
    });
    let mut side_by_side = SideBySide::begin(context.screen, jobs);
    for job in &survey.jobs {
        let Some(outcome) = side_by_side.next(context.screen).await else { break };
        let mut notes = if survey.made_for(job).is_empty() { others(&survey, job) } else { Vec::new() };
        notes.extend(job.views.iter().filter_map(left));
        let plan = Plan { step: Step::Nothing, notes };
        say(context, &survey, job, &plan, outcome.map_err(CustodyError::into));
    }
    context.summarize();
    Ok(())
}

/// Every token that goes, if it is known which ones they are.
fn doomed(survey: &Survey) -> Result<Vec<&Token>, CustodyError> {
    if let Some(owned) = survey.owners.values().find(|owned| !owned.is_whole) {
        return Err(CustodyError::ListCutOff { read: owned.tokens.len() });
    }
    let doomed: Vec<&Token> = survey.jobs.iter().flat_map(|job| survey.made_for(job)).collect();
    // A bootstrap that cfmint made itself has a profile's name; it must not end the run it is doing.
    let mut own = survey.owners.values().filter_map(|owned| owned.own.as_ref());
    match own.find(|id| doomed.iter().any(|token| token.id == **id)) {
        Some(id) => Err(CustodyError::Bootstrap { id: id.clone() }),
        None => Ok(doomed),
    }
}

/// Shows what would go.
fn show(context: &mut Context<'_>, survey: &Survey) {
    for job in &survey.jobs {
        let made = survey.made_for(job);
        if made.is_empty() {
            let text = format!("{}: no live token has this name", job.wanted.name);
            context.done("Absent", &text);
            context.report.row(job_row(job, RowAction::Absent));
        }
        for token in made {
            let row = Row {
                token: Some(TokenRow::new(&job.context.owner, &live(token))),
                ..job_row(job, RowAction::Revoke)
            };
            would_end(context, row, &format!("{} ({})", one_line(&token.name), token.id));
            let is_its = |view: &&SinkView| view.whose == Whose::Token(token.id.clone());
            for view in job.views.iter().filter(is_its) {
                context.done("Remove", &view.shown);
            }
        }
    }
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
