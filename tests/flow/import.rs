//! A live token becomes a profile, and nothing else changes.

use cfmint::cloudflare::wire::TokenWrite;
use cfmint::emulator::world::{ACCOUNT_BOOTSTRAP_ID, ACCOUNT_ID, NARROW_BOOTSTRAP, ZONE_COM_ID, ZONE_NET_ID};
use serde_json::{Value, json};

use crate::profiles::DNS_WRITE;
use crate::support::{Scene, is_write};

/// A user's token with these policies, each of one group.
fn token(policies: &[(&str, &str, Value)]) -> TokenWrite {
    let policy = |(effect, group, resources): &(&str, &str, Value)| json!({ "effect": effect, "resources": resources, "permission_groups": [{ "id": group }] });
    let policies: Vec<Value> = policies.iter().map(policy).collect();
    serde_json::from_value(json!({ "name": "billing", "policies": policies })).unwrap()
}

fn zone(id: &str) -> Value {
    json!({ format!("com.cloudflare.api.account.zone.{id}"): "*" })
}

#[tokio::test(start_paused = true)]
async fn a_profile_is_written_to_standard_output_or_into_a_new_file_and_nothing_is_changed() {
    let scene = Scene::new();
    let (id, _) = scene.foreign(token(&[("allow", DNS_WRITE, zone(ZONE_COM_ID))]));
    let told = scene.given(&format!("import {id}")).await;
    assert!(told.out.contains("zone:\n    DNS: edit\nresources:\n  zones: [example.com]\n"), "{}", told.out);
    assert_eq!(scene.given(&format!("import {id} --output -")).await, told);
    let ran = scene.run(&format!("import {id} --output dns.yaml")).await.ends_with(0);
    assert_eq!(ran.out, "");
    assert_eq!(scene.world.text("dns.yaml").replace("dns.yaml", "FILE"), told.out);
    assert!(!scene.world.effects().iter().any(|effect| is_write(effect)));
    scene.run("check dns.yaml").await.ends_with(0);

    scene
        .run(&format!("import {id} --output dns.yaml"))
        .await
        .ends_with(2)
        .says(&["usage.output", "dns.yaml already exists"]);
    scene
        .run(&format!("import {id} --output no/dns.yaml"))
        .await
        .ends_with(2)
        .says(&["usage.output", "cannot be written"]);
    assert_eq!(scene.leaks(&[]).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_profile_cannot_say_is_said_beside_it() {
    let scene = Scene::new();
    let script =
        json!({ format!("com.cloudflare.api.account.{ACCOUNT_ID}"): { "com.cloudflare.new.thing.*": "*" } });
    let mut write = token(&[
        ("allow", DNS_WRITE, zone(ZONE_COM_ID)),
        ("deny", DNS_WRITE, zone(ZONE_NET_ID)),
        ("allow", DNS_WRITE, script.clone()),
    ]);
    write.condition = serde_json::from_value(json!({ "request_country": { "in": ["DE"] } })).unwrap();
    let (id, _) = scene.foreign(write);
    scene.run(&format!("import {id}")).await.ends_with(0).says(&[
        "#   - the denial of DNS Write on zone example.net\n",
        "#   - the condition `request_country`\n",
        "Note a profile cannot say the denial of DNS Write on zone example.net; cfmint keeps it",
        "Warning no profile can say DNS Write on com.cloudflare.new.thing.* within",
    ]);
    let json = scene.run(&format!("import {id} --json")).await.ends_with(0).json();
    assert_eq!(json["results"][0]["action"], "imported");
    assert_eq!(json["results"][0]["notes"].as_array().unwrap().len(), 3);
    assert!(json["results"][0]["text"].as_str().unwrap().contains("\nversion: 1\n"));

    let (id, _) = scene.foreign(token(&[("allow", DNS_WRITE, script)]));
    scene.run(&format!("import {id}")).await.ends_with(1).says(&["profile.inexpressible", "DNS Write on"]);
}

#[tokio::test(start_paused = true)]
async fn where_names_may_not_be_listed_ids_stand_for_them() {
    let scene = Scene::new();
    let (id, _) = scene.foreign(token(&[("allow", DNS_WRITE, zone(ZONE_COM_ID))]));
    scene.world.put("bootstrap", NARROW_BOOTSTRAP);
    let told = scene.run(&format!("import {id} --bootstrap-file bootstrap")).await.ends_with(0);
    assert!(told.out.contains(&format!("zones: [{ZONE_COM_ID}]")), "{}", told.out);
}

#[tokio::test(start_paused = true)]
async fn an_account_s_token_is_found_under_its_account() {
    let scene = Scene::new();
    scene.run(&format!("import {ACCOUNT_BOOTSTRAP_ID}")).await.ends_with(1).says(&["custody.no-such-token"]);
    scene
        .run(&format!("import {ACCOUNT_BOOTSTRAP_ID} --account {ACCOUNT_ID}"))
        .await
        .ends_with(0)
        .says(&["owner: { account: Emulator Account }", "Account API Tokens: edit"]);
    scene.run("import billing").await.ends_with(2).says(&["usage.id"]);
}
