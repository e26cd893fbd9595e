//! `init` on a terminal: what the token is for, asked in as few questions as there can be.

use std::path::Path;

use super::use_case::{USE_CASES, Values};
use super::{InitArgs, NewProfile, from_wrangler, of_use_case};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::cli::session::context::Context;
use crate::cli::session::question::answer;

/// Where wrangler looks for its configuration, in its order.
const CONFIGS: [&str; 3] = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

/// Asks, and makes a profile of the answers.
pub(super) async fn ask(
    context: &mut Context<'_>,
    arguments: &InitArgs,
    file: &Path,
) -> Result<NewProfile, Failure> {
    let world = context.world;
    let is_here = |name: &str| matches!(world.look(&world.folder().join(name)), Ok(Some(_)));
    if let Some(config) = CONFIGS.into_iter().find(|name| is_here(name)) {
        let question = format!("Is the token for what {config} deploys? [Y/n]");
        let is_yes = !matches!(typed(context, &question).await?.to_lowercase().as_str(), "n" | "no");
        if is_yes {
            let name = arguments.name.as_deref();
            return Ok(from_wrangler::read(&**context.world, Path::new(config), name, &arguments.values())?);
        }
    }
    let cases = USE_CASES.iter().enumerate();
    let list: Vec<String> =
        cases.map(|(number, one)| format!("  {:2}  {:22} {}", number + 1, one.name, one.title())).collect();
    context.screen.rendered(&format!("What is the token for?\n{}", list.join("\n")));
    let use_case = loop {
        let choice = typed(context, "Its number or name [1]:").await?;
        let number = if choice.is_empty() { Some(1) } else { choice.parse::<usize>().ok() };
        let chosen = number
            .and_then(|number| USE_CASES.get(number.checked_sub(1)?))
            .or_else(|| USE_CASES.iter().find(|one| one.name == choice));
        match chosen {
            Some(chosen) => break chosen,
            None => context.screen.note(&format!("there is no `{choice}` in the list")),
        }
    };
    let project = match &arguments.name {
        Some(name) => name.clone(),
        None => typed(context, "The name of your project [myapp]:").await?,
    };
    let account = match &arguments.account {
        Some(account) => account.clone(),
        None if use_case.has_account() => {
            typed(context, "Your account, by name or id [leave it to the profile]:").await?
        }
        None => String::new(),
    };
    let mut zones = arguments.zones.clone();
    if zones.is_empty() && use_case.has_zone() {
        zones.extend(
            Some(typed(context, "Your zone, by name or id [leave it to the profile]:").await?)
                .filter(|zone| !zone.is_empty()),
        );
    }
    let given = |text: &'_ str| !text.is_empty();
    let values = Values {
        project: Some(project.as_str()).filter(|text| given(text)),
        account: Some(account.as_str()).filter(|text| given(text)),
        zones: &zones,
    };
    Ok(of_use_case(use_case, &values, file)?)
}

/// An answer; no answer ends it all.
async fn typed(context: &mut Context<'_>, question: &str) -> Result<String, Failure> {
    if let Some(answer) = answer(context, question).await {
        return Ok(answer);
    }
    if let Some(interrupt) = context.world.interrupted() {
        return Err(interrupt.into());
    }
    let hint = "answer the questions, or choose with --use-case or --from";
    Err(Problem::new(Code::UsageInit, "nothing was written, since no answer came", hint).into())
}
