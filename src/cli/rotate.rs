//! `cfmint rotate`: a new generation, delivered and verified; the old one is retired after its overlap.

use super::args::RotateArgs;
use super::context::Context;
use super::exit;
use super::outcome::{say, step};
use super::session::{Intent, Session, Wish, fix, open, replace};
use super::words;
use crate::custody::{Job, Purpose, Survey};
use crate::lifecycle::{Due, due};
use crate::plan::{Plan, Step};

pub(super) async fn run(context: &mut Context<'_>, arguments: &RotateArgs) -> u8 {
    let wish = Wish { purpose: Purpose::Make, fix: fix(&arguments.sinks), intent: Intent::Write };
    let session = match open(context, &arguments.profiles, &arguments.connection, wish).await {
        Ok(session) => session,
        Err(code) => return code,
    };
    let Session { survey, custody: Some(custody), .. } = &session else { return exit::FAILED };
    let now = context.world.now();
    for job in &survey.jobs {
        let plan = match arguments.due.then(|| why_not(survey, job, now)).flatten() {
            Some((id, words)) => {
                context.screen.note(&format!("{}: {words}", job.wanted.name));
                Plan { step: Step::untouched(id), notes: Vec::new() }
            }
            None => survey.plan_rotate(job, replace(&arguments.sinks), now),
        };
        let outcome = step(context, custody, survey, job, &plan).await;
        say(context, survey, job, &plan, outcome);
    }
    context.report.exit_code()
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
