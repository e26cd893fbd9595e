//! `cfmint revoke`: deletes tokens now, and takes what died with them out of the env files.

use std::collections::BTreeSet;

use futures_util::future::join;

use super::args::{ProfileArgs, RevokeArgs};
use super::context::Context;
use super::exit;
use super::outcome::say;
use super::owner::{is_not_bootstrap, owner};
use super::problem::{self, Problem};
use super::report::{Row, TokenRow};
use super::session::{self, Ground, Intent, Session};
use crate::cloudflare::wire::Token;
use crate::cloudflare::{Client, TokenOwner};
use crate::custody::{CustodyError, Job, Purpose, Subject, live};
use crate::plan::{Held, Note, Plan, Step};
use crate::sink::FixGitignore;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RevokeArgs) -> u8 {
    match &arguments.id {
        Some(id) => by_id(context, arguments, id).await,
        None => by_profile(context, arguments).await,
    }
}

async fn by_profile(context: &mut Context<'_>, arguments: &RevokeArgs) -> u8 {
    let profiles = ProfileArgs { profiles: arguments.profiles.clone(), choice: arguments.choice.clone() };
    let wish = session::Wish { purpose: Purpose::End, fix: FixGitignore::Refuse, intent: Intent::Write };
    let session = match session::open(context, &profiles, &arguments.connection, wish).await {
        Ok(session) => session,
        Err(code) => return code,
    };
    let Session { survey, custody: Some(custody), .. } = &session else { return exit::FAILED };
    let doomed: Vec<&Token> = survey.jobs.iter().flat_map(|job| survey.generations(job)).collect();
    for job in &survey.jobs {
        // A bootstrap that cfmint made itself has a profile's name; it must not end the run it is doing.
        let own = session.client.verify(&job.subject.owner).await;
        if let Some(token) = own.ok().and_then(|own| doomed.iter().find(|token| token.id == own.id)) {
            let error = CustodyError::Bootstrap { id: token.id.clone() };
            context.report.problem(problem::custody(&error, ""));
            return exit::FAILED;
        }
    }
    if !doomed.is_empty() && !agreed(context, arguments.yes, &doomed) {
        return exit::INVALID;
    }
    for job in &survey.jobs {
        let generations = survey.generations(job);
        let plan = Plan { step: Step::Create, notes: left_values(job, &generations) };
        let outcome = match context.world.interrupted() {
            Some(interrupt) => Err(CustodyError::Interrupted(interrupt)),
            None => custody.revoke(&job.subject, &generations, &holders(job, &generations)).await,
        };
        say(context, survey, job, &plan, outcome);
    }
    context.report.exit_code()
}

/// The sinks that hold the secret of one of these tokens, as the secret itself said.
fn holders(job: &Job, generations: &[&Token]) -> Vec<usize> {
    let holds = |held: &Held| match held {
        Held::Token(id) => generations.iter().any(|token| token.id == *id),
        _ => false,
    };
    let places = || job.places.iter().zip(&job.views);
    let mut holders: Vec<usize> =
        places().filter(|(_, view)| holds(&view.held)).map(|(place, _)| place.sink).collect();
    holders.dedup();
    // A sink that holds another secret besides is left as it is.
    holders.retain(|sink| places().all(|(place, view)| place.sink != *sink || holds(&view.held)));
    holders
}

/// Sinks that keep a value, because it cannot be told whether it was this token's.
fn left_values(job: &Job, generations: &[&Token]) -> Vec<Note> {
    let unclear = job.views.iter().filter(|view| {
        !generations.is_empty() && matches!(view.held, Held::Invalid | Held::ShutOut | Held::Unanswered(_))
    });
    unclear.map(|view| Note::Left { sink: view.shown.clone() }).collect()
}

/// Asks on a terminal; elsewhere `--yes` is the answer.
fn agreed(context: &mut Context<'_>, yes: bool, doomed: &[&Token]) -> bool {
    if yes {
        return true;
    }
    if !context.world.can_ask() {
        context.report.problem(Problem::new(
            "usage.yes",
            format!("{} would be deleted, and nobody can be asked here", names(doomed)),
            "agree beforehand: --yes",
        ));
        return false;
    }
    context.screen.ask(&format!("Delete {}? What uses it stops working at once. [y/N]", names(doomed)));
    let answer = context.world.read_line().ok().flatten().unwrap_or_default();
    let yes = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if !yes {
        context.report.problem(Problem::new(
            "usage.declined",
            "nothing was deleted",
            "answer y, or agree beforehand: --yes",
        ));
    }
    yes
}

fn names(tokens: &[&Token]) -> String {
    tokens.iter().map(|token| format!("{} ({})", token.name, token.id)).collect::<Vec<_>>().join(", ")
}

async fn by_id(context: &mut Context<'_>, arguments: &RevokeArgs, id: &str) -> u8 {
    let id = match problem::token_id(id) {
        Ok(id) => id,
        Err(problem) => {
            context.report.problem(problem);
            return exit::INVALID;
        }
    };
    let id = id.as_str();
    let ground = match session::ground(context, &arguments.connection, Intent::Write).await {
        Ok(ground) => ground,
        Err(code) => return code,
    };
    let Ground { root, connection, custody: Some(custody) } = ground else { return exit::FAILED };
    let settled = match session::settle(context, &custody, &root, connection.trial, &BTreeSet::new()).await {
        Ok(settled) => settled,
        Err(code) => return code,
    };
    let (owner, token) = match find(&connection.client, arguments.account.as_deref(), id).await {
        Ok(found) => found,
        // It was what an interrupted run had left, and is gone by now.
        Err(_) if settled.iter().any(|one| one.deleted(id)) => {
            context.done("Absent", &format!("{id} is gone"));
            context.report.row(Row { action: "absent", ..Row::default() });
            return exit::DONE;
        }
        Err(problem) => {
            let code = problem.exit_code();
            context.report.problem(problem);
            return code;
        }
    };
    if !agreed(context, arguments.yes, &[&token]) {
        return exit::INVALID;
    }
    let row = TokenRow::new(&owner, &live(&token));
    // It may be nobody's profile, so there are no sinks to clear.
    match custody.revoke(&Subject::without_sinks(owner), &[&token], &[]).await {
        Ok(_) => {
            context.done("Revoked", &format!("{} ({})", token.name, token.id));
            context.report.row(Row { action: "revoked", token: Some(row), ..Row::default() });
        }
        Err(error) => context.report.problem(problem::custody(&error, "")),
    }
    context.report.exit_code()
}

/// The token to delete and whose it is; never the bootstrap's own.
async fn find(client: &Client, account: Option<&str>, id: &str) -> Result<(TokenOwner, Token), Problem> {
    let owner = owner(client, account).await?;
    let (token, other) = join(client.token(&owner, id), is_not_bootstrap(client, &owner, id)).await;
    match token {
        Ok(token) => other.map(|()| (owner, token)).map_err(|error| problem::custody(&error, "")),
        Err(error) if error.is_gone() => {
            Err(problem::custody(&CustodyError::NoSuchToken { id: id.to_owned() }, ""))
        }
        Err(error) => Err(Problem::from(&error)),
    }
}
