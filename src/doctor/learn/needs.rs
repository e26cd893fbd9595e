//! A recording -> what it needs: each operation, at each place, with the permission groups of which one is enough there.
//!
//! In: a [`Recording`]. Out: [`Need`]s. A request that names no account and no zone, such as one that lists zones, is
//! meant for each that the recording knows: the command would miss one that it may not see. Where answers told what was
//! listed, it is meant for those of them that the command went on with.

use std::collections::{BTreeMap, BTreeSet};

use super::seen::{Place, Recording};
use crate::catalogue::{AcceptedGroup, Catalogue, KnownGroup, Reach};
use crate::profile::Section;

/// How many names of a list count as what a command is about; a longer list only shows what the credential sees.
const FEW: usize = 5;

/// Where a right applies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reachable {
    /// An account, by its id.
    Account(String),
    /// An account that nothing names.
    SomeAccount,
    /// A zone, by its id.
    Zone(String),
    /// A zone that nothing names.
    SomeZone,
    /// Every zone of the accounts.
    EveryZone,
    /// The user.
    User,
}

/// Something that was asked for at a place.
#[derive(Debug, Clone)]
pub(super) struct Need {
    /// What people know it as: a method and a path, or an address of Terraform.
    pub(super) what: String,
    /// How often it was asked for.
    pub(super) count: usize,
    /// The groups of which one is enough, each with the place where it has to apply; the one to ask for first.
    pub(super) enough: Vec<(AcceptedGroup<'static>, Reachable)>,
}

/// The accounts and zones that a request is about which names none.
struct Known {
    accounts: Vec<String>,
    zones: Vec<String>,
    /// Whether every zone is needed anyway, so that a right there may do for a single zone too.
    needs_every_zone: bool,
}

/// Everything that a recording needs.
#[derive(Default)]
pub(super) struct Needs {
    /// What the tables decide.
    pub(super) decided: Vec<Need>,
    /// What Terraform manages that the table does not know.
    pub(super) unknown: Vec<String>,
    /// What nobody can choose the group for, since the phase of its rules is not known: the lines of which one is enough.
    pub(super) by_phase: BTreeMap<String, Vec<String>>,
}

/// What a recording needs.
pub(super) fn needs(recording: &Recording) -> Needs {
    let known = Known::of(recording);
    let Needs { decided: mut needs, mut unknown, mut by_phase } = Needs::default();
    for (seen, count) in &recording.operations {
        let Some(found) = Catalogue::find_operation(seen.method, seen.path) else { continue };
        let accepted = Catalogue::embedded().accepted_in(found.operation, seen.phase);
        let how = if seen.place == Place::EveryZone { " without a name" } else { "" };
        let sure = if accepted.inferred_from.is_some() { " (inferred)" } else { "" };
        let path =
            seen.phase.map_or_else(|| seen.path.to_owned(), |phase| seen.path.replacen("{}", phase, 1));
        let what = format!("{} {path}{how}{sure}", seen.method);
        if accepted.is_by_phase {
            by_phase.entry(what).or_insert_with(|| lines(&accepted.groups, &seen.place));
            continue;
        }
        needs.extend(known.needs(&what, *count, &accepted.groups, &seen.place));
    }
    for managed in &recording.managed {
        let Some(entry) = Catalogue::terraform(&managed.address) else {
            unknown.push(managed.address.clone());
            continue;
        };
        let mut accepted = Catalogue::embedded().accepted_by_terraform(entry, managed.phase);
        let is_enough = |one: &AcceptedGroup<'_>| !managed.changes || one.reach >= Reach::Changes;
        if accepted.groups.iter().any(is_enough) {
            accepted.groups.retain(is_enough);
        }
        if accepted.is_by_phase {
            by_phase.insert(managed.address.clone(), lines(&accepted.groups, &managed.place));
            continue;
        }
        needs.extend(known.needs(&managed.address, 1, &accepted.groups, &managed.place));
    }
    Needs { decided: needs, unknown, by_phase }
}

/// The lines of a profile of which one is enough at a place.
fn lines(accepted: &[AcceptedGroup<'_>], place: &Place) -> Vec<String> {
    let fits = |one: &&AcceptedGroup<'_>| match (place, section(one.group)) {
        (Place::Account(_), section) => section == Some(Section::Account),
        (Place::Zone(_) | Place::EveryZone, section) => section == Some(Section::Zone),
        (Place::Unnamed, _) => one.applies,
    };
    accepted.iter().filter(fits).map(|one| one.group.line()).collect()
}

/// The accounts that a recording is about.
pub(super) fn accounts(recording: &Recording) -> Vec<Reachable> {
    Known::of(recording).accounts()
}

/// The section of a profile that asks for a group.
pub(super) fn section(group: &KnownGroup) -> Option<Section> {
    group.scopes.iter().find_map(crate::catalogue::Scope::section)
}

impl Known {
    fn of(recording: &Recording) -> Self {
        let places = || {
            let seen = recording.operations.keys().map(|seen| &seen.place);
            seen.chain(recording.managed.iter().map(|managed| &managed.place))
        };
        let accounts = places().filter_map(|place| match place {
            Place::Account(id) => Some(id),
            Place::Zone(_) | Place::EveryZone | Place::Unnamed => None,
        });
        let zones = places().filter_map(|place| match place {
            Place::Zone(id) => Some(id),
            Place::Account(_) | Place::EveryZone | Place::Unnamed => None,
        });
        Self {
            accounts: each(accounts, &recording.accounts),
            zones: each(zones, &recording.zones),
            needs_every_zone: places().any(|place| *place == Place::EveryZone),
        }
    }

    /// What is needed at a place; at each that is known where it names none.
    fn needs(
        &self,
        what: &str,
        count: usize,
        accepted: &[AcceptedGroup<'static>],
        place: &Place,
    ) -> Vec<Need> {
        let applies = |one: &&AcceptedGroup<'_>| one.applies;
        let accepted: Vec<&AcceptedGroup<'static>> = if accepted.iter().any(|one| one.applies) {
            accepted.iter().filter(applies).collect()
        } else {
            accepted.iter().collect()
        };
        let first = accepted.first().and_then(|one| section(one.group));
        let spots = match (place, first) {
            (Place::Account(id), _) => vec![Reachable::Account(id.clone())],
            (Place::Zone(id), _) => vec![Reachable::Zone(id.clone())],
            (Place::EveryZone, _) => vec![Reachable::EveryZone],
            (Place::Unnamed, Some(Section::Zone)) => self.zones(),
            (Place::Unnamed, Some(Section::Account)) => self.accounts(),
            (Place::Unnamed, _) => vec![Reachable::User],
        };
        let need = |spot: Reachable| {
            let at = |one: &&AcceptedGroup<'static>| {
                self.places_of(one.group, &spot).into_iter().map(|place| (**one, place)).collect::<Vec<_>>()
            };
            Need { what: what.to_owned(), count, enough: accepted.iter().flat_map(at).collect() }
        };
        spots.into_iter().map(need).collect()
    }

    /// The places of which one is enough for a group at a spot.
    fn places_of(&self, group: &KnownGroup, spot: &Reachable) -> Vec<Reachable> {
        let first = |of: Vec<Reachable>| of.into_iter().take(1).collect();
        match (section(group), spot) {
            (Some(Section::Zone), Reachable::Zone(_) | Reachable::SomeZone) if self.needs_every_zone => {
                vec![spot.clone(), Reachable::EveryZone]
            }
            (Some(Section::Account), Reachable::Account(_) | Reachable::SomeAccount)
            | (Some(Section::Zone), Reachable::Zone(_) | Reachable::SomeZone | Reachable::EveryZone) => {
                vec![spot.clone()]
            }
            (Some(Section::Account), _) => first(self.accounts()),
            (Some(Section::Zone), _) => first(self.zones()),
            (Some(Section::User), _) => vec![Reachable::User],
            // No request says which bucket or Worker would be enough.
            (Some(Section::R2 | Section::Worker) | None, _) => Vec::new(),
        }
    }

    fn accounts(&self) -> Vec<Reachable> {
        let named: Vec<Reachable> = self.accounts.iter().cloned().map(Reachable::Account).collect();
        if named.is_empty() { vec![Reachable::SomeAccount] } else { named }
    }

    fn zones(&self) -> Vec<Reachable> {
        let named: Vec<Reachable> = self.zones.iter().cloned().map(Reachable::Zone).collect();
        if named.is_empty() { vec![Reachable::SomeZone] } else { named }
    }
}

/// The ids that requests name, each once, and of these the listed ones where there are any; else those of a short list.
fn each<'a>(named: impl Iterator<Item = &'a String>, listed: &BTreeMap<String, String>) -> Vec<String> {
    let mut ids: BTreeSet<String> = named.cloned().collect();
    if ids.is_empty() && listed.len() <= FEW {
        ids.extend(listed.keys().cloned());
    }
    if ids.iter().any(|id| listed.contains_key(id)) {
        ids.retain(|id| listed.contains_key(id));
    }
    ids.into_iter().collect()
}
