//! A permission group -> how a profile asks for it: the way back from an id to names.
//!
//! In: a section and the id of a group. Out: phrases that ask for it, each of which [`Catalogue::resolve`] leads back to
//! this very group without a remark. Never a phrase that could mean another group.

use super::embedded::Catalogue;
use super::spelling::split;
use crate::profile::{Level, Permission, PermissionRef, Reference, Section, Span, Spanned};
use crate::text::is_steering;

/// How a profile asks for a permission group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phrase {
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
    /// The phrases that ask for a group in a section, the one that people read best first; none where a profile cannot
    /// ask for it there.
    #[must_use]
    pub fn phrases(&self, section: Section, id: &str) -> Vec<Phrase> {
        let Some(group) = self.group(id) else { return Vec::new() };
        // The label that reads best may mean another group too; then a longer one may do.
        let entries = group.entry().into_iter().chain(group.labels.iter().filter_map(|label| split(label)));
        let entries = entries.map(|(label, level)| Phrase::Entry { label: label.to_owned(), level });
        let phrases = entries.chain([Phrase::Name(group.name.clone()), Phrase::Id(id.to_ascii_lowercase())]);
        phrases.filter(|phrase| self.leads_to(phrase, section, id)).collect()
    }

    /// Whether a phrase asks for this group, and nobody has to be told how it was understood.
    #[must_use]
    pub fn leads_to(&self, phrase: &Phrase, section: Section, id: &str) -> bool {
        phrase.is_writable()
            && self.resolve(&phrase.permission(section)).is_ok_and(|found| {
                found.note.is_none() && found.groups.iter().all(|one| one.id.eq_ignore_ascii_case(id))
            })
    }
}

impl Phrase {
    /// The permission as a profile would have it; it was written nowhere.
    fn permission(&self, section: Section) -> Permission {
        const NOWHERE: Span = Span { start: 0, end: 0 };
        let reference = match self {
            Self::Entry { label, level } => PermissionRef::Label {
                label: Spanned::new(label.clone(), NOWHERE),
                level: Spanned::new(*level, NOWHERE),
            },
            Self::Name(text) | Self::Id(text) => {
                PermissionRef::Item(Spanned::new(Reference::new(text), NOWHERE))
            }
        };
        Permission { section, reference }
    }

    /// Whether a profile can hold the text.
    fn is_writable(&self) -> bool {
        let (Self::Entry { label: text, .. } | Self::Name(text) | Self::Id(text)) = self;
        !text.trim().is_empty() && !text.contains(['\n', '\t']) && !text.chars().any(is_steering)
    }
}
