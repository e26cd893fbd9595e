//! `cfmint schedule`: prints what lets a scheduler run `rotate --due` for these profiles. Offline; it installs
//! nothing, and no secret is in what it prints.

mod gather;

use std::path::Path;

use clap::Args;

use super::{Outcome, RunCommand};
use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::exit::Exit;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::options::{ConnectionArgs, ProfileArgs};
use crate::cli::output::describe;
use crate::cli::output::rows::{FileRow, Row, RowAction};
use crate::cli::session::context::Context;
use crate::cli::session::load::{Unchosen, in_order, load_seeing};
use crate::cli::session::loaded::Loaded;
use crate::cli::session::permissions::permissions;
use crate::lifecycle::{Format, Source};
use crate::profile::{DiagnosticCode, Pace, Profile, Shape, SinkSpec, Unset, duration};

/// Where the repository of releases is on GitHub, in front of `owner/name`.
const GITHUB: &str = "https://github.com/";

/// Print a schedule of `rotate --due` for systemd, cron, GitHub Actions or Kubernetes
#[derive(Debug, Args)]
#[command(
    after_help = "Looks at the profiles and prints text; nothing is installed or sent. Without -e, every named\n\
    environment is taken. Variables come only from --set: a scheduler does not have your environment.\n\n\
    Example: cfmint schedule --systemd shop.yaml -e production > units"
)]
pub(in crate::cli) struct ScheduleArgs {
    /// For which scheduler.
    #[command(flatten)]
    pub(super) format: FormatArgs,
    /// Let each token become due up to this much later, as in `rotate --due --splay`
    #[arg(long, value_name = "DURATION", value_parser = |text: &str| duration(text).map(|_| text.to_owned()))]
    pub(super) splay: Option<String>,
    /// The name of the schedule [default: cfmint-rotate- and what it rotates]
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// The path of cfmint, for systemd and cron [default: as PATH finds it]
    #[arg(long, value_name = "PATH")]
    pub(super) program: Option<String>,
    /// A container image that has cfmint in it [default: that of its release; where there is none, it is built]
    #[arg(long, value_name = "IMAGE", conflicts_with_all = ["systemd", "cron", "github_actions"])]
    pub(super) image: Option<String>,
    /// Which profiles.
    #[command(flatten)]
    pub(super) profiles: ProfileArgs,
    /// What is carried over to each run.
    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
}

/// The schedulers, of which one is chosen.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
#[allow(clippy::struct_excessive_bools, reason = "one flag for each scheduler, as they are typed")]
pub(super) struct FormatArgs {
    /// A systemd service and its timer
    #[arg(long)]
    pub(super) systemd: bool,
    /// A line of a crontab
    #[arg(long)]
    pub(super) cron: bool,
    /// A workflow of GitHub Actions
    #[arg(long)]
    pub(super) github_actions: bool,
    /// A `CronJob` of Kubernetes
    #[arg(long)]
    pub(super) kubernetes: bool,
}

impl RunCommand for ScheduleArgs {
    async fn run(&self, context: &mut Context<'_>) -> Result<Outcome, Failure> {
        // The scheduler will not have this process's environment.
        let seeing = |_: &str| None;
        let mut loaded =
            load_seeing(&**context.world, &seeing, &self.profiles, Unchosen::Every, Unset::Error);
        permissions(&mut loaded);
        in_order(&mut loaded.diagnostics, &self.profiles.profiles);
        if loaded.diagnostics.iter().any(|found| found.code == DiagnosticCode::UnsetVariable) {
            let text =
                "variables come only from --set: the scheduler does not have the environment of this run";
            context.screen.note(text);
        }
        let loaded = loaded.accept(context)?;
        print(context, self, loaded).map_err(|problem| Failure::of(vec![problem], Exit::Invalid))?;
        Ok(Outcome::Reported)
    }
}

fn print(context: &mut Context<'_>, arguments: &ScheduleArgs, loaded: Loaded) -> Result<(), Problem> {
    let format = format(&arguments.format);
    let Loaded { profiles, shapes, .. } = loaded;
    let (profiles, shapes) = named(profiles, &shapes, arguments);
    for shape in &shapes {
        context.screen.note(&format!(
            "{}: the environments of {} are not scheduled: only their pattern is known",
            shape.source.path, shape.environment
        ));
    }
    if let (true, Some(shape)) = (profiles.is_empty(), shapes.first()) {
        return Err(Problem::new(
            Code::UsageEnvironment,
            format!("{} names its environments only by pattern", shape.source.path),
            Hint::run("choose one", CommandLine::again(format!("-e {}", shape.example))),
        ));
    }
    let source = Source::of(arguments.image.clone(), env!("CARGO_PKG_REPOSITORY").strip_prefix(GITHUB));
    let pace = pace(&profiles, format, &source)?;
    let schedule = gather::schedule(context, arguments, &profiles, &shapes, pace, source)?;
    let fleeting = (format.is_ephemeral() && !schedule.env_files.is_empty()).then(|| {
        format!(
            "{} keeps no files after a run: {} would be lost, with the secret in it. Pass the secret on \
             with a `command` sink, as a comment in the text shows",
            format.word(),
            schedule.env_files.join(", ")
        )
    });
    if let Some(warning) = &fleeting {
        context.screen.warn(warning);
    }
    if let Some(path) = schedule.files.iter().find(|path| Path::new(path).is_absolute())
        && format == Format::GithubActions
    {
        context
            .screen
            .warn(&format!("{path} is a path on this machine, and a runner has only the repository"));
    }
    if format == Format::Kubernetes && arguments.image.is_none() && !schedule.programs.is_empty() {
        let programs = schedule.programs.join(", ");
        context.screen.warn(&format!(
            "the image has none of the programs that profiles run: {programs}. Name an image that has them, and cfmint, \
             with --image; a comment in the text shows how to make it"
        ));
    }
    let files = schedule.print(format).map_err(|error| {
        Problem::new(
            Code::UsageSchedule,
            error.to_string(),
            "write it into the profile, or give it another name",
        )
    })?;
    for profile in &profiles {
        let never = profile.renewal().is_none().then(|| {
            format!(
                "{} is made if it is missing, but is never due after that: see `rotation.every`",
                profile.name.value
            )
        });
        let surroundings = profile.sinks.iter().find_map(SinkSpec::surroundings).map(|needed| {
            format!("the runs of {} need what you have here: {needed}; see the comments", profile.name.value)
        });
        for note in never.iter().chain(&surroundings) {
            context.screen.note(note);
        }
        let is_in_file = profile.sinks.iter().any(|sink| sink.file().is_some());
        let fleeting = fleeting.clone().filter(|_| is_in_file);
        let notes = fleeting.into_iter().chain(never).chain(surroundings).collect();
        context.report.row(Row { notes, ..Row::of_profile(profile, RowAction::Scheduled) });
    }
    if !context.json {
        let texts: Vec<&str> = files.iter().map(|file| file.text.as_str()).collect();
        context.screen.result(&texts.join("\n"));
    }
    for file in files {
        context.report.file(FileRow { path: file.path, text: file.text });
    }
    Ok(())
}

fn format(arguments: &FormatArgs) -> Format {
    match arguments {
        FormatArgs { systemd: true, .. } => Format::Systemd,
        FormatArgs { cron: true, .. } => Format::Cron,
        FormatArgs { github_actions: true, .. } => Format::GithubActions,
        FormatArgs { .. } => Format::Kubernetes,
    }
}

/// The profiles of environments that have a name, and the shapes that are left out.
fn named<'a>(
    profiles: Vec<Profile>,
    shapes: &'a [Shape],
    arguments: &ScheduleArgs,
) -> (Vec<Profile>, Vec<&'a Shape>) {
    if !arguments.profiles.choice.environments.is_empty() {
        return (profiles, Vec::new());
    }
    let is_example = |profile: &Profile, shape: &Shape| {
        shape.source.path == profile.source.path && profile.environment.as_deref() == Some(&*shape.example)
    };
    let is_named = |profile: &Profile| !shapes.iter().any(|shape| is_example(profile, shape));
    (profiles.into_iter().filter(is_named).collect(), shapes.iter().collect())
}

/// So often that each token is looked at often enough while its renewal is due, and that a run which died is followed
/// in time.
fn pace(profiles: &[Profile], format: Format, source: &Source) -> Result<Pace, Problem> {
    let fastest = format.fastest(source);
    let builds = format == Format::Kubernetes && *source == Source::Crates;
    let image = if builds { "; or name an image with --image, because building takes minutes" } else { "" };
    profiles.iter().try_fold(Pace::Day, |slowest, profile| {
        let pace = profile.pace().filter(|pace| *pace >= fastest);
        pace.map(|pace| slowest.min(pace)).ok_or_else(|| {
            Problem::new(
                Code::UsageSchedule,
                format!(
                    "`{}` must be renewed within {}, which is too short for {}",
                    profile.name.value,
                    describe::span(profile.renewal().unwrap_or_default()),
                    format.word()
                ),
                format!(
                    "write a longer `ttl`, or `every` and `renew_before` of {} or more{image}",
                    describe::span(fastest.least())
                ),
            )
            .in_file(profile.source.path.clone())
        })
    })
}
