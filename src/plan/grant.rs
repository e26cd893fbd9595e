//! What a token may do, as a set: effect × permission group × resource.
//!
//! Cloudflare gives policies, groups and resources back in any order, so nothing here has an order of its
//! own, and two policy lists that allow the same are equal.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Resource;

/// Whether a policy allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyEffect {
    /// Allows.
    Allow,
    /// Denies, which is stronger. A profile never does; somebody else may.
    Deny,
}

/// Groups that hold on resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether it allows or denies.
    pub effect: PolicyEffect,
    /// Permission groups: id to name. Only the id counts.
    pub groups: BTreeMap<String, String>,
    /// What they hold on.
    pub resources: BTreeSet<Resource>,
}

/// One group on one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// Whether it is allowed or denied.
    pub effect: PolicyEffect,
    /// The permission group's id.
    pub group: String,
    /// What it holds on.
    pub resource: Resource,
}

/// Everything the policies say, taken apart.
#[must_use]
pub fn grants(policies: &[Policy]) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for policy in policies {
        for group in policy.groups.keys() {
            for resource in &policy.resources {
                grants.insert(Grant {
                    effect: policy.effect,
                    group: group.clone(),
                    resource: resource.clone(),
                });
            }
        }
    }
    grants
}

/// The policies that allow something.
pub fn allowing(policies: &[Policy]) -> impl Iterator<Item = &Policy> {
    policies.iter().filter(|policy| policy.effect == PolicyEffect::Allow)
}

/// What the policies allow, and nothing of what they deny.
#[must_use]
pub fn allowed(policies: &[Policy]) -> BTreeSet<Grant> {
    grants(policies).into_iter().filter(|grant| grant.effect == PolicyEffect::Allow).collect()
}
