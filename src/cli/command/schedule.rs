//! `cfmint schedule`: prints what lets a scheduler run `rotate --due` for these profiles. Offline; it installs
//! nothing, and no secret is in what it prints.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::command::check::permissions;
use crate::cli::failure::exit;
use crate::cli::failure::problem::Problem;
use crate::cli::options::{FormatArgs, ScheduleArgs};
use crate::cli::output::describe;
use crate::cli::output::report::{FileRow, Row, SinkRow};
use crate::cli::session::context::Context;
use crate::cli::session::load::{Loaded, Unnamed, in_order, load_seeing};
use crate::lifecycle::{Bootstrap, Format, Pace, Schedule};
use crate::profile::{Profile, Shape, SinkSpec, Unset};
use crate::sink::root;
use crate::world::World;

/// The longest name that every scheduler takes: that of a `CronJob`.
const LONGEST_NAME: usize = 52;

/// Where cfmint is looked for where PATH does not have it.
const USUAL_PROGRAM: &str = "/usr/local/bin/cfmint";

pub(in crate::cli) fn run(context: &mut Context<'_>, arguments: &ScheduleArgs) -> u8 {
    // The scheduler will not have this process's environment.
    let seeing = |_: &str| None;
    let mut loaded =
        load_seeing(&**context.world, &seeing, &arguments.profiles, Unnamed::Every, Unset::Error);
    permissions(&mut loaded);
    in_order(&mut loaded.diagnostics, &arguments.profiles.profiles);
    let invalid = loaded.has_errors();
    if loaded.diagnostics.iter().any(|found| found.code == "profile.unset-variable") {
        context
            .screen
            .note("variables come from --set alone: the scheduler has not the environment of this run");
    }
    context.report.diagnostics(std::mem::take(&mut loaded.diagnostics));
    for problem in std::mem::take(&mut loaded.problems) {
        context.report.problem(problem);
    }
    if invalid {
        return exit::INVALID;
    }
    match printed(context, arguments, loaded) {
        Ok(()) => exit::DONE,
        Err(problem) => {
            context.report.problem(problem);
            exit::INVALID
        }
    }
}

fn printed(context: &mut Context<'_>, arguments: &ScheduleArgs, loaded: Loaded) -> Result<(), Problem> {
    let format = format(&arguments.format);
    let Loaded { profiles, shapes, .. } = loaded;
    let (profiles, shapes) = named(profiles, &shapes, arguments);
    for shape in &shapes {
        context.screen.note(&format!(
            "{}: the environments of {} are not scheduled: only their shape is known",
            shape.source.path, shape.environment
        ));
    }
    if let (true, Some(shape)) = (profiles.is_empty(), shapes.first()) {
        return Err(Problem::new(
            "usage.environment",
            format!("{} names its environments by their shape only", shape.source.path),
            format!("choose one: -e {}", shape.example),
        ));
    }
    let pace = pace(&profiles, format)?;
    let schedule = gather(context, arguments, &profiles, &shapes, pace)?;
    let fleeting = (format.is_ephemeral() && !schedule.env_files.is_empty()).then(|| {
        format!(
            "a run of {} leaves no files behind: {} would be gone, with the secret in it. \
             Hand it on with a `command` sink, as a comment in the text shows",
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
        context.screen.warn(&format!("{path} is a path of this machine: a runner has the repository alone"));
    }
    let files = schedule.print(format).map_err(|error| {
        Problem::new("usage.schedule", error.to_string(), "write it into the profile, or name it otherwise")
    })?;
    for profile in &profiles {
        let never = profile.renewal().is_none().then(|| {
            format!(
                "{} is made if it is missing, and then never due: see `rotation.every`",
                profile.name.value
            )
        });
        if let Some(note) = &never {
            context.screen.note(note);
        }
        let is_in_file = profile.sinks.iter().any(|sink| matches!(sink, SinkSpec::EnvFile { .. }));
        let fleeting = fleeting.clone().filter(|_| is_in_file);
        context.report.row(row(profile, fleeting.into_iter().chain(never).collect()));
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

/// So often that each token is looked at often enough while it is to be renewed, and that a run which died is followed
/// in time.
fn pace(profiles: &[Profile], format: Format) -> Result<Pace, Problem> {
    let fastest = format.fastest();
    profiles.iter().try_fold(Pace::Day, |slowest, profile| {
        let pace = profile.pace().filter(|pace| *pace >= fastest);
        pace.map(|pace| slowest.min(pace)).ok_or_else(|| Problem {
            file: Some(profile.source.path.clone()),
            ..Problem::new(
                "usage.schedule",
                format!(
                    "`{}` is to be renewed within {}, which is too short for {}",
                    profile.name.value,
                    describe::span(profile.renewal().unwrap_or_default()),
                    format.word()
                ),
                format!(
                    "write a longer `ttl`, or `every` and `renew_before` of {} or more",
                    describe::span(fastest.least())
                ),
            )
        })
    })
}

/// Brings together what the text is made of.
fn gather(
    context: &mut Context<'_>,
    arguments: &ScheduleArgs,
    profiles: &[Profile],
    shapes: &[&Shape],
    pace: Pace,
) -> Result<Schedule, Problem> {
    let world = &**context.world;
    let unreadable = |error: std::io::Error| {
        Problem::new(
            "sink.folder",
            format!("the folder cannot be looked at: {error}"),
            "change into a folder that exists",
        )
    };
    let root = root(world).map_err(unreadable)?;
    let folder = world.real_path(world.folder()).map_err(unreadable)?;
    let within = folder.strip_prefix(&root.folder).unwrap_or(Path::new(""));
    let files: BTreeSet<&str> = profiles.iter().map(|profile| profile.source.path.as_str()).collect();

    let (mut env_files, mut programs, mut writable) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    writable.insert(root.folder.clone());
    for profile in profiles {
        for sink in &profile.sinks {
            match sink {
                SinkSpec::EnvFile { path, .. } => {
                    env_files.insert(path.value.display().to_string());
                    writable.extend(root.folder.join(&path.value).parent().map(Path::to_owned));
                }
                SinkSpec::Command { argv, read, .. } => {
                    let argvs = [Some(argv), read.as_ref()].into_iter().flatten();
                    programs.extend(argvs.filter_map(|argv| argv.value.first().cloned()));
                }
            }
        }
        let hooks = profile.hooks.delivered.iter().chain(&profile.hooks.retired);
        programs.extend(hooks.filter_map(|argv| argv.first().cloned()));
    }
    writable.extend(arguments.connection.state_dir.iter().map(|state| folder.join(state)));
    // A folder within another is written to with it.
    let outermost =
        writable.iter().filter(|one| !writable.iter().any(|other| other != *one && one.starts_with(other)));

    let is_here = arguments.format.systemd || arguments.format.cron;
    let program = match &arguments.program {
        Some(given) if is_here => Some(absolute(world, given)?),
        Some(given) => Some(given.clone()),
        None => program(world, "cfmint"),
    };
    if program.is_none() && is_here {
        context
            .screen
            .note(&format!("PATH has no cfmint: {USUAL_PROGRAM} stands for it, unless --program says"));
    }
    let schedule = Schedule {
        name: name(arguments, profiles, &folder)?,
        pace,
        program: program.unwrap_or_else(|| USUAL_PROGRAM.to_owned()),
        writable: outermost.map(|folder| folder.display().to_string()).collect(),
        folder: folder.display().to_string(),
        within: within.display().to_string(),
        user: user(world),
        owner: owner(world, &root.folder),
        profiles: given(arguments, &files, shapes),
        files: files.into_iter().map(str::to_owned).collect(),
        options: options(arguments, profiles),
        state: arguments.connection.state_dir.as_ref().map(|path| path.display().to_string()),
        bootstrap: bootstrap(arguments, &folder)?,
        env_files: env_files.into_iter().collect(),
        programs: programs.into_iter().collect(),
    };
    let carried = schedule.options.iter().chain(match &schedule.bootstrap {
        Bootstrap::Command(command) => Some(command),
        _ => None,
    });
    if carried.into_iter().any(|text| holds_secret(text)) {
        return Err(Problem::new(
            "usage.schedule",
            "an argument looks like a secret, and what is scheduled can be read by others",
            "keep it where the command that you give can read it: --bootstrap-command 'op read op://vault/item'",
        ));
    }
    if world.variable("CLOUDFLARE_BASE_URL").is_some() && arguments.connection.api_url.is_none() {
        context.screen.note("CLOUDFLARE_BASE_URL is not carried over; --api-url is");
    }
    Ok(schedule)
}

/// The arguments that name profiles: as they were given, unless a folder holds profiles that are left out.
fn given(arguments: &ScheduleArgs, files: &BTreeSet<&str>, shapes: &[&Shape]) -> Vec<String> {
    let left_out =
        || shapes.iter().map(|shape| shape.source.path.as_str()).filter(|path| !files.contains(path));
    let mut given = Vec::new();
    for path in &arguments.profiles.profiles {
        if left_out().any(|left| Path::new(left).starts_with(path)) {
            let kept = files.iter().filter(|file| Path::new(file).starts_with(path));
            given.extend(kept.map(|file| (*file).to_owned()));
        } else {
            given.push(path.display().to_string());
        }
    }
    // A path is no option.
    given.into_iter().map(|path| if path.starts_with('-') { format!("./{path}") } else { path }).collect()
}

/// The options of `rotate`.
fn options(arguments: &ScheduleArgs, profiles: &[Profile]) -> Vec<String> {
    let choice = &arguments.profiles.choice;
    let mut options: Vec<String> = Vec::new();
    let mut give = |option: &str, value: &str| options.extend([option.to_owned(), value.to_owned()]);
    choice.environments.iter().for_each(|name| give("-e", name));
    choice.features.iter().for_each(|name| give("--feature", name));
    choice.variables.iter().for_each(|(key, value)| give("--set", &format!("{key}={value}")));
    if let Some(url) = &arguments.connection.api_url {
        give("--api-url", url);
    }
    if let Some(splay) = &arguments.splay {
        give("--splay", splay);
    }
    let has_environments = profiles.iter().any(|profile| profile.environment.is_some());
    if choice.environments.is_empty() && has_environments {
        options.insert(0, "--all-envs".to_owned());
    }
    options.push("--due".to_owned());
    if arguments.connection.emulator {
        options.push("--emulator".to_owned());
    }
    options
}

fn bootstrap(arguments: &ScheduleArgs, folder: &Path) -> Result<Bootstrap, Problem> {
    let connection = &arguments.connection;
    match (&connection.bootstrap_file, &connection.bootstrap_command) {
        _ if connection.emulator => Ok(Bootstrap::Unneeded),
        (Some(path), _) if path.as_os_str() == "-" => Err(Problem::new(
            "usage.schedule",
            "nobody types the bootstrap when a schedule runs",
            "give a file that is there then: --bootstrap-file PATH",
        )),
        // On this machine, the scheduler does not start from this folder; elsewhere the folder is another.
        (Some(path), _) if arguments.format.systemd => {
            Ok(Bootstrap::File(folder.join(path).display().to_string()))
        }
        (Some(path), _) => Ok(Bootstrap::File(path.display().to_string())),
        (None, Some(command)) => Ok(Bootstrap::Command(command.clone())),
        (None, None) => Ok(Bootstrap::Unsaid),
    }
}

/// What the schedule is called: letters, digits and `-`.
fn name(arguments: &ScheduleArgs, profiles: &[Profile], folder: &Path) -> Result<String, Problem> {
    let is_part = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    if let Some(name) = &arguments.name {
        let is_name = name.len() <= LONGEST_NAME
            && name.starts_with(is_part)
            && name.ends_with(is_part)
            && name.chars().all(|character| is_part(character) || character == '-');
        return if is_name {
            Ok(name.clone())
        } else {
            Err(Problem::new(
                "usage.schedule",
                format!("`{name}` cannot name a schedule"),
                format!(
                    "write 1 to {LONGEST_NAME} small letters, digits and `-`, such as cfmint-rotate-shop"
                ),
            ))
        };
    }
    let is_file = |path: &Path| profiles.iter().any(|profile| Path::new(&profile.source.path) == path);
    let given = &arguments.profiles.profiles;
    let stems =
        given.iter().filter_map(|path| if is_file(path) { path.file_stem() } else { path.file_name() });
    // Several, or a folder of them: what it is called may be called the same elsewhere.
    let within = if matches!(given.as_slice(), [one] if is_file(one)) { None } else { folder.file_name() };
    let subject = within.into_iter().chain(stems).map(|name| name.to_string_lossy().into_owned());
    let words = ["cfmint-rotate".to_owned()].into_iter().chain(subject);
    let text =
        words.chain(arguments.profiles.choice.environments.iter().cloned()).collect::<Vec<_>>().join("-");
    let text: String = text.to_lowercase().chars().map(|one| if is_part(one) { one } else { '-' }).collect();
    let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
    let mut name = parts.join("-");
    name.truncate(LONGEST_NAME);
    Ok(name.trim_end_matches('-').to_owned())
}

/// Where a program is that was typed: no scheduler starts from this folder, or has this PATH.
fn absolute(world: &dyn World, given: &str) -> Result<String, Problem> {
    if given.contains('/') {
        // Without `./`: what is printed is to be read.
        let path: PathBuf = world.folder().join(given).components().collect();
        return Ok(path.display().to_string());
    }
    program(world, given).ok_or_else(|| {
        Problem::new(
            "usage.schedule",
            format!(
                "PATH has no `{}`, and a scheduler has another PATH",
                crate::cloudflare::printable(given)
            ),
            "give the path of the program: --program /usr/local/bin/cfmint",
        )
    })
}

/// Where PATH has a program.
fn program(world: &dyn World, name: &str) -> Option<String> {
    let path = world.variable("PATH").unwrap_or_default();
    let found = path
        .split(':')
        .map(|folder| Path::new(folder).join(name))
        .find(|program| program.is_absolute() && matches!(world.look(program), Ok(Some(_))));
    found.map(|program| program.display().to_string())
}

/// Who runs this, if it is not the superuser.
fn user(world: &dyn World) -> Option<String> {
    let is_plain = |name: &String| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    world.variable("USER").filter(|name| is_plain(name) && name != "root")
}

/// The number of the user whose folder it is, if that is not the superuser.
fn owner(world: &dyn World, folder: &Path) -> Option<u32> {
    let entry = world.look(folder).ok().flatten()?;
    (entry.owner != 0).then_some(entry.owner)
}

/// Whether a text has something in it that looks like a token's secret.
fn holds_secret(text: &str) -> bool {
    const LEAST: usize = 20;
    ["cfut_", "cfat_", "cfk_"].iter().any(|start| {
        text.match_indices(start).any(|(at, _)| {
            let secret = text[at + start.len()..].chars();
            secret.take_while(|one| one.is_ascii_alphanumeric() || matches!(one, '-' | '_')).count() >= LEAST
        })
    })
}

fn row(profile: &Profile, notes: Vec<String>) -> Row {
    Row {
        profile: Some(profile.source.path.clone()),
        environment: profile.environment.clone(),
        action: "scheduled",
        sinks: profile.sinks.iter().map(SinkRow::from).collect(),
        notes,
        ..Row::default()
    }
}
