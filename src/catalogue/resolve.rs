//! One permission of a profile -> the one group it means, or a [`ResolveError`].
//!
//! The best rank decides alone, even where its group cannot be used: the next best would be another permission.

use super::difference::Difference;
use super::embedded::{Catalogue, CatalogueEntry, ListingStatus};
use super::error::ResolveError;
use super::group::KnownGroup;
use super::requested_name::{Rank, RequestedName};
use super::suggest;
use crate::profile::{Permission, PermissionRef, Reference, Section};

/// A permission, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood<'a> {
    /// The group it means.
    pub group: &'a KnownGroup,
    /// Its id.
    pub id: &'a str,
    /// What the reader should know where another name was written than the group has.
    pub note: Option<String>,
    /// How Cloudflare's own list differs from the embedded catalogue about this group.
    pub differences: &'a [Difference],
}

impl Catalogue {
    /// The group that a permission means.
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

    fn by_id(&self, section: Section, id: &str) -> Result<Understood<'_>, ResolveError> {
        let Some(known) = self.known_by_id(id) else {
            return Err(self.replaced(id).unwrap_or_else(|| ResolveError::UnknownId { id: id.to_owned() }));
        };
        if known.group.applies_to(section) {
            return known.usable(None);
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
            matches!(&known.listing, ListingStatus::Listed(differences) if differences.iter().any(is_it))
        };
        let known = self.known.iter().find(replaced)?;
        Some(ResolveError::NotListed { name: known.group.name.clone(), instead: known.group.id.clone() })
    }

    fn by_name(&self, section: Section, wanted: RequestedName<'_>) -> Result<Understood<'_>, ResolveError> {
        let mut found = self.ranked(section, wanted);
        let Some(best) = found.iter().map(|(rank, _)| *rank).min() else {
            return Err(suggest::error(self, section, wanted));
        };
        let beaten: Vec<&CatalogueEntry> =
            found.extract_if(.., |(rank, _)| *rank != best).map(|(_, known)| known).collect();
        match found.as_slice() {
            [(rank, known)] => known.usable(note(wanted, *rank, &known.group, section, &beaten)),
            several => Err(ResolveError::Ambiguous {
                written: wanted.shown(),
                groups: several
                    .iter()
                    .map(|(_, known)| (known.group.id.clone().unwrap_or_default(), known.group.name.clone()))
                    .collect(),
            }),
        }
    }
}

impl CatalogueEntry {
    fn usable(&self, note: Option<String>) -> Result<Understood<'_>, ResolveError> {
        let differences = match &self.listing {
            ListingStatus::Absent => {
                return Err(ResolveError::NotListed { name: self.group.name.clone(), instead: None });
            }
            ListingStatus::Unasked => &[],
            ListingStatus::Listed(differences) => differences.as_slice(),
        };
        let group = &self.group;
        let id = group.id.as_deref().ok_or_else(|| ResolveError::WithoutId { name: group.name.clone() })?;
        Ok(Understood { group, id, note, differences })
    }
}

/// What to say about a name that is not the group's own, or that could have meant another group too.
fn note(
    wanted: RequestedName<'_>,
    rank: Rank,
    group: &KnownGroup,
    section: Section,
    beaten: &[&CatalogueEntry],
) -> Option<String> {
    let (written, name) = (wanted.shown(), &group.name);
    match rank {
        Rank::Former => return Some(format!("`{written}` is called `{name}` now")),
        Rank::Synonym => {
            let why = wanted.synonym(group, section).map(|synonym| synonym.why.as_str()).unwrap_or_default();
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            return Some(format!("`{written}` is understood as `{name}`{why}"));
        }
        Rank::Name | Rank::Label | Rank::NameInOtherWords | Rank::LabelInOtherWords => {}
    }
    // A former name or a synonym of another group is no rival worth a word.
    let rival = beaten.iter().find(|known| wanted.rank(&known.group, section) < Some(Rank::Former))?;
    let (line, rival) = (rival.group.line(), &rival.group.name);
    Some(format!(
        "`{written}` is taken as the group `{name}`; the dashboard's label for `{rival}` reads alike, write `{line}` for that one"
    ))
}
