//! The end of what was selected: the sinks of all are looked at side by side, then the tokens go side by side, but for
//! those of one job.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::render;
use super::select::{Doomed, Selected, surveyor};
use crate::cli::failure::Failure;
use crate::cli::output::outcome::say_end;
use crate::cli::output::rows::RowAction;
use crate::cli::session::context::Context;
use crate::cli::session::interrupt::unless_interrupted;
use crate::cli::session::side_by_side::SideBySide;
use crate::cli::session::workspace::Workspace;
use crate::custody::{Custody, CustodyError, Done};
use crate::survey::{DeliveryContext, Job, Survey};
use crate::text::one_line;
use crate::world::{Interrupt, World};

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
    let (custody, survey, doomed) = (Arc::new(custody), Arc::new(survey), Arc::new(doomed));
    let groups = by_job(&survey, &doomed);
    let ends = groups.iter().cloned().map(|(job, members)| {
        let (world, custody) = (Arc::clone(context.world), Arc::clone(&custody));
        let (survey, doomed) = (Arc::clone(&survey), Arc::clone(&doomed));
        async move { end_group(&*world, &custody, &survey, job.as_deref(), (&doomed, &members)).await }
    });
    let mut side_by_side = SideBySide::begin(context.screen, ends);
    let mut outcomes: BTreeMap<usize, Ending> = BTreeMap::new();
    for (_, members) in groups {
        let Some(endings) = side_by_side.next(context.screen).await else { break };
        outcomes.extend(members.into_iter().zip(endings));
    }
    let mut stopped = None;
    for (number, (one, row)) in doomed.iter().zip(rows).enumerate() {
        match outcomes.remove(&number) {
            Some(Ending::Tried(outcome)) => {
                let owner = render::owner(&survey.directory, one);
                let shown = format!("{} for {owner}", one_line(&one.live.name));
                say_end(context, &one.live.name, &shown, row, *outcome);
            }
            Some(Ending::Stopped(interrupt)) => {
                stopped = Some(interrupt);
                context.report.row(row);
            }
            None => {}
        }
    }
    stopped.map_or(Ok(()), |interrupt| Err(interrupt.into()))
}

/// What became of a token that was to go.
enum Ending {
    /// Its end was tried.
    Tried(Box<Result<Done, CustodyError>>),
    /// A signal came before.
    Stopped(Interrupt),
}

/// What was selected, by position, with the job of each: the sinks of one job are cleared by one token after the other.
fn by_job(survey: &Survey, doomed: &[Doomed]) -> Vec<(Option<Arc<Job>>, Vec<usize>)> {
    let mut groups: Vec<(Option<Arc<Job>>, Vec<usize>)> = Vec::new();
    let mut of_job: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, one) in doomed.iter().enumerate() {
        let is_its = |job: &Arc<Job>| one.is_of(&job.profile, Some(&job.context.owner));
        let Some(position) = survey.jobs.iter().position(is_its) else {
            groups.push((None, vec![number]));
            continue;
        };
        let group = *of_job.entry(position).or_insert(groups.len());
        match groups.get_mut(group) {
            Some((_, members)) => members.push(number),
            None => groups.push((survey.jobs.get(position).cloned(), vec![number])),
        }
    }
    groups
}

/// Deletes the tokens of one job, one after the other.
async fn end_group(
    world: &dyn World,
    custody: &Custody,
    survey: &Survey,
    job: Option<&Job>,
    (doomed, members): (&[Doomed], &[usize]),
) -> Vec<Ending> {
    let mut gone: Vec<&str> = Vec::new();
    let mut endings = Vec::new();
    for one in members.iter().filter_map(|number| doomed.get(*number)) {
        if let Some(interrupt) = world.interrupted() {
            endings.push(Ending::Stopped(interrupt));
            continue;
        }
        let outcome = end_one(custody, survey, job, one, &gone).await;
        if outcome.is_ok() {
            gone.push(&one.live.id);
        }
        endings.push(Ending::Tried(Box::new(outcome)));
    }
    endings
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
