//! The end of what was picked: the sinks of all are looked at side by side, then the tokens go one after the other.

use super::look::{Doomed, Looked, surveyor};
use super::say;
use crate::cli::context::Context;
use crate::cli::end;
use crate::cli::exit;
use crate::cli::problem;
use crate::cli::session::{Ground, report_survey, unless_interrupted};
use crate::custody::{Custody, CustodyError, Done};
use crate::survey::{DeliveryContext, Survey};
use crate::text::one_line;

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
    let mut stopped = None;
    for (one, row) in doomed.iter().zip(rows) {
        if let Some(interrupt) = context.world.interrupted() {
            stopped = Some(interrupt);
            context.report.row(row);
            continue;
        }
        let job = survey.jobs.iter().find(|job| one.is_of(&job.profile, Some(&job.context.owner)));
        let outcome = end_one(custody, &survey, job, one, &gone).await;
        if outcome.is_ok() {
            gone.push(&one.live.id);
        }
        let shown = format!("{} for {}", one_line(&one.live.name), say::owner(&survey.directory, one));
        end::say(context, &one.live.name, &shown, row, outcome);
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
    job: Option<&crate::survey::Job>,
    doomed: &Doomed,
    gone: &[&str],
) -> Result<Done, CustodyError> {
    let unlisted = || CustodyError::NoSuchToken { id: doomed.live.id.clone() };
    let token = survey.token(&doomed.owner, &doomed.live.id).ok_or_else(unlisted)?;
    if let Some(job) = job {
        return custody.revoke(&job.context, &job.views, &[token], survey.live(job), gone).await;
    }
    custody.revoke(&DeliveryContext::without_sinks(doomed.owner.clone()), &[], &[token], &[], gone).await
}
