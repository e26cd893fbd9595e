//! The bootstrap is in requests and nowhere else: no profile is filled in with it, no child process sees it.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test")]
#![allow(clippy::disallowed_methods, reason = "tests set their scene with the file system itself")]

mod support;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use cfmint::cli::{Exit, Screen, run};
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
        assert_eq!(code, Exit::Invalid.code(), "{printed}");
        assert!(printed.contains("profile.unset-variable") && !printed.contains(BOOTSTRAP), "{printed}");
    }
}

#[tokio::test]
async fn git_and_what_git_runs_do_not_see_it() {
    let world = Arc::new(world());
    world.put("shop.yaml", PROFILE);
    let (code, printed) = cfmint(&world, &["apply", "shop.yaml", "--emulator"]).await;
    assert_eq!(code, Exit::Done.code(), "{printed}");
    let seen = world.text("seen");
    assert!(seen.contains("PART=-dev") && !seen.contains(BOOTSTRAP), "{seen}");
}

#[tokio::test]
async fn the_command_that_prints_another_one_does_not_see_it() {
    let world = Arc::new(world());
    world.put("shop.yaml", PROFILE);
    let command = "env > seen; echo too-short";
    let (code, printed) = cfmint(&world, &["plan", "shop.yaml", "--bootstrap-command", command]).await;
    assert_eq!(code, Exit::Failed.code(), "{printed}");
    let seen = world.text("seen");
    assert!(seen.contains("PART=-dev") && !seen.contains(BOOTSTRAP), "{seen}");
}

/// A profile and a file with the bootstrap, with a transport that leads nowhere: no request is answered.
fn with_file(mode: u32) -> Arc<TestWorld> {
    let world = TestWorld::new().with_variable("CLOUDFLARE_BASE_URL", "http://127.0.0.1:1/client/v4");
    world.put("shop.yaml", PROFILE.replace("${PART}", ""));
    let file = world.put("my bootstrap", format!("{BOOTSTRAP}\n"));
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
    Arc::new(world)
}

#[tokio::test(start_paused = true)]
async fn a_file_that_others_can_read_is_warned_of_with_the_line_that_closes_it() {
    for (mode, is_open) in [(0o644, true), (0o640, true), (0o604, true), (0o600, false), (0o400, false)] {
        let world = with_file(mode);
        let (code, printed) =
            cfmint(&world, &["plan", "shop.yaml", "--bootstrap-file", "my bootstrap"]).await;
        assert!(code == Exit::Failed.code() && printed.contains("no connection"), "{printed}");
        let warning = format!("the bootstrap file my bootstrap can be read by others (mode {mode:o})");
        assert_eq!(printed.contains(&warning), is_open, "{mode:o}: {printed}");
        assert_eq!(printed.contains("chmod 600 'my bootstrap'"), is_open, "{mode:o}: {printed}");
        assert!(!printed.contains(BOOTSTRAP), "{printed}");
    }
}

#[tokio::test]
async fn what_is_no_file_is_refused_in_words() {
    let world = with_file(0o600);
    std::fs::create_dir(world.path("folder")).unwrap();
    for (path, words) in [
        ("folder", "folder cannot be read: it is a folder"),
        ("/dev/zero", "/dev/zero cannot be read: it is a device"),
        ("/dev/null", "/dev/null cannot be read: it is a device"),
        ("missing", "missing cannot be read: No such file"),
    ] {
        let (code, printed) = cfmint(&world, &["plan", "shop.yaml", "--bootstrap-file", path]).await;
        assert!(code == Exit::Failed.code() && printed.contains("error[bootstrap.unreadable]"), "{printed}");
        assert!(printed.contains(words) && printed.contains("help: "), "{printed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pipe_that_a_program_writes_is_read() {
    let world = with_file(0o600);
    let make = "mkfifo pipe && { cat 'my bootstrap' > pipe & }";
    let status = std::process::Command::new("sh").args(["-c", make]).current_dir(world.base()).status();
    assert!(status.unwrap().success());
    let (_, printed) = cfmint(&world, &["plan", "shop.yaml", "--bootstrap-file", "pipe"]).await;
    assert!(printed.contains("no connection") && !printed.contains("by others"), "{printed}");

    // What a shell passes for `<(command)`: a descriptor of this process, by a path that leads to no file.
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(BOOTSTRAP.as_bytes()).unwrap();
    drop(writer);
    let path = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
    let (_, printed) = cfmint(&world, &["plan", "shop.yaml", "--bootstrap-file", &path]).await;
    assert!(printed.contains("no connection"), "{printed}");
}

#[tokio::test]
async fn a_command_that_fails_shows_nothing_of_what_it_printed() {
    let world = with_file(0o600);
    let command = format!(
        "echo {BOOTSTRAP}; echo 'password: correct-horse'; \
         echo \"trace: got {BOOTSTRAP} for correct-horse, then cfat_EMULATORanotherfakefakefake\" >&2; exit 4"
    );
    let (code, printed) = cfmint(&world, &["plan", "shop.yaml", "--bootstrap-command", &command]).await;
    assert_eq!(code, Exit::Failed.code(), "{printed}");
    assert!(printed.contains("error[bootstrap.command]") && printed.contains("trace: got ***"), "{printed}");
    for secret in [BOOTSTRAP, "correct-horse", "anotherfake"] {
        assert!(!printed.contains(secret), "{secret}: {printed}");
    }
}

#[tokio::test]
async fn a_pasted_text_that_is_no_token_is_named_and_not_shown() {
    for (text, words) in [
        (format!("'{BOOTSTRAP}'"), "is in quotes"),
        (format!("Bearer {BOOTSTRAP}"), "begins with `Bearer`"),
        (format!("CLOUDFLARE_BOOTSTRAP_TOKEN={BOOTSTRAP}"), "a whole line of an env file"),
        (format!("\u{feff}{BOOTSTRAP}"), "a byte order mark"),
        (format!("{BOOTSTRAP}\u{200b}"), "a zero-width space"),
    ] {
        let world = with_file(0o600);
        std::fs::write(world.path("my bootstrap"), text).unwrap();
        let (code, printed) =
            cfmint(&world, &["plan", "shop.yaml", "--bootstrap-file", "my bootstrap"]).await;
        assert_eq!(code, Exit::Failed.code(), "{printed}");
        assert!(printed.contains("error[bootstrap.malformed]") && printed.contains(words), "{printed}");
        assert!(!printed.contains(BOOTSTRAP), "{printed}");
    }
}
