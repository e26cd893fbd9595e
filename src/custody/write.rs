//! From the plan to the wire: what creates a token, what replaces one, and what puts one in force or ends it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::cloudflare::wire::{
    ApiPolicy, Condition, GroupReference, IpCondition, ResourceValue, Token, TokenWrite,
};
use crate::plan::{Addresses, Change, MarkedName, Network, Phase, Policy, PolicyEffect, Wanted};

/// What creates the token under this whole name, with this end. A successor takes over what was added to its predecessor
/// by hand and the profile is silent about.
#[must_use]
pub fn creation(
    wanted: &Wanted,
    name: &MarkedName,
    end: Option<DateTime<Utc>>,
    predecessor: Option<&Token>,
    now: DateTime<Utc>,
) -> TokenWrite {
    let mut write = TokenWrite {
        name: name.to_string(),
        policies: wanted.policies.iter().map(wire_policy).collect(),
        condition: wanted.addresses.as_ref().and_then(condition),
        not_before: wanted.start(now),
        expires_on: end,
        status: None,
    };
    if let Some(old) = predecessor {
        let is_added = |policy: &&ApiPolicy| policy.effect != "allow";
        write.policies.extend(old.policies.iter().filter(is_added).map(without_id));
        write.condition = inherited(wanted, write.condition, old.condition.as_ref());
        if wanted.not_before.is_none() {
            write.not_before = old.not_before.filter(|start| *start > now);
        }
    }
    write
}

/// The profile's own address rule, or else the predecessor's, with all other conditions of the predecessor.
fn inherited(wanted: &Wanted, own: Option<Condition>, old: Option<&Condition>) -> Option<Condition> {
    let mut merged = old.cloned().unwrap_or_default();
    if wanted.addresses.is_some() {
        merged.request_ip = own.and_then(|condition| condition.request_ip);
    }
    (merged != Condition::default()).then_some(merged)
}

/// What replaces a live token: all that was read, with the changes. What the profile is silent about stays.
#[must_use]
pub fn replacement(wanted: &Wanted, read: &Token, changes: &[Change]) -> TokenWrite {
    let mut write = unchanged(read);
    if changes.iter().any(|change| matches!(change, Change::Allow(_) | Change::Withdraw(_))) {
        write.policies.retain(|policy| policy.effect != "allow");
        write.policies.splice(0..0, wanted.policies.iter().map(wire_policy));
    }
    for change in changes {
        match change {
            Change::Allow(_) | Change::Withdraw(_) => {}
            Change::Rename { to, .. } => write.name = to.to_string(),
            Change::Addresses { to, .. } => {
                let mut merged = read.condition.clone().unwrap_or_default();
                merged.request_ip = condition(to).and_then(|condition| condition.request_ip);
                write.condition = (merged != Condition::default()).then_some(merged);
            }
            Change::Expiry { to, .. } => write.expires_on = *to,
            Change::Start { to, .. } => write.not_before = *to,
            Change::Enable => write.status = Some("active".to_owned()),
        }
    }
    write
}

/// What puts a token in force, as it was read: its name and its real end.
pub(super) fn commitment(read: &Token, name: &MarkedName, end: Option<DateTime<Utc>>) -> TokenWrite {
    TokenWrite { name: name.to_string(), expires_on: end, ..unchanged(read) }
}

/// What ends a live token at this time, unless it ends earlier by itself, and says so in its name.
pub(super) fn retirement(read: &Token, end: DateTime<Utc>) -> TokenWrite {
    let name = MarkedName::parse(&read.name).map(|marked| marked.in_phase(Phase::Retiring).to_string());
    TokenWrite {
        name: name.unwrap_or_else(|| read.name.clone()),
        expires_on: Some(read.expires_on.map_or(end, |own| own.min(end))),
        ..unchanged(read)
    }
}

/// A full replacement that changes nothing.
fn unchanged(read: &Token) -> TokenWrite {
    TokenWrite {
        name: read.name.clone(),
        policies: read.policies.iter().map(without_id).collect(),
        condition: read.condition.clone(),
        not_before: read.not_before,
        expires_on: read.expires_on,
        // `expired` and other words are Cloudflare's to say, not ours.
        status: matches!(read.status.as_str(), "active" | "disabled").then(|| read.status.clone()),
    }
}

fn without_id(policy: &ApiPolicy) -> ApiPolicy {
    ApiPolicy { id: None, ..policy.clone() }
}

fn condition(addresses: &Addresses) -> Option<Condition> {
    if addresses.is_empty() {
        return None;
    }
    let list = |networks: &BTreeSet<Network>| networks.iter().map(ToString::to_string).collect();
    let rule = IpCondition { allow: list(&addresses.allow), deny: list(&addresses.deny) };
    Some(Condition { request_ip: Some(rule), other: serde_json::Map::new() })
}

fn wire_policy(policy: &Policy) -> ApiPolicy {
    let mut resources: BTreeMap<String, ResourceValue> = BTreeMap::new();
    for resource in &policy.resources {
        let (key, within) = resource.key();
        match within {
            None => {
                resources.insert(key, ResourceValue::All("*".to_owned()));
            }
            Some(within) => {
                match resources.entry(key).or_insert_with(|| ResourceValue::Within(BTreeMap::new())) {
                    ResourceValue::Within(nested) => {
                        nested.insert(within, "*".to_owned());
                    }
                    ResourceValue::All(_) | ResourceValue::Other(_) => {}
                }
            }
        }
    }
    ApiPolicy {
        id: None,
        effect: match policy.effect {
            PolicyEffect::Allow => "allow".to_owned(),
            PolicyEffect::Deny => "deny".to_owned(),
        },
        resources,
        permission_groups: policy
            .groups
            .keys()
            .map(|id| GroupReference { id: id.clone(), name: None })
            .collect(),
        other: serde_json::Map::new(),
    }
}

#[cfg(test)]
mod tests;
