//! Every rule as a row: a request, and Cloudflare's no in its own words.

use axum::body::Body;
use cfmint::emulator::world::{
    ACCOUNT_BOOTSTRAP, ACCOUNT_ID, BOOTSTRAP, BOOTSTRAP_ID, LEGACY_EMAIL, LEGACY_KEY, NARROW_BOOTSTRAP,
    ZONE_COM_ID, ZONE_NET_ID,
};
use cfmint::emulator::{Children, EmulatorOwner, Switches, Ungrantable, Verdict};
use http::Request;
use serde_json::{Value, json};

use crate::fixture::{
    ACCOUNT_SETTINGS_READ, ACCOUNT_TOKENS_WRITE, API_TOKENS_WRITE, BUCKET_ITEM_WRITE, DNS_WRITE, Fixture,
    SINGLE_WORKER, USER_DETAILS_READ, ZONE_READ, account_key, on_zone, policy, user_key, write, zone_key,
};

const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";
const NOT_ALLOWED: &str = "Unauthorized to access requested resource";
const NEST: &str =
    "Must specify a zone for account owned tokens, or nest zone under specific account resource";
const SUB_TOKEN: &str = "sub-token is not allowed to have permissions to manage other tokens";
const DATE: &str = "must be a valid date/time in the format \"2005-12-30T01:02:03Z\"";

fn failed_check(group: &str) -> String {
    format!("Failed common permission check against resources. (Permission group: \"{group}\")")
}

fn unsupported(key: &str) -> String {
    format!("\"{key}\" is not a supported resource type")
}

#[tokio::test]
async fn paths_and_callers_are_refused_in_cloudflares_words() {
    let fixture = Fixture::new();
    let mine = "/user/tokens".to_owned();
    let of_account = format!("/accounts/{ACCOUNT_ID}/tokens");
    let dead = "cfut_EMULATOR-a-secret-that-nobody-ever-had-here";
    let unknown_one = format!("{mine}/{UNKNOWN}");
    let lost = |tail: &str| {
        format!("Could not route to /client/v4{tail}, perhaps your object identifier is invalid?")
    };
    let format = "Invalid request headers";
    let invalid = "Invalid API Token";
    let level = "Valid user-level authentication not found";
    let rows = [
        (BOOTSTRAP, "GET", "/nowhere", (404, 7000, "No route for that URI")),
        (BOOTSTRAP, "POST", "/memberships", (404, 7000, "No route for that URI")),
        (BOOTSTRAP, "PATCH", &unknown_one, (404, 7000, "No route for that URI")),
        (BOOTSTRAP, "GET", &unknown_one, (404, 1003, "API token not found")),
        (BOOTSTRAP, "DELETE", &unknown_one, (404, 1003, "API token not found")),
        ("too-short", "GET", &mine, (400, 6003, format)),
        ("a-secret-with-\"quotes\"-is-not-well-formed-at-all", "GET", &mine, (400, 6003, format)),
        (dead, "GET", &mine, (403, 9109, "Invalid access token")),
        (dead, "GET", "/user/tokens/verify", (401, 1000, invalid)),
        (ACCOUNT_BOOTSTRAP, "GET", "/user/tokens/verify", (401, 1000, invalid)),
        (ACCOUNT_BOOTSTRAP, "GET", &mine, (403, 9109, level)),
        (ACCOUNT_BOOTSTRAP, "GET", "/user", (403, 9109, level)),
        (NARROW_BOOTSTRAP, "GET", "/user", (403, 9109, NOT_ALLOWED)),
        (NARROW_BOOTSTRAP, "GET", &of_account, (403, 9109, NOT_ALLOWED)),
        (BOOTSTRAP, "GET", "/zones?per_page=51", (400, 400, "per_page must be between 5 and 50")),
        (BOOTSTRAP, "GET", "/zones?page=0", (400, 400, "page must be a number of at least 1")),
    ];
    for (secret, method, path, (status, code, message)) in rows {
        let heard = fixture.ask(secret, method, path, "").await;
        assert_eq!(heard.error(), (status, code, message.to_owned()), "{method} {path}");
    }
    for tail in ["/user/tokens/not-an-id", "/accounts/short/tokens", "/zones/example.com"] {
        assert_eq!(fixture.get(BOOTSTRAP, tail).await.error(), (404, 7003, lost(tail)));
    }
    let elsewhere = format!("/accounts/{ACCOUNT_ID}/tokens/verify");
    assert_eq!(fixture.get(BOOTSTRAP, &elsewhere).await.error(), (401, 1000, invalid.to_owned()));
    assert_eq!(fixture.get(ACCOUNT_BOOTSTRAP, &elsewhere).await.status, 200);
}

#[tokio::test]
async fn legacy_headers_work_except_where_they_cannot() {
    let fixture = Fixture::new();
    let with = |headers: &[(&str, &str)], path: &str| {
        let start = Request::builder().uri(format!("/client/v4{path}"));
        headers.iter().fold(start, |request, (name, value)| request.header(*name, *value)).body(Body::empty())
    };
    let (email, key) = (("x-auth-email", LEGACY_EMAIL), ("x-auth-key", LEGACY_KEY));
    let bearer = format!("Bearer {BOOTSTRAP}");
    assert_eq!(fixture.send(with(&[email, key], "/user/tokens")).await.status, 200);
    assert_eq!(fixture.send(with(&[email, key], "/zones")).await.names(), ["example.com", "example.net"]);
    let other = ("x-auth-key", "0123456789abcdef0123456789abcdef01234");
    let rows = [
        (vec![], "/user/tokens", (400, 9106)),
        (vec![email], "/user/tokens", (400, 9106)),
        (vec![email, other], "/user/tokens", (403, 9103)),
        (vec![("x-auth-email", "nobody"), key], "/user", (400, 6003)),
        (vec![email, ("x-auth-key", "short")], "/user", (400, 6003)),
        (vec![email, key, ("authorization", &bearer)], "/user", (400, 6003)),
        (vec![("authorization", LEGACY_KEY)], "/user", (400, 6003)),
        (vec![email, key], "/user/tokens/verify", (400, 1001)),
    ];
    for (headers, path, expected) in rows {
        let heard = fixture.send(with(&headers, path)).await;
        let (status, code, _) = heard.error();
        assert_eq!((status, code), expected, "{headers:?} {path}");
    }
    let missing = fixture.send(with(&[], "/user/tokens")).await.json();
    assert_eq!(missing.get("messages"), None, "the gateway leaves out what it does not know");
}

#[tokio::test]
async fn bodies_are_refused_before_they_become_tokens() {
    let fixture = Fixture::new();
    let good = write(&json!([on_zone()]));
    let but = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body.to_string()
    };
    let in_policy = |field: &str, value: Value| {
        let mut policy = on_zone();
        policy[field] = value;
        but("policies", json!([policy]))
    };
    let date = |field: &str| (400, format!("{field} {DATE}"));
    let length = (400, "name must have a length between 1 and 120".to_owned());
    let one = |field: &str| (400, format!("{field} must have a length of at least 1"));
    let reuse = "Reusing existing policies is not supported by token creation".to_owned();
    let cidr = || (400, "request_ip must be in CIDR notation".to_owned());
    let json_only = (6007, "Malformed JSON in request body".to_owned());
    let rows: Vec<(String, (i64, String))> = vec![
        ("{".to_owned(), json_only.clone()),
        ("[]".to_owned(), json_only),
        (but("name", json!("")), length.clone()),
        (but("name", json!("é".repeat(121))), length),
        (but("expires_on", json!("2031-06-01T00:00:00.000Z")), date("expires_on")),
        (but("expires_on", json!("2031-06-01T00:00:00+00:00")), date("expires_on")),
        (but("not_before", json!("2031-02-30T00:00:00Z")), date("not_before")),
        (but("not_before", json!(1_930_000_000)), date("not_before")),
        (but("policies", json!([])), one("policies")),
        (in_policy("resources", json!({})), one("resources")),
        (in_policy("permission_groups", json!([])), one("permission_groups")),
        (
            in_policy("permission_groups", json!([{ "name": "Zone Read" }])),
            (400, "id must be present".to_owned()),
        ),
        (in_policy("effect", json!("maybe")), (400, "effect must be allow or deny".to_owned())),
        (in_policy("id", json!(UNKNOWN)), (1001, reuse)),
        (but("condition", json!({ "request_ip": { "in": ["somewhere"] } })), cidr()),
        (but("condition", json!({ "request_ip": { "in": ["203.0.113.7"] } })), cidr()),
        (but("condition", json!({ "request.ip": { "in": ["::/0"], "not_in": ["2001:db8::1"] } })), cidr()),
    ];
    for (body, (code, message)) in rows {
        let heard = fixture.ask(BOOTSTRAP, "POST", "/user/tokens", &body).await;
        assert_eq!(heard.error(), (400, code, message), "{body}");
    }
    let (id, _) = fixture.create(&good).await;
    let expired = but("status", json!("expired"));
    let heard = fixture.ask(BOOTSTRAP, "PUT", &format!("/user/tokens/{id}"), &expired).await;
    assert_eq!(heard.error(), (400, 400, "status must be active or disabled".to_owned()));
    assert_eq!(fixture.emulator.tokens().len(), 4, "what was refused left nothing behind");
}

#[tokio::test]
async fn policies_keep_scopes_owners_and_reach() {
    let fixture = Fixture::new();
    let account = account_key(ACCOUNT_ID);
    let star = |key: &str| json!({ key: "*" });
    let all_zones = zone_key("*");
    let all_accounts = account_key("*");
    let nested = |key: &str| json!({ account.as_str(): { key: "*" } });
    let one_worker = "com.cloudflare.edge.worker.script.0123";
    let kv = format!("{account}.workers_kv_namespace.{UNKNOWN}");
    let flat_zones = format!("{account}.zone.*");
    let user = (BOOTSTRAP, "/user/tokens".to_owned());
    let own = (ACCOUNT_BOOTSTRAP, format!("/accounts/{ACCOUNT_ID}/tokens"));

    let refused: Vec<(&(&str, String), Value, String)> = vec![
        (&user, policy(&star(&flat_zones), &[ZONE_READ]), unsupported(&flat_zones)),
        (&user, policy(&star(&kv), &[ZONE_READ]), unsupported(&kv)),
        (&user, policy(&nested(one_worker), &[ZONE_READ]), unsupported(one_worker)),
        (
            &user,
            policy(&star(&account), &[SINGLE_WORKER]),
            "User tokens cannot reference roles with granular resource scopes".to_owned(),
        ),
        // Nobody gives what the user does not have.
        (&user, policy(&star(&zone_key(UNKNOWN)), &[DNS_WRITE]), failed_check("DNS Write")),
        (
            &user,
            policy(&star(&account_key(UNKNOWN)), &[ACCOUNT_SETTINGS_READ]),
            failed_check("Account Settings Read"),
        ),
        (
            &user,
            policy(&star("com.cloudflare.api.user.0123456789abcdef0123456789abcdef"), &[USER_DETAILS_READ]),
            failed_check("User Details Read"),
        ),
        (&user, policy(&star(&user_key()), &[API_TOKENS_WRITE]), SUB_TOKEN.to_owned()),
        (&own, policy(&star(&account), &[ACCOUNT_TOKENS_WRITE]), SUB_TOKEN.to_owned()),
        (&user, policy(&star(&account), &[UNKNOWN]), format!("Permission group not found: {UNKNOWN}")),
        (&own, policy(&star(&all_zones), &[DNS_WRITE]), NEST.to_owned()),
        (&own, policy(&star(&all_accounts), &[ACCOUNT_SETTINGS_READ]), unsupported(&all_accounts)),
        (&own, policy(&star(&account), &[USER_DETAILS_READ]), failed_check("User Details Read")),
        (
            &own,
            policy(&star(&account_key(UNKNOWN)), &[ACCOUNT_SETTINGS_READ]),
            failed_check("Account Settings Read"),
        ),
    ];
    for ((secret, path), policy, message) in refused {
        let heard = fixture.ask(secret, "POST", path, &write(&json!([policy])).to_string()).await;
        assert_eq!(heard.error(), (400, 1001, message), "{policy}");
    }

    let buckets = "com.cloudflare.edge.r2.bucket.*";
    let accepted: Vec<(&(&str, String), Value)> = vec![
        (&user, policy(&star(&all_zones), &[DNS_WRITE])),
        (&user, policy(&star(&all_accounts), &[ACCOUNT_SETTINGS_READ])),
        (&user, policy(&star(&user_key()), &[USER_DETAILS_READ])),
        (&own, policy(&star(&zone_key(ZONE_COM_ID)), &[DNS_WRITE])),
        (&own, policy(&nested(&all_zones), &[DNS_WRITE])),
        (&own, policy(&nested(buckets), &[BUCKET_ITEM_WRITE])),
        (&own, policy(&nested(one_worker), &[SINGLE_WORKER])),
    ];
    for ((secret, path), policy) in accepted {
        let heard = fixture.ask(secret, "POST", path, &write(&json!([policy])).to_string()).await;
        assert_eq!(heard.status, 200, "{policy}: {}", heard.text);
    }
}

/// Takes the side on which a request works, or the other.
type Side = fn(&mut Switches, bool);

#[tokio::test]
async fn each_dispute_has_two_sides() {
    let fixture = Fixture::new();
    let zone = write(&json!([on_zone()]));
    let unknown = write(&json!([policy(&json!({ zone_key(ZONE_COM_ID): "*" }), &[UNKNOWN, DNS_WRITE])]));
    let maker = write(&json!([policy(&json!({ user_key(): "*" }), &[API_TOKENS_WRITE])]));
    let buckets = json!({ "com.cloudflare.edge.r2.bucket.*": "*" });
    let flat = write(&json!([policy(&buckets, &[BUCKET_ITEM_WRITE])]));
    let mut past = zone.clone();
    past["expires_on"] = json!("2031-01-01T00:00:00Z");

    let off_scope = write(&json!([policy(&json!({ zone_key(ZONE_COM_ID): "*" }), &[ACCOUNT_SETTINGS_READ])]));

    let sides: [(&Value, Side); 6] = [
        (&zone, |switches, kind| {
            switches.children = if kind { Children::Free } else { Children::CappedOnZones };
        }),
        (&unknown, |switches, kind| {
            switches.ungrantable = if kind { Ungrantable::Dropped } else { Ungrantable::Refused };
        }),
        (&off_scope, |switches, kind| switches.off_scope_groups = verdict(kind)),
        (&maker, |switches, kind| switches.token_makers = verdict(kind)),
        (&flat, |switches, kind| switches.flat_buckets = verdict(kind)),
        (&past, |switches, kind| switches.past_expiry = verdict(kind)),
    ];
    for (body, side) in sides {
        for kind in [true, false] {
            fixture.emulator.switch(|switches| side(switches, kind));
            let heard = fixture.ask(BOOTSTRAP, "POST", "/user/tokens", &body.to_string()).await;
            assert_eq!(heard.status == 200, kind, "{body}: {}", heard.text);
        }
        fixture.emulator.switch(|switches| *switches = Switches::default());
    }
}

fn verdict(kind: bool) -> Verdict {
    if kind { Verdict::Accepted } else { Verdict::Refused }
}

#[tokio::test]
async fn a_group_that_cannot_be_granted_vanishes_where_cloudflare_is_silent_about_it() {
    let fixture = Fixture::new();
    fixture.emulator.switch(|switches| {
        switches.ungrantable = Ungrantable::Dropped;
        switches.withheld_groups.insert(DNS_WRITE.to_owned());
    });
    let body = write(&json!([on_zone()])).to_string();
    let stored = fixture.ask(BOOTSTRAP, "POST", "/user/tokens", &body).await.result();
    assert_eq!(stored["policies"][0]["permission_groups"], json!([{ "id": ZONE_READ, "name": "Zone Read" }]));
}

#[tokio::test]
async fn a_token_may_widen_itself_but_not_make_makers() {
    let fixture = Fixture::new();
    let tokens = policy(&json!({ user_key(): "*" }), &[API_TOKENS_WRITE]);
    let wider = write(&json!([tokens.clone(), on_zone()])).to_string();
    let itself = format!("/user/tokens/{BOOTSTRAP_ID}");
    assert_eq!(fixture.ask(BOOTSTRAP, "PUT", &itself, &wider).await.status, 200);
    let (other, _) = fixture.create(&write(&json!([on_zone()]))).await;
    let heard = fixture.ask(BOOTSTRAP, "PUT", &format!("/user/tokens/{other}"), &wider).await;
    assert_eq!(heard.error(), (400, 1001, SUB_TOKEN.to_owned()));
}

#[tokio::test]
async fn lists_are_refused_or_answered_as_the_sources_disagree() {
    let fixture = Fixture::new();
    let (id, single) = fixture.create(&write(&json!([on_zone()]))).await;
    assert_eq!(fixture.get(ACCOUNT_BOOTSTRAP, "/accounts").await.names(), ["Emulator Account"]);
    fixture.emulator.switch(|switches| switches.accounts_for_account_tokens = Verdict::Refused);
    let words = format!(
        "Actor 'com.cloudflare.api.token.{id}' requires permission \
         'com.cloudflare.api.account.zone.list' to list zones"
    );
    assert_eq!(fixture.get(&single, "/zones").await.error(), (403, 0, words));
    assert_eq!(fixture.get(&single, "/zones?name=example.com").await.names(), ["example.com"]);
    assert_eq!(fixture.get(BOOTSTRAP, "/zones").await.status, 200);
    fixture.emulator.switch(|switches| switches.zones_without_name = Verdict::Accepted);
    assert_eq!(fixture.get(&single, "/zones").await.names(), ["example.com"]);
    let words = "List accounts endpoint does not support account owned tokens.".to_owned();
    assert_eq!(fixture.get(ACCOUNT_BOOTSTRAP, "/accounts").await.error(), (400, 1001, words));
}

#[tokio::test]
async fn a_roll_may_need_an_empty_object() {
    let fixture = Fixture::new();
    let (id, _) = fixture.create(&write(&json!([on_zone()]))).await;
    let path = format!("/user/tokens/{id}/value");
    assert_eq!(fixture.ask(BOOTSTRAP, "PUT", &path, "").await.status, 200);
    assert_eq!(fixture.ask(BOOTSTRAP, "PUT", &path, "[]").await.error().1, 6007);
    fixture.emulator.switch(|switches| switches.roll_without_body = Verdict::Refused);
    let words = "Malformed JSON in request body".to_owned();
    assert_eq!(fixture.ask(BOOTSTRAP, "PUT", &path, "").await.error(), (400, 6007, words));
    assert_eq!(fixture.ask(BOOTSTRAP, "PUT", &path, "{}").await.status, 200);
}

#[tokio::test]
async fn a_deny_takes_away_what_an_allow_gave() {
    let fixture = Fixture::new();
    let mut deny = policy(&json!({ zone_key(ZONE_NET_ID): "*" }), &[ZONE_READ]);
    deny["effect"] = json!("deny");
    let (_, secret) =
        fixture.create(&write(&json!([policy(&json!({ zone_key("*"): "*" }), &[ZONE_READ]), deny]))).await;
    assert_eq!(fixture.get(&secret, "/zones").await.names(), ["example.com"]);
}

#[tokio::test]
async fn cloudflares_own_tokens_cannot_be_deleted() {
    let fixture = Fixture::new();
    let (id, _) = fixture.emulator.add_token(
        EmulatorOwner::User,
        serde_json::from_value(write(&json!([policy(&json!({ user_key(): "*" }), &[USER_DETAILS_READ])])))
            .unwrap(),
    );
    assert!(fixture.emulator.mark_managed(&id));
    let heard = fixture.ask(BOOTSTRAP, "DELETE", &format!("/user/tokens/{id}"), "").await;
    assert_eq!((heard.status, heard.error().1), (400, 1001));
}
