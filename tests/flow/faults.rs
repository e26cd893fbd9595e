//! Two things that go wrong at once, and programs that misbehave: what a sink may hold lives on, and nothing is said to be
//! well that is not.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;
use std::time::Duration;

use cfmint::cloudflare::wire::{ApiPolicy, Condition, IpCondition};
use cfmint::secret::Secret;
use cfmint::sink::SinkError;
use cfmint::world::{Interrupt, World as _};
use chrono::TimeDelta;
use tokio::time::Instant;

use crate::profiles::{DNS, dns_but, dns_with};
use crate::support::{Doom, LiveToken, Mishap, Scene, Seen, TestWorld};

/// A program that keeps what it reads, in front of the env file.
const PROGRAM: &str = "sinks: [{ command: [sh, -c, cat >kept], input: token }, { env_file";

/// Two env files.
const TWO: &str = "sinks: [{ env_file: .env.web, variables: { T: token } }, { env_file";

pub(crate) async fn applied(profile: &str) -> Scene {
    let scene = Scene::new();
    scene.world.put("dns.yaml", profile);
    scene.given("apply dns.yaml").await;
    tokio::time::advance(Duration::from_secs(20 * 60)).await;
    scene
}

/// The one token whose secret this file holds, which must work.
pub(crate) fn holder(scene: &Scene, file: &str) -> LiveToken {
    let live = scene.live();
    let held: Vec<&LiveToken> =
        live.iter().filter(|token| token.held_by.iter().any(|holder| holder == file)).collect();
    assert_eq!(held.len(), 1, "{file} holds no secret that works: {live:?}");
    held[0].clone()
}

#[tokio::test(start_paused = true)]
async fn what_a_hook_switched_a_service_to_lives_until_its_own_overlap_is_over() {
    let hooks = "hooks: { delivered: [[sh, -c, cp kept service]] }";
    let profile = format!("{}{hooks}\n", dns_but("sinks: [{ env_file", PROGRAM).trim_start());
    for (nth, overlap_begun) in [(1, false), (2, true)] {
        let scene = applied(&profile).await;
        // The commit, or the end of the predecessor.
        let mut puts = 0;
        let world = Arc::downgrade(&scene.world);
        scene.world.hook("PUT ", move || {
            puts += 1;
            if puts == nth {
                world.upgrade().unwrap().doom(1, Doom::DeathBefore);
            }
            Ok(())
        });
        scene.run("rotate dns.yaml").await;
        assert!(scene.world.is_dead());
        scene.world.unhook();
        scene.world.revive();
        let in_use = holder(&scene, "service");
        for next in ["recover", "recover dns.yaml", "apply dns.yaml"] {
            scene.run(next).await.ends_with(0);
            let now = scene.tokens().into_iter().find(|token| token.id == in_use.id);
            assert!(
                now.is_some_and(
                    |token| token.expires_on.unwrap() - scene.world.now() >= TimeDelta::minutes(59)
                )
            );
            let secret = scene.world.text("service");
            let works = scene.live().iter().any(|token| token.held_by.contains(&"service".to_owned()));
            assert!(works, "{next}, {overlap_begun}: {secret} is dead");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_put_back_is_not_deleted() {
    let scene = applied(&dns_but("sinks: [{ env_file", TWO)).await;
    let old = scene.only_token().id;
    let (emulator, first) = (scene.emulator.clone(), scene.emulator.tokens().len());
    let fails = move || {
        if emulator.tokens().len() > first {
            Err(std::io::Error::from(ErrorKind::StorageFull))
        } else {
            Ok(())
        }
    };
    // The second file cannot be written, and from then on the first cannot be put back.
    let again = fails.clone();
    let mut count = 0;
    scene.world.hook("create 600 .cfmint/.env.cfmint", fails);
    scene.world.hook("create 600 .cfmint/.env.web", move || {
        count += usize::from(again().is_err());
        if count > 1 { again() } else { Ok(()) }
    });
    scene.run("rotate dns.yaml").await.ends_with(1).says(&["custody.undelivered", "a sink may hold it"]);
    let successor = holder(&scene, ".env.web");
    assert_ne!(successor.id, old);
    assert_eq!(holder(&scene, ".env").id, old);
    assert!(!scene.is_retired(&old), "nothing is retired");

    scene.world.unhook();
    scene.given("apply dns.yaml").await;
    assert_eq!(holder(&scene, ".env").id, holder(&scene, ".env.web").id);
}

#[tokio::test(start_paused = true)]
async fn an_old_value_that_works_no_more_is_not_put_back() {
    let scene = applied(&dns_but("sinks: [{ env_file", TWO)).await;
    let old = scene.only_token().id;
    let (emulator, ended) = (scene.emulator.clone(), old.clone());
    scene.world.hook("create 600 .cfmint/.env.cfmint", move || {
        // While the run is at work somebody deletes the predecessor, and the disk fills.
        if emulator.tokens().iter().any(|owned| owned.token.name.contains("+new")) {
            assert!(emulator.remove_token(&ended));
            return Err(ErrorKind::StorageFull.into());
        }
        Ok(())
    });
    scene.run("rotate dns.yaml").await.ends_with(1).says(&["custody.undelivered", "a sink may hold it"]);
    assert_ne!(holder(&scene, ".env.web").id, old, "the only secret that works stays where it is");
}

#[tokio::test(start_paused = true)]
async fn housekeeping_that_is_refused_stops_no_job() {
    for what in ["an expired one", "the predecessor"] {
        let scene = applied(DNS).await;
        let old = scene.only_token();
        if what == "an expired one" {
            scene.given("rotate dns.yaml").await;
            tokio::time::advance(Duration::from_secs(3 * 3600)).await;
            scene.transport.refuse("DELETE", &old.id);
        } else {
            scene.transport.refuse("PUT", &old.id);
        }
        for command in
            ["apply dns.yaml", "rotate dns.yaml", "roll dns.yaml", "rotate dns.yaml --due", "apply dns.yaml"]
        {
            scene.run(command).await.ends_with(0);
            holder(&scene, ".env");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_successor_takes_over_what_was_added_to_its_predecessor() {
    let scene = applied(DNS).await;
    scene.meddle(|token| {
        token.policies.push(ApiPolicy { effect: "deny".to_owned(), id: None, ..token.policies[0].clone() });
        let rule = IpCondition { allow: vec!["127.0.0.0/8".to_owned()], deny: vec![] };
        token.condition = Some(Condition { request_ip: Some(rule), ..Condition::default() });
    });
    let gist = |token: cfmint::cloudflare::wire::Token| {
        let denied = token.policies.into_iter().find(|policy| policy.effect == "deny").unwrap();
        let groups: Vec<String> = denied.permission_groups.into_iter().map(|group| group.id).collect();
        (groups, denied.resources, token.condition)
    };
    let before = scene.only_token();
    let words = ["keeps the IP rule", "keeps the deny policy"];
    scene.run("plan dns.yaml --exit-code").await.ends_with(0).says(&words);
    scene.run("rotate dns.yaml").await.ends_with(0).says(&words);
    let held = holder(&scene, ".env").id;
    assert_ne!(held, before.id);
    let after = scene.tokens().into_iter().find(|token| token.id == held).unwrap();
    let sorted = |(mut groups, resources, condition): (Vec<String>, _, _)| {
        groups.sort();
        (groups, resources, condition)
    };
    assert_eq!(sorted(gist(after)), sorted(gist(before)));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_written_in_the_way_it_will_be_keeps_the_old_secret_alive() {
    // A full disk for what is as long as the secret, an immutable file, a read-only folder.
    for (effect, kind) in [
        ("write", ErrorKind::StorageFull),
        ("reserve", ErrorKind::StorageFull),
        ("rename .cfmint/.env", ErrorKind::PermissionDenied),
        ("create 600 .cfmint/.env", ErrorKind::ReadOnlyFilesystem),
        ("open .env", ErrorKind::PermissionDenied),
    ] {
        for is_mount in [false, true] {
            let scene = applied(DNS).await;
            if is_mount {
                scene.world.mount(".env");
            }
            let (before, secrets) = (scene.world.text(".env"), scene.secrets());
            scene.world.fail(effect, kind);
            let ran = scene.run("roll dns.yaml").await;
            scene.world.unhook();
            if ran.code == 0 {
                // That way is not the one that is used here.
                assert!(scene.live().len() == 1);
                holder(&scene, ".env");
                continue;
            }
            assert!(
                !scene.story().iter().any(|effect| effect.ends_with("/value")),
                "{effect}, {is_mount}: {ran:?}"
            );
            assert_eq!(scene.world.text(".env"), before, "{effect}, {is_mount}");
            assert!(
                scene.emulator.token_of(&Secret::new(secrets[0].clone())).is_some(),
                "{effect}, {is_mount}"
            );
            scene.given("apply dns.yaml").await;
            scene.given("roll dns.yaml").await;
            holder(&scene, ".env");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_that_prints_what_it_reads_or_what_is_derived_from_it_shows_nothing() {
    let say = "read -r t; echo \"got $t\"; echo \"again $t\" >&2; printf %s \"$t\" | sha256sum; printf %s \"$t\" | base64 -w0; exit $1";
    for (code, ends) in [(0, 0), (3, 1)] {
        for manner in ["", " --json -vvv"] {
            let scene = Scene::new();
            scene.world.put("say.sh", say);
            let program =
                format!("sinks: [{{ command: [sh, say.sh, \"{code}\"], input: token }}, {{ env_file");
            scene.world.put("dns.yaml", dns_but("sinks: [{ env_file", &program));
            scene.run(&format!("apply dns.yaml{manner}")).await.ends_with(ends);
            if code == 0 {
                scene.run(&format!("roll dns.yaml{manner}")).await.ends_with(0);
            }
            assert!(!scene.secrets().is_empty());
            assert_eq!(scene.leaks(&[".env"]), std::collections::BTreeSet::new(), "{code}{manner}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_secret_goes_among_cfmint_s_own_files() {
    for path in [
        ".cfmint/journal",
        ".cfmint/marks",
        ".cfmint/lock",
        ".cfmint/x",
        "x/../.cfmint/marks",
        ".env.cfmint-01234567",
    ] {
        let scene = Scene::new();
        std::fs::create_dir(scene.world.path("x")).unwrap();
        scene.world.put("dns.yaml", dns_but("env_file: .env", &format!("env_file: {path}")));
        for command in ["apply dns.yaml", "apply dns.yaml --fix-gitignore --replace", "plan dns.yaml"] {
            let ran = scene.run(command).await;
            assert!(ran.code == 1 || ran.code == 2, "{path}: {ran:?}");
        }
        assert_eq!(scene.writes(), [""; 0], "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_folder_whose_name_is_no_text_is_a_folder_like_any_other() {
    let scene = Scene::outside_git(TestWorld::new().starting_in(OsStr::from_bytes(b"caf\xe9")), |_| {});
    let folder = scene.world.folder().to_owned();
    std::fs::write(folder.join("dns.yaml"), DNS).unwrap();
    scene.world.doom_at("PUT ", Doom::DeathBefore);
    scene.run("apply dns.yaml").await;
    assert!(scene.world.is_dead());
    scene.world.revive();
    for command in ["recover", "apply dns.yaml", "rotate dns.yaml", "recover dns.yaml", "roll dns.yaml"] {
        scene.run(command).await.ends_with(0);
        tokio::time::advance(Duration::from_secs(60)).await;
    }
    let text = std::fs::read_to_string(folder.join(".env")).unwrap();
    let secret = text.trim().split_once('=').unwrap().1;
    let token = scene.emulator.token_of(&Secret::new(secret.to_owned())).unwrap().token;
    assert!(token.name.starts_with("shop-dns@"), "{} is what the file holds", token.name);
}

#[tokio::test(start_paused = true)]
async fn a_signal_and_a_server_that_hangs_end_a_run_within_its_grace() {
    for (command, request) in [
        ("apply dns.yaml", "POST"),
        ("apply dns.yaml", "GET /user/tokens/verify"),
        ("apply dns.yaml", "PUT"),
        ("rotate dns.yaml", "POST"),
        ("roll dns.yaml", "POST"),
        ("roll dns.yaml", "PUT"),
        ("revoke dns.yaml --yes", "DELETE"),
    ] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        if !command.starts_with("apply") {
            scene.given("apply dns.yaml").await;
            tokio::time::advance(Duration::from_secs(20 * 60)).await;
        }
        let world = Arc::downgrade(&scene.world);
        scene.world.hook(request, move || {
            world.upgrade().unwrap().interrupt(Interrupt::Terminate);
            Ok(())
        });
        // Up to the signal all goes well.
        scene.transport.fail_all(request, Mishap::before(Seen::Silence));
        let transport = Arc::downgrade(&scene.transport);
        scene.world.hook(request, move || {
            let transport = transport.upgrade().unwrap();
            for method in ["GET ", "POST ", "PUT ", "DELETE "] {
                transport.fail_all(method, Mishap::before(Seen::Silence));
            }
            Ok(())
        });
        let start = Instant::now();
        scene.run(command).await.ends_with(143);
        assert!(start.elapsed() <= Duration::from_secs(11), "{command}, {request}: {:?}", start.elapsed());
        let asked = scene.story();
        let at = asked.iter().position(|effect| effect.starts_with(request)).unwrap();
        let new =
            asked[at + 1..].iter().filter(|effect| effect.starts_with("POST ") || effect.ends_with("/value"));
        assert_eq!(
            new.count(),
            0,
            "{command}, {request}: nothing is made or rolled after the signal: {asked:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_is_let_finish_and_the_signal_is_told_of() {
    let scene = Scene::new();
    let program = "sinks: [{ command: [sh, -c, sleep 0.2; cat >kept], input: token }, { env_file";
    scene.world.put("dns.yaml", dns_but("sinks: [{ env_file", program));
    let world = Arc::downgrade(&scene.world);
    scene.world.hook("run sh", move || {
        world.upgrade().unwrap().interrupt(Interrupt::Interrupt);
        Ok(())
    });
    scene.run("apply dns.yaml").await.ends_with(130).says(&["custody.interrupted", "ends by itself"]);
    assert_eq!(holder(&scene, "kept").id, holder(&scene, ".env").id);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_would_end_after_another_run_may_begin_is_not_begun() {
    let scene = applied(&dns_but("sinks: [{ env_file", PROGRAM)).await;
    let before = scene.world.text("kept");
    let world = Arc::clone(&scene.world);
    // The machine sleeps while the token is made.
    scene.world.hook("POST ", move || {
        world.sleep(Duration::from_secs(14 * 60));
        Ok(())
    });
    scene
        .run("rotate dns.yaml")
        .await
        .ends_with(1)
        .says(&["custody.undelivered", "it is too late to deliver"]);
    assert_eq!(SinkError::TooLate { shown: String::new() }.code().text(), "sink.too-late");
    assert_eq!(scene.world.text("kept"), before);
    assert!(!scene.is_retired(&holder(&scene, "kept").id));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_could_not_be_put_in_force_is_followed_by_a_fresh_one() {
    for profile in [DNS.to_owned(), dns_but("sinks: [{ env_file", PROGRAM)] {
        let scene = applied(&profile).await;
        let old = scene.only_token().id;
        scene.transport.fail_all("PUT", Mishap::before(Seen::Lost));
        let ran = scene.run("rotate dns.yaml").await.ends_with(1);
        ran.says(&["custody.uncommitted", "before 2027-01-20", "cfmint apply dns.yaml"]);
        assert!(!scene.is_retired(&old), "commit comes before any retirement");
        scene.transport.clear();
        scene.run("plan dns.yaml").await.ends_with(0).says(&["is pending since", "it ends by itself"]);
        scene.run("list").await.ends_with(0);
        scene.run("audit").await.says(&["audit.pending"]);
        scene.given("apply dns.yaml").await;
        let held = holder(&scene, ".env");
        assert!(scene.live().iter().all(|token| token.id == held.id || scene.is_retired(&token.id)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_hooks_are_due_is_found_by_an_audit() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", dns_with("hooks: { delivered: [[test, -e, well]] }"));
    scene.run("apply dns.yaml").await.ends_with(1).says(&["custody.hook"]);
    scene.run("audit dns.yaml").await.says(&["audit.hooks-due", "cfmint apply dns.yaml"]);
}
