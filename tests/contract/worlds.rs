//! The world at its start, what its bootstraps see of it, and how it survives a restart.

use cfmint::emulator::world::{
    self, ACCOUNT_BOOTSTRAP, ACCOUNT_ID, BOOTSTRAP, NARROW_BOOTSTRAP, NARROW_BOOTSTRAP_ID,
};
use cfmint::emulator::{Emulator, SnapshotError};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::fixture::{Fixture, on_zone, user_key, write};

const NOBODY: [&str; 0] = [];

#[tokio::test]
async fn the_bootstrap_sees_everything_by_name() {
    let fixture = Fixture::new();
    assert_eq!(fixture.get(BOOTSTRAP, "/accounts").await.names(), ["Emulator Account"]);
    assert_eq!(fixture.get(BOOTSTRAP, "/zones").await.names(), ["example.com", "example.net"]);
    assert_eq!(fixture.get(BOOTSTRAP, "/zones?name=example.net").await.names(), ["example.net"]);
    assert_eq!(fixture.get(BOOTSTRAP, "/zones?name=contains:.COM").await.names(), ["example.com"]);
    assert_eq!(fixture.get(BOOTSTRAP, "/zones?name=contains_case_sensitive:.COM").await.names(), NOBODY);
    assert_eq!(fixture.get(BOOTSTRAP, "/zones?account.id=0").await.names(), NOBODY);
    assert_eq!(fixture.get(BOOTSTRAP, "/user").await.result()["id"], json!(world::USER_ID));
}

#[tokio::test]
async fn the_narrow_bootstrap_sees_nothing_but_finds_the_user_in_its_own_entry() {
    let fixture = Fixture::new();
    assert_eq!(fixture.get(NARROW_BOOTSTRAP, "/zones").await.names(), NOBODY);
    assert_eq!(fixture.get(NARROW_BOOTSTRAP, "/accounts").await.names(), NOBODY);
    let list = fixture.get(NARROW_BOOTSTRAP, "/user/tokens").await.result();
    let own = list.as_array().unwrap().iter().find(|row| row["id"] == json!(NARROW_BOOTSTRAP_ID)).unwrap();
    assert_eq!(own["policies"][0]["resources"], json!({ user_key(): "*" }));
    let body = write(&json!([on_zone()])).to_string();
    assert_eq!(fixture.ask(NARROW_BOOTSTRAP, "POST", "/user/tokens", &body).await.status, 200);
}

#[tokio::test]
async fn an_accounts_groups_lack_the_users() {
    let fixture = Fixture::new();
    let groups = async |secret, path: &str| {
        fixture.get(secret, &format!("{path}/permission_groups?per_page=5")).await.names()
    };
    let of_user = groups(BOOTSTRAP, "/user/tokens").await;
    let of_account = groups(ACCOUNT_BOOTSTRAP, &format!("/accounts/{ACCOUNT_ID}/tokens")).await;
    assert_eq!(of_user.len(), 351, "the whole list in one answer");
    assert_eq!(of_account.len(), 345);
    let scope = "com.cloudflare.api.account.zone";
    let one = format!("/user/tokens/permission_groups?name=Logs%20Write&scope={scope}");
    assert_eq!(fixture.get(BOOTSTRAP, &one).await.names(), ["Logs Write"]);
}

#[tokio::test]
async fn a_saved_world_goes_on_where_it_stopped_and_holds_no_secret() {
    let fixture = Fixture::new();
    let before = fixture.emulator.revision();
    let (id, secret) = fixture.create(&write(&json!([on_zone()]))).await;
    assert!(fixture.emulator.revision() > before);

    let saved = String::from_utf8(fixture.emulator.snapshot()).unwrap();
    assert!(!saved.contains(&secret) && !saved.contains(BOOTSTRAP) && !saved.contains("EMULATOR-"));
    let again = fixture.reborn();
    assert_eq!(again.verify(&secret).await, (200, 10000));
    let (other, _) = again.create(&write(&json!([on_zone()]))).await;
    assert_ne!(id, other, "draws go on even with the same randomness");
}

#[test]
fn a_world_of_another_version_or_half_a_world_is_an_error() {
    let fixture = Fixture::new();
    let restore = |bytes: &[u8]| {
        let settings = cfmint::emulator::Settings::new(
            std::sync::Arc::new(|| "2031-05-01T12:00:00Z".parse().unwrap()),
            std::sync::Arc::new(|bytes: &mut [u8]| bytes.fill(0)),
        );
        Emulator::restore(settings, bytes).err()
    };
    let saved = String::from_utf8(fixture.emulator.snapshot()).unwrap();
    let newer = saved.replacen("\"version\":1", "\"version\":2", 1);
    assert!(matches!(restore(newer.as_bytes()), Some(SnapshotError::Version { found: 2 })));
    assert!(matches!(restore(&saved.as_bytes()[..saved.len() / 2]), Some(SnapshotError::Broken(_))));
    assert!(matches!(restore(b"{\"version\":1}"), Some(SnapshotError::Broken(_))));
    assert!(matches!(restore(b""), Some(SnapshotError::Broken(_))));
    assert!(restore(saved.as_bytes()).is_none());
}

#[tokio::test]
async fn added_accounts_and_zones_are_seen_at_once() {
    let fixture = Fixture::new();
    let account = fixture.emulator.add_account("Second Account");
    fixture.emulator.add_zone(&account, "example.org").unwrap();
    assert_eq!(fixture.get(BOOTSTRAP, "/accounts?name=Second%20Account").await.names(), ["Second Account"]);
    let zones = fixture.get(BOOTSTRAP, &format!("/zones?account.id={account}")).await;
    assert_eq!(zones.names(), ["example.org"]);
    assert_eq!(zones.json()["result_info"]["total_pages"], json!(1));
}

#[tokio::test]
async fn it_is_served_on_loopback_with_its_own_clock() {
    let fixture = Fixture::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let emulator = fixture.emulator.clone();
    let served = tokio::spawn(async move { emulator.serve(listener, async { drop(stopped.await) }).await });

    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "GET /client/v4/user/tokens/verify HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n";
    stream.write_all(format!("{head}authorization: Bearer {BOOTSTRAP}\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\ndate: Thu, 01 May 2031 12:00:00 GMT\r\n"), "{answer}");
    assert!(answer.contains("This API Token is valid and active"), "{answer}");

    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
    let log: Vec<String> = fixture.emulator.requests().iter().map(ToString::to_string).collect();
    assert_eq!(log, ["GET /user/tokens/verify"]);
}

#[test]
fn what_everyone_knows_cannot_be_taken_for_a_real_secret() {
    for known in [BOOTSTRAP, NARROW_BOOTSTRAP, ACCOUNT_BOOTSTRAP, world::LEGACY_KEY] {
        assert!((40..=80).contains(&known.len()) && known.contains("_EMULATOR-"), "{known}");
    }
}
