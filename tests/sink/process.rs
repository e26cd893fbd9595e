//! Programs as processes: keys at the terminal, time limits, what they leave running, the lock, and what they print.
//!
//! Some of these tests run this very program again, as a cfmint that is interrupted, killed or listened to.

use std::fs::File;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cfmint::profile::SinkValue;
use cfmint::sink::{Limits, Root, Sink, SinkReading, Staging};
use cfmint::world::{Child as Program, ChildOutput, Machine, World};
use tempfile::TempDir;

use super::{command, secret, values};

const TOKEN: &str = "cfut_FAKE0123456789abcdefghijklmnopqrstuvwxyz";

/// Tells the test that runs again that it is the one that runs, and where.
const AGAIN: &str = "CFMINT_TEST_AGAIN";

/// Another process that writes to the sink `sh -c SCRIPT` in a folder, under the lock `lock` there.
fn another(folder: &Path, script: &str, limit: Duration) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "process::another_process_writes_to_a_program", "--nocapture", "--ignored"]);
    command.env(AGAIN, folder).env("SCRIPT", script).env("LIMIT", limit.as_millis().to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
    command.spawn().unwrap()
}

#[test]
#[ignore = "it is the other process of the tests below"]
fn another_process_writes_to_a_program() {
    let Ok(folder) = std::env::var(AGAIN) else { return };
    let folder = PathBuf::from(folder);
    let machine = Machine::new().unwrap();
    let lock = machine.try_lock(&folder.join("lock")).unwrap().unwrap();
    let root = Root { folder: folder.clone(), work_tree: false };
    let argv = ["sh", "-c", &std::env::var("SCRIPT").unwrap()].map(str::to_owned);
    let sink = command(&root, &argv, SinkValue::Token, None);
    let time = Duration::from_millis(std::env::var("LIMIT").unwrap().parse().unwrap());
    machine.hide("FAKE-predecessor");
    let limits = Limits { time, lock: Some(&lock) };
    let token = secret(TOKEN);
    let stage = Staging::new(folder, &[]);
    assert!(sink.write(&machine, &stage, &values(&token), &SinkReading::Opaque, &limits).is_ok());
}

/// Waits until something is so; how long that takes is not the question.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("never: {what}");
}

fn send(signal: &str, to: &str) {
    assert!(Command::new("kill").args([signal, "--", to]).status().unwrap().success());
}

fn is_running(pid: &str) -> bool {
    // A process that has ended and was not waited for is there for `kill -0`.
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

fn text(folder: &TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap_or_default()
}

fn is_locked(folder: &TempDir) -> bool {
    File::open(folder.path().join("lock")).unwrap().try_lock().is_err()
}

#[test]
fn ctrl_c_does_not_reach_a_program_and_the_lock_stays_held_until_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    // It has the secret when it says that it began: before, this cfmint could not hand it over any more.
    let script = "cat > got.part; touch begun; while [ ! -e go ]; do sleep 0.05; done; mv got.part got";
    let mut cfmint = another(folder.path(), script, Duration::from_secs(60));
    until("it runs", || folder.path().join("begun").exists());
    // The terminal sends the signal to the whole process group in front, and this cfmint does not survive it.
    send("-INT", &format!("-{}", cfmint.id()));
    assert!(!cfmint.wait().unwrap().success());
    assert!(is_locked(&folder), "nobody else may begin while the program still writes");
    std::fs::write(folder.path().join("go"), "").unwrap();
    until("it took the secret", || folder.path().join("got").exists());
    assert_eq!(text(&folder, "got"), TOKEN);
    until("the lock is free", || !is_locked(&folder));
}

#[test]
fn a_program_is_killed_at_its_limit_although_cfmint_was_killed_before() {
    let folder = tempfile::tempdir().unwrap();
    // It does not care to be asked, and neither does what it started.
    let script = "trap '' TERM; (trap '' TERM; sleep 600) & echo $! > other; echo $$ > pid; sleep 600";
    let mut cfmint = another(folder.path(), script, Duration::from_secs(3));
    until("it runs", || text(&folder, "pid").ends_with('\n'));
    cfmint.kill().unwrap();
    cfmint.wait().unwrap();
    assert!(is_running(&text(&folder, "pid")) && is_locked(&folder));
    until("it is killed", || !is_running(&text(&folder, "pid")));
    until("what it started is killed", || !is_running(&text(&folder, "other")));
    until("the lock is free", || !is_locked(&folder));
}

#[test]
fn no_watchdog_stays_behind_a_program_that_ended() {
    let folder = tempfile::tempdir().unwrap();
    let script = "cat > got; echo $$ > pid; while [ ! -e go ]; do sleep 0.05; done";
    let mut cfmint = another(folder.path(), script, Duration::from_secs(60));
    until("it runs", || text(&folder, "pid").ends_with('\n'));
    let watchdog = children(cfmint.id()).into_iter().find(|pid| *pid != text(&folder, "pid").trim());
    let watchdog = watchdog.expect("a watchdog watches while it runs");
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert!(cfmint.wait().unwrap().success());
    assert!(!is_running(&watchdog));
}

/// The processes that a process started.
fn children(parent: u32) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent_of =
            stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1).map(str::to_owned));
        if parent_of == Some(parent.to_string()) {
            found.push(entry.file_name().into_string().unwrap());
        }
    }
    found
}

#[test]
fn what_a_program_prints_is_passed_on_with_stars_over_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"
        read -r token || true
        printf '<%s>\n' "$token"
        echo "again $token" >&2
        printf 'in two '; printf '%s' "$token" | head -c 20; sleep 0.2; printf '%s' "$token" | tail -c +21; echo ' writes'
        printf '%s' "$token" | fold -w 30; echo
        printf 'key '; printf '%s' "$token" | sha256sum
        printf 'data: '; printf '%s' "$token" | base64 -w 0; echo
        echo 'before FAKE-predecessor after'
        echo 'all else is said'
    "#;
    let cfmint = another(folder.path(), script, Duration::from_secs(60));
    let output = cfmint.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    let stars = "*".repeat(TOKEN.len());
    for expected in [
        format!("<{stars}>\n"),
        format!("again {stars}\n"),
        format!("in two {stars} writes\n"),
        format!("{}\n{}\n", &stars[..30], &stars[30..]),
        format!("key {}  -\n", "*".repeat(64)),
        format!("data: {}", "*".repeat(60)),
        format!("before {} after\n", "*".repeat("FAKE-predecessor".len())),
        "all else is said\n".to_owned(),
    ] {
        assert!(said.contains(&expected), "{expected}\n{said}");
    }
    assert!(!said.contains("0123456789") && !said.contains("FAKE-"), "{said}");
}

#[test]
fn a_question_is_shown_before_the_program_ends() {
    let folder = tempfile::tempdir().unwrap();
    let script = "printf 'Password? '; while [ ! -e go ]; do sleep 0.05; done; cat > got";
    let mut cfmint = another(folder.path(), script, Duration::from_secs(60));
    let mut said = cfmint.stderr.take().unwrap();
    let mut line = String::new();
    while !line.contains("Password? ") {
        let mut byte = [0];
        assert!(said.read(&mut byte).unwrap() > 0, "it says so while it waits");
        line.push(char::from(byte[0]));
    }
    std::fs::write(folder.path().join("go"), "").unwrap();
    said.read_to_string(&mut line).unwrap();
    assert!(cfmint.wait().unwrap().success());
}

/// Runs a shell's script as a child of this process.
fn run(folder: &TempDir, script: &str, limit: Option<Duration>) -> cfmint::world::Finished {
    let argv = ["sh", "-c", script].map(str::to_owned);
    let child = Program { time_limit: limit, ..Program::new(&argv, folder.path()) };
    Machine::new().unwrap().run(&child).unwrap()
}

#[test]
fn at_the_limit_everything_that_a_program_started_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let script = "(trap '' TERM; sleep 600) & echo $! > other; echo said; wait";
    let finished = run(&folder, script, Some(Duration::from_millis(500)));
    assert!(finished.timed_out && finished.code.is_none());
    assert_eq!(*finished.output, b"said\n");
    until("it is killed", || !is_running(&text(&folder, "other")));
}

#[test]
fn a_program_that_ends_when_it_is_asked_to_has_the_time_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap 'echo tidied; exit 0' TERM; echo begun; while :; do sleep 0.05; done";
    let finished = run(&folder, script, Some(Duration::from_secs(2)));
    assert!(finished.timed_out && finished.code.is_none(), "what it did by then is not what was asked");
    assert_eq!(*finished.output, b"begun\ntidied\n");
}

#[test]
fn nobody_waits_for_what_a_program_left_in_the_background() {
    let folder = tempfile::tempdir().unwrap();
    for start in ["sleep 600 &", "setsid sleep 600 &"] {
        // It holds the pipes of the program.
        let finished = run(&folder, &format!("{start} echo $! > other; echo said; exit 5"), None);
        assert_eq!((finished.code, &**finished.output), (Some(5), &b"said\n"[..]));
        let other = text(&folder, "other");
        assert!(is_running(&other), "what it started on purpose goes on");
        send("-KILL", other.trim());
    }
}

#[test]
fn nobody_waits_for_a_process_out_of_reach_that_holds_the_pipes_at_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let script = "setsid sleep 600 & echo $! > other; wait";
    assert!(run(&folder, script, Some(Duration::from_millis(300))).timed_out);
    let other = text(&folder, "other");
    send("-KILL", other.trim());
}

#[test]
fn a_program_that_reads_nothing_is_no_failure_and_one_that_talks_much_is_heard_out() {
    let folder = tempfile::tempdir().unwrap();
    let argv =
        ["sh", "-c", "exec <&-; head -c 200000 /dev/zero; head -c 200000 /dev/zero >&2"].map(str::to_owned);
    let input = vec![b'x'; 1_000_000];
    let child =
        Program { input: &input, output: ChildOutput::Captured, ..Program::new(&argv, folder.path()) };
    let finished = Machine::new().unwrap().run(&child).unwrap();
    assert_eq!((finished.code, finished.output.len(), finished.errors.len()), (Some(0), 200_000, 200_000));
}
