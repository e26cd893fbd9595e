//! What taking a live token over would do: the survey, looked at as if the token were the profile's already.

use chrono::{DateTime, Utc};

use super::error::CustodyError;
use super::sinks::{self, SecretPlace};
use super::steps::mark;
use super::survey::{Job, Survey};
use crate::plan::{self, Adoptee, Held, Plan, Replace};
use crate::world::World;

impl Survey {
    /// What `apply --adopt` would do for a job.
    pub fn plan_adopt(
        &self,
        world: &dyn World,
        job: &Job,
        id: &str,
        replace: Replace,
        now: DateTime<Utc>,
    ) -> Result<Plan, CustodyError> {
        // A sink that holds the secret already may lack what else the profile puts into it.
        let token = self.token(&job.subject.owner, id);
        let is_stale = |place: &SecretPlace| {
            let (Some(token), Some(secret)) = (token, place.token()) else { return Ok(false) };
            let Some(located) = job.subject.located.get(place.sink) else { return Ok(false) };
            sinks::is_stale(world, located, &job.subject.values(token, secret))
        };
        let mut views = job.views.clone();
        for (view, place) in views.iter_mut().zip(&job.subject.places) {
            if view.held == Held::Token(id.to_owned()) {
                view.stale = is_stale(place).map_err(CustodyError::Sink)?;
            }
        }
        let adoptee = Adoptee { id: id.to_owned(), mark: mark(world)? };
        Ok(plan::adopt(&job.wanted, self.live(job), adoptee, &views, replace, now))
    }
}
