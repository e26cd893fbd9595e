//! `cfmint rotate`: a new generation, delivered and verified; the old one is retired after its overlap.

use crate::cli::options::RotateArgs;
use crate::cli::session::context::Context;
use crate::cli::session::due::Dueness;
use crate::cli::session::jobs::{Choice, run_jobs};
use crate::cli::session::open::replace;
use crate::plan::Goal;

pub(in crate::cli) async fn run(context: &mut Context<'_>, arguments: &RotateArgs) -> u8 {
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
