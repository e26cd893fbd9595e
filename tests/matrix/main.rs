//! The promise, case by case: after any single failure at any point of any command, and one later run of the same
//! command, nothing is lost, nothing is left over, nothing leaked.
//!
//! The cases are not written down. A clean run of each command is recorded; then every request it made meets every
//! mishap, and every effect it had fails, runs out of space, panics, or is where the process dies. A new request or
//! effect joins by itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test stops where it fails, and says what it tried"
)]

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

/// The clean run that comes after one with a failure.
struct Next<'a> {
    command: &'a str,
    ends: Ends,
    /// The code that it may end with instead, where there is nothing left for it to do.
    may_refuse: &'a str,
}

/// Runs a command once with a failure in it, and then another without, and says what does not hold.
async fn violations(command: &str, next: &Next<'_>, scene: &Scene) -> Vec<String> {
    let first = run_or_panic(scene, command).await;
    scene.world.revive();
    scene.world.unhook();
    scene.road.clear();
    let mut wrong = Vec::new();
    for (file, _) in SINKS {
        if let Some(text) = scene.try_text(file)
            && !is_whole(&text)
        {
            wrong.push(format!("{file} is not whole: {text:?}"));
        }
    }
    let second = scene.run(next.command).await;
    let is_refused = !next.may_refuse.is_empty() && second.err.contains(next.may_refuse);
    if second.code != 0 && !is_refused {
        wrong.push(format!("the clean run ended with {}: {}", second.code, second.err));
    }
    // Hooks are the profile's, which recover does not have: what waits for them is done by a command that has it.
    if next.command == "recover" && second.err.contains("its hooks have not run") {
        let third = scene.run("apply shop.yaml").await;
        if third.code != 0 {
            wrong.push(format!("what had its hooks before it ended with {}: {}", third.code, third.err));
        }
    }
    wrong.extend(tokens_amiss(next.ends, &second.err, scene));
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

/// What is wrong with the tokens that there are and the sinks that should hold them. A value may stay behind its token only if
/// the run says so: after a roll whose answer was lost, a dead value does not tell whose it was.
fn tokens_amiss(ends: Ends, said: &str, scene: &Scene) -> Vec<String> {
    let mut wrong = Vec::new();
    let live = scene.live();
    let lost: Vec<_> =
        live.iter().filter(|token| token.held_by.is_empty() && !scene.is_retired(&token.id)).collect();
    if !lost.is_empty() {
        wrong.push(format!("nobody has the secret of {lost:?}"));
    }
    let in_force = live.iter().filter(|token| !scene.is_retired(&token.id)).count();
    let fits = match ends {
        Ends::InForce => in_force == 1,
        Ends::Gone | Ends::GoneById => in_force == 0,
        Ends::Either => in_force <= 1,
    };
    if !fits {
        wrong.push(format!("{in_force} tokens are in force: {live:?}"));
    }
    let holds = |file: &str| live.iter().any(|token| token.held_by.iter().any(|holder| holder == file));
    if in_force == 1 {
        let files = SINKS.iter().map(|(file, _)| *file).chain([PROGRAM]);
        wrong.extend(files.filter(|file| !holds(file)).map(|file| format!("{file} holds no live secret")));
    }
    if ends == Ends::Gone {
        let is_told =
            |file: &str, variable: &str| said.contains(&format!("{variable} in {file} keeps its value"));
        let left = SINKS
            .iter()
            .filter(|(file, variable)| scene.value(file, variable).is_some() && !is_told(file, variable));
        wrong.extend(left.map(|(file, variable)| format!("{variable} is still in {file}")));
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
        let command = act.line(&scene);
        // What was named by its id may be gone already.
        let may_refuse = if act.ends == Ends::GoneById { "custody.no-such-token" } else { "" };
        violations(&command, &Next { command: &command, ends: act.ends, may_refuse }, &scene).await
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

/// What may come next, whatever command has died.
const NEXTS: [Next<'static>; 7] = [
    Next { command: "apply shop.yaml", ends: Ends::InForce, may_refuse: "" },
    Next { command: "rotate shop.yaml", ends: Ends::InForce, may_refuse: "" },
    Next { command: "rotate shop.yaml --due", ends: Ends::InForce, may_refuse: "" },
    Next { command: "roll shop.yaml", ends: Ends::Either, may_refuse: "custody.nothing-to-roll" },
    Next { command: "recover", ends: Ends::Either, may_refuse: "" },
    Next { command: "revoke shop.yaml --yes", ends: Ends::Gone, may_refuse: "" },
    Next { command: "prune shop.yaml --older-than 0s --yes", ends: Ends::Gone, may_refuse: "" },
];

#[test]
fn a_command_that_died_is_mended_by_whatever_command_comes_next() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    for act in acts::that_may_die() {
        let story = runtime().block_on(recorded(&act));
        for (position, effect) in story.iter().enumerate() {
            let doom = match effect.split(' ').next() {
                _ if is_request(effect) => Doom::DeathAmid,
                Some("rename" | "run" | "remove") => Doom::DeathBefore,
                _ => continue,
            };
            for next in &NEXTS {
                cases += 1;
                let found = runtime().block_on(async {
                    let scene = scene(&act).await;
                    scene.world.doom(position + 1, doom);
                    violations(&act.line(&scene), next, &scene).await
                });
                let case = format!("{} × {position} {effect} × {}", act.command, next.command);
                wrong.extend(told(&found, &case));
            }
        }
    }
    println!("{cases} cases of another command after a death, {} violations", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.iter().take(6).cloned().collect::<Vec<_>>().join("\n"));
    assert!(cases > 100, "only {cases} cases");
}
