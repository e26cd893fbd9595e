//! Many tokens in one run: they go side by side, nothing of one gets in the way of another, and any order gives the same.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cfmint::emulator::world::ACCOUNT_ID;
use cfmint::world::Interrupt;
use serde_json::Value;
use tokio::time::Instant;

use crate::profiles::dns_but;
use crate::support::{Mishap, Scene, Seen};

/// So many profiles of an account in the folder `fleet`, each with an env file of its own.
fn fleet(scene: &Scene, size: usize) {
    for number in 0..size {
        let profile = dns_but("shop-dns", &format!("shop-{number:03}"))
            .replace("env_file: .env", &format!("env_file: .env.{number:03}"));
        let owner = format!("owner: {{ account: {ACCOUNT_ID} }}\n");
        scene.world.put(&format!("fleet/{number:03}.yaml"), profile + &owner);
    }
}

/// How many requests there were whose names begin so.
fn requests(scene: &Scene, name: &str) -> usize {
    scene.story().iter().filter(|effect| effect.starts_with(name)).count()
}

fn actions(document: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = document["results"].as_array().unwrap().iter();
    rows.map(|row| (text(&row["profile"]), text(&row["action"]))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_hundred_tokens_take_as_many_round_trips_as_two_waves_of_one() {
    let scene = Scene::slow(Duration::from_secs(1));
    fleet(&scene, 100);
    let start = Instant::now();
    scene.given_noted("apply fleet").await;
    // Create, verify beside a look, commit, for 64 at a time; a look that sees more pages than the last one is two deep.
    assert_eq!(start.elapsed().as_secs(), 1 + 4 + 4);
    let start = Instant::now();
    let noted = scene.given_noted("rotate fleet").await;
    // The same, and the retirement of the old ones.
    assert_eq!(start.elapsed().as_secs(), 2 + 5 + 5);
    let count = |name: &str| noted.iter().filter(|effect| effect.starts_with(name)).count();
    assert_eq!(count("POST /accounts/"), 100);
    assert_eq!(count("PUT /accounts/"), 200);
    // Whose each secret is, asked before and after; the groups; and three lists of three to five pages.
    assert_eq!(count("GET /accounts/"), 100 + 100 + 1 + 12);
    let start = Instant::now();
    scene.given("revoke fleet --yes").await;
    assert_eq!(start.elapsed().as_secs(), 2 + 2 * 2, "two generations each");
    assert_eq!(scene.tokens().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_requests_is_used_and_never_crossed() {
    let scene = Scene::slow(Duration::from_millis(50));
    fleet(&scene, 400);
    let start = Instant::now();
    let ran = scene.run("apply fleet").await.ends_with(0);
    ran.says(&["Cloudflare allows no more requests for a while"]).says_nothing_of("trying again");
    assert_eq!(scene.tokens().len(), 400);
    assert!(requests(&scene, "") > 1200);
    assert!(start.elapsed() < Duration::from_secs(310), "a second window is enough: {:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn tokens_with_one_env_file_all_come_to_stand_in_it() {
    let scene = Scene::slow(Duration::from_millis(2));
    for number in 0..20 {
        let profile = dns_but("shop-dns", &format!("shop-{number}"))
            .replace("CLOUDFLARE_API_TOKEN", &format!("TOKEN_{number}"));
        scene.world.put(&format!("fleet/{number}.yaml"), profile);
    }
    for command in ["apply fleet", "rotate fleet"] {
        scene.given(command).await;
        let values = (0..20).map(|number| scene.value(".env", &format!("TOKEN_{number}")).unwrap());
        assert_eq!(values.collect::<BTreeSet<String>>().len(), 20, "{command}");
        let in_force = scene.live().into_iter().filter(|live| !live.name.contains("+old"));
        let held: Vec<_> = in_force.map(|live| live.held_by).collect();
        assert_eq!(held, vec![vec![".env".to_owned()]; 20], "{command}");
    }
    scene.given("revoke fleet --yes").await;
    assert_eq!(scene.world.text(".env"), "");
    assert_eq!(scene.world.files().iter().filter(|file| file.contains(".cfmint-")).count(), 0);
}

#[tokio::test(start_paused = true)]
async fn results_are_told_in_the_order_of_the_profiles_and_one_failure_stops_no_other() {
    let scene = Scene::slow(Duration::from_secs(1));
    fleet(&scene, 5);
    // The second create is refused, and what the first is verified with is not known for a while.
    scene.transport.fail_nth(2, "POST /accounts/", Mishap::before(Seen::Refused));
    scene.transport.fail_nth(
        1,
        &format!("GET /accounts/{ACCOUNT_ID}/tokens/verify"),
        Mishap::before(Seen::Unknown),
    );
    let ran = scene.run("apply fleet --json").await.ends_with(4);
    let words = ["created", "failed", "created", "created", "created"];
    let rows = (0..5).map(|number| (format!("fleet/{number:03}.yaml"), words[number].to_owned()));
    assert_eq!(actions(&ran.json()), rows.collect::<Vec<_>>());
    let told = |name: &str| ran.err.find(name).unwrap();
    let places: Vec<usize> =
        ["shop-000@", "shop-001", "shop-002@", "shop-003@", "shop-004@"].map(told).to_vec();
    assert!(places.is_sorted(), "{}", ran.err);
    let again = scene.run("apply fleet").await.ends_with(0);
    again.says(&["RESULT     TOKENS", "created    1       fleet/001.yaml", "unchanged  4"]);
}

#[tokio::test(start_paused = true)]
async fn a_signal_lets_those_under_way_come_to_a_safe_place_and_begins_no_other() {
    let scene = Scene::slow(Duration::from_secs(1));
    fleet(&scene, 80);
    let world = Arc::clone(&scene.world);
    scene.world.hook_where(
        |name| name.ends_with("/tokens/verify"),
        move || {
            world.interrupt(Interrupt::Interrupt);
            Ok(())
        },
    );
    let ran = scene.run("apply fleet --json").await.ends_with(130);
    let rows = actions(&ran.json());
    assert_eq!(rows.len(), 80);
    assert!(rows[64..].iter().all(|(_, action)| action == "skipped"), "{rows:?}");
    assert_eq!(scene.tokens().len(), 64, "those that were under way");
    scene.world.unhook();
    scene.world.revive();
    scene.given("apply fleet").await;
    let in_force =
        scene.live().into_iter().filter(|live| live.name.contains('@') && !live.name.contains('+'));
    let held: Vec<_> = in_force.map(|live| live.held_by.len()).collect();
    assert_eq!(held, vec![1; 80]);
}
