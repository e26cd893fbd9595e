//! What must survive the way to the wire and back.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use serde_json::{Value, json};

use super::*;
use crate::plan::{Grant, Mark, changes, grants};
use crate::profile::{Jurisdiction, Lifetime};

const ACCOUNT: &str = "e0000000000000000000000000000001";
const ZONE: &str = "e0000000000000000000000000000101";
const GROUP: &str = "4755a26eedb94da69e1066d98aa820be";
const OTHER_GROUP: &str = "c8fed203ed3043cba015a93ad1616f1f";

fn now() -> DateTime<Utc> {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

/// One policy for each way in which a resource is written.
fn wanted() -> Wanted {
    let id = || ACCOUNT.to_owned();
    let bucket =
        Resource::Bucket { account: id(), jurisdiction: Jurisdiction::Eu, name: "my_assets".to_owned() };
    let second = Resource::ZonesOf("e0000000000000000000000000000002".to_owned());
    let policies = [
        vec![Resource::Account(id())],
        vec![Resource::Zone(ZONE.to_owned())],
        vec![Resource::ZonesOf(id()), second, Resource::AllZones],
        vec![bucket, Resource::BucketsOf(id())],
    ];
    let policy = |resources: Vec<Resource>| Policy {
        effect: Effect::Allow,
        groups: [(GROUP.to_owned(), "DNS Write".to_owned())].into(),
        resources: resources.into_iter().collect(),
    };
    Wanted {
        name: "shop".to_owned(),
        owner: None,
        policies: policies.map(policy).into(),
        addresses: Some(Addresses::read(&["192.0.2.9/24".to_owned()], &[])),
        lifetime: Lifetime::Never,
        not_before: None,
        account: None,
        zone: None,
        buckets: None,
    }
}

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

/// The profile whose token [`listed`] is, silent about all else.
fn silent() -> Wanted {
    Wanted { policies: live(&listed(&json!({}))).policies, addresses: None, ..wanted() }
}

fn sent(write: &TokenWrite) -> Value {
    serde_json::to_value(write).unwrap()
}

#[test]
fn what_is_asked_for_is_what_is_read_back() {
    let wanted = wanted();
    let name = MarkedName { name: wanted.name.clone(), mark: Mark::from_random([7; 8]) };
    let write = creation(&wanted, &name, now());
    let read: Vec<Policy> = write.policies.iter().map(policy).collect();
    assert_eq!(grants(&read), grants(&wanted.policies));
    assert_eq!(Some(addresses(write.condition.as_ref())), wanted.addresses);
    assert_eq!(MarkedName::parse(&write.name), Some(name));
}

#[test]
fn a_new_token_is_sent_without_anything_that_cloudflare_refuses() {
    let name = MarkedName { name: "shop".to_owned(), mark: Mark::from_random([0; 8]) };
    let half_past = now() + chrono::TimeDelta::milliseconds(500);
    let wanted = Wanted { lifetime: Lifetime::Until(half_past), ..wanted() };
    let sent = sent(&creation(&wanted, &name, now()));
    assert_eq!(sent["name"], json!("shop@aaaaaaaa"));
    assert_eq!(sent["expires_on"], json!("2026-01-15T12:00:00Z"), "whole seconds only");
    assert_eq!(sent["condition"], json!({ "request_ip": { "in": ["192.0.2.0/24"] } }), "no empty list");
    assert_eq!((sent.get("status"), sent.get("not_before")), (None, None));
    let policies = sent["policies"].as_array().unwrap();
    assert!(policies.iter().all(|policy| policy.get("id").is_none()));
    assert_eq!(policies[0]["permission_groups"], json!([{ "id": GROUP }]));
    assert_eq!(
        policies[2]["resources"],
        json!({
            "com.cloudflare.api.account.zone.*": "*",
            format!("com.cloudflare.api.account.{ACCOUNT}"): { "com.cloudflare.api.account.zone.*": "*" },
            "com.cloudflare.api.account.e0000000000000000000000000000002":
                { "com.cloudflare.api.account.zone.*": "*" },
        })
    );
}

#[test]
fn a_profile_that_lets_every_address_in_sends_no_condition() {
    let name = MarkedName { name: "shop".to_owned(), mark: Mark::from_random([0; 8]) };
    let wanted = Wanted { addresses: Some(Addresses::default()), ..wanted() };
    assert_eq!(creation(&wanted, &name, now()).condition, None);
}

#[test]
fn ids_mean_the_same_in_either_case_and_groups_go_by_id() {
    let shouted = listed(&json!({ "policies": [{
        "effect": "allow",
        "resources": { format!("com.cloudflare.api.account.zone.{}", ZONE.to_uppercase()): "*" },
        "permission_groups": [{ "id": GROUP.to_uppercase(), "name": "renamed" }, { "id": GROUP }],
    }] }));
    let plain = live(&listed(&json!({})));
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
        let effects: Vec<Effect> = grants(&live(&token).policies).iter().map(|grant| grant.effect).collect();
        assert_eq!(effects, [Effect::Deny], "{effect}");
    }
}

#[test]
fn a_resource_of_a_form_that_nobody_knows_is_kept_as_it_came() {
    let strange =
        json!({ "com.cloudflare.new": { "deeper": { "still": "*" } }, "com.cloudflare.list": ["*"] });
    let deny = json!({ "effect": "deny", "resources": strange, "permission_groups": [{ "id": GROUP }] });
    let read = listed(&json!({ "policies": [deny] }));
    assert_eq!(grants(&live(&read).policies).len(), 2);
    assert_eq!(sent(&replacement(&silent(), &read, &[]))["policies"][0]["resources"], strange);
}

#[test]
fn an_update_sends_all_that_was_read_but_for_the_changes() {
    let read = listed(&json!({
        "status": "disabled",
        "condition": { "request.ip": { "in": ["192.0.2.1"], "not_in": [] }, "device": { "posture": 7 } },
        "not_before": "2026-01-01T00:00:00Z",
        "expires_on": "2030-01-01T00:00:00Z",
        "issued_on": "2025-12-01T00:00:00Z",
    }));
    let mut expected = sent(&replacement(&silent(), &read, &[]));
    assert_eq!(
        expected,
        json!({
            "name": "shop@a0000001",
            "status": "disabled",
            "policies": [{
                "effect": "allow",
                "resources": { format!("com.cloudflare.api.account.zone.{ZONE}"): "*" },
                "permission_groups": [{ "id": GROUP, "name": "DNS Write" }],
            }],
            "condition": { "request_ip": { "in": ["192.0.2.1"] }, "device": { "posture": 7 } },
            "not_before": "2026-01-01T00:00:00Z",
            "expires_on": "2030-01-01T00:00:00Z",
        })
    );

    let to: DateTime<Utc> = "2026-02-01T00:00:00Z".parse().unwrap();
    let dates =
        [Change::Expiry { from: None, to: Some(to) }, Change::Start { from: None, to }, Change::Enable];
    for (key, value) in
        [("expires_on", "2026-02-01T00:00:00Z"), ("not_before", "2026-02-01T00:00:00Z"), ("status", "active")]
    {
        expected[key] = json!(value);
    }
    assert_eq!(sent(&replacement(&silent(), &read, &dates)), expected);
}

#[test]
fn a_status_that_is_cloudflares_to_say_is_not_sent() {
    for word in ["expired", "revoked (exposed)", ""] {
        let read = listed(&json!({ "status": word }));
        assert_eq!(replacement(&silent(), &read, &[]).status, None, "{word}");
    }
}

#[test]
fn permissions_are_replaced_and_denials_stay() {
    let mut read = listed(&json!({}));
    let denial = WirePolicy { effect: "deny".to_owned(), ..read.policies[0].clone() };
    read.policies.push(denial.clone());
    let wanted = Wanted { addresses: None, ..wanted() };
    let changes = changes(&wanted, &live(&read), now());
    assert!(changes.iter().any(|change| matches!(change, Change::Allow(_))));
    let write = replacement(&wanted, &read, &changes);
    assert_eq!(write.policies.len(), wanted.policies.len() + 1);
    assert_eq!(write.policies.last(), Some(&WirePolicy { id: None, ..denial }));
}

#[test]
fn another_address_rule_leaves_the_other_conditions_alone() {
    let device = json!({ "device": { "posture": 7 } });
    let mut with_rule = device.clone();
    with_rule["request.ip"] = json!({ "in": ["198.51.100.0/24"] });
    for (condition, allow, expected) in [
        (
            &with_rule,
            vec!["192.0.2.0/24"],
            json!({ "request_ip": { "in": ["192.0.2.0/24"] }, "device": { "posture": 7 } }),
        ),
        (&with_rule, vec![], device.clone()),
        (&json!(null), vec!["192.0.2.0/24"], json!({ "request_ip": { "in": ["192.0.2.0/24"] } })),
        (&json!({ "request_ip": { "not_in": ["::1"] } }), vec![], json!(null)),
    ] {
        let read = listed(&json!({ "condition": condition }));
        let allow: Vec<String> = allow.into_iter().map(str::to_owned).collect();
        let wanted = Wanted { addresses: Some(Addresses::read(&allow, &[])), ..silent() };
        let changes = changes(&wanted, &live(&read), now());
        assert!(matches!(changes.as_slice(), [Change::Addresses { .. }]), "{changes:?}");
        let write = sent(&replacement(&wanted, &read, &changes));
        assert_eq!(write.get("condition").unwrap_or(&json!(null)), &expected);
    }
}

#[test]
fn a_grant_that_only_one_side_has_is_a_change() {
    let mut read = listed(&json!({}));
    read.policies[0].permission_groups.push(GroupReference { id: OTHER_GROUP.to_owned(), name: None });
    let withdrawn = Grant {
        effect: Effect::Allow,
        group: OTHER_GROUP.to_owned(),
        resource: Resource::Zone(ZONE.to_owned()),
    };
    let changes = changes(&silent(), &live(&read), now());
    assert_eq!(changes, [Change::Withdraw(withdrawn)]);
    let write = replacement(&silent(), &read, &changes);
    assert_eq!(sent(&write)["policies"][0]["permission_groups"], json!([{ "id": GROUP }]));
}
