//! Arguments -> profiles, resolved for their environments; every problem of every profile together.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalogue::{Catalogue, resolve_all};
use crate::cli::args::{ChoiceArgs, ProfileArgs};
use crate::cli::problem::Problem;
use crate::profile::{Choice, Diagnostic, Profile, ProfileFile, Severity, Source, Unset};
use crate::world::{EntryKind, World};

/// The longest profile that is read, in bytes; the reader of profiles has a limit of its own below this.
const LONGEST_READ: u64 = 32 * 1024 * 1024;

/// What to do where no environment is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unnamed {
    /// Take every named environment: `check`.
    Every,
    /// Refuse if the profile has environments.
    Refuse,
}

/// Profiles and what there is to say about them.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) profiles: Vec<Profile>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) problems: Vec<Problem>,
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
    let mut loaded = Loaded::default();
    for path in &arguments.profiles {
        match files(world, path) {
            Ok(paths) => {
                for path in paths {
                    load_file(world, &path, &arguments.choice, unnamed, unset, &mut loaded);
                }
            }
            Err(problem) => loaded.problems.push(problem),
        }
    }
    same_names(&mut loaded);
    // As a reader meets them, whichever stage found them. The sort keeps files apart in the order given.
    loaded.diagnostics.sort_by_key(|found| {
        let file = arguments.profiles.iter().position(|path| Path::new(&found.source.path).starts_with(path));
        (file, found.source.path.clone(), found.place.as_ref().map(|(span, _)| span.start))
    });
    loaded
}

/// The profile files an argument means: itself, or those in the folder it names.
fn files(world: &dyn World, path: &Path) -> Result<Vec<PathBuf>, Problem> {
    let unreadable = |error: &std::io::Error| {
        Problem::new("profile.unreadable", format!("{} cannot be read: {error}", path.display()), "")
    };
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

fn load_file(
    world: &dyn World,
    path: &Path,
    choice: &ChoiceArgs,
    unnamed: Unnamed,
    unset: Unset,
    loaded: &mut Loaded,
) {
    let shown = path.display().to_string();
    let bytes = match world.read(&world.folder().join(path), LONGEST_READ) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!("{shown} cannot be read: {error}");
            loaded.problems.push(Problem::new("profile.unreadable", message, ""));
            return;
        }
    };
    let file = match ProfileFile::from_bytes(&shown, bytes) {
        Ok(file) => file,
        Err(diagnostics) => {
            loaded.diagnostics.extend(diagnostics);
            return;
        }
    };
    let variables = |name: &str| {
        let set = choice.variables.iter().rev().find(|(key, _)| key == name);
        // Names, paths and arguments are seen by everyone: the bootstrap is none of a profile's business.
        let is_open = !crate::world::BOOTSTRAP_VARIABLES.contains(&name);
        set.map(|(_, value)| value.clone()).or_else(|| world.variable(name).filter(|_| is_open))
    };
    let catalogue = Catalogue::embedded();
    for environment in environments(&file, choice, unnamed, loaded) {
        let resolved = file.resolve(&Choice {
            environment: environment.as_deref(),
            features: &choice.features,
            variables: &variables,
            now: world.now(),
            unset,
        });
        let mut found = resolved.diagnostics;
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
}

/// The environments to resolve a file for; `None` for the base alone.
fn environments(
    file: &ProfileFile,
    choice: &ChoiceArgs,
    unnamed: Unnamed,
    loaded: &mut Loaded,
) -> Vec<Option<String>> {
    let every = || file.environments().into_iter().map(|name| Some(name.to_owned())).collect::<Vec<_>>();
    if !choice.environments.is_empty() {
        return choice.environments.iter().cloned().map(Some).collect();
    }
    if !file.has_environments() {
        return vec![None];
    }
    if choice.all_envs || unnamed == Unnamed::Every {
        return every();
    }
    let named = file.environments().join(", ");
    loaded.problems.push(Problem {
        file: Some(file.source().path.clone()),
        ..Problem::new(
            "usage.environment",
            format!("{} has environments, and none is chosen", file.source().path),
            format!("choose with -e ENV, or --all-envs ({named})"),
        )
    });
    Vec::new()
}

/// Two profiles of one run with one name would take each other's tokens for their own.
fn same_names(loaded: &mut Loaded) {
    let mut seen: BTreeMap<&str, &Profile> = BTreeMap::new();
    let mut found = Vec::new();
    for profile in &loaded.profiles {
        let Some(first) = seen.insert(&profile.name.value, profile) else { continue };
        let environment = |profile: &Profile| {
            let environment =
                profile.environment.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
            format!("{}{environment}", profile.source.path)
        };
        found.push(diagnostic(
            profile,
            format!("`{}` is also the name of {}", profile.name.value, environment(first)),
        ));
    }
    loaded.diagnostics.extend(found);
}

fn diagnostic(profile: &Profile, message: String) -> Diagnostic {
    let source: Arc<Source> = Arc::clone(&profile.source);
    Diagnostic {
        severity: Severity::Error,
        code: "profile.same-name",
        message,
        source,
        place: Some((profile.name.span, String::new())),
        also: None,
        hint: "put ${environment} into the name, or give the profiles different names".to_owned(),
    }
}
