//! The recording proxy between a program and an API, both played here byte by byte.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use cfmint::cloudflare::{ApiBase, Https};
use cfmint::doctor::learn::{LeastRights, Proxy, Recording};

const ZONE: &str = "e0000000000000000000000000000101";

/// An API that hears one request and says what it is told to, in pieces: each when it is asked for.
struct Upstream {
    base: ApiBase,
    heard: JoinHandle<String>,
    next: Sender<&'static str>,
}

impl Upstream {
    /// It answers as soon as it has heard `until`.
    fn new(until: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/client/v4", listener.local_addr().unwrap());
        let (next, pieces): (Sender<&'static str>, Receiver<&'static str>) = channel();
        let heard = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let heard = hear(&mut stream, until);
            for piece in pieces {
                stream.write_all(piece.as_bytes()).unwrap();
            }
            heard
        });
        Self { base: ApiBase::parse(&base).unwrap(), heard, next }
    }

    async fn proxy(&self) -> Proxy {
        Proxy::start(Arc::new(Https::new(&self.base).unwrap()), &self.base).await.unwrap()
    }
}

/// Reads until the text is there.
fn hear(stream: &mut TcpStream, until: &str) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&heard).contains(until) {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "it ended after {:?}", String::from_utf8_lossy(&heard));
        heard.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8_lossy(&heard).into_owned()
}

/// A connection of the program's to the proxy.
fn connect(proxy: &Proxy) -> (TcpStream, String) {
    let address = proxy.base().replace("http://", "").replace("/client/v4", "");
    (TcpStream::connect(&address).unwrap(), address)
}

fn lines(recording: &Recording) -> Vec<String> {
    LeastRights::of(recording).rights.iter().map(|right| right.group.line()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_between_neighbours_stay_there_and_all_others_pass() {
    let upstream = Upstream::new("{\"a\":1}");
    let proxy = upstream.proxy().await;
    let (mut program, address) = connect(&proxy);
    write!(
        program,
        "PATCH /client/v4/zones/{ZONE}/dns_records/x%2Fy?comment=query-value HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: Bearer cfut_fake\r\nAccept-Encoding: gzip\r\nConnection: X-Between\r\nX-Between: us\r\n\
         Keep-Alive: timeout=5\r\nX-Custom: kept\r\nContent-Length: 7\r\n\r\n{{\"a\":1}}"
    )
    .unwrap();
    upstream
        .next
        .send(
            "HTTP/1.1 418 Teapot\r\nConnection: X-Theirs\r\nX-Theirs: hop\r\nCf-Ray: ray-1\r\nContent-Length: 2\r\n\r\n{}",
        )
        .unwrap();
    let answer = hear(&mut program, "{}").to_lowercase();
    drop(upstream.next);
    let heard = upstream.heard.join().unwrap().to_lowercase();
    for passed in [
        &format!("patch /client/v4/zones/{ZONE}/dns_records/x%2fy?comment=query-value http/1.1"),
        "authorization: bearer cfut_fake",
        "accept-encoding: gzip",
        "x-custom: kept",
        "content-length: 7",
        upstream.base.as_str().trim_start_matches("http://").trim_end_matches("/client/v4"),
    ] {
        assert!(heard.contains(passed), "{passed}\n{heard}");
    }
    for kept in ["x-between", "keep-alive", &address] {
        assert!(!heard.contains(kept), "{kept}\n{heard}");
    }
    assert!(answer.starts_with("http/1.1 418") && answer.contains("cf-ray: ray-1"), "{answer}");
    assert!(!answer.contains("x-theirs"), "{answer}");
    let recording = proxy.stop().await;
    assert_eq!(lines(&recording), ["DNS: edit"]);
    assert_eq!(recording.refused().as_deref(), Some("1 of 1 request was refused (418)"));
    let kept = format!("{recording:?}");
    for secret in ["cfut_fake", "query-value", "kept", "x%2Fy"] {
        assert!(!kept.contains(secret), "{secret}\n{kept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_pass_as_they_come_in_both_directions() {
    let upstream = Upstream::new("first");
    let proxy = upstream.proxy().await;
    let (mut program, address) = connect(&proxy);
    write!(
        program,
        "PUT /client/v4/zones/{ZONE}/purge_cache HTTP/1.1\r\nHost: {address}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"
    )
    .unwrap();
    // The API answers while the program still sends, and the program reads while the API still answers.
    upstream.next.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n").unwrap();
    hear(&mut program, "one");
    upstream.next.send("3\r\ntwo\r\n0\r\n\r\n").unwrap();
    hear(&mut program, "two");
    drop(upstream.next);
    assert!(upstream.heard.join().unwrap().to_lowercase().contains("transfer-encoding: chunked"));
    assert!(!proxy.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_taken_from_a_list_of_zones_that_is_asked_for_unpacked() {
    let upstream = Upstream::new("\r\n\r\n");
    let proxy = upstream.proxy().await;
    let (mut program, address) = connect(&proxy);
    write!(
        program,
        "GET /client/v4/zones?name=example.com HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: br\r\n\r\n"
    )
    .unwrap();
    upstream
        .next
        .send(
            "HTTP/1.1 200 OK\r\nContent-Length: 75\r\n\r\n\
             {\"result\":[{\"id\":\"e0000000000000000000000000000101\",\"name\":\"example.com\"}]}",
        )
        .unwrap();
    hear(&mut program, "}]}");
    drop(upstream.next);
    let heard = upstream.heard.join().unwrap().to_lowercase();
    assert!(heard.contains("accept-encoding: identity") && !heard.contains("br\r\n"), "{heard}");
    let kept = format!("{:?}", proxy.stop().await);
    assert!(kept.contains("example.com"), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_passed_on_is_answered_in_cloudflares_envelope() {
    // Nobody listens there any more.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = ApiBase::parse(&format!("http://{closed}/client/v4")).unwrap();
    let proxy = Proxy::start(Arc::new(Https::new(&base).unwrap()), &base).await.unwrap();
    for (path, status) in [("/client/v4/user", "502"), ("/elsewhere", "404"), ("/client/v4zones", "404")] {
        let (mut program, address) = connect(&proxy);
        write!(program, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        let answer = hear(&mut program, "}");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}\n{answer}");
        assert!(answer.contains("\"success\":false") && answer.contains("cfmint learn"), "{answer}");
    }
    let recording = proxy.stop().await;
    assert_eq!(lines(&recording), ["User Details: read"]);
    assert_eq!(recording.refused().as_deref(), Some("1 of 1 request was not answered (502)"));
    assert!(recording.all_failed());
}
