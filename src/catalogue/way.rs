//! A permission group -> how a profile asks for it: the way back from an id to names.
//!
//! In: a section and the id of a group. Out: ways to ask for it, each of which [`Catalogue::resolve`] leads back to
//! this very group without a remark. Never a way that could mean another group.

use super::group::Catalogue;
use super::spelling::split;
use crate::profile::{Ask, Level, Permission, Reference, Section, Span, Spanned};
use crate::text::is_steering;

/// How a profile asks for a permission group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// By the dashboard's label and a level, as in `DNS: edit`.
    Entry {
        /// The label.
        label: String,
        /// The level.
        level: Level,
    },
    /// By the API's name, as in `- DNS Write`.
    Name(String),
    /// By its id.
    Id(String),
}

impl Catalogue {
    /// The ways to ask for a group in a section, the one that people read best first; none where a profile cannot
    /// ask for it there.
    #[must_use]
    pub fn ways(&self, section: Section, id: &str) -> Vec<Way> {
        let Some(group) = self.group(id) else { return Vec::new() };
        // The label that reads best may mean another group too; then a longer one may do.
        let entries = group.entry().into_iter().chain(group.labels.iter().filter_map(|label| split(label)));
        let entries = entries.map(|(label, level)| Way::Entry { label: label.to_owned(), level });
        let ways = entries.chain([Way::Name(group.name.clone()), Way::Id(id.to_ascii_lowercase())]);
        ways.filter(|way| self.leads_to(way, section, id)).collect()
    }

    /// Whether a way asks for this group, and nobody has to be told how it was understood.
    #[must_use]
    pub fn leads_to(&self, way: &Way, section: Section, id: &str) -> bool {
        way.is_writable()
            && self
                .resolve(&way.permission(section))
                .is_ok_and(|found| found.note.is_none() && found.id.eq_ignore_ascii_case(id))
    }
}

impl Way {
    /// The permission as a profile would have it; it was written nowhere.
    fn permission(&self, section: Section) -> Permission {
        const NOWHERE: Span = Span { start: 0, end: 0 };
        let ask = match self {
            Self::Entry { label, level } => Ask::Label {
                label: Spanned::new(label.clone(), NOWHERE),
                level: Spanned::new(*level, NOWHERE),
            },
            Self::Name(text) | Self::Id(text) => Ask::Item(Spanned::new(Reference::new(text), NOWHERE)),
        };
        Permission { section, ask }
    }

    /// Whether a profile can hold the text.
    fn is_writable(&self) -> bool {
        let (Self::Entry { label: text, .. } | Self::Name(text) | Self::Id(text)) = self;
        !text.trim().is_empty() && !text.contains(['\n', '\t']) && !text.chars().any(is_steering)
    }
}
