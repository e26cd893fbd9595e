//! Arguments -> profiles, resolved for their environments; every problem of every profile together.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::catalogue::{Catalogue, name_sections, resolve_all};
use crate::cli::args::{ChoiceArgs, ProfileArgs};
use crate::cli::problem::Problem;
use crate::profile::{
    Diagnostic, Profile, ProfileFile, ResolveOptions, Severity, Shape, Unset, is_sound, listed, nearest,
};
use crate::sink::shell_word;
use crate::world::{EntryKind, World};

/// The longest profile that is read, in bytes; the reader of profiles has a limit of its own below this.
const LONGEST_READ: u64 = 32 * 1024 * 1024;

/// What to do where no environment is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unnamed {
    /// Take every named environment, and an example of each pattern: `check`.
    Every,
    /// Refuse if the profile has environments.
    Refuse,
}

/// Profiles and what there is to say about them.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) profiles: Vec<Profile>,
    /// What the environments of patterns have in common.
    pub(super) shapes: Vec<Shape>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) problems: Vec<Problem>,
    /// The variables that were asked for; `None` where a file could not be read.
    variables: Option<BTreeSet<String>>,
    /// The variables that the files refer to anywhere.
    elsewhere: BTreeSet<String>,
}

impl Loaded {
    /// Whether anything stands that forbids every write.
    pub(super) fn has_errors(&self) -> bool {
        !self.problems.is_empty()
            || self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Reads and resolves.
pub(super) fn load(world: &dyn World, arguments: &ProfileArgs, unnamed: Unnamed, unset: Unset) -> Loaded {
    load_seeing(world, &|name| world.variable(name), arguments, unnamed, unset)
}

/// The same, with other variables than those of this process.
pub(super) fn load_seeing(
    world: &dyn World,
    variables: &dyn Fn(&str) -> Option<String>,
    arguments: &ProfileArgs,
    unnamed: Unnamed,
    unset: Unset,
) -> Loaded {
    let mut loaded = Loaded { variables: Some(BTreeSet::new()), ..Loaded::default() };
    for path in &arguments.profiles {
        match files(world, path) {
            Ok(paths) => {
                for path in paths {
                    load_file(world, variables, &path, &arguments.choice, (unnamed, unset), &mut loaded);
                }
            }
            Err(problem) => {
                loaded.problems.push(problem);
                loaded.variables = None;
            }
        }
    }
    set_in_vain(&arguments.choice, &mut loaded);
    same_names(world, &mut loaded);
    in_order(&mut loaded.diagnostics, &arguments.profiles);
    loaded
}

/// Sorts findings as a reader meets them, whichever stage made them: by the order in which the files are given,
/// then by place.
pub(super) fn in_order(diagnostics: &mut [Diagnostic], given: &[PathBuf]) {
    diagnostics.sort_by_key(|found| {
        let file = given.iter().position(|path| Path::new(&found.source.path).starts_with(path));
        (file, found.source.path.clone(), found.place.as_ref().map(|(span, _)| span.start))
    });
}

/// The profile files an argument means: itself, or those in the folder it names.
fn files(world: &dyn World, path: &Path) -> Result<Vec<PathBuf>, Problem> {
    let unreadable = |error: &std::io::Error| unreadable(&path.display().to_string(), error);
    let full = world.folder().join(path);
    let real = world.real_path(&full).map_err(|error| unreadable(&error))?;
    let entry = world.look(&real).map_err(|error| unreadable(&error))?;
    if entry.is_none_or(|entry| entry.kind != EntryKind::Folder) {
        return Ok(vec![path.to_owned()]);
    }
    let is_yaml =
        |name: &OsStr| matches!(Path::new(name).extension().and_then(OsStr::to_str), Some("yaml" | "yml"));
    let names = world.list(&real).map_err(|error| unreadable(&error))?;
    let files: Vec<PathBuf> = names.iter().filter(|name| is_yaml(name)).map(|name| path.join(name)).collect();
    if files.is_empty() {
        return Err(Problem::new(
            "profile.unreadable",
            format!("{} holds no profiles", path.display()),
            "a profile's file name ends with .yaml or .yml",
        ));
    }
    Ok(files)
}

fn unreadable(shown: &str, error: &std::io::Error) -> Problem {
    let hint = match error.kind() {
        std::io::ErrorKind::NotFound => {
            "name a profile, or a folder of profiles; relative paths start from the current folder".to_owned()
        }
        std::io::ErrorKind::PermissionDenied => format!("ls -l {}", shell_word(Path::new(shown))),
        _ => "name a profile, or a folder of profiles".to_owned(),
    };
    Problem {
        file: Some(shown.to_owned()),
        ..Problem::new("profile.unreadable", format!("{shown} cannot be read: {error}"), hint)
    }
}

fn load_file(
    world: &dyn World,
    variables: &dyn Fn(&str) -> Option<String>,
    path: &Path,
    choice: &ChoiceArgs,
    (unnamed, unset): (Unnamed, Unset),
    loaded: &mut Loaded,
) {
    let shown = path.display().to_string();
    let bytes = match world.read(&world.folder().join(path), LONGEST_READ) {
        Ok(bytes) => bytes,
        Err(error) => {
            loaded.problems.push(unreadable(&shown, &error));
            loaded.variables = None;
            return;
        }
    };
    let file = match ProfileFile::from_bytes(&shown, bytes) {
        Ok(file) => file,
        Err(diagnostics) => {
            loaded.diagnostics.extend(diagnostics);
            loaded.variables = None;
            return;
        }
    };
    loaded.elsewhere.extend(file.variables().iter().cloned());
    let asked = RefCell::new(BTreeSet::new());
    let lookup = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        let set = choice.variables.iter().find(|(key, _)| key == name);
        // Names, paths and arguments are seen by everyone: the bootstrap is none of a profile's business.
        let is_open = !crate::world::BOOTSTRAP_VARIABLES.contains(&name);
        set.map(|(_, value)| value.clone()).or_else(|| variables(name).filter(|_| is_open))
    };
    let catalogue = Catalogue::embedded();
    let environments = environments(&file, choice, unnamed, loaded);
    if environments.is_empty() {
        // Nothing is resolved, so what is wrong with the file itself is said here.
        let mut found = file.findings();
        name_sections(&catalogue, &mut found);
        loaded.diagnostics.extend(found);
    }
    let choice = ResolveOptions {
        environment: None,
        features: &choice.features,
        variables: &lookup,
        now: world.now(),
        unset,
    };
    loaded.shapes.extend(file.shapes(&choice));
    if unset == Unset::Note {
        for feature in file.check_unused_features(&environments, &choice) {
            let permissions = resolve_all(&catalogue, file.source(), &feature.permissions).diagnostics;
            let permissions = permissions.into_iter().filter(|found| found.severity == Severity::Error);
            loaded.diagnostics.extend(feature.diagnostics.into_iter().chain(permissions));
        }
    }
    let mut is_read = !environments.is_empty();
    for environment in environments {
        let resolved = file.resolve(&ResolveOptions { environment: environment.as_deref(), ..choice });
        let mut found = resolved.diagnostics;
        name_sections(&catalogue, &mut found);
        is_read &= resolved.profile.is_some();
        if resolved.profile.is_none() {
            // Later stages resolve the permissions of a valid profile; of another, their faults are shown now.
            let permissions = resolve_all(&catalogue, file.source(), &resolved.permissions).diagnostics;
            found.extend(
                permissions.into_iter().filter(|fault| fault.code != "profile.permission-without-id"),
            );
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
    let all = file.variables();
    let known = if is_read { asked.take() } else { all.clone() };
    loaded.variables.iter_mut().for_each(|variables| variables.extend(known.iter().cloned()));
}

/// The environments to resolve a file for; `None` for the base alone.
fn environments(
    file: &ProfileFile,
    choice: &ChoiceArgs,
    unnamed: Unnamed,
    loaded: &mut Loaded,
) -> Vec<Option<String>> {
    let named: Vec<Option<String>> =
        file.environments().into_iter().map(|name| Some(name.to_owned())).collect();
    if !choice.environments.is_empty() {
        return choice.environments.iter().cloned().map(Some).collect();
    }
    if !file.has_environments() {
        return vec![None];
    }
    if unnamed == Unnamed::Every {
        return named.into_iter().chain(file.examples().into_iter().map(Some)).collect();
    }
    if choice.all_envs && !named.is_empty() {
        return named;
    }
    // Environments that could not be read are no choice; what is wrong with them is said.
    if !is_sound(&file.findings()) {
        return Vec::new();
    }
    let choices = file.environments().join(", ");
    let (message, hint) = match file.examples().first() {
        _ if !named.is_empty() => {
            ("has environments, and none is chosen", format!("choose with -e ENV, or --all-envs ({choices})"))
        }
        Some(example) => ("names its environments by their shape only", format!("choose one: -e {example}")),
        None => ("has no environment that could be chosen", "name one under `environments`".to_owned()),
    };
    let path = &file.source().path;
    loaded.problems.push(Problem {
        file: Some(path.clone()),
        ..Problem::new("usage.environment", format!("{path} {message}"), hint)
    });
    Vec::new()
}

/// What `--set` says and nothing asks for is a slip, and what it would have changed stays as it was: a token for the
/// wrong account, with a default.
fn set_in_vain(choice: &ChoiceArgs, loaded: &mut Loaded) {
    let mut seen = BTreeSet::new();
    for (key, _) in &choice.variables {
        let problem = if key == "environment" {
            Problem::new("usage.set", "the environment is not set as a variable", "choose it: -e ENV")
        } else if !seen.insert(key) {
            Problem::new(
                "usage.set",
                format!("`--set {key}=…` is given twice"),
                "give one value for each name",
            )
        } else {
            // What cannot be read may refer to anything.
            let Some(known) = loaded.variables.as_ref().filter(|known| !known.contains(key)) else {
                continue;
            };
            if loaded.elsewhere.contains(key) {
                let message =
                    format!("`--set {key}=…` changes nothing: no environment or feature in use refers to it");
                let hint = "leave it out, or choose the environment or the feature that refers to it";
                loaded.problems.push(Problem::new("usage.set", message, hint));
                continue;
            }
            let names = || known.iter().map(String::as_str).filter(|name| *name != "environment");
            let hint = match nearest(key, names()) {
                Some(near) => format!("did you mean `--set {near}=…`?"),
                None if names().next().is_none() => "no profile given refers to a variable".to_owned(),
                None => format!("they refer to {}", listed(names())),
            };
            Problem::new("usage.set", format!("no profile given refers to `${{{key}}}`"), hint)
        };
        if !loaded.problems.contains(&problem) {
            loaded.problems.push(problem);
        }
    }
}

/// Two profiles of one run with one name would take each other's tokens for their own.
fn same_names(world: &dyn World, loaded: &mut Loaded) {
    // One file may be given by two paths.
    let real = |profile: &Profile| world.real_path(&world.folder().join(&profile.source.path)).ok();
    let mut seen: BTreeMap<&str, &Profile> = BTreeMap::new();
    let mut found = Vec::new();
    for profile in &loaded.profiles {
        let Some(first) = seen.insert(&profile.name.value, profile) else { continue };
        let arguments = |profile: &Profile| {
            let environment = profile.environment.as_ref().map(|name| format!(" -e {name}"));
            format!("{}{}", profile.source.path, environment.unwrap_or_default())
        };
        let (name, first_arguments) = (&profile.name.value, arguments(first));
        let is_one_file = first.source.path == profile.source.path || real(first) == real(profile);
        let (message, hint) = if is_one_file && first.environment == profile.environment {
            let (mut message, now) = (format!("{first_arguments} is given twice"), arguments(profile));
            if now != first_arguments {
                message = format!("{message}, the second time as {now}");
            }
            (message, "name it once".to_owned())
        } else {
            let message = format!("`{name}` is also the name of the token of {first_arguments}");
            let hint = if is_one_file {
                format!("put the environment into it: `name: {name}-${{environment}}`")
            } else {
                "give the two profiles different names".to_owned()
            };
            (message, hint)
        };
        found.push(Diagnostic {
            severity: Severity::Error,
            code: "profile.same-name",
            message,
            source: Arc::clone(&profile.source),
            place: Some((profile.name.span, String::new())),
            also: None,
            hint,
        });
    }
    loaded.diagnostics.extend(found);
}

/// A path without `.` and `..`, as far as its text tells.
pub(super) fn lexical(path: &Path) -> PathBuf {
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
