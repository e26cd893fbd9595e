//! Rights that differ from resource to resource, and single Workers: made, compared, imported and taken over.

use std::collections::BTreeSet;

use cfmint::cloudflare::wire::{ResourceValue, Token, TokenWrite};
use cfmint::emulator::EmulatorOwner;
use cfmint::emulator::world::{ACCOUNT_ID, WORKER_TAG, ZONE_COM_ID, ZONE_NET_ID};
use serde_json::{Value, json};

use crate::profiles::{DNS_WRITE, dns_with};
use crate::support::Scene;

const ZONE_READ: &str = "c8fed203ed3043cba015a93ad1616f1f";
const EDITOR: &str = "e0000000000000000000000000000e01";

/// May edit the records of one zone, and see another.
const GRANT: &str =
    "grants: [{ permissions: { zone: { Zone: read } }, resources: { zones: [example.net] } }]";

const WORKER: &str = "
version: 1
name: shop-api
owner: { account: Emulator Account }
permissions: { worker: [Individual Workers Editor] }
resources: { workers: [{ name: api }] }
ttl: 30d
sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]
";

/// Groups and resources of each policy, whatever their order.
fn rights(token: &Token) -> BTreeSet<(Vec<String>, Vec<String>)> {
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    let policy = |policy: &cfmint::cloudflare::wire::ApiPolicy| {
        let groups = policy.permission_groups.iter().map(|group| group.id.clone()).collect();
        let resources = policy.resources.iter().flat_map(|(key, value)| match value {
            ResourceValue::Within(nested) => nested.keys().map(|nested| format!("{key} {nested}")).collect(),
            _ => vec![key.clone()],
        });
        (sorted(groups), sorted(resources.collect()))
    };
    token.policies.iter().map(policy).collect()
}

fn right(group: &str, resource: String) -> (Vec<String>, Vec<String>) {
    (vec![group.to_owned()], vec![resource])
}

fn zone(id: &str) -> String {
    format!("com.cloudflare.api.account.zone.{id}")
}

#[tokio::test(start_paused = true)]
async fn a_grant_holds_on_its_own_resources_alone_and_a_second_run_changes_nothing() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", dns_with(GRANT));
    scene.run("check dns.yaml").await.ends_with(0).says(&["2 permissions"]);
    scene
        .run("plan dns.yaml")
        .await
        .ends_with(0)
        .says(&["+ DNS Write on zone example.com", "+ Zone Read on zone example.net"]);
    scene.run("apply dns.yaml").await.ends_with(0);
    let made = BTreeSet::from([right(DNS_WRITE, zone(ZONE_COM_ID)), right(ZONE_READ, zone(ZONE_NET_ID))]);
    assert_eq!(rights(&scene.only_token()), made);
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]);

    scene.world.put("dns.yaml", dns_with(&GRANT.replace("example.net", "example.com")));
    scene
        .run("plan dns.yaml")
        .await
        .ends_with(0)
        .says(&["+ Zone Read on zone example.com", &format!("- Zone Read on zone {ZONE_NET_ID}")]);
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_rights_differ_by_zone_is_imported_whole_and_taken_over_without_a_change() {
    let scene = Scene::new();
    let nested = json!({ format!("com.cloudflare.api.account.{ACCOUNT_ID}"): { zone(ZONE_NET_ID): "*" } });
    let policy = |group: &str, resources: Value| json!({ "effect": "allow", "resources": resources, "permission_groups": [{ "id": group }] });
    let write: TokenWrite = serde_json::from_value(json!({ "name": "shop-dns", "policies": [
        policy(DNS_WRITE, json!({ zone(ZONE_COM_ID): "*" })),
        policy(ZONE_READ, nested),
    ] }))
    .unwrap();
    let (id, _) = scene.foreign(write);
    scene
        .run(&format!("import {id} --output dns.yaml"))
        .await
        .ends_with(0)
        .says_nothing_of("no profile can say");
    let text = scene.world.text("dns.yaml");
    assert!(text.contains("grants:\n  - permissions:\n      zone:\n        "), "{text}");
    scene.run("check dns.yaml").await.ends_with(0);
    let plan = scene.run(&format!("plan dns.yaml --adopt {id}")).await.ends_with(0);
    assert!(!plan.out.contains("\n    + ") && !plan.out.contains("\n    - "), "{}", plan.out);
}

#[tokio::test(start_paused = true)]
async fn a_worker_is_named_in_the_profile_and_by_its_tag_in_the_token() {
    let scene = Scene::new();
    scene.world.put("api.yaml", WORKER);
    scene
        .run("apply api.yaml")
        .await
        .ends_with(0)
        .says(&["Individual Workers Editor on Worker api of account Emulator Account"]);
    let script =
        format!("com.cloudflare.api.account.{ACCOUNT_ID} com.cloudflare.edge.worker.script.{WORKER_TAG}");
    assert_eq!(rights(&scene.only_token()), BTreeSet::from([right(EDITOR, script)]));
    scene.run("apply api.yaml").await.ends_with(0).says(&["Unchanged"]);

    let owner = EmulatorOwner::Account(ACCOUNT_ID.to_owned());
    let id = scene.emulator.tokens().into_iter().rfind(|token| token.owner == owner).unwrap().token.id;
    let imported = scene.run(&format!("import {id} --account {ACCOUNT_ID}")).await.ends_with(0);
    let workers = "  workers:\n    - { account: Emulator Account, name: api }\n";
    assert!(imported.out.contains(workers), "{}", imported.out);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_not_deployed_is_an_error_before_any_write() {
    let scene = Scene::new();
    scene.world.put("api.yaml", WORKER.replace("name: api }", "name: billing }"));
    scene.run("apply api.yaml").await.ends_with(2).says(&[
        "profile.unknown-worker",
        "Emulator Account has no Worker called `billing`",
        "deploy the Worker first; there are: api",
    ]);
    assert_eq!(scene.writes(), [""; 0]);

    let tag = scene.emulator.add_worker(ACCOUNT_ID, "billing");
    scene.run("apply api.yaml").await.ends_with(0).says(&["Worker billing of account"]);
    assert!(rights(&scene.only_token()).first().unwrap().1[0].ends_with(&tag));
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_cannot_be_looked_up_can_be_named_by_its_tag() {
    let scene = Scene::new();
    scene.world.put("bootstrap", cfmint::emulator::world::ACCOUNT_BOOTSTRAP);
    let of_id = WORKER.replace("Emulator Account", ACCOUNT_ID);
    scene.world.put("api.yaml", &of_id);
    scene
        .run("apply api.yaml --bootstrap-file bootstrap")
        .await
        .ends_with(2)
        .says(&["cannot be listed", "give the bootstrap `Workers Scripts: Read`"]);
    assert_eq!(scene.writes(), [""; 0]);
    scene.world.put("api.yaml", of_id.replace("name: api }", &format!("name: {WORKER_TAG} }}")));
    scene.run("apply api.yaml --bootstrap-file bootstrap").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn an_id_of_another_kind_is_named_before_any_write() {
    for (profile, words) in [
        (
            dns_with("").replace("[example.com]", &format!("[{ACCOUNT_ID}]")),
            "is the id of the account Emulator Account, and a zone belongs here",
        ),
        (
            dns_with("").replace("zones: [example.com]", &format!("accounts: [{ZONE_COM_ID}], zones: all")),
            "is the id of the zone example.com, and an account belongs here",
        ),
    ] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", profile);
        for command in ["plan", "apply"] {
            let ran = scene.run(&format!("{command} dns.yaml")).await;
            ran.ends_with(2).says(&["profile.id-of-another-kind", words]);
        }
        assert_eq!(scene.writes(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_is_found_however_it_is_written() {
    let scene = Scene::new();
    let id = scene.emulator.add_zone(ACCOUNT_ID, "bücher.example").unwrap();
    for spelling in ["bücher.example", "xn--bcher-kva.example", "BÜCHER.Example."] {
        scene.world.put("dns.yaml", dns_with("").replace("example.com", spelling));
        scene.run("apply dns.yaml").await.ends_with(0);
        assert_eq!(rights(&scene.only_token()), BTreeSet::from([right(DNS_WRITE, zone(&id))]));
    }
    scene.world.put("dns.yaml", dns_with("").replace("example.com", "exmaple.com"));
    scene.run("plan dns.yaml").await.ends_with(2).says(&["did you mean `example.com`?"]);
}
