//! How long commands take, how many requests they make and how much memory they need, against the emulator with a fixed
//! latency: `CFMINT=target/release/cfmint cargo bench --bench commands` after `cargo build --release`. Prints the table of
//! the README. What is exact, such as how many round trips deep a command is, the tests assert; here it is only measured.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a measurement stops where it fails, and looks at the machine as it is"
)]

use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cfmint::emulator::{Emulator, Settings, world};
use chrono::Utc;

/// How long each answer takes.
const LATENCY: Duration = Duration::from_millis(50);
/// How many tokens a fleet has.
const FLEET: usize = 100;
/// How often what is short is repeated; the median counts.
const TIMES: usize = 15;

fn main() {
    let cloud = Cloud::serve();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    Command::new("git").args(["init", "--quiet"]).current_dir(folder).status().unwrap();
    std::fs::write(folder.join(".gitignore"), ".env*\n").unwrap();
    std::fs::create_dir(folder.join("fleet")).unwrap();
    for number in 0..FLEET {
        std::fs::write(folder.join(format!("fleet/{number:03}.yaml")), profile(number)).unwrap();
    }
    let one = "fleet/000.yaml";

    println!("| command | requests | time | memory |");
    println!("|---|---:|---:|---:|");
    let bench = Bench { cloud: &cloud, folder };
    bench.median("--version", &["--version"], &[]);
    bench.median("check, one profile", &["check", one], &[]);
    bench.median("apply, one token", &["apply", one], &["revoke", one, "--yes"]);
    bench.run(&["apply", one]);
    bench.once("apply, one token, nothing to do", &["apply", one]);
    bench.once("rotate, one token", &["rotate", one]);
    bench.once("revoke, one token", &["revoke", one, "--yes"]);
    bench.once("apply, a hundred tokens", &["apply", "fleet"]);
    bench.once("rotate, a hundred tokens", &["rotate", "fleet"]);
    bench.once("apply, a hundred tokens, nothing to do", &["apply", "fleet"]);
    bench.once("revoke, a hundred tokens", &["revoke", "fleet", "--yes"]);
    let kilobytes = std::fs::metadata(cfmint()).unwrap().len() / 1000;
    println!("\nThe program has {}; each answer took {} ms.", megabytes(kilobytes), LATENCY.as_millis());
}

/// The program that is measured: the one that the variable names, as a release has it, else the one built beside this.
fn cfmint() -> OsString {
    std::env::var_os("CFMINT").unwrap_or_else(|| env!("CARGO_BIN_EXE_cfmint").into())
}

/// A profile of the emulator's account.
fn profile(number: usize) -> String {
    format!(
        "version: 1\nname: shop-{number:03}\nowner: {{ account: {} }}\npermissions: {{ zone: {{ DNS: edit }} }}\n\
         resources: {{ zones: [example.com] }}\nttl: 30d\n\
         sinks: [{{ env_file: .env.{number:03}, variables: {{ CLOUDFLARE_API_TOKEN: token }} }}]\n",
        world::ACCOUNT_ID
    )
}

/// A small Cloudflare on its own port.
struct Cloud {
    emulator: Emulator,
    base: String,
}

impl Cloud {
    fn serve() -> Self {
        let random = |bytes: &mut [u8]| {
            use std::io::Read as _;
            std::fs::File::open("/dev/urandom").unwrap().read_exact(bytes).unwrap();
        };
        let settings = Settings { latency: LATENCY, ..Settings::new(Arc::new(Utc::now), Arc::new(random)) };
        let emulator = Emulator::new(settings);
        emulator.switch(|switches| switches.rate_limit = None);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = format!("http://{}/client/v4", listener.local_addr().unwrap());
        let served = emulator.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                served.serve(listener, std::future::pending()).await.unwrap();
            });
        });
        Self { emulator, base }
    }
}

/// Where commands are measured.
struct Bench<'a> {
    cloud: &'a Cloud,
    folder: &'a Path,
}

/// What one run took.
struct Taken {
    requests: usize,
    time: Duration,
    /// The most memory, in kilobytes; `None` where the system does not tell.
    memory: Option<u64>,
}

impl Bench<'_> {
    /// Measures a command that is run once.
    fn once(&self, name: &str, arguments: &[&str]) {
        tell(name, &self.run(arguments));
    }

    /// Measures a command that is run again and again, and what makes room for the next time after each.
    fn median(&self, name: &str, arguments: &[&str], after: &[&str]) {
        let mut all: Vec<Taken> = Vec::new();
        for _ in 0..TIMES {
            all.push(self.run(arguments));
            if !after.is_empty() {
                self.run(after);
            }
        }
        all.sort_by_key(|taken| taken.time);
        tell(name, &all[TIMES / 2]);
    }

    fn run(&self, arguments: &[&str]) -> Taken {
        let before = self.cloud.emulator.requests().len();
        let mut command = Command::new(cfmint());
        command
            .args(arguments)
            .current_dir(self.folder)
            .env("CLOUDFLARE_BASE_URL", &self.cloud.base)
            .env("CLOUDFLARE_BOOTSTRAP_TOKEN", world::BOOTSTRAP)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let start = Instant::now();
        let mut child = command.spawn().unwrap();
        let (process, is_over) = (child.id(), AtomicBool::new(false));
        let (time, memory) = std::thread::scope(|scope| {
            let memory = scope.spawn(|| watch(process, &is_over));
            assert!(child.wait().unwrap().success(), "{arguments:?}");
            let time = start.elapsed();
            is_over.store(true, Ordering::SeqCst);
            (time, memory.join().unwrap())
        });
        Taken { requests: self.cloud.emulator.requests().len() - before, time, memory }
    }
}

/// Looks at the memory of a process until it is over.
fn watch(process: u32, is_over: &AtomicBool) -> Option<u64> {
    let status = format!("/proc/{process}/status");
    let mut most = None;
    while !is_over.load(Ordering::SeqCst) {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = text
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(peak);
        std::thread::sleep(Duration::from_millis(2));
    }
    most
}

fn tell(name: &str, taken: &Taken) {
    let memory = taken.memory.map_or_else(|| "?".to_owned(), megabytes);
    println!("| {name} | {} | {:.1} ms | {memory} |", taken.requests, taken.time.as_secs_f64() * 1e3);
}

fn megabytes(kilobytes: u64) -> String {
    format!("{}.{} MB", kilobytes / 1000, kilobytes % 1000 / 100)
}
