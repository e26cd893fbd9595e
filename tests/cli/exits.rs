//! What a shell sees: every exit code, and the situations that lead to it.

use std::sync::Arc;

use cfmint::world::Interrupt;

use crate::support::{TestWorld, cfmint};

/// A profile, one that may make its token, and one with a mistake.
const SHOP: &str = "\
version: 1
name: shop
permissions: { zone: { DNS: edit } }
resources: { zones: [example.com] }
ttl: 30d
sinks: [{ env_file: .env, variables: { SHOP_TOKEN: token } }]
";
const ENVIRONMENTS: &str = "environments: { dev: {}, production: {} }\n";

/// What was done before the command.
type State = fn(&TestWorld);

/// Nothing.
fn fresh(_: &TestWorld) {}

/// Somebody else may hold the secret.
fn not_held(world: &TestWorld) {
    world.put(".env", "");
}

fn interrupted(world: &TestWorld) {
    world.interrupt(Interrupt::Interrupt);
}

fn terminated(world: &TestWorld) {
    world.interrupt(Interrupt::Terminate);
}

fn hung_up(world: &TestWorld) {
    world.interrupt(Interrupt::HangUp);
}

/// A situation, the command in it, and the code that must come. `made` names what was applied beforehand.
struct Row {
    situation: &'static str,
    made: &'static [&'static str],
    state: State,
    command: &'static str,
    code: u8,
}

const fn row(
    code: u8,
    command: &'static str,
    made: &'static [&'static str],
    state: State,
    situation: &'static str,
) -> Row {
    Row { situation, made, state, command, code }
}

const ROWS: &[Row] = &[
    row(0, "--help", &[], fresh, "help was asked for"),
    row(0, "--version", &[], fresh, "the version was asked for"),
    row(0, "check shop.yaml", &[], fresh, "a profile is valid"),
    row(0, "check shop.yaml environments.yaml", &[], fresh, "each environment is valid"),
    row(0, "plan shop.yaml", &[], fresh, "there is something to do, and nobody asked for a code"),
    row(0, "plan shop.yaml --exit-code", &["shop.yaml"], fresh, "there is nothing to do"),
    row(0, "apply shop.yaml", &[], fresh, "a token is made"),
    row(0, "apply shop.yaml", &["shop.yaml"], fresh, "nothing changes"),
    row(0, "apply shop.yaml --dry-run", &[], fresh, "a dry run"),
    row(0, "rotate shop.yaml --due", &["shop.yaml"], fresh, "nothing is due"),
    row(0, "revoke shop.yaml --yes", &[], fresh, "what is to go is not there"),
    row(0, "prune --older-than 1d", &[], fresh, "nothing meets the rules"),
    row(0, "recover shop.yaml", &[], fresh, "nothing is left to finish"),
    row(1, "roll shop.yaml", &[], fresh, "there is no token to roll"),
    row(1, "apply shop.yaml", &["shop.yaml"], not_held, "the run is refused"),
    row(1, "plan shop.yaml", &["shop.yaml"], not_held, "the run would be refused"),
    row(1, "plan shop.yaml --exit-code", &["shop.yaml"], not_held, "being refused is no difference"),
    row(1, "roll shop.yaml other.yaml", &[], fresh, "all of several fail"),
    row(1, "revoke --id 0123456789abcdef0123456789abcdef --yes", &[], fresh, "there is no such token"),
    row(2, "", &[], fresh, "no command is given"),
    row(2, "aply shop.yaml", &[], fresh, "a command that does not exist"),
    row(2, "apply", &[], fresh, "an argument is missing"),
    row(2, "apply shop.yaml --quiet --verbose", &[], fresh, "options that exclude each other"),
    row(2, "check wrong.yaml", &[], fresh, "a profile is invalid"),
    row(2, "apply shop.yaml wrong.yaml", &[], fresh, "one of several profiles is invalid"),
    row(2, "apply missing.yaml", &[], fresh, "a profile is not there"),
    row(2, "apply environments.yaml", &[], fresh, "no environment is chosen"),
    row(2, "apply environments.yaml -e staging", &[], fresh, "the environment does not exist"),
    row(2, "apply shop.yaml --set ZONE=example.net", &[], fresh, "a variable that nothing refers to"),
    row(2, "revoke shop.yaml", &["shop.yaml"], fresh, "nobody can be asked"),
    row(3, "plan shop.yaml --exit-code", &[], fresh, "there is something to do"),
    row(3, "audit", &[], fresh, "there are findings"),
    row(4, "roll shop.yaml other.yaml", &["shop.yaml"], fresh, "one of two succeeds"),
    row(4, "apply shop.yaml other.yaml", &["shop.yaml"], not_held, "one of two is refused"),
    row(129, "apply shop.yaml", &[], hung_up, "the terminal is closed"),
    row(130, "apply shop.yaml", &[], interrupted, "Ctrl-C"),
    row(130, "list", &[], interrupted, "Ctrl-C while reading"),
    row(143, "apply shop.yaml", &[], terminated, "a service manager ends it"),
    row(143, "rotate shop.yaml", &["shop.yaml"], terminated, "a service manager ends a rotation"),
];

#[tokio::test(start_paused = true)]
async fn each_situation_has_its_exit_code() {
    let mut wrong = Vec::new();
    for Row { situation, made, state, command, code } in ROWS {
        let world = Arc::new(TestWorld::new());
        world.put("shop.yaml", SHOP);
        world.put("other.yaml", SHOP.replace("name: shop", "name: other").replace(".env", ".env.other"));
        world.put("wrong.yaml", SHOP.replace("ttl: 30d", "ttl: 30 days"));
        let named = SHOP.replace("name: shop", "name: shop-${environment}");
        world.put("environments.yaml", named + ENVIRONMENTS);
        for profile in *made {
            assert_eq!(cfmint(&world, &format!("apply {profile} --emulator")).await.code, 0);
        }
        state(&world);
        let is_offline = command.is_empty() || command.starts_with('-') || command.starts_with("check");
        let emulator = if is_offline { "" } else { " --emulator" };
        let ran = cfmint(&world, &format!("{command}{emulator}")).await;
        if ran.code != *code {
            wrong.push(format!(
                "{situation}: `{command}` exits with {}, not {code}\n{}{}",
                ran.code, ran.out, ran.err
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_exit_code_is_without_a_situation() {
    for code in [0, 1, 2, 3, 4, 129, 130, 143] {
        assert!(ROWS.iter().any(|row| row.code == code), "nothing exits with {code}");
    }
}
