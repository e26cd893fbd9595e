//! What a recording needs -> the least rights that cover all of it together.
//!
//! In: a [`Recording`]. Out: [`LeastRights`]: permission groups with the places where they apply, each with what needs
//! it, and what could not be covered. "Least" means, in this order: the fewest groups that administer, that change, that
//! do one thing, that reach every zone; groups of the products that were asked for; groups that open few operations, and
//! few groups.

use std::collections::{BTreeMap, BTreeSet};

use super::cover::{Cost, cheapest};
use super::needs::{Need, Needs, Reachable, needs, section};
use super::seen::Recording;
use crate::catalogue::{AcceptedGroup, KnownGroup, Reach};
use crate::profile::Section;

/// The least rights that cover a recording.
#[derive(Debug, Clone, Default)]
pub struct LeastRights {
    /// The rights, by section, place and name of the group.
    pub rights: Vec<Right>,
    /// What the tables do not know: requests without values, and addresses of Terraform.
    pub unknown: Vec<String>,
    /// What the tables know, but only with groups that a profile cannot name: what needs it, and the groups' names.
    pub unnamed: Vec<(String, Vec<String>)>,
    /// What takes one of several, by the phase of the rules, which is not known: what needs it, and the lines.
    pub by_phase: Vec<(String, Vec<String>)>,
}

/// A permission group at a place.
#[derive(Debug, Clone)]
pub struct Right {
    /// The section of a profile.
    pub section: Section,
    /// The group.
    pub group: &'static KnownGroup,
    /// How much it allows.
    pub reach: Reach,
    /// Where it applies.
    pub place: Reachable,
    /// What needs it, what was asked for most often first.
    pub reasons: Vec<String>,
}

impl LeastRights {
    /// The least rights for a recording.
    #[must_use]
    pub fn of(recording: &Recording) -> Self {
        let Needs { decided: needs, unknown: addresses, by_phase } = needs(recording);
        let requests = recording.unknown.keys().map(|(method, path)| format!("{method} {path}"));
        Self {
            unknown: requests.chain(addresses).collect(),
            by_phase: by_phase.into_iter().collect(),
            ..Self::for_needs(&needs)
        }
    }

    /// The least rights that cover needs.
    pub(super) fn for_needs(needs: &[Need]) -> Self {
        let columns = Columns::of(needs);
        let covered: Vec<Vec<usize>> = needs.iter().map(|need| columns.of_need(need)).collect();
        let chosen = cheapest(&covered, &columns.costs());
        let mut reasons: BTreeMap<usize, Vec<&Need>> = BTreeMap::new();
        let mut unnamed: Vec<(String, Vec<String>)> = Vec::new();
        for (need, columns) in needs.iter().zip(&covered) {
            match columns.iter().find(|column| chosen.contains(column)) {
                Some(column) => reasons.entry(*column).or_default().push(need),
                None => unnamed.push(without_id(need)),
            }
        }
        let right = |(column, needs): (usize, Vec<&Need>)| columns.right(column, needs);
        let mut rights: Vec<Right> = reasons.into_iter().filter_map(right).collect();
        rights.sort_by_key(|right| (right.section, right.place.clone(), right.group.name.clone()));
        unnamed.sort();
        unnamed.dedup();
        Self { rights, unnamed, ..Self::default() }
    }
}

/// What a profile cannot ask for: nobody knows the id of any group that is enough.
fn without_id(need: &Need) -> (String, Vec<String>) {
    let mut names: Vec<String> = need.enough.iter().map(|(one, _)| one.group.name.clone()).collect();
    names.dedup();
    (need.what.clone(), names)
}

/// Every group at every place that could cover something.
struct Columns<'a>(Vec<(Reachable, AcceptedGroup<'a>)>);

impl Columns<'static> {
    fn of(needs: &[Need]) -> Self {
        let mut columns: Vec<(Reachable, AcceptedGroup<'static>)> = Vec::new();
        for (one, place) in needs.iter().flat_map(|need| &need.enough) {
            if one.group.id.is_none() {
                continue;
            }
            match columns.iter_mut().find(|(own, other)| own == place && other.group.id == one.group.id) {
                // It is near where it is near for any of them.
                Some((_, known)) => known.distance = known.distance.min(one.distance),
                None => columns.push((place.clone(), *one)),
            }
        }
        columns.sort_by(|(place, one), (other_place, other)| {
            (place, &one.group.name).cmp(&(other_place, &other.group.name))
        });
        Self(columns)
    }

    /// The columns that cover a need, the one to ask for first.
    fn of_need(&self, need: &Need) -> Vec<usize> {
        let column = |(one, place): &(AcceptedGroup<'_>, Reachable)| {
            self.0.iter().position(|(own, other)| {
                own == place && other.group.id == one.group.id && one.group.id.is_some()
            })
        };
        need.enough.iter().filter_map(column).collect()
    }

    fn costs(&self) -> Vec<Cost> {
        self.0.iter().map(|(place, one)| cost(one, place)).collect()
    }

    fn right(&self, column: usize, needs: Vec<&Need>) -> Option<Right> {
        let (place, one) = self.0.get(column)?;
        let section = section(one.group)?;
        Some(Right {
            section,
            group: one.group,
            reach: one.reach,
            place: place.clone(),
            reasons: reasons(needs),
        })
    }
}

/// What a group costs at a place: by what it allows, then by how much it reaches, then by how far it is from what is
/// asked for, then by how much it opens.
pub(super) fn cost(one: &AcceptedGroup<'_>, place: &Reachable) -> Cost {
    let is = |reach| usize::from(one.reach == reach);
    let allows = [is(Reach::Administers), is(Reach::Changes), is(Reach::DoesOneThing)];
    let is_everywhere = usize::from(*place == Reachable::EveryZone);
    Cost([allows[0], allows[1], allows[2], is_everywhere, one.distance, one.uses + 1])
}

/// What needs something, each once, what was asked for most often first.
pub(super) fn reasons(mut needs: Vec<&Need>) -> Vec<String> {
    needs.sort_by(|need, other| other.count.cmp(&need.count).then_with(|| need.what.cmp(&other.what)));
    let mut before = BTreeSet::new();
    let reasons = needs.into_iter().map(|need| need.what.clone());
    reasons.filter(|reason| before.insert(reason.clone())).collect()
}
