//! The client on the emulator: each of its methods, what it sends, and lists of every length.

use cfmint::cloudflare::wire::{Token, TokenWrite};
use cfmint::cloudflare::{Client, Credential, Fate, Fault, TokenOwner};
use cfmint::emulator::world::{
    ACCOUNT_BOOTSTRAP, ACCOUNT_BOOTSTRAP_ID, ACCOUNT_ID, ACCOUNT_NAME, BOOTSTRAP, LEGACY_EMAIL, LEGACY_KEY,
    USER_ID,
};
use cfmint::emulator::{ConditionKey, Owner};
use cfmint::secret::Secret;
use serde_json::{Value, json};

use crate::road::{Road, Turn};
use crate::stand::{Stand, on_zone, write};

fn account() -> TokenOwner {
    TokenOwner::Account(ACCOUNT_ID.to_owned())
}

fn global_key() -> Credential {
    Credential::GlobalKey { email: LEGACY_EMAIL.to_owned(), key: Secret::new(LEGACY_KEY.to_owned()) }
}

fn token(secret: &str) -> Credential {
    Credential::Token(Secret::new(secret.to_owned()))
}

fn token_write(fields: &Value) -> TokenWrite {
    let mut body = write(&json!([on_zone()]));
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(body).unwrap()
}

fn ids(tokens: &[Token]) -> Vec<&str> {
    tokens.iter().map(|token| token.id.as_str()).collect()
}

#[tokio::test]
async fn a_token_lives_its_whole_life_whoever_asks_and_whoever_owns_it() {
    for (credential, owner) in [
        (token(BOOTSTRAP), TokenOwner::User),
        (token(BOOTSTRAP), account()),
        (token(ACCOUNT_BOOTSTRAP), account()),
        (global_key(), TokenOwner::User),
        (global_key(), account()),
    ] {
        let stand = Stand::new();
        let client = Road::to(&stand.emulator).client_with(credential);
        let made = client.create_token(&owner, &token_write(&json!({}))).await.unwrap();
        let id = made.token.id.as_str();
        assert!(ids(&client.tokens(&owner).await.unwrap()).contains(&id));
        assert_eq!(client.token(&owner, id).await.unwrap().name, "shop-deploy");

        let renamed = token_write(&json!({ "name": "renamed" }));
        assert_eq!(client.update_token(&owner, id, &renamed).await.unwrap().name, "renamed");

        let itself = |secret: &Secret| client.with_credential(Credential::Token(secret.clone()));
        assert_eq!(itself(&made.value).verify(&owner).await.unwrap().id, id);
        let rolled = client.roll_token(&owner, id).await.unwrap();
        assert!(itself(&made.value).verify(&owner).await.unwrap_err().is_dead_secret());
        assert_eq!(itself(&rolled).verify(&owner).await.unwrap().id, id);

        client.delete_token(&owner, id).await.unwrap();
        assert!(client.delete_token(&owner, id).await.unwrap_err().is_gone());
        assert!(client.token(&owner, id).await.unwrap_err().is_gone());
        assert!(!client.permission_groups(&owner).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn names_are_looked_up() {
    let stand = Stand::new();
    let road = Road::to(&stand.emulator);
    for client in [road.client(BOOTSTRAP), road.client_with(global_key())] {
        assert_eq!(client.user().await.unwrap().id, USER_ID);
        assert_eq!(client.accounts().await.unwrap()[0].name, ACCOUNT_NAME);
        let names = |zones: Vec<cfmint::cloudflare::wire::Zone>| {
            zones.into_iter().map(|zone| zone.name).collect::<Vec<_>>()
        };
        assert_eq!(names(client.zones().await.unwrap()), ["example.com", "example.net"]);
        assert_eq!(names(client.zones_named("example.net").await.unwrap()), ["example.net"]);
        assert!(client.zones_named("no such & zone?#").await.unwrap().is_empty());
    }
    assert!(road.lines().contains(&"GET /zones?name=no+such+%26+zone%3F%23&page=1&per_page=50".to_owned()));
}

#[tokio::test]
async fn one_kind_of_credential_is_sent_and_nothing_that_is_not_needed() {
    let stand = Stand::new();
    let road = Road::to(&stand.emulator);
    let names = |number: usize| {
        let sent = road.sent();
        let mut names: Vec<&str> = sent[number].headers.keys().map(http::HeaderName::as_str).collect();
        names.sort_unstable();
        names.join(" ")
    };
    let made =
        road.client(BOOTSTRAP).create_token(&TokenOwner::User, &token_write(&json!({}))).await.unwrap();
    assert_eq!(names(0), "accept authorization content-type user-agent");
    road.client_with(global_key()).token(&TokenOwner::User, &made.token.id).await.unwrap();
    assert_eq!(names(1), "accept user-agent x-auth-email x-auth-key");
    road.client(BOOTSTRAP).roll_token(&TokenOwner::User, &made.token.id).await.unwrap();

    let sent = road.sent();
    assert!(sent[0].headers["authorization"].is_sensitive() && sent[1].headers["x-auth-key"].is_sensitive());
    assert_eq!((sent[1].body.as_str(), sent[2].body.as_str()), ("", "{}"));
    assert!(!format!("{sent:?}").contains(BOOTSTRAP));
}

#[tokio::test]
async fn a_credential_that_is_no_header_goes_nowhere() {
    let stand = Stand::new();
    let road = Road::to(&stand.emulator);
    let key = |email: &str, key: &str| Credential::GlobalKey {
        email: email.to_owned(),
        key: Secret::new(key.to_owned()),
    };
    for credential in [
        token("cfut_EMULATOR-first-line\r\nx-injected: 1"),
        token("cfut_EMULATOR-\u{0}"),
        key("user@example.com\nx-injected: 1", LEGACY_KEY),
        key(LEGACY_EMAIL, "line\nbreak"),
    ] {
        let error = road.client_with(credential).user().await.unwrap_err();
        assert_eq!((&error.fault, error.fate()), (&Fault::BadCredential, Fate::Nothing));
        let said = format!("{error} {error:?}");
        assert!(!said.contains("injected") && !said.contains("EMULATOR"), "{said}");
    }
    assert!(road.sent().is_empty());
}

#[tokio::test]
async fn both_spellings_of_the_address_rule_are_understood() {
    let stand = Stand::new();
    let client = Road::to(&stand.emulator).client(BOOTSTRAP);
    let condition =
        json!({ "condition": { "request_ip": { "in": ["127.0.0.0/8"], "not_in": ["127.0.0.9/32"] } } });
    let made = client.create_token(&TokenOwner::User, &token_write(&condition)).await.unwrap();
    for spelling in [ConditionKey::Underscore, ConditionKey::Dot] {
        stand.emulator.switch(|switches| switches.condition_key = spelling);
        let rule =
            client.token(&TokenOwner::User, &made.token.id).await.unwrap().condition.unwrap().request_ip;
        assert_eq!(rule.unwrap().deny, ["127.0.0.9/32"], "{spelling:?}");
    }
}

#[tokio::test]
async fn expired_tokens_are_listed_too() {
    let stand = Stand::new();
    let client = Road::to(&stand.emulator).client(BOOTSTRAP);
    let brief = token_write(&json!({ "expires_on": "2031-05-01T12:00:10Z" }));
    let made = client.create_token(&TokenOwner::User, &brief).await.unwrap();
    stand.pass(60);
    let tokens = client.tokens(&TokenOwner::User).await.unwrap();
    let found = tokens.iter().find(|token| token.id == made.token.id).unwrap();
    assert_eq!(found.status, "expired");
}

fn add_tokens(stand: &Stand, count: usize) {
    for _ in 0..count {
        let owner = Owner::Account(ACCOUNT_ID.to_owned());
        drop(stand.emulator.add_token(owner, token_write(&json!({}))));
    }
}

#[tokio::test]
async fn a_list_is_read_to_its_end() {
    for (count, pages) in [(1, 1), (50, 1), (51, 2), (100, 2), (500, 10)] {
        let stand = Stand::new();
        add_tokens(&stand, count - 1);
        let road = Road::to(&stand.emulator);
        let tokens = road.client(ACCOUNT_BOOTSTRAP).tokens(&account()).await.unwrap();
        assert_eq!(tokens.len(), count);
        assert!(tokens.windows(2).all(|pair| pair[0].id < pair[1].id), "each once, in an order of its own");
        let first = format!("GET /accounts/{ACCOUNT_ID}/tokens?include_expired=true&page=1&per_page=50");
        assert_eq!(road.lines()[0], first);
        assert_eq!(road.lines().len(), pages, "{count} tokens");
    }
}

/// A page with so many tokens, numbered from `first`, and what stands in `result_info`.
fn page(first: usize, count: usize, info: &Value) -> Turn {
    let rows: Vec<Value> =
        (first..first + count).map(|number| json!({ "id": format!("{number:032x}") })).collect();
    let body = json!({ "success": true, "errors": [], "messages": [], "result": rows, "result_info": info });
    Turn::Answers(200, &[], body.to_string())
}

async fn count_tokens(turns: Vec<Turn>) -> (usize, usize) {
    let stand = Stand::new();
    let road = Road::to(&stand.emulator).with(turns);
    let client: Client = road.client(BOOTSTRAP);
    let tokens = client.tokens(&TokenOwner::User).await.unwrap();
    (tokens.len(), road.lines().len())
}

#[tokio::test]
async fn pages_that_say_little_or_nothing_about_themselves_are_read_all_the_same() {
    let (silent, total) = (json!(null), |count: u64| json!({ "total_count": count }));
    let rows: Vec<(&str, Vec<Turn>, (usize, usize))> = vec![
        ("nothing", vec![page(0, 0, &total(0))], (0, 1)),
        ("nothing, and no word about it", vec![page(0, 0, &silent)], (0, 1)),
        ("no total, a short page", vec![page(0, 49, &silent)], (49, 1)),
        (
            "no total, full pages",
            vec![page(0, 50, &silent), page(50, 50, &silent), page(100, 3, &silent)],
            (103, 3),
        ),
        (
            "no total, the last page full",
            vec![page(0, 50, &json!({ "count": 50 })), page(50, 0, &silent)],
            (50, 2),
        ),
        ("a page past the end", vec![page(0, 50, &total(51)), page(0, 0, &total(50))], (50, 2)),
        (
            "a row that moved to the next page",
            vec![page(0, 50, &total(51)), page(49, 2, &total(51))],
            (51, 2),
        ),
        (
            "smaller pages than were asked for",
            vec![
                page(0, 20, &json!({ "per_page": 20, "total_count": 45 })),
                page(20, 20, &json!({ "per_page": 20, "total_count": 45 })),
                page(40, 5, &json!({ "per_page": 20, "total_count": 45 })),
            ],
            (45, 3),
        ),
    ];
    for (what, turns, expected) in rows {
        assert_eq!(count_tokens(turns).await, expected, "{what}");
    }
}

#[tokio::test]
async fn a_page_that_is_refused_fails_the_whole_list() {
    let stand = Stand::new();
    let refusal =
        json!({ "success": false, "errors": [{ "code": 10000, "message": "Authentication error" }] });
    let turns = [page(0, 50, &json!({ "total_count": 51 })), Turn::Answers(403, &[], refusal.to_string())];
    let error =
        Road::to(&stand.emulator).with(turns).client(BOOTSTRAP).tokens(&TokenOwner::User).await.unwrap_err();
    assert_eq!(error.refusal().map(cfmint::cloudflare::Refusal::code), Some(10000));
}

#[tokio::test]
async fn an_accounts_bootstrap_is_told_what_it_cannot_be() {
    let stand = Stand::new();
    let client = Road::to(&stand.emulator).client(ACCOUNT_BOOTSTRAP);
    let error = client.user().await.unwrap_err();
    assert!(!error.is_gone(), "`… not found` is not about a token here");
    assert!(error.meaning().unwrap().contains("belongs to an account"));
    assert_eq!(client.verify(&account()).await.unwrap().id, ACCOUNT_BOOTSTRAP_ID);
    assert!(client.verify(&TokenOwner::User).await.unwrap_err().is_dead_secret());
}
