//! The permission groups that cfmint knows by itself, from the two tables beside this file.
//!
//! In: `groups.tsv` and `synonyms.tsv`, embedded. Out: a [`Catalogue`]. A row that cannot be read is left
//! out here; a test makes sure that there is none.

use std::sync::LazyLock;

use super::difference::Difference;
use super::group::{KnownGroup, Scope, Synonym};
use super::spelling::same;
use crate::profile::Section;

/// The known groups, one a row: id, name, scope, labels, former names.
pub(super) const GROUPS: &str = include_str!("groups.tsv");
/// What people write for a group that nobody calls so: section, what is written, the name of the group, why.
pub(super) const SYNONYMS: &str = include_str!("synonyms.tsv");

/// What people call several groups together: section, label, the labels of the groups, why there are several.
pub(super) const FAMILIES: &str = include_str!("families.tsv");

/// The known permission groups.
#[derive(Debug, Clone)]
pub struct Catalogue {
    pub(super) known: Vec<CatalogueEntry>,
}

/// A group and what Cloudflare's own list says about it.
#[derive(Debug, Clone)]
pub(super) struct CatalogueEntry {
    pub(super) group: KnownGroup,
    pub(super) listing: ListingStatus,
}

/// What Cloudflare's own list says about a group.
#[derive(Debug, Clone)]
pub(super) enum ListingStatus {
    /// Nobody has asked.
    Unasked,
    /// It is there.
    Listed {
        /// How it differs from the embedded table.
        differences: Vec<Difference>,
        /// Whether the list says that whoever asked may not grant it.
        is_ungrantable: bool,
    },
    /// It is not there.
    Absent,
}

impl Catalogue {
    /// The groups that cfmint knows without asking Cloudflare; the tables are read once.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(Catalogue::read);
        &EMBEDDED
    }

    /// Reads the tables.
    fn read() -> Self {
        let mut groups: Vec<KnownGroup> = rows(GROUPS).filter_map(read_group).collect();
        for (name, synonym) in rows(SYNONYMS).filter_map(read_synonym) {
            let means = |group: &&mut KnownGroup| {
                group.name == name && group.scopes.contains(&Scope::from(synonym.section))
            };
            if let Some(group) = groups.iter_mut().find(means) {
                group.synonyms.push(synonym);
            }
        }
        let known = groups.into_iter().map(|group| CatalogueEntry { group, listing: ListingStatus::Unasked });
        Self { known: known.collect() }
    }

    /// The families of groups in a section that go by a label: the labels of their groups, and why there are several.
    pub(super) fn family(section: Section, label: &str) -> Option<(Vec<&'static str>, &'static str)> {
        rows(FAMILIES).find_map(|row| {
            let mut columns = row.split('\t');
            let (of_section, name, groups, why) =
                (columns.next()?, columns.next()?, columns.next()?, columns.next()?);
            (of_section == section.key() && same(name, label)).then(|| (groups.split("; ").collect(), why))
        })
    }

    /// Every group, in the order of scope and name.
    pub fn groups(&self) -> impl Iterator<Item = &KnownGroup> {
        self.known.iter().map(|known| &known.group)
    }

    /// The group of an id, whatever its case.
    #[must_use]
    pub fn group(&self, id: &str) -> Option<&KnownGroup> {
        self.known_by_id(id).map(|known| &known.group)
    }

    pub(super) fn known_by_id(&self, id: &str) -> Option<&CatalogueEntry> {
        let is_it = |known: &&CatalogueEntry| {
            known.group.id.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(id))
        };
        self.known.iter().find(is_it)
    }
}

/// The rows of an embedded table, without its notes and its headline.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#')).skip(1)
}

/// Reads a row of the groups.
pub(super) fn read_group(row: &str) -> Option<KnownGroup> {
    let mut columns = row.split('\t');
    let [id, name, scope, labels, former] = std::array::from_fn(|_| columns.next());
    let (id, name, scope, labels, former) = (id?, name?, scope?, labels?, former?);
    let list = |text: &str| text.split("; ").filter(|one| !one.is_empty()).map(str::to_owned).collect();
    let whole = columns.next().is_none() && !name.is_empty() && (id.is_empty() || crate::profile::is_id(id));
    whole.then(|| KnownGroup {
        id: Some(id.to_owned()).filter(|id| !id.is_empty()),
        name: name.to_owned(),
        scopes: Some(scope).filter(|scope| !scope.is_empty()).map(Scope::from_key).into_iter().collect(),
        labels: list(labels),
        former: list(former),
        synonyms: Vec::new(),
    })
}

/// Reads a row of the synonyms: the name of the group, and what people write for it.
pub(super) fn read_synonym(row: &'static str) -> Option<(&'static str, Synonym)> {
    let mut columns = row.split('\t');
    let [section, written, means, why] = std::array::from_fn(|_| columns.next());
    let (section, written, means, why) = (section?, written?, means?, why?);
    let sections = [Section::Account, Section::Zone, Section::User, Section::R2];
    let section = sections.into_iter().find(|known| known.key() == section)?;
    let whole = columns.next().is_none() && !written.is_empty();
    whole.then(|| (means, Synonym { section, written: written.to_owned(), why: why.to_owned() }))
}
