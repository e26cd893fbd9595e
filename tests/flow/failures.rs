//! Creates that go wrong: less granted than asked, a secret that cannot be stored, an answer that is lost.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use cfmint::emulator::Ungrantable;
use cfmint::world::Interrupt;

use crate::profiles::{DNS, DNS_WRITE, SHOP, dns_but};
use crate::support::{Doom, LiveToken, Mishap, Scene, Seen};

/// Lets every effect fail whose name begins so, once a token is made.
fn fail_once_made(scene: &Scene, name: &str, kind: ErrorKind) {
    let emulator = scene.emulator.clone();
    let first = emulator.tokens().len();
    scene.world.hook(name, move || {
        if emulator.tokens().len() > first { Err(std::io::Error::from(kind)) } else { Ok(()) }
    });
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_for_the_rate_limit_is_told_before_it_begins_and_once() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    for (nth, seconds) in [(1, 3), (2, 285), (3, 290)] {
        scene.transport.fail_nth(nth, "POST /user/tokens", Mishap::before(Seen::Busy(Some(seconds))));
    }
    let ran = scene.run("apply shop.yaml").await.ends_with(0);
    ran.says(&["waiting 285 s"]).says_nothing_of("waiting 3 s").says_nothing_of("waiting 290 s");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_got_less_than_was_asked_is_deleted_and_nothing_is_written() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    scene.emulator.switch(|switches| {
        switches.ungrantable = Ungrantable::Dropped;
        switches.withheld_groups.insert(DNS_WRITE.to_owned());
    });
    scene
        .run("apply shop.yaml")
        .await
        .ends_with(1)
        .says(&["custody.dropped", "DNS Write on zone example.com", "DNS Write on zone example.net"])
        .says_nothing_of("Workers Scripts Write on");
    assert_eq!(scene.writes(), ["POST /user/tokens", "DELETE /user/tokens/ID"]);
    assert_eq!(scene.tokens().len(), 0);
    assert!(!scene.world.path(".env").exists());
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_secret_cannot_be_stored_is_deleted_again_and_the_files_are_as_before() {
    for (effect, kind) in [
        ("create 600 .cfmint/.env", ErrorKind::StorageFull),
        ("write", ErrorKind::StorageFull),
        ("rename .cfmint/.env", ErrorKind::PermissionDenied),
        ("create 600 .cfmint/marks.new", ErrorKind::StorageFull),
        ("sync", ErrorKind::StorageFull),
        ("rename .cfmint/marks.new", ErrorKind::PermissionDenied),
    ] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        scene.world.put(".env", "# mine\nPORT=1\n");
        fail_once_made(&scene, effect, kind);
        let is_noted = effect.contains("/.env") || effect.contains("/marks");
        let ran = scene.run("apply dns.yaml").await.ends_with(1);
        if effect.contains(".env") {
            ran.says(&["custody.undelivered", "deleted again"]);
        } else if is_noted {
            ran.says(&["state.note"]);
        }
        assert_eq!(scene.tokens().len(), 0, "{effect}");
        assert_eq!(scene.world.text(".env"), "# mine\nPORT=1\n", "{effect}");
        assert!(scene.leaks(&[]).is_empty(), "{effect}: {:?}", scene.leaks(&[]));
        scene.world.unhook();
        scene.given("apply dns.yaml").await;
        assert_eq!(scene.live().len(), 1, "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_in_place_and_perhaps_not_on_the_disk_is_not_deleted() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    let emulator = scene.emulator.clone();
    let first = emulator.tokens().len();
    let mut is_moved = false;
    let world = Arc::downgrade(&scene.world);
    scene.world.hook("sync_folder .", move || {
        is_moved |= world.upgrade().unwrap().path(".env").exists();
        if is_moved && emulator.tokens().len() > first { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    });
    scene.run("apply dns.yaml").await.ends_with(1).says(&["custody.undelivered", "a sink may hold it"]);
    assert_eq!(scene.live().len(), 1, "what a sink may hold lives on");
    scene.world.unhook();
    scene.given("apply dns.yaml").await;
    let live = scene.live();
    let held: Vec<_> = live.iter().filter(|token| token.held_by == [".env"]).collect();
    assert_eq!(held.len(), 1);
    assert!(live.iter().all(|token| token.id == held[0].id || scene.is_retired(&token.id)));
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_fails_at_the_second_file_is_taken_back_from_the_first() {
    let two = dns_but(
        "sinks: [{ env_file: .env,",
        "sinks: [{ env_file: .env.web, variables: { T: token } }, { env_file: .env,",
    );
    for before in [None, Some(""), Some("PORT=1\n"), Some("T=\n"), Some("# T=1\r\nT= # ours\r\nPORT=1")] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", &two);
        if let Some(text) = before {
            scene.world.put(".env.web", text);
        }
        fail_once_made(&scene, "create 600 .cfmint/.env.cfmint-", ErrorKind::StorageFull);
        scene
            .run("apply dns.yaml")
            .await
            .ends_with(1)
            .says(&["custody.undelivered", "the sinks hold again what they held before"]);
        let after = std::fs::read_to_string(scene.world.path(".env.web")).ok();
        assert_eq!(after.as_deref(), before);
        // Whoever read the file meanwhile can work to the end of the overlap.
        let token = scene.only_token();
        assert!(token.name.starts_with("shop-dns+old@"), "{}", token.name);
        assert!(scene.is_retired(&token.id));
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(scene.live().len(), 0, "it ended by itself");
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_wrote_meanwhile_stays_when_a_delivery_is_taken_back() {
    let two = dns_but(
        "sinks: [{ env_file: .env,",
        "sinks: [{ env_file: .env.web, variables: { T: token } }, { env_file: .env,",
    );
    let scene = Scene::new();
    scene.world.put("dns.yaml", two);
    let (emulator, web) = (scene.emulator.clone(), scene.world.path(".env.web"));
    scene.world.hook("create 600 .cfmint/.env.cfmint-", move || {
        if emulator.tokens().iter().all(|owned| !owned.token.name.starts_with("shop-dns+new@")) {
            return Ok(());
        }
        let theirs = std::fs::read_to_string(&web).unwrap() + "PORT=1\n";
        std::fs::write(&web, theirs).unwrap();
        Err(ErrorKind::StorageFull.into())
    });
    scene.run("apply dns.yaml").await.ends_with(1).says(&["custody.undelivered"]);
    assert_eq!(scene.world.text(".env.web"), "PORT=1\n");
    assert!(scene.is_retired(&scene.only_token().id));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_even_be_deleted_ends_by_itself_and_the_run_says_when() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    fail_once_made(&scene, "rename .cfmint/.env", ErrorKind::PermissionDenied);
    scene.transport.fail_all("DELETE", Mishap::before(Seen::Error(500)));
    let ran = scene.run("apply dns.yaml").await;
    let stray = scene.only_token();
    let end = stray.expires_on.unwrap().format("%Y-%m-%d %H:%M UTC").to_string();
    ran.ends_with(1).says(&[
        "custody.undelivered",
        "deleting it again failed",
        &format!("ends by itself {end}"),
    ]);

    scene.transport.clear();
    scene.world.unhook();
    scene.run("recover").await.ends_with(0).says(&[&stray.name, "is pending since", &format!("ends {end}")]);
    let command = format!("revoke --id {} --yes", stray.id);
    scene.run(&command).await.ends_with(0);
    assert_eq!(scene.tokens().len(), 0);
    scene.run(&command).await.ends_with(1).says(&["custody.no-such-token"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_answer_was_lost_is_found_by_its_mark_deleted_and_made_again() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.transport.fail("POST", Mishap::after(Seen::Lost));
    scene.run("apply dns.yaml").await.ends_with(0).says(&["an answer was lost", "was found and deleted"]);
    let requests: Vec<String> =
        scene.story().into_iter().filter(|effect| effect.contains(" /user/tokens")).skip(2).collect();
    let expected = [
        "POST /user/tokens",
        "GET /user/tokens",
        "DELETE /user/tokens/ID",
        "POST /user/tokens",
        "GET /user/tokens/verify",
        "GET /user/tokens",
        "PUT /user/tokens/ID",
    ];
    assert_eq!(requests, expected);
    assert_eq!(scene.live().len(), 1);
    assert_eq!(scene.live()[0].held_by, [".env"]);
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_one_request_of_an_apply_one_token_is_there_and_its_secret_is_in_the_file() {
    for request in
        ["GET /zones", "GET /user/tokens", "POST /user/tokens", "GET /user/tokens/verify", "PUT /user/tokens"]
    {
        for mishap in Mishap::all() {
            let scene = Scene::new();
            scene.world.put("dns.yaml", DNS);
            scene.transport.fail(request, mishap);
            let ran = scene.run("apply dns.yaml").await;
            assert_eq!(ran.code, 0, "{request} {mishap:?}\n{}", ran.err);
            let live = scene.live();
            assert_eq!(live.len(), 1, "{request} {mishap:?}");
            assert_eq!(live[0].held_by, [".env"], "{request} {mishap:?}");
            assert!(scene.leaks(&[".env"]).is_empty(), "{request} {mishap:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_every_time_leaves_no_token_behind() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.transport.fail_all("POST", Mishap::after(Seen::Lost));
    scene.run("apply dns.yaml").await.ends_with(1).says(&["cloudflare.no-answer"]);
    assert_eq!(scene.transport.minted().len(), 3);
    assert_eq!(scene.tokens().len(), 0);
    assert!(!scene.world.path(".env").exists());
}

#[tokio::test(start_paused = true)]
async fn where_one_of_two_profiles_fails_the_other_stands_and_the_exit_code_says_some() {
    let scene = Scene::new();
    scene.world.put("all/a.yaml", DNS);
    scene
        .world
        .put("all/b.yaml", dns_but("shop-dns", "shop-web").replace("env_file: .env", "env_file: .env.web"));
    scene.transport.fail_nth(2, "POST", Mishap::before(Seen::Busy(Some(301))));
    let ran = scene.run("apply all --json").await.ends_with(4);
    let report = ran.json();
    let actions: Vec<_> = report["results"].as_array().unwrap().iter().map(|row| &row["action"]).collect();
    assert_eq!(actions, ["created", "failed"]);
    assert_eq!(report["problems"][0]["code"], "cloudflare.rate-limit");
    assert_eq!(scene.live()[0].held_by, [".env"]);
    scene.run("apply all").await.ends_with(0).says(&["Unchanged shop-dns@", "Created shop-web@"]);
}

#[tokio::test(start_paused = true)]
async fn a_signal_lets_the_step_at_hand_reach_its_end_and_no_other_begins() {
    let scene = Scene::new();
    scene.world.put("all/a.yaml", DNS);
    scene
        .world
        .put("all/b.yaml", dns_but("shop-dns", "shop-web").replace("env_file: .env", "env_file: .env.web"));
    let world = Arc::downgrade(&scene.world);
    scene.world.hook("POST", move || {
        world.upgrade().unwrap().interrupt(Interrupt::Terminate);
        Ok(())
    });
    scene.run("apply all").await.ends_with(143).says(&[
        "custody.interrupted",
        "a signal stopped the run: `shop-dns+new@",
        "Skipped shop-web",
    ]);
    assert_eq!(scene.writes(), ["POST /user/tokens"]);
    assert_eq!(scene.live().len(), 1);
    assert_eq!(scene.live()[0].held_by, [".env"], "the answer in hand is delivered");

    scene.world.unhook();
    scene.world.revive();
    scene.given("apply all").await;
    let live = scene.live();
    assert_eq!(live.iter().filter(|token| !token.held_by.is_empty()).count(), 2);
    let is_stray = |token: &&LiveToken| token.held_by.is_empty();
    assert!(live.iter().filter(is_stray).all(|token| scene.is_retired(&token.id)), "{live:?}");
}

#[tokio::test(start_paused = true)]
async fn a_signal_after_the_commit_leaves_the_predecessor_to_the_next_run() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let old = scene.only_token().id;
    let world = Arc::downgrade(&scene.world);
    scene.world.hook("PUT", move || {
        world.upgrade().unwrap().interrupt(Interrupt::Interrupt);
        Ok(())
    });
    let ran = scene.run("rotate dns.yaml").await.ends_with(130);
    ran.says(&["Rotated shop-dns@", "could not be retired"]).says_nothing_of("Skipped");
    assert!(!scene.is_retired(&old));
    scene.world.unhook();
    scene.world.revive();
    scene.given("apply dns.yaml").await;
    assert!(scene.is_retired(&old));
    assert_eq!(scene.live().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn two_runs_at_once_make_one_token() {
    let scene = Scene::slow(Duration::from_secs(1));
    scene.world.put("dns.yaml", DNS);
    let (one, other) = tokio::join!(scene.run("apply dns.yaml"), scene.run("apply dns.yaml"));
    one.ends_with(0).says(&["Created"]);
    other.ends_with(0).says(&["Unchanged", "another run of cfmint is active here"]);
    assert_eq!(scene.writes(), ["POST /user/tokens", "PUT /user/tokens/ID"]);
}

#[tokio::test(start_paused = true)]
async fn whatever_effect_fails_for_want_of_space_the_next_run_finishes_the_work() {
    for command in ["apply dns.yaml", "roll dns.yaml", "revoke dns.yaml --yes"] {
        let set = async || {
            let scene = Scene::new();
            scene.world.put("dns.yaml", DNS);
            if !command.starts_with("apply") {
                scene.given("apply dns.yaml").await;
            }
            scene
        };
        let scene = set().await;
        scene.run(command).await.ends_with(0);
        for (position, effect) in scene.story().into_iter().enumerate() {
            let scene = set().await;
            scene.world.doom(position + 1, Doom::Error(ErrorKind::StorageFull));
            scene.run(command).await;
            scene.run(command).await.ends_with(0);
            let is_kept = |token: &LiveToken| !scene.is_retired(&token.id);
            let held: Vec<Vec<String>> =
                scene.live().into_iter().filter(is_kept).map(|token| token.held_by).collect();
            let expected: &[Vec<String>] =
                if command.starts_with("revoke") { &[] } else { &[vec![".env".to_owned()]] };
            assert_eq!(held, expected, "{command}: {effect}");
            assert!(scene.leaks(&[".env"]).is_empty(), "{command}: {effect}");
            let files = scene.world.files();
            assert!(!files.iter().any(|file| file.contains(".cfmint-")), "{command}: {effect}: {files:?}");
        }
    }
}
