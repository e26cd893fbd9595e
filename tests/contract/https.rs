//! The real transport, against a socket on loopback that speaks as little HTTP as it takes.

use std::sync::Arc;

use cfmint::cloudflare::wire::TokenWrite;
use cfmint::cloudflare::{ApiBase, Certainty, Client, Credential, Error, Fault, Https, TokenOwner};
use cfmint::emulator::world::BOOTSTRAP;
use cfmint::secret::Secret;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::fixture::{Fixture, on_zone, write};

/// What the socket does once it has read the request.
enum Deed {
    Closes,
    Says(String),
    /// Says this much and then nothing more; time stands still from then on, but for who waits for it.
    Stalls(String),
    /// Says this, and then the same letter until nobody listens.
    Floods(String),
}

fn client(port: u16) -> Client {
    let base = ApiBase::parse(&format!("http://127.0.0.1:{port}/client/v4")).unwrap();
    let credential = Credential::Token(Secret::new(BOOTSTRAP.to_owned()));
    Client::new(Arc::new(Https::new(&base).unwrap()), base, credential)
}

/// Serves one connection; yields the request it read.
async fn serve(deed: Deed) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        match deed {
            Deed::Closes => {}
            Deed::Says(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
            Deed::Stalls(answer) => {
                stream.write_all(answer.as_bytes()).await.unwrap();
                tokio::time::pause();
                stream.read_u8().await.ok();
            }
            Deed::Floods(answer) => {
                stream.write_all(answer.as_bytes()).await.unwrap();
                while stream.write_all(&[b'x'; 8 * 1024]).await.is_ok() {}
            }
        }
        request
    });
    (port, served)
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    loop {
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await.unwrap();
        request.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        if body.len() >= length.parse().unwrap() {
            return request;
        }
    }
}

/// Sends a create, which is sent once at the most where nobody knows what became of it.
async fn create(port: u16) -> Result<(), Error> {
    let body: TokenWrite = serde_json::from_value(write(&json!([on_zone()]))).unwrap();
    client(port).create_token(&TokenOwner::User, &body).await.map(drop)
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

#[tokio::test]
async fn it_reaches_an_api_that_is_served() {
    let fixture = Fixture::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let emulator = fixture.emulator.clone();
    tokio::spawn(async move { emulator.serve(listener, std::future::pending()).await });
    assert_eq!(client(port).zones().await.unwrap().len(), 2);
    assert_eq!(create(port).await, Ok(()));
}

#[tokio::test]
async fn a_request_has_exactly_the_headers_it_needs() {
    let (port, served) = serve(Deed::Closes).await;
    create(port).await.unwrap_err();
    let request = served.await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let (line, headers) = head.split_once("\r\n").unwrap();
    assert_eq!(line, "POST /client/v4/user/tokens HTTP/1.1");
    let mut headers: Vec<&str> = headers.lines().collect();
    headers.sort_unstable();
    let expected = [
        "accept: application/json".to_owned(),
        format!("authorization: Bearer {BOOTSTRAP}"),
        format!("content-length: {}", body.len()),
        "content-type: application/json".to_owned(),
        format!("host: 127.0.0.1:{port}"),
        concat!("user-agent: cfmint/", env!("CARGO_PKG_VERSION")).to_owned(),
    ];
    assert_eq!(headers, expected);
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_means_that_nothing_happened() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = create(port).await.unwrap_err();
    assert!(matches!(error.fault, Fault::NotSent(_)), "{error}");
    assert_eq!(error.certainty(), Certainty::NoEffect);
}

#[tokio::test]
async fn an_answer_that_does_not_come_whole_is_lost() {
    let deeds = [
        Deed::Closes,
        Deed::Says("HTTP/1.1 200".to_owned()),
        Deed::Says("no HTTP at all\r\n\r\n".to_owned()),
        Deed::Says(format!("{HEAD}content-length: 100\r\n\r\n{{\"success\":true,")),
        Deed::Says(format!("{HEAD}transfer-encoding: chunked\r\n\r\n5\r\n{{\"suc")),
        Deed::Floods(format!("{HEAD}connection: close\r\n\r\n")),
    ];
    for deed in deeds {
        let (port, served) = serve(deed).await;
        let error = create(port).await.unwrap_err();
        assert!(matches!(error.fault, Fault::Lost(_)), "{error}");
        assert!(!error.to_string().contains("http://"), "{error}");
        served.await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_stalls_is_given_up() {
    for answer in [String::new(), format!("{HEAD}content-length: 100\r\n\r\n{{")] {
        let (port, _served) = serve(Deed::Stalls(answer)).await;
        let error = create(port).await.unwrap_err();
        tokio::time::resume();
        assert_eq!(error.fault, Fault::Lost("no answer within 30 s".to_owned()));
    }
}

#[tokio::test]
async fn no_redirect_is_followed_and_nothing_is_sent_to_where_it_leads() {
    let elsewhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let there = elsewhere.local_addr().unwrap();
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let answer = format!(
            "HTTP/1.1 {status}\r\nlocation: http://{there}/client/v4/user/tokens\r\ncontent-length: 0\r\n\r\n"
        );
        let (port, served) = serve(Deed::Says(answer)).await;
        let error = create(port).await.unwrap_err();
        assert!(
            matches!(&error.fault, Fault::Unreadable { detail, .. } if detail == "a redirect"),
            "{error}"
        );
        assert_eq!(error.certainty(), Certainty::Unknown);
        served.await.unwrap();
    }
    let reached = elsewhere.accept().map_err(|error| error.kind());
    assert_eq!(reached.map(drop), Err(std::io::ErrorKind::WouldBlock));
}
