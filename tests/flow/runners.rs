//! Machines: several at once, one that lost its state, one that never had any, and a state folder that two work trees
//! share. Cloudflare's list is the record, and nobody ends what another one delivered.

use std::time::Duration;

use crate::profiles::{DNS, dns_but};
use crate::support::{Doom, LiveToken, Scene, sample};

/// Longer than a run may be under way.
const WINDOW: Duration = Duration::from_secs(16 * 60);

fn wait(duration: Duration) -> impl Future<Output = ()> {
    tokio::time::advance(duration)
}

/// A profile whose program puts the secret where every machine sees it.
fn shared(scene: &Scene) -> String {
    let store = scene.world.path("store");
    let program = format!("[sh, -c, \"cat >'{}'\"]", store.display());
    DNS.replace(
        "sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]",
        &format!("sinks: [{{ command: {program}, input: token }}]\nrotation: {{ every: 1d }}"),
    )
}

/// The token whose secret is in the store, which must work.
fn stored(scene: &Scene) -> LiveToken {
    let live = scene.live();
    let held: Vec<&LiveToken> = live.iter().filter(|token| token.held_by == ["store"]).collect();
    assert_eq!(held.len(), 1, "the store holds no secret that works: {live:?}");
    held[0].clone()
}

#[tokio::test(start_paused = true)]
async fn two_machines_that_rotate_at_once_never_end_what_the_other_delivered() {
    for apart in [0, 150, 250, 350, 450, 550, 650, 850, 1050] {
        let one = Scene::slow(Duration::from_millis(200));
        one.world.put("dns.yaml", shared(&one));
        one.given("apply dns.yaml").await;
        wait(Duration::from_secs(2 * 86_400)).await;
        let other = one.second_machine();
        let (first, second) = tokio::join!(one.run("rotate dns.yaml --due"), async {
            tokio::time::sleep(Duration::from_millis(apart)).await;
            other.run("rotate dns.yaml --due").await
        });
        let said = format!("{apart}: {first:?}\n{second:?}");
        assert!(!one.is_retired(&stored(&one).id), "{said}");
        wait(WINDOW).await;
        for machine in [&other, &one] {
            machine.run("rotate dns.yaml --due").await.ends_with(0);
            assert!(!one.is_retired(&stored(&one).id), "{said}");
        }
        wait(Duration::from_secs(2 * 3600)).await;
        let held = stored(&one);
        let in_force: Vec<LiveToken> =
            one.live().into_iter().filter(|token| !token.name.contains('+')).collect();
        assert_eq!(in_force, [held], "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_young_token_that_another_machine_announced_is_waited_for() {
    let one = Scene::new();
    one.world.put("dns.yaml", shared(&one));
    one.given("apply dns.yaml").await;
    wait(WINDOW).await;
    one.world.doom_at("PUT ", Doom::DeathBefore);
    one.run("rotate dns.yaml").await;
    assert!(one.world.is_dead());
    let pending = one.tokens().pop().unwrap().name;

    let other = one.second_machine();
    for command in ["apply dns.yaml", "rotate dns.yaml", "roll dns.yaml"] {
        other.run(command).await.ends_with(1).says(&[
            "custody.another-run",
            &pending,
            "no other run is active",
        ]);
    }
    assert_eq!(other.writes(), [""; 0]);
    wait(WINDOW).await;
    other.run("apply dns.yaml").await.ends_with(0).says(&["Rotated"]);
    assert!(!one.is_retired(&stored(&one).id));
    // Where its own note tells that the run is dead, nobody waits.
    one.world.revive();
    one.run("apply dns.yaml").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn whoever_made_it_knows_at_once_that_its_run_is_dead() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", shared(&scene));
    scene.given("apply dns.yaml").await;
    wait(WINDOW).await;
    scene.world.doom_at("PUT ", Doom::DeathBefore);
    scene.run("rotate dns.yaml").await;
    scene.world.revive();
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Rotated"]);
    assert!(!scene.is_retired(&stored(&scene).id));
}

#[tokio::test(start_paused = true)]
async fn a_state_folder_that_is_lost_at_any_moment_loses_nothing() {
    for command in ["apply dns.yaml", "rotate dns.yaml", "roll dns.yaml"] {
        for opaque in [false, true] {
            let set = async || {
                let scene = Scene::new();
                let program = "sinks: [{ command: [sh, -c, cat >kept], input: token }, { env_file";
                let profile = if opaque { dns_but("sinks: [{ env_file", program) } else { DNS.to_owned() };
                scene.world.put("dns.yaml", profile);
                if command != "apply dns.yaml" {
                    scene.given("apply dns.yaml").await;
                    wait(WINDOW).await;
                }
                scene
            };
            let effects = set().await.given_noted(command).await;
            let first = effects.iter().position(|effect| effect.starts_with("POST ")).unwrap();
            for position in sample(2, usize::from(opaque), first..=effects.len()) {
                let scene = set().await;
                scene.world.doom(position, Doom::DeathAmid);
                scene.run(command).await;
                scene.world.revive();
                std::fs::remove_dir_all(scene.world.path(".cfmint")).unwrap();
                let said = format!("{command}, opaque: {opaque}, {position}");
                wait(WINDOW).await;
                scene.run("apply dns.yaml").await;
                let live = scene.live();
                let held: Vec<&LiveToken> = live.iter().filter(|token| !token.held_by.is_empty()).collect();
                if held.is_empty() {
                    // Only an env file that holds a dead secret is refused, with the way out.
                    scene.run("apply dns.yaml").await.ends_with(1).says(&["custody.not-held"]);
                    scene.given("rotate dns.yaml").await;
                }
                let live = scene.live();
                let in_force: Vec<&LiveToken> =
                    live.iter().filter(|token| !token.name.contains('+')).collect();
                assert_eq!(in_force.len(), 1, "{said}: {live:?}");
                let sinks: &[&str] = if opaque { &[".env", "kept"] } else { &[".env"] };
                assert_eq!(in_force[0].held_by, sinks, "{said}");
                wait(Duration::from_secs(6 * 86_400)).await;
                assert_eq!(scene.live().len(), 1, "{said}: strays end by themselves");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_one_work_tree_left_is_not_finished_in_another_that_shares_its_state_folder() {
    for command in ["apply dns.yaml", "rotate dns.yaml", "roll dns.yaml"] {
        let one = Scene::new();
        let program = "sinks: [{ command: [./store.sh], input: token }, { env_file";
        let store = "#!/bin/sh\ncat >>kept\n";
        let make = |scene: &Scene| {
            let script = scene.world.put("store.sh", store);
            std::fs::set_permissions(script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        };
        one.world.put("dns.yaml", dns_but("sinks: [{ env_file", program));
        make(&one);
        let state = one.world.path(".cfmint").display().to_string();
        if command != "apply dns.yaml" {
            one.given("apply dns.yaml").await;
        }
        one.world.doom_at(if command == "roll dns.yaml" { "PUT " } else { "POST " }, Doom::DeathAmid);
        one.run(command).await;
        assert!(one.world.is_dead());

        let other = one.second_machine();
        std::fs::remove_file(other.world.path("dns.yaml")).unwrap();
        other.world.put("blog.yaml", dns_but("sinks: [{ env_file", program).replace("shop-dns", "blog"));
        make(&other);
        for next in ["recover", "apply blog.yaml", "recover blog.yaml", "prune --older-than 900d --yes"] {
            other.run(&format!("{next} --state-dir {state}")).await.ends_with(0);
        }
        let blog: Vec<LiveToken> =
            one.live().into_iter().filter(|token| token.name.starts_with("blog@")).collect();
        assert_eq!(blog.len(), 1);
        let held = other.live().into_iter().find(|token| token.id == blog[0].id).unwrap().held_by;
        assert_eq!(held, [".env", "kept"], "its own secret, and no other");
        assert_eq!(other.world.text("kept").len(), one.secrets().last().unwrap().len(), "{command}");

        one.world.revive();
        one.given("apply dns.yaml").await;
        let live = one.live();
        let held: Vec<&LiveToken> =
            live.iter().filter(|token| !token.held_by.is_empty() && !one.is_retired(&token.id)).collect();
        assert_eq!(held.len(), 1, "{command}: {live:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_of_an_earlier_version_is_told_of_and_otherwise_nothing() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let (id, secret) = scene.foreign(crate::keeping::others());
    let name = scene.emulator.token_of(&cfmint::secret::Secret::new(secret)).unwrap().token.name;
    let sinks = r#"[{"command":{"argv":["sh","-c","cat >stolen"],"input":"token"}}]"#;
    let intents = ["create", "roll", "rotate", "revoke", "delete"].map(|work| {
        format!(
            "0000000000000000 {{\"intend\":{{\"number\":1,\"intent\":{{\"name\":\"{name}\",\"id\":\"{id}\",\"work\":\"{work}\",\
             \"profile\":\"dns.yaml\",\"sinks\":{sinks},\"hooks\":true}}}}}}\n"
        )
    });
    let before = (scene.tokens(), scene.world.text(".env"));
    for journal in [intents.concat(), "damaged beyond reading\n".to_owned(), String::new()] {
        scene.world.put(".cfmint/journal", &journal);
        for command in
            ["plan dns.yaml", "recover", "recover dns.yaml", "apply dns.yaml", "rotate dns.yaml --due"]
        {
            let ran = scene.run(command).await.ends_with(0);
            assert_eq!(
                ran.err.matches("an earlier version of cfmint left a journal").count(),
                1,
                "{command}: {}",
                ran.err
            );
        }
        assert_eq!(scene.world.text(".cfmint/journal"), journal, "it is not ours to delete");
        assert_eq!(scene.writes(), [""; 0]);
        assert!(!scene.story().iter().any(|effect| effect.starts_with("run ")), "{:?}", scene.story());
    }
    assert!(!scene.world.path("stolen").exists());
    let gist = |tokens: Vec<cfmint::cloudflare::wire::Token>| -> Vec<_> {
        tokens.into_iter().map(|token| (token.id, token.name, token.expires_on)).collect()
    };
    assert_eq!((gist(scene.tokens()), scene.world.text(".env")), (gist(before.0), before.1));
}

#[tokio::test(start_paused = true)]
async fn forged_marks_end_nothing_that_is_not_a_pending_token_of_their_own() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let live = scene.only_token();
    let mark = live.name.rsplit('@').next().unwrap().to_owned();
    let until = "2029-01-01T00:00:00Z";
    scene.world.put(".cfmint/marks", format!("{mark} announced {until}\nnonsense\n{mark} delivering\n"));
    for command in ["recover", "recover dns.yaml", "apply dns.yaml"] {
        scene.run(command).await.ends_with(0);
        let now = scene.only_token();
        assert_eq!((now.id, now.name, now.expires_on), (live.id.clone(), live.name.clone(), live.expires_on));
    }
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn five_runs_that_do_not_finish_are_the_most_and_all_end_by_themselves() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    for number in 1..=5 {
        wait(Duration::from_secs(60)).await;
        // A machine that dies and is thrown away.
        scene.world.doom_at("PUT ", Doom::DeathBefore);
        scene.run("rotate dns.yaml").await;
        scene.world.revive();
        std::fs::remove_file(scene.world.path(".cfmint/marks")).unwrap();
        assert_eq!(scene.tokens().len(), 1 + number);
        wait(WINDOW).await;
    }
    let ran = scene.run("rotate dns.yaml").await.ends_with(1);
    let ran = ran.says(&["custody.too-many-pending", "5 runs did not finish", "cfmint revoke dns.yaml"]);
    ran.says(&["5 tokens are pending"]).says_nothing_of("is pending since");
    assert_eq!(scene.tokens().len(), 6);
    wait(Duration::from_secs(5 * 86_400)).await;
    assert_eq!(scene.live().len(), 1, "they ended");
    scene.given("rotate dns.yaml").await;
    assert_eq!(scene.live().iter().filter(|token| token.held_by == [".env"]).count(), 1);
}
