//! The client on the emulator: each of its methods, what it sends, and lists of every length.

use cfmint::cloudflare::wire::TokenWrite;
use cfmint::cloudflare::{Certainty, Clocks, Credential, Fault, Reason, TokenList, TokenOwner};
use cfmint::emulator::ConditionKey;
use cfmint::emulator::world::{
    ACCOUNT_BOOTSTRAP, ACCOUNT_BOOTSTRAP_ID, ACCOUNT_ID, ACCOUNT_NAME, BOOTSTRAP, LEGACY_EMAIL, LEGACY_KEY,
    USER_ID,
};
use cfmint::secret::Secret;
use serde_json::{Value, json};

use crate::fixture::{Fixture, on_zone, write};
use crate::transport::{ScriptedTransport, Turn};

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

fn ids(list: &TokenList) -> Vec<&str> {
    list.tokens.iter().map(|token| token.id.as_str()).collect()
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
        let fixture = Fixture::new();
        let client = ScriptedTransport::to(&fixture.emulator).client_with(credential);
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
    let fixture = Fixture::new();
    let transport = ScriptedTransport::to(&fixture.emulator);
    for client in [transport.client(BOOTSTRAP), transport.client_with(global_key())] {
        assert_eq!(client.user().await.unwrap().id, USER_ID);
        assert_eq!(client.accounts().await.unwrap()[0].name, ACCOUNT_NAME);
        let names = |zones: Vec<cfmint::cloudflare::wire::Zone>| {
            zones.into_iter().map(|zone| zone.name).collect::<Vec<_>>()
        };
        assert_eq!(names(client.zones().await.unwrap()), ["example.com", "example.net"]);
        assert_eq!(names(client.zones_named("example.net").await.unwrap()), ["example.net"]);
        assert!(client.zones_named("no such & zone?#").await.unwrap().is_empty());
    }
    assert!(
        transport.lines().contains(&"GET /zones?name=no+such+%26+zone%3F%23&page=1&per_page=50".to_owned())
    );
}

#[tokio::test]
async fn one_kind_of_credential_is_sent_and_nothing_that_is_not_needed() {
    let fixture = Fixture::new();
    let transport = ScriptedTransport::to(&fixture.emulator);
    let names = |number: usize| {
        let sent = transport.sent();
        let mut names: Vec<&str> = sent[number].headers.keys().map(http::HeaderName::as_str).collect();
        names.sort_unstable();
        names.join(" ")
    };
    let made =
        transport.client(BOOTSTRAP).create_token(&TokenOwner::User, &token_write(&json!({}))).await.unwrap();
    assert_eq!(names(0), "accept authorization content-type user-agent");
    transport.client_with(global_key()).token(&TokenOwner::User, &made.token.id).await.unwrap();
    assert_eq!(names(1), "accept user-agent x-auth-email x-auth-key");
    transport.client(BOOTSTRAP).roll_token(&TokenOwner::User, &made.token.id).await.unwrap();

    let sent = transport.sent();
    assert!(sent[0].headers["authorization"].is_sensitive() && sent[1].headers["x-auth-key"].is_sensitive());
    assert_eq!((sent[1].body.as_str(), sent[2].body.as_str()), ("", "{}"));
    assert!(!format!("{sent:?}").contains(BOOTSTRAP));
}

#[tokio::test]
async fn a_credential_that_is_no_header_goes_nowhere() {
    let fixture = Fixture::new();
    let transport = ScriptedTransport::to(&fixture.emulator);
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
        let error = transport.client_with(credential).user().await.unwrap_err();
        assert_eq!((&error.fault, error.certainty()), (&Fault::BadCredential, Certainty::NoEffect));
        let said = format!("{error} {error:?}");
        assert!(!said.contains("injected") && !said.contains("EMULATOR"), "{said}");
    }
    assert!(transport.sent().is_empty());
}

#[tokio::test]
async fn both_spellings_of_the_address_rule_are_understood() {
    let fixture = Fixture::new();
    let client = ScriptedTransport::to(&fixture.emulator).client(BOOTSTRAP);
    let condition =
        json!({ "condition": { "request_ip": { "in": ["127.0.0.0/8"], "not_in": ["127.0.0.9/32"] } } });
    let made = client.create_token(&TokenOwner::User, &token_write(&condition)).await.unwrap();
    for spelling in [ConditionKey::Underscore, ConditionKey::Dot] {
        fixture.emulator.switch(|switches| switches.condition_key = spelling);
        let rule =
            client.token(&TokenOwner::User, &made.token.id).await.unwrap().condition.unwrap().request_ip;
        assert_eq!(rule.unwrap().deny, ["127.0.0.9/32"], "{spelling:?}");
    }
}

#[tokio::test]
async fn expired_tokens_are_listed_too() {
    let fixture = Fixture::new();
    let client = ScriptedTransport::to(&fixture.emulator).client(BOOTSTRAP);
    let brief = token_write(&json!({ "expires_on": "2031-05-01T12:00:10Z" }));
    let made = client.create_token(&TokenOwner::User, &brief).await.unwrap();
    fixture.pass(60);
    let list = client.tokens(&TokenOwner::User).await.unwrap();
    let found = list.tokens.iter().find(|token| token.id == made.token.id).unwrap();
    assert_eq!(found.status, "expired");
}

#[tokio::test]
async fn a_strange_zone_account_or_group_does_not_hide_the_others() {
    let fixture = Fixture::new();
    let account = json!({ "id": "e1", "name": null });
    let zone = |name: Value| json!({ "id": "e2", "name": name, "account": account });
    let answer =
        |rows: Value| Turn::Answers(200, &[], json!({ "success": true, "result": rows }).to_string());
    let transport = ScriptedTransport::to(&fixture.emulator).with([
        answer(json!([zone(Value::Null), zone(json!("example.com"))])),
        answer(json!([account, { "id": null, "name": "x" }])),
        answer(json!([{ "id": 7 }, { "id": "e3", "name": "DNS Write", "scopes": null }])),
    ]);
    let client = transport.client(BOOTSTRAP);
    let zones = client.zones().await.unwrap();
    assert_eq!((zones.len(), zones[0].name.as_str(), zones[0].account.name.as_str()), (1, "example.com", ""));
    assert_eq!(client.accounts().await.unwrap().len(), 1);
    assert_eq!(client.permission_groups(&TokenOwner::User).await.unwrap()[0].name, "DNS Write");
}

#[tokio::test(start_paused = true)]
async fn one_of_two_zones_of_a_name_is_never_taken_because_the_other_cannot_be_read() {
    let fixture = Fixture::new();
    let zone = json!({ "id": "e2", "name": "example.com", "account": { "id": "e1" } });
    let rows = json!([zone, { "id": "e4", "name": "example.com", "account": null }]);
    let answer = Turn::Answers(200, &[], json!({ "success": true, "result": rows }).to_string());
    let client = ScriptedTransport::to(&fixture.emulator).with([answer]).client(BOOTSTRAP);
    let error = client.zones_named("example.com").await.unwrap_err();
    assert!(matches!(error.fault, Fault::Unreadable { .. }), "{error}");
}

#[tokio::test]
async fn a_new_token_without_its_secret_has_its_own_error() {
    let fixture = Fixture::new();
    let token = |more: &Value| {
        let mut token = json!({ "id": "e1", "name": "shop", "policies": [] });
        token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        token
    };
    let answer =
        |result: &Value| Turn::Answers(200, &[], json!({ "success": true, "result": result }).to_string());
    for result in [
        token(&json!({ "value": "" })),
        token(&json!({ "value": " \n" })),
        token(&json!({ "value": null })),
        token(&json!({})),
        Value::Null,
    ] {
        let transport = ScriptedTransport::to(&fixture.emulator).with([answer(&result)]);
        let made =
            transport.client(BOOTSTRAP).create_token(&TokenOwner::User, &token_write(&json!({}))).await;
        let error = made.err().unwrap();
        assert_eq!(
            (&error.fault, error.certainty()),
            (&Fault::WithoutSecret, Certainty::Unknown),
            "{result}"
        );
        assert_eq!(transport.lines().len(), 1);
    }
    for result in [json!(""), json!("\t"), Value::Null] {
        let transport = ScriptedTransport::to(&fixture.emulator).with([answer(&result)]);
        let error = transport.client(BOOTSTRAP).roll_token(&TokenOwner::User, "e1").await.err().unwrap();
        assert_eq!(
            (&error.fault, error.certainty()),
            (&Fault::WithoutSecret, Certainty::Unknown),
            "{result}"
        );
    }
}

#[tokio::test]
async fn the_servers_clock_is_held_against_the_callers() {
    let fixture = Fixture::new();
    let client = ScriptedTransport::to(&fixture.emulator).client(BOOTSTRAP);
    let machine = "2031-05-01T12:00:30Z".parse().unwrap();
    assert_eq!(client.clocks(machine), Clocks::MachineOnly { machine });
    client.user().await.unwrap();
    assert!(matches!(client.clocks(machine), Clocks::Agree { server } if server < machine));
    // A proxy's page tells the proxy's time.
    let page = Turn::Answers(200, &[("date", "Thu, 01 Jan 1970 00:00:00 GMT")], "<html>".to_owned());
    let client = ScriptedTransport::to(&fixture.emulator).with([page]).client(BOOTSTRAP);
    client.delete_token(&TokenOwner::User, "e1").await.unwrap_err();
    assert_eq!(client.clocks(machine), Clocks::MachineOnly { machine });
}

#[tokio::test]
async fn an_accounts_bootstrap_is_told_what_it_cannot_be() {
    let fixture = Fixture::new();
    let client = ScriptedTransport::to(&fixture.emulator).client(ACCOUNT_BOOTSTRAP);
    let error = client.user().await.unwrap_err();
    assert!(!error.is_gone(), "`… not found` is not about a token here");
    assert_eq!(error.reason(), Some(Reason::OnlyForUsers));
    assert_eq!(client.verify(&account()).await.unwrap().id, ACCOUNT_BOOTSTRAP_ID);
    assert!(client.verify(&TokenOwner::User).await.unwrap_err().is_dead_secret());
}
