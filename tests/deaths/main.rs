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
#![allow(clippy::disallowed_methods, reason = "tests set their scene with the system itself")]

mod cloud;
mod exec;
mod runner;
mod thrown_away;

use std::collections::BTreeSet;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use cloud::Cloud;
use runner::{Killed, Runner};

/// How long one answer of the emulator takes where a run is to be killed anywhere.
const BRISK: Duration = Duration::from_millis(15);
/// How long it takes where a signal has to arrive before the answer does.
const SLOW: Duration = Duration::from_millis(300);
/// In how many moments of its life each command is killed.
const MOMENTS: u32 = 12;

/// The moments of a run's life, each with who is killed then.
fn moments(whole: Duration, count: u32) -> impl Iterator<Item = (u32, Duration, Killed)> {
    let who = |moment: u32| if moment.is_multiple_of(2) { Killed::Process } else { Killed::Group };
    (1..=count).map(move |moment| (moment, whole * moment / (count + 1), who(moment)))
}

#[test]
fn a_run_killed_at_any_moment_leaves_nothing_that_the_next_one_does_not_finish() {
    let cloud = Cloud::new(BRISK);
    let runner = Runner::in_work_tree(&cloud);
    for command in ["apply", "roll", "rotate"] {
        let mut deaths = 0;
        // Each apply has a token to make; a roll and a rotation follow on the ones before.
        let profile = |moment: u32| {
            let number = if command == "apply" { moment } else { 0 };
            runner.profile(&format!("{command}-{number}"))
        };
        if command != "apply" {
            runner.succeed(&["apply", &profile(0)]);
        }
        let whole = runner.succeed(&[command, &profile(0)]);
        for (moment, after, who) in moments(whole, MOMENTS) {
            deaths += u32::from(runner.killed(&[command, &profile(moment)], after, who));
        }
        println!("{deaths} of {MOMENTS} kills hit a running {command}");
        assert!(deaths > 0, "every {command} was over before it was killed");
    }

    runner.succeed(&["apply", "profiles"]);

    assert_eq!(runner.strays(), [""; 0], "tokens that are neither in force nor end as soon as they must");
    assert_eq!(
        runner.in_force(),
        runner.profiles(),
        "each profile has one token in force, whose secret it holds"
    );
    assert_eq!(runner.leftovers(), [""; 0]);
}

#[test]
fn a_signal_amid_a_create_ends_the_run_once_the_secret_is_safe() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let cloud = Cloud::new(SLOW);
        let runner = Runner::in_work_tree(&cloud);
        let profiles = [runner.profile("first"), runner.profile("second")];
        let mut child = runner.command(&["apply", &profiles[0], &profiles[1]]);
        if signal == Signal::HUP {
            // A terminal that is closed takes its streams along.
            drop((child.stdout.take(), child.stderr.take()));
        }
        // It is made at once, and the answer takes its time.
        while cloud.living("first").is_empty() {
            assert!(child.try_wait().expect("a child can be asked").is_none(), "it ended before it asked");
            std::thread::sleep(Duration::from_millis(1));
        }
        kill_process(Pid::from_child(&child), signal).expect("a child can be sent a signal");

        let ended = child.wait_with_output().expect("a child ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{signal:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
        assert_eq!(runner.strays(), [""; 0], "{signal:?}: {said}");
        assert_eq!(cloud.living("first").len(), 1, "{signal:?}: what was sent is seen through: {said}");
        // The second goes beside it, and may have been sent too.
        for name in ["first", "second"] {
            let made = cloud.living(name);
            assert!(made.len() <= 1, "{signal:?}: {name}: {said}");
            let made = made.first().map(|(_, token)| token.id.clone());
            assert_eq!(runner.held(name), made, "{signal:?}: the secret of {name} is safe: {said}");
        }

        runner.succeed(&["apply", "profiles"]);
        let both: BTreeSet<String> = ["first", "second"].map(str::to_owned).into();
        assert_eq!(runner.in_force(), both, "{signal:?}");
        assert_eq!(runner.strays(), [""; 0], "{signal:?}");
        assert_eq!(runner.leftovers(), [""; 0], "{signal:?}");
    }
}

#[test]
fn a_reader_that_goes_away_stops_no_work() {
    let cloud = Cloud::new(BRISK);
    let runner = Runner::in_work_tree(&cloud);
    for (name, out, err) in [("no-out", true, false), ("no-err", false, true), ("neither", true, true)] {
        let profile = runner.profile(name);
        let mut child = runner.command(&["apply", &profile, "--json", "-vv"]);
        drop(child.stdout.take().filter(|_| out));
        drop(child.stderr.take().filter(|_| err));
        let ended = child.wait_with_output().expect("a child ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!said.contains("panicked"), "{name}: {said}");
        assert_eq!(ended.status.code(), Some(0), "{name}: {said}");
    }
    assert_eq!(runner.in_force(), runner.profiles());
    assert_eq!(runner.strays(), [""; 0]);
}
