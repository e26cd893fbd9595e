//! No secret is said, logged, or written anywhere but where it belongs.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;

use cfmint::emulator::world::BOOTSTRAP;

use crate::profiles::{DNS, dns_but};
use crate::support::{Mishap, Scene, Seen, TestWorld};

const MANNERS: [&str; 4] = ["", " --json", " -vv", " --json -vvv"];

#[tokio::test(start_paused = true)]
async fn no_command_shows_a_secret_in_any_manner() {
    for manner in MANNERS {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        for (command, code) in [
            ("check dns.yaml", 0),
            ("plan dns.yaml", 0),
            ("apply dns.yaml", 0),
            ("plan dns.yaml", 0),
            ("apply dns.yaml", 0),
            ("roll dns.yaml", 0),
            ("revoke dns.yaml", 2),
            ("revoke dns.yaml --yes", 0),
            ("apply dns.yaml", 0),
        ] {
            scene.run(&format!("{command}{manner}")).await.ends_with(code);
        }
        let id = scene.only_token().id;
        scene.run(&format!("revoke --id {id} --yes{manner}")).await.ends_with(0);
        assert_eq!(scene.secrets().len(), 4, "two applies, and a roll with its stand-in");
        assert_eq!(scene.leaks(&[".env"]), BTreeSet::new(), "{manner}");
        assert_eq!(scene.leaks(&[]), BTreeSet::from([".env".to_owned()]), "the look itself sees");
    }
}

#[tokio::test(start_paused = true)]
async fn no_failure_shows_a_secret_however_much_is_said() {
    for manner in [" -vvv", " --json -vvv"] {
        for (command, request) in [("apply", "POST"), ("roll", "POST"), ("apply", "GET /user/tokens/verify")]
        {
            for seen in [Seen::Half, Seen::Page(200), Seen::Lost, Seen::Error(500)] {
                let scene = Scene::new();
                scene.world.put("dns.yaml", DNS);
                if command == "roll" {
                    scene.given("apply dns.yaml").await;
                }
                scene.transport.fail_all(request, Mishap::after(seen));
                scene.run(&format!("{command} dns.yaml{manner}")).await.ends_with(1);
                assert_eq!(scene.leaks(&[".env"]), BTreeSet::new(), "{command} {request} {seen:?} {manner}");
            }
        }
        // A roll whose answer is lost, in any way, is no failure: the stand-in takes its place.
        for seen in [Seen::Half, Seen::Page(200), Seen::Lost, Seen::Error(500)] {
            let scene = Scene::new();
            scene.world.put("dns.yaml", DNS);
            scene.given("apply dns.yaml").await;
            scene.transport.fail("PUT", Mishap::after(seen));
            scene.run(&format!("roll dns.yaml{manner}")).await.ends_with(0);
            assert_eq!(scene.leaks(&[".env"]), BTreeSet::new(), "{seen:?} {manner}");
        }
        for effect in ["create 600 .cfmint/.env", "write", "rename .cfmint/.env", "sync_folder"] {
            let scene = Scene::new();
            scene.world.put("dns.yaml", DNS);
            scene.given("apply dns.yaml").await;
            let transport = std::sync::Arc::clone(&scene.transport);
            scene.world.hook(effect, move || {
                if transport.minted().len() > 2 { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
            });
            scene.run(&format!("roll dns.yaml{manner}")).await.ends_with(1).says(&["custody.undelivered"]);
            assert_eq!(scene.leaks(&[".env"]), BTreeSet::new(), "{effect} {manner}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_env_file_that_cannot_be_understood_is_not_quoted() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let secret = scene.value(".env", "CLOUDFLARE_API_TOKEN").unwrap();
    for text in
        [format!("CLOUDFLARE_API_TOKEN=\"{secret}\n"), format!("{secret} {secret}\n"), format!("A='{secret}")]
    {
        scene.world.put(".env", &text);
        for manner in MANNERS {
            scene.run(&format!("apply dns.yaml{manner}")).await.ends_with(1);
        }
        assert_eq!(scene.leaks(&[".env"]), BTreeSet::new(), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bootstrap_from_a_file_or_a_command_is_not_shown_either() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.world.put("bootstrap", format!("{BOOTSTRAP}\n"));
    scene.run("apply dns.yaml --bootstrap-file bootstrap -vv").await.ends_with(0);
    let command = format!("cd {}; env >seen; cat bootstrap", scene.world.base().display());
    scene.run_with(&["plan", "dns.yaml", "-vv", "--bootstrap-command", &command]).await.ends_with(0);
    assert!(scene.world.text("seen").contains("PATH="));
    scene.world.put("bootstrap", format!("\"{BOOTSTRAP}\"\n"));
    scene.run("plan dns.yaml --bootstrap-file bootstrap -vv").await.ends_with(1).says(&["bootstrap."]);
    assert_eq!(scene.leaks(&[".env", "bootstrap"]), BTreeSet::new());
}

#[tokio::test(start_paused = true)]
async fn the_emulators_state_file_holds_no_secret() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    for command in ["apply", "plan", "roll", "apply"] {
        scene.run(&format!("{command} dns.yaml --emulator -vv")).await.ends_with(0);
        scene.knows(&scene.value(".env", "CLOUDFLARE_API_TOKEN").unwrap());
    }
    assert!(scene.world.text(".cfmint/emulator.json").contains("shop-dns@"));
    assert_eq!(
        scene.story().iter().filter(|effect| effect.contains("/user")).count(),
        0,
        "all stayed in process"
    );
    assert_eq!(scene.leaks_but_hashes(&[".env"]), BTreeSet::new());
    scene.run("revoke dns.yaml --emulator --yes").await.ends_with(0);
    assert_eq!(scene.leaks_but_hashes(&[]), BTreeSet::new());
}

#[tokio::test(start_paused = true)]
async fn no_child_sees_the_bootstrap_and_a_program_gets_the_secret_on_its_standard_input_alone() {
    let world = TestWorld::new();
    let path = std::env::var("PATH").unwrap();
    let seen = world.path("seen");
    let git =
        std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file()).unwrap();
    for (name, then) in
        [("git", format!("exec {} \"$@\"", git.display())), ("keep", "exec cat >>kept".to_owned())]
    {
        let script = format!("#!/bin/sh\n{{ env; echo \"$@\"; }} >>{}\n{then}\n", seen.display());
        let program = world.put(&format!("bin/{name}"), script);
        std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{path}", world.path("bin").display());
    let scene = Scene::on(world.with_variable("PATH", &path), |_| {});
    let program =
        dns_but("sinks: [{ env_file", "sinks: [{ command: [keep, --name, TOKEN], input: token }, { env_file");
    scene.world.put("dns.yaml", program);
    scene.run("apply dns.yaml").await.ends_with(0);

    let seen = scene.world.text("seen");
    assert!(seen.contains("check-ignore") && seen.contains("--name TOKEN"), "{seen}");
    assert_eq!(scene.live()[0].held_by, [".env", "kept"]);
    assert_eq!(scene.leaks(&[".env", "kept"]), BTreeSet::new());
}
