//! `cfmint init`: the first profile, from a ready one, from Wrangler's configuration, or from answers on a terminal. It
//! writes one new file and the lines with which git ignores the env files; it talks to nobody, and changes no file of
//! yours.

mod from_wrangler;
mod next;
mod questions;
mod use_case;

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::exit::Exit;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::output::rows::{Row, RowAction, UseCaseRow};
use crate::cli::session::context::Context;
use crate::cli::session::load::load_text;
use crate::cli::session::new_file::{is_free, named, save};
use crate::cli::session::permissions::permissions;
use crate::profile::{Severity, distinct};
use crate::text::one_line;
use use_case::{USE_CASES, UseCase, Values};

/// Write the first profile: for a use case, or from Wrangler's configuration
#[derive(Debug, Args)]
#[command(
    after_help = "Talks to nobody. Without --use-case and --from it asks, on a terminal. A file that exists is never \
    changed, but for lines that are added to .gitignore.\n\n\
    Examples:\n  cfmint init --from wrangler.jsonc\n  cfmint init --use-case dns-automation --zone example.com"
)]
pub(in crate::cli) struct InitArgs {
    /// A ready profile, by its name; `help` lists them
    #[arg(long, value_name = "NAME", conflicts_with = "from")]
    use_case: Option<String>,
    /// Wrangler's configuration: the profile grants what deploying it takes
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The name of the token, before the environment [default: of the Worker, or myapp]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The account, by name or id
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// A zone, by name or id [may be repeated]
    #[arg(long = "zone", value_name = "ZONE")]
    zones: Vec<String>,
    /// A new file for the profile, `-` for standard output
    #[arg(short, long, value_name = "FILE", default_value = "cfmint.yaml")]
    output: PathBuf,
}

/// A profile that is not written yet.
pub(super) struct NewProfile {
    pub(super) text: String,
    /// What is to be looked at in it.
    pub(super) remarks: Vec<String>,
    /// What was not understood of what it is made from.
    pub(super) warnings: Vec<String>,
}

impl RunCommand for InitArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        if self.use_case.as_deref() == Some("help") {
            return Ok(list(context));
        }
        let use_case = self.use_case.as_deref().map(UseCase::find).transpose()?;
        let output = named(Some(&self.output));
        if let Some(file) = output {
            is_free(&**context.world, file)?;
        }
        let file = output.unwrap_or(Path::new("cfmint.yaml"));
        let new = match (use_case, &self.from) {
            (Some(use_case), _) => of_use_case(use_case, &self.values(), file)?,
            (None, Some(config)) => {
                from_wrangler::read(&**context.world, config, self.name.as_deref(), &self.values())?
            }
            (None, None) if context.world.can_ask() => questions::ask(context, self, file).await?,
            (None, None) => return Err(nothing_chosen().into()),
        };
        for warning in &new.warnings {
            context.screen.warn(warning);
        }
        readable(context, file, &new.text)?;
        let Some(file) = output else {
            if !context.json {
                context.screen.result(&new.text);
            }
            let text = context.json.then_some(new.text);
            let notes = [new.warnings, new.remarks].concat();
            let row = Row { action: RowAction::Written, notes, text, ..Row::default() };
            context.report.row(row);
            return Ok(Outcome::Reported);
        };
        save(&**context.world, file, &new.text)?;
        let notes = next::say(context, file, &new);
        let profile = Some(file.display().to_string());
        context.report.row(Row { profile, action: RowAction::Written, notes, ..Row::default() });
        Ok(Outcome::Reported)
    }
}

impl InitArgs {
    fn values(&self) -> Values<'_> {
        Values { project: self.name.as_deref(), account: self.account.as_deref(), zones: &self.zones }
    }
}

/// Lists the ready profiles.
fn list(context: &mut Context<'_>) -> Outcome {
    if !context.json {
        let lines: Vec<String> = USE_CASES.iter().map(|one| one.line() + "\n").collect();
        context.screen.result(&lines.concat());
    }
    let row = |one: &UseCase| UseCaseRow { name: one.name, title: one.title() };
    context.report.use_cases(USE_CASES.iter().map(row).collect());
    Outcome::Reported
}

/// Reads a new profile as `check` reads it: what cannot be read is not written.
fn readable(context: &Context<'_>, file: &Path, text: &str) -> Result<(), Failure> {
    let mut loaded = load_text(&**context.world, file, text.to_owned());
    permissions(&mut loaded);
    if !loaded.has_errors() {
        return Ok(());
    }
    let message = format!(
        "nothing was written, since {} would not be a valid profile",
        one_line(&file.to_string_lossy())
    );
    let hint = "choose with --name, --account or --zone what is used instead, or write the profile by hand";
    let errors = loaded.diagnostics.into_iter().filter(|found| found.severity == Severity::Error);
    let problems = std::iter::once(Problem::new(Code::UsageInit, message, hint))
        .chain(distinct(errors.collect()).into_iter().map(Problem::from));
    Err(Failure::of(problems.collect(), Exit::Invalid))
}

/// A ready profile, and what is left to put in.
fn of_use_case(use_case: &UseCase, values: &Values<'_>, file: &Path) -> Result<NewProfile, Problem> {
    if let Some(project) = values.project {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if project.is_empty() || !project.chars().all(is_plain) {
            return Err(Problem::new(
                Code::UsageInit,
                format!("`{}` cannot be put into the ready profile", one_line(project)),
                "a name for --name has letters, digits, `-`, `_` and `.`",
            ));
        }
    }
    let mut remarks = Vec::new();
    if values.account.is_none() && use_case.has_account() {
        remarks.push(
            "write your account in place of Emulator Account, or set CLOUDFLARE_ACCOUNT to its name or id"
                .to_owned(),
        );
    }
    if values.zones.is_empty() && use_case.has_zone() {
        remarks.push(
            "write your zone in place of example.com, or set CLOUDFLARE_ZONE to its name or id".to_owned(),
        );
    }
    Ok(NewProfile { text: use_case.text(values, file), remarks, warnings: Vec::new() })
}

/// Neither of the two ways was chosen, and there is nobody to ask.
fn nothing_chosen() -> Problem {
    Problem::new(
        Code::UsageInit,
        "there is nobody to ask what the token is for",
        [
            Hint::run("from Wrangler's configuration", CommandLine::again("--from wrangler.toml")),
            Hint::run(
                "from a ready profile (`help` lists them)",
                CommandLine::again("--use-case workers-deploy"),
            ),
        ],
    )
}
