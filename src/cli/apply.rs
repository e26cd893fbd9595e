//! `cfmint apply`: makes what is missing, updates what drifted, delivers secrets.

use chrono::{DateTime, Utc};

use super::args::ApplyArgs;
use super::context::Context;
use super::outcome::{Turn, each_job};
use super::session::replace;
use crate::custody::{Custody, Job, Survey};
use crate::plan::{Held, Plan, Replace};

pub(super) async fn run(context: &mut Context<'_>, arguments: &ApplyArgs) -> u8 {
    let ApplyArgs { profiles, connection, sinks, .. } = arguments;
    each_job(context, profiles, connection, sinks, |custody, survey, job, now| {
        Turn::Act(planned(custody, survey, job, replace(sinks), now))
    })
    .await
}

/// What to do for a job: what the profile asks for, unless a roll was begun and not finished. Then no sink may
/// hold the secret, and nobody else can have it, so the roll is finished unasked.
fn planned(custody: &Custody, survey: &Survey, job: &Job, replace: Replace, now: DateTime<Utc>) -> Plan {
    if let Some(id) = custody.unfinished_roll(&job.wanted.name) {
        let is_current = survey.current(job, now).is_some_and(|live| live.id == id);
        let is_held = job.views.iter().all(|view| view.held == Held::Token(id.clone()));
        if is_current && !is_held {
            return survey.plan_roll(job, replace, now);
        }
        custody.rolls_finished(&id);
    }
    survey.plan_apply(job, replace, now)
}
