//! What a name that no group goes by may have been meant for. Only ever suggested, never used.

use super::group::{Catalogue, PermissionGroup, Standing, entry, item};
use super::miss::Miss;
use super::resolve::{Rank, Wanted};
use super::spelling::{fold, same, shown, split, trim_label};
use crate::profile::{Level, Section};

/// How many lines a suggestion offers.
const OFFERED: usize = 3;

/// The miss for a name that the section does not have.
pub(super) fn miss(catalogue: &Catalogue, section: Section, wanted: Wanted<'_>) -> Miss {
    if let Some(miss) = elsewhere(catalogue, section, wanted, Rank::LabelInOtherWords) {
        return miss;
    }
    if let Wanted::Entry(label, level) = wanted {
        let candidates = levels(catalogue, section, label);
        if !candidates.is_empty() {
            return Miss::UnknownLevel { label: shown(label), level, candidates };
        }
    }
    if let Some(miss) = elsewhere(catalogue, section, wanted, Rank::Synonym) {
        return miss;
    }
    let mut candidates = with_one_level_too_many_or_few(catalogue, section, wanted);
    if candidates.is_empty() {
        candidates = near(catalogue, section, wanted);
    }
    Miss::UnknownName { written: wanted.shown(), candidates }
}

/// The lines that there are for a label, whatever the level.
fn levels(catalogue: &Catalogue, section: Section, label: &str) -> Vec<String> {
    let lines = offered(catalogue, section).filter_map(|group| {
        let mut current = std::iter::once(&group.name).chain(&group.labels);
        if let Some((known, level)) = current.find_map(|spelling| at_some_level(label, spelling)) {
            return Some(entry(known, level));
        }
        let synonyms = group.synonyms.iter().filter(|synonym| synonym.section == section);
        let mut others = group.former.iter().chain(synonyms.map(|synonym| &synonym.written));
        let otherwise = others.any(|spelling| at_some_level(label, spelling).is_some());
        (otherwise || same(&group.name, label)).then(|| group.line())
    });
    lines.collect()
}

/// The parts of a spelling, if it is this label with any level.
fn at_some_level<'a>(label: &str, spelling: &'a str) -> Option<(&'a str, Level)> {
    split(spelling).filter(|(known, _)| same(known, trim_label(label)))
}

/// The miss for a name that another section has, at this rank or better.
fn elsewhere(catalogue: &Catalogue, section: Section, wanted: Wanted<'_>, worst: Rank) -> Option<Miss> {
    let sections = Section::ALL;
    let mut found: Vec<(Section, Rank, &PermissionGroup)> = Vec::new();
    for other in sections.into_iter().filter(|other| *other != section) {
        let best = catalogue.ranked(other, wanted).into_iter().min_by_key(|(rank, _)| *rank);
        let best = best.filter(|(rank, _)| *rank <= worst);
        found.extend(best.map(|(rank, known)| (other, rank, &known.group)));
    }
    let Some((_, _, group)) = found.iter().min_by_key(|(_, rank, _)| *rank) else {
        return without_section(catalogue, section, wanted);
    };
    Some(Miss::WrongSection {
        written: wanted.shown(),
        name: group.name.clone(),
        scopes: found.iter().map(|(section, _, _)| (*section).into()).collect(),
        instead: found.iter().map(|(section, _, group)| (*section, line(group, wanted))).collect(),
    })
}

/// The miss for a group that profiles have no section for.
fn without_section(catalogue: &Catalogue, section: Section, wanted: Wanted<'_>) -> Option<Miss> {
    let homeless = |group: &&PermissionGroup| {
        !group.scopes.is_empty() && group.scopes.iter().all(|scope| scope.section().is_none())
    };
    let means = |group: &&PermissionGroup| wanted.rank(group, section).is_some();
    let group = catalogue.groups().filter(homeless).find(means)?;
    let (name, scopes) = (group.name.clone(), group.scopes.clone());
    Some(Miss::WrongSection { written: wanted.shown(), name, scopes, instead: Vec::new() })
}

/// The sections in which a label means something, at whatever level.
pub(super) fn sections_of(catalogue: &Catalogue, label: &str) -> Vec<Section> {
    let is_called = |group: &PermissionGroup| {
        spellings(group).any(|known| same(known, label) || at_some_level(label, known).is_some())
    };
    let has = |section: &Section| offered(catalogue, *section).any(is_called);
    Section::ALL.into_iter().filter(has).collect()
}

/// What is meant by a whole name that is given a level of its own (`Workers Scripts Write: edit`), and by a
/// label without its level in a list (`- DNS`).
fn with_one_level_too_many_or_few(
    catalogue: &Catalogue,
    section: Section,
    wanted: Wanted<'_>,
) -> Vec<String> {
    let meant = |group: &&PermissionGroup| match wanted {
        Wanted::Entry(label, _) => Wanted::item(label).rank(group, section).is_some(),
        Wanted::Item(name, _) => spellings(group).any(|known| at_some_level(name, known).is_some()),
    };
    offered(catalogue, section).filter(meant).map(|group| line(group, wanted)).collect()
}

/// The lines whose labels are a few letters away, or hold all the words, nearest first.
fn near(catalogue: &Catalogue, section: Section, wanted: Wanted<'_>) -> Vec<String> {
    let (text, level) = match wanted {
        Wanted::Entry(label, level) => (fold(trim_label(label)), Some(level)),
        Wanted::Item(name, None) => (fold(name), None),
        Wanted::Item(_, Some((label, level))) => (fold(label), Some(level)),
    };
    let mut near: Vec<((usize, bool), String)> = Vec::new();
    for group in offered(catalogue, section) {
        let synonyms = group.synonyms.iter().filter(|synonym| synonym.section == section);
        let spellings = spellings(group).chain(synonyms.map(|synonym| &synonym.written));
        let nearest = spellings.filter_map(|spelling| remoteness(&text, level, spelling)).min();
        near.extend(nearest.map(|remoteness| (remoteness, line(group, wanted))));
    }
    // Another level is only worth a word where the level that was asked for is nowhere near.
    if near.iter().any(|((_, other_level), _)| !other_level) {
        near.retain(|((_, other_level), _)| !other_level);
    }
    near.sort();
    near.into_iter().map(|(_, line)| line).take(OFFERED).collect()
}

/// How far a spelling is from a text: letters first, then whether its level is another.
fn remoteness(text: &str, level: Option<Level>, spelling: &str) -> Option<(usize, bool)> {
    let (label, its_level) = split(spelling).map_or((spelling, None), |(label, level)| (label, Some(level)));
    let label = fold(label);
    let other_level = level.is_some() && its_level != level;
    let length = text.chars().count();
    // One letter in three, three at most: beyond that a suggestion misleads. The lengths are looked at
    // first, so that a very long text costs nothing.
    let limit = (length / 3).min(3);
    if length.abs_diff(label.chars().count()) <= limit {
        let distance = strsim::osa_distance(text, &label);
        if distance <= limit {
            return Some((distance, other_level));
        }
    }
    let words: Vec<&str> = label.split(' ').collect();
    let holds_all = !text.is_empty() && text.split(' ').all(|word| words.contains(&word));
    holds_all.then_some((limit + words.len(), other_level))
}

/// The groups of a section that a suggestion may name.
fn offered(catalogue: &Catalogue, section: Section) -> impl Iterator<Item = &PermissionGroup> {
    let there = catalogue.known.iter().filter(|known| !matches!(known.standing, Standing::Absent));
    there.map(|known| &known.group).filter(move |group| group.id.is_some() && group.applies_to(section))
}

fn spellings(group: &PermissionGroup) -> impl Iterator<Item = &String> {
    std::iter::once(&group.name).chain(&group.labels).chain(&group.former)
}

/// The line for a group, in the form that was written.
fn line(group: &PermissionGroup, wanted: Wanted<'_>) -> String {
    match wanted {
        Wanted::Entry(..) => group.line(),
        Wanted::Item(..) => item(&group.name),
    }
}
