//! What one command leaves to another: of the same profile, of another one, at another API, or after hands came between.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use cfmint::world::World as _;
use chrono::TimeDelta;

use crate::keeping::others;
use crate::profiles::{DNS, dns_but};
use crate::support::{Doom, Scene, TestWorld};

/// A command that dies amid a request; then a new process may come.
async fn dies_at(scene: &Scene, command: &str, request: &str) {
    scene.world.doom_at(request, Doom::DeathAmid);
    scene.run(command).await;
    assert!(scene.world.is_dead(), "{command} makes no request {request}");
    scene.world.revive();
}

fn stored(scene: &Scene) -> Option<String> {
    scene.value(".env", "CLOUDFLARE_API_TOKEN")
}

/// A live token of somebody's, as a line of an env file, and its id.
fn foreign(scene: &Scene) -> (String, String) {
    let (id, secret) = scene.foreign(others());
    (format!("CLOUDFLARE_API_TOKEN={secret}\n"), id)
}

#[tokio::test(start_paused = true)]
async fn a_roll_that_died_is_due_whatever_the_schedule_says_and_shown_by_plan() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let rolled = scene.only_token().id;
    dies_at(&scene, "roll dns.yaml", "PUT /user/tokens").await;
    for plan in ["plan dns.yaml --exit-code", "plan dns.yaml --due --exit-code"] {
        scene.run(plan).await.ends_with(3).says(&[
            "rotate: ",
            "shop-dns+roll@",
            "is pending since",
            "ends by itself",
        ]);
    }
    scene.run("rotate dns.yaml --due").await.ends_with(0).says(&["Rotated"]);
    let live = scene.live();
    let held: Vec<_> = live.iter().filter(|token| token.held_by == [".env"]).collect();
    assert_eq!(held.len(), 1);
    assert_ne!(held[0].id, rolled, "its secret may be dead, so another one is in its place");
    assert!(live.iter().all(|token| token.id == held[0].id || scene.is_retired(&token.id)), "{live:?}");
    scene.run("plan dns.yaml --exit-code").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn nothing_takes_the_place_of_a_secret_that_somebody_put_there_after_a_run_died() {
    for command in [
        "recover",
        "recover dns.yaml",
        "apply dns.yaml",
        "rotate dns.yaml --due",
        "apply other.yaml",
        "prune --older-than 900d",
    ] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        let other = dns_but("name: shop-dns", "name: other").replace(".env,", ".env.other,");
        scene.world.put("other.yaml", other);
        scene.given("apply dns.yaml").await;
        dies_at(&scene, "roll dns.yaml", "PUT /user/tokens").await;
        let (line, id) = foreign(&scene);
        scene.world.put(".env", &line);
        let ran = scene.run(command).await;
        assert_eq!(scene.world.text(".env"), line, "{command}: {ran:?}");
        if command.contains("dns.yaml") {
            ran.ends_with(1).says(&["custody.foreign-token", &id]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_finishes_a_dead_run_leaves_a_real_secret_alone() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    dies_at(&scene, "roll dns.yaml", "PUT /user/tokens").await;
    let real = "CLOUDFLARE_API_TOKEN=cfut_FAKE-fake-FAKE-fake-FAKE-fake-FAKE-fake-FAKE-fake\n";
    scene.world.put(".env", real);
    for command in ["recover dns.yaml", "apply dns.yaml --replace"] {
        scene.run(command).await.ends_with(1).says(&["custody.protected-value"]);
        assert_eq!(scene.world.text(".env"), real, "{command}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_unfinished_at_one_api_is_not_forgotten_at_another() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    dies_at(&scene, "roll dns.yaml", "PUT /user/tokens").await;
    scene.run("apply dns.yaml --emulator").await;
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Rotated"]);
    assert_eq!(scene.live().iter().filter(|token| token.held_by == [".env"]).count(), 1);
    scene.run("plan dns.yaml --exit-code").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn a_successor_that_a_program_was_given_stays_until_every_sink_has_a_secret_that_works() {
    // A program that stores what it reads, and says that it failed unless all is well.
    let program = "sinks: [{ command: [sh, -c, cat >kept; test -e well], input: token }, { env_file";
    let profile = dns_but("sinks: [{ env_file", program);
    let scene = Scene::new();
    scene.world.put("dns.yaml", profile);
    scene.world.put("well", "");
    scene.given("apply dns.yaml").await;
    tokio::time::advance(Duration::from_secs(60)).await;
    std::fs::remove_file(scene.world.path("well")).unwrap();

    scene
        .run("rotate dns.yaml")
        .await
        .ends_with(1)
        .says(&["custody.undelivered", "no other token was changed"]);
    let live = scene.live();
    assert_eq!(live.len(), 2);
    assert!(live.iter().all(|token| !scene.is_retired(&token.id)), "{live:?}");
    assert_eq!(live.iter().filter(|token| token.held_by.contains(&"kept".to_owned())).count(), 1);

    scene.world.put("well", "");
    scene.run("rotate dns.yaml --due").await.ends_with(0).says(&["Rotated"]);
    let live = scene.live();
    assert_eq!(live[2].held_by, [".env", "kept"], "{live:?}");
    assert!(scene.is_retired(&live[0].id) && scene.is_retired(&live[1].id));
}

#[tokio::test(start_paused = true)]
async fn what_is_pasted_while_a_successor_is_verified_is_not_put_back_over() {
    let scene = Scene::with(|settings| settings.propagation = Duration::from_secs(300));
    scene.world.put("dns.yaml", DNS);
    scene.run("apply dns.yaml").await.ends_with(1);
    tokio::time::advance(Duration::from_secs(600)).await;
    let (line, _) = foreign(&scene);
    let (path, pasted) = (scene.world.path(".env"), line.clone());
    let transport = Arc::clone(&scene.transport);
    let before = transport.minted().len();
    scene.world.hook("GET /user/tokens/verify", move || {
        // The successor is delivered, and its minute of verification has begun.
        if transport.minted().len() > before { std::fs::write(&path, &pasted) } else { Ok(()) }
    });
    scene.run("rotate dns.yaml").await.ends_with(1).says(&["custody.unverified"]);
    assert_eq!(scene.world.text(".env"), line);
}

#[tokio::test(start_paused = true)]
async fn a_token_renamed_by_hand_is_left_alone_by_what_was_begun_on_it() {
    for (command, request) in [("revoke dns.yaml --yes", "DELETE "), ("rotate dns.yaml", "PUT ")] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        scene.given("apply dns.yaml").await;
        let before = scene.only_token();
        tokio::time::advance(Duration::from_secs(60)).await;
        scene.world.doom_at(request, Doom::DeathBefore);
        scene.run(command).await;
        assert!(scene.world.is_dead());
        scene.world.revive();
        assert!(scene.emulator.change_token(&before.id, |token| token.name = "mine now".to_owned()));
        for next in ["recover", "apply dns.yaml --replace", "revoke dns.yaml --yes"] {
            scene.run(next).await;
            let after = scene.tokens().into_iter().find(|token| token.id == before.id).unwrap();
            assert_eq!(
                (&*after.name, after.expires_on),
                ("mine now", before.expires_on),
                "{command}, {next}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_placeholder_put_in_the_place_of_a_deleted_secret_stays() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    dies_at(&scene, "revoke dns.yaml --yes", "DELETE ").await;
    scene.world.put(".env", "CLOUDFLARE_API_TOKEN=ask-anna\n");
    scene.run("recover").await.ends_with(0);
    scene.run("revoke dns.yaml --yes").await.ends_with(0).says(&["Absent"]);
    assert_eq!(scene.world.text(".env"), "CLOUDFLARE_API_TOKEN=ask-anna\n");
}

#[tokio::test(start_paused = true)]
async fn the_hooks_of_a_run_that_died_or_whose_hooks_failed_run_in_the_next() {
    let hooks = "hooks: { delivered: [[sh, -c, echo >>ran; test -e well]] }";
    for before in ["apply dns.yaml", "roll dns.yaml", "rotate dns.yaml"] {
        for dies in [true, false] {
            let scene = Scene::new();
            scene.world.put("dns.yaml", format!("{}{hooks}\n", DNS.trim_start()));
            scene.world.put("well", "");
            if before != "apply dns.yaml" {
                scene.given("apply dns.yaml").await;
            }
            if dies {
                // The secret is in its file, and the hooks come next.
                scene.world.doom_at("run sh", Doom::DeathBefore);
                scene.run(before).await;
                assert!(scene.world.is_dead());
                scene.world.revive();
            } else {
                std::fs::remove_file(scene.world.path("well")).unwrap();
                scene.run(before).await.ends_with(1).says(&["custody.hook"]);
                scene.world.put("well", "");
            }
            std::fs::write(scene.world.path("ran"), "").unwrap();
            scene.run("plan dns.yaml --exit-code").await.ends_with(3);
            let next = if dies { "apply dns.yaml" } else { "rotate dns.yaml --due" };
            scene.run(next).await.ends_with(0);
            assert_eq!(scene.world.text("ran"), "\n", "{before}, {dies}");
            assert_eq!(scene.live().iter().filter(|token| token.held_by == [".env"]).count(), 1);
            scene.run("plan dns.yaml --exit-code").await.ends_with(0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn hooks_that_failed_leave_the_token_in_force_and_are_all_that_the_next_run_does() {
    let hooks = "hooks: { delivered: [[test, -e, well]] }";
    let scene = Scene::new();
    scene.world.put("dns.yaml", format!("{}{hooks}\n", DNS.trim_start()));
    scene.run("apply dns.yaml").await.ends_with(1).says(&["custody.hook"]);
    let made = scene.only_token();
    assert!(made.name.starts_with("shop-dns+hooks@"), "{}", made.name);
    assert_eq!(
        made.expires_on.unwrap() - made.issued_on.unwrap(),
        TimeDelta::days(30),
        "it has its real end"
    );
    scene.world.put("well", "");
    scene.run("plan dns.yaml --exit-code").await.ends_with(3).says(&["update: its hooks have not run"]);
    scene.world.forget_effects();
    scene.run("apply dns.yaml").await.ends_with(0).says(&["had not run or had failed, ran now"]);
    assert_eq!(scene.writes(), ["PUT /user/tokens/ID"], "no other token, no other secret");
    let now = scene.only_token();
    assert_eq!((now.id, now.expires_on), (made.id, made.expires_on));
    assert!(now.name.starts_with("shop-dns@"), "{}", now.name);
}

#[tokio::test(start_paused = true)]
async fn a_rotation_whose_hooks_had_not_run_is_finished_by_whatever_runs_them() {
    let hooks =
        "hooks: { delivered: [[sh, -c, echo >>ran; test -e well]], retired: [[sh, -c, echo >>retired]] }";
    for next in ["apply dns.yaml", "roll dns.yaml", "rotate dns.yaml", "rotate dns.yaml --due"] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", format!("{}{hooks}\n", DNS.trim_start()));
        scene.world.put("well", "");
        scene.given("apply dns.yaml").await;
        let old = scene.only_token().id;
        tokio::time::advance(Duration::from_secs(60)).await;
        std::fs::remove_file(scene.world.path("well")).unwrap();
        scene.run("rotate dns.yaml").await.ends_with(1).says(&["custody.hook"]);
        scene.run("recover").await.ends_with(0).says(&["its hooks have not run"]);
        assert!(!scene.is_retired(&old), "its users may not have switched");

        scene.world.put("well", "");
        std::fs::write(scene.world.path("ran"), "").unwrap();
        // Who asks for a new secret now wants the old ones dead.
        let is_roll = next == "roll dns.yaml";
        let words = if is_roll { "the predecessor, is deleted" } else { "the predecessor, ends" };
        let ran = scene.run(next).await.ends_with(0).says(&[words]);
        assert!(!ran.err.contains("still alive"), "{next}: {}", ran.err);
        assert!(
            scene.is_retired(&old) || (is_roll && scene.tokens().iter().all(|token| token.id != old)),
            "{next}"
        );
        assert_eq!(scene.world.text("ran"), "\n", "{next}");
        assert_eq!(scene.world.text("retired"), "\n", "{next}");
        scene.run("plan dns.yaml --exit-code").await.ends_with(0);
    }
}

/// A scene whose machine's clock is ahead of Cloudflare's.
fn ahead(by: TimeDelta, propagation: Duration) -> Scene {
    Scene::on(TestWorld::new(), |settings| {
        let clock = Arc::clone(&settings.clock);
        settings.clock = Arc::new(move || clock() - by);
        settings.propagation = propagation;
    })
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_ahead_ends_no_predecessor_early_and_takes_no_young_secret_for_dead() {
    let scene = ahead(TimeDelta::hours(2), Duration::ZERO);
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    tokio::time::advance(Duration::from_secs(60)).await;
    scene.given("rotate dns.yaml").await;
    scene.run("rotate dns.yaml").await.ends_with(0).says(&["it was already rotated"]);
    assert_eq!(scene.tokens().len(), 2, "the predecessor is in its overlap");

    let scene = ahead(TimeDelta::minutes(3), Duration::from_secs(30));
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    tokio::time::advance(Duration::from_secs(600)).await;
    scene.world.doom_at("PUT ", Doom::DeathBefore);
    scene.run("rotate dns.yaml").await;
    assert!(scene.world.is_dead());
    scene.world.revive();
    scene.run("apply dns.yaml").await;
    assert!(scene.live().iter().any(|token| token.held_by == [".env"]), "{:?}", scene.live());
}

#[tokio::test(start_paused = true)]
async fn an_env_file_that_others_can_read_is_tightened_although_nothing_else_is_to_do() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let before = stored(&scene);
    std::fs::set_permissions(scene.world.path(".env"), std::fs::Permissions::from_mode(0o644)).unwrap();
    scene.run("plan dns.yaml --exit-code").await.ends_with(3);
    scene
        .run("apply dns.yaml")
        .await
        .ends_with(0)
        .says(&["others could read .env (mode 644), which its profile does not ask for"]);
    assert_eq!(scene.world.look(&scene.world.path(".env")).unwrap().unwrap().mode, 0o600);
    assert_eq!(stored(&scene), before);
    scene.run("plan dns.yaml --exit-code").await.ends_with(0);
}
