//! Requests whose answer is lost and that take effect later: what arrives late is never delivered, ends by itself, and ends
//! nothing that a sink holds.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use cfmint::secret::Secret;
use chrono::TimeDelta;

use crate::profiles::{DNS, dns_but, dns_with};
use crate::support::{Doom, LiveToken, Mishap, Scene};

/// A program that keeps what it reads, in front of the env file.
const PROGRAM: &str = "sinks: [{ command: [sh, -c, cat >kept], input: token }, { env_file";

/// The longest that a pending token of this profile lives: half of what is left for a renewal.
const PENDING: TimeDelta = TimeDelta::days(5);

async fn applied(profile: String) -> Scene {
    let scene = Scene::new();
    scene.world.put("dns.yaml", profile);
    scene.given("apply dns.yaml").await;
    tokio::time::advance(Duration::from_secs(20 * 60)).await;
    scene
}

/// The token whose secret this file holds, which must work.
fn holder(scene: &Scene, file: &str) -> LiveToken {
    let live = scene.live();
    let held: Vec<&LiveToken> =
        live.iter().filter(|token| token.held_by.iter().any(|holder| holder == file)).collect();
    assert_eq!(held.len(), 1, "{file} holds no secret that works: {live:?}");
    held[0].clone()
}

/// Whether a file holds this secret.
fn holds(scene: &Scene, file: &str, secret: &str) -> bool {
    scene.try_text(file).is_some_and(|text| text.contains(secret))
}

/// Every token but the one that is held ends within the time that a pending one may live.
fn only_in_force(scene: &Scene, held: &LiveToken) {
    let latest =
        scene.emulator.tokens().iter().map(|owned| owned.token.issued_on.unwrap()).max().unwrap() + PENDING;
    for token in scene.tokens().into_iter().filter(|token| token.id != held.id) {
        assert!(token.expires_on.is_some_and(|end| end <= latest), "{} outlives its run", token.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_made_late_is_never_delivered_and_ends_by_itself() {
    let opaque = dns_but("sinks: [{ env_file", PROGRAM);
    for profile in [opaque, DNS.to_owned()] {
        for next in
            ["recover", "recover dns.yaml", "apply dns.yaml", "rotate dns.yaml --due", "rotate dns.yaml"]
        {
            let scene = applied(profile.clone()).await;
            scene.transport.fail("POST", Mishap::late());
            let ran = scene.run("rotate dns.yaml").await.ends_with(0);
            ran.says(&["an answer was lost", "may still be made", "would end by itself"]);
            let in_use = holder(&scene, ".env");
            let before = scene.secrets().len();
            assert_eq!(scene.transport.deliver_late().await, [200]);
            let late = scene.secrets().pop().unwrap();
            assert_eq!(scene.secrets().len(), before + 1);
            let stray = scene.emulator.token_of(&Secret::new(late.clone())).unwrap().token;
            assert!(stray.name.starts_with("shop-dns+new@"), "{}", stray.name);
            assert!(stray.expires_on.unwrap() <= stray.issued_on.unwrap() + PENDING);

            scene.run(next).await.ends_with(0);
            for file in [".env", "kept"] {
                assert!(!holds(&scene, file, &late), "{next}: the stray is in {file}");
            }
            let held = holder(&scene, ".env");
            assert!(!scene.is_retired(&held.id), "{next}");
            if held.id != in_use.id {
                // Who read the last secret can work to the end of the overlap.
                assert!(scene.live().iter().any(|token| token.id == in_use.id), "{next}");
            }
            tokio::time::advance(Duration::from_secs(6 * 86_400)).await;
            assert!(scene.live().iter().all(|token| token.id != stray.id), "{next}: it lives on");
            scene.given("apply dns.yaml").await;
            only_in_force(&scene, &holder(&scene, ".env"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stray_of_a_runner_that_is_gone_is_not_taken_for_the_current_one() {
    let scene = applied(DNS.to_owned()).await;
    scene.transport.fail("POST", Mishap::late());
    scene.given("rotate dns.yaml").await;
    let in_use = holder(&scene, ".env");
    scene.transport.deliver_late().await;
    let stray = scene.tokens().pop().unwrap();

    // Another runner has the file, and no state.
    let runner = scene.second_machine();
    let file = runner.world.put(".env", scene.world.text(".env"));
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
    runner.run("roll dns.yaml").await.ends_with(1).says(&["custody.another-run", &stray.name]);
    assert_eq!(runner.writes(), [""; 0]);
    runner.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged", "is pending since"]);
    tokio::time::advance(Duration::from_secs(16 * 60)).await;
    runner.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged", &in_use.name, "ends by itself"]);
    tokio::time::advance(Duration::from_secs(7200)).await;
    runner.run("rotate dns.yaml").await.ends_with(0).says(&["Rotated"]);
    assert!(scene.live().iter().any(|token| token.id == in_use.id), "it lives to the end of its overlap");
    tokio::time::advance(Duration::from_secs(6 * 86_400)).await;
    assert_eq!(scene.live().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_roll_leaves_no_sink_without_a_living_secret_however_late_it_takes_effect() {
    let opaque = dns_but("sinks: [{ env_file", PROGRAM);
    let shut_in = dns_with("ip: { allow: [127.0.0.0/8] }");
    for profile in [DNS.to_owned(), opaque, shut_in] {
        for delay in [1, 4, 6, 8, 100, 4000] {
            let scene = applied(profile.clone()).await;
            let rolled = scene.only_token().id;
            scene.transport.fail("PUT", Mishap::late_by(Duration::from_secs(delay)));
            let ran = scene.run("roll dns.yaml").await.ends_with(0);
            ran.says(&["the answer to the roll was lost", &format!("replaces {rolled}"), "its id is"]);
            for _ in 0..2 {
                let held = holder(&scene, ".env");
                assert_ne!(held.id, rolled, "{delay} s");
                assert!(!scene.is_retired(&held.id));
                assert!(held.held_by.contains(&".env".to_owned()));
                assert!(
                    scene.live().iter().all(|token| token.id != rolled),
                    "who rolls wants the old secret dead"
                );
                tokio::time::advance(Duration::from_secs(5000)).await;
                tokio::task::yield_now().await;
            }
            let requests = scene.story().into_iter().filter(|effect| effect.ends_with("/value")).count();
            assert_eq!(requests, 1, "it is never sent again");
            scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_roll_of_a_schedule_leaves_the_old_token_its_overlap() {
    let scene = applied(dns_with("rotation: { strategy: roll, every: 1d, overlap: 2h }")).await;
    let rolled = scene.only_token().id;
    tokio::time::advance(Duration::from_secs(2 * 86_400)).await;
    // The first one gives the token its new end.
    scene.transport.fail_nth(2, "PUT", Mishap::late());
    scene.run("rotate dns.yaml --due").await.ends_with(0).says(&["the answer to the roll was lost"]);
    let old = scene.tokens().into_iter().find(|token| token.id == rolled).unwrap();
    assert!(old.name.starts_with("shop-dns+old@"), "{}", old.name);
    let held = holder(&scene, ".env");
    assert_ne!(held.id, rolled);
    assert_eq!(scene.transport.deliver_late().await, [200]);
    assert_eq!(holder(&scene, ".env").id, held.id);
}

#[tokio::test(start_paused = true)]
async fn a_roll_in_flight_of_a_run_that_died_is_recognised_and_takes_nothing_with_it() {
    let opaque = dns_but("sinks: [{ env_file", PROGRAM);
    for profile in [DNS.to_owned(), opaque] {
        for comes_before_the_next_run in [true, false] {
            let scene = applied(profile.clone()).await;
            let rolled = scene.only_token().id;
            scene.transport.fail("PUT", Mishap::late());
            let world = std::sync::Arc::downgrade(&scene.world);
            scene.world.hook("PUT ", move || {
                world.upgrade().unwrap().doom(2, Doom::DeathBefore);
                Ok(())
            });
            scene.run("roll dns.yaml").await;
            assert!(scene.world.is_dead());
            scene.world.unhook();
            scene.world.revive();
            if comes_before_the_next_run {
                scene.transport.deliver_late().await;
            }
            scene.run("recover").await.ends_with(0).says(&["shop-dns+roll@", "is pending since"]);
            let ran = scene.run("apply dns.yaml").await.ends_with(0);
            ran.says(&["Rotated", "left by a run that did not finish, ends"]);
            let held = holder(&scene, ".env");
            assert_ne!(held.id, rolled);
            if !comes_before_the_next_run {
                assert_eq!(scene.transport.deliver_late().await, [200]);
            }
            assert_eq!(
                holder(&scene, ".env").id,
                held.id,
                "what the late roll did concerns no sink any more"
            );
            scene.run("plan dns.yaml --exit-code").await.ends_with(0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_commit_or_retirement_changes_nothing_that_the_next_run_does_not_find() {
    for nth in [1, 2] {
        let scene = applied(DNS.to_owned()).await;
        // The commit, then the end of the predecessor: each is sent again until it is answered.
        scene.transport.fail_nth(nth, "PUT", Mishap::late());
        scene.run("rotate dns.yaml").await.ends_with(0).says(&["Rotated", "the predecessor, ends"]);
        tokio::time::advance(Duration::from_secs(7200)).await;
        scene.given("rotate dns.yaml").await;
        let held = holder(&scene, ".env");
        scene.transport.deliver_late().await;
        assert_eq!(holder(&scene, ".env").id, held.id);
        scene.given("apply dns.yaml").await;
        assert_eq!(holder(&scene, ".env").id, held.id, "an older one that came back is not the current one");
        let in_force = |token: &&LiveToken| !scene.is_retired(&token.id);
        assert_eq!(scene.live().iter().filter(in_force).count(), 1, "{:?}", scene.live());
        scene.run("plan dns.yaml --exit-code").await.ends_with(0);
    }
}
