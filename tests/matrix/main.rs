//! The promise, case by case: after any single failure at any point of any command, and one later run of the same
//! command, nothing is lost, nothing is left over, nothing leaked.
//!
//! The cases are not written down. A clean run of each command is recorded; then every request it made meets every
//! mishap, and every effect it had fails, runs out of space, or is where the process dies. A new request or effect
//! joins by itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

use std::io::ErrorKind;

use cfmint::world::World as _;

use support::{Doom, Mishap, Scene, TestWorld};

/// One account, one zone, two files and a program: every kind of sink.
const PROFILE: &str = "
version: 1
name: shop-deploy
permissions:
  account: { Workers Scripts: edit }
  zone: { DNS: edit }
resources: { accounts: [Emulator Account], zones: [example.com] }
ttl: 90d
sinks:
  - env_file: .env
    variables: { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_ACCOUNT_ID: account_id }
  - env_file: .env.copy
    variables: { CF_TOKEN: token, CF_ENDS: expires_on }
";

/// A command, and how the scene comes to where it begins.
struct Act {
    command: &'static str,
    before: &'static [&'static str],
    /// Whether a token should be there at the end.
    leaves_token: bool,
    /// Where it happens; git is slow, and its part is the same for every command.
    place: Place,
    /// Something other hands do before the command.
    meddling: fn(&Scene),
}

#[derive(Clone, Copy)]
enum Place {
    WorkTree,
    Folder,
}

const ACTS: [Act; 8] = [
    Act {
        command: "apply shop.yaml",
        before: &[],
        leaves_token: true,
        place: Place::WorkTree,
        meddling: |_| {},
    },
    Act {
        command: "apply shop.yaml",
        before: &["apply shop.yaml"],
        leaves_token: true,
        place: Place::Folder,
        meddling: |scene| scene.meddle(|token| token.policies.truncate(1)),
    },
    Act {
        command: "apply shop.yaml",
        before: &["apply shop.yaml"],
        leaves_token: true,
        place: Place::Folder,
        meddling: |scene| scene.world.remove(&scene.world.path(".env.copy")).unwrap(),
    },
    Act {
        command: "roll shop.yaml",
        before: &["apply shop.yaml"],
        leaves_token: true,
        place: Place::Folder,
        meddling: |_| {},
    },
    Act {
        command: "rotate shop.yaml",
        before: &["apply shop.yaml"],
        leaves_token: true,
        place: Place::Folder,
        meddling: |_| {},
    },
    Act {
        command: "revoke shop.yaml --yes",
        before: &["apply shop.yaml"],
        leaves_token: false,
        place: Place::Folder,
        meddling: |_| {},
    },
    Act {
        command: "plan shop.yaml",
        before: &["apply shop.yaml"],
        leaves_token: true,
        place: Place::Folder,
        meddling: |_| {},
    },
    Act {
        command: "apply shop.yaml --adopt e0000000000000000000000000000a01",
        before: &["apply shop.yaml"],
        leaves_token: true,
        place: Place::Folder,
        meddling: |scene| {
            scene.meddle(|token| {
                "e0000000000000000000000000000a01".clone_into(&mut token.id);
                "renamed by hand".clone_into(&mut token.name);
                token.policies.truncate(1);
            });
        },
    },
];

/// The sinks of the profile.
const SINKS: [(&str, &str); 2] = [(".env", "CLOUDFLARE_API_TOKEN"), (".env.copy", "CF_TOKEN")];

async fn scene(act: &Act) -> Scene {
    let scene = match act.place {
        Place::WorkTree => Scene::new(),
        Place::Folder => Scene::outside_git(TestWorld::new(), |_| {}),
    };
    scene.world.put("shop.yaml", PROFILE);
    for line in act.before {
        scene.given(line).await;
    }
    (act.meddling)(&scene);
    scene.world.forget_effects();
    scene
}

/// The effects of a clean run, in order.
async fn recorded(act: &Act) -> Vec<String> {
    let scene = scene(act).await;
    scene.given_noted(act.command).await
}

/// Whether a recorded effect is a request.
fn is_request(effect: &str) -> bool {
    ["GET ", "POST ", "PUT ", "DELETE "].iter().any(|method| effect.starts_with(method))
}

/// Runs the command once with a failure in it and once without, and says what does not hold.
async fn violations(act: &Act, scene: &Scene) -> Vec<String> {
    let mut wrong = Vec::new();
    let first = scene.run(act.command).await;
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
    let second = scene.run(act.command).await;
    if second.code != 0 {
        wrong.push(format!("the clean run ended with {}: {}", second.code, second.err));
    }
    let live = scene.live();
    let lost: Vec<_> =
        live.iter().filter(|token| token.held_by.is_empty() && !scene.is_retired(&token.id)).collect();
    if !lost.is_empty() {
        wrong.push(format!("nobody has the secret of {lost:?}"));
    }
    let in_force = live.iter().filter(|token| !scene.is_retired(&token.id)).count();
    if in_force != usize::from(act.leaves_token) {
        wrong.push(format!("{in_force} tokens are in force: {live:?}"));
    }
    for (file, variable) in SINKS {
        let holds = live.iter().any(|token| token.held_by.iter().any(|holder| holder == file));
        if act.leaves_token && !holds {
            wrong.push(format!("{file} holds no live secret"));
        }
        if !act.leaves_token && scene.value(file, variable).is_some() {
            wrong.push(format!("{variable} is still in {file}"));
        }
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
    let leaks = scene.leaks(&[".env", ".env.copy"]);
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
