//! One permission of a profile -> the group it means, or a [`ResolveError`].
//!
//! A name that was written as somebody prints it counts before any other reading of it; see `reading` for those.
//! The best rank decides alone, even where its group cannot be used: the next best would be another permission.

use super::difference::Difference;
use super::embedded::{Catalogue, CatalogueEntry, ListingStatus};
use super::error::ResolveError;
use super::group::KnownGroup;
use super::reading;
use super::requested_name::{Rank, RequestedName};
use super::spelling::words;
use super::suggest;
use crate::profile::{Permission, PermissionRef, Reference, Section};

/// A permission, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood<'a> {
    /// The groups it means: one, or several where one phrase puts several permissions together.
    pub groups: Vec<UsableGroup<'a>>,
    /// What the reader should know where another name was written than the group has.
    pub note: Option<String>,
}

/// A group that can be granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsableGroup<'a> {
    /// The group.
    pub group: &'a KnownGroup,
    /// Its id.
    pub id: &'a str,
    /// How Cloudflare's own list differs from the embedded catalogue about it.
    pub differences: &'a [Difference],
    /// Whether Cloudflare's list says that this bootstrap may not grant it. The request that makes a token decides.
    pub is_ungrantable: bool,
}

type LookupResult<'a> = Result<Understood<'a>, ResolveError>;

/// How a name came to be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NameOrigin {
    /// It was written so.
    Written,
    /// It was read out of a phrase.
    Read,
}

impl Catalogue {
    /// The groups that a permission means.
    pub fn resolve(&self, permission: &Permission) -> Result<Understood<'_>, ResolveError> {
        let section = permission.section;
        match &permission.reference {
            PermissionRef::Label { label, level } => {
                self.by_name(section, RequestedName::Entry(&label.value, level.value))
            }
            PermissionRef::Item(item) => match &item.value {
                Reference::Name(name) => self.by_name(section, RequestedName::item(name)),
                Reference::Id(id) => self.by_id(section, id),
            },
        }
    }

    fn by_id(&self, section: Section, id: &str) -> LookupResult<'_> {
        let Some(known) = self.known_by_id(id) else {
            return Err(self.replaced(id).unwrap_or_else(|| ResolveError::UnknownId { id: id.to_owned() }));
        };
        if known.group.applies_to(section) {
            return known.understood(None);
        }
        Err(ResolveError::WrongSection {
            written: id.to_owned(),
            name: known.group.name.clone(),
            scopes: known.group.scopes.clone(),
            instead: known
                .group
                .scopes
                .iter()
                .filter_map(|scope| Some((scope.section()?, format!("- {id}"))))
                .collect(),
        })
    }

    /// The error for an id that Cloudflare has given up for another.
    fn replaced(&self, id: &str) -> Option<ResolveError> {
        let replaced = |known: &&CatalogueEntry| {
            let is_it =
                |difference: &Difference| matches!(difference, Difference::NewId { was, .. } if was == id);
            matches!(&known.listing, ListingStatus::Listed { differences, .. } if differences.iter().any(is_it))
        };
        let known = self.known.iter().find(replaced)?;
        Some(ResolveError::NotListed { name: known.group.name.clone(), instead: known.group.id.clone() })
    }

    fn by_name(&self, section: Section, wanted: RequestedName<'_>) -> LookupResult<'_> {
        let found = self.phrase(section, wanted).or_else(|| self.several(section, wanted));
        found.unwrap_or_else(|| Err(self.unknown(section, wanted)))
    }

    /// The error for a phrase that nothing goes by in this section.
    fn unknown(&self, section: Section, wanted: RequestedName<'_>) -> ResolveError {
        let written = wanted.shown();
        let Some((scope, rest)) = reading::scope(wanted.parts().0) else {
            return suggest::error(self, section, wanted, written);
        };
        let rest = wanted.with_label(rest);
        // The phrase says one scope and the section another: what the rest means here may be what was meant.
        let here = (scope != section).then(|| self.phrase(section, rest)).flatten();
        if let Some(Ok(found)) = here {
            let candidates = found.groups.iter().map(|one| suggest::line(one.group, rest)).collect();
            return ResolveError::UnknownName { written, candidates };
        }
        suggest::error(self, section, rest, written)
    }

    /// What a phrase means that names one permission; `None` where no group goes by it in any reading.
    fn phrase(&self, section: Section, wanted: RequestedName<'_>) -> Option<LookupResult<'_>> {
        if let Some(found) = self.named(section, wanted, &wanted.shown(), NameOrigin::Written) {
            return Some(found);
        }
        let (label, level) = wanted.parts();
        let label = level.map_or(label, |level| reading::without_level(label, level));
        for tier in reading::tiers(label, section) {
            let found = tier.iter().filter_map(|text| {
                self.named(section, wanted.with_label(text), &wanted.shown(), NameOrigin::Read)
            });
            if let Some(agreed) = agreed(found.collect(), wanted) {
                return Some(agreed);
            }
        }
        reading::behind_products(label, section).find_map(|(product, rest)| {
            let found = self.named(section, wanted.with_label(rest), &wanted.shown(), NameOrigin::Read)?;
            let [UsableGroup { group, .. }] = found.as_ref().ok()?.groups.as_slice() else { return None };
            let own = words(&group.labels.iter().fold(group.name.clone(), |all, label| all + " " + label));
            product.iter().all(|word| own.contains(word)).then_some(found)
        })
    }

    /// What a phrase means that puts several permissions together, all of which have to be understood.
    fn several(&self, section: Section, wanted: RequestedName<'_>) -> Option<LookupResult<'_>> {
        let (label, level) = wanted.parts();
        let label = level.map_or(label, |level| reading::without_level(label, level));
        let parts = reading::several(label, section);
        let mut groups: Vec<UsableGroup<'_>> = Vec::new();
        for part in &parts {
            match self.phrase(section, wanted.with_label(part))? {
                Ok(found) => groups.extend(found.groups),
                Err(error) => return Some(Err(error)),
            }
        }
        let names: Vec<String> = groups.iter().map(|one| format!("`{}`", one.group.name)).collect();
        let note = format!("`{}` is understood as {}", wanted.shown(), names.join(" and "));
        (!parts.is_empty()).then_some(Ok(Understood { groups, note: Some(note) }))
    }

    /// The group that goes by a name, by whatever of its names; `None` where none does.
    fn named(
        &self,
        section: Section,
        wanted: RequestedName<'_>,
        written: &str,
        origin: NameOrigin,
    ) -> Option<LookupResult<'_>> {
        let mut found = self.ranked(section, wanted);
        let best = found.iter().map(|(rank, _)| *rank).min()?;
        let beaten: Vec<&CatalogueEntry> =
            found.extract_if(.., |(rank, _)| *rank != best).map(|(_, known)| known).collect();
        Some(match found.as_slice() {
            [(rank, known)] => {
                known.understood(note((wanted, written, origin), *rank, &known.group, section, &beaten))
            }
            several => Err(ResolveError::Ambiguous {
                written: written.to_owned(),
                groups: several.iter().map(|(_, known)| id_and_name(&known.group)).collect(),
            }),
        })
    }
}

/// What the readings of a phrase mean, if all that mean something mean the same.
fn agreed<'a>(found: Vec<LookupResult<'a>>, wanted: RequestedName<'_>) -> Option<LookupResult<'a>> {
    let of = |one: &LookupResult<'a>| one.as_ref().ok().map(|one| one.groups.clone());
    let first = found.first()?;
    if found.iter().all(|one| of(one) == of(first)) {
        return found.into_iter().next();
    }
    let mut groups: Vec<(String, String)> =
        found.iter().flatten().flat_map(|one| &one.groups).map(|one| id_and_name(one.group)).collect();
    groups.sort();
    groups.dedup();
    Some(Err(ResolveError::Ambiguous { written: wanted.shown(), groups }))
}

fn id_and_name(group: &KnownGroup) -> (String, String) {
    (group.id.clone().unwrap_or_default(), group.name.clone())
}

impl CatalogueEntry {
    fn understood(&self, note: Option<String>) -> LookupResult<'_> {
        let (differences, is_ungrantable) = match &self.listing {
            ListingStatus::Absent => {
                return Err(ResolveError::NotListed { name: self.group.name.clone(), instead: None });
            }
            ListingStatus::Unasked => (&[][..], false),
            ListingStatus::Listed { differences, is_ungrantable } => {
                (differences.as_slice(), *is_ungrantable)
            }
        };
        let group = &self.group;
        let id = group.id.as_deref().ok_or_else(|| ResolveError::WithoutId { name: group.name.clone() })?;
        Ok(Understood { groups: vec![UsableGroup { group, id, differences, is_ungrantable }], note })
    }
}

/// What to say about a name that is not the group's own, or that could have meant another group too.
fn note(
    (wanted, written, origin): (RequestedName<'_>, &str, NameOrigin),
    rank: Rank,
    group: &KnownGroup,
    section: Section,
    beaten: &[&CatalogueEntry],
) -> Option<String> {
    let name = &group.name;
    match (rank, origin) {
        (Rank::Former, NameOrigin::Written) => return Some(format!("`{written}` is called `{name}` now")),
        (Rank::Synonym, _) | (_, NameOrigin::Read) => {
            let why = wanted.synonym(group, section).filter(|_| rank == Rank::Synonym);
            let why = why.map(|synonym| synonym.why.as_str()).filter(|why| !why.is_empty());
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            return Some(format!("`{written}` is understood as `{name}`{why}"));
        }
        (
            Rank::Name | Rank::Label | Rank::NameInOtherWords | Rank::LabelInOtherWords,
            NameOrigin::Written,
        ) => {}
    }
    // A former name or a synonym of another group is no rival worth a word.
    let rival = beaten.iter().find(|known| wanted.rank(&known.group, section) < Some(Rank::Former))?;
    let (line, rival) = (rival.group.line(), &rival.group.name);
    Some(format!(
        "`{written}` is taken as the group `{name}`; the dashboard has a similar label for `{rival}`: if \
         you mean that one, write `{line}`"
    ))
}
