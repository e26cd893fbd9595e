//! Arguments -> profiles, resolved for their environments; every problem of every profile together.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::loaded::{LeftOut, Loaded};
use super::together::{no_such_feature, nobody_has, same_names, set_in_vain};
use crate::catalogue::{Catalogue, name_sections, resolve_offline};
use crate::cli::failure::code::Code;
use crate::cli::failure::command_line::CommandLine;
use crate::cli::failure::hint::Hint;
use crate::cli::failure::problem::Problem;
use crate::cli::options::{ChoiceArgs, ProfileArgs};
use crate::profile::{Diagnostic, Owner, ProfileFile, ResolveOptions, Severity, Unset, is_sound};
use crate::sink::shell_word;
use crate::world::{EntryKind, World};

/// The longest profile that is read, in bytes; the reader of profiles has its own limit below this.
const LONGEST_READ: u64 = 32 * 1024 * 1024;

/// What to do where a profile has environments and none is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Unchosen {
    /// Take every named environment, and an example of each pattern: `check`.
    Every,
    /// Refuse.
    Refuse,
    /// Refuse; the command takes one environment: `doctor`, `learn --check`.
    RefuseOne,
    /// Leave one of several profiles out, with a note; refuse a profile alone: `plan`.
    LeaveOut,
}

/// Reads and resolves.
pub(in crate::cli) fn load(
    world: &dyn World,
    arguments: &ProfileArgs,
    unchosen: Unchosen,
    unset: Unset,
) -> Loaded {
    load_seeing(world, &|name| world.variable(name), arguments, unchosen, unset)
}

/// The same, with other variables than those of this process.
pub(in crate::cli) fn load_seeing(
    world: &dyn World,
    variables: &dyn Fn(&str) -> Option<String>,
    arguments: &ProfileArgs,
    unchosen: Unchosen,
    unset: Unset,
) -> Loaded {
    let loaded = Loaded { variables: Some(BTreeSet::new()), ..Loaded::default() };
    let mut reader = Loader { world, variables, choice: &arguments.choice, unchosen, unset, loaded };
    let named = if arguments.profiles.len() > 1 { ProfileCount::Several } else { ProfileCount::One };
    for path in &arguments.profiles {
        match files(world, path) {
            Ok(Given::File) => reader.read(path, named),
            Ok(Given::Folder(files)) => {
                for file in &files {
                    reader.read(file, ProfileCount::Several);
                }
            }
            Err(problem) => reader.unreadable(problem),
        }
    }
    let mut loaded = reader.loaded;
    nobody_has(&arguments.choice, &mut loaded);
    no_such_feature(&arguments.choice, &mut loaded);
    set_in_vain(&arguments.choice, &mut loaded);
    same_names(world, &mut loaded);
    in_order(&mut loaded.diagnostics, &arguments.profiles);
    loaded
}

/// A text that is in no file yet, resolved for every environment; no variable is set.
pub(in crate::cli) fn load_text(world: &dyn World, path: &Path, text: String) -> Loaded {
    let (choice, unset) = (ChoiceArgs::default(), Unset::Note);
    let loaded = Loaded::default();
    let mut reader =
        Loader { world, variables: &|_| None, choice: &choice, unchosen: Unchosen::Every, unset, loaded };
    reader.parse(&path.display().to_string(), text.into_bytes(), ProfileCount::One);
    reader.loaded
}

/// Sorts findings as a reader meets them, whichever stage made them: by the order in which the files are given,
/// then by place.
pub(in crate::cli) fn in_order(diagnostics: &mut [Diagnostic], given: &[PathBuf]) {
    diagnostics.sort_by_key(|found| {
        let file = given.iter().position(|path| Path::new(&found.source.path).starts_with(path));
        (file, found.source.path.clone(), found.place.as_ref().map(|(span, _)| span.start))
    });
}

/// What an argument means.
enum Given {
    /// A profile.
    File,
    /// The profiles in a folder.
    Folder(Vec<PathBuf>),
}

/// Whether a file of this name is taken for a profile.
pub(in crate::cli) fn is_profile(path: &Path) -> bool {
    matches!(path.extension().and_then(OsStr::to_str), Some("yaml" | "yml"))
}

/// The profile files an argument means: itself, or those in the folder it names.
fn files(world: &dyn World, path: &Path) -> Result<Given, Problem> {
    let unreadable = |error: &std::io::Error| unreadable(&path.display().to_string(), error);
    let full = world.folder().join(path);
    let real = world.real_path(&full).map_err(|error| unreadable(&error))?;
    let entry = world.look(&real).map_err(|error| unreadable(&error))?;
    if entry.is_none_or(|entry| entry.kind != EntryKind::Folder) {
        return Ok(Given::File);
    }
    let names = world.list(&real).map_err(|error| unreadable(&error))?;
    let files: Vec<PathBuf> =
        names.iter().filter(|name| is_profile(Path::new(name))).map(|name| path.join(name)).collect();
    if files.is_empty() {
        return Err(Problem::new(
            Code::ProfileUnreadable,
            format!("{} holds no profiles", path.display()),
            "a profile's file name ends with .yaml or .yml",
        ));
    }
    Ok(Given::Folder(files))
}

fn unreadable(shown: &str, error: &std::io::Error) -> Problem {
    let hint = match error.kind() {
        std::io::ErrorKind::NotFound => Hint::text(
            "name a profile, or a folder of profiles; relative paths start from the current folder",
        ),
        std::io::ErrorKind::PermissionDenied => {
            Hint::run("see who may read it", CommandLine::on_path("ls -l", Path::new(shown)))
        }
        _ => Hint::text("name a profile, or a folder of profiles"),
    };
    Problem::new(Code::ProfileUnreadable, format!("{shown} cannot be read: {error}"), hint).in_file(shown)
}

/// The same findings; those about permissions under no section say which section is theirs.
fn named_sections(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    name_sections(Catalogue::embedded(), &mut found);
    found
}

/// How many profiles were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProfileCount {
    /// One: the options are about it.
    One,
    /// Several, named or in a folder: the options need not fit each of them.
    Several,
}

/// Reads one file after the other.
struct Loader<'a> {
    world: &'a dyn World,
    variables: &'a dyn Fn(&str) -> Option<String>,
    choice: &'a ChoiceArgs,
    unchosen: Unchosen,
    unset: Unset,
    loaded: Loaded,
}

impl Loader<'_> {
    fn unreadable(&mut self, problem: Problem) {
        self.loaded.problems.push(problem);
        self.loaded.variables = None;
    }

    fn read(&mut self, path: &Path, count: ProfileCount) {
        let shown = path.display().to_string();
        let bytes = match self.world.read(&self.world.folder().join(path), LONGEST_READ) {
            Ok(bytes) => bytes,
            Err(error) => return self.unreadable(unreadable(&shown, &error)),
        };
        self.parse(&shown, bytes, count);
    }

    fn parse(&mut self, shown: &str, bytes: Vec<u8>, count: ProfileCount) {
        match ProfileFile::from_bytes(shown, bytes) {
            Ok(file) => self.resolve(&file, count),
            Err(diagnostics) => {
                self.loaded.diagnostics.extend(diagnostics);
                self.loaded.variables = None;
            }
        }
    }

    /// Resolves a file for each of its environments that are chosen.
    fn resolve(&mut self, file: &ProfileFile, count: ProfileCount) {
        self.loaded.environments.extend(file.environments().into_iter().map(str::to_owned));
        self.loaded.elsewhere.extend(file.variables().iter().cloned());
        let environments = self.environments(file, count);
        if environments.is_empty() {
            // Nothing is resolved, so what is wrong with the file itself is said here.
            self.loaded.diagnostics.extend(named_sections(file.findings()));
        }
        let (choice, variables) = (self.choice, self.variables);
        let features = self.features(file, count);
        let asked = RefCell::new(BTreeSet::new());
        let lookup = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            let set = choice.variables.iter().find(|(key, _)| key == name);
            // Names, paths and arguments are seen by everyone: the bootstrap is none of a profile's business.
            let is_open = !crate::world::BOOTSTRAP_VARIABLES.contains(&name);
            set.map(|(_, value)| value.clone()).or_else(|| variables(name).filter(|_| is_open))
        };
        let options = ResolveOptions {
            environment: None,
            features: &features,
            variables: &lookup,
            now: self.world.now(),
            unset: self.unset,
        };
        let loaded = &mut self.loaded;
        loaded.shapes.extend(file.shapes(&options));
        // A feature that is off needs no variables.
        let without_variables = ResolveOptions { unset: Unset::Note, ..options };
        for feature in file.check_unused_features(&environments, &without_variables) {
            let permissions = resolve_offline(file.source(), &feature.permissions, &Owner::User);
            let is_error = |found: &Diagnostic| found.severity == Severity::Error;
            let permissions = permissions.diagnostics.into_iter().filter(is_error);
            let mut found = named_sections(feature.diagnostics);
            found.retain(|found| self.unset == Unset::Note || is_error(found));
            found.extend(permissions);
            if found.iter().any(is_error) {
                loaded.unsound.insert(file.source().path.clone());
            }
            loaded.diagnostics.extend(found);
        }
        let mut is_read = !environments.is_empty();
        for environment in environments {
            let resolved = file.resolve(&ResolveOptions { environment: environment.as_deref(), ..options });
            is_read &= resolved.profile.is_some();
            let mut found = named_sections(resolved.diagnostics);
            if resolved.profile.is_none() {
                // Later stages resolve the permissions of a valid profile; of another, their faults are shown now.
                let permissions = resolve_offline(file.source(), &resolved.permissions, &Owner::User);
                found.extend(permissions.diagnostics);
            }
            for diagnostic in found {
                // What is wrong with the base is wrong in every environment, and said once.
                if !loaded.diagnostics.contains(&diagnostic) {
                    loaded.diagnostics.push(diagnostic);
                }
            }
            loaded.profiles.extend(resolved.profile);
        }
        // What cannot be read whole may refer to anything that stands in the file.
        let known = if is_read { asked.take() } else { file.variables().clone() };
        if let Some(variables) = &mut loaded.variables {
            variables.extend(known);
        }
    }

    /// The environments to resolve a file for; `None` for the base alone.
    fn environments(&mut self, file: &ProfileFile, count: ProfileCount) -> Vec<Option<String>> {
        if !self.choice.environments.is_empty() {
            return self.chosen(file, count).into_iter().map(Some).collect();
        }
        if !file.has_environments() {
            return vec![None];
        }
        let named = || file.environments().into_iter().map(|name| Some(name.to_owned()));
        if self.unchosen == Unchosen::Every {
            return named().chain(file.examples().into_iter().map(Some)).collect();
        }
        let has_names = named().next().is_some();
        if self.choice.all_envs && has_names {
            return named().collect();
        }
        // Environments that could not be read are no choice; what is wrong with them is said.
        if is_sound(&file.findings()) {
            self.none_chosen(file, count);
        }
        Vec::new()
    }

    /// The features that are turned on, of one of several profiles those that it has.
    fn features(&mut self, file: &ProfileFile, count: ProfileCount) -> Vec<String> {
        let known = file.features();
        self.loaded.features.extend(known.iter().map(|&name| name.to_owned()));
        let is_its = |name: &&String| count == ProfileCount::One || known.contains(&name.as_str());
        self.choice.features.iter().filter(is_its).cloned().collect()
    }

    /// The chosen environments, of one of several profiles those that it has.
    fn chosen(&mut self, file: &ProfileFile, count: ProfileCount) -> Vec<String> {
        let (has, lacks): (Vec<_>, Vec<_>) = self
            .choice
            .environments
            .iter()
            .cloned()
            .partition(|name| count == ProfileCount::One || file.has_environment(name));
        let path = &file.source().path;
        let left_out = lacks.into_iter().map(|name| LeftOut {
            path: path.clone(),
            why: format!("it has no environment `{name}`"),
            environment: Some(name),
        });
        self.loaded.left_out.extend(left_out);
        has
    }

    /// Says that a choice is missing.
    fn none_chosen(&mut self, file: &ProfileFile, count: ProfileCount) {
        let names = file.environments();
        let examples = file.examples();
        // An example is a command to paste, so there is none where one of several has to be chosen.
        let (why, hint, example) = match (names.as_slice(), examples.first()) {
            ([only], _) => ("has an environment, and none is chosen", "choose it".to_owned(), Some(*only)),
            ([_, ..], _) => (
                "has environments, and none is chosen",
                match self.unchosen {
                    Unchosen::RefuseOne => format!("choose one with -e ENV ({})", names.join(", ")),
                    _ => format!("choose with -e ENV, or --all-envs ({})", names.join(", ")),
                },
                None,
            ),
            ([], Some(example)) => {
                ("names its environments only by pattern", "choose one".to_owned(), Some(example.as_str()))
            }
            ([], None) => {
                ("has no environment that could be chosen", "name one under `environments`".to_owned(), None)
            }
        };
        let option = example.map(|name| format!("-e {}", shell_word(name.as_ref())));
        let path = file.source().path.clone();
        if self.unchosen == Unchosen::LeaveOut && count == ProfileCount::Several {
            let example = option.map(|option| format!(" with {option}")).unwrap_or_default();
            let why = format!("it {why}: {hint}{example}");
            return self.loaded.left_out.push(LeftOut { path, environment: None, why });
        }
        let hint = match option {
            Some(option) => Hint::run(hint, CommandLine::again(option)),
            None => Hint::text(hint),
        };
        let problem = Problem::new(Code::UsageEnvironment, format!("{path} {why}"), hint).in_file(path);
        self.loaded.problems.push(problem);
    }
}

/// A path without `.` and `..`, as far as its text tells.
pub(in crate::cli) fn lexical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}
