//! `cfmint recover`: finishes what interrupted runs left, for the profiles that are given; without any, reports it, and
//! deletes what nobody can have the secret of.

use super::args::{RecoverArgs, WritingArgs};
use super::context::Context;
use super::exit;
use super::outcome::{Choice, run_jobs};
use super::owner::owner;
use super::problem::{self, Problem};
use super::report::{Row, TokenRow};
use super::session::{Ground, Intent, ground};
use super::words;
use crate::cloudflare::TokenOwner;
use crate::custody::{Custody, Left, Leftover};
use crate::plan::{Goal, Replace, Step};
use crate::text::one_line;

pub(super) async fn run(context: &mut Context<'_>, arguments: &RecoverArgs) -> u8 {
    if arguments.profiles.is_empty() {
        return match without_profiles(context, arguments).await {
            Ok(()) => context.report.exit_code(),
            Err(code) => code,
        };
    }
    let writing = WritingArgs::from(arguments);
    run_jobs(context, &writing, |survey, job, own| {
        let plan = survey.plan(Goal::Finish, job, Replace::Never, own);
        match &plan.step {
            Step::Nothing => Choice::Skip { plan, why: "nothing was left unfinished".to_owned() },
            Step::Keep(keep) if keep.is_idle() => {
                Choice::Skip { plan, why: "nothing was left unfinished".to_owned() }
            }
            _ => Choice::Act(plan),
        }
    })
    .await
}

async fn without_profiles(context: &mut Context<'_>, arguments: &RecoverArgs) -> Result<(), u8> {
    context.about(arguments.account.as_ref());
    let ground = ground(context, &arguments.connection, Intent::Write).await?;
    let Ground { connection, custody: Some(custody), .. } = ground else { return Err(exit::FAILED) };
    let owner = match owner(&connection.client, arguments.account.as_deref()).await {
        Ok(owner) => owner,
        Err(problem) => return Err(refused(context, problem)),
    };
    let leftovers = match custody.recover_without_profiles(&owner).await {
        Ok(leftovers) => leftovers,
        Err(error) => return Err(refused(context, problem::custody(&error, ""))),
    };
    if leftovers.is_empty() {
        context.done("Settled", "no run left anything unfinished");
    }
    for leftover in leftovers {
        say(context, &custody, &owner, leftover);
    }
    Ok(())
}

fn refused(context: &mut Context<'_>, problem: Problem) -> u8 {
    let code = problem.exit_code();
    context.report.problem(problem.with_flags(&context.flags));
    code
}

fn say(context: &mut Context<'_>, custody: &Custody, owner: &TokenOwner, leftover: Leftover) {
    let Leftover { live, left } = leftover;
    let text = words::leftover(&live, &left, custody.now());
    let mut row =
        Row { token: Some(TokenRow::new(owner, &live)), notes: vec![text.clone()], ..Row::default() };
    match left {
        Left::Deleted => {
            row.action = "revoked";
            context.done("Deleted", &text);
        }
        Left::EndsByItself | Left::HooksDue => {
            row.action = "skipped";
            context.screen.note(&text);
        }
        Left::Alive(error) => {
            row.action = "failed";
            context.screen.failed(&one_line(&live.name));
            context.report.problem(problem::custody(&error, "").with_flags(&context.flags));
        }
    }
    context.report.row(row);
}
