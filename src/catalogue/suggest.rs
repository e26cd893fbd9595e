//! What a name that no group goes by may have been meant for. Only ever suggested, never used.

use super::embedded::{Catalogue, ListingStatus};
use super::error::ResolveError;
use super::group::{KnownGroup, entry, item};
use super::requested_name::{Rank, RequestedName};
use super::spelling::{fold, same, shown, split, trim_label, words};
use crate::profile::{Level, Section};

/// How many letters a name of a group may be away.
const FAR: usize = 3;
/// How many letters a name may be away that people only think a group has.
const NEAR: usize = 2;
/// How many lines a suggestion offers.
const OFFERED: usize = 3;

/// The error for a name that the section does not have. `whole` is all of what was written.
pub(super) fn error(
    catalogue: &Catalogue,
    section: Section,
    wanted: RequestedName<'_>,
    whole: String,
) -> ResolveError {
    let mut error = best(catalogue, section, wanted);
    if let ResolveError::WrongSection { written, .. }
    | ResolveError::UnknownName { written, .. }
    | ResolveError::Family { written, .. } = &mut error
    {
        *written = whole;
    }
    error
}

/// The error that says most.
fn best(catalogue: &Catalogue, section: Section, wanted: RequestedName<'_>) -> ResolveError {
    if let Some(error) = family(catalogue, section, wanted) {
        return error;
    }
    if let Some(error) = elsewhere(catalogue, section, wanted, Rank::LabelInOtherWords) {
        return error;
    }
    if let RequestedName::Entry(label, level) = wanted {
        let candidates = levels(catalogue, section, label);
        if !candidates.is_empty() {
            return ResolveError::UnknownLevel { label: shown(label), level, candidates };
        }
    }
    if let Some(error) = elsewhere(catalogue, section, wanted, Rank::Synonym) {
        return error;
    }
    let mut candidates = with_one_level_too_many_or_few(catalogue, section, wanted);
    if candidates.is_empty() {
        candidates = near(catalogue, section, wanted);
    }
    ResolveError::UnknownName { written: wanted.shown(), candidates }
}

/// The error for a label that people give to several groups together.
fn family(catalogue: &Catalogue, section: Section, wanted: RequestedName<'_>) -> Option<ResolveError> {
    let (label, _) = wanted.parts();
    let (labels, why) = Catalogue::family(section, trim_label(label))?;
    let of =
        |label: &&str| catalogue.ranked(section, wanted.with_label(label)).first().map(|(_, known)| *known);
    let candidates: Vec<String> =
        labels.iter().filter_map(of).map(|known| line(&known.group, wanted)).collect();
    let is_any = !candidates.is_empty();
    is_any.then(|| ResolveError::Family { written: wanted.shown(), why: why.to_owned(), candidates })
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

/// The error for a name that another section has, at this rank or better.
fn elsewhere(
    catalogue: &Catalogue,
    section: Section,
    wanted: RequestedName<'_>,
    worst: Rank,
) -> Option<ResolveError> {
    let sections = Section::ALL;
    let mut found: Vec<(Section, Rank, &KnownGroup)> = Vec::new();
    for other in sections.into_iter().filter(|other| *other != section) {
        let best = catalogue.ranked(other, wanted).into_iter().min_by_key(|(rank, _)| *rank);
        let best = best.filter(|(rank, _)| *rank <= worst);
        found.extend(best.map(|(rank, known)| (other, rank, &known.group)));
    }
    let Some((_, _, group)) = found.iter().min_by_key(|(_, rank, _)| *rank) else {
        return without_section(catalogue, section, wanted);
    };
    Some(ResolveError::WrongSection {
        written: wanted.shown(),
        name: group.name.clone(),
        scopes: found.iter().map(|(section, _, _)| (*section).into()).collect(),
        instead: found.iter().map(|(section, _, group)| (*section, line(group, wanted))).collect(),
    })
}

/// The error for a group that profiles have no section for.
fn without_section(
    catalogue: &Catalogue,
    section: Section,
    wanted: RequestedName<'_>,
) -> Option<ResolveError> {
    let homeless = |group: &&KnownGroup| {
        !group.scopes.is_empty() && group.scopes.iter().all(|scope| scope.section().is_none())
    };
    let means = |group: &&KnownGroup| wanted.rank(group, section).is_some();
    let group = catalogue.groups().filter(homeless).find(means)?;
    let (name, scopes) = (group.name.clone(), group.scopes.clone());
    Some(ResolveError::WrongSection { written: wanted.shown(), name, scopes, instead: Vec::new() })
}

/// The sections in which a label means something, at whatever level.
pub(super) fn sections_of(catalogue: &Catalogue, label: &str) -> Vec<Section> {
    let is_called = |group: &KnownGroup| {
        spellings(group).any(|known| same(known, label) || at_some_level(label, known).is_some())
    };
    let has = |section: &Section| offered(catalogue, *section).any(is_called);
    Section::ALL.into_iter().filter(has).collect()
}

/// What is meant by a whole name that is given its own level (`Workers Scripts Write: edit`), and by a
/// label without its level in a list (`- DNS`).
fn with_one_level_too_many_or_few(
    catalogue: &Catalogue,
    section: Section,
    wanted: RequestedName<'_>,
) -> Vec<String> {
    let meant = |group: &&KnownGroup| match wanted {
        RequestedName::Entry(label, _) => RequestedName::item(label).rank(group, section).is_some(),
        RequestedName::Item(name, _) => spellings(group).any(|known| at_some_level(name, known).is_some()),
    };
    offered(catalogue, section).filter(meant).map(|group| line(group, wanted)).collect()
}

/// The lines whose labels are a few letters away, or hold all the words, nearest first.
fn near(catalogue: &Catalogue, section: Section, wanted: RequestedName<'_>) -> Vec<String> {
    let (text, level) = match wanted {
        RequestedName::Entry(label, level) => (fold(trim_label(label)), Some(level)),
        RequestedName::Item(name, None) => (fold(name), None),
        RequestedName::Item(_, Some((label, level))) => (fold(label), Some(level)),
    };
    let asked = words(&text);
    let mut near: Vec<((usize, bool), String)> = Vec::new();
    for group in offered(catalogue, section) {
        let synonyms = group.synonyms.iter().filter(|synonym| synonym.section == section);
        let own = spellings(group).filter_map(|own| remoteness((&text, &asked), level, own, FAR));
        // What nobody calls a group has to be closer to count.
        let by_synonym = synonyms.filter_map(|one| remoteness((&text, &asked), level, &one.written, NEAR));
        let nearest = own.chain(by_synonym).min();
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
fn remoteness(
    (text, asked): (&str, &[String]),
    level: Option<Level>,
    spelling: &str,
    most: usize,
) -> Option<(usize, bool)> {
    let (label, its_level) = split(spelling).map_or((spelling, None), |(label, level)| (label, Some(level)));
    let label = fold(label);
    let other_level = level.is_some() && its_level != level;
    let length = text.chars().count();
    // One letter in three, and no more than that: beyond that a suggestion misleads. The lengths are looked at
    // first, so that a very long text costs nothing.
    let limit = (length / 3).min(most);
    if length.abs_diff(label.chars().count()) <= limit {
        let distance = strsim::osa_distance(text, &label);
        if distance <= limit {
            return Some((distance, other_level));
        }
    }
    let own = words(&label);
    let holds_all = !asked.is_empty() && asked.iter().all(|word| own.contains(word));
    holds_all.then_some((limit + own.len(), other_level))
}

/// The groups of a section that a suggestion may name.
fn offered(catalogue: &Catalogue, section: Section) -> impl Iterator<Item = &KnownGroup> {
    let there = catalogue.known.iter().filter(|known| !matches!(known.listing, ListingStatus::Absent));
    there.map(|known| &known.group).filter(move |group| group.id.is_some() && group.applies_to(section))
}

fn spellings(group: &KnownGroup) -> impl Iterator<Item = &String> {
    std::iter::once(&group.name).chain(&group.labels).chain(&group.former)
}

/// The line for a group, in the form that was written.
pub(super) fn line(group: &KnownGroup, wanted: RequestedName<'_>) -> String {
    match wanted {
        RequestedName::Entry(..) => group.line(),
        RequestedName::Item(..) => item(&group.name),
    }
}
