//! What was typed so far -> what can stand at one place of it: commands, options, their values; profiles and folders;
//! the environments and features of the profiles that were named. Only files are read.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::Str;
use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate, complete};

use super::load::is_profile;
use crate::profile::ProfileFile;
use crate::world::{EntryKind, World};

/// The longest profile that is read while somebody waits for a key.
const LONGEST: u64 = 1024 * 1024;

/// The most files that are read for it.
const MOST: usize = 100;

/// Each candidate, with what it is for if that is known.
pub(in crate::cli) fn candidates(
    world: &Arc<dyn World>,
    grammar: Command,
    words: &[OsString],
    index: usize,
) -> Vec<(String, Option<String>)> {
    let at = words.get(index);
    let before = words.get(..index).unwrap_or(words);
    let named = Named { world: Arc::clone(world), profiles: profiles(&grammar, before) };
    let mut grammar = grammar.mut_subcommands(|command| command.mut_args(|arg| named.teach(arg)));
    let mut words = words.to_vec();
    // The word at hand may not be there yet.
    if index == words.len() {
        words.push(OsString::new());
    }
    let found = complete(&mut grammar, words, index, Some(world.folder())).unwrap_or_default();
    let line = |candidate: &CompletionCandidate| {
        let help = candidate.get_help().map(ToString::to_string);
        let help = help.as_deref().and_then(|help| help.lines().next()).map(str::to_owned);
        (candidate.get_value().to_string_lossy().into_owned(), help)
    };
    let found: Vec<(String, Option<String>)> = found.iter().map(line).collect();
    // Options are offered to whoever begins one, or where nothing else can stand.
    let is_option = |(value, _): &(String, _)| value.starts_with('-');
    let wants_option = at.is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"));
    if wants_option || found.iter().all(is_option) {
        return found;
    }
    found.into_iter().filter(|candidate| !is_option(candidate)).collect()
}

/// The profiles among what was typed; the rest of it may be unfinished.
fn profiles(grammar: &Command, words: &[OsString]) -> Vec<PathBuf> {
    let matches = grammar.clone().ignore_errors(true).try_get_matches_from(words).unwrap_or_default();
    let Some((_, of_command)) = matches.subcommand() else { return Vec::new() };
    let of = |id: &str| of_command.try_get_many::<PathBuf>(id).ok().flatten().into_iter().flatten().cloned();
    ["profiles", "profile"].into_iter().flat_map(of).collect()
}

/// The profiles that were named, and how they are read.
#[derive(Clone)]
struct Named {
    world: Arc<dyn World>,
    profiles: Vec<PathBuf>,
}

impl Named {
    /// The same argument, which knows what can stand for it.
    fn teach(&self, arg: Arg) -> Arg {
        let named = self.clone();
        match arg.get_value_names().and_then(<[_]>::first).map(Str::as_str) {
            Some("PROFILE") => {
                arg.add(ArgValueCompleter::new(move |typed: &OsStr| paths(&*named.world, typed)))
            }
            Some("ENV") => arg.add(ArgValueCandidates::new(move || named.all(ProfileFile::environments))),
            Some("FEATURE") => arg.add(ArgValueCandidates::new(move || named.all(ProfileFile::features))),
            _ => arg,
        }
    }

    /// What the profiles name, each once.
    fn all(&self, of: fn(&ProfileFile) -> Vec<&str>) -> Vec<CompletionCandidate> {
        let world = &*self.world;
        let mut names: Vec<String> = Vec::new();
        for path in self.profiles.iter().flat_map(|path| files(world, path)).take(MOST) {
            let bytes = world.read(&world.folder().join(&path), LONGEST).unwrap_or_default();
            if let Ok(file) = ProfileFile::from_bytes(&path.display().to_string(), bytes) {
                names.extend(of(&file).into_iter().map(str::to_owned));
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names.into_iter().map(CompletionCandidate::new).collect()
    }
}

/// The file that a path names, or those in the folder that it names.
fn files(world: &dyn World, path: &Path) -> Vec<PathBuf> {
    match kind(world, path) {
        Some(EntryKind::File) => vec![path.to_owned()],
        Some(EntryKind::Folder) => {
            let names = world.list(&world.folder().join(path)).unwrap_or_default();
            let files = names.iter().map(|name| path.join(name)).filter(|path| is_profile(path));
            files.filter(|path| kind(world, path) == Some(EntryKind::File)).collect()
        }
        _ => Vec::new(),
    }
}

/// The folders and profiles whose path begins as what was typed.
fn paths(world: &dyn World, typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let (folder, start) = typed.rsplit_once('/').map_or(("", &*typed), |(folder, start)| (folder, start));
    let lead = &typed[..typed.len() - start.len()];
    let folder = if folder.is_empty() { lead } else { folder };
    let mut candidates = Vec::new();
    for name in world.list(&world.folder().join(folder)).unwrap_or_default() {
        let Some(name) = name.to_str().filter(|name| name.starts_with(start)) else { continue };
        if name.starts_with('.') && !start.starts_with('.') {
            continue;
        }
        match kind(world, &Path::new(folder).join(name)) {
            Some(EntryKind::Folder) => candidates.push(CompletionCandidate::new(format!("{lead}{name}/"))),
            Some(EntryKind::File) if is_profile(Path::new(name)) => {
                candidates.push(CompletionCandidate::new(format!("{lead}{name}")));
            }
            _ => {}
        }
    }
    candidates
}

/// What stands at a path, at the end of its links.
fn kind(world: &dyn World, path: &Path) -> Option<EntryKind> {
    let real = world.real_path(&world.folder().join(path)).ok()?;
    world.look(&real).ok().flatten().map(|entry| entry.kind)
}
