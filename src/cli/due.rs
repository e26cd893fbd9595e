//! Whether `rotate --due` acts on a job, and why, in words: for the command itself and for its plan.

use chrono::{DateTime, TimeDelta, Utc};

use super::words;
use crate::custody::{Job, Survey};
use crate::lifecycle::{self, Due};

/// Whether a job is due.
pub(super) enum Dueness {
    /// It is.
    Due {
        /// Why.
        why: String,
    },
    /// It is not.
    NotDue {
        /// The id of its token.
        id: String,
        /// Why not, or until when.
        why: String,
    },
}

impl Dueness {
    /// Looks at a job's current generation. A token that does not exist is always due.
    pub(super) fn of(survey: &Survey, job: &Job, splay: Option<TimeDelta>, now: DateTime<Utc>) -> Self {
        let Some(live) = survey.current(job, now) else {
            return Self::Due { why: "no live token has this name".to_owned() };
        };
        let why = match lifecycle::due(&job.profile, live, splay.unwrap_or_default(), now) {
            Due::Aged { age, every } => {
                let (age, every) = (words::span(age), words::span(every));
                return Self::Due { why: format!("older than {every} ({age})") };
            }
            Due::EndsSoon { left, before } => {
                let (left, before) = (words::span(left), words::span(before));
                return Self::Due {
                    why: format!("ends in {left}, renewed when less than {before} are left"),
                };
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
        Self::NotDue { id: live.id.clone(), why }
    }
}
