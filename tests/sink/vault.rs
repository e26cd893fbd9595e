//! Keys of a secret in a store: what stands there, what is written over which version, and what is known when that fails.

use std::io;

use cfmint::profile::SinkValue;
use cfmint::sink::{Reached, Sink, SinkReading, VaultSink};
use serde_json::json;

use super::support::Doom;
use super::support::vault::{FakeVault, TOKEN as STORE_TOKEN};
use super::{Scene, TestWorld, code, failure, found};

const PATH: &str = "secret/data/shop/cloudflare";
const TOKEN: &str = "cfut_FAKE-secret";
const ACCOUNT: &str = "fedcba9876543210fedcba9876543210";

fn sink() -> VaultSink {
    let variables = [("token", SinkValue::Token), ("account", SinkValue::AccountId)];
    VaultSink::new(PATH.to_owned(), variables.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

fn scene(store: FakeVault) -> Scene {
    Scene::new(TestWorld::new().with_store(store))
}

/// A store in which others keep something, too.
fn shared() -> FakeVault {
    FakeVault::holding(PATH, json!({ "token": "FAKE-old", "theirs": "kept", "number": 1e2 }))
}

#[test]
fn keys_are_written_over_the_version_that_was_read_and_others_stay() {
    let scene = scene(shared());
    let sink = sink();
    scene.prove(&sink).unwrap();
    assert_eq!(scene.world.store().kept[PATH].0, 3, "a proof writes nothing");
    assert_eq!(found(&scene.read(&sink)), ["FAKE-old"]);
    let written = scene.write(&sink, TOKEN).unwrap();
    assert_eq!(written.variables, ["token", "account"]);
    let expected = json!({ "token": TOKEN, "theirs": "kept", "number": 1e2, "account": ACCOUNT });
    assert_eq!(scene.world.store().kept[PATH], (4, Some(expected)));
    sink.restore(&scene.world, &scene.stage(), &written).unwrap();
    assert_eq!(
        scene.world.store().keys(PATH),
        json!({ "token": "FAKE-old", "theirs": "kept", "number": 1e2 })
    );
}

#[test]
fn a_secret_that_is_not_there_or_was_deleted_is_made() {
    for (kept, version) in [(None, 1), (Some((7, None)), 8)] {
        let mut store = FakeVault::new();
        if let Some(kept) = kept {
            store.kept.insert(PATH.to_owned(), kept);
        }
        let scene = scene(store);
        assert_eq!(found(&scene.read(&sink())), [""; 0]);
        scene.prove(&sink()).unwrap();
        let written = scene.write(&sink(), TOKEN).unwrap();
        assert_eq!(
            scene.world.store().kept[PATH],
            (version, Some(json!({ "token": TOKEN, "account": ACCOUNT })))
        );
        sink().restore(&scene.world, &scene.stage(), &written).unwrap();
        assert_eq!(scene.world.store().keys(PATH), json!({}));
    }
}

#[test]
fn what_somebody_else_wrote_since_the_look_is_left_alone() {
    let scene = scene(shared());
    let seen = scene.read(&sink());
    scene.world.store().kept.insert(PATH.to_owned(), (4, Some(json!({ "token": "FAKE-theirs" }))));
    assert_eq!(failure(scene.write_after(&sink(), TOKEN, &seen)), ("sink.changed", Reached::No));
    assert_eq!(scene.world.store().keys(PATH), json!({ "token": "FAKE-theirs" }));
    // Other keys are nobody's business.
    scene.world.store().kept.insert(PATH.to_owned(), (5, Some(json!({ "token": "FAKE-old", "new": "x" }))));
    scene.write_after(&sink(), TOKEN, &seen).unwrap();
}

#[test]
fn a_writer_that_comes_in_between_wins_where_it_wrote_our_key() {
    let scene = scene(shared());
    let seen = scene.read(&sink());
    // What is read first is older than what stands there when it is written.
    let older = json!({ "data": { "data": { "token": "FAKE-old" }, "metadata": { "version": 2 } } });
    scene.world.store().first.push_back((200, older.clone()));
    scene.world.store().kept.insert(PATH.to_owned(), (4, Some(json!({ "token": "FAKE-theirs" }))));
    assert_eq!(failure(scene.write_after(&sink(), TOKEN, &seen)), ("sink.changed", Reached::No));
    assert_eq!(scene.world.store().keys(PATH)["token"], "FAKE-theirs");
    // Another key is nobody's business.
    scene.world.store().first.push_back((200, older));
    scene.world.store().kept.insert(PATH.to_owned(), (5, Some(json!({ "token": "FAKE-old", "new": "x" }))));
    scene.write_after(&sink(), TOKEN, &seen).unwrap();
    assert_eq!(scene.world.store().keys(PATH), json!({ "token": TOKEN, "account": ACCOUNT, "new": "x" }));
}

#[test]
fn a_write_is_sent_again_while_nobody_can_answer_and_has_its_effect_once() {
    for kind in [io::ErrorKind::ConnectionRefused, io::ErrorKind::ConnectionReset] {
        let scene = scene(shared());
        let seen = scene.read(&sink());
        scene.world.doom_at("ask store POST secret/", Doom::Error(kind));
        scene.write_after(&sink(), TOKEN, &seen).unwrap();
        assert_eq!(scene.world.store().kept[PATH].0, 4, "{kind}: one version");
        assert_eq!(scene.world.store().keys(PATH)["token"], TOKEN);
    }
    let scene = scene(shared());
    let upgrading = "Waiting for the primary to upgrade from non-versioned to versioned data.";
    scene.world.store().first.push_back((400, json!({ "errors": [upgrading] })));
    for status in [503, 500, 429] {
        scene.world.store().first.push_back((
            status,
            json!({ "errors": ["local node not active but active cluster node not found"] }),
        ));
    }
    assert_eq!(found(&scene.read(&sink())), ["FAKE-old"]);
}

#[test]
fn a_store_that_stays_silent_may_hold_the_secret_only_if_it_was_asked_to() {
    let refusing = scene(shared());
    let seen = refusing.read(&sink());
    for _ in 0..100 {
        refusing.world.doom_at("ask store POST secret/", Doom::Error(io::ErrorKind::ConnectionRefused));
    }
    let before = refusing.world.effects().len();
    assert_eq!(failure(refusing.write_after(&sink(), TOKEN, &seen)), ("sink.vault-unanswered", Reached::No));
    assert!(refusing.world.effects().len() - before < 50, "there is an end to it");

    let losing = scene(shared());
    for _ in 0..100 {
        losing.world.store().first.push_back((503, json!({ "errors": ["sealed"] })));
    }
    let reading = failure(losing.write_after(&sink(), TOKEN, &seen));
    assert_eq!(reading, ("sink.vault-unanswered", Reached::No), "it could not even be read");
    losing.world.store().first.clear();
    for _ in 0..100 {
        losing.world.doom_at("ask store POST secret/", Doom::Error(io::ErrorKind::ConnectionReset));
    }
    // The first had its effect, which is all that can be said later.
    assert_eq!(
        failure(losing.write_after(&sink(), TOKEN, &seen)),
        ("sink.vault-unanswered", Reached::Perhaps)
    );
}

#[test]
fn what_the_store_refuses_is_told_and_nothing_is_written() {
    let message = json!({ "errors": ["1 error occurred:\n\t* permission denied"] });
    let scene = scene(shared());
    scene.world.store().capabilities = vec!["read"];
    assert_eq!(code(scene.prove(&sink())), "sink.vault-refused");
    scene.world.store().capabilities = vec!["root"];
    scene.prove(&sink()).unwrap();
    scene.world.store().version = "1";
    assert_eq!(code(scene.prove(&sink())), "sink.vault-refused");
    for status in [403, 400, 404] {
        scene.world.store().first.push_back((status, message.clone()));
        let problem = sink().read(&scene.world).err().unwrap();
        assert_eq!(problem.code().text(), "sink.vault-refused");
        assert!(
            problem.to_string().contains("permission denied") && !problem.to_string().contains('\n'),
            "{problem}"
        );
    }
    // A standby whose leader has just died knows another in a moment.
    scene.world.store().first.push_back((307, json!({})));
    assert_eq!(found(&scene.read(&sink())), ["FAKE-old"]);
    scene.world.store().first.extend((0..100).map(|_| (307, json!({}))));
    let problem = sink().read(&scene.world).err().unwrap();
    assert!(problem.to_string().contains("another server"), "{problem}");
    assert_eq!(problem.code().text(), "sink.vault-unanswered");
    assert_eq!(scene.world.store().kept[PATH].0, 3);
}

#[test]
fn a_dead_value_is_taken_out_and_nothing_else() {
    let scene = scene(shared());
    scene.write(&sink(), TOKEN).unwrap();
    let seen = scene.read(&sink());
    assert_eq!(sink().clear(&scene.world, &scene.stage(), &seen).unwrap(), ["token"]);
    assert_eq!(
        scene.world.store().keys(PATH),
        json!({ "theirs": "kept", "number": 1e2, "account": ACCOUNT })
    );
    let version = scene.world.store().kept[PATH].0;
    assert_eq!(sink().clear(&scene.world, &scene.stage(), &seen).unwrap(), [""; 0]);
    assert_eq!(scene.world.store().kept[PATH].0, version, "what is gone is not written again");
}

#[test]
fn every_way_to_log_in_leads_to_the_token_and_is_used_once() {
    let store = || FakeVault::holding(PATH, json!({ "token": "FAKE-old" }));
    let none = || TestWorld::new().with_store(store()).with_variable("VAULT_TOKEN", "");
    let jwt = none();
    let path = jwt.put("jwt", "FAKE-jwt\n");
    let home = none();
    home.put(".vault-token", format!("{STORE_TOKEN}\n"));
    let (jwt_path, home_path) = (path.display().to_string(), home.path("").display().to_string());
    for (world, variables) in [
        (none(), vec![("VAULT_ROLE_ID", "FAKE-role"), ("VAULT_SECRET_ID", "FAKE-secret-id")]),
        (
            none(),
            vec![
                ("BAO_ROLE_ID", "FAKE-role"),
                ("VAULT_SECRET_ID", "FAKE-secret-id"),
                ("BAO_AUTH_PATH", "ours"),
            ],
        ),
        (jwt, vec![("VAULT_K8S_ROLE", "shop"), ("VAULT_K8S_TOKEN_FILE", &*jwt_path)]),
        (home, vec![("HOME", &*home_path)]),
        (none(), vec![("VAULT_TOKEN", "FAKE-another"), ("BAO_TOKEN", STORE_TOKEN)]),
    ] {
        let world = variables.iter().fold(world, |world, (name, value)| world.with_variable(name, value));
        let scene = Scene::new(world);
        let sink = sink();
        assert_eq!(found(&scene.read(&sink)), ["FAKE-old"], "{variables:?}");
        scene.write(&sink, TOKEN).unwrap();
        let logins = scene.world.store().asked.iter().filter(|asked| asked.ends_with("/login")).count();
        assert!(logins <= 1, "{variables:?}: {logins} log-ins");
    }
}

#[test]
fn settings_that_are_missing_or_unsafe_are_told_before_anything_is_sent() {
    for (variables, expected) in [
        (vec![("VAULT_ADDR", "")], "VAULT_ADDR is not set"),
        (vec![("VAULT_ADDR", "http://vault.example:8200")], "unencrypted"),
        (vec![("VAULT_ADDR", "vault.example")], "not an address"),
        (vec![("VAULT_TOKEN", "")], "no token for the store"),
        (vec![("VAULT_TOKEN", ""), ("VAULT_ROLE_ID", "FAKE-role")], "VAULT_SECRET_ID is not"),
        (vec![("VAULT_TOKEN", ""), ("VAULT_SECRET_ID", "FAKE-x")], "VAULT_ROLE_ID is not"),
        (vec![("VAULT_TOKEN", ""), ("VAULT_K8S_ROLE", "shop")], "service account"),
        (vec![("VAULT_CACERT", "no-such.pem")], "certificates"),
    ] {
        let world = TestWorld::new().with_store(shared());
        let world = variables.iter().fold(world, |world, (name, value)| world.with_variable(name, value));
        let scene = Scene::new(world);
        let problem = sink().read(&scene.world).err().unwrap();
        assert!(problem.to_string().contains(expected) && !problem.to_string().contains("FAKE"), "{problem}");
        assert_eq!(problem.code().text(), "sink.vault-settings", "{variables:?}");
        assert!(scene.world.store().asked.is_empty());
    }
}

#[test]
fn a_value_that_is_no_text_is_somebody_elses() {
    let scene = scene(FakeVault::holding(PATH, json!({ "token": { "FAKE": 1 } })));
    let problem = sink().read(&scene.world).err().unwrap();
    assert_eq!(problem.code().text(), "sink.unreadable");
    assert!(!problem.to_string().contains("FAKE"), "{problem}");
    assert_eq!(
        failure(scene.write_after(&sink(), TOKEN, &SinkReading::Opaque)),
        ("sink.unreadable", Reached::No)
    );
}

#[test]
fn what_cannot_be_read_is_not_taken_for_nothing() {
    let deep = (0..600).fold(json!(1), |inner, _| json!([inner]));
    for kept in [json!("a text"), json!([1]), json!({ "theirs": "kept", "deep": deep })] {
        let scene = scene(shared());
        let seen = scene.read(&sink());
        let answer = json!({ "data": { "data": kept, "metadata": { "version": 3 } } });
        scene.world.store().first.push_back((200, answer));
        let (_, reached) = failure(scene.write_after(&sink(), TOKEN, &seen));
        assert_eq!((reached, scene.world.store().kept[PATH].0), (Reached::No, 3), "{kept}");
    }
}

#[test]
fn what_an_answer_repeats_of_the_request_is_not_shown() {
    let scene = scene(shared());
    let seen = scene.read(&sink());
    let words =
        format!("cannot take {{\"account\":\"{ACCOUNT}\"}} of {STORE_TOKEN} with \"theirs\":\"kept\"");
    let stored = scene.world.store().kept[PATH].clone();
    let read = json!({ "data": { "data": stored.1, "metadata": { "version": stored.0 } } });
    scene.world.store().first.extend([(200, read), (400, json!({ "errors": [words] }))]);
    let error = scene.write_after(&sink(), TOKEN, &seen).err().unwrap().error.to_string();
    assert!(error.contains("cannot take"), "{error}");
    assert!(!error.contains(ACCOUNT) && !error.contains(STORE_TOKEN), "{error}");
}
