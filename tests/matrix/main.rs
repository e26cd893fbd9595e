//! The promise, case by case: after any single failure at any point of any command, and one later run of the same
//! command, nothing is lost, nothing is left over, nothing leaked.
//!
//! The cases are not written down. A clean run of each command is recorded; then every request it made meets every
//! mishap, and every effect it had fails, runs out of space, panics, or is where the process dies. A new request or
//! effect joins by itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod acts;

use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use acts::{ACTS, Act, Ends, PROGRAM, SINKS, scene};
use support::{Doom, Mishap, Ran, Scene};

/// The effects of a clean run, in order.
async fn recorded(act: &Act) -> Vec<String> {
    let scene = scene(act).await;
    scene.given_noted(&act.line(&scene)).await
}

/// Whether a recorded effect is a request.
fn is_request(effect: &str) -> bool {
    ["GET ", "POST ", "PUT ", "DELETE "].iter().any(|method| effect.starts_with(method))
}

/// Runs the command once with a failure in it and once without, and says what does not hold.
async fn violations(act: &Act, scene: &Scene) -> Vec<String> {
    let mut wrong = Vec::new();
    let command = act.line(scene);
    let first = run_or_panic(scene, &command).await;
    scene.world.revive();
    scene.world.unhook();
    scene.road.clear();
    for (file, _) in SINKS {
        if let Some(text) = scene.try_text(file)
            && !is_whole(&text)
        {
            wrong.push(format!("{file} is not whole: {text:?}"));
        }
    }
    let second = scene.run(&command).await;
    // What was named by its id may be gone already.
    let is_over = act.ends == Ends::GoneById && second.err.contains("custody.no-such-token");
    if second.code != 0 && !is_over {
        wrong.push(format!("the clean run ended with {}: {}", second.code, second.err));
    }
    let live = scene.live();
    let lost: Vec<_> =
        live.iter().filter(|token| token.held_by.is_empty() && !scene.is_retired(&token.id)).collect();
    if !lost.is_empty() {
        wrong.push(format!("nobody has the secret of {lost:?}"));
    }
    let in_force = live.iter().filter(|token| !scene.is_retired(&token.id)).count();
    if in_force != usize::from(act.ends == Ends::InForce) {
        wrong.push(format!("{in_force} tokens are in force: {live:?}"));
    }
    let holds = |file: &str| live.iter().any(|token| token.held_by.iter().any(|holder| holder == file));
    if act.ends == Ends::InForce {
        let files = SINKS.iter().map(|(file, _)| *file).chain([PROGRAM]);
        wrong.extend(files.filter(|file| !holds(file)).map(|file| format!("{file} holds no live secret")));
    }
    if act.ends == Ends::Gone {
        let left = SINKS.iter().filter(|(file, variable)| scene.value(file, variable).is_some());
        wrong.extend(left.map(|(file, variable)| format!("{variable} is still in {file}")));
    }
    let leftovers: Vec<String> = scene
        .world
        .files()
        .into_iter()
        .filter(|name| name.contains(".cfmint-") || name.ends_with("journal.new"))
        .collect();
    if !leftovers.is_empty() {
        wrong.push(format!("left over: {leftovers:?}"));
    }
    let leaks = scene.leaks(&[SINKS[0].0, SINKS[1].0, SINKS[2].0, PROGRAM]);
    if !leaks.is_empty() {
        wrong.push(format!("secrets leaked into {leaks:?}"));
    }
    if !wrong.is_empty() {
        wrong.push(format!("the first run ended with {}: {}", first.code, first.err));
        wrong.push(format!("the clean run said: {}", second.err));
        wrong.push(format!("its story: {:#?}", scene.story()));
    }
    wrong
}

/// Runs a command in which something may panic. Then what it held is dropped, as when a process unwinds.
async fn run_or_panic(scene: &Scene, line: &str) -> Ran {
    let mut run = pin!(scene.run(line));
    let ran = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    });
    ran.await.unwrap_or_else(|| Ran { code: 101, out: String::new(), err: "it panicked".to_owned() })
}

/// A file as cfmint writes it ends with a line end and has one definition a line.
fn is_whole(text: &str) -> bool {
    text.is_empty() || (text.ends_with('\n') && text.lines().all(|line| line.contains('=')))
}

/// What did not hold in a case, as one text; nothing where all held.
fn told(violations: &[String], case: &str) -> Option<String> {
    (!violations.is_empty()).then(|| format!("{case}\n  {}", violations.join("\n  ")))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

/// Runs a case in a runtime of its own, whose clock begins anew.
fn case(act: &Act, arrange: impl FnOnce(&Scene)) -> Vec<String> {
    runtime().block_on(async {
        let scene = scene(act).await;
        arrange(&scene);
        violations(act, &scene).await
    })
}

#[test]
fn every_request_of_every_command_meets_every_mishap() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for (number, act) in ACTS.iter().enumerate() {
        let story = runtime().block_on(recorded(act));
        let requests: Vec<&String> = story.iter().filter(|effect| is_request(effect)).collect();
        for (position, effect) in requests.iter().enumerate() {
            // The road counts every request whose name begins so.
            let nth = requests[..=position].iter().filter(|earlier| earlier.starts_with(*effect)).count();
            for mishap in Mishap::all() {
                cases += 1;
                let found = case(act, |scene| scene.road.fail_nth(nth, effect, mishap));
                wrong.extend(told(
                    &found,
                    &format!("{number} {} × {effect} ({nth}) × {mishap:?}", act.command),
                ));
            }
        }
    }
    println!("{cases} cases of a mishap to a request, {} violations", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.iter().take(6).cloned().collect::<Vec<_>>().join("\n"));
    assert!(cases > 100, "only {cases} cases");
}

#[test]
fn every_effect_of_every_command_fails_runs_out_of_space_or_is_the_last() {
    let dooms = [
        Doom::Error(ErrorKind::PermissionDenied),
        Doom::Error(ErrorKind::StorageFull),
        Doom::DeathBefore,
        Doom::DeathAmid,
        Doom::Panic,
    ];
    let mut cases = 0;
    let mut wrong = Vec::new();
    for (number, act) in ACTS.iter().enumerate() {
        let story = runtime().block_on(recorded(act));
        for (position, effect) in story.iter().enumerate() {
            for doom in dooms {
                if is_request(effect) && matches!(doom, Doom::Error(_)) {
                    continue;
                }
                cases += 1;
                let found = case(act, |scene| scene.world.doom(position + 1, doom));
                wrong.extend(told(
                    &found,
                    &format!("{number} {} × {position} {effect} × {doom:?}", act.command),
                ));
            }
        }
    }
    println!("{cases} cases of a failing effect, {} violations", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.iter().take(6).cloned().collect::<Vec<_>>().join("\n"));
    assert!(cases > 100, "only {cases} cases");
}
