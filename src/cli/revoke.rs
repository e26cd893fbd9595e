//! `cfmint revoke`: deletes tokens now, and takes what died with them out of the env files.

use std::sync::Arc;

use super::apply::say;
use super::args::{ProfileArgs, RevokeArgs};
use super::connection::connect;
use super::problem::{self, Problem};
use super::report::{Row, TokenRow, exit};
use super::run::Context;
use super::session::{self, Intent, Session};
use crate::cloudflare::wire::Token;
use crate::cloudflare::{Client, TokenOwner};
use crate::custody::{CustodyError, Job, Purpose};
use crate::plan::{Held, Note, Plan, Step};
use crate::sink::{FixGitignore, root};

pub(super) async fn run(context: &mut Context<'_>, arguments: &RevokeArgs) -> u8 {
    match &arguments.id {
        Some(id) => by_id(context, arguments, id).await,
        None => by_profile(context, arguments).await,
    }
}

async fn by_profile(context: &mut Context<'_>, arguments: &RevokeArgs) -> u8 {
    let profiles = ProfileArgs { profiles: arguments.profiles.clone(), choice: arguments.choice.clone() };
    let wish = session::Wish { purpose: Purpose::End, fix: FixGitignore::Refuse, intent: Intent::Write };
    let mut session: Session = match session::open(context, &profiles, &arguments.connection, wish).await {
        Ok(session) => session,
        Err(code) => return code,
    };
    let world = Arc::clone(context.world);
    let Some((custody, survey)) = session.custody(&*world, &mut context.report) else {
        return exit::FAILED;
    };
    let doomed: Vec<&Token> = survey.jobs.iter().flat_map(|job| survey.generations(job)).collect();
    if !doomed.is_empty() && !agreed(context, arguments.yes, &doomed) {
        return exit::INVALID;
    }
    for job in &survey.jobs {
        let generations = survey.generations(job);
        let plan = Plan { step: Step::Create, notes: left_values(job, &generations) };
        let outcome = match context.world.interrupted() {
            Some(interrupt) => Err(CustodyError::Interrupted(interrupt)),
            None => custody.revoke(job, &generations, &holders(job, &generations)).await,
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
    let places = job.places.iter().zip(&job.views);
    let mut holders: Vec<usize> =
        places.filter(|(_, view)| holds(&view.held)).map(|(place, _)| place.sink).collect();
    holders.dedup();
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
    if !crate::profile::is_id(id) {
        context.report.problem(Problem::new(
            "usage.id",
            format!("`{id}` is not an id"),
            "an id has 32 hexadecimal digits; the address of the token's page in the dashboard ends with it",
        ));
        return exit::INVALID;
    }
    match by_id_or_problem(context, arguments, id).await {
        Ok(code) => code,
        Err(problem) => {
            let code = problem.exit_code();
            context.report.problem(problem);
            code
        }
    }
}

async fn by_id_or_problem(
    context: &mut Context<'_>,
    arguments: &RevokeArgs,
    id: &str,
) -> Result<u8, Problem> {
    let world = Arc::clone(context.world);
    let root = root(&*world).map_err(|error| {
        let message = format!("the folder cannot be looked at: {error}");
        Problem::new("sink.folder", message, "change into a folder that exists")
    })?;
    let connection = connect(&world, &root, &arguments.connection).await?;
    let client = &connection.client;
    let owner = match &arguments.account {
        None => TokenOwner::User,
        Some(account) => TokenOwner::Account(account_id(client, account).await?),
    };
    let missing = || problem::custody(&CustodyError::NoSuchToken { id: id.to_owned() }, "");
    let (token, own) = futures_util::future::join(client.token(&owner, id), client.verify(&owner)).await;
    let token = match token {
        Ok(token) => token,
        Err(error) if error.is_gone() => return Err(missing()),
        Err(error) => return Err(Problem::from(&error)),
    };
    if own.is_ok_and(|own| own.id == token.id) {
        return Err(problem::custody(&CustodyError::Bootstrap { id: id.to_owned() }, ""));
    }
    if !agreed(context, arguments.yes, &[&token]) {
        return Ok(exit::INVALID);
    }
    match client.delete_token(&owner, &token.id).await {
        Ok(()) => {}
        Err(error) if error.is_gone() => {}
        Err(error) => return Err(Problem::from(&error)),
    }
    context.done("Revoked", &format!("{} ({})", token.name, token.id));
    context.report.row(Row {
        action: "revoked",
        token: Some(TokenRow::of_wire(&owner, &token)),
        ..Row::default()
    });
    Ok(exit::DONE)
}

async fn account_id(client: &Client, account: &str) -> Result<String, Problem> {
    if crate::profile::is_id(account) {
        return Ok(account.to_ascii_lowercase());
    }
    let accounts = client.accounts().await.map_err(|error| Problem::from(&error))?;
    let named: Vec<_> = accounts.iter().filter(|seen| seen.name == account).collect();
    match named.as_slice() {
        [one] => Ok(one.id.clone()),
        [] => Err(Problem::new(
            "usage.account",
            format!("the bootstrap sees no account called `{account}`"),
            "give the account's 32-digit id",
        )),
        _ => Err(Problem::new(
            "usage.account",
            format!("several accounts are called `{account}`"),
            "give the account's 32-digit id",
        )),
    }
}
