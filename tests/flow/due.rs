//! A schedule: what is due is rotated once, what is not is left as it is, and the plan says so first.

use std::time::Duration;

use cfmint::world::World as _;
use chrono::TimeDelta;

use crate::profiles::{DNS, dns_but};
use crate::support::{Ran, Scene};

const DAY: u64 = 24 * 3600;

/// The profile of DNS with a lifetime and a rotation.
fn renewed(ttl: &str, rotation: &str) -> String {
    dns_but("ttl: 30d", &format!("ttl: {ttl}\nrotation: {rotation}"))
}

/// The first result's action and first note.
fn verdict(ran: &Ran) -> (String, String) {
    let result = &ran.json()["results"][0];
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    (text(&result["action"]), text(&result["notes"][0]))
}

#[tokio::test(start_paused = true)]
async fn what_is_due_is_shown_rotated_once_and_then_left_alone() {
    for (ttl, rotation, days, why) in [
        ("90d", "{ every: 30d }", 31, "older than 30d (31d)"),
        ("90d", "{ renew_before: 20d }", 75, "ends in 15d, renewed when less than 20d are left"),
        ("90d", "{}", 61, "ends in 29d, renewed when less than 30d are left"),
    ] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", renewed(ttl, rotation));
        scene.given("apply dns.yaml").await;
        let made = scene.only_token();

        scene.run("plan dns.yaml --due --exit-code").await.ends_with(0).says(&["skipped: not due before"]);
        let ran = scene.run("rotate dns.yaml --due").await.ends_with(0);
        ran.says(&["Skipped shop-dns@", "not due before"]);
        tokio::time::advance(Duration::from_secs(days * DAY)).await;

        let ran = scene.run("plan dns.yaml --due --exit-code").await.ends_with(3);
        ran.says(&[&format!("rotate: {why}"), &format!("- {} ends", made.name), "(1h) at the latest"]);
        let ran = scene.run("plan dns.yaml --due --json").await.ends_with(0);
        assert_eq!(verdict(&ran), ("rotate".to_owned(), why.to_owned()));
        assert_eq!(scene.writes(), [""; 0]);

        let ran = scene.run("rotate dns.yaml --due --json").await.ends_with(0);
        assert_eq!(verdict(&ran).0, "rotated");
        let sent = scene.writes().len();
        let ran = scene.run("rotate dns.yaml --due --json").await.ends_with(0);
        let (action, note) = verdict(&ran);
        assert!(action == "skipped" && note.starts_with("not due before"), "{action}: {note}");
        assert!(
            ran.json()["results"][0]["notes"][1]
                .as_str()
                .unwrap()
                .contains("the predecessor, is still alive"),
            "{ran:?}"
        );
        assert_eq!(scene.writes().len(), sent, "an unscheduled second run sends no write");
        scene.run("plan dns.yaml --due --exit-code").await.ends_with(0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_that_the_profile_names_is_not_chased_by_every_run() {
    let scene = Scene::new();
    let end = (scene.world.now() + TimeDelta::days(30)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    scene.world.put("dns.yaml", renewed(&end, "{ renew_before: 20d }"));
    scene.given("apply dns.yaml").await;
    tokio::time::advance(Duration::from_secs(15 * DAY)).await;
    scene.run("rotate dns.yaml --due").await.ends_with(0).says(&["a successor would end no later"]);
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_was_made_together_is_not_rotated_together() {
    let scene = Scene::new();
    let profile = renewed("90d", "{ every: 30d }");
    for number in 0..6 {
        let profile = profile.replace("name: shop-dns", &format!("name: shop-dns-{number}"));
        scene.world.put(&format!("all/{number}.yaml"), profile.replace(".env", &format!(".env.{number}")));
    }
    scene.given("apply all").await;
    tokio::time::advance(Duration::from_secs(30 * DAY)).await;
    let due = |ran: &Ran, action: &str| {
        let rows = ran.json()["results"].as_array().unwrap().clone();
        rows.iter().filter(|row| row["action"] == action).count()
    };
    assert_eq!(due(&scene.run("plan all --due --json").await, "rotate"), 6);

    let (mut rotated, mut turns) = (0, 0);
    for _ in 0..10 {
        tokio::time::advance(Duration::from_secs(DAY)).await;
        let planned = due(&scene.run("plan all --due --splay 10d --json").await.ends_with(0), "rotate");
        let done = due(&scene.run("rotate all --due --splay 10d --json").await.ends_with(0), "rotated");
        assert_eq!(done, planned, "the plan shows what the run does");
        turns += usize::from(done > 0);
        rotated += done;
    }
    assert_eq!(rotated, 6, "each once, within the splay");
    assert!(turns > 1, "not all in one run");
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_got_lost_is_told_of_although_nothing_is_due() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    tokio::time::advance(Duration::from_secs(300)).await;
    std::fs::remove_file(scene.world.path(".env")).unwrap();
    for command in ["rotate dns.yaml --due", "rotate dns.yaml --due --quiet", "plan dns.yaml --due"] {
        let ran = scene.run(command).await.ends_with(0);
        let told = format!("{}{}", ran.out, ran.err);
        assert!(
            told.contains("does not hold its secret") && told.contains("cfmint rotate dns.yaml"),
            "{told}"
        );
    }
}
