//! A command gets a token of its own, which works while it runs and is gone when it has ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cfmint::secret::Secret;
use cfmint::world::{BOOTSTRAP_VARIABLES, Child, Finished, Interrupt};
use chrono::TimeDelta;
use tokio::time::Instant;

use crate::profiles::{DNS, SHOP, dns_but, dns_with};
use crate::support::{Doom, Mishap, Scene, Seen, TestWorld};

/// Lets every command end with this code, and notes what it was given and which tokens lived while it ran.
fn play(scene: &Scene, code: Option<i32>, signal: Option<i32>) -> Arc<Mutex<Vec<Run>>> {
    let runs = Arc::new(Mutex::new(Vec::new()));
    let (noted, emulator) = (Arc::clone(&runs), scene.emulator.clone());
    scene.world.act_for_programs(move |child| {
        let secrets: BTreeMap<String, String> =
            child.secrets.iter().map(|(name, value)| (name.clone(), value.to_string())).collect();
        let works = secrets.values().filter_map(|secret| {
            let owned = emulator.token_of(&Secret::new(secret.clone()))?;
            Some(owned.token.name)
        });
        noted.lock().unwrap().push(Run {
            argv: child.argv.to_vec(),
            works: works.collect(),
            others: child.variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            hides_bootstrap: BOOTSTRAP_VARIABLES.iter().all(|name| child.hidden.contains(name)),
            is_locked: child.lock.is_some(),
            secrets,
        });
        Ok(ended(code, signal))
    });
    runs
}

/// A command that ran.
struct Run {
    argv: Vec<String>,
    secrets: BTreeMap<String, String>,
    others: BTreeMap<String, String>,
    /// The names of the tokens whose secrets it had.
    works: Vec<String>,
    hides_bootstrap: bool,
    is_locked: bool,
}

fn ended(code: Option<i32>, signal: Option<i32>) -> Finished {
    Finished { code, signal, output: Vec::new().into(), errors: Vec::new(), timed_out: false }
}

fn scene(profile: &str) -> Scene {
    let scene = Scene::outside_git(TestWorld::new(), |_| {});
    scene.world.put("shop.yaml", profile);
    scene
}

/// The requests so far, in order.
fn requests(scene: &Scene) -> Vec<String> {
    let is_request =
        |effect: &String| ["GET ", "POST ", "PUT ", "DELETE "].iter().any(|one| effect.starts_with(one));
    scene.story().into_iter().filter(is_request).collect()
}

/// What of an exec is left on the disk.
fn left(scene: &Scene) -> Vec<String> {
    let files = scene.world.files().into_iter();
    let marks = scene.try_text(".cfmint/marks").filter(|text| !text.is_empty());
    files.filter(|name| name.contains("exec-")).chain(marks).collect()
}

#[tokio::test(start_paused = true)]
async fn a_command_gets_a_token_that_works_and_is_gone_afterwards() {
    let scene = scene(SHOP);
    let runs = play(&scene, Some(0), None);
    scene.run("exec shop.yaml -- sh -c deploy").await.ends_with(0).says(&["Created", "Running", "Revoked"]);
    let runs = runs.lock().unwrap();
    let run = &runs[0];
    assert_eq!(run.argv, ["sh", "-c", "deploy"]);
    assert_eq!(run.secrets.keys().collect::<Vec<_>>(), ["CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_API_TOKEN"]);
    assert!(run.works.len() == 1 && run.works[0].starts_with("shop-deploy+exec@"), "{:?}", run.works);
    assert!(run.hides_bootstrap && run.is_locked);
    assert_eq!(run.others["CLOUDFLARE_API_BASE_URL"], "http://localhost/client/v4");
    assert_eq!(run.others["CLOUDFLARE_BASE_URL"], "http://localhost/client/v4");
    assert_eq!(scene.tokens().len(), 0);
    assert_eq!(left(&scene), [""; 0]);
    assert_eq!(scene.try_text(".env"), None, "no sink is touched");
    assert!(scene.leaks(&[]).is_empty());
}

#[tokio::test(start_paused = true)]
async fn it_takes_four_round_trips_and_no_needless_request() {
    let latency = Duration::from_secs(1);
    let scene = Scene::outside_git(TestWorld::new(), |settings| settings.latency = latency);
    scene.world.put("shop.yaml", SHOP);
    play(&scene, Some(0), None);
    let begun = Instant::now();
    scene.run("exec shop.yaml -- true").await.ends_with(0);
    assert_eq!(begun.elapsed(), latency * 4, "look, make, verify, delete");
    let mut looks = requests(&scene);
    let rest = looks.split_off(looks.iter().position(|one| one.starts_with("POST")).unwrap());
    looks.sort();
    assert_eq!(
        looks,
        [
            "GET /accounts",
            "GET /user/tokens",
            "GET /user/tokens/permission_groups",
            "GET /zones?name=example.com",
            "GET /zones?name=example.net"
        ]
    );
    assert_eq!(rest, ["POST /user/tokens", "GET /user/tokens/verify", "DELETE /user/tokens/ID"]);
}

#[tokio::test(start_paused = true)]
async fn what_commands_have_left_is_deleted_beside_the_verification() {
    let latency = Duration::from_secs(1);
    let scene = Scene::outside_git(TestWorld::new(), |settings| settings.latency = latency);
    scene.world.put("shop.yaml", SHOP);
    let soon = scene.emulator.tokens()[0].token.issued_on.unwrap() + TimeDelta::hours(2);
    for mark in ["a0000001", "a0000002", "a0000003"] {
        scene.foreign(token(&format!("shop-deploy+exec@{mark}"), soon));
    }
    scene.foreign(token("other+exec@a0000004", soon));
    tokio::time::sleep(Duration::from_secs(2 * 3600)).await;
    play(&scene, Some(0), None);
    let begun = Instant::now();
    let ran = scene.run("exec shop.yaml -- true").await.ends_with(0);
    assert_eq!(begun.elapsed(), latency * 4, "{}", ran.err);
    ran.says(&["shop-deploy+exec@a0000001, made for a command, is deleted"]);
    let left: Vec<String> = scene.tokens().into_iter().map(|token| token.name).collect();
    assert_eq!(left, ["other+exec@a0000004"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_of_an_account_is_made_and_deleted_there() {
    let scene = scene(&dns_with("owner: { account: Emulator Account }"));
    let runs = play(&scene, Some(0), None);
    scene.run("exec shop.yaml -- true").await.ends_with(0);
    assert!(runs.lock().unwrap()[0].secrets["CLOUDFLARE_API_TOKEN"].starts_with("cfat_"));
    let writes = ["POST /accounts/ID/tokens", "DELETE /accounts/ID/tokens/ID"];
    assert_eq!(scene.writes(), writes);
}

#[tokio::test(start_paused = true)]
async fn at_cloudflare_itself_the_command_is_told_no_address() {
    let cloudflare = "https://api.cloudflare.com/client/v4";
    let scene = Scene::outside_git(TestWorld::new().with_variable("CLOUDFLARE_BASE_URL", cloudflare), |_| {});
    scene.world.put("shop.yaml", DNS);
    let runs = play(&scene, Some(0), None);
    scene.run("exec shop.yaml -- true").await.ends_with(0);
    assert!(!runs.lock().unwrap()[0].others.contains_key("CLOUDFLARE_API_BASE_URL"));
}

#[tokio::test(start_paused = true)]
async fn each_step_comes_after_the_one_that_makes_it_safe() {
    let scene = scene(DNS);
    scene.run("exec shop.yaml -- true").await.ends_with(0);
    let writes: Vec<String> =
        scene.story().into_iter().filter(|effect| !effect.starts_with("GET /user/tokens/perm")).collect();
    let mark = writes.iter().find_map(|effect| effect.strip_prefix("create 600 .cfmint/exec-")).unwrap();
    let file = format!(".cfmint/exec-{mark}");
    let steps = [
        "lock .cfmint/lock".to_owned(),
        format!("create 600 {file}"),
        "rename .cfmint/marks.new -> .cfmint/marks".to_owned(),
        "POST /user/tokens".to_owned(),
        "GET /user/tokens/verify".to_owned(),
        "run true".to_owned(),
        "DELETE /user/tokens/ID".to_owned(),
        "rename .cfmint/marks.new -> .cfmint/marks".to_owned(),
        format!("remove {file}"),
    ];
    let mut rest = writes.iter();
    for step in &steps {
        assert!(rest.any(|effect| effect == step), "{step} is missing in its turn: {writes:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_variables_are_those_of_the_env_files_or_the_usual_one() {
    let r2 = "
version: 1
name: shop-r2
permissions: { r2: { Workers R2 Storage Bucket Item: edit } }
resources: { buckets: [{ account: Emulator Account, name: assets }] }
ttl: 30d
sinks:
  - { env_file: .env, variables: { AWS_ACCESS_KEY_ID: r2_access_key_id, AWS_SECRET_ACCESS_KEY: r2_secret_access_key } }
";
    let program = dns_but(
        "sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]",
        "sinks: [{ command: [gh, secret, set], input: token }, { env_file: .env, variables: { ENDS: expires_on } }]",
    );
    let none = dns_but("sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]\n", "");
    for (profile, names) in [
        (r2.to_owned(), &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"][..]),
        (program, &["CLOUDFLARE_API_TOKEN", "ENDS"]),
        (none, &["CLOUDFLARE_API_TOKEN"]),
    ] {
        let scene = scene(&profile);
        let runs = play(&scene, Some(0), None);
        scene.run("exec shop.yaml -- true").await.ends_with(0).says_nothing_of("undelivered");
        let runs = runs.lock().unwrap();
        assert_eq!(runs[0].secrets.keys().collect::<Vec<_>>(), names);
        if let Some(key) = runs[0].secrets.get("AWS_SECRET_ACCESS_KEY") {
            assert!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn its_exit_code_is_the_commands_whatever_became_of_the_token() {
    for (code, signal, expected) in [(Some(0), None, 0), (Some(3), None, 3), (None, Some(9), 137)] {
        let scene = scene(DNS);
        play(&scene, code, signal);
        scene.run("exec shop.yaml -- true").await.ends_with(expected);
        assert_eq!(scene.tokens().len(), 0);
        // A token that cannot be deleted ends by itself.
        scene.transport.fail_all("DELETE", Mishap::before(Seen::Refused));
        let ran = scene.run("exec shop.yaml -q -- true").await.ends_with(expected);
        ran.says(&["could not be deleted", "ends by itself", "cfmint revoke --id"]);
        assert_eq!(scene.tokens().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_signal_that_the_command_survives_leaves_it_its_exit_code() {
    let scene = scene(DNS);
    let world = Arc::clone(&scene.world);
    scene.world.act_for_programs(move |_| {
        world.interrupt(Interrupt::Interrupt);
        Ok(ended(Some(5), None))
    });
    scene.run("exec shop.yaml -- true").await.ends_with(5).says(&["Revoked"]);
    assert_eq!(scene.tokens().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_serve_is_refused_before_a_token_is_made() {
    let ends = dns_but("ttl: 30d", "ttl: 2027-01-15T12:04:00Z");
    let scene_at = |profile: &str| {
        let world = TestWorld::new().at("2027-01-15T12:00:00Z".parse().unwrap());
        let scene = Scene::outside_git(world, |_| {});
        scene.world.put("shop.yaml", profile);
        scene
    };
    for (profile, line, code, says) in [
        (DNS.to_owned(), "exec shop.yaml -- no-such-program", 1, "exec.program"),
        (DNS.to_owned(), "exec shop.yaml -- ./shop.yaml", 1, "exec.program"),
        (DNS.to_owned(), "exec shop.yaml --json -- true", 2, "usage.arguments"),
        (DNS.to_owned(), "exec shop.yaml --bootstrap-file - -- true", 2, "usage.arguments"),
        (DNS.to_owned(), "exec shop.yaml --ttl 59s -- true", 2, "usage.arguments"),
        (DNS.to_owned(), "exec shop.yaml --ttl 31d -- true", 2, "usage.arguments"),
        (DNS.to_owned(), "exec shop.yaml --ttl 4m --min-life 5m -- true", 2, "usage.arguments"),
        (
            format!("{DNS}environments: {{ dev: {{}}, pre: {{}} }}"),
            "exec shop.yaml -- true",
            2,
            "usage.environment",
        ),
        (
            format!("{DNS}environments: {{ dev: {{ name: a }}, pre: {{ name: b }} }}"),
            "exec shop.yaml -e dev -e pre -- true",
            2,
            "usage.environment",
        ),
        (dns_with("not_before: 2027-01-15T13:00:00Z"), "exec shop.yaml -- true", 1, "custody.starts-later"),
        (ends, "exec shop.yaml -- true", 1, "custody.too-short"),
        (
            dns_but("token }", "token, A: account_id }"),
            "exec shop.yaml -- true",
            2,
            "profile.ambiguous-value",
        ),
    ] {
        let scene = scene_at(&profile);
        scene.run(line).await.ends_with(code).says(&[says]);
        assert_eq!(scene.writes(), [""; 0], "{line}");
        assert_eq!(scene.tokens().len(), 0, "{line}");
        assert_eq!(left(&scene), [""; 0], "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_does_not_work_here_is_deleted_and_the_command_does_not_run() {
    for (profile, propagation, code) in [
        (dns_with("ip: { allow: [203.0.113.7] }"), 0, "custody.shut-out"),
        (DNS.to_owned(), 300, "custody.unverified"),
    ] {
        let scene = Scene::outside_git(TestWorld::new(), |settings| {
            settings.propagation = Duration::from_secs(propagation);
        });
        scene.world.put("shop.yaml", profile);
        let runs = play(&scene, Some(0), None);
        scene.run("exec shop.yaml -- true").await.ends_with(1).says(&[code]);
        assert!(runs.lock().unwrap().is_empty());
        assert_eq!(scene.tokens().len(), 0);
        assert_eq!(left(&scene), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_signal_before_the_command_begins_ends_the_token_and_the_command_never_runs() {
    for effect in ["POST /user/tokens", "GET /user/tokens/verify"] {
        let scene = scene(DNS);
        let runs = play(&scene, Some(0), None);
        let world = Arc::clone(&scene.world);
        scene.world.hook(effect, move || {
            world.interrupt(Interrupt::Terminate);
            Ok(())
        });
        scene.run("exec shop.yaml -- true").await.ends_with(143);
        assert!(runs.lock().unwrap().is_empty());
        assert_eq!(scene.tokens().len(), 0, "{effect}");
        assert_eq!(left(&scene), [""; 0], "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_whose_life_the_waits_have_left_too_little_gives_way_to_another() {
    // The first request is put off by four minutes, and would be again.
    let scene = scene(DNS);
    let runs = play(&scene, Some(0), None);
    scene.transport.fail_nth(1, "POST /user/tokens", Mishap::before(Seen::Busy(Some(240))));
    scene.run("exec shop.yaml --ttl 5m --min-life 3m -- true").await.ends_with(0);
    assert_eq!(runs.lock().unwrap().len(), 1);
    let made = requests(&scene).into_iter().filter(|one| one == "DELETE /user/tokens/ID").count();
    assert_eq!(made, 2, "the first was deleted at once");
    assert_eq!(scene.tokens().len(), 0);

    for nth in 1..=3 {
        scene.transport.fail_nth(nth * 2 - 1, "POST /user/tokens", Mishap::before(Seen::Busy(Some(240))));
    }
    let ran = scene.run("exec shop.yaml --ttl 5m --min-life 3m -- true").await;
    ran.ends_with(1).says(&["custody.too-short", "60 s", "180 s"]);
    assert_eq!(runs.lock().unwrap().len(), 1);
    assert_eq!(scene.tokens().len(), 0);
    assert_eq!(left(&scene), [""; 0]);
}

#[tokio::test]
async fn the_command_is_told_before_its_token_ends() {
    for (ttl, minutes, is_told) in [("15m", 13, false), ("15m", 14, true), ("1m", 0, false)] {
        let scene = scene(DNS);
        let world = Arc::clone(&scene.world);
        scene.world.act_for_programs(move |_: &Child<'_>| {
            world.sleep(Duration::from_secs(minutes * 60));
            std::thread::sleep(Duration::from_millis(800));
            Ok(ended(Some(0), None))
        });
        let line = format!("exec shop.yaml --ttl {ttl} -q -- true");
        let ran = scene.run(&line).await.ends_with(0);
        assert_eq!(
            ran.err.contains("refuses what the command asks after that"),
            is_told,
            "{line}: {}",
            ran.err
        );
    }
}

/// A scene in which a run of exec died while its command was running.
async fn died(profile: &str) -> Scene {
    let scene = scene(profile);
    scene.world.doom_at("run true", Doom::DeathBefore);
    scene.run("exec shop.yaml -- true").await;
    scene.world.revive();
    assert_eq!(scene.tokens().len(), 1);
    tokio::time::sleep(Duration::from_secs(60)).await;
    scene
}

fn of_commands(scene: &Scene) -> usize {
    scene.tokens().iter().filter(|token| token.name.contains("+exec@")).count()
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_run_has_left_the_next_one_of_the_name_deletes() {
    for line in [
        "apply shop.yaml",
        "rotate shop.yaml",
        "recover",
        "recover shop.yaml",
        "revoke shop.yaml --yes",
        "prune shop.yaml --older-than 0s --yes",
        "exec shop.yaml -- true",
    ] {
        let scene = died(DNS).await;
        let ran = scene.run(line).await.ends_with(0);
        assert_eq!(of_commands(&scene), 0, "{line}: {}", ran.err);
        assert_eq!(
            left(&scene).iter().filter(|left| left.contains("exec")).count(),
            0,
            "{line}: {}",
            ran.err
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_does_not_know_the_run_waits_until_the_token_has_ended() {
    for line in
        ["apply shop.yaml", "recover", "exec shop.yaml -- true", "prune shop.yaml --older-than 0s --yes"]
    {
        let scene = died(DNS).await;
        let other = scene.second_machine();
        other.run(line).await.ends_with(0);
        assert_eq!(of_commands(&scene), 1, "{line}");
        tokio::time::sleep(Duration::from_secs(15 * 60)).await;
        other.run(line).await.ends_with(0);
        assert_eq!(of_commands(&scene), 0, "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_token_of_a_command_under_way_is_left_alone_by_all_but_revoke() {
    let scene = scene(DNS);
    // The run is known, and its lock says that it is at work.
    let mark = "k3x9w2ab";
    let name = format!("shop-dns+exec@{mark}");
    let ends = scene.emulator.tokens()[0].token.issued_on.unwrap() + TimeDelta::hours(2);
    scene.foreign(token(&name, ends));
    let until = ends.format("%Y-%m-%dT%H:%M:%SZ");
    scene.world.put(".cfmint/marks", format!("{mark} exec {until}\n"));
    let lock = scene.world.put(&format!(".cfmint/exec-{mark}"), "");
    for path in [".cfmint", ".cfmint/marks", &format!(".cfmint/exec-{mark}")] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = if path == ".cfmint" { 0o700 } else { 0o600 };
        std::fs::set_permissions(scene.world.path(path), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let held = std::fs::File::open(lock).unwrap();
    held.lock().unwrap();
    for line in [
        "apply shop.yaml",
        "rotate shop.yaml",
        "recover",
        "exec shop.yaml -- true",
        "prune --older-than 0s --yes",
    ] {
        let ran = scene.run(line).await.ends_with(0);
        assert_eq!(of_commands(&scene), 1, "{line}: {}", ran.err);
    }
    scene.run("prune shop.yaml --older-than 0s").await.ends_with(0).says(&["may still be running"]);
    scene.run("list").await.ends_with(0).says(&["for a command"]);
    scene.run("revoke shop.yaml --yes").await.ends_with(0);
    assert_eq!(scene.tokens().len(), 0);
}

/// A token as somebody makes it.
fn token(name: &str, ends: chrono::DateTime<chrono::Utc>) -> cfmint::cloudflare::wire::TokenWrite {
    serde_json::from_value(serde_json::json!({
        "name": name,
        "expires_on": ends.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "policies": [{
            "effect": "allow",
            "resources": { "com.cloudflare.api.account.zone.*": "*" },
            "permission_groups": [{ "id": crate::profiles::DNS_WRITE }],
        }],
    }))
    .unwrap()
}
