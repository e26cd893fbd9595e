//! The secret of a profile: that of the first of its sinks that can be read and holds one.
//!
//! In: the profile, and the work tree that its paths are relative to. Out: the secret with what stands beside it, and what
//! there is to say about the sinks. Nothing is written.

use std::path::{Path, PathBuf};

use super::place::{NamedBy, guarded, not_for_wrangler, of_sink_error, one_secret};
use super::subject::{Found, Subject};
use crate::cli::failure::command_line::{About, CommandLine};
use crate::cli::failure::hint::{Hint, Hints};
use crate::cli::output::checks::Check;
use crate::doctor::CheckCode;
use crate::profile::{Profile, SinkValue, is_id};
use crate::sink::{ContentEntry, Root, SecretFile, SinkReading, locate};
use crate::survey::SurveyedSink;
use crate::world::World;

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
    checks.extend(subjects.iter().filter_map(|other| differing(&first, other)));
    Found { subject: first, checks }
}

/// What is wrong with the secret of another sink of the same profile.
fn differing(first: &Subject, other: &Subject) -> Option<Check> {
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
