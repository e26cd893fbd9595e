//! Wrangler's names of environments -> names that a profile can have, each once.

use std::collections::BTreeSet;

use crate::profile::environment_name_is_valid;

/// What the part outside of all environments is called.
pub const TOP_LEVEL: &str = "top-level";

/// How many letters of a name are kept, so that a number fits behind them.
const LONGEST: usize = 50;

/// A name for each environment, `None` for the part outside of all. One that a profile can have stays.
pub(super) fn names(environments: &[Option<&str>]) -> Vec<String> {
    let valid = environments.iter().flatten().filter(|name| environment_name_is_valid(name));
    let mut taken: BTreeSet<String> = valid.map(|name| (*name).to_owned()).collect();
    let name = |environment: Option<&str>| match environment {
        Some(name) if environment_name_is_valid(name) => name.to_owned(),
        Some(name) => free(&plain(name), &mut taken),
        // What is deployed alone is what people use.
        None if environments.len() == 1 => "production".to_owned(),
        None => free(TOP_LEVEL, &mut taken),
    };
    environments.iter().copied().map(name).collect()
}

/// The name with `-` for each letter that no name may have.
fn plain(name: &str) -> String {
    let letters = name.chars().take(LONGEST).map(|letter| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => letter.to_ascii_lowercase(),
        _ => '-',
    });
    let plain: String = letters.collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "environment".to_owned() } else { plain.to_owned() }
}

/// The name, or the name with the first number that nobody has.
fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2_u32..).map(|number| format!("{name}-{number}"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.unwrap_or_default();
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_environment_has_a_name_of_its_own_that_a_profile_can_have() {
        let long = "x".repeat(70);
        for (environments, expected) in [
            (vec![None], vec!["production"]),
            (vec![None, Some("live")], vec!["top-level", "live"]),
            (vec![None, Some("top-level")], vec!["top-level-2", "top-level"]),
            (vec![None, Some("a b"), Some("a-b")], vec!["top-level", "a-b-2", "a-b"]),
            (vec![None, Some("A b"), Some("a/b")], vec!["top-level", "a-b", "a-b-2"]),
            (vec![None, Some("ä"), Some("..")], vec!["top-level", "environment", "environment-2"]),
            (vec![None, Some(&long), Some("pr-*")], vec!["top-level", &long[..50], "pr"]),
        ] {
            let names = names(&environments);
            assert_eq!(names, expected);
            assert!(names.iter().all(|name| environment_name_is_valid(name)), "{names:?}");
        }
    }
}
