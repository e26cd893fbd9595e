//! Commands with tokens of their own: however they end, and however cfmint does, no token of theirs lives on that could be
//! deleted, and none lives past its end.

use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

use cfmint::emulator::world::BOOTSTRAP;
use chrono::TimeDelta;
use rustix::process::{Pid, Signal, kill_process};

use super::cloud::Cloud;
use super::runner::Runner;
use super::{BRISK, MOMENTS, moments};

/// How long the token of a command lives here, and how long one may be late.
const LIFE: TimeDelta = TimeDelta::minutes(15);

/// Waits until something is so.
#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl Runner<'_> {
    /// Starts a command of a shell, and waits until it has made the file `begun`.
    fn exec(&self, profile: &str, script: &str) -> Child {
        fs::remove_file(self.tree().join("begun")).ok();
        let mut child = self.command(&["exec", profile, "--", "sh", "-c", script]);
        let begun = Instant::now();
        while !self.tree().join("begun").exists() {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("it ended with {status} before the command began: {}", said(child));
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "the command never began");
            std::thread::sleep(Duration::from_millis(5));
        }
        child
    }

    /// What cfmint keeps of commands.
    fn kept(&self) -> Vec<String> {
        let folder = self.tree().join(".cfmint");
        let files =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let marks = fs::read_to_string(folder.join("marks")).unwrap_or_default();
        files.filter(|name| name.starts_with("exec-")).chain(marks.lines().map(str::to_owned)).collect()
    }
}

fn said(child: Child) -> String {
    String::from_utf8_lossy(&child.wait_with_output().unwrap().stderr).into_owned()
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("a child can be sent a signal");
}

#[test]
fn an_exec_killed_at_any_moment_leaves_a_token_that_ends_soon_and_goes_with_the_next_run() {
    let cloud = Cloud::new(BRISK);
    let runner = Runner::in_work_tree(&cloud);
    let profile = runner.profile("shop");
    let line = ["exec", &profile, "--", "sleep", "0.2"];
    let whole = runner.succeed(&line);
    let mut deaths = 0;
    for (moment, after, who) in moments(whole, MOMENTS) {
        deaths += u32::from(runner.killed(&line, after, who));
        for token in cloud.of_commands("shop") {
            assert!(token.expires_on.unwrap() <= token.issued_on.unwrap() + LIFE, "{moment}: {token:?}");
        }
        // What is left of the command counts as using it.
        std::thread::sleep(Duration::from_millis(250));
        let next = if moment % 3 == 0 { &["apply", &profile][..] } else { &["exec", &profile, "--", "true"] };
        runner.succeed(next);
        assert_eq!(cloud.of_commands("shop").len(), 0, "{moment}");
        // A mark may stay whose token was deleted right before the death; it is forgotten when that would have ended.
        let is_file = |name: &String| name.starts_with("exec-");
        assert!(!runner.kept().iter().any(is_file), "{moment}: {:?}", runner.kept());
    }
    println!("{deaths} of {MOMENTS} kills hit a running exec");
    assert!(deaths > 0, "every run was over before it was killed");
    assert_eq!(runner.in_force(), runner.profiles());
    assert_eq!(runner.strays(), [""; 0]);
    assert_eq!(runner.leftovers(), [""; 0]);
}

#[test]
fn a_command_that_lives_on_when_cfmint_is_killed_keeps_its_token_until_it_has_ended() {
    let cloud = Cloud::new(BRISK);
    let runner = Runner::in_work_tree(&cloud);
    let profile = runner.profile("shop");
    let mut run = runner.exec(&profile, "touch begun; until test -e end; do sleep 0.02; done; touch ended");
    signal(&run, Signal::KILL);
    run.wait().unwrap();
    runner.succeed(&["apply", &profile]);
    runner.succeed(&["exec", &profile, "--", "true"]);
    assert_eq!(cloud.of_commands("shop").len(), 1, "the command is at work");
    fs::write(runner.tree().join("end"), "").unwrap();
    until("the command goes on", || runner.tree().join("ended").exists());
    std::thread::sleep(Duration::from_millis(50));
    runner.succeed(&["apply", &profile]);
    assert_eq!(cloud.of_commands("shop").len(), 0, "now it is over");
    assert_eq!(runner.kept(), [""; 0]);
}

#[test]
fn without_a_note_the_token_of_a_killed_run_ends_by_itself_and_is_deleted_then() {
    let cloud = Cloud::new(BRISK);
    let runner = Runner::in_work_tree(&cloud);
    let profile = runner.profile("shop");
    let mut run = runner.exec(&profile, "touch begun; sleep 0.1");
    signal(&run, Signal::KILL);
    run.wait().unwrap();
    fs::remove_dir_all(runner.tree().join(".cfmint")).unwrap();
    runner.succeed(&["apply", &profile]);
    assert_eq!(cloud.of_commands("shop").len(), 1, "nobody knows whether it is in use");
    cloud.pass(LIFE);
    assert_eq!(cloud.of_commands("shop").len(), 0, "it has ended by itself");
    let listed = || cloud.all().iter().filter(|token| token.name.contains("+exec@")).count();
    assert_eq!(listed(), 1);
    runner.succeed(&["apply", &profile]);
    assert_eq!(listed(), 0);
}

#[test]
fn a_signal_goes_to_all_of_the_command_and_the_token_ends_with_it() {
    for (sent, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let cloud = Cloud::new(BRISK);
        let runner = Runner::in_work_tree(&cloud);
        let profile = runner.profile("shop");
        // The shell waits for a program of its own, which would go on for a minute.
        let run = runner.exec(&profile, "touch begun; sleep 60; touch survived");
        assert_eq!(cloud.of_commands("shop").len(), 1);
        let begun = Instant::now();
        signal(&run, sent);
        let ended = run.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{sent:?}: {said}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{sent:?}");
        assert!(said.contains("Revoked"), "{sent:?}: {said}");
        assert!(!runner.tree().join("survived").exists(), "{sent:?}");
        assert_eq!(cloud.of_commands("shop").len(), 0, "{sent:?}");
        assert_eq!(runner.kept(), [""; 0], "{sent:?}");
    }
}

#[test]
fn a_command_makes_of_a_signal_what_it_likes_and_gets_each_that_comes() {
    for (sent, name) in [(Signal::INT, "INT"), (Signal::TERM, "TERM"), (Signal::HUP, "HUP")] {
        let cloud = Cloud::new(BRISK);
        let runner = Runner::in_work_tree(&cloud);
        let profile = runner.profile("shop");
        let script = format!(
            "trap 'echo >> told' {name}; touch begun; until test -e end; do sleep 0.02; done; exit 4"
        );
        let run = runner.exec(&profile, &script);
        let told = || fs::read(runner.tree().join("told")).unwrap_or_default().len();
        for count in 1..=2 {
            signal(&run, sent);
            until("it is not told", || told() >= count);
            assert_eq!(cloud.of_commands("shop").len(), 1, "it is still at work");
        }
        fs::write(runner.tree().join("end"), "").unwrap();
        let ended = run.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(4), "{name}: {}", String::from_utf8_lossy(&ended.stderr));
        assert_eq!(told(), 2, "{name}");
        assert_eq!(cloud.of_commands("shop").len(), 0, "{name}");
    }
}

#[test]
fn a_command_that_ignores_what_asks_it_to_end_is_waited_for() {
    let cloud = Cloud::new(BRISK);
    let runner = Runner::in_work_tree(&cloud);
    let profile = runner.profile("shop");
    let run = runner.exec(&profile, "trap '' INT TERM HUP; touch begun; sleep 0.5; exit 6");
    signal(&run, Signal::TERM);
    let ended = run.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(6));
    assert_eq!(cloud.of_commands("shop").len(), 0);
}

#[test]
fn a_command_that_a_signal_ends_gives_the_code_that_shells_know_it_by() {
    let cloud = Cloud::new(BRISK);
    let runner = Runner::in_work_tree(&cloud);
    let profile = runner.profile("shop");
    for (name, code) in [("KILL", 137), ("SEGV", 139), ("TERM", 143)] {
        let ended = runner.exec(&profile, &format!("touch begun; kill -{name} $$")).wait().unwrap();
        assert_eq!(ended.code(), Some(code), "{name}");
        assert_eq!(cloud.of_commands("shop").len(), 0, "{name}");
    }
}

#[test]
fn others_work_while_a_command_does() {
    let cloud = Cloud::new(BRISK);
    let runner = Runner::in_work_tree(&cloud);
    let profile = runner.profile("shop");
    fs::write(runner.tree().join("bootstrap"), BOOTSTRAP).unwrap();
    // Each in the folder of the outer one, whose token lives on.
    let script = format!(
        "touch begun; export CLOUDFLARE_BOOTSTRAP_TOKEN=$(cat bootstrap); for line in 'apply {profile}' 'rotate {profile}' \
         'exec {profile} -- true' 'recover'; do {} $line || exit 9; done; until test -e end; do sleep 0.02; done",
        env!("CARGO_BIN_EXE_cfmint")
    );
    let run = runner.exec(&profile, &script);
    until("the inner runs do not come to their end", || runner.in_force() == runner.profiles());
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(cloud.of_commands("shop").len(), 1, "the outer one");
    fs::write(runner.tree().join("end"), "").unwrap();
    let ended = run.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(cloud.of_commands("shop").len(), 0);

    let runs: Vec<Child> =
        (0..6).map(|_| runner.command(&["exec", &profile, "--", "sleep", "0.1"])).collect();
    for run in runs {
        let ended = run.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    assert_eq!(cloud.of_commands("shop").len(), 0);
    assert_eq!(runner.kept(), [""; 0]);
    assert_eq!(runner.strays(), [""; 0]);
}
