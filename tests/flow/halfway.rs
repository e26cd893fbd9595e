//! What got halfway: one sink has the new secret, another has not, or nobody can tell. No secret that works may end, and no
//! token be made for every try.

use std::sync::Arc;
use std::time::Duration;

use crate::profiles::{DNS, dns_but};
use crate::support::{Doom, LiveToken, Mishap, Scene, Seen};

/// A program that takes the secret only if all is well, in front of the env file.
const PROGRAM: &str = "sinks: [{ command: [sh, -c, test -e well && cat >kept], input: token }, { env_file";

/// Another env file in front of it.
const TWO: &str = "sinks: [{ env_file: api/.env, variables: { TOKEN_B: token } }, { env_file";

/// A scene in which the profile's token is made and in force.
async fn applied(profile: String) -> Scene {
    let scene = Scene::new();
    scene.world.put("dns.yaml", profile);
    scene.world.put("well", "");
    std::fs::create_dir(scene.world.path("api")).unwrap();
    scene.given("apply dns.yaml").await;
    tokio::time::advance(Duration::from_secs(300)).await;
    scene
}

fn fails(scene: &Scene) {
    std::fs::remove_file(scene.world.path("well")).unwrap();
}

/// The live tokens whose secret this file has.
fn held_by(scene: &Scene, file: &str) -> Vec<String> {
    let live = scene.live().into_iter();
    live.filter(|token| token.held_by.iter().any(|holder| holder == file)).map(|token| token.id).collect()
}

#[tokio::test(start_paused = true)]
async fn a_rotation_whose_program_goes_on_failing_ends_nothing() {
    for overlap in ["0m", "1h"] {
        let profile =
            format!("{}rotation: {{ overlap: {overlap} }}\n", dns_but("sinks: [{ env_file", PROGRAM));
        let scene = applied(profile).await;
        let old = scene.only_token().id;
        fails(&scene);
        scene.run("rotate dns.yaml").await.ends_with(1);
        for next in ["rotate dns.yaml", "rotate dns.yaml --due", "rotate dns.yaml"] {
            let ran = scene.run(next).await;
            assert_ne!(ran.code, 0, "{}", ran.err);
            assert_eq!(held_by(&scene, "kept"), [&*old], "{overlap}: {next}: {}", ran.err);
            assert!(!scene.is_retired(&old), "{overlap}: {next}: {}", ran.err);
        }
        scene.world.put("well", "");
        scene.given("rotate dns.yaml").await;
        assert!(scene.tokens().iter().all(|token| token.id != old) || scene.is_retired(&old));
        assert_eq!(held_by(&scene, "kept"), held_by(&scene, ".env"));
        assert_eq!(held_by(&scene, "kept").len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_that_goes_on_failing_costs_five_short_tokens_at_most_and_ends_nothing() {
    let profile = DNS.replace(
        "sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]",
        "sinks: [{ command: [sh, -c, test -e well && cat >kept], input: token }]\nrotation: { every: 1d }",
    );
    let scene = applied(profile).await;
    tokio::time::advance(Duration::from_secs(2 * 86_400)).await;
    fails(&scene);
    let mut refused = 0;
    for _ in 0..14 {
        let ran = scene.run("rotate dns.yaml --due").await.ends_with(1);
        refused += usize::from(ran.err.contains("custody.too-many-pending"));
        let is_current = |token: &&LiveToken| held_by(&scene, "kept") == [&*token.id];
        assert_eq!(scene.live().iter().filter(is_current).count(), 1, "the old secret works on: {}", ran.err);
        assert!(scene.live().len() <= 6, "{:?}", scene.live());
        tokio::time::advance(Duration::from_secs(12 * 3600)).await;
    }
    assert!(refused > 0, "it never came to the limit");
    scene.world.put("well", "");
    // As soon as one of the strays has ended by itself.
    tokio::time::advance(Duration::from_secs(12 * 3600)).await;
    scene.given("rotate dns.yaml --due").await;
    let held = held_by(&scene, "kept");
    assert_eq!(held.len(), 1);
    assert!(!scene.is_retired(&held[0]));
    tokio::time::advance(Duration::from_secs(6 * 86_400)).await;
    assert_eq!(scene.live().len(), 1, "strays end by themselves");
}

#[tokio::test(start_paused = true)]
async fn the_hooks_of_a_program_s_rotation_are_caught_up_with_without_another_token() {
    let profile = DNS.replace(
        "sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]",
        "sinks: [{ command: [sh, -c, cat >kept], input: token }]\nhooks: { delivered: [[test, -e, well]] }",
    );
    let scene = applied(profile).await;
    // So long after the first one was made that nothing of its run can come later.
    tokio::time::advance(Duration::from_secs(900)).await;
    let old = scene.only_token().id;
    fails(&scene);
    scene.run("rotate dns.yaml").await.ends_with(1).says(&["custody.hook", "cfmint apply dns.yaml"]);
    for again in ["rotate dns.yaml --due", "apply dns.yaml", "recover dns.yaml", "rotate dns.yaml"] {
        scene.run(again).await.ends_with(1).says(&["custody.hook"]);
        assert_eq!(scene.tokens().len(), 2, "{again}");
        assert!(!scene.is_retired(&old), "{again}: the service may still use it");
    }
    scene.world.put("well", "");
    scene.run("rotate dns.yaml").await.ends_with(0).says(&["had not run or had failed, ran now"]);
    assert_eq!(scene.tokens().len(), 2, "that rotation is finished, and no other one begun");
    assert!(scene.is_retired(&old));
}

#[tokio::test(start_paused = true)]
async fn a_successor_that_a_program_may_have_is_no_stray_and_is_followed_by_a_fresh_one() {
    let scene = applied(dns_but("sinks: [{ env_file", PROGRAM)).await;
    // It dies once all is delivered, and somebody pastes another token's secret into the file.
    scene.world.doom_at("PUT ", Doom::DeathBefore);
    scene.run("rotate dns.yaml").await;
    assert!(scene.world.is_dead());
    scene.world.revive();
    let successor = held_by(&scene, "kept");
    let foreign = scene.foreign(serde_json::from_str(r#"{"name":"theirs","policies":[]}"#).unwrap());
    scene.world.put(".env", format!("CLOUDFLARE_API_TOKEN={}\n", foreign.1));
    scene.given("recover").await;
    assert_eq!(held_by(&scene, "kept"), successor, "nobody deletes what a sink may hold");
    for command in ["recover dns.yaml", "apply dns.yaml"] {
        scene.run(command).await.ends_with(1).says(&["custody.foreign-token", "`theirs`"]);
        assert_eq!(held_by(&scene, "kept"), successor);
    }
    std::fs::remove_file(scene.world.path(".env")).unwrap();
    scene.given("recover dns.yaml").await;
    let fresh = held_by(&scene, "kept");
    assert_ne!(fresh, successor);
    assert_eq!((fresh.len(), held_by(&scene, ".env")), (1, fresh.clone()));
    assert!(scene.is_retired(&successor[0]) && !scene.is_retired(&fresh[0]));
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_not_known_within_a_minute_ends_nothing_and_is_followed_by_a_fresh_one() {
    for next in ["apply dns.yaml", "recover dns.yaml"] {
        let scene = applied(dns_but("sinks: [{ env_file", PROGRAM)).await;
        let old = scene.only_token().id;
        let transport = Arc::downgrade(&scene.transport);
        scene.world.hook("POST ", move || {
            transport.upgrade().unwrap().fail_all("GET /user/tokens/verify", Mishap::before(Seen::Refused));
            Ok(())
        });
        scene.run("rotate dns.yaml").await.ends_with(1).says(&[
            "custody.unverified",
            "a sink may hold it, so the token stays until",
            "no other token was changed",
        ]);
        scene.world.unhook();
        scene.transport.clear();
        let successor = held_by(&scene, "kept");
        assert_ne!(successor, [&*old]);
        assert!(!scene.is_retired(&old) && scene.live().len() == 2, "both secrets work");
        tokio::time::advance(Duration::from_secs(90)).await;
        scene.given(next).await;
        let fresh = held_by(&scene, "kept");
        assert_eq!((fresh.len(), held_by(&scene, ".env")), (1, fresh.clone()), "{next}");
        assert!(scene.is_retired(&old) && scene.is_retired(&successor[0]), "{next}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_one_sink_holds_is_kept_although_the_folder_of_another_is_gone() {
    let scene = applied(dns_but("sinks: [{ env_file", TWO)).await;
    scene.world.doom_at("PUT ", Doom::DeathBefore);
    scene.run("rotate dns.yaml").await;
    assert!(scene.world.is_dead());
    scene.world.revive();
    let successor = held_by(&scene, ".env");
    std::fs::remove_dir_all(scene.world.path("api")).unwrap();
    scene.given("recover").await;
    assert_eq!(held_by(&scene, ".env"), successor);
    assert_eq!(successor.len(), 1);
    scene.run("apply dns.yaml").await.ends_with(1);
    assert_eq!(held_by(&scene, ".env"), successor);
    std::fs::create_dir(scene.world.path("api")).unwrap();
    scene.given("apply dns.yaml").await;
    assert_eq!((held_by(&scene, ".env").len(), held_by(&scene, "api/.env")), (1, held_by(&scene, ".env")));
}

#[tokio::test(start_paused = true)]
async fn the_hooks_after_a_copy_run_wherever_it_died() {
    let profile =
        format!("{}hooks: {{ delivered: [[sh, -c, echo >>ran]] }}\n", dns_but("sinks: [{ env_file", TWO));
    let lacking = async || {
        let scene = applied(profile.clone()).await;
        std::fs::remove_file(scene.world.path("api/.env")).unwrap();
        std::fs::remove_file(scene.world.path("ran")).unwrap();
        scene.world.forget_effects();
        scene
    };
    let scene = lacking().await;
    let effects = scene.given_noted("apply dns.yaml").await;
    assert!(effects.iter().any(|effect| effect.starts_with("run ")), "{effects:?}");
    for position in 1..=effects.len() {
        let scene = lacking().await;
        scene.world.doom(position, Doom::DeathBefore);
        scene.run("apply dns.yaml").await;
        scene.world.revive();
        scene.given("apply dns.yaml").await;
        assert!(scene.try_text("ran").is_some(), "the run died at effect {position}");
    }
}

#[tokio::test(start_paused = true)]
async fn hooks_of_what_is_superseded_are_awaited_by_nobody() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", format!("{}hooks: {{ delivered: [[test, -e, well]] }}\n", DNS.trim_start()));
    scene.run("apply dns.yaml").await.ends_with(1);
    scene.world.put("well", "");
    tokio::time::advance(Duration::from_secs(60)).await;
    scene.given("rotate dns.yaml").await;
    scene.run("plan dns.yaml --exit-code").await.ends_with(0);
    scene.run("recover").await.ends_with(0).says(&["no run left anything unfinished"]);
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_is_gone_keeps_no_dead_secret_in_another_file() {
    for dies in [false, true] {
        let scene = applied(dns_but("sinks: [{ env_file", TWO)).await;
        if dies {
            scene.world.doom_at("DELETE ", Doom::DeathAmid);
            scene.run("revoke dns.yaml --yes").await;
            scene.world.revive();
        }
        std::fs::remove_dir_all(scene.world.path("api")).unwrap();
        scene.given("revoke dns.yaml --yes").await;
        assert_eq!(scene.live().len(), 0);
        assert_eq!(scene.world.text(".env"), "", "dies: {dies}");
    }
}
