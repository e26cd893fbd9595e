//! What must survive the way to the wire, and what a server must not find in it.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use serde_json::{Value, json};

use super::*;
use crate::catalogue::Resource;
use crate::plan::{Grant, Mark, changes, grants};
use crate::profile::{Jurisdiction, Lifetime, Start};
use crate::survey::live;

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
        effect: PolicyEffect::Allow,
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

/// The name of a token that is about to be made.
fn pending() -> MarkedName {
    MarkedName { name: "shop".to_owned(), phase: Phase::Pending, mark: Mark::from_random([0; 8]) }
}

/// A token as Cloudflare answers when it took all of this.
fn answered(write: &TokenWrite) -> Token {
    let mut token = sent(write);
    token["id"] = json!("e0000000000000000000000000000f02");
    token["status"] = json!("active");
    serde_json::from_value(token).unwrap()
}

fn sent(write: &TokenWrite) -> Value {
    serde_json::to_value(write).unwrap()
}

#[test]
fn what_is_asked_for_is_what_is_read_back() {
    let wanted = wanted();
    let name = pending();
    let write = creation(&wanted, &name, wanted.expiry(now()), None, now());
    let read = live(&answered(&write));
    assert_eq!(grants(&wanted.policies).len(), 7, "one group on each resource");
    assert_eq!(grants(&read.policies), grants(&wanted.policies));
    assert_eq!(Some(read.addresses), wanted.addresses);
    assert_eq!(read.expires_on, wanted.expiry(now()));
    assert_eq!(MarkedName::parse(&write.name), Some(name));
}

#[test]
fn a_new_token_is_sent_without_anything_that_cloudflare_refuses() {
    let half_past = now() + chrono::TimeDelta::milliseconds(500);
    let sent = sent(&creation(&wanted(), &pending(), Some(half_past), None, now()));
    assert_eq!(sent["name"], json!("shop+new@aaaaaaaa"));
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
    let wanted = Wanted { addresses: Some(Addresses::default()), ..wanted() };
    assert_eq!(creation(&wanted, &pending(), None, None, now()).condition, None);
}

#[test]
fn a_resource_of_a_form_that_nobody_knows_is_kept_as_it_came() {
    let strange =
        json!({ "com.cloudflare.new": { "deeper": { "still": "*" } }, "com.cloudflare.list": ["*"] });
    let deny = json!({ "effect": "deny", "resources": strange, "permission_groups": [{ "id": GROUP }] });
    let read = listed(&json!({ "policies": [deny] }));
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
            "condition": { "request_ip": { "in": ["192.0.2.1/32"] }, "device": { "posture": 7 } },
            "not_before": "2026-01-01T00:00:00Z",
            "expires_on": "2030-01-01T00:00:00Z",
        })
    );

    let to: DateTime<Utc> = "2026-02-01T00:00:00Z".parse().unwrap();
    let dates = [
        Change::Expiry { from: None, to: Some(to) },
        Change::Start { from: None, to: Some(to) },
        Change::Enable,
    ];
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
    let denial = ApiPolicy { effect: "deny".to_owned(), ..read.policies[0].clone() };
    read.policies.push(denial.clone());
    let wanted = Wanted { addresses: None, ..wanted() };
    let changes = changes(&wanted, &live(&read), now());
    assert!(changes.iter().any(|change| matches!(change, Change::Allow(_))));
    let write = replacement(&wanted, &read, &changes);
    assert_eq!(write.policies.len(), wanted.policies.len() + 1);
    assert_eq!(write.policies.last(), Some(&ApiPolicy { id: None, ..denial }));
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
        effect: PolicyEffect::Allow,
        group: OTHER_GROUP.to_owned(),
        resource: Resource::Zone(ZONE.to_owned()),
    };
    let changes = changes(&silent(), &live(&read), now());
    assert_eq!(changes, [Change::Withdraw(withdrawn)]);
    let write = replacement(&silent(), &read, &changes);
    assert_eq!(sent(&write)["policies"][0]["permission_groups"], json!([{ "id": GROUP }]));
}

#[test]
fn a_successor_takes_over_what_was_added_by_hand_and_only_that() {
    let added = json!({ "effect": "deny", "resources": { "com.cloudflare.api.account.zone.*": "*" },
        "permission_groups": [{ "id": OTHER_GROUP }] });
    let condition = json!({ "request_ip": { "in": ["198.51.100.0/24"] }, "device": { "posture": 7 } });
    let device = json!({ "device": { "posture": 7 } });
    let mut with_own = device.clone();
    with_own["request_ip"] = json!({ "in": ["192.0.2.0/24"] });
    let ahead = json!("2026-03-01T00:00:00Z");
    for (not_before, kept) in [(&ahead, Some(&ahead)), (&json!("2026-01-01T00:00:00Z"), None)] {
        let mut old = listed(&json!({ "condition": condition, "not_before": not_before }));
        old.policies.push(serde_json::from_value(added.clone()).unwrap());
        let made = |wanted: &Wanted| sent(&creation(wanted, &pending(), None, Some(&old), now()));

        let silent = made(&silent());
        assert_eq!(silent["policies"].as_array().unwrap().len(), 2, "its one policy and the denial");
        assert_eq!(silent["policies"][1], added);
        assert_eq!(silent["condition"], condition);
        assert_eq!(silent.get("not_before"), kept, "a beginning that is over means nothing");

        let spoken = made(&wanted());
        assert_eq!(spoken["condition"], with_own, "the profile's own rule, beside what it cannot say");
        let any = made(&Wanted { addresses: Some(Addresses::default()), ..wanted() });
        assert_eq!(any["condition"], device);
        assert_eq!(
            made(&Wanted { not_before: Some(Start::At(now())), ..wanted() })["not_before"],
            json!("2026-01-15T11:55:00Z")
        );
    }
}

#[test]
fn what_puts_a_token_in_force_changes_its_name_and_its_end_alone() {
    let read = listed(&json!({ "name": "shop+new@aaaaaaaa", "expires_on": "2026-01-16T12:00:00Z" }));
    let name = pending().in_phase(Phase::InForce);
    let mut expected = sent(&replacement(&silent(), &read, &[]));
    expected["name"] = json!("shop@aaaaaaaa");
    expected["expires_on"] = json!("2026-04-15T12:00:00Z");
    let end = Some("2026-04-15T12:00:00Z".parse().unwrap());
    assert_eq!(sent(&commitment(&read, &name, end)), expected);
    expected.as_object_mut().unwrap().remove("expires_on");
    assert_eq!(sent(&commitment(&read, &name, None)), expected, "a token without an end has none");
}

#[test]
fn what_retires_a_token_never_lengthens_its_life() {
    let end: DateTime<Utc> = "2026-01-15T13:00:00Z".parse().unwrap();
    for (name, retiring) in [
        ("shop@aaaaaaaa", "shop+old@aaaaaaaa"),
        ("shop+new@aaaaaaaa", "shop+old@aaaaaaaa"),
        ("shop+hooks@aaaaaaaa", "shop+old@aaaaaaaa"),
        ("shop+old@aaaaaaaa", "shop+old@aaaaaaaa"),
        ("made by hand", "made by hand"),
    ] {
        for (own, expected) in [
            (json!(null), "2026-01-15T13:00:00Z"),
            (json!("2026-01-15T12:30:00Z"), "2026-01-15T12:30:00Z"),
            (json!("2030-01-01T00:00:00Z"), "2026-01-15T13:00:00Z"),
        ] {
            let read = listed(&json!({ "name": name, "expires_on": own }));
            let mut all = sent(&replacement(&silent(), &read, &[]));
            all["name"] = json!(retiring);
            all["expires_on"] = json!(expected);
            assert_eq!(sent(&retirement(&read, end)), all);
        }
    }
}
