//! A program is learned from, and the profile that is written allows what it did and nothing else.
//!
//! The program is played by this test, over real sockets: it asks the API at the base that it is given, with the token
//! that it finds in a file.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use cfmint::emulator::world::{ACCOUNT_ID, BOOTSTRAP, ZONE_COM_ID, ZONE_NET_ID};
use cfmint::world::{BOOTSTRAP_VARIABLES, Child, Finished};

use crate::support::{TestWorld, cfmint};

/// A profile that allows much.
const WIDE: &str = "\
version: 1
name: wide
permissions:
  account: { Workers Scripts: edit, Workers KV Storage: edit, Account Settings: read }
  zone: { DNS: edit, Zone: read, Workers Routes: edit, Cache Purge: purge }
  user: { Memberships: read, User Details: read }
resources: { accounts: [Emulator Account], zones: [example.com, example.net] }
ttl: 7d
sinks: [{ env_file: .env.wide, variables: { CLOUDFLARE_API_TOKEN: token } }]
";

/// What the program does: the methods and paths, with queries that nobody shall see.
fn requests() -> Vec<(&'static str, String)> {
    vec![
        ("GET", "/memberships?per_page=50".to_owned()),
        ("GET", "/accounts".to_owned()),
        ("GET", "/zones?name=example.com&secret=query-value".to_owned()),
        ("GET", format!("/accounts/{ACCOUNT_ID}/storage/kv/namespaces")),
        ("PUT", format!("/accounts/{ACCOUNT_ID}/workers/scripts/api")),
        ("GET", format!("/accounts/{ACCOUNT_ID}/workers/scripts/api/settings")),
        ("POST", format!("/zones/{ZONE_COM_ID}/dns_records")),
        ("GET", format!("/zones/{ZONE_NET_ID}/dns_records")),
        ("POST", format!("/zones/{ZONE_COM_ID}/purge_cache")),
    ]
}

/// A machine with a program that does all of this, and the place where it looks for its token.
struct Bench {
    world: Arc<TestWorld>,
    env_file: Arc<Mutex<PathBuf>>,
    /// The statuses of its last run.
    statuses: Arc<Mutex<Vec<u16>>>,
}

impl Bench {
    async fn new() -> Self {
        let world = Arc::new(TestWorld::new());
        let (env_file, statuses) = (Arc::new(Mutex::new(world.path(".env.wide"))), Arc::default());
        let bench = Self { world, env_file, statuses };
        bench.world.put("wide.yaml", WIDE);
        let applied = bench.run("apply wide.yaml --emulator").await;
        assert_eq!(applied.0, 0, "{}", applied.1);
        let (env_file, statuses) = (Arc::clone(&bench.env_file), Arc::clone(&bench.statuses));
        bench.world.act_for_programs(move |child| {
            assert_eq!(child.argv, ["deploy"]);
            let text = std::fs::read_to_string(&*env_file.lock().unwrap()).unwrap();
            let token = text.trim().split_once('=').unwrap().1.trim_matches(['"', '\'']).to_owned();
            *statuses.lock().unwrap() = play(child, &token);
            let is_well = statuses.lock().unwrap().iter().all(|status| *status == 200);
            Ok(ended(i32::from(!is_well)))
        });
        bench
    }

    async fn run(&self, command: &str) -> (u8, String) {
        let ran = cfmint(&self.world, command).await;
        (ran.code, format!("{}{}", ran.out, ran.err))
    }

    /// Makes the token of a profile, and lets the program use it from now on.
    async fn use_token_of(&self, name: &str, text: &str) {
        let text = text.replace("name: shop", &format!("name: {name}"));
        let text = text.replace("env_file: .env", &format!("env_file: .env.{name}"));
        // The program reads one variable.
        self.world.put("made.yaml", text.replace("      CLOUDFLARE_ACCOUNT_ID: account_id\n", ""));
        let (code, said) = self.run("apply made.yaml --emulator").await;
        assert_eq!(code, 0, "{text}\n{said}");
        *self.env_file.lock().unwrap() = self.world.path(&format!(".env.{name}"));
    }
}

fn ended(code: i32) -> Finished {
    Finished {
        code: Some(code),
        signal: None,
        output: Vec::new().into(),
        errors: Vec::new(),
        timed_out: false,
    }
}

/// Sends the requests, and returns the statuses of the answers.
fn play(child: &Child<'_>, token: &str) -> Vec<u16> {
    let variable = |name: &str| child.variables.iter().find(|(own, _)| *own == name).map(|(_, value)| value);
    let base = variable("CLOUDFLARE_BASE_URL").unwrap();
    assert_eq!(variable("CLOUDFLARE_API_BASE_URL"), Some(base));
    assert!(BOOTSTRAP_VARIABLES.iter().all(|name| child.hidden.contains(name)));
    let address = base.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/client/v4")).unwrap();
    requests().iter().map(|(method, path)| ask(address, method, path, token).unwrap()).collect()
}

fn ask(address: &str, method: &str, path: &str, token: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "{method} /client/v4{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Connection: close, X-Between\r\nX-Between: us\r\nContent-Length: 15\r\n\r\n{{\"body\":\"words\"}}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    assert!(answer.contains("\"success\""), "{answer}");
    Ok(answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default())
}

/// Each way to leave one permission out of a profile, with what was left out. Another one that nothing needs stands in
/// its place, since no section may be empty.
fn without_one(profile: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = profile.lines().collect();
    let others = [
        ("account:", "Billing: read"),
        ("zone:", "SSL and Certificates: read"),
        ("user:", "User Details: read"),
    ];
    let levels = [": read", ": edit", ": purge"];
    let is_permission = |line: &str| {
        let text = line.split("  # ").next().unwrap_or_default();
        !line.trim_start().starts_with('#') && levels.iter().any(|level| text.ends_with(level))
    };
    let removed = |at: usize| {
        let line = lines[at];
        let of_section = |line: &&str| others.iter().find(|(section, _)| line.trim() == *section);
        let (_, other) = lines[..at].iter().rev().find_map(of_section).unwrap();
        let indent = &line[..line.len() - line.trim_start().len()];
        let other = format!("{indent}{other}");
        let mut left = lines.clone();
        left[at] = &other;
        (line.trim().to_owned(), left.join("\n") + "\n")
    };
    (0..lines.len()).filter(|at| is_permission(lines[*at])).map(removed).collect()
}

#[tokio::test]
async fn the_profile_that_is_learned_allows_the_same_run_and_fails_without_any_of_its_lines() {
    let bench = Bench::new().await;
    let (code, said) = bench.run("learn --emulator --name shop --output shop.yaml -- deploy").await;
    assert_eq!(code, 0, "{said}");
    let shop = bench.world.text("shop.yaml");
    for secret in ["query-value", "words", "cfut_", "X-Between"] {
        assert!(!shop.contains(secret) && !said.contains(secret), "{secret}\n{shop}\n{said}");
    }
    assert!(shop.contains("accounts: [Emulator Account]"), "{shop}");

    bench.use_token_of("shop", &shop).await;
    let (code, said) = bench.run("learn --emulator --check shop.yaml -- deploy").await;
    assert_eq!(code, 0, "{said}\n{:?}", bench.statuses.lock().unwrap());
    assert!(said.contains("Enough") && !said.contains("unneeded") && !said.contains("wide"), "{said}");

    let mut narrowed = without_one(&shop);
    assert_eq!(narrowed.len(), 7, "{shop}");
    // The documentation asks for it, but Cloudflare lists a zone by name to whoever may do anything in it.
    narrowed.retain(|(line, _)| !line.starts_with("Zone: read"));
    for (number, (line, profile)) in narrowed.iter().enumerate() {
        bench.use_token_of(&format!("shop-{number}"), profile).await;
        let (code, said) = bench.run("learn --emulator --check made.yaml -- deploy").await;
        let statuses = bench.statuses.lock().unwrap().clone();
        assert_eq!(code, 1, "{line} is not needed: {statuses:?}\n{profile}\n{said}");
        assert!(said.contains("missing"), "{line}\n{said}");
    }
}

#[tokio::test]
async fn a_program_that_fails_passes_its_exit_code_on_and_the_profile_is_written_with_a_note() {
    let bench = Bench::new().await;
    bench.world.act_for_programs(|child| {
        play(child, BOOTSTRAP);
        Ok(Finished { signal: Some(15), code: None, ..ended(0) })
    });
    let (code, said) = bench.run("learn --emulator --name shop --output shop.yaml -- deploy").await;
    assert_eq!(code, 143, "{said}");
    let shop = bench.world.text("shop.yaml");
    assert!(shop.contains("Note: deploy failed with exit code 143"), "{shop}");
    assert!(shop.contains("DNS: edit"), "{shop}");
}

#[tokio::test]
async fn a_run_in_which_nothing_succeeds_is_no_success_and_leaves_no_profile() {
    let bench = Bench::new().await;
    // The program takes no notice of what it is answered.
    bench.world.act_for_programs(|child| {
        let statuses = play(child, "cfut_EMULATOR-no-token-of-anybody");
        assert!(statuses.iter().all(|status| *status >= 400), "{statuses:?}");
        Ok(ended(0))
    });
    for command in [
        "learn --emulator --name shop --output shop.yaml -- deploy",
        "learn --emulator --check wide.yaml -- deploy",
    ] {
        let (code, said) = bench.run(command).await;
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("learn.refused") && said.contains("9 of 9 requests were refused"), "{said}");
        assert!(!said.contains("Enough") && !said.contains("Learned"), "{said}");
        assert!(!bench.world.path("shop.yaml").exists());
    }
}

#[tokio::test]
async fn a_run_in_which_something_was_refused_says_so_on_the_screen_and_in_the_profile() {
    let bench = Bench::new().await;
    let text = WIDE.replace("DNS: edit, ", "").replace("name: wide", "name: shop");
    bench.use_token_of("narrow", &text.replace(".env.wide", ".env")).await;
    let env_file = bench.world.path(".env.narrow");
    bench.world.act_for_programs(move |child| {
        let text = std::fs::read_to_string(&env_file).unwrap();
        play(child, text.trim().split_once('=').unwrap().1.trim_matches(['"', '\'']));
        Ok(ended(0))
    });
    let (code, said) = bench.run("learn --emulator --name shop --output shop.yaml -- deploy").await;
    assert_eq!(code, 0, "{said}");
    let refused =
        "2 of 9 requests were refused (403): what the program would have done after them was not seen";
    assert!(said.contains(&format!("Warning {refused}")), "{said}");
    let shop = bench.world.text("shop.yaml");
    assert!(shop.contains(&format!("# Note: {refused}.")), "{shop}");
}

#[tokio::test]
async fn a_profile_that_would_not_have_been_enough_exits_with_3() {
    let bench = Bench::new().await;
    bench.world.put("narrow.yaml", WIDE.replace("DNS: edit, ", ""));
    let (code, said) = bench.run("learn --emulator --check narrow.yaml -- deploy").await;
    assert_eq!(code, 3, "{said}");
    for words in [
        "missing",
        "DNS: edit",
        "unneeded",
        "Workers Routes: edit",
        "`Workers KV Storage: read` would be enough",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
}
