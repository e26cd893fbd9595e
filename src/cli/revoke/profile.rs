//! The end of the tokens of profiles.

use super::agreed;
use crate::cli::args::{ProfileArgs, RevokeArgs};
use crate::cli::context::Context;
use crate::cli::exit;
use crate::cli::outcome::say;
use crate::cli::problem;
use crate::cli::session::{self, Intent, Session};
use crate::cloudflare::wire::Token;
use crate::custody::{CustodyError, Purpose};
use crate::plan::{Plan, Step};
use crate::sink::FixGitignore;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RevokeArgs) -> Result<(), u8> {
    let profiles = ProfileArgs { profiles: arguments.profiles.clone(), choice: arguments.choice.clone() };
    let wish = session::Wish { purpose: Purpose::End, fix: FixGitignore::Refuse, intent: Intent::Write };
    let session = session::open(context, &profiles, &arguments.connection, wish).await?;
    let Session { survey, custody: Some(custody), .. } = &session else { return Err(exit::FAILED) };
    let doomed: Vec<&Token> = survey.jobs.iter().flat_map(|job| survey.generations(job)).collect();
    // A bootstrap that cfmint made itself has a profile's name; it must not end the run it is doing.
    let mut own = survey.owners.values().filter_map(|owned| owned.own.as_ref());
    if let Some(id) = own.find(|id| doomed.iter().any(|token| token.id == **id)) {
        context.report.problem(problem::custody(&CustodyError::Bootstrap { id: id.clone() }, ""));
        return Err(exit::FAILED);
    }
    agreed(context, arguments, &doomed).await?;
    for job in &survey.jobs {
        let generations = survey.generations(job);
        let notes = if generations.is_empty() { Vec::new() } else { job.left() };
        let plan = Plan { step: Step::Create, notes };
        let ids: Vec<&str> = generations.iter().map(|token| &*token.id).collect();
        let outcome = match context.world.interrupted() {
            Some(interrupt) => Err(CustodyError::Interrupted(interrupt)),
            None => custody.revoke(&job.subject, &generations, &job.holders(&ids)).await,
        };
        say(context, survey, job, &plan, outcome);
    }
    Ok(())
}
