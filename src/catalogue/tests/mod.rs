#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

mod errors;
mod lints;
mod live;
mod names;
mod operations;
mod phrases;

use super::spelling::split;
use super::*;
use crate::profile::{Level, Permission, PermissionRef, Reference, Section, Span, Spanned};

const SECTIONS: [Section; 4] = [Section::Account, Section::Zone, Section::User, Section::R2];

fn entry(section: Section, label: &str, level: Level) -> Permission {
    let label = Spanned::new(label.to_owned(), Span { start: 4, end: 7 });
    Permission {
        section,
        reference: PermissionRef::Label { label, level: Spanned::new(level, Span { start: 9, end: 13 }) },
    }
}

fn item(section: Section, text: &str) -> Permission {
    Permission {
        section,
        reference: PermissionRef::Item(Spanned::new(Reference::new(text), Span { start: 4, end: 7 })),
    }
}

/// A permission as a line of a profile's YAML says it.
fn written(section: Section, line: &str) -> Permission {
    let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let yaml: serde_json::Value = serde_yaml::from_str(line).unwrap();
    if let Some(list) = yaml.as_array() {
        return item(section, &word(&list[0]));
    }
    let (label, level) = yaml.as_object().unwrap().iter().next().unwrap();
    let level = split(&format!("{label} {}", word(level))).unwrap().1;
    entry(section, label, level)
}

/// The name of the group that a permission means, or the message of its error.
fn means(catalogue: &Catalogue, permission: &Permission) -> String {
    catalogue
        .resolve(permission)
        .map_or_else(|error| format!("{}: {error}", error.code()), |found| names(&found))
}

/// The names of the groups that were understood.
fn names(found: &Understood<'_>) -> String {
    let names: Vec<&str> = found.groups.iter().map(|one| one.group.name.as_str()).collect();
    names.join(" + ")
}

/// The one group that a permission means.
fn one<'a>(catalogue: &'a Catalogue, permission: &Permission) -> UsableGroup<'a> {
    let [group] = <[UsableGroup<'a>; 1]>::try_from(catalogue.resolve(permission).unwrap().groups).unwrap();
    group
}
