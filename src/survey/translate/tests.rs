//! What a listed token means, however it is spelled.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use serde_json::{Value, json};

use super::*;
use crate::plan::{Phase, grants};

const ZONE: &str = "e0000000000000000000000000000101";
const GROUP: &str = "4755a26eedb94da69e1066d98aa820be";

/// A listed token with these fields beyond its names.
fn listed(fields: &Value) -> Token {
    let mut token = json!({
        "id": "e0000000000000000000000000000f01",
        "name": "shop@a0000001",
        "status": "active",
        "policies": [{
            "id": "e0000000000000000000000000000c01",
            "effect": "allow",
            "resources": { format!("com.cloudflare.api.account.zone.{ZONE}"): "*" },
            "permission_groups": [{ "id": GROUP, "name": "DNS Write", "meta": { "label": "dns" } }],
        }],
    });
    token.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(token).unwrap()
}

#[test]
fn the_name_tells_how_far_a_token_has_come() {
    for (name, phase) in [
        ("shop@a0000001", Some(Phase::InForce)),
        ("shop+new@a0000001", Some(Phase::Pending)),
        ("shop+roll@a0000001", Some(Phase::StandIn)),
        ("shop+hooks@a0000001", Some(Phase::HooksDue)),
        ("shop+old@a0000001", Some(Phase::Retiring)),
        ("shop+exec@a0000001", Some(Phase::Exec)),
        ("shop", None),
        ("shop@work", None),
    ] {
        let read = live(&listed(&json!({ "name": name })));
        assert_eq!((read.name.as_str(), read.phase()), (name, phase));
        assert_eq!(read.is_generation_of("shop"), phase.is_some_and(|phase| phase != Phase::Exec), "{name}");
        assert!(!read.is_generation_of("shop-dns"));
    }
}

#[test]
fn ids_mean_the_same_in_either_case_and_groups_go_by_id() {
    let shouted = listed(&json!({ "policies": [{
        "effect": "allow",
        "resources": { format!("com.cloudflare.api.account.zone.{}", ZONE.to_uppercase()): "*" },
        "permission_groups": [{ "id": GROUP.to_uppercase(), "name": "renamed" }, { "id": GROUP }],
    }] }));
    let plain = live(&listed(&json!({})));
    assert_eq!(grants(&plain.policies).len(), 1, "one group on one zone");
    assert_eq!(grants(&live(&shouted).policies), grants(&plain.policies));
}

#[test]
fn both_spellings_of_the_address_rule_are_read() {
    let rule = json!({ "in": ["192.0.2.0/24"], "not_in": ["192.0.2.7/32"] });
    let read = |key: &str| live(&listed(&json!({ "condition": { key: rule } }))).addresses;
    assert_eq!(read("request_ip"), read("request.ip"));
    assert_eq!(read("request_ip").to_string(), "192.0.2.0/24 but not 192.0.2.7/32");
    for nothing in [json!(null), json!({}), json!({ "request_ip": null }), json!({ "request_ip": {} })] {
        assert!(live(&listed(&json!({ "condition": nothing }))).addresses.is_empty());
    }
}

#[test]
fn an_effect_that_is_not_allow_allows_nothing() {
    for effect in ["deny", "Allow", "audit"] {
        let mut token = listed(&json!({}));
        token.policies[0].effect = effect.to_owned();
        let effects: Vec<PolicyEffect> =
            grants(&live(&token).policies).iter().map(|grant| grant.effect).collect();
        assert_eq!(effects, [PolicyEffect::Deny], "{effect}");
    }
}

#[test]
fn a_resource_of_a_form_that_nobody_knows_is_its_own_grant() {
    let strange =
        json!({ "com.cloudflare.new": { "deeper": { "still": "*" } }, "com.cloudflare.list": ["*"] });
    let deny = json!({ "effect": "deny", "resources": strange, "permission_groups": [{ "id": GROUP }] });
    let read = live(&listed(&json!({ "policies": [deny] })));
    assert_eq!(grants(&read.policies).len(), 2);
}
