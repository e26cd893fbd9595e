//! The embedded catalogue corrected by Cloudflare's own list, which decides.
//!
//! In: what `permission_groups` answered for an owner. Out: the catalogue as that owner has it, and how it
//! differs from the embedded one. Ids tie groups together first, since names change; then name and scope.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::group::{Catalogue, Known, PermissionGroup, Scope, Standing};
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
}

/// How Cloudflare's own list differs from the embedded catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The id has another name.
    Renamed {
        /// The id.
        id: String,
        /// The embedded name.
        was: String,
        /// Cloudflare's name.
        now: String,
    },
    /// The name has another id.
    NewId {
        /// The name.
        name: String,
        /// The embedded id.
        was: String,
        /// Cloudflare's id.
        now: String,
    },
    /// The group applies to something else.
    Rescoped {
        /// The name.
        name: String,
        /// Cloudflare's scopes.
        now: Vec<Scope>,
    },
    /// The embedded catalogue lacks the group, or its id.
    New {
        /// The id.
        id: String,
        /// The name.
        name: String,
    },
    /// Cloudflare's list for this owner lacks the group.
    Gone {
        /// The embedded id, where there is one.
        id: Option<String>,
        /// The embedded name.
        name: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Renamed { was, now, .. } => write!(formatter, "Cloudflare calls `{was}` `{now}` now"),
            Self::NewId { name, was, now } => {
                write!(formatter, "`{name}` has the id {now} on Cloudflare's list, no longer {was}")
            }
            Self::Rescoped { name, now } => {
                let now: Vec<&str> = now.iter().map(Scope::key).collect();
                write!(formatter, "`{name}` applies to {} now", now.join(", "))
            }
            Self::New { id, name } => write!(formatter, "`{name}` comes from Cloudflare's list, id {id}"),
            Self::Gone { name, .. } => write!(formatter, "Cloudflare's list for this owner lacks `{name}`"),
        }
    }
}

impl Catalogue {
    /// The catalogue as Cloudflare's own list has it, with every difference from the embedded one.
    ///
    /// An empty list says nothing: it is what a bootstrap sees that may not read it, so all stays as it was.
    #[must_use]
    pub fn with_live(mut self, groups: Vec<LiveGroup>) -> (Self, Vec<Difference>) {
        if groups.is_empty() {
            return (self, Vec::new());
        }
        for known in &mut self.known {
            known.standing = Standing::Absent;
        }
        let (with_known_id, others) = self.split_by_known_id(groups);
        for (place, live) in with_known_id {
            if let Some(known) = self.known.get_mut(place) {
                known.confirm(live);
            }
        }
        let mut unheard = Vec::new();
        for live in others {
            match self.known.iter_mut().find(|known| known.is_succeeded_by(&live)) {
                Some(known) => known.take_id(live),
                None => unheard.push(Known::new_from(live)),
            }
        }
        self.known.extend(unheard);
        let differences = self.known.iter().flat_map(Known::differences).collect();
        (self, differences)
    }

    /// How Cloudflare's list differs for one group; nothing where nobody asked.
    #[must_use]
    pub fn differences_of(&self, group: &PermissionGroup) -> Vec<Difference> {
        let of_group = self.known.iter().find(|known| known.group == *group);
        of_group.map(Known::differences).unwrap_or_default()
    }

    /// Parts the groups whose id is in the catalogue, each with its place there, from those whose id is not.
    /// An id counts once, however often the list has it.
    fn split_by_known_id(&self, groups: Vec<LiveGroup>) -> (Vec<(usize, LiveGroup)>, Vec<LiveGroup>) {
        let place = |(place, known): (usize, &Known)| Some((known.group.id.clone()?, place));
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

impl Known {
    /// A group that only Cloudflare's list has.
    fn new_from(live: LiveGroup) -> Self {
        let difference = Difference::New { id: live.id.clone(), name: live.name.clone() };
        let group = PermissionGroup {
            scopes: scopes(&live),
            id: Some(live.id),
            name: live.name,
            labels: Vec::new(),
            former: Vec::new(),
            synonyms: Vec::new(),
        };
        Self { group, standing: Standing::Listed(vec![difference]) }
    }

    /// Takes over name and scopes from Cloudflare's entry for the same id. Both names go on to be understood.
    fn confirm(&mut self, live: LiveGroup) {
        let mut differences = Vec::new();
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
        self.standing = Standing::Listed(differences);
    }

    /// Whether a group under an unknown id is this one: same name, same scope, own id not on the list.
    fn is_succeeded_by(&self, live: &LiveGroup) -> bool {
        let own = &self.group.scopes;
        matches!(self.standing, Standing::Absent)
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
        self.standing = Standing::Listed(vec![difference]);
    }

    pub(super) fn differences(&self) -> Vec<Difference> {
        match &self.standing {
            Standing::Unasked => Vec::new(),
            Standing::Listed(differences) => differences.clone(),
            Standing::Absent => {
                vec![Difference::Gone { id: self.group.id.clone(), name: self.group.name.clone() }]
            }
        }
    }
}

fn scopes(live: &LiveGroup) -> Vec<Scope> {
    live.scopes.iter().map(|scope| Scope::from_key(scope)).collect()
}
