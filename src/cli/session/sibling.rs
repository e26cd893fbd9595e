//! The other environments of a profile: whose token a sink holds, where two of them were given one sink.

use super::context::Context;
use super::load::{Unchosen, load};
use crate::cli::options::{ChoiceArgs, ProfileArgs};
use crate::lifecycle::ProfileIndex;
use crate::plan::Live;
use crate::profile::Unset;
use crate::survey::Job;

/// The environment of this job's profile that a live token belongs to, where it is another one than the job's.
pub(in crate::cli) fn sibling_of(context: &Context<'_>, job: &Job, live: &Live) -> Option<String> {
    let choice = ChoiceArgs { environments: Vec::new(), all_envs: false, ..context.choice.clone() };
    let profiles = vec![job.profile.source.path.clone().into()];
    let loaded = load(&**context.world, &ProfileArgs { profiles, choice }, Unchosen::Every, Unset::Note);
    let belonging = ProfileIndex::new(&loaded.profiles, &loaded.shapes).find(live)?;
    belonging.environment.filter(|environment| Some(environment) != job.profile.environment.as_ref())
}
