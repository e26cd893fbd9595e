//! The bootstrap is in requests and nowhere else: no profile is filled in with it, no child process sees it.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test")]
#![allow(clippy::disallowed_methods, reason = "tests set their scene with the file system itself")]

mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use cfmint::cli::{Screen, exit, run};
use support::TestWorld;

const BOOTSTRAP: &str = "cfut_EMULATOR-not-to-be-seen-by-anyone-anywhere";

const PROFILE: &str = "\
version: 1
name: shop${PART}
permissions: { zone: { DNS: read } }
resources: { zones: [example.com] }
ttl: 1d
sinks: [{ env_file: .env, variables: { TOKEN: token } }]
";

/// What a run prints.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A work tree whose file system monitor, a program that git runs, writes down what it sees.
fn world() -> TestWorld {
    let world = TestWorld::new()
        .with_variable("GIT_CONFIG_GLOBAL", "/dev/null")
        .with_variable("CLOUDFLARE_BOOTSTRAP_TOKEN", BOOTSTRAP)
        .with_variable("CLOUDFLARE_API_KEY", BOOTSTRAP)
        .with_variable("PART", "-dev");
    world.put(".gitignore", ".env\n");
    // Made by another process: a file that this one writes may be busy when it is to be run.
    let script = "printf '#!/bin/sh\\nenv >> seen\\n' > .git-monitor && chmod 700 .git-monitor && \
                  git init --quiet && git config core.fsmonitor \"$PWD/.git-monitor\"";
    let status = std::process::Command::new("sh").args(["-c", script]).current_dir(world.base()).status();
    assert!(status.unwrap().success());
    world
}

async fn cfmint(world: &Arc<TestWorld>, arguments: &[&str]) -> (u8, String) {
    let printed = Printed::default();
    let mut screen = Screen::new(Box::new(printed.clone()), Box::new(printed.clone()));
    let arguments = ["cfmint"].iter().chain(arguments).map(Into::into).collect();
    let code = run(arguments, Arc::clone(world) as Arc<_>, &mut screen).await;
    let printed = printed.0.lock().unwrap().clone();
    (code, String::from_utf8(printed).unwrap())
}

#[tokio::test]
async fn a_profile_is_not_filled_in_with_it() {
    let world = Arc::new(world());
    for (number, variable) in ["CLOUDFLARE_BOOTSTRAP_TOKEN", "CLOUDFLARE_API_KEY"].iter().enumerate() {
        let name = format!("{number}.yaml");
        world.put(&name, PROFILE.replace("PART", variable));
        let (code, printed) = cfmint(&world, &["apply", &name, "--emulator"]).await;
        assert_eq!(code, exit::INVALID, "{printed}");
        assert!(printed.contains("profile.unset-variable") && !printed.contains(BOOTSTRAP), "{printed}");
    }
}

#[tokio::test]
async fn git_and_what_git_runs_do_not_see_it() {
    let world = Arc::new(world());
    world.put("shop.yaml", PROFILE);
    let (code, printed) = cfmint(&world, &["apply", "shop.yaml", "--emulator"]).await;
    assert_eq!(code, exit::DONE, "{printed}");
    let seen = world.text("seen");
    assert!(seen.contains("PART=-dev") && !seen.contains(BOOTSTRAP), "{seen}");
}

#[tokio::test]
async fn the_command_that_prints_another_one_does_not_see_it() {
    let world = Arc::new(world());
    world.put("shop.yaml", PROFILE);
    let command = "env > seen; echo too-short";
    let (code, printed) = cfmint(&world, &["plan", "shop.yaml", "--bootstrap-command", command]).await;
    assert_eq!(code, exit::FAILED, "{printed}");
    let seen = world.text("seen");
    assert!(seen.contains("PART=-dev") && !seen.contains(BOOTSTRAP), "{seen}");
}
