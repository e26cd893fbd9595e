//! `cfmint rotate`: a new generation, delivered and verified; the old one is retired after its overlap.

use super::args::RotateArgs;
use super::context::Context;
use super::outcome::each_job;
use super::session::replace;
use super::words;
use crate::custody::{Job, Survey};
use crate::lifecycle::{Due, due};
use crate::plan::{Plan, Step};

pub(super) async fn run(context: &mut Context<'_>, arguments: &RotateArgs) -> u8 {
    let RotateArgs { profiles, connection, sinks, .. } = arguments;
    each_job(context, profiles, connection, sinks, |context, _, survey, job, now| {
        let plan = survey.plan_rotate(job, replace(sinks), now);
        match arguments.due.then(|| why_not(survey, job, now)).flatten() {
            // What a rotation left undone is due whenever it is found.
            Some((id, words)) if !matches!(plan.step, Step::Finish { .. }) => {
                context.screen.note(&format!("{}: {words}", job.wanted.name));
                Plan { step: Step::untouched(id), notes: Vec::new() }
            }
            _ => plan,
        }
    })
    .await
}

/// Why a job's token is not due, with its id. A token that does not exist is always due.
fn why_not(survey: &Survey, job: &Job, now: chrono::DateTime<chrono::Utc>) -> Option<(String, String)> {
    let live = survey.current(job, now)?;
    let words = match due(job.profile.rotation.as_ref(), live, now) {
        Due::Aged { .. } | Due::EndsSoon { .. } => return None,
        Due::NotBefore(at) => format!("not due before {}", words::time(at)),
        Due::Never => "never due: it has no end, and its profile no `rotation.every`".to_owned(),
    };
    Some((live.id.clone(), words))
}
