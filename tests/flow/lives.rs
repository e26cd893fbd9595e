//! A token's life: made once, left alone, rolled, revoked; in which order, and in how many round trips.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cfmint::cloudflare::wire::{ApiPolicy, ResourceValue};
use cfmint::emulator::world::{ACCOUNT_ID, ZONE_COM_ID, ZONE_NET_ID};
use cfmint::secret::Secret;
use tokio::time::Instant;

use crate::profiles::{SHOP, dns_but};
use crate::support::Scene;

/// A policy without what order and spelling could change: effect, groups, resources.
fn gist(policy: &ApiPolicy) -> (String, BTreeSet<String>, BTreeSet<String>) {
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
    assert_eq!(scene.transport.minted().len(), 1, "a second run sends no write");

    scene.given("roll shop.yaml").await;
    assert_eq!(scene.only_token().id, made.id);
    let [first, stand_in, second] = <[String; 3]>::try_from(scene.secrets()).unwrap();
    assert_ne!(first, second);
    assert_eq!(scene.value(".env", "CLOUDFLARE_API_TOKEN"), Some(second));
    assert!(scene.emulator.token_of(&Secret::new(stand_in)).is_none(), "the stand-in is gone");

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
/// The mark, or how far it has come, is on the disk before what follows.
const NOTED: [&str; 5] = [
    "create 600 .cfmint/marks.new",
    "write",
    "sync",
    "rename .cfmint/marks.new -> .cfmint/marks",
    "sync_folder .cfmint",
];
/// A file of the same size goes all the way that the secret will go.
const PROOF: [&str; 6] = [
    "create 600 .cfmint/.env.new",
    "write",
    "sync",
    "rename .cfmint/.env.new -> .env.new",
    "sync_folder .",
    "remove .env.new",
];
/// Git is asked whether it tracks a state folder that is there already.
const STATE_FOLDER: [&str; 2] = ["git ls-files", "lock .cfmint/lock"];
const GIT: [&str; 2] = ["git ls-files", "git check-ignore"];
/// Side by side: whether the secret works, and whether anybody else did something to the name.
const CONFIRMED: [&str; 2] = ["GET /user/tokens/verify", "GET /user/tokens"];

#[tokio::test(start_paused = true)]
async fn an_apply_proves_its_sinks_creates_delivers_confirms_and_only_then_commits() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    scene.run("apply shop.yaml").await.ends_with(0);
    let state: &[&str] =
        &["create_folder .cfmint", "sync_folder .", "create 600 .cfmint/.gitignore", "write"];
    let expected = [
        state,
        &["lock .cfmint/lock"],
        &GIT,
        &LOOK_UPS,
        &PROOF,
        &NOTED,
        &["POST /user/tokens"],
        &NOTED,
        &REPLACEMENT,
        &CONFIRMED,
        &["PUT /user/tokens/ID"],
        &NOTED,
    ];
    assert_eq!(scene.story(), expected.concat());
}

#[tokio::test(start_paused = true)]
async fn a_roll_has_a_stand_in_before_it_is_sent_and_a_revoke_deletes_before_it_clears() {
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
        &PROOF,
        &NOTED,
        &["POST /user/tokens", "GET /user/tokens"],
        &NOTED,
        &["PUT /user/tokens/ID/value"],
        &REPLACEMENT,
        &CONFIRMED,
        &["DELETE /user/tokens/ID"],
        &NOTED,
    ];
    assert_eq!(scene.story(), expected.concat());

    scene.world.forget_effects();
    scene.run("revoke shop.yaml --yes").await.ends_with(0);
    let expected = [
        &STATE_FOLDER[..],
        // Nothing is proven: what takes a dead secret away needs no proof, and must not be stopped by one.
        &["GET /user/tokens"],
        verify,
        // Whether the bootstrap itself is among them.
        verify,
        &["DELETE /user/tokens/ID"],
        &REPLACEMENT,
    ];
    assert_eq!(scene.story(), expected.concat());
}

#[tokio::test(start_paused = true)]
async fn an_apply_is_four_round_trips_deep_and_a_second_one_is_one_and_writes_nothing() {
    let scene = Scene::slow(Duration::from_secs(1));
    scene.world.put("shop.yaml", SHOP);
    let start = Instant::now();
    scene.run("apply shop.yaml").await.ends_with(0);
    assert_eq!(start.elapsed(), Duration::from_secs(4), "look, create, verify beside list, commit");

    scene.world.forget_effects();
    let start = Instant::now();
    scene.run("apply shop.yaml").await.ends_with(0);
    assert_eq!(start.elapsed(), Duration::from_secs(1), "the look, and the question whose secret it is");
    assert_eq!(scene.writes(), [""; 0]);
    let touched =
        scene.story().into_iter().filter(|effect| effect.contains("write") || effect.contains("create"));
    assert_eq!(touched.count(), 0, "and no file is touched");
}

#[tokio::test(start_paused = true)]
async fn a_rotation_and_a_roll_are_few_round_trips_deep() {
    let scene = Scene::slow(Duration::from_secs(1));
    scene.world.put("shop.yaml", SHOP);
    scene.given("apply shop.yaml").await;
    let start = Instant::now();
    scene.run("rotate shop.yaml").await.ends_with(0);
    assert_eq!(start.elapsed(), Duration::from_secs(5), "as an apply, and the end of the predecessor");
    let start = Instant::now();
    scene.run("roll shop.yaml").await.ends_with(0);
    let steps = "look, stand-in, look again, roll, verify beside list, the stand-in's end";
    assert_eq!(start.elapsed(), Duration::from_secs(6), "{steps}");
}

#[tokio::test(start_paused = true)]
async fn a_new_token_is_pending_with_a_near_end_until_it_is_in_force() {
    let scene = Scene::new();
    // A third of the time to live is left for a renewal, and half of that to a run that does not finish.
    scene.world.put("shop.yaml", SHOP);
    let emulator = scene.emulator.clone();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let tokens = Arc::clone(&seen);
    scene.world.hook("GET /user/tokens/verify", move || {
        let made = emulator.tokens().into_iter().map(|owned| owned.token);
        tokens.lock().unwrap().extend(made.filter(|token| token.name.starts_with("shop-deploy")));
        Ok(())
    });
    scene.run("apply shop.yaml").await.ends_with(0);
    let pending = seen.lock().unwrap().pop().unwrap();
    assert!(pending.name.starts_with("shop-deploy+new@"), "{}", pending.name);
    assert_eq!(pending.expires_on.unwrap() - pending.issued_on.unwrap(), chrono::TimeDelta::days(15));
    let in_force = scene.only_token();
    assert_eq!(pending.name.replace("+new", ""), in_force.name);
    assert_eq!(in_force.expires_on.unwrap() - in_force.issued_on.unwrap(), chrono::TimeDelta::days(90));
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
    assert_eq!(
        start.elapsed().as_secs(),
        1 + 3,
        "create, verify beside list, commit, for all of them at once"
    );
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
    let commit_and_end = ["PUT /user/tokens/ID", "PUT /user/tokens/ID"];
    assert_eq!(requests, [&["POST /user/tokens"], &CONFIRMED[..], &commit_and_end].concat());

    let [old, new] = <[_; 2]>::try_from(scene.tokens()).unwrap();
    assert_eq!(old.id, made.id);
    assert!(old.name.starts_with("shop-deploy+old@") && new.name.starts_with("shop-deploy@"));
    assert_eq!(new.expires_on.unwrap() - new.issued_on.unwrap(), chrono::TimeDelta::days(90));
    assert_eq!(old.expires_on.unwrap() - made.issued_on.unwrap(), chrono::TimeDelta::hours(2));
    let holders: Vec<(String, usize)> =
        scene.live().into_iter().map(|token| (token.id, token.held_by.len())).collect();
    assert_eq!(holders, [(old.id, 0), (new.id, 1)]);

    tokio::time::advance(Duration::from_secs(2 * 3600)).await;
    scene.run("apply shop.yaml").await.ends_with(0).says(&["Unchanged"]);
    assert_eq!(scene.live().len(), 1, "the predecessor ended by itself");
}
