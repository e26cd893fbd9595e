//! A recording and a profile -> whether its token could have done what was recorded, and what in it was not needed.
//!
//! In: a [`Recording`], and a [`Profile`] that is valid. Out: a [`Comparison`]. Only what is certain counts against a
//! profile: an account or a zone that it names by a name which the recording lacks may be the right one.

use std::collections::{BTreeMap, BTreeSet};

use super::cover::{Cost, cheapest};
use super::least::{LeastRights, Right, cost, reasons};
use super::needs::{Need, Needs, Reachable, needs, section};
use super::seen::Recording;
use crate::catalogue::{AcceptedGroup, Catalogue, KnownGroup, Reach, resolve_offline};
use crate::profile::{Accounts, Owner, Profile, Reference, Rights, Section, Spanned, Zones};

/// What a comparison came to.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// What the profile grants.
    pub held: Vec<Held>,
    /// What it lacks.
    pub missing: Vec<Right>,
    /// What it lacks and cannot ask for by an id: what needs it, and the groups' names.
    pub unnamed: Vec<(String, Vec<String>)>,
    /// What takes one of several permissions, by the phase of its rules, which is not known: what needs it, and their lines.
    pub by_phase: Vec<(String, Vec<String>)>,
    /// Whether there are such, and the profile grants none of the permissions of one.
    pub lacks_phase: bool,
    /// What the tables do not know.
    pub unknown: Vec<String>,
    /// How many of its permissions only Cloudflare's own list can tell.
    pub undecided: usize,
}

/// A permission of the profile.
#[derive(Debug, Clone)]
pub struct Held {
    /// Its section.
    pub section: Section,
    /// The group's id.
    pub id: String,
    /// The group's name.
    pub name: String,
    /// What needs it; nothing where it was never needed.
    pub reasons: Vec<String>,
    /// A group that allows less and would be enough for all of that.
    pub narrower: Option<&'static KnownGroup>,
}

/// A holding that is enough, with its group and where.
type Enough = (usize, AcceptedGroup<'static>, Reachable);

/// A permission with what it reaches.
struct Holding {
    held: Held,
    accounts: Extent,
    zones: Extent,
}

/// Which accounts or zones a permission reaches.
#[derive(Clone)]
enum Extent {
    /// These.
    Ids(Vec<String>),
    /// All, or some that nobody can tell here.
    Perhaps,
}

impl Comparison {
    /// Compares.
    #[must_use]
    pub fn of(recording: &Recording, profile: &Profile) -> Self {
        let least = LeastRights::of(recording);
        let Needs { decided: needs, by_phase, .. } = needs(recording);
        let (holdings, undecided) = holdings(recording, profile);
        let enough = |need: &Need| -> Vec<Enough> {
            let held = |(group, place): &(AcceptedGroup<'static>, Reachable)| {
                let mut holds =
                    holdings.iter().enumerate().filter(|(_, one)| one.is_enough(group.group, place));
                holds.next().map(|(number, _)| (number, *group, place.clone()))
            };
            need.enough.iter().filter_map(held).collect()
        };
        let covered: Vec<Vec<Enough>> = needs.iter().map(enough).collect();
        // What a holding costs is the least that it costs for any of the needs.
        let mut known: BTreeMap<usize, Cost> = BTreeMap::new();
        for (number, group, place) in covered.iter().flatten() {
            let cost = cost(group, place);
            known.entry(*number).and_modify(|least| *least = cost.min(*least)).or_insert(cost);
        }
        let costs: Vec<Cost> =
            (0..holdings.len()).map(|number| known.remove(&number).unwrap_or_default()).collect();
        let columns: Vec<Vec<usize>> =
            covered.iter().map(|need| need.iter().map(|(number, ..)| *number).collect()).collect();
        let chosen = cheapest(&columns, &costs);
        let mut used: BTreeMap<usize, (Reach, Vec<&Need>)> = BTreeMap::new();
        let mut lacking: Vec<Need> = Vec::new();
        for (need, enough) in needs.iter().zip(&covered) {
            match enough.iter().find(|(number, ..)| chosen.contains(number)) {
                Some((number, group, _)) => {
                    used.entry(*number).or_insert((group.reach, Vec::new())).1.push(need);
                }
                None => lacking.push(need.clone()),
            }
        }
        let lines: BTreeSet<String> = holdings.iter().filter_map(Holding::line).collect();
        let is_lacking = |(_, of): (&String, &Vec<String>)| !of.iter().any(|line| lines.contains(line));
        let lacks_phase = by_phase.iter().any(is_lacking);
        let held = holdings.into_iter().enumerate().map(|(number, holding)| match used.remove(&number) {
            Some((reach, needs)) => {
                let narrower = narrower(reach, &needs);
                Held { reasons: reasons(needs), narrower, ..holding.held }
            }
            None => holding.held,
        });
        let LeastRights { rights: missing, unnamed, .. } = LeastRights::for_needs(&lacking);
        let (held, by_phase) = (held.collect(), by_phase.into_iter().collect());
        Self { held, missing, unnamed, by_phase, lacks_phase, unknown: least.unknown, undecided }
    }

    /// Whether the profile would have been enough, as far as the tables know.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.missing.is_empty() && ((self.unnamed.is_empty() && !self.lacks_phase) || self.undecided > 0)
    }
}

/// One group that allows less and is enough for the same needs.
fn narrower(reach: Reach, needs: &[&Need]) -> Option<&'static KnownGroup> {
    let needs: Vec<Need> = needs.iter().map(|need| (*need).clone()).collect();
    let rights = LeastRights::for_needs(&needs).rights;
    let first = rights.first()?;
    let is_one = rights.iter().all(|right| right.group.id == first.group.id);
    (is_one && first.reach < reach).then_some(first.group)
}

/// What a profile grants, and how many of its permissions are open.
fn holdings(recording: &Recording, profile: &Profile) -> (Vec<Holding>, usize) {
    let mut holdings: Vec<Holding> = Vec::new();
    let mut undecided = 0;
    for rights in [&profile.rights].into_iter().chain(&profile.grants) {
        let resolved = resolve_offline(&profile.source, &rights.permissions, &profile.owner);
        undecided += resolved.undecided;
        let (accounts, zones) = extents(recording, profile, rights);
        for granted in resolved.granted {
            let (accounts, zones) = (accounts.clone(), zones.clone());
            let (section, id, name) = (granted.section, granted.id, granted.name);
            let held = Held { section, id, name, reasons: Vec::new(), narrower: None };
            holdings.push(Holding { held, accounts, zones });
        }
    }
    (holdings, undecided)
}

fn extents(recording: &Recording, profile: &Profile, rights: &Rights) -> (Extent, Extent) {
    let id = |reference: &Spanned<Reference>, names: &BTreeMap<String, String>| match &reference.value {
        Reference::Id(id) => Some(id.clone()),
        Reference::Name(name) => names.iter().find(|(_, own)| *own == name).map(|(id, _)| id.clone()),
    };
    let ids = |references: &[Spanned<Reference>], names: &BTreeMap<String, String>| {
        let ids: Option<Vec<String>> = references.iter().map(|reference| id(reference, names)).collect();
        ids.map_or(Extent::Perhaps, Extent::Ids)
    };
    let accounts = match &rights.resources.accounts {
        Accounts::All => Extent::Perhaps,
        // An account's own token is about its owner where it names no other.
        Accounts::Named(named) if named.is_empty() && profile.owner != Owner::User => Extent::Perhaps,
        Accounts::Named(named) => ids(named, &recording.accounts),
    };
    let zones = match &rights.resources.zones {
        Zones::OfAccounts | Zones::AllAccounts => Extent::Perhaps,
        Zones::Named(named) => ids(named, &recording.zones),
    };
    (accounts, zones)
}

impl Holding {
    fn line(&self) -> Option<String> {
        Catalogue::embedded().group(&self.held.id).map(KnownGroup::line)
    }

    fn is_enough(&self, group: &KnownGroup, place: &Reachable) -> bool {
        let is_it = group.id.as_deref() == Some(&*self.held.id) && section(group) == Some(self.held.section);
        is_it
            && match place {
                Reachable::Account(id) => self.accounts.has(id),
                Reachable::Zone(id) => self.zones.has(id),
                Reachable::EveryZone => matches!(self.zones, Extent::Perhaps),
                Reachable::SomeAccount | Reachable::SomeZone | Reachable::User => true,
            }
    }
}

impl Extent {
    fn has(&self, id: &String) -> bool {
        match self {
            Self::Ids(ids) => ids.contains(id),
            Self::Perhaps => true,
        }
    }
}
