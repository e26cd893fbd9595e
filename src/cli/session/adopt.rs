//! `--adopt ID` of `plan` and `apply`: one live token becomes the token of one profile in one environment.

use crate::cli::failure::problem::{self, Problem};
use crate::cli::options::ProfileArgs;
use crate::cli::session::context::Context;
use crate::cli::session::load::{Unnamed, load};
use crate::cli::session::open::Session;
use crate::cli::session::owner::is_not_bootstrap;
use crate::custody::CustodyError;
use crate::plan::{Mark, Plan, Replace};
use crate::profile::Unset;
use crate::survey::Job;

/// The id as it was typed, if it is one and one profile in one environment is meant. Nothing is asked or written
/// before.
pub(in crate::cli) fn adopted(
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
pub(in crate::cli) async fn planned(
    context: &Context<'_>,
    session: &Session,
    job: &Job,
    id: &str,
    replace: Replace,
) -> Result<Plan, CustodyError> {
    is_not_bootstrap(&session.client, &job.context.owner, id).await?;
    let mut bytes = [0; 8];
    context.world.fill_random(&mut bytes).map_err(CustodyError::NoRandomness)?;
    let mark = Mark::from_random(bytes);
    session.survey.plan_adopt(job, id, mark, replace).map_err(CustodyError::Sink)
}
