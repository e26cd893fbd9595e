//! `--adopt ID` of `plan` and `apply`: one live token becomes the token of one profile in one environment.

use super::context::Context;
use super::jobs::Choice;
use super::load::{Unchosen, load};
use super::open::Session;
use super::owner::is_not_bootstrap;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::{Problem, token_id};
use crate::cli::options::ProfileArgs;
use crate::custody::CustodyError;
use crate::plan::{Mark, Replace};
use crate::profile::Unset;
use crate::survey::Job;
use crate::world::World;

/// The id as it was typed, if it is one and one profile in one environment is meant. Nothing is asked or written
/// before.
pub(in crate::cli) fn adoptable(
    context: &Context<'_>,
    typed: Option<&str>,
    profiles: &ProfileArgs,
) -> Result<Option<String>, Problem> {
    let Some(id) = typed.map(token_id).transpose()? else { return Ok(None) };
    // What is wrong with the profiles themselves is said by whoever opens the session.
    match load(&**context.world, profiles, Unchosen::Refuse, Unset::Error).profiles.len() {
        0 | 1 => Ok(Some(id)),
        count => Err(Problem::new(
            Code::UsageAdopt,
            format!("one token cannot be taken over by {count} profiles or environments"),
            "name one profile, and one environment with -e ENV",
        )),
    }
}

/// What taking the token over does; never done to the bootstrap itself.
pub(in crate::cli) async fn adopt(
    world: &dyn World,
    session: &Session,
    job: &Job,
    id: &str,
    replace: Replace,
) -> Result<Choice, CustodyError> {
    is_not_bootstrap(&session.client, &job.context.owner, id).await?;
    let mut bytes = [0; 8];
    world.fill_random(&mut bytes).map_err(CustodyError::NoRandomness)?;
    let plan = session.survey.plan_adopt(job, id, Mark::from_random(bytes), replace);
    Ok(Choice::Act(plan.map_err(CustodyError::Sink)?, None))
}
