//! The end of what was picked: the sinks of all are looked at side by side, then the tokens go one after the other.

use std::collections::BTreeSet;

use super::look::{Doomed, Looked, surveyor};
use super::say;
use crate::cli::context::Context;
use crate::cli::end;
use crate::cli::exit;
use crate::cli::problem;
use crate::cli::session::{self, Ground, report_survey, unless_interrupted};
use crate::cli::words;
use crate::custody::{Custody, CustodyError, Done, Job, Subject, Survey};

/// Deletes what was picked. A signal stops in between, a failure does not.
pub(super) async fn end_all(
    context: &mut Context<'_>,
    ground: &mut Ground,
    looked: Looked,
) -> Result<(), u8> {
    let world = context.world;
    let rows: Vec<_> = looked.doomed.iter().map(|doomed| say::row(&looked, doomed, "skipped")).collect();
    let Looked { known, profiles, doomed, .. } = looked;
    let surveyor = surveyor(&**world, ground);
    let survey = match unless_interrupted(context, surveyor.survey_knowing(profiles, known)).await? {
        Ok(survey) => survey,
        Err(error) => return Err(report_survey(context, error)),
    };
    let Some(custody) = &mut ground.custody else { return Err(exit::FAILED) };
    custody.enter(&survey);
    let mut gone: Vec<&str> = Vec::new();
    let mut left: BTreeSet<String> = BTreeSet::new();
    let mut stopped = None;
    for (one, mut row) in doomed.iter().zip(rows) {
        if let Some(interrupt) = context.world.interrupted() {
            stopped = Some(interrupt);
            context.report.row(row);
            continue;
        }
        let job = survey.jobs.iter().find(|job| one.is_of(&job.profile, Some(&job.subject.owner)));
        let outcome = end_one(custody, &survey, job, one, &gone).await;
        if outcome.is_ok() {
            gone.push(&one.live.id);
            let left_of = |job: &Job| {
                let again = session::arguments_of(job);
                job.left().iter().map(|note| words::note(note, &again)).collect::<Vec<_>>()
            };
            let notes: Vec<String> = job.into_iter().flat_map(left_of).collect();
            row.notes.extend(notes.iter().cloned());
            left.extend(notes);
        }
        let shown = format!("{} for {}", one.live.name, say::owner(&survey.directory, one));
        end::say(context, &one.live.name, &shown, row, outcome);
    }
    for note in &left {
        context.screen.note(note);
    }
    if let Some(interrupt) = stopped {
        context.report.problem(problem::custody(&CustodyError::Interrupted(interrupt), ""));
    }
    Ok(())
}

/// Deletes a token and clears the sinks that hold nothing but its secret and those of tokens that are gone.
async fn end_one(
    custody: &Custody,
    survey: &Survey,
    job: Option<&Job>,
    doomed: &Doomed,
    gone: &[&str],
) -> Result<Done, CustodyError> {
    let unlisted = || CustodyError::NoSuchToken { id: doomed.live.id.clone() };
    let token = survey.token(&doomed.owner, &doomed.live.id).ok_or_else(unlisted)?;
    if let Some(job) = job {
        let ids = [gone, &[&*doomed.live.id]].concat();
        return custody.revoke(&job.subject, &[token], &job.holders(&ids)).await;
    }
    let user = survey.directory.user.clone();
    let subject = Subject { user, ..Subject::without_sinks(doomed.owner.clone()) };
    custody.revoke(&subject, &[token], &[]).await
}
