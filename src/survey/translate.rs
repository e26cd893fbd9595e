//! From the wire to the plan: a listed token becomes a [`Live`].

use std::collections::BTreeSet;

use crate::catalogue::Resource;
use crate::cloudflare::wire::{ApiPolicy, Condition, ResourceValue, Token};
use crate::plan::{Addresses, Live, MarkedName, Policy, PolicyEffect, Status};

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
#[must_use]
pub fn policy(policy: &ApiPolicy) -> Policy {
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
                resources.extend(nested.keys().map(|within| nested_resource(key, within)));
            }
            ResourceValue::Other(value) => {
                resources.insert(Resource::Other { key: key.clone(), within: Some(value.to_string()) });
            }
        }
    }
    let effect = if policy.effect == "allow" { PolicyEffect::Allow } else { PolicyEffect::Deny };
    Policy { effect, groups, resources }
}

/// A single zone within its account is that zone: it means the same as when it stands alone.
fn nested_resource(key: &str, within: &str) -> Resource {
    match (Resource::parse(key, Some(within)), Resource::parse(within, None)) {
        (Resource::Other { .. }, zone @ Resource::Zone(_)) => zone,
        (nested, _) => nested,
    }
}

/// The address rule of a condition.
#[must_use]
pub fn addresses(condition: Option<&Condition>) -> Addresses {
    let rule = condition.and_then(|condition| condition.request_ip.as_ref());
    rule.map_or_else(Addresses::default, |rule| Addresses::read(&rule.allow, &rule.deny))
}

#[cfg(test)]
mod tests;
