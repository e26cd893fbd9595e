//! The profiles that ship with cfmint hold what they promise: valid, nothing to remark, and applied untouched. The one
//! that uses all of the format is valid too.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test")]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cfmint::cli::snippet::render;
use cfmint::profile::{ProfileFile, ResolveOptions, Resolved, Unset, is_sound, schema};
use serde_json::Value;
use support::{TestWorld, cfmint};

/// The text of every profile in a folder, with its path.
fn profiles_in(folder: &str) -> Vec<(PathBuf, String)> {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let profiles = paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let mut profiles: Vec<_> =
        profiles.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect();
    profiles.sort();
    profiles
}

fn shipped() -> Vec<(PathBuf, String)> {
    profiles_in("profiles")
}

fn read(path: &Path, text: &str) -> ProfileFile {
    ProfileFile::from_bytes(&path.to_string_lossy(), text.as_bytes().to_vec())
        .unwrap_or_else(|diagnostics| panic!("{}", render(&diagnostics, false)))
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// Runs a command and returns its exit code with the document of its `--json`.
async fn document(world: &Arc<TestWorld>, command: &str) -> (u8, Value) {
    let ran = cfmint(world, command).await;
    (ran.code, serde_json::from_str(&ran.out).unwrap())
}

/// The environments a profile can be used for: those it names, and one of each pattern.
fn environments(file: &ProfileFile) -> Vec<String> {
    let named = file.environments().into_iter().map(str::to_owned);
    // `pr-1` stands for `pr-*`; a longer name is as good.
    named.chain(file.examples().into_iter().map(|example| format!("{example}7"))).collect()
}

#[test]
fn every_profile_satisfies_the_schema_that_ships_beside_it() {
    let beside =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/profile.schema.json"));
    let beside: Value = serde_json::from_str(&beside.unwrap()).unwrap();
    assert_eq!(beside, schema(), "write it anew: cfmint schema > profiles/profile.schema.json");
    let validator = jsonschema::validator_for(&beside).unwrap();
    for (path, text) in shipped().into_iter().chain(profiles_in("tests/fixtures")) {
        let value: Value = serde_yaml::from_str(&text).unwrap();
        let found: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path)).collect();
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
    }
    for (path, text) in shipped() {
        let first = "# yaml-language-server: $schema=./profile.schema.json\n";
        assert!(text.starts_with(first), "an editor does not find the schema of {}", path.display());
    }
}

#[tokio::test(start_paused = true)]
async fn every_profile_applies_untouched_in_each_environment_with_and_without_its_features() {
    let mut applied = 0;
    for (path, text) in shipped() {
        let file = read(&path, &text);
        let every_feature: String =
            file.features().iter().flat_map(|feature| [" --feature ", feature]).collect();
        let choices: BTreeSet<String> = [String::new(), every_feature].into();
        for environment in environments(&file) {
            for features in &choices {
                let world = Arc::new(TestWorld::new());
                world.put(name(&path), &text);
                let command = format!("apply {} -e {environment}{features} --emulator --json", name(&path));
                for action in ["created", "unchanged"] {
                    let (code, document) = document(&world, &command).await;
                    // Neither an error nor a warning nor a name that was understood as another.
                    assert_eq!(document["problems"], Value::Array(Vec::new()), "{command}");
                    assert_eq!((code, &document["results"][0]["action"]), (0, &action.into()), "{command}");
                    assert_eq!(document["results"][0]["notes"], Value::Array(Vec::new()), "{command}");
                }
                applied += 1;
            }
        }
    }
    assert!(applied > 2 * shipped().len(), "only {applied} were tried");
}

/// No two have one name, or one place for a secret.
#[tokio::test(start_paused = true)]
async fn all_profiles_can_be_applied_in_one_folder() {
    let world = Arc::new(TestWorld::new());
    for (path, text) in shipped() {
        world.put(&format!("profiles/{}", name(&path)), &text);
    }
    let (code, document) = document(&world, "apply profiles --all-envs --emulator --json").await;
    assert_eq!((code, &document["problems"]), (0, &Value::Array(Vec::new())));
    assert!(document["results"].as_array().unwrap().len() > shipped().len());
}

#[test]
fn the_profile_that_uses_all_of_the_format_is_sound() {
    let (path, text) =
        profiles_in("tests/fixtures").into_iter().find(|(path, _)| path.ends_with("full.yaml")).unwrap();
    let file = read(&path, &text);
    for environment in ["dev", "production", "pr-17"] {
        let Resolved { profile, diagnostics, .. } = file.resolve(&ResolveOptions {
            environment: Some(environment),
            features: &[],
            variables: &|_| None,
            now: "2026-01-15T12:00:00Z".parse().unwrap(),
            unset: Unset::Note,
        });
        assert!(is_sound(&diagnostics), "{}", render(&diagnostics, false));
        assert_eq!(profile.unwrap().name.value, format!("shop-deploy-{environment}"));
    }
}
