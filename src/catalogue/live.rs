//! The embedded catalogue corrected by Cloudflare's own list, which decides.
//!
//! In: what `permission_groups` answered for an owner. Out: the catalogue as that owner has it, and how it
//! differs from the embedded one. Ids tie groups together first, since names change; then name and scope.

use std::collections::{HashMap, HashSet};

use super::difference::Difference;
use super::embedded::{Catalogue, CatalogueEntry, ListingStatus};
use super::group::{KnownGroup, Scope};
use super::spelling::{same, shown};

/// A permission group as Cloudflare's own list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveGroup {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The name.
    pub name: String,
    /// What it applies to, in Cloudflare's words.
    pub scopes: Vec<String>,
    /// Whether whoever asked may grant it, where the list says so.
    pub is_selectable: Option<bool>,
}

impl Catalogue {
    /// The catalogue as Cloudflare's own list has it, with every difference from the embedded one.
    ///
    /// An empty list says nothing: it is what a bootstrap sees that may not read it, so all stays as it was.
    #[must_use]
    pub fn with_live(&self, groups: Vec<LiveGroup>) -> (Self, Vec<Difference>) {
        let mut catalogue = self.clone();
        if groups.is_empty() {
            return (catalogue, Vec::new());
        }
        for known in &mut catalogue.known {
            known.listing = ListingStatus::Absent;
        }
        let (with_known_id, others) = catalogue.split_by_known_id(groups);
        for (place, live) in with_known_id {
            if let Some(known) = catalogue.known.get_mut(place) {
                known.confirm(live);
            }
        }
        let mut unheard = Vec::new();
        for live in others {
            match catalogue.known.iter_mut().find(|known| known.is_succeeded_by(&live)) {
                Some(known) => known.take_id(live),
                None => unheard.push(CatalogueEntry::new_from(live)),
            }
        }
        catalogue.known.extend(unheard);
        let differences = catalogue.known.iter().flat_map(CatalogueEntry::differences).collect();
        (catalogue, differences)
    }

    /// How Cloudflare's list differs for one group; nothing where nobody asked.
    #[must_use]
    pub fn differences_of(&self, group: &KnownGroup) -> Vec<Difference> {
        let of_group = self.known.iter().find(|known| known.group == *group);
        of_group.map(CatalogueEntry::differences).unwrap_or_default()
    }

    /// Parts the groups whose id is in the catalogue, each with its place there, from those whose id is not.
    /// An id counts once, however often the list has it.
    fn split_by_known_id(&self, groups: Vec<LiveGroup>) -> (Vec<(usize, LiveGroup)>, Vec<LiveGroup>) {
        let place = |(place, known): (usize, &CatalogueEntry)| Some((known.group.id.clone()?, place));
        let places: HashMap<String, usize> = self.known.iter().enumerate().filter_map(place).collect();
        let mut seen = HashSet::new();
        let (mut found, mut others) = (Vec::new(), Vec::new());
        for mut live in groups {
            live.id.make_ascii_lowercase();
            live.name = shown(&live.name);
            if live.id.is_empty() || !seen.insert(live.id.clone()) {
                continue;
            }
            match places.get(&live.id) {
                Some(place) => found.push((*place, live)),
                None => others.push(live),
            }
        }
        (found, others)
    }
}

impl CatalogueEntry {
    /// A group that only Cloudflare's list has.
    fn new_from(live: LiveGroup) -> Self {
        let difference = Difference::New { id: live.id.clone(), name: live.name.clone() };
        let listing = listed(vec![difference], live.is_selectable);
        let group = KnownGroup {
            scopes: scopes(&live),
            id: Some(live.id),
            name: live.name,
            labels: Vec::new(),
            former: Vec::new(),
            synonyms: Vec::new(),
        };
        Self { group, listing }
    }

    /// Takes over name and scopes from Cloudflare's entry for the same id. Both names go on to be understood.
    fn confirm(&mut self, live: LiveGroup) {
        let mut differences = Vec::new();
        let is_selectable = live.is_selectable;
        let group = &mut self.group;
        if group.name != live.name && !live.name.is_empty() {
            let was = std::mem::replace(&mut group.name, live.name);
            group.former.retain(|former| *former != group.name);
            group.labels.retain(|label| *label != group.name);
            differences.push(Difference::Renamed {
                id: live.id.clone(),
                was: was.clone(),
                now: group.name.clone(),
            });
            group.former.push(was);
        }
        let now: Vec<Scope> = live.scopes.iter().map(|scope| Scope::from_key(scope)).collect();
        if !now.is_empty() && now != group.scopes {
            differences.push(Difference::Rescoped { name: group.name.clone(), now: now.clone() });
            group.scopes = now;
        }
        self.listing = listed(differences, is_selectable);
    }

    /// Whether a group under an unknown id is this one: same name, same scope, own id not on the list.
    fn is_succeeded_by(&self, live: &LiveGroup) -> bool {
        let own = &self.group.scopes;
        matches!(self.listing, ListingStatus::Absent)
            && same(&self.group.name, &live.name)
            && (own.is_empty() || scopes(live).iter().any(|scope| own.contains(scope)))
    }

    /// Takes over the id, and the scopes where it had none.
    fn take_id(&mut self, live: LiveGroup) {
        let group = &mut self.group;
        if group.scopes.is_empty() {
            group.scopes = scopes(&live);
        }
        let name = group.name.clone();
        let difference = match group.id.replace(live.id.clone()) {
            Some(was) => Difference::NewId { name, was, now: live.id },
            None => Difference::New { id: live.id, name },
        };
        self.listing = listed(vec![difference], live.is_selectable);
    }

    pub(super) fn differences(&self) -> Vec<Difference> {
        match &self.listing {
            ListingStatus::Unasked => Vec::new(),
            ListingStatus::Listed { differences, .. } => differences.clone(),
            ListingStatus::Absent => {
                vec![Difference::Gone { id: self.group.id.clone(), name: self.group.name.clone() }]
            }
        }
    }
}

fn scopes(live: &LiveGroup) -> Vec<Scope> {
    live.scopes.iter().map(|scope| Scope::from_key(scope)).collect()
}

fn listed(differences: Vec<Difference>, is_selectable: Option<bool>) -> ListingStatus {
    ListingStatus::Listed { differences, is_ungrantable: is_selectable == Some(false) }
}
