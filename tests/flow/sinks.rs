//! Commands over sinks other than env files: a store of secrets that fails, and the screen of the person who asks.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};

use cfmint::sink::VAULT_SECRETS;
use cfmint::world::{BOOTSTRAP_VARIABLES, Finished};
use serde_json::Value;

use crate::support::vault::FakeVault;
use crate::support::{Doom, Scene, TestWorld};

const PATH: &str = "secret/data/shop/cloudflare";

/// A profile whose secret goes into the store.
const STORED: &str = "version: 1
name: shop
permissions: { zone: { DNS: edit } }
resources: { accounts: [Emulator Account], zones: [example.com] }
ttl: 90d
rotation: { overlap: 1h, renew_before: 30d }
sinks: [{ vault: secret/data/shop/cloudflare, variables: { token: token, account: account_id } }]
";

/// One without a place for its secret.
const HOMELESS: &str = "version: 1
name: shop
permissions: { zone: { DNS: edit } }
resources: { zones: [example.com] }
ttl: 1h
rotation: { overlap: 5m, renew_before: 10m }
";

fn scene() -> Scene {
    let scene = Scene::outside_git(TestWorld::new().with_store(FakeVault::new()), |_| {});
    scene.world.put("shop.yaml", STORED);
    scene
}

/// The secret in the store, which works.
fn held(scene: &Scene) -> String {
    let keys = scene.world.store().keys(PATH);
    let secret = keys["token"].as_str().unwrap().to_owned();
    scene.knows(&secret);
    secret
}

#[tokio::test(start_paused = true)]
async fn a_store_holds_the_secret_in_force_and_a_second_run_changes_nothing() {
    let scene = scene();
    scene.given("apply shop.yaml").await;
    let first = held(&scene);
    scene.run("apply shop.yaml").await.ends_with(0).says(&["Unchanged"]);
    scene.given("rotate shop.yaml").await;
    assert_ne!(held(&scene), first);
    assert_eq!(scene.world.store().kept[PATH].0, 2, "one version for each secret");
    // A key that somebody took out is put in again, by a new token: nobody has the secret of this one.
    scene.world.store().kept.insert(PATH.to_owned(), (9, Some(serde_json::json!({ "theirs": "kept" }))));
    scene.given("rotate shop.yaml").await;
    held(&scene);
    assert_eq!(scene.world.store().keys(PATH)["theirs"], "kept");
    scene.given("revoke shop.yaml --yes").await;
    assert_eq!(scene.world.store().keys(PATH).get("token"), None::<&Value>);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_refuses_connections_leaves_the_old_secret_and_no_new_token() {
    let scene = scene();
    scene.given("apply shop.yaml").await;
    let first = held(&scene);
    for _ in 0..200 {
        scene.world.doom_at("ask store POST secret/", Doom::Error(io::ErrorKind::ConnectionRefused));
    }
    scene.run("rotate shop.yaml").await.ends_with(1).says(&["the store did not answer"]);
    assert_eq!((held(&scene), scene.live().len()), (first.clone(), 1));
    scene.world.revive();
    scene.given("rotate shop.yaml").await;
    assert_ne!(held(&scene), first);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_came_leaves_a_secret_that_works_and_the_next_run_goes_on() {
    let scene = scene();
    scene.given("apply shop.yaml").await;
    for _ in 0..200 {
        scene.world.doom_at("ask store POST secret/", Doom::Error(io::ErrorKind::ConnectionReset));
    }
    scene.run("rotate shop.yaml").await.ends_with(1);
    // The write had its effect, and nobody was told; nothing was retired.
    held(&scene);
    assert_eq!(scene.live().len(), 2);
    scene.world.revive();
    scene.given("apply shop.yaml").await;
    held(&scene);
    scene.run("apply shop.yaml").await.ends_with(0).says(&["Unchanged"]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_may_not_be_written_is_found_out_before_a_token_is_made() {
    let scene = scene();
    scene.world.store().capabilities = vec!["read"];
    scene.run("apply shop.yaml").await.ends_with(1).says(&["may not write", "create"]);
    assert!(scene.live().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_live_token_of_others_in_the_store_is_not_overwritten() {
    let scene = scene();
    scene
        .world
        .store()
        .kept
        .insert(PATH.to_owned(), (1, Some(serde_json::json!({ "token": "ghp_FAKE-of-another-service" }))));
    scene.run("apply shop.yaml").await.ends_with(1).says(&["token in secret/data/shop/cloudflare"]);
    assert_eq!(scene.world.store().kept[PATH].0, 1);
}

#[tokio::test(start_paused = true)]
async fn a_bootstrap_may_come_from_the_store() {
    let scene = scene();
    let place = "secret/data/cfmint";
    let bootstrap = cfmint::emulator::world::BOOTSTRAP;
    scene.world.store().kept.insert(place.to_owned(), (1, Some(serde_json::json!({ "token": bootstrap }))));
    scene
        .run("list --bootstrap-vault secret/data/cfmint#token")
        .await
        .ends_with(0)
        .says_nothing_of(bootstrap);
    // A command with a token of its own must not be able to fetch it too.
    let withheld = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&withheld);
    scene.world.act_for_programs(move |child| {
        *noted.lock().unwrap() = child.hidden.iter().map(|name| (*name).to_owned()).collect();
        let (output, errors) = (Vec::new().into(), Vec::new());
        Ok(Finished { code: Some(0), signal: None, output, errors, timed_out: false })
    });
    scene.given("exec shop.yaml --bootstrap-vault secret/data/cfmint#token -- true").await;
    let withheld = withheld.lock().unwrap().clone();
    for name in BOOTSTRAP_VARIABLES.iter().chain(&VAULT_SECRETS) {
        assert!(withheld.contains(&(*name).to_owned()), "{name}");
    }
    scene
        .run("list --bootstrap-vault secret/data/cfmint#other")
        .await
        .ends_with(1)
        .says(&["there is no bootstrap"]);
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_shown_on_a_terminal_to_who_asks_for_it() {
    let scene = Scene::outside_git(TestWorld::new().with_screen(), |_| {});
    scene.world.put("shop.yaml", HOMELESS);
    scene.run("apply shop.yaml").await.ends_with(2);
    scene.given("apply shop.yaml --reveal").await;
    let shown = scene.world.shown();
    let [line] = shown.as_slice() else { panic!("{shown:?}") };
    let secret = line.strip_prefix("shop: ").unwrap();
    scene.knows(secret);
    // A token that stays keeps its secret, which nobody has.
    scene.run("apply shop.yaml --reveal").await.ends_with(0).says_nothing_of(secret);
    assert_eq!(scene.world.shown().len(), 1);
    scene.given("rotate shop.yaml --reveal").await;
    assert_eq!(scene.world.shown().len(), 2);
    scene.run("rotate shop.yaml --reveal --json").await.ends_with(2);
    assert_eq!(scene.world.shown().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_shown_where_there_is_no_terminal() {
    let scene = Scene::outside_git(TestWorld::new(), |_| {});
    scene.world.put("shop.yaml", HOMELESS);
    scene.run("apply shop.yaml --reveal").await.ends_with(1).says(&["only on a terminal"]);
    assert!(scene.live().is_empty() && scene.world.shown().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn tokens_side_by_side_keep_their_keys_in_one_secret_of_the_store() {
    let scene = scene();
    for number in 0..12 {
        let profile = STORED
            .replace("name: shop", &format!("name: shop-{number}"))
            .replace("token: token, account: account_id", &format!("token_{number}: token"));
        scene.world.put(&format!("fleet/{number}.yaml"), profile);
    }
    for command in ["apply fleet", "rotate fleet"] {
        scene.given(command).await;
        let keys = scene.world.store().keys(PATH);
        let secrets: BTreeSet<String> =
            (0..12).map(|number| keys[&format!("token_{number}")].as_str().unwrap().to_owned()).collect();
        for secret in &secrets {
            scene.knows(secret);
        }
        assert_eq!(secrets.len(), 12, "{command}");
    }
    scene.given("revoke fleet --yes").await;
    assert_eq!(scene.live().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_somebody_else_writes_meanwhile_is_no_conflict() {
    let scene = scene();
    scene.given("apply shop.yaml").await;
    let first = held(&scene);
    let world = Arc::clone(&scene.world);
    let mut times = 0;
    scene.world.hook("ask store POST secret/", move || {
        times += 1;
        if times == 1 {
            let mut store = world.store();
            let (version, keys) = store.kept[PATH].clone();
            let mut keys = keys.unwrap();
            keys["theirs"] = "kept".into();
            store.kept.insert(PATH.to_owned(), (version + 1, Some(keys)));
        }
        Ok(())
    });
    scene.given("rotate shop.yaml").await;
    assert_ne!(held(&scene), first);
    assert_eq!(scene.world.store().keys(PATH)["theirs"], "kept");
}
