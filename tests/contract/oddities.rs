//! What the sources leave open about expired tokens, lists and dates, and answers that are strange on purpose.

use cfmint::cloudflare::wire::TokenWrite;
use cfmint::cloudflare::{Clocks, Fault, TokenOwner};
use cfmint::emulator::world::{ACCOUNT_BOOTSTRAP, ACCOUNT_ID, BOOTSTRAP};
use cfmint::emulator::{DateHeader, EmulatorOwner, NameFilter, Revival, VerifyAnswer};
use http::Method;
use serde_json::{Value, json};

use crate::fixture::{Fixture, on_zone, write};
use crate::transport::ScriptedTransport;

const USER: TokenOwner = TokenOwner::User;

fn body(name: &str, end: &str) -> Value {
    let mut body = write(&json!([on_zone()]));
    (body["name"], body["expires_on"]) = (json!(name), json!(end));
    body
}

fn token_write(name: &str) -> TokenWrite {
    serde_json::from_value(body(name, "2031-06-01T00:00:00Z")).unwrap()
}

/// The names that a list of the user's shows, but for the bootstraps.
async fn listed(fixture: &Fixture, query: &str) -> Vec<String> {
    let names = fixture.get(BOOTSTRAP, &format!("/user/tokens{query}")).await.names();
    names.into_iter().filter(|name| name.starts_with("shop")).collect()
}

#[tokio::test]
async fn an_expired_token_that_is_replaced_may_work_again_or_not() {
    for (revival, status, verified) in [
        (Revival::Revives, "active", (200, 10000)),
        (Revival::StaysExpired, "expired", (401, 1000)),
        (Revival::Refused, "expired", (401, 1000)),
    ] {
        let fixture = Fixture::with(|settings| settings.switches.revive_expired = revival);
        let (id, secret) = fixture.create(&body("shop", "2031-05-01T12:01:00Z")).await;
        fixture.pass(60);
        assert_eq!(listed(&fixture, "").await, [""; 0]);
        assert_eq!(listed(&fixture, "?include_expired=true").await, ["shop"]);
        let renewed = body("shop+old", "2031-06-01T00:00:00Z").to_string();
        let heard = fixture.ask(BOOTSTRAP, "PUT", &format!("/user/tokens/{id}"), &renewed).await;
        let name = if revival == Revival::Refused {
            assert_eq!(heard.status, 404);
            "shop"
        } else {
            assert_eq!(heard.result()["status"], json!(status));
            "shop+old"
        };
        assert_eq!(listed(&fixture, "?include_expired=true").await, [name], "{revival:?}");
        assert_eq!(listed(&fixture, "").await.len(), usize::from(status == "active"), "{revival:?}");
        assert_eq!(fixture.verify(&secret).await, verified, "{revival:?}");
    }
}

#[tokio::test]
async fn a_token_out_of_its_time_is_invalid_or_tells_its_status() {
    let fixture = Fixture::new();
    let (_, expired) = fixture.create(&body("shop", "2031-05-01T12:01:00Z")).await;
    fixture.pass(60);
    let mut later = write(&json!([on_zone()]));
    later["not_before"] = json!("2031-05-01T13:00:00Z");
    let (_, early) = fixture.create(&later).await;
    let status = async |secret: &str| {
        let heard = fixture.get(secret, "/user/tokens/verify").await;
        (heard.status, heard.json()["result"]["status"].clone(), heard.json()["messages"].clone())
    };
    assert_eq!((status(&expired).await.0, status(&early).await.0), (401, 401));
    fixture.emulator.switch(|switches| {
        switches.expired_verify = VerifyAnswer::Status;
        switches.early_verify = VerifyAnswer::Status;
    });
    assert_eq!(status(&expired).await, (200, json!("expired"), json!([])));
    assert_eq!(status(&early).await, (200, json!("active"), json!([])));
    for secret in [&expired, &early] {
        assert_eq!(fixture.get(secret, "/zones").await.status, 403, "no other endpoint lets it in");
    }
}

#[tokio::test]
async fn a_list_can_be_asked_for_a_name() {
    let fixture = Fixture::new();
    for name in ["shop@k3x9w2ab", "shop+old@k3x9w2ac"] {
        fixture.create(&body(name, "2031-06-01T00:00:00Z")).await;
    }
    let named = async |name: &str| listed(&fixture, &format!("?name={name}")).await.len();
    for (filter, counts) in
        [(NameFilter::Exact, [1, 0, 0]), (NameFilter::Contains, [1, 2, 2]), (NameFilter::Ignored, [2, 2, 2])]
    {
        fixture.emulator.switch(|switches| switches.name_filter = filter);
        assert_eq!(
            [named("shop@k3x9w2ab").await, named("shop").await, named("SHOP").await],
            counts,
            "{filter:?}"
        );
    }
}

#[tokio::test]
async fn a_list_can_be_longer_than_a_client_reads_and_its_pages_shorter() {
    let fixture = Fixture::new();
    let add = |count: usize| {
        for _ in 0..count {
            drop(
                fixture
                    .emulator
                    .add_token(EmulatorOwner::Account(ACCOUNT_ID.to_owned()), token_write("shop")),
            );
        }
    };
    let account = TokenOwner::Account(ACCOUNT_ID.to_owned());
    let transport = ScriptedTransport::to(&fixture.emulator);
    let client = transport.client(ACCOUNT_BOOTSTRAP);
    add(44);
    fixture.emulator.switch(|switches| switches.longest_page = 20);
    let list = client.tokens(&account).await.unwrap();
    assert_eq!((list.tokens.len(), list.is_whole, transport.lines().len()), (45, true, 3));

    fixture.emulator.switch(|switches| switches.longest_page = 50);
    add(5000 - 45);
    assert!(client.tokens(&account).await.unwrap().is_whole);
    add(1);
    let list = client.tokens(&account).await.unwrap();
    assert_eq!((list.tokens.len(), list.is_whole), (5000, false));
}

#[tokio::test]
async fn a_list_can_lag_behind_the_last_change() {
    let fixture = Fixture::new();
    let lagging = async || {
        fixture.emulator.lag_list(1);
        (listed(&fixture, "").await, listed(&fixture, "").await)
    };
    let (first, _) = fixture.create(&body("shop-1", "2031-06-01T00:00:00Z")).await;
    fixture.create(&body("shop-2", "2031-06-01T00:00:00Z")).await;
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(lagging().await, (names(&["shop-1"]), names(&["shop-1", "shop-2"])));

    let path = format!("/user/tokens/{first}");
    let renamed = body("shop+old", "2031-06-01T00:00:00Z").to_string();
    fixture.ask(BOOTSTRAP, "PUT", &path, &renamed).await.result();
    assert_eq!(lagging().await, (names(&["shop-1", "shop-2"]), names(&["shop+old", "shop-2"])));
    fixture.ask(BOOTSTRAP, "DELETE", &path, "").await.result();
    assert_eq!(lagging().await, (names(&["shop+old", "shop-2"]), names(&["shop-2"])));
}

#[tokio::test(start_paused = true)]
async fn rows_and_answers_can_be_spoiled() {
    let fixture = Fixture::new();
    let client = ScriptedTransport::to(&fixture.emulator).client(BOOTSTRAP);
    let made = client.create_token(&USER, &token_write("shop")).await.unwrap().token;
    fixture.emulator.spoil_row(&made.id, |row| row["policies"] = Value::Null);
    let list = client.tokens(&USER).await.unwrap();
    let id = list.unreadable.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    assert_eq!((id, list.is_whole), (vec![Some(made.id.clone())], true));
    assert!(matches!(client.token(&USER, &made.id).await.unwrap_err().fault, Fault::Unreadable { .. }));

    fixture
        .emulator
        .spoil_next(|request| request.method == Method::POST, |body| body["result"]["value"] = json!(""));
    let made = client.create_token(&USER, &token_write("shop")).await;
    assert_eq!(made.err().unwrap().fault, Fault::WithoutSecret);
    assert!(client.create_token(&USER, &token_write("shop")).await.is_ok(), "it happens once");
}

#[tokio::test]
async fn a_date_can_be_wrong_or_none() {
    let fixture = Fixture::new();
    let machine = "2031-05-01T12:00:00Z".parse().unwrap();
    for (date, agrees) in [
        (DateHeader::Right, Some(true)),
        (DateHeader::DaysOff(9), Some(false)),
        (DateHeader::DaysOff(-4000), Some(false)),
        (DateHeader::DaysOff(i64::MAX), None),
        (DateHeader::Absent, None),
        (DateHeader::Garbage, None),
    ] {
        fixture.emulator.switch(|switches| switches.date = date);
        let client = ScriptedTransport::to(&fixture.emulator).client(BOOTSTRAP);
        client.user().await.unwrap();
        let clocks = client.clocks(machine);
        let agreed = match clocks {
            Clocks::Agree { .. } => Some(true),
            Clocks::Disagree { .. } => Some(false),
            Clocks::MachineOnly { .. } => None,
        };
        assert_eq!((agreed, clocks.can_be_trusted()), (agrees, agrees != Some(false)), "{date:?}");
    }
    fixture.emulator.switch(|switches| switches.date = DateHeader::Absent);
    assert_eq!(fixture.get(BOOTSTRAP, "/user").await.header("date"), "");
}
