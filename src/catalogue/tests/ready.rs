//! The ready profiles: every permission by its right name, no name and no place twice.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

macro_rules! profiles {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../profiles/", $name, ".yaml")))),+]
    };
}

const PROFILES: [(&str, &str); 10] = profiles![
    "analytics-read",
    "cache-purge",
    "dns-automation",
    "edge-delivery",
    "full-stack",
    "r2-upload",
    "saas-platform",
    "single-purpose",
    "workers-custom-domain",
    "workers-deploy",
];

/// The base, the features and the environments of a profile.
fn layers(profile: &Value) -> Vec<&Value> {
    let of = |key: &str| profile[key].as_object().into_iter().flat_map(|named| named.values());
    std::iter::once(profile).chain(of("features")).chain(of("environments")).collect()
}

#[test]
fn every_permission_of_a_ready_profile_has_its_right_name() {
    let catalogue = Catalogue::embedded();
    let mut checked = 0;
    for (name, text) in PROFILES {
        let profile: Value = serde_yaml::from_str(text).unwrap();
        for layer in layers(&profile) {
            let sections = layer["permissions"].as_object().into_iter().flatten();
            for (key, labels) in sections {
                let section = SECTIONS.into_iter().find(|section| section.key() == key).unwrap();
                for (label, level) in labels.as_object().unwrap() {
                    let level = Level::ALL.into_iter().find(|known| level == known.word()).unwrap();
                    let found = catalogue.resolve(&entry(section, label, level));
                    assert_eq!(found.map(|found| found.note), Ok(None), "{label} of {name}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > PROFILES.len(), "the profiles were not read");
}

#[test]
fn no_two_tokens_of_the_ready_profiles_have_one_name_or_go_to_one_place() {
    let (mut names, mut places) = (BTreeSet::new(), BTreeSet::new());
    for (name, text) in PROFILES {
        assert!(text.starts_with("# yaml-language-server: $schema=./profile.schema.json\n"), "{name}");
        let profile: Value = serde_yaml::from_str(text).unwrap();
        for (environment, layer) in profile["environments"].as_object().unwrap() {
            let token = profile["name"].as_str().unwrap().replace("${environment}", environment);
            assert!(names.insert(token), "{environment} of {name}");
            let purpose = layer["use"][0].as_str().map(|feature| &profile["features"][feature]);
            let sinks =
                [Some(layer), purpose, Some(&profile)].into_iter().flatten().map(|from| &from["sinks"]);
            let sink = &sinks.into_iter().find(|sinks| sinks.is_array()).unwrap()[0];
            let file = sink["env_file"].as_str().unwrap().replace("${environment}", environment);
            let variables = sink["variables"].as_object().unwrap();
            let secret = ["token", "r2_secret_access_key"];
            for (variable, _) in variables.iter().filter(|(_, value)| secret.iter().any(|one| value == one)) {
                assert!(places.insert((file.clone(), variable.clone())), "{file} {variable} of {name}");
            }
        }
    }
    assert!(places.len() > PROFILES.len(), "the profiles were not read");
}
