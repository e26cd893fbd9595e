//! A quota that is full: Cloudflare does not say so in words that are documented, so the tokens are counted.

use cfmint::cloudflare::wire::TokenWrite;
use cfmint::emulator::EmulatorOwner;
use cfmint::emulator::world::{ACCOUNT_ID, ZONE_COM_ID};
use cfmint::world::World as _;
use chrono::TimeDelta;
use serde_json::json;

use crate::profiles::{DNS, DNS_WRITE, dns_but};
use crate::support::Scene;

/// A token as another run or another tool made it, that ends so many days from now.
fn token(scene: &Scene, owner: EmulatorOwner, name: &str, ends_in: i64) -> String {
    let resource = format!("com.cloudflare.api.account.zone.{ZONE_COM_ID}");
    let policy = json!({ "effect": "allow", "resources": { resource: "*" }, "permission_groups": [{ "id": DNS_WRITE }] });
    let end = scene.world.now() + TimeDelta::days(ends_in);
    let write = json!({ "name": name, "policies": [policy], "expires_on": end });
    let write: TokenWrite = serde_json::from_value(write).unwrap();
    let (id, secret) = scene.emulator.add_token(owner, write);
    scene.knows(secret.expose());
    id
}

#[tokio::test(start_paused = true)]
async fn a_full_quota_is_told_with_the_dead_tokens_that_could_go() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    let expired = token(&scene, EmulatorOwner::User, "blog@a0000000", -1);
    let superseded = token(&scene, EmulatorOwner::User, "shop@a0000000", 1);
    let current = token(&scene, EmulatorOwner::User, "shop@b0000000", 1);
    let others: Vec<String> =
        (0..46).map(|number| token(&scene, EmulatorOwner::User, &format!("by hand {number}"), 1)).collect();

    let ran = scene.run("apply dns.yaml").await.ends_with(1);
    let ran = ran.says(&[
        "error[cloudflare.quota]",
        "your user has 51 tokens, and can have 50",
        &format!("blog@a0000000 is dead: cfmint revoke --id {expired}"),
        &format!(": cfmint revoke --id {superseded}"),
        "or all that are expired: cfmint prune --expired --yes",
        "shop@a0000000 is a predecessor, and works until it ends",
        "owner: { account: NAME }",
    ]);
    let ran = ran.says_nothing_of(&current);
    others.iter().fold(ran, |ran, id| ran.says_nothing_of(id));
    assert_eq!(scene.writes(), ["POST /user/tokens"]);
    assert!(!scene.world.path(".env").exists());

    scene.run(&format!("revoke --id {superseded} --yes")).await.ends_with(0);
    scene.run("apply dns.yaml").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn what_happens_to_several_alike_is_said_once_with_their_names() {
    let scene = Scene::new();
    let environments: Vec<String> = (1..=9).map(|number| format!("e{number}: {{}}")).collect();
    scene.world.put(
        "dns.yaml",
        dns_but("shop-dns", "shop-dns-${environment}")
            .replace("env_file: .env", "env_file: \".env.${environment}\"")
            + &format!("environments: {{ {} }}\n", environments.join(", ")),
    );
    for number in 0..47 {
        let _ = token(&scene, EmulatorOwner::User, &format!("by hand {number}"), 1);
    }
    let ran = scene.run("apply dns.yaml --all-envs --quiet").await.ends_with(4);
    let ran =
        ran.says(&["error[cloudflare.quota]: dns.yaml -e e2, dns.yaml -e e3, dns.yaml -e e4 and 5 more: "]);
    assert_eq!(ran.err.matches("error[").count(), 1, "{}", ran.err);
    let document = scene.run("apply dns.yaml --all-envs --json").await.ends_with(4).json();
    let problems = document["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 8);
    assert_eq!((&problems[0]["file"], &problems[0]["environment"]), (&json!("dns.yaml"), &json!("e2")));
}

#[tokio::test(start_paused = true)]
async fn an_account_has_its_own_quota() {
    let scene = Scene::new();
    scene
        .world
        .put("dns.yaml", dns_but("name: shop-dns", "owner: { account: Emulator Account }\nname: shop-dns"));
    for number in 0..499 {
        let _ = token(&scene, EmulatorOwner::Account(ACCOUNT_ID.to_owned()), &format!("by hand {number}"), 1);
    }
    let ran = scene.run("apply dns.yaml").await.ends_with(1);
    ran.says(&["cloudflare.quota", "the account has 500 tokens", "no token of cfmint's is dead"])
        .says_nothing_of("owner: {");
}

#[tokio::test(start_paused = true)]
async fn another_refusal_is_not_blamed_on_the_quota() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    for number in 0..48 {
        let _ = token(&scene, EmulatorOwner::User, &format!("by hand {number}"), 1);
    }
    scene.emulator.switch(|switches| {
        switches.withheld_groups.insert(DNS_WRITE.to_owned());
    });
    scene.run("apply dns.yaml").await.ends_with(1).says(&["cloudflare.refused"]).says_nothing_of("quota");
}
