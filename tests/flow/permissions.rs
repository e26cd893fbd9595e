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
        .says(&[&format!("`DNS Write` has the id {NEW_ID} on Cloudflare's list, no longer {DNS_WRITE}")]);
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]);
}
