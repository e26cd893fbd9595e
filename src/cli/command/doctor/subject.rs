//! Which secret is looked at, and what stands beside it: the variable of a profile's env file, of a file that is named, of
//! this process, or a line of standard input.

use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::{About, CommandLine};
use crate::cli::failure::hint::{Hint, Hints};
use crate::cli::failure::problem::Problem;
use crate::cli::output::checks::Check;
use crate::cli::session::context::Context;
use crate::cli::session::open::unguarded;
use crate::doctor::CheckCode;
use crate::profile::{Profile, SinkValue, is_id};
use crate::secret::Secret;
use crate::sink::{
    ContentEntry, ContentProblem, Document, FixGitignore, LONGEST_FILE, Root, SecretFile, SinkError,
    SinkReading, guard, locate,
};
use crate::survey::SurveyedSink;
use crate::world::World;

/// The variable that holds a token where nothing else is said.
pub(super) const TOKEN: &str = "CLOUDFLARE_API_TOKEN";
/// The variable that held it once, and that Wrangler still reads.
const OLD_TOKEN: &str = "CF_API_TOKEN";
/// The variables beside it that name its account: the first that is there counts, as it does for Wrangler.
const ACCOUNT: [&str; 2] = ["CLOUDFLARE_ACCOUNT_ID", "CF_ACCOUNT_ID"];
/// The variables beside it that name its zone.
const ZONE: [&str; 2] = ["CLOUDFLARE_ZONE_ID", "CF_ZONE_ID"];

/// Names that programs of another time have for the token.
const OTHER_NAMES: [&str; 3] = [OLD_TOKEN, "CLOUDFLARE_TOKEN", "CF_TOKEN"];

/// A secret and what stands beside it.
#[derive(Default)]
pub(super) struct Subject {
    /// What a person calls its place.
    pub(super) shown: String,
    /// The sink of the profile that holds it, where it is one: what `rotate` stores goes there.
    pub(super) sink: Option<String>,
    /// The secret.
    pub(super) secret: Option<Secret>,
    /// The id of its token, where S3 credentials stand in its place.
    pub(super) id: Option<String>,
    /// The account's id beside it, with its place.
    pub(super) account: Option<(String, String)>,
    /// Whether there should be one and is none.
    pub(super) lacks_account: bool,
    /// The zone's id beside it, with its place.
    pub(super) zone: Option<(String, String)>,
}

/// What was found, with what there is to say about it.
pub(super) struct Found {
    pub(super) subject: Subject,
    pub(super) checks: Vec<Check>,
}

/// The secret of a profile: that of the first sink that can be read and holds one.
pub(super) fn of_profile(world: &dyn World, root: &Root, state_folder: &Path, profile: &Profile) -> Found {
    let (sinks, errors) = locate(world, root, Some(state_folder), profile);
    let mut checks: Vec<Check> = errors.iter().map(of_sink_error).collect();
    let files: Vec<&SecretFile> = sinks.iter().filter_map(|sink| sink.file()).collect();
    checks.extend(guarded(world, root, &files, NamedBy::Profile));
    let mut subjects = Vec::new();
    for sink in sinks {
        if let Err(error) = sink.check(world) {
            checks.push(of_sink_error(&error));
            continue;
        }
        match SurveyedSink::read(world, sink) {
            Ok(seen) => subjects.extend(subject(&seen, &mut checks)),
            Err(error) => checks.push(of_sink_error(&error)),
        }
    }
    let first = subjects.iter().position(Subject::is_there).unwrap_or_default();
    if subjects.is_empty() {
        return Found { subject: Subject::default(), checks };
    }
    let first = subjects.remove(first);
    checks.extend(subjects.iter().filter_map(|other| beside(&first, other)));
    Found { subject: first, checks }
}

/// What is wrong with the secret of another sink of the same profile.
fn beside(first: &Subject, other: &Subject) -> Option<Check> {
    let is_same = match (&first.secret, &other.secret) {
        (Some(one), Some(other)) => one.expose() == other.expose(),
        // Credentials that name a token by its id are not compared with a secret.
        _ => first.id == other.id || first.id.is_none() || other.id.is_none(),
    };
    let message = match other.is_there() {
        _ if !first.is_there() => return None,
        false => format!("there is no {}", other.shown),
        true if !is_same => format!("{} holds another secret than {}", other.shown, first.shown),
        true => return None,
    };
    let rotate = CommandLine::new("rotate", About::SameProfiles);
    Some(Check::failed(CheckCode::Sink, message, Hint::run("give all sinks one new secret", rotate)))
}

impl Subject {
    /// Whether there is anything that tells of a token.
    pub(super) fn is_there(&self) -> bool {
        self.secret.is_some() || self.id.is_some()
    }
}

/// What a sink holds of a token.
fn subject(seen: &SurveyedSink, checks: &mut Vec<Check>) -> Option<Subject> {
    let SinkReading::Content(content) = &seen.reading else {
        let message = format!("{} only takes secrets: nobody can read what it holds", seen.sink.shown());
        checks.push(Check::unknown(
            CheckCode::Sink,
            message,
            "send the token to doctor yourself: cfmint doctor --token-stdin",
        ));
        return None;
    };
    if content.is_loose {
        checks.push(Check::failed(
            CheckCode::Sink,
            format!("others can read {}", seen.sink.shown()),
            seen.sink.file().map_or_else(
                || "close it to others".into(),
                |file| Hints::from(Hint::run("close it", CommandLine::on_path("chmod 600", file.path()))),
            ),
        ));
    }
    let of = |value: SinkValue| content.entries.iter().find(move |entry| entry.value == value);
    let account = of(SinkValue::AccountId).and_then(one_text);
    let zone = of(SinkValue::ZoneId).and_then(one_text);
    if let Some(entry) = of(SinkValue::Token) {
        let secret = one_secret(&entry.shown, &entry.found, checks);
        if let Some(file) = seen.sink.file().filter(|_| secret.is_some()) {
            checks.extend(not_for_wrangler(file.path(), seen.sink.shown()));
        }
        let sink = Some(seen.sink.shown().to_owned());
        return Some(Subject {
            shown: entry.shown.clone(),
            sink,
            secret,
            account,
            zone,
            ..Subject::default()
        });
    }
    let (id, key) = (of(SinkValue::R2AccessKeyId)?, of(SinkValue::R2SecretAccessKey)?);
    let text = |entry: &ContentEntry| entry.found.last().map(|found| found.expose().trim().to_owned());
    let (id_text, key_text) = (text(id).unwrap_or_default(), text(key).unwrap_or_default());
    let is_swapped = id_text.len() == 64 && key_text.len() == 32;
    if is_swapped {
        checks.push(Check::failed(
            CheckCode::Form,
            format!("{} and {} are swapped: the id has 32 characters, the key 64", id.shown, key.shown),
            "exchange the two values",
        ));
    }
    let id_text = Some(if is_swapped { key_text } else { id_text }).filter(|text| is_id(text));
    let sink = Some(seen.sink.shown().to_owned());
    Some(Subject { shown: key.shown.clone(), sink, id: id_text, account, zone, ..Subject::default() })
}

/// The one value of an entry that is no secret, with its place.
fn one_text(entry: &ContentEntry) -> Option<(String, String)> {
    let found = entry.found.last()?.expose().trim().to_owned();
    Some((entry.shown.clone(), found))
}

/// The one value of a variable: none, or several different ones, are told.
fn one_secret(shown: &str, found: &[Secret], checks: &mut Vec<Check>) -> Option<Secret> {
    let last = found.last();
    if found.iter().any(|one| Some(one.expose()) != last.map(Secret::expose)) {
        checks.push(Check::failed(
            CheckCode::Place,
            format!("{shown} is defined {} times, with different values", found.len()),
            "leave one definition: some programs take the first and some the last",
        ));
    }
    last.cloned()
}

/// The env file that a profile names first, for a variable of it that the profile does not name.
pub(super) fn first_file(
    world: &dyn World,
    root: &Root,
    state_folder: &Path,
    profile: &Profile,
) -> Option<PathBuf> {
    let (sinks, _) = locate(world, root, Some(state_folder), profile);
    let file = sinks.iter().find_map(|sink| sink.file())?;
    let folder = world.real_path(world.folder()).unwrap_or_else(|_| world.folder().to_owned());
    Some(file.path().strip_prefix(folder).unwrap_or(file.path()).to_owned())
}

/// The sink of a profile that is this file and stores the secret in this variable.
pub(super) fn sink_of(
    world: &dyn World,
    root: &Root,
    state_folder: &Path,
    profile: &Profile,
    (path, variable): (&Path, &str),
) -> Option<String> {
    let real = |path: &Path| world.real_path(path).unwrap_or_else(|_| path.to_owned());
    let path = real(&world.folder().join(path));
    let (sinks, _) = locate(world, root, Some(state_folder), profile);
    let sink = sinks.into_iter().find(|sink| sink.file().is_some_and(|file| real(file.path()) == path))?;
    let seen = SurveyedSink::read(world, sink).ok()?;
    let SinkReading::Content(content) = &seen.reading else { return None };
    let place = format!("{variable} in {}", seen.sink.shown());
    let is_it = |entry: &ContentEntry| entry.value == SinkValue::Token && entry.shown == place;
    content.entries.iter().any(is_it).then(|| seen.sink.shown().to_owned())
}

/// The secret of a file that is named. The file is only read: whether cfmint could write it is no matter.
pub(super) fn of_file(
    context: &Context<'_>,
    root: &Root,
    path: &Path,
    variable: &str,
) -> Result<Found, Failure> {
    let world = &**context.world;
    let full = world.folder().join(path);
    let bytes = world.read(&full, LONGEST_FILE).map(zeroize::Zeroizing::new);
    let bytes = bytes.map_err(|source| {
        Failure::from(vec![SinkError::Refused { doing: "read", path: full.clone(), source }])
    })?;
    let shown = path.display().to_string();
    let unreadable = |problem| {
        let problem = ContentProblem::EnvFile(problem);
        Failure::from(vec![SinkError::Unreadable { shown: shown.clone(), problem }])
    };
    let document = Document::parse(&bytes).map_err(unreadable)?;
    let mut checks = match SecretFile::locate(world, root, &full) {
        Ok(file) => guarded(world, root, &[&file], NamedBy::Caller),
        Err(error) => vec![of_sink_error(&error)],
    };
    let place = format!("{variable} in {shown}");
    let found = document.values(variable).map_err(unreadable)?;
    let secret = one_secret(&place, &found, &mut checks);
    if secret.is_none() {
        let other = OTHER_NAMES.iter().find(|name| document.value(name).is_some());
        let hint = match other {
            Some(name) => {
                format!("{name} is there: --variable {name}, or give it the name that programs look for")
            }
            None => "name the variable that holds the token: --variable NAME".to_owned(),
        };
        checks.push(Check::failed(CheckCode::Place, format!("{shown} has no {variable}"), hint));
    }
    if secret.is_some() {
        checks.extend(not_for_wrangler(path, &shown));
    }
    let text = |name: &str| document.value(name).map(|value| value.expose().trim().to_owned());
    let beside = |name: &&str| text(name).map(|id| (format!("{name} in {shown}"), id));
    let (account, zone) = (ACCOUNT.iter().find_map(beside), ZONE.iter().find_map(beside));
    let lacks_account = account.is_none();
    let subject = Subject { shown: place, secret, account, lacks_account, zone, ..Subject::default() };
    Ok(Found { subject, checks })
}

/// A file that Wrangler does not log in with.
fn not_for_wrangler(path: &Path, shown: &str) -> Option<Check> {
    is_dev_vars(path).then(|| {
        Check::unknown(
            CheckCode::Place,
            format!("Wrangler does not log in with what stands in {shown}: it is the Worker's own"),
            "Wrangler reads CLOUDFLARE_API_TOKEN from the environment or from .env",
        )
    })
}

/// `.dev.vars` holds the local variables of a Worker, and `.dev.vars.ENV` those of one of its environments.
///
/// Source: <https://developers.cloudflare.com/workers/configuration/environment-variables/>
fn is_dev_vars(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name == ".dev.vars" || name.starts_with(".dev.vars.")
}

/// The secret on standard input.
pub(super) fn of_stdin(world: &dyn World) -> Result<Found, Failure> {
    let line = world.read_line().map_err(|error| {
        let message = format!("standard input cannot be read: {error}");
        Problem::new(Code::UsageDoctor, message, "send the token, and nothing else")
    })?;
    let secret = Secret::new(line.unwrap_or_default());
    if secret.is_blank() {
        let hint = "send the token to it: cfmint doctor --token-stdin < FILE";
        return Err(
            Problem::new(Code::UsageDoctor, "standard input is empty: there is no token", hint).into()
        );
    }
    Ok(of_process(world, "standard input".to_owned(), Some(secret)))
}

/// The secret in a variable of this process: the one that is named, else the one that programs look for.
pub(super) fn of_variable(world: &dyn World, named: Option<&str>) -> Found {
    let is_old = named.is_none() && world.variable(TOKEN).is_none() && world.variable(OLD_TOKEN).is_some();
    let variable = named.unwrap_or(if is_old { OLD_TOKEN } else { TOKEN });
    let secret = world.variable(variable).map(Secret::new);
    let mut found = of_process(world, format!("the variable {variable}"), secret);
    if found.subject.secret.is_none() {
        let other = OTHER_NAMES.iter().find(|name| world.variable(name).is_some());
        let hint = match other {
            Some(name) => format!("{name} is set: programs look for {TOKEN}"),
            None => "name a profile, --env-file FILE or --variable NAME\nin CI, pass the secret to this step"
                .to_owned(),
        };
        found.checks.push(Check::unknown(
            CheckCode::Place,
            format!("{variable} is not set: no token is looked at"),
            hint,
        ));
    }
    found
}

fn of_process(world: &dyn World, shown: String, secret: Option<Secret>) -> Found {
    let beside = |name: &&str| world.variable(name).map(|id| (format!("the variable {name}"), id));
    let (account, zone) = (ACCOUNT.iter().find_map(beside), ZONE.iter().find_map(beside));
    let lacks_account = account.is_none();
    let subject = Subject { shown, secret, account, lacks_account, zone, ..Subject::default() };
    Found { subject, checks: Vec::new() }
}

/// Who names an env file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NamedBy {
    /// A profile, as a sink.
    Profile,
    /// Whoever typed the command.
    Caller,
}

/// What git says of env files.
fn guarded(world: &dyn World, root: &Root, files: &[&SecretFile], by: NamedBy) -> Vec<Check> {
    if files.is_empty() {
        return Vec::new();
    }
    match guard(world, root, files, FixGitignore::Refuse) {
        Ok(_) if root.work_tree => {
            let names: Vec<&str> = files.iter().map(|file| file.shown()).collect();
            vec![Check::ok(CheckCode::Git, format!("git ignores {}", names.join(", ")))]
        }
        Ok(_) => Vec::new(),
        Err(errors) => {
            let check = |error: &SinkError| {
                let mut check = Check::of_problem(CheckCode::Git, unguarded(error));
                if by == NamedBy::Caller {
                    // No command of a profile's can add the line.
                    check.hints.truncate(1);
                }
                check
            };
            errors.iter().map(check).collect()
        }
    }
}

fn of_sink_error(error: &SinkError) -> Check {
    Check::of_problem(CheckCode::Sink, Problem::from(error))
}
