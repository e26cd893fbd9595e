//! Variables of an env file as a sink: what is read, what is compared, what is written, put back and taken out.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

use cfmint::profile::{Profile, ProfileFile, ResolveOptions, SinkValue, Unset};
use cfmint::secret::Secret;
use cfmint::sink::{FileSink, Reached, Sink, SinkReading, locate};

use super::{Scene, TestWorld, code, failure, file_spec, found, skip};

const ACCOUNT: &str = "fedcba9876543210fedcba9876543210";

/// A scene with a private env file.
fn scene(text: &str) -> Scene {
    let scene = Scene::new(TestWorld::new());
    put(&scene, text);
    scene
}

fn put(scene: &Scene, text: &str) {
    let path = scene.world.put(".env", text);
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn every_entry_is_read_with_its_name_and_what_should_be_there() {
    let scene = scene("TOKEN=old\nACCOUNT=\n");
    let sink = scene.sink(".env");
    let SinkReading::Content(content) = scene.read(&sink) else { panic!("it can be read") };
    let entries: Vec<_> = content
        .entries
        .iter()
        .map(|entry| {
            (entry.shown.as_str(), entry.value, entry.found.iter().map(Secret::expose).collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(
        entries,
        [
            ("TOKEN in .env", SinkValue::Token, vec!["old"]),
            ("ACCOUNT in .env", SinkValue::AccountId, vec![""])
        ]
    );
    assert!(!content.is_loose && !sink.is_opaque() && sink.time_limit().is_zero());
    put(&scene, "");
    assert_eq!(found(&scene.read(&sink)), [""; 0]);
    std::fs::remove_file(scene.world.path(".env")).unwrap();
    assert_eq!(found(&scene.read(&sink)), [""; 0]);
}

#[test]
fn every_definition_of_a_variable_is_read_and_compared() {
    let scene = scene("TOKEN=theirs\nexport TOKEN=\n");
    let sink = scene.sink(".env");
    let seen = scene.read(&sink);
    assert_eq!(found(&seen), ["theirs", ""]);
    for edited in ["TOKEN=other\nexport TOKEN=\n", "export TOKEN=\n", "TOKEN=new\nTOKEN=theirs\n"] {
        put(&scene, edited);
        assert_eq!(
            failure(scene.write_after(&sink, "new", &seen)),
            ("sink.changed", Reached::No),
            "{edited}"
        );
        assert_eq!(sink.clear(&scene.world, &scene.stage(), &seen).unwrap(), [""; 0], "{edited}");
        assert_eq!(scene.world.text(".env"), edited);
    }
    put(&scene, "TOKEN=theirs\nexport TOKEN=\n");
    let written = scene.write_after(&sink, "new", &seen).unwrap();
    assert_eq!(scene.world.text(".env"), format!("TOKEN=new\nexport TOKEN=new\nACCOUNT={ACCOUNT}\n"));
    sink.restore(&scene.world, &scene.stage(), &written).unwrap();
    assert_eq!(scene.world.text(".env"), "TOKEN=theirs\nexport TOKEN=\n");
}

#[test]
fn a_variable_that_programs_read_differently_is_refused_with_the_file_named() {
    let text = "cat <<END\nTOKEN=old\nEND\n";
    let scene = scene(text);
    let sink = scene.sink(".env");
    let problem = sink.read(&scene.world).err().unwrap();
    assert_eq!(problem.code().text(), "sink.unreadable");
    assert!(problem.to_string().contains("`.env`"), "{problem}");
    assert_eq!(code(scene.prove(&sink)), "sink.unreadable");
    assert_eq!(scene.world.text(".env"), text);
}

#[test]
fn a_file_is_loose_where_others_may_read_it_than_the_profile_says() {
    let scene = scene("TOKEN=old\n");
    for (mode, asked, is_loose) in [
        (0o600, None, false),
        (0o640, None, true),
        (0o604, None, true),
        (0o640, Some(0o640), false),
        (0o644, Some(0o640), true),
        (0o660, Some(0o640), true),
    ] {
        std::fs::set_permissions(scene.world.path(".env"), Permissions::from_mode(mode)).unwrap();
        let SinkReading::Content(content) = scene.read(&scene.sink_with_mode(".env", asked)) else {
            panic!()
        };
        assert_eq!(content.is_loose, is_loose, "{mode:o} {asked:?}");
    }
}

#[test]
fn all_values_are_written_at_once_and_the_record_tells_which_and_where() {
    let scene = scene("# mine\nTOKEN=old\n");
    let sink = scene.sink(".env");
    let written = scene.write(&sink, "new").unwrap();
    assert_eq!(scene.world.text(".env"), format!("# mine\nTOKEN=new\nACCOUNT={ACCOUNT}\n"));
    assert_eq!(
        (written.shown.as_str(), written.variables),
        (".env", vec!["TOKEN".to_owned(), "ACCOUNT".to_owned()])
    );
    let record = sink.record();
    assert_eq!((record.kind, record.path.as_str(), record.variables.len()), ("env_file", ".env", 2));
}

#[test]
fn what_somebody_put_there_since_the_look_is_not_overwritten() {
    for edited in ["TOKEN=theirs\n", "", "# TOKEN=old\n", "TOKEN=old\nACCOUNT=theirs\n", "TOKEN=\n"] {
        let scene = scene("TOKEN=old\n");
        let sink = scene.sink(".env");
        let seen = scene.read(&sink);
        put(&scene, edited);
        assert_eq!(
            failure(scene.write_after(&sink, "new", &seen)),
            ("sink.changed", Reached::No),
            "{edited}"
        );
        assert_eq!(scene.world.text(".env"), edited);
    }
}

#[test]
fn a_value_that_is_there_already_is_nobody_elses() {
    let scene = scene("TOKEN=old\n");
    let sink = scene.sink(".env");
    let seen = scene.read(&sink);
    put(&scene, "OTHER=1\nTOKEN=new\n");
    scene.write_after(&sink, "new", &seen).unwrap();
    assert_eq!(scene.world.text(".env"), format!("OTHER=1\nTOKEN=new\nACCOUNT={ACCOUNT}\n"));
}

#[test]
fn what_is_edited_between_the_comparison_and_the_move_is_compared_again() {
    let scene = scene("TOKEN=old\n");
    let sink = scene.sink(".env");
    let path = scene.world.path(".env");
    scene.world.hook("sync", move || std::fs::write(&path, "TOKEN=theirs\n"));
    assert_eq!(failure(scene.write(&sink, "new")), ("sink.changed", Reached::No));
    assert_eq!(scene.world.text(".env"), "TOKEN=theirs\n");
}

#[test]
fn a_file_that_nobody_looked_at_is_not_written() {
    let scene = scene("TOKEN=old\n");
    let sink = scene.sink(".env");
    assert_eq!(failure(scene.write_after(&sink, "new", &SinkReading::Opaque)), ("sink.changed", Reached::No));
}

#[test]
fn a_value_that_the_profile_does_not_settle_leaves_the_file() {
    let scene = scene("TOKEN=old\n");
    let spec = file_spec(".env", &[("ZONE", SinkValue::ZoneId)], None);
    let sink = FileSink::env_file(&scene.world, &scene.root, None, &spec).unwrap();
    assert_eq!(failure(scene.write(&sink, "new")), ("sink.no-value", Reached::No));
    assert_eq!(code(scene.prove(&sink)), "sink.no-value");
    assert_eq!(scene.world.effects(), [""; 0]);
}

#[test]
fn what_was_written_is_put_back_byte_for_byte_or_where_it_is_still_ours() {
    for (edited, expected) in [
        (None, "# mine\nTOKEN=old # c\n".to_owned()),
        (Some("MORE=1\nTOKEN=new\n"), "MORE=1\nTOKEN=old\n".to_owned()),
        (Some("TOKEN=theirs\n"), "TOKEN=theirs\n".to_owned()),
    ] {
        let scene = scene("# mine\nTOKEN=old # c\n");
        let sink = scene.sink(".env");
        let written = scene.write(&sink, "new").unwrap();
        if let Some(edited) = edited {
            put(&scene, edited);
        }
        sink.restore(&scene.world, &scene.stage(), &written).unwrap();
        assert_eq!(scene.world.text(".env"), expected);
    }
}

#[test]
fn a_file_that_was_made_is_gone_when_it_is_put_back_unless_somebody_used_it() {
    let scene = Scene::new(TestWorld::new());
    let sink = scene.sink(".env");
    let written = scene.write(&sink, "new").unwrap();
    sink.restore(&scene.world, &scene.stage(), &written).unwrap();
    assert_eq!(scene.world.files(), [""; 0]);

    let written = scene.write(&sink, "new").unwrap();
    put(&scene, "MORE=1\nTOKEN=new\n");
    sink.restore(&scene.world, &scene.stage(), &written).unwrap();
    assert_eq!(scene.world.text(".env"), "MORE=1\n");
}

#[test]
fn a_file_that_cannot_be_put_back_is_told() {
    let scene = scene("TOKEN=old\n");
    let sink = scene.sink(".env");
    let written = scene.write(&sink, "new").unwrap();
    scene.world.fail("rename", std::io::ErrorKind::StorageFull);
    assert_eq!(code(sink.restore(&scene.world, &scene.stage(), &written)), "sink.refused");
}

#[test]
fn what_dies_with_a_token_is_taken_out_where_it_is_as_it_was_seen() {
    let scene = scene(&format!("TOKEN=old\nACCOUNT={ACCOUNT}\nB=2\n"));
    let sink = scene.sink(".env");
    let seen = scene.read(&sink);
    assert_eq!(sink.clear(&scene.world, &scene.stage(), &seen).unwrap(), ["TOKEN"]);
    assert_eq!(scene.world.text(".env"), format!("ACCOUNT={ACCOUNT}\nB=2\n"));

    put(&scene, "TOKEN=theirs\n");
    scene.world.forget_effects();
    assert_eq!(sink.clear(&scene.world, &scene.stage(), &seen).unwrap(), [""; 0]);
    assert_eq!(scene.world.text(".env"), "TOKEN=theirs\n");
    assert_eq!(scene.world.effects(), [""; 0]);
}

/// A profile with these sinks.
fn profile(sinks: &str) -> Profile {
    let text = format!(
        "version: 1\nname: shop\npermissions: {{ zone: {{ DNS: read }} }}\n\
         resources: {{ accounts: [Acme], zones: [example.com] }}\nttl: 1d\nsinks:\n{sinks}"
    );
    let file = ProfileFile::from_bytes("shop.yaml", text.into_bytes()).unwrap();
    let now = "2031-05-01T12:00:00Z".parse().unwrap();
    let choice =
        ResolveOptions { environment: None, features: &[], variables: &|_| None, now, unset: Unset::Error };
    let resolved = file.resolve(&choice);
    let words: Vec<_> = resolved.diagnostics.iter().map(|problem| problem.message.clone()).collect();
    resolved.profile.unwrap_or_else(|| panic!("{words:?}"))
}

#[test]
fn the_sinks_of_a_profile_are_made_with_all_that_it_says_and_all_that_have_no_place_are_told() {
    let scene = Scene::new(TestWorld::new());
    let state = scene.world.path(".cfmint");
    let profile = profile(
        "  - { env_file: a.env, mode: 0640, variables: { T: token, A: account_id } }\n\
         \x20 - { command: [cat], input: token, read: [echo, FAKE-held] }\n\
         \x20 - { command: [cat], input: token }\n\
         \x20 - { env_file: nowhere/.env, variables: { T: token } }\n\
         \x20 - { env_file: .cfmint/own, variables: { T: token } }\n",
    );
    let (sinks, errors) = locate(&scene.world, &scene.root, Some(&state), &profile);
    assert_eq!(
        errors.iter().map(|error| error.code().text()).collect::<Vec<_>>(),
        ["sink.no-folder", "sink.reserved"]
    );
    assert_eq!(sinks.iter().map(|sink| sink.shown()).collect::<Vec<_>>(), ["a.env", "cat", "cat"]);
    assert_eq!(sinks.iter().map(|sink| sink.is_opaque()).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(sinks[0].values(), [SinkValue::Token, SinkValue::AccountId]);
    assert_eq!(found(&scene.read(&*sinks[1])), ["FAKE-held"]);
    scene.write(&*sinks[0], "new").unwrap();
    let mode = std::fs::metadata(scene.world.path("a.env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(locate(&scene.world, &scene.root, None, &profile).1.len(), 1, "no state folder is known");
}

#[test]
fn two_names_for_one_file_claim_one_place() {
    let scene = scene("");
    std::os::unix::fs::symlink(".env", scene.world.path("link.env")).unwrap();
    let claims = scene.sink(".env").claims();
    assert_eq!(claims, scene.sink("link.env").claims());
    let place = format!("{}\0TOKEN", scene.world.path(".env").display());
    assert_eq!(claims[0], (place, SinkValue::Token));
}

#[test]
fn a_path_that_is_no_text_is_written_and_names_that_look_alike_are_two_places() {
    let scene = Scene::new(TestWorld::new());
    let at = |name: &[u8]| {
        let path = scene.world.path("").join(OsStr::from_bytes(name)).join(OsStr::from_bytes(b"\xff.env"));
        std::fs::create_dir_all(path.parent().unwrap()).ok()?;
        let spec = file_spec(path, &[("TOKEN", SinkValue::Token)], None);
        Some(FileSink::env_file(&scene.world, &scene.root, None, &spec).unwrap())
    };
    let (Some(one), Some(other)) = (at(b"caf\xe9"), at(b"caf\xea")) else {
        skip("this file system takes only text for names");
        return;
    };
    assert_eq!(one.shown(), other.shown(), "a person sees the same sign in both");
    assert_ne!(one.claims(), other.claims());
    scene.prove(&one).unwrap();
    let written = scene.write(&one, "new").unwrap();
    let read = |sink: &FileSink| std::fs::read_to_string(sink.file().unwrap().path());
    assert_eq!(read(&one).unwrap(), "TOKEN=new\n");
    assert!(read(&other).is_err());
    one.restore(&scene.world, &scene.stage(), &written).unwrap();
    assert!(read(&one).is_err());
}
