//! What a profile asks for: every label with each of its levels, and every item of its lists.

use std::collections::{BTreeMap, BTreeSet};

use super::Resolver;
use super::rights::WrittenRights;
use crate::profile::codes::DiagnosticCode;
use crate::profile::decode::Field;
use crate::profile::diagnostic::{Span, Spanned};
use crate::profile::layer::Feature;
use crate::profile::model::{Level, Permission, PermissionRef, Section};
use crate::profile::problems::quoted;
use crate::profile::scalar::Templated;
use crate::profile::scalars::{GrantedLevel, folded};
use crate::profile::section::{LabelLevels, SectionPermissions};

/// The permissions of a profile.
pub(super) struct RequestedPermissions {
    /// In an order that does not depend on that of the file.
    pub(super) permissions: Vec<Permission>,
    /// The sections that ask for something, with the first place that does.
    pub(super) sections: BTreeMap<Section, Span>,
    /// The sections that may ask for something: in a feature that is off, or where a value is not known.
    pub(super) perhaps: BTreeSet<Section>,
    seen: BTreeSet<SortKey>,
}

/// What tells permissions apart, and puts them in order.
type SortKey = (Section, bool, String, Option<Level>);

impl Resolver<'_> {
    pub(super) fn permissions(&mut self, written: &WrittenRights<'_>) -> RequestedPermissions {
        let WrittenRights { permissions, off, .. } = written;
        let mut asked = RequestedPermissions {
            permissions: Vec::new(),
            sections: BTreeMap::new(),
            perhaps: BTreeSet::new(),
            seen: BTreeSet::new(),
        };
        for section in Section::ALL {
            let slot = permissions.get().map(|permissions| permissions.section(section));
            match slot {
                Some(Field::Set(grants)) => self.section(section, grants, off, &mut asked),
                Some(Field::Invalid) => {
                    asked.perhaps.insert(section);
                }
                Some(Field::Absent) | None => {}
            }
            if permissions.is_invalid() || given_when_off(off, section).next().is_some() {
                asked.perhaps.insert(section);
            }
        }
        asked.permissions.sort_by_cached_key(sort_key);
        asked
    }

    fn section(
        &mut self,
        section: Section,
        grants: &SectionPermissions,
        off: &[&Feature],
        asked: &mut RequestedPermissions,
    ) {
        let mut taken_away = Vec::new();
        for labelled in &grants.labels {
            let levels = self.values(&labelled.levels);
            if levels.len() < labelled.levels.len() {
                asked.perhaps.insert(section);
                continue;
            }
            match self.levels(labelled, &levels) {
                Some(levels) => {
                    for level in levels {
                        let reference = PermissionRef::Label { label: labelled.label.clone(), level };
                        asked.add(section, labelled.label.span, reference);
                    }
                }
                None => taken_away.push(labelled),
            }
        }
        let names: BTreeSet<String> =
            taken_away.iter().map(|labelled| folded(&labelled.label.value)).collect();
        let mut removed = BTreeSet::new();
        for item in self.values(grants.items.iter().flatten()) {
            let name = folded(item.value.0.text());
            if names.contains(&name) {
                removed.insert(name);
                continue;
            }
            asked.add(section, item.span, PermissionRef::Item(item.map(|name| name.0)));
        }
        for labelled in taken_away {
            let name = folded(&labelled.label.value);
            let is_given_when_off = given_when_off(off, section).any(|other| folded(other) == name);
            if !labelled.is_over_another && !removed.contains(&name) && !is_given_when_off {
                // Left alone, its writer would think that the token lacks what it has.
                self.problems
                    .error(
                        DiagnosticCode::NothingRemoved,
                        labelled.label.span,
                        format!(
                            "no lower layer gives {}, so `none` takes nothing away",
                            quoted(&labelled.label.value)
                        ),
                    )
                    .hint("write the label exactly as the lower layer does, or leave the line out");
            }
        }
    }

    /// The levels of a label, each once; `None` for the word `none`.
    fn levels(
        &mut self,
        labelled: &LabelLevels,
        grants: &[Spanned<GrantedLevel>],
    ) -> Option<Vec<Spanned<Level>>> {
        let mut levels: Vec<Spanned<Level>> = Vec::new();
        let mut none = None;
        for grant in grants {
            match grant.value {
                GrantedLevel::None => none = Some(grant.span),
                GrantedLevel::Level(level) if levels.iter().any(|earlier| earlier.value == level) => {}
                GrantedLevel::Level(level) => levels.push(Spanned::new(level, grant.span)),
            }
        }
        match none {
            Some(span) if !levels.is_empty() => {
                self.problems
                    .error(
                        DiagnosticCode::Contradiction,
                        span,
                        format!("{} is given `none` beside a level", quoted(&labelled.label.value)),
                    )
                    .hint("write `none` alone, or the levels alone");
                Some(levels)
            }
            Some(_) => None,
            None => Some(levels),
        }
    }
}

impl RequestedPermissions {
    fn add(&mut self, section: Section, span: Span, reference: PermissionRef) {
        self.sections.entry(section).or_insert(span);
        let permission = Permission { section, reference };
        if self.seen.insert(sort_key(&permission)) {
            self.permissions.push(permission);
        }
    }
}

fn sort_key(permission: &Permission) -> SortKey {
    match &permission.reference {
        PermissionRef::Label { label, level } => {
            (permission.section, false, folded(&label.value), Some(level.value))
        }
        PermissionRef::Item(name) => (permission.section, true, folded(name.value.text()), None),
    }
}

/// The labels and names that features which are off would give in a section.
fn given_when_off<'a>(off: &'a [&Feature], section: Section) -> impl Iterator<Item = &'a str> {
    let grants = off.iter().filter_map(move |feature| feature.permissions.get()?.section(section).get());
    grants.flat_map(|grants| {
        let labels = grants.labels.iter().filter(|labelled| gives(labelled));
        let labels = labels.map(|labelled| labelled.label.value.as_str());
        let items = grants.items.iter().flatten().map(|item| match item {
            Templated::Known(known) => known.value.0.text(),
            Templated::Template(template) => template.value.written.as_str(),
        });
        labels.chain(items)
    })
}

/// Whether a label of a layer is given anything.
fn gives(labelled: &LabelLevels) -> bool {
    !labelled
        .levels
        .iter()
        .all(|level| matches!(level, Templated::Known(known) if known.value == GrantedLevel::None))
}
