//! One permission of a profile -> the one group it means, or a [`Miss`].
//!
//! Every name a group goes by competes, in a fixed order of rank: a current name beats what the dashboard
//! prints, that beats a former name, and that beats what people only think it is called. The best rank
//! decides alone, even where its group cannot be used: the next best would be another permission.

use super::group::{Catalogue, Known, PermissionGroup, Standing, Synonym};
use super::live::Difference;
use super::miss::Miss;
use super::spelling::{same, shown, split, trim_label};
use super::suggest;
use crate::profile::{Ask, Level, Permission, Reference, Section};

/// A permission, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood<'a> {
    /// The group it means.
    pub group: &'a PermissionGroup,
    /// Its id.
    pub id: &'a str,
    /// What the reader should know where another name was written than the group has.
    pub note: Option<String>,
    /// How Cloudflare's own list differs from the embedded catalogue about this group.
    pub differences: &'a [Difference],
}

/// The name that a permission asks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// A label and its level.
    Entry(&'a str, Level),
    /// A whole name, and its parts if it ends in a level.
    Item(&'a str, Option<(&'a str, Level)>),
}

/// By which of a group's names it was found; the order is the order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The API's name.
    Name,
    /// What the dashboard or the documentation prints.
    Label,
    /// The API's name, with the dashboard's `Edit` for its `Write` or the other way.
    NameInOtherWords,
    /// A label, likewise.
    LabelInOtherWords,
    /// A name of the past.
    Former,
    /// What people write.
    Synonym,
}

impl<'a> Wanted<'a> {
    /// A whole name.
    pub(super) fn item(name: &'a str) -> Self {
        Self::Item(name, split(name))
    }

    /// Whether a spelling is what is asked for: to the letter, or with `Edit` for `Write`.
    fn is(self, spelling: &str) -> Option<Closeness> {
        match self {
            Self::Item(text, _) if same(text, spelling) => Some(Closeness::Exact),
            Self::Item(_, parts) => {
                let (label, level) = parts?;
                let (its_label, its_level) = split(spelling)?;
                (level == its_level && same(label, its_label)).then_some(Closeness::InOtherWords)
            }
            Self::Entry(label, level) => {
                let (its_label, its_level) = split(spelling)?;
                (level == its_level && same(trim_label(label), its_label)).then_some(Closeness::Exact)
            }
        }
    }

    /// How well a group fits in a section; `None` if it is not what is asked for.
    pub(super) fn rank(self, group: &PermissionGroup, section: Section) -> Option<Rank> {
        let name = self.is(&group.name).map(|closeness| match closeness {
            Closeness::Exact => Rank::Name,
            Closeness::InOtherWords => Rank::NameInOtherWords,
        });
        let labels =
            group.labels.iter().filter_map(|label| self.is(label)).map(|closeness| match closeness {
                Closeness::Exact => Rank::Label,
                Closeness::InOtherWords => Rank::LabelInOtherWords,
            });
        let former = group.former.iter().filter_map(|former| self.is(former)).map(|_| Rank::Former);
        let synonym = self.synonym(group, section).map(|_| Rank::Synonym);
        name.into_iter().chain(labels).chain(former).chain(synonym).min()
    }

    fn synonym(self, group: &PermissionGroup, section: Section) -> Option<&Synonym> {
        let here = |synonym: &&Synonym| synonym.section == section && self.is(&synonym.written).is_some();
        group.synonyms.iter().find(here)
    }

    /// What was written, in one line.
    pub(super) fn shown(self) -> String {
        match self {
            Self::Entry(label, level) => format!("{}: {}", shown(label), level.word()),
            Self::Item(text, _) => shown(text),
        }
    }
}

enum Closeness {
    Exact,
    InOtherWords,
}

impl Catalogue {
    /// The group that a permission means.
    pub fn resolve(&self, permission: &Permission) -> Result<Understood<'_>, Miss> {
        let section = permission.section;
        match &permission.ask {
            Ask::Label { label, level } => self.by_name(section, Wanted::Entry(&label.value, level.value)),
            Ask::Item(item) => match &item.value {
                Reference::Name(name) => self.by_name(section, Wanted::item(name)),
                Reference::Id(id) => self.by_id(section, id),
            },
        }
    }

    fn by_id(&self, section: Section, id: &str) -> Result<Understood<'_>, Miss> {
        let Some(known) = self.known_by_id(id) else {
            return Err(self.replaced(id).unwrap_or_else(|| Miss::UnknownId { id: id.to_owned() }));
        };
        if known.group.applies_to(section) {
            return known.usable(None);
        }
        Err(Miss::WrongSection {
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

    /// The miss for an id that Cloudflare has given up for another.
    fn replaced(&self, id: &str) -> Option<Miss> {
        let replaced = |known: &&Known| {
            let is_it =
                |difference: &Difference| matches!(difference, Difference::NewId { was, .. } if was == id);
            matches!(&known.standing, Standing::Listed(differences) if differences.iter().any(is_it))
        };
        let known = self.known.iter().find(replaced)?;
        Some(Miss::NotListed { name: known.group.name.clone(), instead: known.group.id.clone() })
    }

    fn by_name(&self, section: Section, wanted: Wanted<'_>) -> Result<Understood<'_>, Miss> {
        let mut found = self.ranked(section, wanted);
        let Some(best) = found.iter().map(|(rank, _)| *rank).min() else {
            return Err(suggest::miss(self, section, wanted));
        };
        let beaten: Vec<&Known> =
            found.extract_if(.., |(rank, _)| *rank != best).map(|(_, known)| known).collect();
        match found.as_slice() {
            [(rank, known)] => known.usable(note(wanted, *rank, &known.group, section, &beaten)),
            several => Err(Miss::Ambiguous {
                written: wanted.shown(),
                groups: several
                    .iter()
                    .map(|(_, known)| (known.group.id.clone().unwrap_or_default(), known.group.name.clone()))
                    .collect(),
            }),
        }
    }

    /// Every group of a section that the name could mean, each with its rank.
    pub(super) fn ranked(&self, section: Section, wanted: Wanted<'_>) -> Vec<(Rank, &Known)> {
        let here = self.known.iter().filter(|known| known.group.applies_to(section));
        here.filter_map(|known| Some((wanted.rank(&known.group, section)?, known))).collect()
    }
}

impl Known {
    fn usable(&self, note: Option<String>) -> Result<Understood<'_>, Miss> {
        let differences = match &self.standing {
            Standing::Absent => return Err(Miss::NotListed { name: self.group.name.clone(), instead: None }),
            Standing::Unasked => &[],
            Standing::Listed(differences) => differences.as_slice(),
        };
        let group = &self.group;
        let id = group.id.as_deref().ok_or_else(|| Miss::WithoutId { name: group.name.clone() })?;
        Ok(Understood { group, id, note, differences })
    }
}

/// What to say about a name that is not the group's own, or that could have meant another group too.
fn note(
    wanted: Wanted<'_>,
    rank: Rank,
    group: &PermissionGroup,
    section: Section,
    beaten: &[&Known],
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
