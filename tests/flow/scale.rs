//! Many tokens and many profiles: one list for each owner, its pages side by side, and few enough requests.

use std::collections::BTreeMap;
use std::time::Duration;

use cfmint::cloudflare::wire::TokenWrite;
use cfmint::emulator::EmulatorOwner;
use cfmint::emulator::world::{ACCOUNT_ID, ZONE_COM_ID};
use serde_json::json;
use tokio::time::Instant;

use crate::profiles::{DNS_WRITE, dns_but};
use crate::support::Scene;

/// How many of an account's 500 tokens are others', when 20 profiles want one each and the bootstrap is a user's.
const OTHERS: usize = 479;

/// How many requests Cloudflare allows in five minutes.
const MOST_REQUESTS: usize = 1200;

/// An account with many tokens of other people, and 20 profiles that are to have one each there.
fn crowded() -> Scene {
    let scene = Scene::slow(Duration::from_secs(1));
    let resource = format!("com.cloudflare.api.account.zone.{ZONE_COM_ID}");
    let policy = json!({ "effect": "allow", "resources": { resource: "*" }, "permission_groups": [{ "id": DNS_WRITE }] });
    for number in 0..OTHERS {
        let write = json!({ "name": format!("service-{number}"), "policies": [policy] });
        let write: TokenWrite = serde_json::from_value(write).unwrap();
        let _ = scene.emulator.add_token(EmulatorOwner::Account(ACCOUNT_ID.to_owned()), write);
    }
    for number in 0..20 {
        let profile = dns_but("shop-dns", &format!("shop-dns-{number}"))
            .replace("env_file: .env", &format!("env_file: .env.{number}"));
        let owner = format!("owner: {{ account: {ACCOUNT_ID} }}\n");
        scene.world.put(&format!("profiles/{number}.yaml"), profile + &owner);
    }
    scene
}

/// The requests so far, by name, with how many there were of each.
fn requests(scene: &Scene) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let methods = ["GET ", "POST ", "PUT ", "DELETE "];
    for effect in scene.story() {
        if methods.iter().any(|method| effect.starts_with(method)) {
            *counts.entry(effect).or_default() += 1;
        }
    }
    counts
}

/// Whether a request is for a page of tokens.
fn is_list(name: &str) -> bool {
    name.strip_prefix("GET /accounts/ID/tokens").is_some_and(|rest| rest.is_empty() || rest.starts_with('?'))
}

/// What these names were asked, each so often.
fn expected(counts: &[(&str, usize)]) -> BTreeMap<String, usize> {
    let pages = (2..=10).map(|page| (format!("GET /accounts/ID/tokens?page={page}"), 1));
    let others = counts.iter().map(|(name, count)| ((*name).to_owned(), *count));
    pages.chain(others).filter(|(_, count)| *count > 0).collect()
}

#[tokio::test(start_paused = true)]
async fn twenty_profiles_in_an_account_at_its_quota_cost_two_lists_and_three_requests_each() {
    let scene = crowded();
    let start = Instant::now();
    scene.run("plan profiles").await.ends_with(0);
    assert_eq!(start.elapsed(), Duration::from_secs(2), "the first page, then the other nine side by side");
    let look_ups: [(&str, usize); 3] = [
        ("GET /accounts/ID/tokens", 1),
        ("GET /accounts/ID/tokens/permission_groups", 1),
        ("GET /zones?name=example.com", 1),
    ];
    assert_eq!(requests(&scene), expected(&look_ups));

    scene.world.forget_effects();
    scene.run("apply profiles").await.ends_with(0);
    let made = [
        ("POST /accounts/ID/tokens", 20),
        ("GET /accounts/ID/tokens/verify", 20),
        ("PUT /accounts/ID/tokens/ID", 20),
    ];
    let apply = requests(&scene);
    let mut all = expected(&[&look_ups[..], &made].concat());
    // One list before all, and one look for all beside the verifications.
    all.iter_mut().filter(|(name, _)| is_list(name)).for_each(|(_, count)| *count = 2);
    assert_eq!(apply, all);
    assert!(apply.values().sum::<usize>() < MOST_REQUESTS / 4, "{apply:?}");

    scene.world.forget_effects();
    let start = Instant::now();
    scene.run("apply profiles").await.ends_with(0);
    assert_eq!(start.elapsed(), Duration::from_secs(2), "and the secrets beside them");
    assert_eq!(requests(&scene), expected(&[&look_ups[..], &made[1..2]].concat()));
}

#[tokio::test(start_paused = true)]
async fn a_prune_of_many_costs_one_list_and_a_request_for_each_that_goes() {
    let scene = crowded();
    scene.given("apply profiles").await;
    scene.run("prune profiles --older-than 0s --yes").await.ends_with(0);
    let counts = expected(&[
        ("GET /accounts/ID/tokens", 1),
        ("GET /accounts/ID/tokens/verify", 20),
        ("DELETE /accounts/ID/tokens/ID", 20),
    ]);
    assert_eq!(requests(&scene), counts, "and the bootstrap, a user's, need not be asked");
    assert_eq!(scene.tokens().len(), OTHERS);
    assert!((0..20).all(|number| scene.value(&format!(".env.{number}"), "CLOUDFLARE_API_TOKEN").is_none()));
}
