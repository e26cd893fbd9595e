//! The life of a token from its creation to its end, and the limits it meets.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use cfmint::emulator::world::{ACCOUNT_BOOTSTRAP, ACCOUNT_ID, BOOTSTRAP};
use cfmint::emulator::{
    AddressRefusal, CallerAddress, ConditionKey, EmulatorOwner, Order, RateLimit, SecretFormat, VerifyAnswer,
};
use cfmint::secret::Secret;
use http::Request;
use serde_json::{Value, json};

use crate::fixture::{Fixture, on_zone, policy, text, user_key, write};

#[tokio::test]
async fn a_roll_kills_the_old_secret_at_once_and_keeps_the_token() {
    let fixture = Fixture::new();
    let (id, old) = fixture.create(&write(&json!([on_zone()]))).await;
    let new = text(&fixture.ask(BOOTSTRAP, "PUT", &format!("/user/tokens/{id}/value"), "{}").await.result());
    assert_ne!(old, new);
    assert_eq!(fixture.verify(&old).await, (401, 1000));
    assert_eq!(fixture.verify(&new).await, (200, 10000));
    assert_eq!(fixture.emulator.token_of(&Secret::new(new)).unwrap().token.id, id);
}

#[tokio::test]
async fn a_replacement_drops_what_it_does_not_say() {
    let fixture = Fixture::new();
    let mut body = write(&json!([on_zone()]));
    body["expires_on"] = json!("2031-06-01T00:00:00Z");
    body["condition"] = json!({ "request_ip": { "in": ["127.0.0.0/8"] } });
    let (id, secret) = fixture.create(&body).await;
    let path = format!("/user/tokens/{id}");
    let bare = json!({ "name": "renamed", "status": "disabled", "policies": [on_zone()] });
    let after = fixture.ask(BOOTSTRAP, "PUT", &path, &bare.to_string()).await.result();
    assert_eq!(after["name"], json!("renamed"));
    assert_eq!((after.get("expires_on"), after.get("condition")), (None, None));
    assert_eq!(fixture.verify(&secret).await, (200, 0), "disabled, and told so");

    // A read answer can be sent back as it is, ids of policies and all.
    let heard = fixture.ask(BOOTSTRAP, "PUT", &path, &after.to_string()).await;
    assert_eq!(heard.result()["policies"][0]["id"], after["policies"][0]["id"]);
    assert_eq!(heard.result()["status"], json!("disabled"));
}

#[tokio::test]
async fn an_expired_token_is_dead_and_hidden_unless_asked_for() {
    let fixture = Fixture::new();
    let mut body = write(&json!([on_zone()]));
    body["expires_on"] = json!("2031-05-01T12:01:00Z");
    let (id, secret) = fixture.create(&body).await;
    assert_eq!(fixture.verify(&secret).await, (200, 10000));
    fixture.pass(60);
    assert_eq!(fixture.verify(&secret).await, (401, 1000));
    assert_eq!(fixture.get(&secret, "/zones").await.error(), (403, 9109, "Invalid access token".to_owned()));
    let named = |names: Vec<String>| names.iter().filter(|name| *name == "shop-deploy").count();
    assert_eq!(named(fixture.get(BOOTSTRAP, "/user/tokens").await.names()), 0);
    assert_eq!(named(fixture.get(BOOTSTRAP, "/user/tokens?include_expired=true").await.names()), 1);
    let one = fixture.get(BOOTSTRAP, &format!("/user/tokens/{id}")).await.result();
    assert_eq!(one["status"], json!("expired"));
}

#[tokio::test]
async fn a_token_works_only_within_its_time_and_while_it_is_on() {
    let fixture = Fixture::new();
    let mut body = write(&json!([on_zone()]));
    body["not_before"] = json!("2031-05-01T12:00:30Z");
    let (id, secret) = fixture.create(&body).await;
    assert_eq!(fixture.verify(&secret).await, (401, 1000));
    fixture.pass(30);
    assert_eq!(fixture.verify(&secret).await, (200, 10000));

    assert!(fixture.emulator.change_token(&id, |token| token.status = "disabled".to_owned()));
    assert_eq!(fixture.get(&secret, "/zones").await.status, 403);
    assert_eq!(fixture.get(&secret, "/user/tokens/verify").await.result()["status"], json!("disabled"));
    fixture.emulator.switch(|switches| switches.disabled_verify = VerifyAnswer::Invalid);
    assert_eq!(fixture.verify(&secret).await, (401, 1000));

    assert!(fixture.emulator.change_token(&id, |token| token.status = "revoked (exposed)".to_owned()));
    let listed = fixture.get(BOOTSTRAP, &format!("/user/tokens/{id}")).await.result();
    assert_eq!(listed["status"], json!("revoked (exposed)"));
    assert_eq!(fixture.verify(&secret).await, (401, 1000));
}

#[tokio::test]
async fn a_condition_lets_in_some_addresses_and_carves_others_out() {
    let fixture = Fixture::new();
    let mut body = write(&json!([on_zone()]));
    // Bits beyond the prefix are tolerated.
    body["condition"] = json!({ "request.ip": { "in": ["203.0.113.9/24"], "not_in": ["203.0.113.7/32"] } });
    let (_, secret) = fixture.create(&body).await;
    let from = |address: &str, path: &str| {
        let address: IpAddr = address.parse().unwrap();
        let request = Request::builder().header("authorization", format!("Bearer {secret}"));
        fixture.send(
            request.uri(format!("/client/v4{path}")).extension(CallerAddress(address)).body(Body::empty()),
        )
    };
    let words = |address: &str| format!("Cannot use the access token from location: {address}");
    assert_eq!(from("203.0.113.8", "/zones?name=example.com").await.status, 200);
    assert_eq!(from("::ffff:203.0.113.8", "/zones?name=example.com").await.status, 200);
    assert_eq!(from("203.0.113.7", "/zones").await.error(), (403, 9109, words("203.0.113.7")));
    assert_eq!(fixture.get(&secret, "/zones").await.error(), (403, 9109, words("127.0.0.1")));
    assert_eq!(fixture.verify(&secret).await, (403, 9109));
    fixture.emulator.switch(|switches| switches.address_refusal = AddressRefusal::Invalid);
    assert_eq!(fixture.verify(&secret).await, (401, 1000));
}

#[tokio::test]
async fn a_new_secret_reaches_the_edge_late() {
    let fixture = Fixture::with(|settings| settings.propagation = Duration::from_secs(20));
    let (_, secret) = fixture.create(&write(&json!([on_zone()]))).await;
    assert_eq!(fixture.verify(&secret).await, (401, 1000));
    assert_eq!(fixture.get(&secret, "/zones").await.error(), (403, 10000, "Authentication error".to_owned()));
    fixture.pass(20);
    assert_eq!(fixture.verify(&secret).await, (200, 10000));
}

#[tokio::test]
async fn a_token_may_delete_itself_and_its_last_use_is_known_until_then() {
    let fixture = Fixture::new();
    let tokens = policy(&json!({ user_key(): "*" }), &[crate::fixture::API_TOKENS_WRITE]);
    let write: Value = write(&json!([tokens]));
    let (id, secret) =
        fixture.emulator.add_token(EmulatorOwner::User, serde_json::from_value(write).unwrap());
    let path = format!("/user/tokens/{id}");
    let before = fixture.get(BOOTSTRAP, &path).await.result();
    assert_eq!(before.get("last_used_on"), None);
    fixture.pass(5);
    let during = fixture.get(secret.expose(), &path).await.result();
    assert_eq!(during["last_used_on"], json!("2031-05-01T12:00:05Z"));
    assert_eq!(fixture.ask(secret.expose(), "DELETE", &path, "").await.result(), json!({ "id": id }));
    assert_eq!(fixture.get(BOOTSTRAP, &path).await.status, 404);
}

#[tokio::test]
async fn pages_end_and_a_page_past_the_end_is_empty() {
    let fixture = Fixture::new();
    for _ in 0..9 {
        fixture.create(&write(&json!([on_zone()]))).await;
    }
    let page = async |query: &str| {
        let heard = fixture.get(BOOTSTRAP, &format!("/user/tokens?{query}")).await.json();
        (heard["result"].as_array().unwrap().len(), heard["result_info"].clone())
    };
    let info =
        |count, page, size| json!({ "count": count, "page": page, "per_page": size, "total_count": 11 });
    assert_eq!(page("").await, (11, info(11, 1, 20)));
    assert_eq!(page("per_page=5&page=3").await, (1, info(1, 3, 5)));
    assert_eq!(page("per_page=5&page=4").await, (0, info(0, 4, 5)));
    assert_eq!(page("page=18446744073709551615").await.0, 0);

    let ids = async |query: &str| {
        let rows = fixture.get(BOOTSTRAP, &format!("/user/tokens?{query}")).await.result();
        rows.as_array().unwrap().iter().map(|row| text(&row["id"])).collect::<Vec<_>>()
    };
    let mut backwards = ids("direction=desc").await;
    backwards.reverse();
    assert_eq!(ids("").await, backwards);
}

#[tokio::test]
async fn a_user_has_50_tokens_and_an_account_500() {
    let fixture = Fixture::new();
    let body = write(&json!([on_zone()])).to_string();
    let of_account = format!("/accounts/{ACCOUNT_ID}/tokens");
    let rows = [(BOOTSTRAP, "/user/tokens", 50 - 2), (ACCOUNT_BOOTSTRAP, of_account.as_str(), 500 - 1)];
    for (secret, path, room) in rows {
        for _ in 0..room {
            assert_eq!(fixture.ask(secret, "POST", path, &body).await.status, 200);
        }
        let over = fixture.ask(secret, "POST", path, &body).await;
        assert_eq!((over.status, over.json()["success"].clone()), (400, json!(false)));
    }
}

#[tokio::test]
async fn too_many_requests_wait_until_the_punishment_is_over() {
    let limit = RateLimit { requests: 3, seconds: 300 };
    let fixture = Fixture::with(|settings| settings.switches.rate_limit = Some(limit));
    let first = fixture.get(BOOTSTRAP, "/user").await;
    assert_eq!(first.header("ratelimit"), "\"default\";r=2;t=300");
    assert_eq!(first.header("ratelimit-policy"), "\"default\";q=3;w=300");
    fixture.get(BOOTSTRAP, "/user").await;
    fixture.get(BOOTSTRAP, "/user").await;
    fixture.pass(200);
    let over = fixture.get(BOOTSTRAP, "/user").await;
    let words = "More than 3 requests per 300 seconds reached. \
                 Please wait and consider throttling your request speed";
    assert_eq!(over.error(), (429, 10100, words.to_owned()));
    assert_eq!(over.header("retry-after"), "300");
    assert_eq!(
        fixture.get(ACCOUNT_BOOTSTRAP, "/accounts").await.status,
        200,
        "an account's token counts alone"
    );
    fixture.pass(299);
    assert_eq!(fixture.get(BOOTSTRAP, "/user").await.header("retry-after"), "1");
    fixture.pass(1);
    assert_eq!(fixture.get(BOOTSTRAP, "/user").await.status, 200);
}

#[tokio::test]
async fn bad_credentials_shut_an_address_out() {
    let fixture = Fixture::with(|settings| settings.switches.auth_failures = Some(2));
    let dead = "cfut_EMULATOR-a-secret-that-nobody-ever-had-here";
    fixture.get(dead, "/user").await;
    fixture.get(dead, "/user").await;
    let words = "Max auth failures reached, please check your Authorization header.".to_owned();
    assert_eq!(fixture.get(BOOTSTRAP, "/user").await.error(), (403, 9109, words));
    fixture.pass(300);
    assert_eq!(fixture.get(BOOTSTRAP, "/user").await.status, 200);
}

#[tokio::test]
async fn answers_can_be_spelled_and_ordered_in_either_way() {
    let fixture = Fixture::new();
    let mut body =
        write(&json!([on_zone(), policy(&json!({ user_key(): "*" }), &[crate::fixture::USER_DETAILS_READ])]));
    body["condition"] = json!({ "request_ip": { "in": ["127.0.0.1/32"] } });
    let (id, _) = fixture.create(&body).await;
    let first_group = async || {
        let token = fixture.get(BOOTSTRAP, &format!("/user/tokens/{id}")).await.result();
        let keys: Vec<String> = token["condition"].as_object().unwrap().keys().cloned().collect();
        (text(&token["policies"][0]["permission_groups"][0]["name"]), keys.concat())
    };
    assert_eq!(first_group().await, ("User Details Read".to_owned(), "request_ip".to_owned()));
    fixture.emulator.switch(|switches| {
        switches.order = Order::Kept;
        switches.condition_key = ConditionKey::Dot;
    });
    assert_eq!(first_group().await, ("Zone Read".to_owned(), "request.ip".to_owned()));
}

#[tokio::test]
async fn a_roll_turns_an_old_secret_into_one_with_a_prefix() {
    let fixture = Fixture::with(|settings| settings.switches.new_secrets = SecretFormat::Legacy);
    let (id, old) = fixture.create(&write(&json!([on_zone()]))).await;
    assert!(old.starts_with("EMULATOR") && old.len() == 40);
    let new = text(&fixture.ask(BOOTSTRAP, "PUT", &format!("/user/tokens/{id}/value"), "{}").await.result());
    assert!(new.starts_with("cfut_EMULATOR") && new.len() == 53);
}
