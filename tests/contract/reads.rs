//! What the emulator tells to those who only look: groups that can be granted, memberships, zones, HEAD, and the page
//! that a 403 names.

use axum::body::Body;
use cfmint::cloudflare::wire::TokenWrite;
use cfmint::cloudflare::{Credential, TokenOwner};
use cfmint::emulator::world::{
    ACCOUNT_BOOTSTRAP, ACCOUNT_ID, BOOTSTRAP, LEGACY_EMAIL, LEGACY_KEY, NARROW_BOOTSTRAP, ZONE_COM_ID,
};
use http::Request;
use serde_json::{Value, json};

use crate::fixture::{
    ACCOUNT_SETTINGS_READ, ACCOUNT_TOKENS_WRITE, API_TOKENS_WRITE, DNS_WRITE, Fixture, Heard,
    MEMBERSHIPS_READ, SINGLE_WORKER, USER_DETAILS_READ, on_zone, policy, user_key, write, zone_key,
};
use crate::transport::ScriptedTransport;

async fn group(fixture: &Fixture, secret: &str, owner: &str, id: &str) -> Value {
    let groups = fixture.get(secret, &format!("{owner}/tokens/permission_groups")).await.result();
    groups.as_array().unwrap().iter().find(|group| group["id"] == json!(id)).cloned().unwrap()
}

async fn with_key(fixture: &Fixture, path: &str) -> Heard {
    let request = Request::builder().header("x-auth-email", LEGACY_EMAIL).header("x-auth-key", LEGACY_KEY);
    fixture.send(request.uri(format!("/client/v4{path}")).body(Body::empty())).await
}

#[tokio::test]
async fn each_group_tells_its_kind_and_whether_this_caller_may_grant_it() {
    let fixture = Fixture::new();
    let account = format!("/accounts/{ACCOUNT_ID}");
    let rows = [
        (BOOTSTRAP, "/user", DNS_WRITE, true, "dns_and_zones"),
        (BOOTSTRAP, "/user", API_TOKENS_WRITE, false, "account_and_billing"),
        (BOOTSTRAP, "/user", SINGLE_WORKER, false, "developer_platform"),
        (ACCOUNT_BOOTSTRAP, account.as_str(), SINGLE_WORKER, true, "developer_platform"),
        (ACCOUNT_BOOTSTRAP, account.as_str(), ACCOUNT_TOKENS_WRITE, false, "account_and_billing"),
    ];
    for (secret, owner, id, is_selectable, category) in rows {
        let group = group(&fixture, secret, owner, id).await;
        assert_eq!(
            (&group["is_selectable"], &group["category"]),
            (&json!(is_selectable), &json!(category)),
            "{group}"
        );
    }
    fixture.emulator.switch(|switches| _ = switches.withheld_groups.insert(DNS_WRITE.to_owned()));
    assert_eq!(group(&fixture, BOOTSTRAP, "/user", DNS_WRITE).await["is_selectable"], json!(false));

    let key = ScriptedTransport::to(&fixture.emulator).client_with(Credential::GlobalKey {
        email: LEGACY_EMAIL.to_owned(),
        key: cfmint::secret::Secret::new(LEGACY_KEY.to_owned()),
    });
    let groups = key.permission_groups(&TokenOwner::User).await.unwrap();
    let makers = groups.iter().find(|group| group.id == API_TOKENS_WRITE).unwrap();
    assert_eq!(makers.is_selectable, Some(true), "the user's own key may grant everything");
}

#[tokio::test]
async fn a_group_on_a_resource_of_another_scope_is_stored_and_does_nothing() {
    let fixture = Fixture::new();
    let odd = policy(&json!({ zone_key(ZONE_COM_ID): "*" }), &[ACCOUNT_SETTINGS_READ, DNS_WRITE]);
    let (id, secret) = fixture.create(&write(&json!([odd]))).await;
    let stored = fixture.get(BOOTSTRAP, &format!("/user/tokens/{id}")).await.result();
    assert_eq!(stored["policies"][0]["permission_groups"].as_array().unwrap().len(), 2);
    assert_eq!(fixture.get(&secret, "/accounts").await.names(), [""; 0]);
    assert_eq!(fixture.get(&secret, "/zones?name=example.com").await.names(), ["example.com"]);
}

#[tokio::test]
async fn the_memberships_are_shown_to_those_who_hold_them() {
    let fixture = Fixture::new();
    let with = |group: &str| write(&json!([policy(&json!({ user_key(): "*" }), &[group])]));
    let (_, secret) = fixture.create(&with(MEMBERSHIPS_READ)).await;
    drop(fixture.emulator.add_account("Other Account"));
    let memberships = fixture.get(&secret, "/memberships").await.result();
    assert_eq!(memberships[0]["account"]["id"], json!(ACCOUNT_ID));
    assert_eq!(memberships.as_array().unwrap().len(), 2);
    assert_ne!(memberships[0]["id"], memberships[1]["id"]);
    assert_eq!(with_key(&fixture, "/memberships").await.result(), memberships);
    let other = fixture.get(&secret, "/memberships?account.name=Other%20Account").await.result();
    assert_eq!(other, json!([memberships[1]]));
    let pending = fixture.get(&secret, "/memberships?status=pending").await.result();
    assert_eq!(pending, json!([]));

    let (_, other) = fixture.create(&with(USER_DETAILS_READ)).await;
    let lacks = (403, 10001, "Unable to authenticate request".to_owned());
    assert_eq!(fixture.get(&other, "/memberships").await.error(), lacks);
    let no_user = (400, 9106, "Authentication failed (status: 400)".to_owned());
    assert_eq!(fixture.get(ACCOUNT_BOOTSTRAP, "/memberships").await.error(), no_user);
}

#[tokio::test]
async fn a_zone_has_the_fields_that_strict_clients_want() {
    let fixture = Fixture::new();
    let zone = fixture.get(BOOTSTRAP, &format!("/zones/{ZONE_COM_ID}")).await.result();
    assert_eq!(zone["development_mode"], json!(0));
    assert!(zone["meta"]["page_rule_quota"].is_number());
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let fixture = Fixture::new();
    let account = format!("/accounts/{ACCOUNT_ID}");
    for path in
        ["/user", "/user/tokens", "/user/tokens/verify", "/zones", &account, "/nowhere", "/zones/short"]
    {
        let got = fixture.get(BOOTSTRAP, path).await;
        let head = fixture.ask(BOOTSTRAP, "HEAD", path, "").await;
        assert_eq!((head.status, head.text.as_str()), (got.status, ""), "{path}");
        assert_eq!(head.header("content-type"), got.header("content-type"), "{path}");
        assert_eq!(head.header("content-length"), got.text.len().to_string(), "{path}");
    }
}

#[tokio::test]
async fn each_error_403_names_the_page_of_its_endpoint() {
    let fixture = Fixture::new();
    let account = format!("/accounts/{ACCOUNT_ID}/tokens");
    let (_, single) = fixture.create(&write(&json!([on_zone()]))).await;
    let rows = [
        (NARROW_BOOTSTRAP, "GET", "/user", "user/methods/get"),
        (NARROW_BOOTSTRAP, "POST", account.as_str(), "accounts/subresources/tokens/methods/create"),
        (ACCOUNT_BOOTSTRAP, "GET", "/user/tokens", "user/subresources/tokens/methods/list"),
        (&single, "GET", "/zones", "zones/methods/list"),
        (&single, "GET", "/memberships", "memberships/methods/list"),
    ];
    for (secret, method, path, page) in rows {
        let heard = fixture.ask(secret, method, path, "").await;
        let errors = heard.json()["errors"].clone();
        let address = format!("https://developers.cloudflare.com/api/resources/{page}/");
        assert_eq!((heard.status, &errors[0]["documentation_url"]), (403, &json!(address)), "{path}");
    }
    let missing = fixture.get(BOOTSTRAP, "/nowhere").await.json();
    assert_eq!(missing["errors"][0].get("documentation_url"), None, "other errors name none");
}

#[tokio::test]
async fn the_client_sends_single_addresses_as_blocks() {
    let fixture = Fixture::new();
    let transport = ScriptedTransport::to(&fixture.emulator);
    let mut write: TokenWrite = serde_json::from_value(write(&json!([on_zone()]))).unwrap();
    write.condition = serde_json::from_value(
        json!({ "request_ip": { "in": ["203.0.113.7", "198.51.100.0/24"], "not_in": ["2001:db8::1"] } }),
    )
    .unwrap();
    let made = transport.client(BOOTSTRAP).create_token(&TokenOwner::User, &write).await.unwrap();
    let rule = made.token.condition.unwrap().request_ip.unwrap();
    assert_eq!(rule.allow, ["203.0.113.7/32", "198.51.100.0/24"]);
    assert_eq!(rule.deny, ["2001:db8::1/128"]);
}

#[tokio::test]
async fn buckets_are_listed_for_each_jurisdiction_to_those_who_may() {
    let fixture = Fixture::new();
    let path = format!("/accounts/{ACCOUNT_ID}/r2/buckets");
    assert_eq!(fixture.get(BOOTSTRAP, &path).await.status, 403, "a bootstrap seldom reads buckets");
    let key = ScriptedTransport::to(&fixture.emulator).client_with(Credential::GlobalKey {
        email: LEGACY_EMAIL.to_owned(),
        key: cfmint::secret::Secret::new(LEGACY_KEY.to_owned()),
    });
    let seen = cfmint::survey::resources(&key, &[cfmint::survey::ResourceKind::Buckets], None).await.unwrap();
    let buckets = seen.buckets[0].seen.as_ref().unwrap();
    let shown: Vec<String> =
        buckets.iter().map(|bucket| format!("{} {}", bucket.name, bucket.jurisdiction.word())).collect();
    assert_eq!(shown, ["assets default", "backups default", "assets eu"]);
}
