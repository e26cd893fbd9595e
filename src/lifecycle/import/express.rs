//! What a token may do -> the most of it that a profile can ask for, exactly, and the rest.
//!
//! In: the grants of a live token. Out: rights, which are for each section groups and resources, all of the groups on all
//! of the resources; as few as possible, so that the first are the profile's own and the others its `grants`. Never more
//! than the token has: what only a wider profile could hold is in the rest.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Catalogue, Resource};
use crate::plan::{Grant, Policy, PolicyEffect, allowed};
use crate::profile::{Section, bucket_name_is_valid, is_id};

/// The groups of one section, each on each of the resources.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Block {
    pub(super) groups: BTreeSet<String>,
    pub(super) resources: BTreeSet<Resource>,
}

/// Rights, by section; no block is empty.
pub(super) type Blocks = BTreeMap<Section, Block>;

/// What a profile can ask for.
#[derive(Debug, Default)]
pub(super) struct Expressed {
    /// Its own rights, then those of its grants.
    pub(super) rights: Vec<Blocks>,
    /// What the token has besides.
    pub(super) left: Vec<Policy>,
}

/// Whose token it is, and so what it can reach.
#[derive(Clone, Copy)]
pub(super) struct Reach<'a> {
    /// The account that owns it; `None` for the user.
    pub(super) owner: Option<&'a str>,
    /// The user, where the id is known.
    pub(super) user: Option<&'a str>,
}

/// By group, what it holds on.
type Table = BTreeMap<String, BTreeSet<Resource>>;

/// Which of a section's resources can stand beside one another in a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// Resources named one by one.
    Named,
    /// Every zone of the accounts that the profile names.
    OfAccounts,
    /// Every one there is.
    Every,
}

/// Finds what a profile can ask for. Groups that the catalogue cannot lead back to are left out.
pub(super) fn express(policies: &[Policy], reach: Reach<'_>, catalogue: &Catalogue) -> Expressed {
    let all = allowed(policies);
    let mut askable: BTreeMap<(Section, String), bool> = BTreeMap::new();
    let (mut sayable, left): (BTreeSet<Grant>, BTreeSet<Grant>) = all.into_iter().partition(|grant| {
        let Some(section) = grant.resource.section() else { return false };
        // A group's ways are looked for once; there are many grants.
        let can_ask = *askable
            .entry((section, grant.group.clone()))
            .or_insert_with_key(|(section, group)| !catalogue.phrases(*section, group).is_empty());
        can_ask && reach.includes(&grant.resource)
    });
    let mut rights = Vec::new();
    loop {
        let blocks = best_blocks(&sayable);
        let before = sayable.len();
        sayable.retain(|grant| !blocks.values().any(|block| block.holds(grant)));
        if sayable.len() == before {
            break;
        }
        rights.push(blocks);
    }
    Expressed { rights, left: folded(&left | &sayable) }
}

/// The rights that say the most of these grants.
fn best_blocks(grants: &BTreeSet<Grant>) -> Blocks {
    let mut tables: BTreeMap<Section, Table> = BTreeMap::new();
    for grant in grants {
        let Some(section) = grant.resource.section() else { continue };
        let table = tables.entry(section).or_default();
        table.entry(grant.group.clone()).or_default().insert(grant.resource.clone());
    }
    let none = Table::new();
    let table = |section| tables.get(&section).unwrap_or(&none);
    let (account, zone) = accounts_and_zones(table(Section::Account), table(Section::Zone));
    let others =
        [Section::User, Section::R2, Section::Worker].map(|section| (section, best(blocks(table(section)))));
    let chosen = [(Section::Account, account), (Section::Zone, zone)].into_iter().chain(others);
    chosen.filter(|(_, block)| !block.groups.is_empty()).collect()
}

impl Reach<'_> {
    /// Whether a profile of this owner's can name a resource.
    fn includes(self, resource: &Resource) -> bool {
        let is_own = |account: &String| self.owner.is_none_or(|owner| owner == account);
        match resource {
            Resource::Account(account) | Resource::ZonesOf(account) | Resource::BucketsOf(account) => {
                is_own(account)
            }
            Resource::Bucket { account, name, .. } => is_own(account) && bucket_name_is_valid(name),
            Resource::Zone(_) => true,
            Resource::Worker { account, tag } => self.owner == Some(account) && is_id(tag),
            Resource::AllAccounts | Resource::AllZones => self.owner.is_none(),
            Resource::User(id) => self.owner.is_none() && self.user.is_none_or(|user| user == id),
            Resource::Other { .. } => false,
        }
    }
}

impl Block {
    fn holds(&self, grant: &Grant) -> bool {
        self.groups.contains(&grant.group) && self.resources.contains(&grant.resource)
    }

    fn size(&self) -> usize {
        self.groups.len() * self.resources.len()
    }

    /// The accounts it names, by their ids.
    pub(super) fn accounts(&self) -> BTreeSet<&String> {
        self.resources.iter().filter_map(named_account).collect()
    }

    fn form(&self) -> Option<Form> {
        self.resources.first().map(form)
    }
}

fn named_account(resource: &Resource) -> Option<&String> {
    match resource {
        Resource::Account(id) | Resource::ZonesOf(id) => Some(id),
        _ => None,
    }
}

fn form(resource: &Resource) -> Form {
    match resource {
        Resource::AllAccounts | Resource::AllZones => Form::Every,
        Resource::ZonesOf(_) => Form::OfAccounts,
        _ => Form::Named,
    }
}

/// The groups that hold on every one of these resources.
fn block(table: &Table, resources: BTreeSet<Resource>) -> Block {
    let groups = table.iter().filter(|(_, own)| !resources.is_empty() && resources.is_subset(own));
    Block { groups: groups.map(|(group, _)| group.clone()).collect(), resources }
}

/// The blocks that are worth a look: for each group, what it holds on, in each form.
fn blocks(table: &Table) -> Vec<Block> {
    let mut sets: BTreeSet<BTreeSet<Resource>> = BTreeSet::new();
    for own in table.values() {
        for wanted in [Form::Named, Form::OfAccounts, Form::Every] {
            sets.insert(own.iter().filter(|resource| form(resource) == wanted).cloned().collect());
        }
    }
    sets.into_iter().map(|resources| block(table, resources)).collect()
}

fn best(blocks: Vec<Block>) -> Block {
    blocks.into_iter().max_by_key(Block::size).unwrap_or_default()
}

/// The best blocks for accounts and zones together: every zone of the accounts means the accounts that the account
/// permissions name.
fn accounts_and_zones(accounts: &Table, zones: &Table) -> (Block, Block) {
    let with_none = |mut blocks: Vec<Block>| {
        blocks.push(Block::default());
        blocks
    };
    let (account_blocks, zone_blocks) = (with_none(blocks(accounts)), with_none(blocks(zones)));
    let mut best = (Block::default(), Block::default());
    for account in &account_blocks {
        for zone in &zone_blocks {
            let pair = if zone.form() == Some(Form::OfAccounts) && account.form().is_some() {
                let common: BTreeSet<&String> =
                    account.accounts().intersection(&zone.accounts()).copied().collect();
                let all = |resource: fn(String) -> Resource| {
                    common.iter().map(|id| resource((*id).clone())).collect()
                };
                (block(accounts, all(Resource::Account)), block(zones, all(Resource::ZonesOf)))
            } else {
                (account.clone(), zone.clone())
            };
            if pair.0.size() + pair.1.size() > best.0.size() + best.1.size() {
                best = pair;
            }
        }
    }
    best
}

/// Grants as few policies: groups that hold on the same resources are one.
fn folded(grants: BTreeSet<Grant>) -> Vec<Policy> {
    let mut by_group: Table = Table::new();
    for Grant { group, resource, .. } in grants {
        by_group.entry(group).or_default().insert(resource);
    }
    let mut by_resources: BTreeMap<BTreeSet<Resource>, BTreeMap<String, String>> = BTreeMap::new();
    for (group, resources) in by_group {
        by_resources.entry(resources).or_default().insert(group, String::new());
    }
    let policy = |(resources, groups)| Policy { effect: PolicyEffect::Allow, groups, resources };
    by_resources.into_iter().map(policy).collect()
}
