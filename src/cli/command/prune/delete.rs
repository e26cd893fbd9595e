//! The end of what was selected: the sinks of all are looked at side by side, then the tokens go one after the other.

use super::render;
use super::select::{Doomed, Selected, surveyor};
use crate::cli::failure::Failure;
use crate::cli::output::outcome::say_end;
use crate::cli::output::rows::RowAction;
use crate::cli::session::context::Context;
use crate::cli::session::interrupt::unless_interrupted;
use crate::cli::session::workspace::Workspace;
use crate::custody::{Custody, CustodyError, Done};
use crate::survey::{DeliveryContext, Job, Survey};
use crate::text::one_line;

/// Deletes what was selected. A signal stops in between, a failure does not.
pub(super) async fn end_all(
    context: &mut Context<'_>,
    workspace: &Workspace,
    mut custody: Custody,
    selected: Selected,
) -> Result<(), Failure> {
    let doomed = selected.doomed.iter();
    let rows: Vec<_> = doomed.map(|doomed| render::row(&selected, doomed, RowAction::Skipped)).collect();
    let Selected { known, profiles, doomed, .. } = selected;
    let surveyor = surveyor(&**context.world, workspace);
    let survey = unless_interrupted(context, surveyor.survey_knowing(profiles, known)).await??;
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
        let outcome = end_one(&custody, &survey, job, one, &gone).await;
        if outcome.is_ok() {
            gone.push(&one.live.id);
        }
        let shown = format!("{} for {}", one_line(&one.live.name), render::owner(&survey.directory, one));
        say_end(context, &one.live.name, &shown, row, outcome);
    }
    stopped.map_or(Ok(()), |interrupt| Err(interrupt.into()))
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
        return custody.revoke(&job.context, &job.views, &[token], survey.live(job), gone).await;
    }
    custody.revoke(&DeliveryContext::without_sinks(doomed.owner.clone()), &[], &[token], &[], gone).await
}
