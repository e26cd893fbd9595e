//! What stands in a sink beside a secret, or without one: ids, times and endpoints follow the profile and the token,
//! also where the secret itself cannot be read back.

use crate::profiles::{DNS, SHOP, dns_but};
use crate::support::Scene;

/// A bucket, for a program that speaks S3: the token itself goes nowhere.
const ASSETS: &str = "
version: 1
name: shop-assets
permissions: { r2: { Workers R2 Storage Bucket Item: edit } }
resources: { buckets: [{ account: Emulator Account, name: assets, jurisdiction: default }] }
ttl: 30d
sinks:
  - env_file: .env
    variables: { AWS_ACCESS_KEY_ID: r2_access_key_id, AWS_SECRET_ACCESS_KEY: r2_secret_access_key, AWS_ENDPOINT_URL: r2_endpoint }
";

/// A secret in one file, what is no secret in another.
fn with_ids() -> String {
    dns_but(
        "[{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }]",
        "\n  - { env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token } }\
         \n  - { env_file: .env.ids, variables: { ZONE: zone_id, ENDS: expires_on, TOKEN_ID: token_id } }",
    )
}

fn s3(scene: &Scene) -> [Option<String>; 3] {
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"].map(|name| scene.value(".env", name))
}

#[tokio::test(start_paused = true)]
async fn a_jurisdiction_that_changes_moves_the_endpoint_and_keeps_the_credentials() {
    let scene = Scene::new();
    scene.world.put("assets.yaml", ASSETS);
    scene.given("apply assets.yaml").await;
    let [id, key, _] = s3(&scene);
    scene.world.put("assets.yaml", ASSETS.replace("jurisdiction: default", "jurisdiction: eu"));

    let stored = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL";
    scene
        .run("plan assets.yaml --exit-code")
        .await
        .ends_with(3)
        .says(&[&format!("> {stored} stored in .env")]);
    scene.run("apply assets.yaml").await.ends_with(0).says(&["Updated", &format!("{stored} in .env")]);
    let [same_id, same_key, endpoint] = s3(&scene);
    assert_eq!((same_id, same_key), (id, key));
    assert!(endpoint.unwrap().ends_with(".eu.r2.cloudflarestorage.com"));
    assert_eq!(scene.writes(), ["PUT /user/tokens/ID"]);
    scene.run("plan assets.yaml --exit-code").await.ends_with(0).says(&["unchanged"]);
}

#[tokio::test(start_paused = true)]
async fn s3_credentials_get_what_else_the_profile_asks_for_without_a_new_secret() {
    let scene = Scene::new();
    scene.world.put("assets.yaml", ASSETS);
    scene.given("apply assets.yaml").await;
    let before = s3(&scene);
    let more = "r2_endpoint, CLOUDFLARE_ACCOUNT_ID: account_id, ENDS: expires_on }";
    scene.world.put("assets.yaml", ASSETS.replace("r2_endpoint }", more));
    scene
        .run("plan assets.yaml --exit-code")
        .await
        .ends_with(3)
        .says(&["a sink is not as it should be", "CLOUDFLARE_ACCOUNT_ID, ENDS stored in .env"]);
    scene.run("apply assets.yaml").await.ends_with(0).says(&["Updated"]);
    assert_eq!(scene.writes(), [""; 0], "the token stays as it is");
    assert_eq!(s3(&scene), before);
    assert!(scene.value(".env", "CLOUDFLARE_ACCOUNT_ID").is_some());
    assert!(scene.value(".env", "ENDS").is_some_and(|end| end.starts_with("20")));
    scene.run("plan assets.yaml --exit-code").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn s3_credentials_supply_no_token_and_what_does_is_named() {
    let scene = Scene::new();
    scene.world.put("assets.yaml", ASSETS);
    scene.given("apply assets.yaml").await;
    let before = s3(&scene);
    scene.world.put(
        "assets.yaml",
        format!("{ASSETS}  - {{ env_file: .env.token, variables: {{ CLOUDFLARE_API_TOKEN: token }} }}\n"),
    );
    for command in ["plan assets.yaml", "apply assets.yaml"] {
        scene.run(command).await.ends_with(1).says(&[
            "custody.not-held",
            "cfmint roll assets.yaml",
            "cfmint rotate assets.yaml",
        ]);
    }
    assert_eq!(s3(&scene), before);
    scene.run("roll assets.yaml").await.ends_with(0);
    assert!(scene.value(".env.token", "CLOUDFLARE_API_TOKEN").is_some());
    assert_ne!(s3(&scene)[1], before[1], "the key is that of the new secret");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_not_that_of_the_secret_beside_it_is_written_again() {
    let scene = Scene::new();
    let both =
        format!("{ASSETS}  - {{ env_file: .env.token, variables: {{ CLOUDFLARE_API_TOKEN: token }} }}\n");
    scene.world.put("assets.yaml", both);
    scene.given("apply assets.yaml").await;
    let right = s3(&scene);
    let old = "0123456789abcdef".repeat(4);
    scene.world.put(".env", scene.world.text(".env").replace(right[1].as_deref().unwrap(), &old));
    scene.run("apply assets.yaml").await.ends_with(0).says(&["Updated"]);
    assert_eq!(s3(&scene), right);
}

#[tokio::test(start_paused = true)]
async fn a_sink_without_a_secret_is_kept_as_the_profile_has_it() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", with_ids());
    scene.given("apply dns.yaml").await;
    let whole = scene.world.text(".env.ids");
    let zone = scene.value(".env.ids", "ZONE").unwrap();
    for text in [whole.replace(&zone, &"0".repeat(32)), "ZONE=\n".to_owned()] {
        scene.world.put(".env.ids", text);
        scene
            .run("plan dns.yaml --exit-code")
            .await
            .ends_with(3)
            .says(&["a sink is not as it should be", "> ZONE, ENDS, TOKEN_ID stored in .env.ids"]);
        scene.run("apply dns.yaml").await.ends_with(0).says(&["Updated", "ZONE, ENDS, TOKEN_ID in .env.ids"]);
        assert_eq!(scene.value(".env.ids", "ZONE").as_deref(), Some(&*zone));
        assert_eq!(scene.writes(), [""; 0], "the token stays as it is");
        scene.run("plan dns.yaml --exit-code").await.ends_with(0);
    }
    std::fs::remove_file(scene.world.path(".env.ids")).unwrap();
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Updated"]);
    assert_eq!(scene.world.text(".env.ids"), whole);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_moves_is_told_to_every_sink_that_has_it() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", with_ids());
    scene.given("apply dns.yaml").await;
    let before = scene.value(".env.ids", "ENDS").unwrap();
    scene.world.put("dns.yaml", with_ids().replace("ttl: 30d", "ttl: 10d"));
    scene
        .run("plan dns.yaml")
        .await
        .ends_with(0)
        .says(&["> ZONE, ENDS, TOKEN_ID stored in .env.ids"])
        .says_nothing_of("CLOUDFLARE_API_TOKEN stored");
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Updated"]);
    assert!(scene.value(".env.ids", "ENDS").unwrap() < before);
    scene.run("plan dns.yaml --exit-code").await.ends_with(0).says(&["unchanged"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_secret_can_say_again_is_followed_by_what_stands_beside_it() {
    let scene = Scene::new();
    scene.world.put("shop.yaml", SHOP);
    scene.given("apply shop.yaml").await;
    let account = scene.value(".env", "CLOUDFLARE_ACCOUNT_ID").unwrap();
    scene.meddle(|token| token.status = "disabled".to_owned());
    scene.world.put(".env", scene.world.text(".env").replace(&account, ""));
    scene.run("apply shop.yaml").await.ends_with(0).says(&["Updated"]);
    assert_eq!(scene.value(".env", "CLOUDFLARE_ACCOUNT_ID"), Some(account));
    scene.run("plan shop.yaml --exit-code").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn what_needs_no_secret_is_no_reason_against_taking_a_token_away() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", with_ids());
    scene.given("apply dns.yaml").await;
    scene.run("revoke dns.yaml --yes").await.ends_with(0).says(&["CLOUDFLARE_API_TOKEN"]);
    assert!(scene.live().is_empty());
    assert!(scene.value(".env", "CLOUDFLARE_API_TOKEN").is_none());
    scene.world.put("dns.yaml", DNS);
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Created"]);
}
