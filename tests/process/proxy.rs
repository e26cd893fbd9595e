//! The proxy of the environment: the way to Cloudflare, never the way to this machine, and none of its business.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use cfmint::emulator::world::BOOTSTRAP;

const PROFILE: &str = "
version: 1
name: shop-dns
permissions: { zone: { DNS: edit } }
resources: { zones: [e0000000000000000000000000000101] }
ttl: 30d
sinks: [{ env_file: .env, variables: { SHOP_TOKEN: token } }]
";

/// A server that refuses everything and keeps what it was asked.
struct Refuser {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Refuser {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                kept.lock().unwrap().push(request.join("\n"));
                stream
                    .write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .ok();
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Plans, with an API and a proxy.
fn plan(api: &str, proxy: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dns.yaml"), PROFILE).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cfmint"));
    command.args(["plan", "dns.yaml", "-vv"]).current_dir(folder.path()).env_clear();
    command.env("CLOUDFLARE_BASE_URL", api).env("CLOUDFLARE_BOOTSTRAP_TOKEN", BOOTSTRAP);
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        command.env(name, proxy);
    }
    command.output().unwrap()
}

#[test]
fn a_proxy_sees_where_a_request_goes_and_nothing_of_it() {
    let proxy = Refuser::new();
    let secret = "proxy-password-that-is-none";
    let ran =
        plan("https://api.cloudflare.invalid/client/v4", &format!("http://me:{secret}@{}", proxy.address));
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(
        said.contains("cloudflare.no-connection") && said.contains("check the network and the proxy"),
        "{said}"
    );
    let heard = proxy.heard();
    assert!(!heard.is_empty());
    for head in heard {
        assert!(head.starts_with("CONNECT api.cloudflare.invalid:443 HTTP/1.1"), "{head}");
        assert!(!head.contains("Bearer") && !head.contains(BOOTSTRAP), "{head}");
    }
    assert!(!said.contains(secret) && !said.contains(BOOTSTRAP), "{said}");
}

#[test]
fn an_api_on_this_machine_is_reached_past_the_proxy() {
    let (proxy, api) = (Refuser::new(), Refuser::new());
    let ran = plan(&format!("http://{}/client/v4", api.address), &format!("http://{}", proxy.address));
    assert_eq!(ran.status.code(), Some(1));
    assert_eq!(proxy.heard(), [""; 0]);
    assert!(api.heard().iter().all(|head| head.starts_with("GET /client/v4/")), "{:?}", api.heard());
    assert!(!api.heard().is_empty());
}
