//! A phrase that no group goes by as it stands -> what else it may say: without the scope or the product in front, with
//! other signs between its parts, with its level inside the label, or as several permissions in one.
//!
//! In: the label of a permission. Out: other labels, in tiers; the first tier that any group goes by counts. Nothing here
//! is nearer or farther by letters: a phrase either is put together from names, or it is not understood.

use super::spelling::{SEPARATORS, level, split, trim_label, words};
use crate::profile::{Level, Section};

/// What stands between permissions that are written as one.
const CONJUNCTIONS: [&str; 5] = [" / ", " + ", " & ", ", ", " and "];
/// As many permissions in one phrase are looked for.
const MOST_PARTS: usize = 4;
/// As many signs between parts are looked at, so that a very long text costs little.
const MOST_SEPARATORS: usize = 6;
/// The one maker of all products, which many put in front of their names.
const MAKER: &str = "cloudflare";

/// The label without its own level, where that is the one asked for: `Workers Scripts Write: edit`.
pub(super) fn without_level(label: &str, level: Level) -> &str {
    split(label).filter(|(_, own)| *own == level).map_or(label, |(label, _)| label)
}

/// The scope that stands in front of a label, and the rest: `Account → Workers Scripts`, `Zone.DNS`.
pub(super) fn scope(label: &str) -> Option<(Section, &str)> {
    let (head, rest) = borders(label).next()?;
    let section = match words(head).iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["account" | "accounts"] | ["account", "permissions"] => Section::Account,
        ["zone" | "zones"] | ["zone", "permissions"] => Section::Zone,
        ["user"] | ["user", "permissions"] => Section::User,
        ["r2"] => Section::R2,
        _ => return None,
    };
    Some((section, rest))
}

/// The label without the scope in front, where that is the section it stands in.
fn without_scope(label: &str, section: Section) -> &str {
    scope(label).filter(|(of_scope, _)| *of_scope == section).map_or(label, |(_, rest)| rest)
}

/// What a label may say in other words, in tiers.
pub(super) fn tiers(label: &str, section: Section) -> [Vec<String>; 3] {
    let rest = without_scope(label, section);
    let segments = |text: &str| -> Vec<String> {
        let parts = text.split(SEPARATORS).map(|part| trim_label(part).to_owned());
        parts.filter(|part| !part.is_empty()).collect()
    };
    let mut rejoined = Vec::new();
    for text in [label, rest] {
        rejoined.extend([text.to_owned(), segments(text).join(": "), segments(text).join(" ")]);
    }
    let without_maker: Vec<String> = rejoined.iter().filter_map(|text| without_maker(text)).collect();
    rejoined.extend(without_maker);
    // A level alone, behind a scope, would be the whole scope.
    rejoined.retain(|text| !words(text).is_empty() && level(text.trim()).is_none());
    let scoped = rejoined.iter().map(|text| format!("{} {text}", section.key())).collect();
    [vec![rest.to_owned()], rejoined, scoped]
}

fn without_maker(text: &str) -> Option<String> {
    let (first, rest) = text.trim_start().split_once([' ', ':'])?;
    first.eq_ignore_ascii_case(MAKER).then(|| rest.trim_start_matches([' ', ':']).to_owned())
}

/// The permissions that are written as one; empty where there is only one.
pub(super) fn several(label: &str, section: Section) -> Vec<&str> {
    let rest = without_scope(label, section);
    let parts = |conjunction: &&str| -> Option<Vec<&str>> {
        let parts: Vec<&str> = rest.split(*conjunction).map(str::trim).take(MOST_PARTS + 1).collect();
        let is_several = (2..=MOST_PARTS).contains(&parts.len()) && parts.iter().all(|part| !part.is_empty());
        is_several.then_some(parts)
    };
    CONJUNCTIONS.iter().find_map(parts).unwrap_or_default()
}

/// What is left of a label without a product in front, with the words of that product; the longest rest first.
pub(super) fn behind_products(label: &str, section: Section) -> impl Iterator<Item = (Vec<String>, &str)> {
    borders(without_scope(label, section)).map(|(head, rest)| {
        let product = words(&head.replace(SEPARATORS, " "));
        (product.into_iter().filter(|word| word != MAKER).collect(), rest)
    })
}

/// What stands before and behind each sign between parts.
fn borders(label: &str) -> impl Iterator<Item = (&str, &str)> {
    let at = label.match_indices(SEPARATORS).take(MOST_SEPARATORS);
    at.filter_map(|(place, sign)| {
        let (head, rest) = (trim_label(label.get(..place)?), label.get(place + sign.len()..)?.trim());
        (!head.is_empty() && !rest.is_empty()).then_some((head, rest))
    })
}
