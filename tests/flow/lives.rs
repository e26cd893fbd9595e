//! A token's life: made once, left alone, rolled, revoked; in which order, and in how many round trips.

use std::collections::BTreeSet;
use std::time::Duration;

use cfmint::cloudflare::wire::{Policy, ResourceValue};
use cfmint::emulator::world::{ACCOUNT_ID, ZONE_COM_ID, ZONE_NET_ID};
use tokio::time::Instant;

use crate::profiles::{SHOP, dns_but};
use crate::support::Scene;

/// A policy without what order and spelling could change: effect, groups, resources.
fn gist(policy: &Policy) -> (String, BTreeSet<String>, BTreeSet<String>) {
    let groups = policy.permission_groups.iter().map(|group| group.name.clone().unwrap()).collect();
    let resources = policy.resources.iter().map(|(key, value)| {
        assert_eq!(*value, ResourceValue::All("*".to_owned()));
        key.clone()
    });
    (policy.effect.clone(), groups, resources.collect())
}

fn allows(groups: &[&str], resources: &[String]) -> (String, BTreeSet<String>, BTreeSet<String>) {
    let groups = groups.iter().map(|group| (*group).to_owned()).collect();
    ("allow".to_owned(), groups, resources.iter().cloned().collect())
}

#[tokio::test(start_paused = true)]
async fn an_account_and_two_zones_become_one_token_with_one_policy_per_scope() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    let ran = scene.run("apply shop.yaml --json").await.ends_with(0);

    let token = scene.only_token();
    let account = "com.cloudflare.api.account";
    let policies: Vec<_> = token.policies.iter().map(gist).collect();
    assert_eq!(policies.len(), 2);
    assert!(policies.contains(&allows(
        &["Account Settings Read", "Workers Scripts Write"],
        &[format!("{account}.{ACCOUNT_ID}")]
    )));
    assert!(policies.contains(&allows(
        &["DNS Write"],
        &[format!("{account}.zone.{ZONE_COM_ID}"), format!("{account}.zone.{ZONE_NET_ID}")]
    )));
    assert_eq!(token.expires_on.unwrap() - token.issued_on.unwrap(), chrono::TimeDelta::days(90));

    assert_eq!(scene.value(".env", "CLOUDFLARE_API_TOKEN"), Some(scene.secrets()[0].clone()));
    assert_eq!(scene.value(".env", "CLOUDFLARE_ACCOUNT_ID").as_deref(), Some(ACCOUNT_ID));
    let result = &ran.json()["results"][0];
    assert_eq!(
        (result["action"].as_str(), result["token"]["id"].as_str()),
        (Some("created"), Some(&*token.id))
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_is_made_once_keeps_its_id_when_it_is_rolled_and_leaves_nothing_when_it_is_revoked() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    scene.world.put(".env", "# the shop\nPORT=8080\n");
    scene.given("apply shop.yaml").await;
    let made = scene.only_token();

    let ran = scene.given("apply shop.yaml --json").await;
    assert_eq!(ran.json()["results"][0]["action"], "unchanged");
    assert_eq!(scene.road.minted().len(), 1, "a second run sends no write");

    scene.given("roll shop.yaml").await;
    assert_eq!(scene.only_token().id, made.id);
    let [first, second] = <[String; 2]>::try_from(scene.secrets()).unwrap();
    assert_ne!(first, second);
    assert_eq!(scene.value(".env", "CLOUDFLARE_API_TOKEN"), Some(second));

    scene.given("revoke shop.yaml --yes").await;
    assert_eq!(scene.tokens().len(), 0);
    let left = format!("# the shop\nPORT=8080\nCLOUDFLARE_ACCOUNT_ID={ACCOUNT_ID}\n");
    assert_eq!(scene.world.text(".env"), left, "what did not die with the token stays");

    let ran = scene.run("revoke shop.yaml --yes --json").await.ends_with(0);
    assert_eq!(ran.json()["results"][0]["action"], "absent");
}

#[tokio::test(start_paused = true)]
async fn a_second_apply_sends_no_write() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    scene.given("apply shop.yaml").await;
    scene.run("apply shop.yaml").await.ends_with(0).says(&["Unchanged shop-deploy@"]);
    assert_eq!(scene.writes(), [""; 0]);
    scene.run("plan shop.yaml --exit-code").await.ends_with(0);
}

const LOOK_UPS: [&str; 5] = [
    "GET /accounts",
    "GET /zones?name=example.com",
    "GET /zones?name=example.net",
    "GET /user/tokens",
    "GET /user/tokens/permission_groups",
];
const REPLACEMENT: [&str; 5] =
    ["create 600 .cfmint/.env.new", "write", "sync", "rename .cfmint/.env.new -> .env", "sync_folder ."];
/// The intent is on the disk before the request goes out.
const ANNOUNCED: [&str; 7] = [
    "create 600 .cfmint/journal.new",
    "write",
    "sync",
    "rename .cfmint/journal.new -> .cfmint/journal",
    "sync_folder .cfmint",
    "write",
    "sync",
];
const SETTLED: [&str; 2] = ["remove .cfmint/journal", "sync_folder .cfmint"];

/// An empty file goes all the way that the secret will go, and the journal knows of it.
fn proof() -> Vec<&'static str> {
    let probe = [
        "create 600 .cfmint/.env.new",
        "write",
        "sync",
        "rename .cfmint/.env.new -> .env.new",
        "sync_folder .",
        "remove .env.new",
    ];
    [&ANNOUNCED[..], &probe, &SETTLED].concat()
}
/// Git is asked whether it tracks a state folder that is there already.
const STATE_FOLDER: [&str; 2] = ["git ls-files", "lock .cfmint/lock"];
const GIT: [&str; 2] = ["git ls-files", "git check-ignore"];

#[tokio::test(start_paused = true)]
async fn an_apply_proves_its_sinks_before_the_create_and_delivers_before_anything_else() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    scene.run("apply shop.yaml").await.ends_with(0);
    let state: &[&str] = &["create_folder .cfmint", "create 600 .cfmint/.gitignore", "write"];
    let expected = [
        state,
        &["lock .cfmint/lock"],
        &GIT,
        &LOOK_UPS,
        &proof(),
        &ANNOUNCED,
        &["POST /user/tokens"],
        &REPLACEMENT,
        &SETTLED,
        &["GET /user/tokens/verify"],
    ];
    assert_eq!(scene.story(), expected.concat());
}

#[tokio::test(start_paused = true)]
async fn a_roll_proves_rolls_delivers_and_verifies_and_a_revoke_deletes_before_it_clears() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    scene.given("apply shop.yaml").await;

    scene.run("roll shop.yaml").await.ends_with(0);
    let verify: &[&str] = &["GET /user/tokens/verify"];
    let expected = [
        &STATE_FOLDER[..],
        &GIT[..],
        &LOOK_UPS,
        verify,
        &proof(),
        &ANNOUNCED,
        &["PUT /user/tokens/ID/value"],
        &REPLACEMENT,
        verify,
        &SETTLED,
    ];
    assert_eq!(scene.story(), expected.concat());

    scene.world.forget_effects();
    scene.run("revoke shop.yaml --yes").await.ends_with(0);
    let expected = [
        &STATE_FOLDER[..],
        // Nothing is proven: what takes a dead secret away needs no proof, and must not be stopped by one.
        &["GET /user/tokens"][..],
        verify,
        // Whether the bootstrap itself is among them.
        verify,
        &ANNOUNCED,
        &["DELETE /user/tokens/ID"],
        &REPLACEMENT,
        &SETTLED,
    ];
    assert_eq!(scene.story(), expected.concat());
}

#[tokio::test(start_paused = true)]
async fn an_apply_is_three_round_trips_deep() {
    let scene = Scene::slow(Duration::from_secs(1));
    scene.world.put("shop.yaml", SHOP);
    let start = Instant::now();
    scene.run("apply shop.yaml").await.ends_with(0);
    assert_eq!(start.elapsed(), Duration::from_secs(3), "look-ups, create, verify");

    let start = Instant::now();
    scene.run("apply shop.yaml").await.ends_with(0);
    assert_eq!(start.elapsed(), Duration::from_secs(1), "look-ups, and the question whose secret it is");
}

#[tokio::test(start_paused = true)]
async fn twenty_profiles_are_looked_up_side_by_side_with_one_list() {
    let scene = Scene::slow(Duration::from_secs(1));
    for number in 0..20 {
        let profile = dns_but("shop-dns", &format!("shop-dns-{number}"));
        let profile = profile.replace("env_file: .env", &format!("env_file: .env.{number}"));
        scene.world.put(&format!("profiles/{number}.yaml"), profile);
    }
    let start = Instant::now();
    scene.given("apply profiles").await;
    assert_eq!(start.elapsed(), Duration::from_secs(1 + 20 * 2), "a create and a verification for each");
    let live = scene.live();
    assert_eq!(live.len(), 20);
    assert!(live.iter().all(|token| token.held_by.len() == 1), "{live:?}");

    let start = Instant::now();
    scene.run("apply profiles").await.ends_with(0);
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    let mut requests: Vec<String> =
        scene.story().into_iter().filter(|effect| effect.starts_with("GET ")).collect();
    requests.dedup();
    let mut expected = LOOK_UPS.to_vec();
    expected.retain(|request| !["GET /accounts", "GET /zones?name=example.net"].contains(request));
    expected.push("GET /user/tokens/verify");
    assert_eq!(requests, expected, "one list for all, and each sink's own question");
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_rotation_verifies_the_successor_before_the_predecessor_gets_its_end() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", format!("{SHOP}rotation: {{ every: 30d, overlap: 2h }}\n"));
    scene.given("apply shop.yaml").await;
    let made = scene.only_token();

    scene.run("rotate shop.yaml").await.ends_with(0).says(&["Rotated shop-deploy@"]);
    let requests: Vec<String> =
        scene.story().into_iter().filter(|effect| effect.contains(" /user/tokens")).skip(3).collect();
    // What the full replacement is made of is read right before it.
    let end = ["GET /user/tokens/ID", "PUT /user/tokens/ID"];
    assert_eq!(requests, [&["POST /user/tokens", "GET /user/tokens/verify"][..], &end].concat());

    let [old, new] = <[_; 2]>::try_from(scene.tokens()).unwrap();
    assert_eq!(old.id, made.id);
    assert_eq!(old.expires_on.unwrap() - made.issued_on.unwrap(), chrono::TimeDelta::hours(2));
    let holders: Vec<(String, usize)> =
        scene.live().into_iter().map(|token| (token.id, token.held_by.len())).collect();
    assert_eq!(holders, [(old.id, 0), (new.id, 1)]);

    tokio::time::advance(Duration::from_secs(2 * 3600)).await;
    scene.run("apply shop.yaml").await.ends_with(0).says(&["Unchanged"]);
    assert_eq!(scene.live().len(), 1, "the predecessor ended by itself");
}
