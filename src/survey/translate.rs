//! Between the wire and the plan: a listed token becomes a [`Live`], a [`Wanted`] becomes what is sent.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::catalogue::Resource;
use crate::cloudflare::wire::{
    Condition, GroupReference, IpCondition, Policy as WirePolicy, ResourceValue, Token, TokenWrite,
};
use crate::plan::{Addresses, Change, Effect, Live, MarkedName, Network, Policy, Status, Wanted};

/// The picture of a listed token.
#[must_use]
pub fn live(token: &Token) -> Live {
    Live {
        id: token.id.clone(),
        marked: MarkedName::parse(&token.name),
        name: token.name.clone(),
        status: Status::read(&token.status),
        policies: token.policies.iter().map(policy).collect(),
        addresses: addresses(token.condition.as_ref()),
        not_before: token.not_before,
        expires_on: token.expires_on,
        issued_on: token.issued_on,
        modified_on: token.modified_on,
        last_used_on: token.last_used_on,
    }
}

/// A policy in the plan's terms. An effect that is not `allow` is read as a denial, which no update touches.
pub(super) fn policy(policy: &WirePolicy) -> Policy {
    let groups = policy
        .permission_groups
        .iter()
        .map(|group| (group.id.to_ascii_lowercase(), group.name.clone().unwrap_or_default()))
        .collect();
    let mut resources = BTreeSet::new();
    for (key, value) in &policy.resources {
        match value {
            ResourceValue::All(_) => {
                resources.insert(Resource::parse(key, None));
            }
            ResourceValue::Within(nested) => {
                resources.extend(nested.keys().map(|within| Resource::parse(key, Some(within))));
            }
            ResourceValue::Other(value) => {
                resources.insert(Resource::Other { key: key.clone(), within: Some(value.to_string()) });
            }
        }
    }
    let effect = if policy.effect == "allow" { Effect::Allow } else { Effect::Deny };
    Policy { effect, groups, resources }
}

/// The address rule of a condition.
pub(super) fn addresses(condition: Option<&Condition>) -> Addresses {
    let rule = condition.and_then(|condition| condition.request_ip.as_ref());
    rule.map_or_else(Addresses::default, |rule| Addresses::read(&rule.allow, &rule.deny))
}

/// What creates the token under this whole name.
#[must_use]
pub fn creation(wanted: &Wanted, name: &MarkedName, now: DateTime<Utc>) -> TokenWrite {
    TokenWrite {
        name: name.to_string(),
        policies: wanted.policies.iter().map(wire_policy).collect(),
        condition: wanted.addresses.as_ref().and_then(condition),
        not_before: wanted.start(now),
        expires_on: wanted.expiry(now),
        status: None,
    }
}

/// What replaces a live token: all that was read, with the changes. What the profile is silent about stays.
#[must_use]
pub fn replacement(wanted: &Wanted, read: &Token, changes: &[Change]) -> TokenWrite {
    let mut write = TokenWrite {
        name: read.name.clone(),
        policies: read.policies.iter().map(without_id).collect(),
        condition: read.condition.clone(),
        not_before: read.not_before,
        expires_on: read.expires_on,
        // `expired` and other words are Cloudflare's to say, not ours.
        status: matches!(read.status.as_str(), "active" | "disabled").then(|| read.status.clone()),
    };
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
            Change::Start { to, .. } => write.not_before = Some(*to),
            Change::Enable => write.status = Some("active".to_owned()),
        }
    }
    write
}

/// What ends a live token at this time, unless it ends earlier by itself; all else stays as it was read.
pub(super) fn retirement(read: &Token, end: DateTime<Utc>) -> TokenWrite {
    TokenWrite {
        name: read.name.clone(),
        policies: read.policies.iter().map(without_id).collect(),
        condition: read.condition.clone(),
        not_before: read.not_before,
        expires_on: Some(read.expires_on.map_or(end, |own| own.min(end))),
        status: matches!(read.status.as_str(), "active" | "disabled").then(|| read.status.clone()),
    }
}

fn without_id(policy: &WirePolicy) -> WirePolicy {
    WirePolicy { id: None, ..policy.clone() }
}

fn condition(addresses: &Addresses) -> Option<Condition> {
    if addresses.is_empty() {
        return None;
    }
    let list = |networks: &BTreeSet<Network>| networks.iter().map(ToString::to_string).collect();
    let rule = IpCondition { allow: list(&addresses.allow), deny: list(&addresses.deny) };
    Some(Condition { request_ip: Some(rule), other: serde_json::Map::new() })
}

fn wire_policy(policy: &Policy) -> WirePolicy {
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
    WirePolicy {
        id: None,
        effect: match policy.effect {
            Effect::Allow => "allow".to_owned(),
            Effect::Deny => "deny".to_owned(),
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
