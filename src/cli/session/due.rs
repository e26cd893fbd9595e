//! Whether `rotate --due` acts on a job, and why, in words: for the command itself and for its plan.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::cli::output::describe;
use crate::lifecycle::{self, Due};
use crate::plan::{Goal, Keep, Mark, Note, Plan, Refused, Replace, Step};
use crate::survey::{Job, Survey};

/// Whether a job is due, why or why not, and what is to be done.
pub(in crate::cli) enum Dueness {
    /// It is.
    Due { plan: Plan, why: String },
    /// It is not: its token is left as it is.
    NotDue { plan: Plan, why: String },
}

impl Dueness {
    /// Looks at a job's current generation. A token that does not exist is always due, and so is what a run did not
    /// finish.
    pub(in crate::cli) fn of(
        survey: &Survey,
        job: &Job,
        splay: Option<TimeDelta>,
        replace: Replace,
        own: &BTreeSet<Mark>,
    ) -> Self {
        let now = survey.clock.now;
        let plan = survey.plan(Goal::Successor, job, replace, own);
        let Some(live) = survey.current(job) else {
            return Self::Due { plan, why: "no live token has this name".to_owned() };
        };
        let overlap = plan.notes.iter().find_map(|note| match note {
            Note::InOverlap { ends } => Some(*ends),
            _ => None,
        });
        let why = match lifecycle::due(&job.profile, live, splay.unwrap_or_default(), now) {
            Due::Aged { .. } | Due::EndsSoon { .. } if overlap.is_some() => {
                format!("due, but its predecessor is still alive until {}", describe::end(overlap))
            }
            Due::Aged { age, every } => {
                let (age, every) = (describe::span(age), describe::span(every));
                return Self::Due { plan, why: format!("older than {every} ({age})") };
            }
            Due::EndsSoon { left, before } => {
                let (left, before) = (describe::span(left), describe::span(before));
                let why = format!("ends in {left}, renewed when less than {before} are left");
                return Self::Due { plan, why };
            }
            Due::NotBefore(at) => format!("not due before {}", describe::time(at)),
            Due::EndsAsWritten(end) => {
                format!(
                    "not due: a successor would end no later than {}, as the profile says",
                    describe::time(end)
                )
            }
            Due::Never => "never due: it has no end, and its profile no `rotation.every`".to_owned(),
        };
        let finish = survey.plan(Goal::Finish, job, replace, own);
        if finish.step.acts() || matches!(finish.step, Step::Refuse(_)) {
            return Self::Due { plan: finish, why: describe::UNFINISHED.to_owned() };
        }
        let mut notes = plan.notes;
        notes.retain(|note| !matches!(note, Note::InOverlap { .. } | Note::RollBecomesRotation));
        // Nothing is due to a secret that got lost, but whoever looks should know.
        if let Step::Refuse(lost @ Refused::NotHeld { .. }) =
            survey.plan(Goal::Converge, job, replace, own).step
        {
            notes.push(Note::Spared(lost));
        }
        Self::NotDue { plan: Plan { step: Step::Keep(Keep::untouched(live.id.clone())), notes }, why }
    }
}
