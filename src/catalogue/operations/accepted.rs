//! An operation -> the groups of which one is enough, the narrowest first; and a group -> its operations.
//!
//! The order says which group to ask for. It goes by, in this order:
//! 1. what the path names: a group of zones before one of accounts where the path names a zone, and the other way round;
//! 2. the level: a group that only sees before one that does one thing, before one that changes, before one that
//!    administers. For a resource of Terraform it is a group that changes that comes first, since Terraform makes it;
//! 3. the product: a group of the product that the path or the resource belongs to before one that merely sees it too.
//!    Of a path, that is a product whose group may also change what the path names, or what is right below it; of a
//!    resource, one whose label is more in its name;
//! 4. how much else it opens: a group for fewer operations before one for more;
//! 5. the name.

use std::collections::HashSet;

use super::{Operation, TerraformEntry, tables};
use crate::catalogue::group::{KnownGroup, Scope};
use crate::catalogue::spelling::split;
use crate::catalogue::{Catalogue, spelling};
use crate::profile::Level;

/// The distance of a product that has nothing to do with what is asked for.
const FARTHEST: usize = 1000;

/// How much a level allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// It only sees.
    Sees,
    /// It does one thing, such as purging.
    DoesOneThing,
    /// It changes.
    Changes,
    /// It administers.
    Administers,
}

/// A group that is enough, with what its place in the order goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptedGroup<'a> {
    /// The group.
    pub group: &'a KnownGroup,
    /// Whether it applies to what the path names; always where the path names nothing.
    pub applies: bool,
    /// How much it allows.
    pub reach: Reach,
    /// How far its product is from what is asked for, out of a thousand: 0 is the product itself.
    pub distance: usize,
    /// For how many operations it is enough.
    pub uses: usize,
}

impl Catalogue {
    /// The groups that are listed for an operation, the narrowest first; the head of this file says by what.
    pub(super) fn listed_groups(&self, operation: &Operation) -> Vec<AcceptedGroup<'_>> {
        let scope = operation.scope();
        let own = own_products(operation);
        let accepted = |group| AcceptedGroup {
            group,
            applies: scope.as_ref().is_none_or(|scope| group.scopes.contains(scope)),
            reach: reach(&group.name),
            distance: if own.contains(product(&group.name)) { 0 } else { FARTHEST },
            uses: uses(&group.name),
        };
        let mut groups: Vec<AcceptedGroup<'_>> =
            self.meant(&operation.groups, scope.as_ref()).into_iter().map(accepted).collect();
        groups.sort_by(|one, other| {
            let key = |one: &AcceptedGroup<'_>| (!one.applies, one.reach, one.distance, one.uses);
            key(one).cmp(&key(other)).then_with(|| one.group.name.cmp(&other.group.name))
        });
        groups
    }

    /// The groups that are listed for what Terraform manages, the narrowest first. For a resource, those that only see are
    /// among them, and enough to look at it.
    pub(super) fn listed_groups_for_terraform(&self, entry: &TerraformEntry) -> Vec<AcceptedGroup<'_>> {
        let words: HashSet<&str> = entry.name.split('_').map(singular).collect();
        let distance = |group: &KnownGroup| {
            let label = spelling::words(product(&group.name));
            let hits = label.iter().filter(|word| words.contains(singular(word))).count();
            // Out of a thousand, since shares are no whole numbers.
            FARTHEST - FARTHEST * hits / label.len().max(1)
        };
        let mut groups: Vec<AcceptedGroup<'_>> = self
            .meant(&entry.groups, None)
            .into_iter()
            .map(|group| AcceptedGroup {
                group,
                applies: true,
                reach: reach(&group.name),
                distance: distance(group),
                uses: uses(&group.name),
            })
            .collect();
        groups.sort_by(|one, other| {
            let key = |one: &AcceptedGroup<'_>| (one.reach, one.distance, one.uses);
            key(one).cmp(&key(other)).then_with(|| one.group.name.cmp(&other.group.name))
        });
        groups
    }

    /// The operations for which a group is enough.
    #[must_use]
    pub fn operations_of(&self, group: &KnownGroup) -> Vec<&'static Operation> {
        let is_enough = |operation: &&'static Operation| {
            operation.groups.iter().any(|name| goes_by(group, name))
                && self.meant(&operation.groups, operation.scope().as_ref()).contains(&group)
        };
        Self::operations().filter(is_enough).collect()
    }

    /// The groups of these names. Where groups of several scopes share a name, it is the one of this scope.
    fn meant(&self, names: &[String], scope: Option<&Scope>) -> Vec<&KnownGroup> {
        let of_name = |name: &String| {
            let mut groups: Vec<&KnownGroup> = self.groups().filter(|group| goes_by(group, name)).collect();
            let applies = |group: &&KnownGroup| scope.is_some_and(|scope| group.scopes.contains(scope));
            if groups.iter().any(applies) {
                groups.retain(applies);
            }
            groups
        };
        names.iter().flat_map(of_name).collect()
    }
}

/// Whether a group has this name, or had it before Cloudflare renamed it.
fn goes_by(group: &KnownGroup, name: &String) -> bool {
    group.name == *name || group.former.contains(name)
}

/// The products whose groups may change what the path names, or what is right below it; of an operation whose groups are
/// inferred, those of the path from which they are.
fn own_products(operation: &Operation) -> HashSet<&'static str> {
    let path = operation.inferred_from.unwrap_or(operation.path);
    let is_here = |other: &&Operation| {
        let rest = other.path.strip_prefix(path);
        other.method != "GET"
            && rest
                .is_some_and(|rest| rest.is_empty() || (rest.starts_with("/{") && !rest[1..].contains('/')))
    };
    let changing = tables().operations.iter().filter(is_here);
    changing.flat_map(|other| other.groups.iter()).map(|name| product(name)).collect()
}

/// For how many operations a group is enough.
fn uses(name: &str) -> usize {
    tables().uses.get(name).copied().unwrap_or_default()
}

/// A name without its level.
pub(super) fn product(name: &str) -> &str {
    split(name).map_or(name, |(label, _)| label)
}

fn reach(name: &str) -> Reach {
    match split(name).map(|(_, level)| level) {
        Some(Level::Read | Level::Report) => Reach::Sees,
        Some(Level::Purge | Level::Revoke | Level::Run | Level::Send | Level::Bind) => Reach::DoesOneThing,
        // A group without a level is for all of a product.
        Some(Level::Edit | Level::Editor) | None => Reach::Changes,
        Some(Level::Admin) => Reach::Administers,
    }
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}
