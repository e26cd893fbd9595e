//! `cfmint exec`: a token for one command, which ends with it.
//!
//! What is wrong with the arguments, the program or the profile is said before a token is made. From then on the run ends
//! the token whatever becomes of the command, and passes on how that ended.

mod program;

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::{About, CommandLine, ProfileArguments};
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::failure::{Failure, step};
use crate::cli::options::{ChoiceArgs, ConnectionArgs, ProfileArgs};
use crate::cli::output::describe::{self, Names};
use crate::cli::session::context::Context;
use crate::cli::session::load::Unchosen;
use crate::cli::session::open::{Session, read};
use crate::custody::{CommandLife, CommandToken, Custody, CustodyError, StepFailure};
use crate::profile::{Lifetime, Profile, duration};
use crate::survey::{Job, Purpose};
use crate::text::one_line;

use program::{Given, Program};

/// How long a token lives where nobody says it.
const TTL: TimeDelta = TimeDelta::minutes(15);
/// The shortest life there is: a new token takes seconds until every server knows it.
const LEAST_TTL: TimeDelta = TimeDelta::minutes(1);
/// What must be left of it when the command begins, where nobody says it.
const MIN_LIFE: TimeDelta = TimeDelta::minutes(5);

/// Run a command with a short-lived token of its own, which ends with it
#[derive(Debug, Args)]
#[command(
    after_help = "Makes a token with the rights and the IP rule of the profile, and gives it to the command alone: in \
    the variables of the profile's env_file and github_env sinks, else in CLOUDFLARE_API_TOKEN. No file and no argument gets it. When the command \
    ends, in whichever way, the token is deleted; if cfmint itself is killed, the token ends by itself.\n\n\
    The command has the streams of cfmint and gets its signals. The exit code is the command's, or 128+N if signal N killed it; \
    only where cfmint says error[…] is it cfmint's own, and then the command has not run.\n\n\
    Examples:\n  cfmint exec shop.yaml -e production -- wrangler deploy\n  \
    cfmint exec shop.yaml -e dev --ttl 1h -- terraform apply"
)]
pub(in crate::cli) struct ExecArgs {
    /// The profile file
    #[arg(value_name = "PROFILE")]
    profile: PathBuf,
    /// How long the token may live: at least `1m`, and no longer than the profile's [default: 15m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    ttl: Option<TimeDelta>,
    /// How much of its life must be left when the command begins; if waiting takes more, another token is made [default: 5m,
    /// or half of its life]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    min_life: Option<TimeDelta>,
    /// The command to run, with its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<String>,
    /// How the profile is resolved.
    #[command(flatten)]
    choice: ChoiceArgs,
    /// How to reach Cloudflare.
    #[command(flatten)]
    connection: ConnectionArgs,
}

impl RunCommand for ExecArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        self.leaves_streams_alone(context)?;
        let program = Program::find(&**context.world, &self.command)?;
        let arguments = ProfileArgs { profiles: vec![self.profile.clone()], choice: self.choice.clone() };
        let profiles = read(context, &arguments, Purpose::Command, Unchosen::RefuseOne)?;
        let life = self.life(only(&profiles)?)?;
        let (survey, custody, workspace) =
            Session::for_command(context, &arguments, profiles, &self.connection).await?;
        let job = only(&survey.jobs)?;
        let given = Given::prepare(context, &workspace.connection, &self.connection).await?;
        let token = match custody.make_for_command(&survey, job, life).await {
            Ok(token) => token,
            Err(StepFailure { error, remarks }) => {
                for remark in &remarks {
                    context.screen.note(&describe::remark(remark));
                }
                return Err(failure(job, &error));
            }
        };
        say_made(context, &Names::of(&survey, job), &custody, &token, job);
        let ended = program.run(context, &custody, job, &token, given).await;
        end(context, &custody, job, token).await;
        ended.map(Outcome::CommandEnded)
    }
}

impl ExecArgs {
    /// Standard output is the command's, and so is standard input.
    fn leaves_streams_alone(&self, context: &Context<'_>) -> Result<(), Problem> {
        if context.json {
            let message = "--json does nothing here: standard output is the command's";
            return Err(Problem::new(Code::UsageArguments, message, "omit it"));
        }
        if self.connection.bootstrap_file.as_ref().is_some_and(|file| file.as_os_str() == "-") {
            let message = "the bootstrap cannot come from standard input: that is the command's";
            let hint = "give it in CLOUDFLARE_BOOTSTRAP_TOKEN, a file, or with --bootstrap-command COMMAND";
            return Err(Problem::new(Code::UsageArguments, message, hint));
        }
        Ok(())
    }

    /// How long the token lives: as long as was asked for, but no longer than the profile lets any token live.
    fn life(&self, profile: &Profile) -> Result<CommandLife, Problem> {
        let refuse = |message: String, hint: &str| Err(Problem::new(Code::UsageArguments, message, hint));
        let most = match profile.ttl.value {
            Lifetime::For(ttl) => Some(ttl),
            // Its own end comes first, if it is nearer.
            Lifetime::Until(_) | Lifetime::Never => None,
        };
        let ttl = match (self.ttl, most) {
            (Some(asked), _) if asked < LEAST_TTL => {
                let message =
                    format!("--ttl {} is too short for a new token to be known", describe::span(asked));
                return refuse(message, "give it a minute at least: --ttl 1m");
            }
            (Some(asked), Some(most)) if asked > most => {
                let (asked, most) = (describe::span(asked), describe::span(most));
                let message = format!("--ttl {asked} is longer than tokens of this profile live: {most}");
                return refuse(message, "ask for less, or let the profile say more: `ttl`");
            }
            (Some(asked), _) => asked,
            (None, most) => most.map_or(TTL, |most| most.min(TTL)),
        };
        match self.min_life {
            Some(least) if least > ttl => {
                let (least, ttl) = (describe::span(least), describe::span(ttl));
                let message = format!("--min-life {least} is more than the whole life of the token: {ttl}");
                refuse(message, "ask for a longer life with --ttl, or need less of it")
            }
            Some(least) => Ok(CommandLife { ttl, least }),
            None => Ok(CommandLife { ttl, least: MIN_LIFE.min(ttl / 2) }),
        }
    }
}

/// The one profile in its one environment, or what was made of it.
fn only<T>(of_profiles: &[T]) -> Result<&T, Problem> {
    match of_profiles {
        [only] => Ok(only),
        several => {
            let message = format!("a command gets one token, and this is {} tokens", several.len());
            Err(Problem::new(
                Code::UsageEnvironment,
                message,
                "name one profile, and one environment with -e ENV",
            ))
        }
    }
}

fn say_made(
    context: &mut Context<'_>,
    names: &Names<'_>,
    custody: &Custody,
    token: &CommandToken,
    job: &Job,
) {
    let owner = names.owner(&job.context.owner);
    let end = describe::end_and_rest(Some(token.ends()), custody.now());
    context.done("Created", &format!("{} for {owner}, {end}", one_line(&token.live().name)));
    for remark in &token.remarks {
        context.screen.note(&describe::remark(remark));
    }
}

/// Ends the token. What the command did stays done, so a token that ends a little later changes no exit code.
async fn end(context: &mut Context<'_>, custody: &Custody, job: &Job, token: CommandToken) {
    let (live, ends) = (token.live(), token.ends());
    let name = one_line(&live.name);
    match custody.end_command(token).await {
        Ok(()) => context.done("Revoked", &name),
        Err(error) => {
            let text = format!(
                "{name} could not be deleted ({error}); it ends by itself {}; to end it now",
                describe::time(ends)
            );
            let revoke = Hint::run(text, CommandLine::revoke(&job.context.owner, &live.id));
            context.screen.alarm(&revoke.line(&context.invocation));
        }
    }
}

/// Why there is no token, with what helps a command.
fn failure(job: &Job, error: &CustodyError) -> Failure {
    if let CustodyError::Interrupted(interrupt) = error {
        return (*interrupt).into();
    }
    let profile = ProfileArguments::of(&job.profile);
    let doctor = CommandLine::about("doctor", &profile);
    let problem = step(error, &About::Profile(profile));
    let problem = match error {
        CustodyError::NotWorking { .. } => Problem {
            hints: vec![
                Hint::text("run the same command again, since a new token may take a minute to be known"),
                Hint::run("if it stays", doctor),
            ],
            ..problem
        },
        _ => problem,
    };
    let environment = job.profile.environment.clone();
    Problem { environment, ..problem.in_file(job.profile.source.path.clone()) }.into()
}
