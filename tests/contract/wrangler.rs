//! What Wrangler needs to find in answers, since it stops at an empty one; to those alone who may ask.

use cfmint::emulator::world::ACCOUNT_ID;
use serde_json::json;

use crate::fixture::{Fixture, account_key, on_zone, policy, write};

const SCRIPTS_WRITE: &str = "e086da7e2179491d91ee5f35b3ca210a";
const R2_READ: &str = "b4992e1108244f5d8bfbd5744320c2e1";

#[tokio::test]
async fn a_deployment_finds_what_it_goes_on_with() {
    let fixture = Fixture::new();
    let groups = [SCRIPTS_WRITE, R2_READ];
    let policies = json!([policy(&json!({ account_key(ACCOUNT_ID): "*" }), &groups)]);
    let (_, deployer) = fixture.create(&write(&policies)).await;
    let workers = format!("/accounts/{ACCOUNT_ID}/workers");
    for (method, path, key) in [
        ("GET", format!("/accounts/{ACCOUNT_ID}/r2/buckets"), "buckets"),
        ("GET", format!("{workers}/subdomain"), "subdomain"),
        ("GET", format!("{workers}/scripts/shop/deployments"), "deployments"),
        ("GET", format!("{workers}/scripts/shop/versions"), "items"),
        ("PUT", format!("{workers}/scripts/shop"), "deployment_id"),
        ("POST", format!("{workers}/scripts/shop/subdomain"), "enabled"),
    ] {
        let result = fixture.ask(&deployer, method, &path, "{}").await.result();
        assert!(!result[key].is_null(), "{method} {path}: {result}");
    }
}

#[tokio::test]
async fn no_worker_is_there_before_it_is_deployed() {
    let fixture = Fixture::new();
    let policies = json!([policy(&json!({ account_key(ACCOUNT_ID): "*" }), &[SCRIPTS_WRITE])]);
    let (_, deployer) = fixture.create(&write(&policies)).await;
    let service = format!("/accounts/{ACCOUNT_ID}/workers/services/shop");
    let (status, code, _) = fixture.get(&deployer, &service).await.error();
    assert_eq!((status, code), (404, 10090));
    let (_, stranger) = fixture.create(&write(&json!([on_zone()]))).await;
    assert_eq!(fixture.get(&stranger, &service).await.error().0, 403);
}
