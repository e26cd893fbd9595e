//! What cannot be told as a session: a person at the terminal, signals, a machine that fails.

use std::io;
use std::sync::Arc;

use cfmint::world::{Interrupt, World as _};

use crate::support::{Ran, TestWorld, cfmint, cfmint_on};

const SHOP: &str = "\
version: 1
name: shop
permissions: { zone: { DNS: edit } }
resources: { zones: [example.com] }
ttl: 30d
sinks: [{ env_file: .env, variables: { SHOP_TOKEN: token } }]
";

fn shop(world: TestWorld) -> Arc<TestWorld> {
    world.put("shop.yaml", SHOP);
    Arc::new(world)
}

#[tokio::test(start_paused = true)]
async fn revoke_asks_a_person_and_takes_no_for_an_answer() {
    let world = shop(TestWorld::new().with_answers(&["", "no", "n", "yes"]));
    assert_eq!(cfmint(&world, "apply shop.yaml --emulator").await.code, 0);
    for _ in 0..2 {
        let Ran { code, err, .. } = cfmint(&world, "revoke shop.yaml --emulator").await;
        assert_eq!(code, 1, "{err}");
        assert!(err.starts_with("Delete shop@") && err.contains("[y/N]"), "{err}");
        assert!(err.ends_with("Note nothing was deleted\n"), "{err}");
        assert!(world.text(".env").starts_with("SHOP_TOKEN="));
    }
    let Ran { code, out, err } = cfmint(&world, "revoke shop.yaml --emulator --json").await;
    assert_eq!(code, 1, "{err}");
    assert!(out.contains(r#""code":"custody.declined""#), "{out}");
    let Ran { code, err, .. } = cfmint(&world, "revoke shop.yaml --emulator").await;
    assert_eq!(code, 0, "{err}");
    assert_eq!(world.text(".env"), "");
}

#[tokio::test(start_paused = true)]
async fn a_signal_stops_a_run_before_its_next_step_and_is_the_exit_code() {
    let world = shop(TestWorld::new());
    world.interrupt(Interrupt::Terminate);
    let Ran { code, err, .. } = cfmint(&world, "apply shop.yaml --emulator").await;
    assert_eq!(code, 143, "{err}");
    assert!(err.contains("error[custody.interrupted]"), "{err}");
    assert!(!world.files().contains(&".env".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_run_waits_for_another_and_gives_up() {
    let world = shop(TestWorld::new());
    world.put(".cfmint/lock", "");
    let lock = world.try_lock(&world.path(".cfmint/lock")).expect("the lock can be asked for");
    assert!(lock.is_some());
    let Ran { code, err, .. } = cfmint(&world, "apply shop.yaml --emulator").await;
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("error[state.locked]"), "{err}");
    drop(lock);
    assert_eq!(cfmint(&world, "apply shop.yaml --emulator").await.code, 0);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_fails_is_named_before_anything_is_sent() {
    for (effect, expected) in [("look .git", "sink.folder"), ("create_folder .cfmint", "state.unusable")] {
        let world = shop(TestWorld::new());
        world.fail(effect, io::ErrorKind::PermissionDenied);
        let Ran { code, err, .. } = cfmint(&world, "apply shop.yaml --emulator").await;
        assert_eq!(code, 1, "{err}");
        assert!(err.starts_with(&format!("error[{expected}]")), "{err}");
        assert!(err.contains("help: "), "{err}");
    }
}

/// Standard output on which nothing can be written any more.
struct Broken(io::ErrorKind);

impl io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_cut_off_is_an_error_unless_nobody_reads_on() {
    for (kind, code) in [(io::ErrorKind::StorageFull, 1), (io::ErrorKind::BrokenPipe, 0)] {
        for command in ["schema", "list --emulator", "list --emulator --json"] {
            let world: Arc<dyn cfmint::world::World> = shop(TestWorld::new());
            let mut screen = cfmint::cli::Screen::new(Box::new(Broken(kind)), Box::new(io::sink()));
            let arguments = ["cfmint"].into_iter().chain(command.split(' ')).map(Into::into).collect();
            assert_eq!(cfmint::cli::run(arguments, world, &mut screen).await, code, "{command}: {kind}");
        }
    }
}

/// The lines of a table on a terminal of each width, and the widest one where there is none.
#[tokio::test(start_paused = true)]
async fn tables_fit_the_terminal_and_break_no_word() {
    let world = Arc::new(TestWorld::new());
    let long = SHOP
        .replace("name: shop", "name: shop-deploy-${environment}")
        .replace(".env", "\".env.${environment}\"");
    world.put("shop.yaml", long + "environments: { production: {}, \"pr-*\": {} }\n");
    let apply = "apply shop.yaml -e production -e pr-17 -e pr-18 --emulator";
    let Ran { code, err, .. } = cfmint(&world, apply).await;
    assert_eq!(code, 0, "{err}");
    for command in [
        "list shop.yaml --emulator",
        "list shop.yaml --ids --emulator",
        "prune shop.yaml --environments pr-* --older-than 0s --emulator --dry-run",
    ] {
        let whole = cfmint(&world, command).await.out;
        assert!(whole.lines().any(|line| line.len() > 80), "{whole}");
        let rows = whole.lines().filter(|line| line.starts_with("shop-deploy-")).count();
        assert!(rows >= 2 && whole.lines().all(|line| !line.starts_with(' ')), "a row is one line: {whole}");
        for width in [60, 80, 120, 200] {
            let narrow = cfmint_on(Some(width), &world, command).await.out;
            assert!(
                narrow.lines().all(|line| line.chars().count() <= usize::from(width)),
                "{width}:\n{narrow}"
            );
            for word in whole.split_whitespace() {
                assert!(
                    narrow.split_whitespace().any(|other| other == word),
                    "{width}: {word} is broken:\n{narrow}"
                );
            }
        }
        assert_eq!(
            cfmint_on(Some(200), &world, command).await.out,
            whole,
            "a wide terminal needs no wrapping"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn doctor_fits_a_terminal_and_ends_with_what_must_be_done() {
    let world = shop(TestWorld::new());
    assert_eq!(cfmint(&world, "apply shop.yaml --emulator").await.code, 0);
    let wider = SHOP.replace("{ DNS: edit }", "{ DNS: edit, SSL and Certificates: edit, Access: edit }");
    world.put("shop.yaml", wider.replace("Access: edit", "\"Access: Apps and Policies\": revoke"));
    let Ran { code, out, err } = cfmint_on(Some(80), &world, "doctor shop.yaml --emulator").await;
    assert_eq!(code, 3, "{err}");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let (_, end) = out.split_once("\nmissing ").expect("something is missing");
    assert!(!end.contains("\nok ") && end.contains("cfmint apply shop.yaml --emulator"), "{out}");
}
