//! Cloudflare's own list of permission groups decides, not the embedded catalogue.

use crate::profiles::{DNS, DNS_WRITE, dns_but};
use crate::support::Scene;

const NEW_ID: &str = "e0000000000000000000000000000f01";

#[tokio::test(start_paused = true)]
async fn a_permission_that_only_cloudflares_own_list_has_resolves() {
    let scene = Scene::new();
    scene.transport.disguise("DNS Write", "Quantum Widgets Write");
    scene.transport.disguise(DNS_WRITE, NEW_ID);
    scene.world.put("dns.yaml", dns_but("DNS: edit", "Quantum Widgets: edit"));
    scene
        .run("check dns.yaml")
        .await
        .ends_with(0)
        .says(&["warning[profile.unknown-permission]", "only Cloudflare's own list can tell"]);
    scene
        .run("apply dns.yaml")
        .await
        .ends_with(0)
        .says(&["Allowed Quantum Widgets Write on zone example.com"]);
    assert_eq!(scene.only_token().policies[0].permission_groups[0].id, DNS_WRITE);
}

#[tokio::test(start_paused = true)]
async fn a_permission_that_cloudflares_own_list_lacks_is_a_fault_of_the_profile_before_any_write() {
    let scene = Scene::new();
    scene.transport.disguise("DNS Write", "Quantum Widgets Write");
    scene.transport.disguise(DNS_WRITE, NEW_ID);
    scene.world.put("dns.yaml", DNS);
    scene.run("check dns.yaml").await.ends_with(0);
    scene.run("apply dns.yaml").await.ends_with(2).says(&["dns.yaml:4:24", "DNS"]);
    assert_eq!(scene.writes(), [""; 0]);
    assert!(!scene.world.path(".env").exists());
}

#[tokio::test(start_paused = true)]
async fn a_permission_with_another_id_in_cloudflares_own_list_is_asked_for_by_that_id() {
    let scene = Scene::new();
    scene.transport.disguise(DNS_WRITE, NEW_ID);
    scene.world.put("dns.yaml", DNS);
    scene
        .run("apply dns.yaml")
        .await
        .ends_with(0)
        .says(&[&format!("`DNS Write` has the id {NEW_ID} on Cloudflare's list now; it was {DNS_WRITE}")]);
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]);
}

#[tokio::test(start_paused = true)]
async fn a_permission_under_no_section_is_told_its_section() {
    let scene = Scene::new();
    for (permissions, words) in [
        ("Workers Scripts: edit", "put it under `account:`"),
        ("DNS: edit", "put it under `zone:`"),
        ("Logs: Write", "put it under `account:` or `zone:`"),
        ("\"Access: Apps and Policies\": [read, revoke]", "put it under `account:` or `zone:`"),
        ("Moon: edit", "write `account: { Moon: edit }`, or the same under what it applies to: `zone`"),
    ] {
        scene.world.put("dns.yaml", dns_but("zone: { DNS: edit }", permissions));
        for command in ["check", "plan"] {
            let ran = scene.run(&format!("{command} dns.yaml")).await.ends_with(2);
            ran.says(&["profile.no-section", "stands in no section", words])
                .says_nothing_of("no-permissions");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_permission_of_a_feature_that_is_never_used_is_checked() {
    let scene = Scene::new();
    let feature = "features: { tls: { permissions: { zone: { SSL and Certificats: edit } } } }";
    scene.world.put("dns.yaml", crate::profiles::dns_with(feature));
    scene
        .run("check dns.yaml")
        .await
        .ends_with(2)
        .says(&["profile.unknown-permission", "SSL and Certificats"]);
    scene.run("plan dns.yaml").await.ends_with(2).says(&["SSL and Certificats"]);
}

#[tokio::test(start_paused = true)]
async fn a_set_that_changes_nothing_is_refused() {
    let scene = Scene::new();
    let environments = "environments: { dev: {}, prod: { resources: { zones: ['${ZONE:-example.net}'] } } }";
    scene.world.put("dns.yaml", crate::profiles::dns_with(environments));
    scene
        .run("plan dns.yaml -e dev --set ZONE=example.com")
        .await
        .ends_with(2)
        .says(&["`--set ZONE=…` changes nothing", "choose the environment or the feature"]);
    scene.run("plan dns.yaml -e prod --set ZONE=example.com").await.ends_with(0).says(&["zone example.com"]);
    scene.run("check dns.yaml --set ZONE=example.com").await.says_nothing_of("usage.set");
}
