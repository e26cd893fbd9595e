//! A program that `learn` runs is talked to as if it had been run alone: streams, signals, variables, exit code.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use cfmint::emulator::world::BOOTSTRAP;

/// `learn` of a shell script, which has `$CFMINT` and a file `token`.
fn learn(folder: &Path, arguments: &str, script: &str) -> Command {
    std::fs::write(folder.join("token"), BOOTSTRAP).unwrap();
    let cfmint = env!("CARGO_BIN_EXE_cfmint");
    let mut command = Command::new(cfmint);
    command.arg("learn").args(["--emulator", "--name", "shop"]).args(arguments.split_whitespace());
    command.args(["--", "sh", "-c", script]).current_dir(folder).env("CFMINT", cfmint);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn texts(ran: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&ran.stdout), text(&ran.stderr))
}

/// Asks the API for something, by the base that the script is given.
const ASK: &str = "\"$CFMINT\" list --quiet --bootstrap-file token > list.txt";

#[test]
fn its_standard_output_is_ours_where_the_profile_goes_to_a_file_and_standard_error_otherwise() {
    for (arguments, has_output) in [("--output shop.yaml", true), ("", false), ("--json", false)] {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("read line; echo \"said $line\"; {ASK}");
        let mut run = learn(folder.path(), arguments, &script).spawn().unwrap();
        run.stdin.take().unwrap().write_all(b"hello\n").unwrap();
        let ran = run.wait_with_output().unwrap();
        let (out, err) = texts(&ran);
        assert_eq!(ran.status.code(), Some(0), "{out}{err}");
        assert_eq!(out.contains("said hello"), has_output, "{arguments}: {out}");
        assert_eq!(err.contains("said hello"), !has_output, "{arguments}: {err}");
        assert!(!out.is_empty(), "the profile is the result");
    }
}

#[test]
fn it_sees_the_base_and_its_own_token_but_not_the_bootstrap() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("env > seen.txt; {ASK}");
    let ran = learn(folder.path(), "--output shop.yaml", &script)
        .env("CLOUDFLARE_API_TOKEN", "cfut_fake-of-the-program")
        .env("CLOUDFLARE_BOOTSTRAP_TOKEN", "cfut_fake-of-cfmint")
        .env("CLOUDFLARE_API_KEY", "fake-key")
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("NO_PROXY", "intranet")
        .output()
        .unwrap();
    let (out, err) = texts(&ran);
    assert_eq!(ran.status.code(), Some(0), "{out}{err}");
    let seen = std::fs::read_to_string(folder.path().join("seen.txt")).unwrap();
    let base =
        |name: &str| seen.lines().find_map(|line| line.strip_prefix(&format!("{name}=")).map(str::to_owned));
    let url = base("CLOUDFLARE_BASE_URL").unwrap();
    assert!(url.starts_with("http://127.0.0.1:") && url.ends_with("/client/v4"), "{url}");
    assert_eq!(base("CLOUDFLARE_API_BASE_URL"), Some(url));
    assert_eq!(base("CLOUDFLARE_API_TOKEN").as_deref(), Some("cfut_fake-of-the-program"));
    assert_eq!(base("NO_PROXY").as_deref(), Some("intranet,127.0.0.1"));
    assert!(!seen.contains("fake-of-cfmint") && !seen.contains("fake-key"), "{seen}");
    let shop = std::fs::read_to_string(folder.path().join("shop.yaml")).unwrap();
    assert!(!format!("{shop}{out}{err}").contains("fake"), "{shop}{out}{err}");
}

#[test]
fn what_asks_cfmint_to_end_is_passed_on_and_the_profile_is_written_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("trap 'touch told; exit 3' TERM; {ASK}; touch begun; while :; do sleep 0.05; done");
    let run = learn(folder.path(), "--output shop.yaml", &script).spawn().unwrap();
    let waited = (0..1_500).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        folder.path().join("begun").exists()
    });
    assert!(waited, "the program never began");
    assert!(Command::new("kill").args(["-TERM", &run.id().to_string()]).status().unwrap().success());
    let ran = run.wait_with_output().unwrap();
    let (out, err) = texts(&ran);
    assert_eq!(ran.status.code(), Some(143), "{out}{err}");
    assert!(folder.path().join("told").exists(), "{err}");
    let shop = std::fs::read_to_string(folder.path().join("shop.yaml")).unwrap();
    assert!(shop.contains("API Tokens: read") && shop.contains("exit code 3"), "{shop}");
}

#[test]
fn a_program_that_a_signal_ends_gives_the_code_that_shells_know_it_by() {
    let folder = tempfile::tempdir().unwrap();
    let ran = learn(folder.path(), "--output shop.yaml", &format!("{ASK}; kill -9 $$")).output().unwrap();
    assert_eq!(ran.status.code(), Some(137), "{}", texts(&ran).1);
}
