//! `cfmint rotate`: a new generation, delivered and verified; the old one is retired after its overlap.

use super::args::RotateArgs;
use super::context::Context;
use super::due::Dueness;
use super::outcome::{Choice, run_jobs};
use super::session::replace;
use crate::plan::Goal;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RotateArgs) -> u8 {
    let RotateArgs { due, splay, writing } = arguments;
    let replace = replace(&writing.sinks);
    run_jobs(context, writing, |survey, job, own| {
        if !due {
            return Choice::Act(survey.plan(Goal::Successor, job, replace, own));
        }
        match Dueness::of(survey, job, *splay, replace, own) {
            Dueness::Due { plan, .. } => Choice::Act(plan),
            Dueness::NotDue { plan, why } => Choice::Skip { plan, why },
        }
    })
    .await
}
