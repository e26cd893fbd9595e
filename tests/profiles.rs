//! The profiles that ship with cfmint hold what the format promises, and so does the one that uses all of it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test")]

use std::path::{Path, PathBuf};

use cfmint::cli::diagnostics::render;
use cfmint::profile::{Choice, ProfileFile, Resolved, Unset, is_sound, schema};

/// The text of every profile in a folder, with its path; none if the folder is missing.
fn profiles_in(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let profiles = paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    profiles.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

fn shipped() -> Vec<(PathBuf, String)> {
    profiles_in("profiles").into_iter().chain(profiles_in("tests/fixtures")).collect()
}

fn resolve(file: &ProfileFile, environment: Option<&str>) -> Resolved {
    file.resolve(&Choice {
        environment,
        features: &[],
        variables: &|_| None,
        now: "2026-01-15T12:00:00Z".parse().unwrap(),
        // A shipped profile leaves accounts and zones to variables.
        unset: Unset::Note,
    })
}

#[test]
fn every_shipped_profile_satisfies_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (path, text) in shipped() {
        let value: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let found: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path)).collect();
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
    }
}

#[test]
fn every_shipped_profile_is_sound_in_each_of_its_environments() {
    for (path, text) in shipped() {
        let file = ProfileFile::from_bytes(&path.to_string_lossy(), text.into_bytes())
            .unwrap_or_else(|diagnostics| panic!("{}", render(&diagnostics, false)));
        let mut environments: Vec<Option<&str>> = file.environments().into_iter().map(Some).collect();
        if !file.has_environments() {
            environments.push(None);
        }
        for environment in environments {
            let resolved = resolve(&file, environment);
            assert!(is_sound(&resolved.diagnostics), "{}", render(&resolved.diagnostics, false));
            assert!(resolved.profile.is_some(), "{}: {environment:?}", path.display());
        }
    }
}

#[test]
fn the_profile_that_uses_all_of_the_format_is_among_them() {
    let full = shipped().into_iter().find(|(path, _)| path.ends_with("full.yaml")).unwrap();
    let file = ProfileFile::from_bytes("full.yaml", full.1.into_bytes()).unwrap();
    for environment in ["dev", "production", "pr-17"] {
        let resolved = resolve(&file, Some(environment));
        let profile = resolved.profile.unwrap_or_else(|| panic!("{}", render(&resolved.diagnostics, false)));
        assert_eq!(profile.name.value, format!("shop-deploy-{environment}"));
    }
}
