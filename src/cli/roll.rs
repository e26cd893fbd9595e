//! `cfmint roll`: a new secret for the same token, delivered. The old secret dies at once.

use super::args::ApplyArgs;
use super::context::Context;
use super::exit;
use super::outcome::{say, step};
use super::session::{Intent, Session, Wish, fix, open, replace};
use crate::custody::Purpose;

pub(super) async fn run(context: &mut Context<'_>, arguments: &ApplyArgs) -> u8 {
    let wish = Wish { purpose: Purpose::Make, fix: fix(&arguments.sinks), intent: Intent::Write };
    let session = match open(context, &arguments.profiles, &arguments.connection, wish).await {
        Ok(session) => session,
        Err(code) => return code,
    };
    let Session { survey, custody: Some(custody), .. } = &session else { return exit::FAILED };
    let now = context.world.now();
    for job in &survey.jobs {
        let plan = survey.plan_roll(job, replace(&arguments.sinks), now);
        let outcome = step(context, custody, survey, job, &plan).await;
        say(context, survey, job, &plan, outcome);
    }
    context.report.exit_code()
}
