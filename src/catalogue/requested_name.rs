//! The name that a permission asks for, and how well each group of a section fits it.
//!
//! Every name a group goes by competes, in a fixed order of rank: a current name beats what the dashboard
//! prints, that beats a former name, and that beats what people only think it is called.

use super::embedded::{Catalogue, CatalogueEntry};
use super::group::{KnownGroup, Synonym};
use super::spelling::{same, shown, split, trim_label};
use crate::profile::{Level, Section};

/// The name that a permission asks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum RequestedName<'a> {
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

impl<'a> RequestedName<'a> {
    /// A whole name.
    pub(super) fn item(name: &'a str) -> Self {
        Self::Item(name, split(name))
    }

    /// The label and the level, where there is one.
    pub(super) fn parts(self) -> (&'a str, Option<Level>) {
        match self {
            Self::Entry(label, level) | Self::Item(_, Some((label, level))) => (label, Some(level)),
            Self::Item(text, None) => (text, None),
        }
    }

    /// The same level of another label.
    pub(super) fn with_label(self, label: &str) -> RequestedName<'_> {
        match self.parts() {
            (_, Some(level)) => RequestedName::Entry(label, level),
            (_, None) => RequestedName::item(label),
        }
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
    pub(super) fn rank(self, group: &KnownGroup, section: Section) -> Option<Rank> {
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

    pub(super) fn synonym(self, group: &KnownGroup, section: Section) -> Option<&Synonym> {
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
    /// Every group of a section that the name could mean, each with its rank.
    pub(super) fn ranked(&self, section: Section, wanted: RequestedName<'_>) -> Vec<(Rank, &CatalogueEntry)> {
        let here = self.known.iter().filter(|known| known.group.applies_to(section));
        here.filter_map(|known| Some((wanted.rank(&known.group, section)?, known))).collect()
    }
}
