//! Names and messages that want to move the cursor, begin a line, turn the direction of writing, hide or flood: no
//! command lets them, whatever it writes.

use cfmint::cloudflare::wire::{Token, TokenWrite};
use cfmint::emulator::world::{ACCOUNT_ID, ZONE_COM_ID};
use cfmint::emulator::{EmulatorOwner, FaultAnswer, InjectedFault, LoggedRequest, Work};
use cfmint::text::is_unseen;
use http::{Method, StatusCode};
use regex_lite::Regex;
use serde_json::{Value, json};

use crate::profiles::{DNS, DNS_WRITE, dns_but};
use crate::support::{Scene, TestWorld};

/// What begins a line only where a line end got through.
const INJECTED: &str = "INJECTED";
/// How long a run of one letter a person may be shown.
const LONGEST_RUN: usize = 400;

/// Names that Cloudflare would hardly take, but which it is not ours to trust.
fn names() -> Vec<String> {
    let flood = format!("flood {}", "x".repeat(10 * 1024));
    let tower = format!("tower e{}", "\u{301}".repeat(500));
    [
        "lines\nINJECTED lines\r\nINJECTED\u{85}INJECTED\u{2028}INJECTED",
        "cursor \u{1b}[2J\u{1b}]0;title\u{7}\u{9b}1A\u{8}\u{7f}",
        "turned \u{202e}gpj\u{2066}\u{200f}\u{61c}",
        "hidden z\u{200b}e\u{200d}r\u{feff}o\u{2060}\u{e0041}",
        flood.as_str(),
        tower.as_str(),
    ]
    .map(str::to_owned)
    .into()
}

fn on(resource: &str, name: &str) -> TokenWrite {
    let policy = json!({ "effect": "allow", "resources": { resource: "*" }, "permission_groups": [{ "id": DNS_WRITE }] });
    serde_json::from_value(json!({ "name": name, "policies": [policy] })).unwrap()
}

/// A scene with a hostile name on a token, an account and a zone each; returns the ids of the tokens.
fn scene() -> (Scene, Vec<String>) {
    staged(TestWorld::new())
}

fn staged(world: TestWorld) -> (Scene, Vec<String>) {
    let scene = Scene::on(world, |_| {});
    scene.world.put("dns.yaml", DNS);
    let mut ids = Vec::new();
    for name in names() {
        drop(scene.emulator.add_account(&name));
        let zone = scene.emulator.add_zone(ACCOUNT_ID, &name).unwrap();
        for zone in [zone.as_str(), ZONE_COM_ID] {
            let key = format!("com.cloudflare.api.account.zone.{zone}");
            ids.push(scene.foreign(on(&key, &name)).0);
        }
        let key = format!("com.cloudflare.api.account.zone.{zone}");
        let marked = format!("{name}@a{:07}", ids.len());
        let (id, secret) =
            scene.emulator.add_token(EmulatorOwner::Account(ACCOUNT_ID.to_owned()), on(&key, &marked));
        scene.knows(secret.expose());
        ids.push(id);
    }
    (scene, ids)
}

/// What a text holds that nobody may be shown; styles are the program's own.
fn found_in(text: &str) -> Vec<String> {
    let styles = Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    let text = styles.replace_all(text, "");
    let unseen = text.chars().filter(|c| is_unseen(*c) && *c != '\n').map(|c| format!("{c:?}"));
    let begun = text.lines().filter(|line| line.trim_start().starts_with(INJECTED)).map(str::to_owned);
    unseen.chain(begun).collect()
}

#[track_caller]
fn is_clean(line: &str, scene: &Scene) {
    assert_eq!(found_in(&scene.raw()), [""; 0], "{line}: {}", scene.raw().escape_debug());
}

/// The same for what people read, where nothing floods either.
#[track_caller]
fn is_readable(line: &str, scene: &Scene) {
    is_clean(line, scene);
    for letter in ["x", "\u{301}"] {
        assert!(!scene.raw().contains(&letter.repeat(LONGEST_RUN)), "{line} is flooded with {letter}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_command_that_looks_lets_a_name_steer_the_terminal() {
    let (scene, ids) = scene();
    scene.given("apply dns.yaml").await;
    let account = format!("--account {ACCOUNT_ID}");
    for line in [
        "list".to_owned(),
        format!("list {account}"),
        "audit".to_owned(),
        format!("audit {account}"),
        "audit dns.yaml".to_owned(),
        "plan dns.yaml".to_owned(),
        "recover".to_owned(),
        "recover dns.yaml".to_owned(),
        "prune --unmanaged --name * --older-than 0d".to_owned(),
        format!("prune --unmanaged --name * --older-than 0d {account}"),
        "list --account nobody".to_owned(),
    ] {
        scene.run(&line).await;
        is_readable(&line, &scene);
    }
    for id in &ids {
        for line in [format!("plan dns.yaml --adopt {id}"), format!("import {id}")] {
            scene.run(&line).await;
            is_clean(&line, &scene);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_machines_read_says_the_same_and_steers_nothing() {
    let (scene, _) = scene();
    let account = format!("--account {ACCOUNT_ID}");
    let told = |document: &Value| -> Vec<String> {
        let rows = document["tokens"].as_array().unwrap();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    for line in ["list --json", "audit --json"] {
        let ran = scene.run(line).await;
        is_clean(line, &scene);
        let told = told(&ran.json());
        assert!(names().iter().all(|name| told.contains(name)), "{line} tells the names as they are");
    }
    let line = format!("audit --sarif {account}");
    let ran = scene.run(&line).await;
    is_clean(&line, &scene);
    assert!(ran.json()["runs"][0]["results"].as_array().unwrap().len() > names().len());
    scene.run("audit --html page.html").await;
    is_clean("audit --html", &scene);
    let page = scene.try_text("page.html").unwrap();
    assert_eq!(found_in(&page), [""; 0]);
    assert!(page.contains("turned \\u202egpj"));
    for line in ["plan dns.yaml --json", "prune --unmanaged --name * --older-than 0d --json"] {
        let ran = scene.run(line).await;
        is_clean(line, &scene);
        drop(ran.json());
    }
}

#[tokio::test(start_paused = true)]
async fn no_command_that_writes_lets_a_name_steer_the_terminal() {
    let (scene, ids) = scene();
    for line in ["apply dns.yaml", "rotate dns.yaml", "roll dns.yaml", "revoke dns.yaml --yes"] {
        scene.run(line).await.ends_with(0);
        is_readable(line, &scene);
    }
    for id in ids.iter().step_by(3) {
        for line in [format!("apply dns.yaml --adopt {id}"), format!("revoke --id {id} --yes")] {
            scene.run(&line).await;
            is_readable(&line, &scene);
        }
    }
    let line = "prune --unmanaged --name * --older-than 0d --yes";
    scene.run(line).await.ends_with(0);
    is_readable(line, &scene);
    assert!(scene.emulator.tokens().len() < ids.len(), "something was deleted, and named");
}

#[tokio::test(start_paused = true)]
async fn no_question_lets_a_name_steer_the_terminal() {
    for line in ["prune --unmanaged --name * --older-than 0d", "revoke --id"] {
        let (scene, ids) = staged(TestWorld::new().with_answers(&["n"]));
        let line = if line.ends_with("--id") { format!("{line} {}", ids[0]) } else { line.to_owned() };
        scene.run(&line).await;
        is_readable(&line, &scene);
        assert!(scene.raw().contains("lines\\nINJECTED"), "{line} names what it asks about: {}", scene.raw());
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_beside_a_profiles_own_steers_nothing() {
    for name in names() {
        let scene = Scene::new();
        let zone = scene.emulator.add_zone(ACCOUNT_ID, &name).unwrap();
        scene.world.put("zone.yaml", dns_but("example.com", &zone));
        for line in ["plan zone.yaml", "apply zone.yaml"] {
            scene.run(line).await.ends_with(0);
            is_readable(line, &scene);
        }
        let rename = |token: &mut Token| token.name = format!("{name}@a0000001");
        scene.meddle(rename);
        for line in ["plan zone.yaml", "apply zone.yaml", "rotate zone.yaml"] {
            scene.run(line).await;
            is_readable(line, &scene);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_message_of_cloudflares_steers_the_terminal() {
    for message in names() {
        for (method, line) in [
            (Method::GET, "list"),
            (Method::GET, "audit"),
            (Method::GET, "plan dns.yaml"),
            (Method::POST, "apply dns.yaml"),
            (Method::POST, "apply dns.yaml --json"),
        ] {
            let scene = Scene::new();
            scene.world.put("dns.yaml", DNS);
            let answer = FaultAnswer::Error {
                status: StatusCode::BAD_REQUEST,
                code: 1234,
                message: message.clone(),
                retry_after: None,
            };
            let fault = InjectedFault { work: Work::NotDone, answer };
            let is_about_tokens =
                move |request: &LoggedRequest| request.method == method && request.path.ends_with("/tokens");
            scene.emulator.fail_next(is_about_tokens, fault);
            assert_ne!(scene.run(line).await.code, 0, "{line}");
            is_readable(line, &scene);
        }
    }
}
