//! Ends, beginnings and address rules that a profile says in so many words, or leaves alone.

use std::time::Duration;

use cfmint::world::World;
use chrono::{DateTime, Days, TimeDelta, Utc};

use crate::profiles::{dns_but, dns_with};
use crate::support::Scene;

/// A profile whose token ends on this day from now.
fn until(scene: &Scene, days: u64) -> (String, DateTime<Utc>) {
    let end = scene.world.now().checked_add_days(Days::new(days)).unwrap();
    let end = end - TimeDelta::nanoseconds(i64::from(end.timestamp_subsec_nanos()));
    (dns_but("ttl: 30d", &format!("ttl: {}", end.format("%Y-%m-%dT%H:%M:%SZ"))), end)
}

#[tokio::test(start_paused = true)]
async fn an_end_that_is_named_as_a_time_is_followed_both_ways() {
    let scene = Scene::new();
    for days in [100, 250, 90] {
        let (text, end) = until(&scene, days);
        scene.world.put("dns.yaml", text);
        scene.run("apply dns.yaml").await.ends_with(0);
        assert_eq!(scene.only_token().expires_on, Some(end), "{days}");
        scene.run("plan dns.yaml --exit-code").await.ends_with(0).says(&["unchanged"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_longer_ttl_that_is_a_duration_is_for_the_next_rotation() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", dns_with(""));
    scene.given("apply dns.yaml").await;
    scene.world.put("dns.yaml", dns_but("ttl: 30d", "ttl: 300d"));
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]);
}

#[tokio::test(start_paused = true)]
async fn a_life_that_is_cut_to_less_than_a_tenth_is_told_before_and_after() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", dns_with(""));
    scene.given("apply dns.yaml").await;
    scene.world.put("dns.yaml", dns_but("ttl: 30d", "ttl: 4d"));
    scene.run("plan dns.yaml").await.ends_with(0).says_nothing_of("cut short");
    scene.world.put("dns.yaml", dns_but("ttl: 30d", "ttl: 2d"));
    scene.run("plan dns.yaml").await.ends_with(0).says(&["its life is cut short"]);
    scene.run("apply dns.yaml").await.ends_with(0).says(&["its life was cut short"]);

    scene.world.put("dns.yaml", dns_but("ttl: 30d", "ttl: 1m"));
    for command in ["check", "plan", "apply"] {
        let ran = scene.run(&format!("{command} dns.yaml")).await.ends_with(0);
        ran.says(&["profile.ttl-short", "the token ends within an hour"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_the_profile_does_not_speak_of_is_kept_and_the_word_any_takes_it_away() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", dns_with("ip: { allow: [127.0.0.0/8] }"));
    scene.given("apply dns.yaml").await;
    scene.world.put("dns.yaml", dns_with(""));
    let ran = scene.run("apply dns.yaml").await.ends_with(0);
    ran.clone().says(&["Unchanged", "keeps the IP rule 127.0.0.0/8", "`ip: any` takes it away"]);
    ran.says_nothing_of("by hand");

    scene.world.put("dns.yaml", dns_with("ip: any"));
    scene
        .run("apply dns.yaml")
        .await
        .ends_with(0)
        .says(&["~ may be used from any address (was: 127.0.0.0/8)"]);
    assert_eq!(scene.only_token().condition, None);
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]);
}

#[tokio::test(start_paused = true)]
async fn a_beginning_that_lies_ahead_is_kept_and_the_word_now_takes_it_away() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", dns_with(""));
    scene.given("apply dns.yaml").await;
    let start = scene.world.now() + TimeDelta::days(8);
    scene.meddle(|token| token.not_before = Some(start));
    scene.run("apply dns.yaml").await.ends_with(0).says(&["`not_before: now` takes it away"]);
    scene.world.put("dns.yaml", dns_with("not_before: now"));
    scene.run("apply dns.yaml").await.ends_with(0).says(&["~ begins at once (was: "]);
    assert_eq!(scene.only_token().not_before, None);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_does_not_work_yet_can_be_rotated() {
    let scene = Scene::new();
    let start = scene.world.now() + TimeDelta::days(8);
    let line = format!("not_before: {}", start.format("%Y-%m-%dT%H:%M:%SZ"));
    scene.world.put("dns.yaml", dns_with(&line));
    scene.run("apply dns.yaml").await.ends_with(0);
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]);
    scene.run("rotate dns.yaml").await.ends_with(0).says(&["Rotated"]);
    for command in ["plan", "apply", "rotate", "apply", "roll", "apply", "rotate --due"] {
        scene.run(&format!("{command} dns.yaml")).await.ends_with(0);
    }
    scene.world.sleep(Duration::from_secs(9 * 24 * 60 * 60));
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]);
    let holders: Vec<Vec<String>> = scene.live().into_iter().map(|live| live.held_by).collect();
    assert_eq!(holders, [[".env"]]);
}
