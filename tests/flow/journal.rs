//! The journal: what stands in it, when it is on the disk, and what it refuses.

use std::io::ErrorKind;
use std::path::PathBuf;

use cfmint::custody::{Facts, Intent, Journal, JournalError, SinkRecord, Work};
use cfmint::world::World;

use crate::support::TestWorld;

fn intent(name: &str) -> Intent {
    Intent {
        at: "2026-11-22T03:04:05Z".parse().unwrap(),
        api: "https://api.example/client/v4".to_owned(),
        profile: "shop.yaml".to_owned(),
        environment: Some("dev".to_owned()),
        owner: None,
        user: None,
        name: name.to_owned(),
        work: Work::Create,
        predecessors: Vec::new(),
        overlap: None,
        hooks: false,
        sinks: vec![SinkRecord::EnvFile {
            path: "/work/.env".to_owned(),
            variables: vec![("CLOUDFLARE_API_TOKEN".to_owned(), "token".to_owned())],
        }],
        facts: Facts::default(),
    }
}

fn folder(world: &TestWorld) -> PathBuf {
    world.base().to_owned()
}

fn read(world: &TestWorld) -> Result<Journal, JournalError> {
    Journal::read(world, &folder(world))
}

/// The names of what is open, as the next run finds them.
fn open(world: &TestWorld) -> Vec<String> {
    read(world).unwrap().open_intents().iter().map(|(_, intent)| intent.name.clone()).collect()
}

#[test]
fn what_is_announced_is_on_the_disk_and_found_by_the_next_run() {
    let world = TestWorld::new();
    let mut journal = read(&world).unwrap();
    journal.intend(&world, &intent("a@a0000000")).unwrap();
    assert_eq!(
        world.effects(),
        [
            "create 600 journal.new",
            "write",
            "sync",
            "rename journal.new -> journal",
            "sync_folder .",
            "write",
            "sync"
        ]
    );
    assert_eq!(read(&world).unwrap().open_intents()[0].1, &intent("a@a0000000"));
}

#[test]
fn what_is_settled_is_open_no_more_and_an_empty_journal_goes() {
    let world = TestWorld::new();
    let mut journal = read(&world).unwrap();
    let first = journal.intend(&world, &intent("a@a0000000")).unwrap();
    let second = journal.intend(&world, &intent("b@b0000000")).unwrap();
    journal.settle(&world, first).unwrap();
    assert_eq!(open(&world), ["b@b0000000"]);
    journal.settle(&world, second).unwrap();
    assert_eq!(world.files(), [""; 0]);
    assert_eq!(journal.intend(&world, &intent("c@c0000000")).unwrap(), 3);
    assert_eq!(open(&world), ["c@c0000000"]);
}

#[test]
fn a_torn_last_line_is_dropped_wherever_it_tore() {
    let world = TestWorld::new();
    let mut journal = read(&world).unwrap();
    journal.intend(&world, &intent("a@a0000000")).unwrap();
    let whole = world.text("journal");
    journal.intend(&world, &intent("b@b0000000")).unwrap();
    let longer = world.text("journal");
    for length in whole.len()..longer.len() {
        world.put("journal", &longer[..length]);
        assert_eq!(open(&world), ["a@a0000000"], "torn at {length}");
    }
    // The next record does not follow the torn one on its line.
    world.put("journal", &longer[..longer.len() - 9]);
    read(&world).unwrap().intend(&world, &intent("c@c0000000")).unwrap();
    assert_eq!(open(&world), ["a@a0000000", "c@c0000000"]);
}

#[test]
fn a_line_that_was_damaged_later_is_refused_with_its_number() {
    let world = TestWorld::new();
    let mut journal = read(&world).unwrap();
    for name in ["a@a0000000", "b@b0000000", "c@c0000000"] {
        journal.intend(&world, &intent(name)).unwrap();
    }
    world.put("journal", world.text("journal").replace("b@b0000000", "b@b0000001"));
    let error = read(&world).err().unwrap();
    assert!(matches!(error, JournalError::Damaged { line: 3, .. }), "{error}");
}

#[test]
fn a_journal_from_a_newer_version_is_refused() {
    let world = TestWorld::new();
    read(&world).unwrap().intend(&world, &intent("a@a0000000")).unwrap();
    let newer = |json: &str| {
        let sum = ring::digest::digest(&ring::digest::SHA256, json.as_bytes());
        let start = u64::from_be_bytes(*sum.as_ref().first_chunk().unwrap());
        format!("{start:016x} {json}\n")
    };
    for (text, format) in
        [(newer(r#"{"version":2}"#), 2), (world.text("journal") + &newer(r#"{"hibernate":{"number":2}}"#), 2)]
    {
        world.put("journal", text);
        let error = read(&world).err().unwrap();
        assert!(matches!(error, JournalError::Newer { found, .. } if found == format), "{error}");
    }
}

#[test]
fn an_announcement_that_did_not_reach_the_disk_is_an_error_and_leaves_the_journal_whole() {
    for (effect, nth) in
        [("create", 1), ("write", 1), ("sync", 1), ("rename", 1), ("sync_folder", 1), ("write", 2)]
    {
        let world = TestWorld::new();
        let mut journal = read(&world).unwrap();
        world.fail_nth(nth, effect, ErrorKind::StorageFull);
        let error = journal.intend(&world, &intent("a@a0000000")).unwrap_err();
        assert!(matches!(error, JournalError::Unusable { .. }), "{effect}: {error}");
        world.unhook();
        journal.intend(&world, &intent("b@b0000000")).unwrap();
        assert!(open(&world).contains(&"b@b0000000".to_owned()), "{effect}");
    }
}

#[test]
fn a_journal_is_for_its_owner_alone() {
    let world = TestWorld::new();
    read(&world).unwrap().intend(&world, &intent("a@a0000000")).unwrap();
    assert_eq!(world.look(&world.path("journal")).unwrap().unwrap().mode, 0o600);
}
