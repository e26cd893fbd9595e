//! A signal ends every wait that nothing depends on, and what is under way is safe or finished by the next run.

use std::sync::Arc;
use std::time::Duration;

use cfmint::world::{Interrupt, World as _};
use tokio::time::Instant;

use crate::profiles::DNS;
use crate::support::{Mishap, Scene, Seen, TestWorld};

/// Lets the signal of Ctrl-C arrive just before the first effect whose name begins so.
fn interrupt_at(scene: &Scene, effect: &str) {
    let world = Arc::clone(&scene.world);
    scene.world.hook(effect, move || {
        world.interrupt(Interrupt::Interrupt);
        Ok(())
    });
}

fn go_on(scene: &Scene) {
    scene.world.unhook();
    scene.world.revive();
    scene.transport.clear();
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_another_run_ends() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let lock = scene.world.try_lock(&scene.world.path(".cfmint/lock")).unwrap();
    interrupt_at(&scene, "lock .cfmint/lock");
    let start = Instant::now();
    scene.run("roll dns.yaml").await.ends_with(130).says(&["custody.interrupted"]);
    assert!(start.elapsed() < Duration::from_secs(2));
    drop(lock);
}

#[tokio::test(start_paused = true)]
async fn the_wait_that_cloudflare_asks_for_ends_before_a_create_is_sent_again() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.transport.fail("POST /user/tokens", Mishap::before(Seen::Busy(Some(200))));
    interrupt_at(&scene, "POST /user/tokens");
    let start = Instant::now();
    scene.run("apply dns.yaml").await.ends_with(130).says(&["cloudflare.rate-limit"]);
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(scene.tokens().len(), 0);
    go_on(&scene);
    scene.run("recover").await.ends_with(0).says(&["no run left anything unfinished"]);
}

#[tokio::test(start_paused = true)]
async fn the_minute_of_verification_ends_with_the_secret_in_its_sink() {
    let scene = Scene::with(|settings| settings.propagation = Duration::from_secs(300));
    scene.world.put("dns.yaml", DNS);
    interrupt_at(&scene, "GET /user/tokens/verify");
    let start = Instant::now();
    scene.run("apply dns.yaml").await.ends_with(130).says(&["a signal stopped the run", "ends by itself"]);
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(scene.live()[0].held_by, [".env"]);
    go_on(&scene);
    assert!(scene.only_token().name.starts_with("shop-dns+new@"), "it is not in force");
}

#[tokio::test(start_paused = true)]
async fn a_rotation_stopped_amid_its_verification_is_finished_by_the_next_run() {
    let scene = Scene::with(|settings| settings.propagation = Duration::from_secs(50));
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let old = scene.only_token().id;
    interrupt_at(&scene, "POST /user/tokens");
    scene.run("rotate dns.yaml").await.ends_with(130).says(&["a signal stopped the run", "ends by itself"]);
    // Both secrets live: the old one where it is still in use, the new one in the sink.
    assert_eq!(scene.live().len(), 2);
    assert!(!scene.is_retired(&old));
    assert_eq!(scene.live()[1].held_by, [".env"]);
    go_on(&scene);
    tokio::time::advance(Duration::from_secs(300)).await;
    let stopped = scene.live()[1].id.clone();
    scene.run("rotate dns.yaml --due").await.ends_with(0);
    assert!(scene.is_retired(&old) && scene.is_retired(&stopped));
    assert_eq!(scene.live()[2].held_by, [".env"]);
    scene.run("plan dns.yaml --exit-code").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn what_a_signal_comes_before_is_skipped_and_has_not_failed() {
    let scene = Scene::new();
    scene.world.put(
        "dns.yaml",
        "version: 1\nname: dns-${environment}\npermissions: { zone: { DNS: edit } }\n\
         resources: { zones: [example.com] }\nttl: 30d\n\
         sinks: [{ env_file: \".env.${environment}\", variables: { DNS_TOKEN: token } }]\n\
         environments: { a: {}, b: {}, c: {} }\n",
    );
    interrupt_at(&scene, "POST /user/tokens");
    let ran = scene.run("apply dns.yaml --all-envs").await.ends_with(130);
    let ran =
        ran.says(&["Failed dns-a", "a signal stopped the run: `dns-a+new@", "Skipped dns-b (dns.yaml -e b)"]);
    let ran = ran.says(&["custody.interrupted]: dns.yaml -e b, dns.yaml -e c: stopped before it began"]);
    assert_eq!(ran.err.matches("error[").count(), 2, "{}", ran.err);
    assert_eq!(scene.live()[0].held_by, [".env.a"], "the answer in hand is delivered");
    go_on(&scene);
    interrupt_at(&scene, "POST /user/tokens");
    let document = scene.run("apply dns.yaml --all-envs --json").await.ends_with(130).json();
    let actions: Vec<&str> =
        document["results"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["failed", "skipped", "skipped"]);
    go_on(&scene);
    scene.given("apply dns.yaml --all-envs").await;
    let held: Vec<_> = scene.live().into_iter().filter(|token| !scene.is_retired(&token.id)).collect();
    assert_eq!(held.len(), 3, "{held:?}");
    assert!(held.iter().all(|token| token.held_by.len() == 1), "{held:?}");
}

#[tokio::test(start_paused = true)]
async fn a_question_that_is_answered_by_a_signal_deletes_nothing() {
    let scene = Scene::on(TestWorld::new().with_answers(&["yes"]), |_| {});
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let world = Arc::clone(&scene.world);
    scene.world.hook("read_line", move || {
        world.interrupt(Interrupt::Interrupt);
        // The answer is typed too late.
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    });
    scene.run("revoke dns.yaml").await.ends_with(130).says(&["[y/N]", "nothing was deleted"]);
    assert_eq!(scene.live().len(), 1);
}
