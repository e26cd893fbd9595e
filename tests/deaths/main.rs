//! Real deaths: the built binary against a served emulator, killed, interrupted, and left by its readers.
//!
//! What the fault matrix says of every single effect is seen here from outside: processes, signals, pipes and
//! files as the system has them. When a death comes is up to the machine; what must hold afterwards is not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test stops where it fails, and says what it tried"
)]

mod stage;

use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::time::{Duration, Instant};

use stage::{Finding, Stage};

/// How long one answer of the emulator takes where a run is to be killed anywhere.
const BRISK: &str = "15ms";
/// How long it takes where a signal has to arrive before the answer does.
const SLOW: &str = "300ms";
/// In how many moments of its life each command is killed.
const MOMENTS: u32 = 16;
const SIGKILL: i32 = 9;

/// Kills a run at a moment of its life, and says whether it was still alive.
fn kill_after(mut child: Child, delay: Duration) -> bool {
    std::thread::sleep(delay);
    child.kill().expect("a child can be killed");
    child.wait().expect("a child ends").signal() == Some(SIGKILL)
}

/// How long a whole run takes on this machine now, so that deaths are spread over the length of one.
fn length(stage: &Stage, command: &[&str]) -> Duration {
    let start = Instant::now();
    stage.succeed(command);
    start.elapsed()
}

#[test]
fn a_run_killed_at_any_moment_leaves_nothing_that_the_next_one_does_not_mend() {
    let stage = Stage::new(BRISK);
    let mut deaths = 0;
    let mut moments = |command: &dyn Fn(u32) -> Vec<String>| {
        let first = command(0);
        let whole = length(&stage, &first.iter().map(String::as_str).collect::<Vec<_>>());
        for moment in 1..=MOMENTS {
            let command = command(moment);
            let child = stage.command(&command.iter().map(String::as_str).collect::<Vec<_>>());
            deaths += u32::from(kill_after(child, whole * moment / (MOMENTS + 1)));
        }
    };
    // Each apply has a token to make; a roll and a rotation follow on the ones before.
    moments(&|moment| vec!["apply".to_owned(), stage.profile(&format!("apply-{moment}"))]);
    for command in ["roll", "rotate"] {
        let profile = stage.profile(command);
        stage.succeed(&["apply", &profile]);
        moments(&|_| vec![command.to_owned(), profile.clone()]);
    }

    stage.succeed(&["apply", "profiles"]);

    let Finding { in_force, strays } = stage.look();
    println!("{deaths} deaths, {} strays", strays.len());
    assert!(deaths > 0, "every run was over before it was killed");
    assert_eq!(strays, [""; 0], "tokens that are neither the one in force nor retired within the hour");
    assert_eq!(in_force, stage.profiles(), "each profile has one token in force, whose secret it holds");
    assert_eq!(stage.leftovers(), [""; 0]);
}

#[test]
fn a_signal_amid_a_create_ends_the_run_once_the_secret_is_safe() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let stage = Stage::new(SLOW);
        let profiles = [stage.profile("first"), stage.profile("second")];
        let mut child = stage.command(&["apply", &profiles[0], &profiles[1]]);
        if signal == "HUP" {
            // A terminal that is closed takes its streams along.
            drop((child.stdout.take(), child.stderr.take()));
        }
        while !stage.tree().join(".cfmint/journal").exists() {
            assert!(child.try_wait().expect("a child can be asked").is_none(), "it ended before its journal");
            std::thread::sleep(Duration::from_millis(1));
        }
        stage::signal(&child, signal);

        let ended = child.wait_with_output().expect("a child ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "SIG{signal}: {said}");
        assert!(!said.contains("panicked"), "{said}");
        let Finding { in_force, strays } = stage.look();
        assert_eq!(strays, [""; 0], "SIG{signal}: what was made is in its file: {said}");
        assert!(in_force.contains("first"), "SIG{signal}: a create that was sent is seen through: {said}");

        stage.succeed(&["apply", "profiles"]);
        assert_eq!(stage.look(), Finding { in_force: stage.profiles(), strays: Vec::new() }, "SIG{signal}");
        assert_eq!(stage.leftovers(), [""; 0], "SIG{signal}");
    }
}

#[test]
fn a_reader_that_goes_away_stops_no_work() {
    let stage = Stage::new(BRISK);
    for (name, out, err) in [("no-out", true, false), ("no-err", false, true), ("neither", true, true)] {
        let profile = stage.profile(name);
        let mut child = stage.command(&["apply", &profile, "--json", "-vv"]);
        drop(child.stdout.take().filter(|_| out));
        drop(child.stderr.take().filter(|_| err));
        let ended = child.wait_with_output().expect("a child ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!said.contains("panicked"), "{name}: {said}");
        assert_eq!(ended.status.code(), Some(0), "{name}: {said}");
    }
    assert_eq!(stage.look(), Finding { in_force: stage.profiles(), strays: Vec::new() });
}
