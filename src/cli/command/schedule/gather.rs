//! What the text of a schedule is made of: brought together from profiles, arguments and this machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::ScheduleArgs;
use crate::cli::failure::code::Code;
use crate::cli::failure::problem::Problem;
use crate::cli::session::context::Context;
use crate::cli::session::workspace::{find_root, unusable_folder};
use crate::lifecycle::{Bootstrap, Schedule, Source};
use crate::profile::{Pace, Profile, Shape, SinkSpec};
use crate::secret::holds_secret;
use crate::world::World;

/// The longest name that every scheduler takes: that of a `CronJob`.
const LONGEST_NAME: usize = 52;

/// Where cfmint is looked for where PATH does not have it.
const USUAL_PROGRAM: &str = "/usr/local/bin/cfmint";

/// Brings together what the text is made of.
pub(super) fn schedule(
    context: &mut Context<'_>,
    arguments: &ScheduleArgs,
    profiles: &[Profile],
    shapes: &[&Shape],
    pace: Pace,
    source: Source,
) -> Result<Schedule, Problem> {
    let world = &**context.world;
    let root = find_root(world)?;
    let folder = world.real_path(world.folder()).map_err(|error| unusable_folder(&error))?;
    let within = folder.strip_prefix(&root.folder).unwrap_or(Path::new(""));
    let files: BTreeSet<&str> = profiles.iter().map(|profile| profile.source.path.as_str()).collect();

    let (mut env_files, mut programs, mut writable) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    writable.insert(root.folder.clone());
    for profile in profiles {
        for sink in &profile.sinks {
            if let Some(file) = sink.file() {
                env_files.insert(file.path.value.display().to_string());
                writable.extend(root.folder.join(&file.path.value).parent().map(Path::to_owned));
            }
            programs.extend(sink.programs().into_iter().filter_map(|argv| argv.value.first().cloned()));
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
        context.screen.note(&format!(
            "cfmint is not on PATH, so {USUAL_PROGRAM} is used; for another path: \
                --program PATH"
        ));
    }
    let schedule = Schedule {
        name: name(arguments, profiles, &folder)?,
        pace,
        program: program.unwrap_or_else(|| USUAL_PROGRAM.to_owned()),
        source,
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
        logs_in_to_vault: arguments.connection.bootstrap_vault.is_some()
            || profiles
                .iter()
                .flat_map(|profile| &profile.sinks)
                .any(|sink| matches!(sink, SinkSpec::Vault { .. })),
    };
    let carried = schedule.options.iter().chain(match &schedule.bootstrap {
        Bootstrap::Command(command) => Some(command),
        _ => None,
    });
    if carried.into_iter().any(|text| holds_secret(text)) {
        return Err(Problem::new(
            Code::UsageSchedule,
            "an argument looks like a secret, and others can read a schedule",
            "keep it where a command can read it: --bootstrap-command 'op read op://vault/item'",
        ));
    }
    if world.variable("CLOUDFLARE_BASE_URL").is_some() && arguments.connection.api_url.is_none() {
        context.screen.note("a schedule does not take over CLOUDFLARE_BASE_URL; use --api-url");
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
            Code::UsageSchedule,
            "nobody types the bootstrap when a schedule runs",
            "give a file that exists at that time: --bootstrap-file PATH",
        )),
        // On this machine, the scheduler does not start from this folder; elsewhere the folder is another.
        (Some(path), _) if arguments.format.systemd => {
            Ok(Bootstrap::File(folder.join(path).display().to_string()))
        }
        (Some(path), _) => Ok(Bootstrap::File(path.display().to_string())),
        (None, Some(command)) => Ok(Bootstrap::Command(command.clone())),
        (None, None) => Ok(connection.bootstrap_vault.clone().map_or(Bootstrap::Unsaid, Bootstrap::Vault)),
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
                Code::UsageSchedule,
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
            Code::UsageSchedule,
            format!("`{}` is not on PATH, and a scheduler has another PATH", crate::text::one_line(given)),
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
