//! `--adopt ID` of `plan` and `apply`: one live token becomes the token of one profile in one environment.

use chrono::{DateTime, Utc};

use super::args::ProfileArgs;
use super::context::Context;
use super::load::{Unnamed, load};
use super::owner::is_not_bootstrap;
use super::problem::{self, Problem};
use super::session::Session;
use crate::custody::{CustodyError, Job};
use crate::plan::{Plan, Replace};
use crate::profile::Unset;

/// The id as it was typed, if it is one and one profile in one environment is meant. Nothing is asked or written
/// before.
pub(super) fn adopted(
    context: &mut Context<'_>,
    typed: Option<&str>,
    profiles: &ProfileArgs,
) -> Result<Option<String>, u8> {
    let Some(typed) = typed else { return Ok(None) };
    // What is wrong with the profiles themselves is said by whoever opens the session.
    let count = load(&**context.world, profiles, Unnamed::Refuse, Unset::Error).profiles.len();
    let id = match problem::token_id(typed) {
        Ok(_) if count > 1 => Err(Problem::new(
            "usage.adopt",
            format!("one token cannot be taken over by {count} profiles or environments"),
            "name one profile, and one environment with -e ENV",
        )),
        other => other,
    };
    id.map(Some).map_err(|problem| {
        let code = problem.exit_code();
        context.report.problem(problem);
        code
    })
}

/// What taking the token over does; never done to the bootstrap itself.
pub(super) async fn planned(
    context: &Context<'_>,
    session: &Session,
    job: &Job,
    id: &str,
    replace: Replace,
    now: DateTime<Utc>,
) -> Result<Plan, CustodyError> {
    is_not_bootstrap(&session.client, &job.subject.owner, id).await?;
    session.survey.plan_adopt(&**context.world, job, id, replace, now)
}
