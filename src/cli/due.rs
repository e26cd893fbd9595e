//! Whether `rotate --due` acts on a job, and why, in words: for the command itself and for its plan.

use chrono::{DateTime, TimeDelta, Utc};

use super::words;
use crate::custody::{Job, Survey};
use crate::lifecycle::{self, Due};
use crate::plan::{Note, Plan, Refused, Replace, Step};

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
        // What a rotation left undone is due whenever it is found.
        if matches!(plan.step, Step::Finish { .. }) {
            return Self::Due { plan, why: words::UNFINISHED.to_owned() };
        }
        let overlap = plan.notes.iter().find_map(|note| match note {
            Note::InOverlap { ends } => Some(*ends),
            _ => None,
        });
        let why = match lifecycle::due(&job.profile, live, splay.unwrap_or_default(), now) {
            Due::Aged { .. } | Due::EndsSoon { .. } if overlap.is_some() => {
                format!("due, but its predecessor is still alive until {}", words::end(overlap))
            }
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
        let mut notes = plan.notes;
        notes.retain(|note| !matches!(note, Note::InOverlap { .. }));
        // Nothing is due to a secret that got lost, but whoever looks should know.
        if let Step::Refuse(lost @ Refused::NotHeld { .. }) = survey.plan_apply(job, replace, now).step {
            notes.push(Note::Spared(lost));
        }
        Self::NotDue { plan: Plan { step: Step::untouched(live.id.clone()), notes }, why }
    }
}
