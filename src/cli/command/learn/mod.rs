//! `cfmint learn`: what a program asks of Cloudflare, as the least profile that allows it; or a profile compared with it.
//!
//! The program runs with its requests led through this process, or its log, an HTTP archive or a plan of Terraform is
//! read. Nothing is changed at Cloudflare but by the program itself.

mod compare;
mod read;
mod record;

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::{CommandLine, ProfileArguments};
use crate::cli::failure::exit::Exit;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::options::{ChoiceArgs, RelayArgs};
use crate::cli::output::learned;
use crate::cli::output::learned::{ByPhaseRow, LearnedRows};
use crate::cli::output::rows::{Row, RowAction};
use crate::cli::session::context::Context;
use crate::cli::session::new_file::{is_free, named, save};
use crate::doctor::learn::{LeastRights, Origin, Recording, draft};
use crate::profile::name_is_valid;

/// Write the least profile that allows what a program does
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("source").required(true).args(["from", "terraform", "program"]),
    after_help = "Runs the program with CLOUDFLARE_API_BASE_URL and CLOUDFLARE_BASE_URL pointing to cfmint, which passes every \
    request on and notes its method and path: never its credential, its headers, its body or its query. The program needs \
    a token of its own that may do all of it; the one that cfmint makes from the profile may do nothing else.\n\n\
    Examples:\n  cfmint learn --name shop-deploy --output shop.yaml -- wrangler deploy\n  \
    cfmint learn --name shop-deploy --from wrangler.log\n  \
    terraform show -json plan.out | cfmint learn --name shop-dns --terraform -\n  \
    cfmint learn --check shop.yaml -- wrangler deploy"
)]
pub(in crate::cli) struct LearnArgs {
    /// What the token is to be called
    #[arg(long, value_name = "NAME", required_unless_present = "check", conflicts_with = "check")]
    name: Option<String>,
    /// A new file for the profile [default: standard output]
    #[arg(short, long, value_name = "FILE", conflicts_with = "check")]
    output: Option<PathBuf>,
    /// Compare with this profile instead: would it have been enough? Exit with 3 where it would not
    #[arg(long, value_name = "PROFILE")]
    check: Option<PathBuf>,
    /// Read what a program left instead of running one: an HTTP archive (HAR), the output of Wrangler with
    /// `WRANGLER_LOG=debug`, or of Terraform with `TF_LOG=debug`; `-` for standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Read a plan or a state of Terraform, as `terraform show -json` prints it; `-` for standard input
    #[arg(long, value_name = "FILE")]
    terraform: Option<PathBuf>,
    /// The program to run, with its arguments
    #[arg(last = true, value_name = "CMD")]
    program: Vec<String>,
    /// How the compared profile is resolved.
    #[command(flatten)]
    choice: ChoiceArgs,
    /// Where the program's requests go.
    #[command(flatten)]
    way: RelayArgs,
}

/// What was learned from.
struct Learned {
    recording: Recording,
    /// As `a run of wrangler`.
    what: String,
    /// Why the recording may lack something.
    doubt: Option<String>,
    /// The exit code of a program that failed.
    failed: Option<u8>,
}

impl Learned {
    /// Why there may be more to it, each as a sentence.
    fn notes(&self) -> Vec<String> {
        let recording = [self.recording.doubt(), self.recording.uncounted()].into_iter().flatten();
        self.doubt.iter().cloned().chain(recording.map(|note| format!("{note}."))).collect()
    }
}

impl RunCommand for LearnArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        let output = named(self.output.as_deref());
        if let Some(name) = &self.name {
            valid_name(name)?;
        }
        if let Some(file) = output {
            is_free(&**context.world, file)?;
        }
        self.is_needed()?;
        context.choice = self.choice.clone();
        let profile = match &self.check {
            // A profile that cannot be read is said before the program does anything.
            Some(path) => Some(compare::profile(context, path, &self.choice)?),
            None => None,
        };
        let learned = self.learn(context).await?;
        if let Some(doubt) = learned.recording.doubt().filter(|_| !learned.recording.all_failed()) {
            context.screen.warn(&doubt);
        }
        if let Some(uncounted) = learned.recording.uncounted() {
            context.screen.note(&uncounted);
        }
        let failed = learned.failed;
        let told = match profile {
            _ if learned.recording.all_failed() => Err(refused(&learned).into()),
            Some(profile) => Ok(compare::compare(context, &learned, &profile)),
            None => self.write(context, &learned),
        };
        match (told, failed) {
            (Ok(outcome), None) => Ok(outcome),
            (Ok(_), Some(code)) => Ok(Outcome::CommandFailed(code)),
            (Err(mut failure), code) => {
                failure.exit = code.map_or(failure.exit, Exit::OfCommand);
                Err(failure)
            }
        }
    }
}

impl LearnArgs {
    /// Refuses what leads a program somewhere where none runs.
    fn is_needed(&self) -> Result<(), Problem> {
        let RelayArgs { emulator, api_url, state_dir: _ } = &self.way;
        // A log names hosts, and which one is the API's may have to be said.
        let is_unread = api_url.is_some() && self.from.is_none();
        let given = [("--emulator", *emulator), ("--api-url", is_unread)];
        let option = given.into_iter().find(|(_, is_given)| *is_given && self.program.is_empty());
        let Some((option, _)) = option else { return Ok(()) };
        let message = format!("{option} does nothing here: nothing is sent where no program runs");
        Err(Problem::new(Code::UsageArguments, message, "omit it"))
    }

    async fn learn(&self, context: &mut Context<'_>) -> Result<Learned, Failure> {
        if let Some(file) = &self.from {
            return read::log(context, file, &self.way);
        }
        if let Some(file) = &self.terraform {
            return read::plan(context, file);
        }
        // The profile goes to standard output where it goes to no file, and so does the document for a program.
        let is_beside_result =
            context.json || self.check.is_some() || named(self.output.as_deref()).is_none();
        record::run(context, &self.program, &self.way, is_beside_result).await
    }

    /// Writes the profile.
    fn write(&self, context: &mut Context<'_>, learned: &Learned) -> Result<Outcome, Failure> {
        let Learned { recording, what, doubt, .. } = learned;
        let least = LeastRights::of(recording);
        if least.rights.is_empty() {
            return Err(nothing(learned, &least).into());
        }
        let name = self.name.as_deref().unwrap_or_default();
        let text = draft(&Origin { name, what, doubt: doubt.as_deref() }, recording, &least);
        let output = named(self.output.as_deref());
        match output {
            Some(file) => save(&**context.world, file, &text)?,
            None if context.json => {}
            None => context.screen.result(&text),
        }
        learned::say(context.screen, recording, what, &least);
        if let Some(file) = output {
            context.done("Wrote", &file.display().to_string());
            let profile = ProfileArguments { path: file.display().to_string(), environment: None };
            let apply = CommandLine::about("apply", &profile);
            context.note(&Hint::run("to make the token, once you have read the profile", apply));
        }
        let row = Row {
            profile: output.map(|file| file.display().to_string()),
            action: RowAction::Learned,
            notes: learned.notes(),
            text: output.is_none().then_some(text),
            ..Row::default()
        };
        context.report.learned(LearnedRows {
            results: vec![row],
            enough: None,
            permissions: learned::needed(&least),
            unknown: least.unknown,
            by_phase: least
                .by_phase
                .into_iter()
                .map(|(operation, lines)| ByPhaseRow { operation, lines })
                .collect(),
        });
        Ok(Outcome::Reported)
    }
}

/// Where nothing succeeded, what the program does is not known, whatever its exit code is.
fn refused(learned: &Learned) -> Problem {
    let refused = learned.recording.refused().unwrap_or_default();
    let message = format!("nothing that {} asked for succeeded: {refused}", learned.what);
    let hint = "give the program a token that may do all of it, in CLOUDFLARE_API_TOKEN, and see that it reaches the API; \
                then learn from it again";
    Problem::new(Code::LearnRefused, message, hint)
}

/// A profile that grants nothing is none.
fn nothing(learned: &Learned, least: &LeastRights) -> Problem {
    let what = &learned.what;
    let is_known = least.unknown.is_empty() && least.unnamed.is_empty() && least.by_phase.is_empty();
    if learned.failed.is_some() && is_known {
        let message = format!("{what} failed before it asked for anything that takes a permission");
        return Problem::new(
            Code::LearnNothing,
            message,
            "its own output says why: let it succeed, then learn from it",
        );
    }
    if let Some((operation, lines)) = least.by_phase.first() {
        let message = format!("it depends on the phase of the rules what {what} needs: {operation}");
        let hint =
            format!("add one of these to a profile by hand, the one for the phase: {}", lines.join(", "));
        return Problem::new(Code::LearnNothing, message, hint);
    }
    if least.unknown.is_empty() && least.unnamed.is_empty() {
        let message = format!("{what} asked for nothing that takes a permission");
        let hint = "does the program read CLOUDFLARE_API_BASE_URL or CLOUDFLARE_BASE_URL? Otherwise make it write a log, \
                    and read that: cfmint learn --from FILE";
        return Problem::new(Code::LearnNothing, message, hint);
    }
    let unknown = least.unknown.iter().chain(least.unnamed.iter().map(|(what, _)| what));
    let asked: Vec<&str> = unknown.map(String::as_str).collect();
    let message = format!("cfmint does not know what {what} needs: {}", asked.join(", "));
    let hint = "look at the pages of these operations at https://developers.cloudflare.com/api/: each names its permissions";
    Problem::new(Code::LearnNothing, message, hint)
}

fn valid_name(name: &str) -> Result<(), Problem> {
    if name_is_valid(name) {
        return Ok(());
    }
    let message = format!("`{}` cannot be the name of a profile", crate::text::one_line(name));
    let hint = "choose a short name without `@`, such as shop-deploy";
    Err(Problem::new(Code::UsageArguments, message, hint))
}
