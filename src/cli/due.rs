//! Whether `rotate --due` acts on a job, and why, in words: for the command itself and for its plan.

use chrono::{DateTime, TimeDelta, Utc};

use super::words;
use crate::custody::{Job, Survey};
use crate::lifecycle::{self, Due};
use crate::plan::{Plan, Replace, Step};

/// Whether a job is due, why or why not, and what is to be done.
pub(super) enum Dueness {
    /// It is.
    Due { plan: Plan, why: String },
    /// It is not: its token is left as it is.
    NotDue { plan: Plan, why: String },
}

impl Dueness {
    /// Looks at a job's current generation. A token that does not exist is always due.
    pub(super) fn of(
        survey: &Survey,
        job: &Job,
        splay: Option<TimeDelta>,
        replace: Replace,
        now: DateTime<Utc>,
    ) -> Self {
        let plan = survey.plan_rotate(job, replace, now);
        let Some(live) = survey.current(job, now) else {
            return Self::Due { plan, why: "no live token has this name".to_owned() };
        };
        let why = match lifecycle::due(&job.profile, live, splay.unwrap_or_default(), now) {
            Due::Aged { age, every } => {
                let (age, every) = (words::span(age), words::span(every));
                return Self::Due { plan, why: format!("older than {every} ({age})") };
            }
            Due::EndsSoon { left, before } => {
                let (left, before) = (words::span(left), words::span(before));
                let why = format!("ends in {left}, renewed when less than {before} are left");
                return Self::Due { plan, why };
            }
            Due::NotBefore(at) => format!("not due before {}", words::time(at)),
            Due::EndsAsWritten(end) => {
                format!(
                    "not due: a successor would end no later than {}, as the profile says",
                    words::time(end)
                )
            }
            Due::Never => "never due: it has no end, and its profile no `rotation.every`".to_owned(),
        };
        let untouched = Step::untouched(live.id.clone());
        Self::NotDue { plan: Plan { step: untouched, notes: plan.notes }, why }
    }
}
