//! What doctor finds of a token that Cloudflare, a run or somebody else got into a state of its own; and that it only looks.

use cfmint::cloudflare::wire::ApiPolicy;
use cfmint::emulator::{AddressRefusal, DateHeader};
use cfmint::world::World;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::profiles::{DNS, DNS_WRITE, SHOP, dns_but, dns_with};
use crate::support::{Ran, Scene, is_write};

/// A scene in which a profile's token is made and in force.
async fn applied(profile: impl AsRef<[u8]>) -> Scene {
    let scene = Scene::new();
    scene.world.put("dns.yaml", profile);
    scene.given("apply dns.yaml").await;
    scene.world.forget_effects();
    scene
}

/// The checks of a code: status and message.
fn checks(ran: &Ran, code: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let json = ran.json();
    let of_code = json["checks"].as_array().unwrap().iter().filter(|check| check["code"] == json!(code));
    of_code.map(|check| (text(&check["status"]), text(&check["message"]))).collect()
}

/// Runs doctor, and finds a check that failed with these words.
async fn finds(scene: &Scene, code: &str, words: &str) {
    let ran = scene.run("doctor dns.yaml --json").await.ends_with(3);
    let found = checks(&ran, code);
    let is_it = |(status, message): &(String, String)| status == "failed" && message.contains(words);
    assert!(found.iter().any(is_it), "{code}: {found:?}\n{}", ran.out);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_switched_off_or_has_not_begun_is_told_apart_from_a_dead_one() {
    let scene = applied(DNS).await;
    scene.meddle(|token| token.status = "disabled".to_owned());
    scene.emulator.switch(|switches| switches.disabled_verify = cfmint::emulator::VerifyAnswer::Status);
    finds(&scene, "doctor.expiry", "it is switched off").await;

    let scene = applied(DNS).await;
    let start = scene.world.now() + TimeDelta::days(3);
    scene.meddle(|token| token.not_before = Some(start));
    scene.emulator.switch(|switches| switches.early_verify = cfmint::emulator::VerifyAnswer::Status);
    finds(&scene, "doctor.start", "it does not work before").await;

    let scene = applied(DNS).await;
    scene.meddle(|token| token.status = "revoked (exposed)".to_owned());
    finds(&scene, "doctor.generation", "is dead: Cloudflare calls it revoked (exposed)").await;
}

#[tokio::test(start_paused = true)]
async fn an_ip_rule_is_found_where_verification_only_calls_the_token_invalid() {
    let scene = applied(dns_with("ip: { allow: [203.0.113.0/24] }")).await;
    scene.emulator.switch(|switches| switches.address_refusal = AddressRefusal::Invalid);
    finds(&scene, "doctor.address", "its IP rule shuts this machine").await;
}

#[tokio::test(start_paused = true)]
async fn what_somebody_denied_is_missing() {
    let scene = applied(DNS).await;
    let denial = json!({
        "id": "e0000000000000000000000000000dd1", "effect": "deny",
        "resources": { "com.cloudflare.api.account.zone.*": "*" }, "permission_groups": [{ "id": DNS_WRITE }]
    });
    let denial: ApiPolicy = serde_json::from_value(denial).unwrap();
    scene.meddle(|token| token.policies.push(denial));
    let ran = scene.run("doctor dns.yaml --json").await.ends_with(3);
    let found = checks(&ran, "doctor.policy");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0 == "missing" && found[0].1.ends_with("a policy of the token denies it"), "{found:?}");
    let row = ran.json()["checks"].as_array().unwrap().iter().find(|row| row["status"] == "missing").cloned();
    let row = row.unwrap();
    let expected = ["DNS Write", "zone", "DNS: edit", "Zone > DNS > Edit", DNS_WRITE];
    let keys = ["permission", "section", "line", "dashboard", "id"];
    assert_eq!(keys.map(|key| row[key].as_str().unwrap()), expected);
}

#[tokio::test(start_paused = true)]
async fn names_clocks_and_what_the_bootstrap_may_not_grant_are_found() {
    let scene = applied(DNS).await;
    scene.world.put("dns.yaml", dns_but("[example.com]", "[example.org]"));
    finds(&scene, "doctor.name", "example.org").await;

    let scene = applied(DNS).await;
    scene.emulator.switch(|switches| switches.date = DateHeader::DaysOff(3));
    finds(&scene, "doctor.clock", "clock is 3d behind Cloudflare's").await;

    let scene = applied(DNS).await;
    scene.emulator.switch(|switches| _ = switches.withheld_groups.insert(DNS_WRITE.to_owned()));
    finds(&scene, "doctor.power", "the bootstrap may not grant DNS Write").await;

    let scene = applied(DNS).await;
    assert!(scene.emulator.remove_token(cfmint::emulator::world::BOOTSTRAP_ID));
    finds(&scene, "doctor.bootstrap", "could not").await;
}

#[tokio::test(start_paused = true)]
async fn what_a_run_left_unfinished_and_a_program_that_cannot_be_read_are_told() {
    let program = "sinks: [{ command: [sh, -c, test -e well && cat >kept], input: token }, { env_file";
    let scene = Scene::new();
    scene.world.put("dns.yaml", dns_but("sinks: [{ env_file", program));
    scene.world.put("well", "");
    scene.given("apply dns.yaml").await;
    std::fs::remove_file(scene.world.path("well")).unwrap();
    tokio::time::advance(std::time::Duration::from_secs(3_600)).await;
    scene.run("rotate dns.yaml").await.ends_with(1);
    tokio::time::advance(std::time::Duration::from_secs(3_600)).await;
    finds(&scene, "doctor.pending", "a run did not finish: shop-dns+new@").await;
    let ran = scene.run("doctor dns.yaml --json").await;
    let found = checks(&ran, "doctor.sink");
    assert!(found.iter().any(|(status, _)| status == "unknown"), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn sinks_that_do_not_hold_the_same_and_a_state_folder_that_is_not_ours_are_told() {
    let two = "sinks: [{ env_file: .env.b, variables: { TOKEN_B: token } }, { env_file";
    let scene = applied(dns_but("sinks: [{ env_file", two)).await;
    let other = scene.world.text(".env.b").replace("TOKEN_B=cfut_EMULATOR", "TOKEN_B=cfut_EMULATORx");
    scene.world.put(".env.b", other);
    finds(&scene, "doctor.sink", "CLOUDFLARE_API_TOKEN in .env holds another secret than TOKEN_B in .env.b")
        .await;
    scene.world.put(".env.b", "");
    finds(&scene, "doctor.sink", "there is no TOKEN_B in .env.b").await;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(scene.world.path(".cfmint"), mode).unwrap();
    finds(&scene, "doctor.pending", "others may write to").await;
}

#[tokio::test(start_paused = true)]
async fn a_secret_of_the_emulators_is_not_shown_to_cloudflare() {
    let scene = Scene::real();
    scene.world.put("dns.yaml", DNS);
    let secret = format!("CLOUDFLARE_API_TOKEN=cfut_EMULATOR{}\n", "fake".repeat(10));
    scene.world.put(".env", secret);
    finds(&scene, "doctor.verify", "Cloudflare never made it").await;
    assert!(!scene.story().iter().any(|effect| effect.contains("verify") && effect.contains("fake")));
}

#[tokio::test(start_paused = true)]
async fn doctor_only_looks_and_shows_no_secret() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", SHOP);
    scene.given("apply dns.yaml").await;
    let before = scene.world.files();
    scene.world.forget_effects();
    for line in
        ["doctor dns.yaml", "doctor dns.yaml --json", "doctor --env-file .env", "doctor --env-file .env -vv"]
    {
        scene.run(line).await.ends_with(0);
    }
    let writes: Vec<String> = scene.story().into_iter().filter(|effect| is_write(effect)).collect();
    assert_eq!((writes, scene.world.files()), (Vec::new(), before));
    assert_eq!(scene.leaks(&[".env"]), std::collections::BTreeSet::new());
}
