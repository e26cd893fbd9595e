//! Whether `rotate --due` acts on a job, and why, in words: for the command itself and for its plan.

use chrono::TimeDelta;

use super::jobs::Choice;
use super::open::Session;
use crate::cli::output::describe;
use crate::lifecycle::{self, Due};
use crate::plan::{Goal, Keep, Note, Plan, Refused, Replace, Step};
use crate::survey::Job;

/// Looks at a job's current generation. A token that does not exist is always due, and so is what a run did not
/// finish.
pub(in crate::cli) fn due(
    session: &Session,
    job: &Job,
    splay: Option<TimeDelta>,
    replace: Replace,
) -> Choice {
    let (survey, own) = (&session.survey, &session.own);
    let plan = survey.plan(Goal::Successor, job, replace, own);
    let Some(live) = survey.current(job) else {
        return Choice::Act(plan, Some("no live token has this name".to_owned()));
    };
    let overlap = plan.notes.iter().find_map(|note| match note {
        Note::InOverlap { ends } => Some(*ends),
        _ => None,
    });
    let why = match lifecycle::due(&job.profile, live, splay.unwrap_or_default(), survey.clock.now) {
        Due::Aged { .. } | Due::EndsSoon { .. } if overlap.is_some() => {
            format!("due, but its predecessor is still alive until {}", describe::end(overlap))
        }
        Due::Aged { age, every } => {
            let (age, every) = (describe::span(age), describe::span(every));
            return Choice::Act(plan, Some(format!("older than {every} ({age})")));
        }
        Due::EndsSoon { left, before } => {
            let (left, before) = (describe::span(left), describe::span(before));
            let why = format!("ends in {left}, renewed when less than {before} are left");
            return Choice::Act(plan, Some(why));
        }
        Due::NotBefore(at) => format!("not due before {}", describe::time(at)),
        Due::EndsAsWritten(end) => {
            format!(
                "not due: a successor would end no later than {}, as the profile says",
                describe::time(end)
            )
        }
        Due::Never => "never due: it has no end, and its profile has no `rotation.every`".to_owned(),
    };
    let finish = survey.plan(Goal::Finish, job, replace, own);
    if finish.step.acts() || matches!(finish.step, Step::Refuse(_)) {
        return Choice::Act(finish, Some(describe::UNFINISHED.to_owned()));
    }
    let mut notes = plan.notes;
    notes.retain(|note| !matches!(note, Note::InOverlap { .. } | Note::RollBecomesRotation));
    // Nothing is due to a secret that got lost, but whoever looks should know.
    if let Step::Refuse(lost @ Refused::NotHeld { .. }) = survey.plan(Goal::Converge, job, replace, own).step
    {
        notes.push(Note::Spared(lost));
    }
    Choice::Skip(Plan { step: Step::Keep(Keep::untouched(live.id.clone())), notes }, why)
}
