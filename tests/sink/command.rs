//! A secret for a program: what it gets, what is known when it fails, and what it says that it holds.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

use cfmint::profile::{CommandInput, DocumentFormat, SinkValue, Span, Spanned, Writers};
use cfmint::sink::{CommandSink, Limits, Reached, Root, Sink, SinkReading};

use super::{Scene, TestWorld, code, command, failure, found, secret, values};

const TOKEN: &str = "cfut_FAKE-secret";

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// An executable in the root of a scene.
fn script(scene: &Scene, name: &str, text: &str) {
    let draft = scene.root.folder.join(format!("{name}.draft"));
    std::fs::write(&draft, format!("#!/bin/sh\n{text}\n")).unwrap();
    // Copied by another process: what this one wrote is busy while a child of another test still holds it.
    let copy = format!("cp {name}.draft {name} && chmod 700 {name} && rm {name}.draft");
    let mut shell = std::process::Command::new("sh");
    assert!(shell.args(["-c", &copy]).current_dir(&scene.root.folder).status().unwrap().success());
}

fn sink(scene: &Scene, text: &str) -> CommandSink {
    script(scene, "take.sh", text);
    command(&scene.root, &words(&["./take.sh", "a b", "$HOME"]), SinkValue::Token, None)
}

/// A program that keeps what it gets in the file `store`, and another that prints it.
fn readable(scene: &Scene) -> CommandSink {
    script(scene, "take.sh", "cat > store; echo run >> runs");
    let read = words(&["sh", "-c", "cat store"]);
    command(&scene.root, &words(&["./take.sh"]), SinkValue::Token, Some(&read))
}

#[test]
fn a_program_reads_the_secret_whole_with_nothing_after_it_and_no_shell_reads_its_arguments() {
    let scene = Scene::new(TestWorld::new());
    let sink = sink(&scene, "cat > got; printf '%s\\n' \"$@\" > arguments");
    scene.prove(&sink).unwrap();
    let written = scene.write(&sink, TOKEN).unwrap();
    assert_eq!((written.shown.as_str(), written.tightened), ("./take.sh", None));
    assert_eq!(scene.world.text("got"), TOKEN);
    assert_eq!(scene.world.text("arguments"), "a b\n$HOME\n");
}

#[test]
fn a_secret_longer_than_a_pipe_arrives_whole_although_the_program_talks_meanwhile() {
    let scene = Scene::new(TestWorld::new());
    let sink = sink(&scene, "head -c 300000 /dev/zero | tr '\\0' '\\n' | tr -d '\\n'; cat > got");
    let long = "FAKE".repeat(100_000);
    scene.write(&sink, &long).unwrap();
    assert!(scene.world.text("got") == long);
}

#[test]
fn a_program_does_not_see_the_bootstrap() {
    let scene = Scene::new(
        TestWorld::new().with_variable("CLOUDFLARE_BOOTSTRAP_TOKEN", "fake").with_variable("OTHER", "seen"),
    );
    let sink = sink(
        &scene,
        "cat > /dev/null; printf '%s,%s' \"${CLOUDFLARE_BOOTSTRAP_TOKEN-hidden}\" \"$OTHER\" > got",
    );
    scene.write(&sink, TOKEN).unwrap();
    assert_eq!(scene.world.text("got"), "hidden,seen");
}

#[test]
fn a_program_that_failed_may_have_kept_the_secret_and_the_error_does_not_tell_it() {
    let scene = Scene::new(TestWorld::new());
    for (text, expected) in [("exit 3", "sink.command-failed"), ("kill -9 $$", "sink.command-killed")] {
        let not_written = scene.write(&sink(&scene, text), TOKEN).err().unwrap();
        let problem = &not_written.error;
        assert_eq!((problem.code().text(), not_written.reached), (expected, Reached::Perhaps));
        assert!(problem.to_string().contains("./take.sh"), "{problem}");
        assert!(!format!("{problem:?} {problem}").contains(TOKEN));
    }
}

#[test]
fn a_program_that_did_not_start_certainly_has_no_secret() {
    let scene = Scene::new(TestWorld::new());
    let path = scene.world.put("broken.sh", "#!/nowhere/interpreter\n");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o700)).unwrap();
    let sink = command(&scene.root, &words(&["./broken.sh"]), SinkValue::Token, None);
    assert_eq!(failure(scene.write(&sink, TOKEN)), ("sink.command-not-started", Reached::No));

    let sink = command(&scene.root, &words(&["cat"]), SinkValue::ZoneId, None);
    assert_eq!(failure(scene.write(&sink, TOKEN)), ("sink.no-value", Reached::No));
    assert_eq!(code(scene.prove(&sink)), "sink.no-value");
}

#[test]
fn a_program_that_does_not_exist_is_found_out_without_running_anything() {
    let scene = Scene::new(TestWorld::new());
    scene.world.put("plain.txt", "");
    for program in ["", "no-such-program-anywhere", "./missing", "./plain.txt", "/"] {
        let sink = command(&scene.root, &words(&[program]), SinkValue::Token, None);
        assert_eq!(code(scene.prove(&sink)), "sink.no-program", "{program:?}");
        assert_eq!(failure(scene.write(&sink, TOKEN)), ("sink.no-program", Reached::No), "{program:?}");
        let sink = command(&scene.root, &words(&["sh"]), SinkValue::Token, Some(&words(&[program])));
        assert_eq!(code(scene.prove(&sink)), "sink.no-program", "{program:?}");
    }
    let nothing = command(&scene.root, &[], SinkValue::Token, None);
    assert_eq!(code(scene.prove(&nothing)), "sink.no-program");
    let shell = command(&scene.root, &words(&["sh"]), SinkValue::Token, None);
    scene.prove(&shell).unwrap();
    assert_eq!(scene.world.effects(), [""; 0]);
}

#[test]
fn a_program_in_a_folder_whose_name_is_no_text_is_run() {
    let scene = Scene::new(TestWorld::new());
    let folder = scene.world.path("").join(OsStr::from_bytes(b"caf\xe9"));
    if std::fs::create_dir(&folder).is_err() {
        super::skip("this file system takes only text for names");
        return;
    }
    let root = Root { folder: folder.clone(), work_tree: false };
    let scene = Scene { root, ..scene };
    scene.write(&sink(&scene, "cat > got"), TOKEN).unwrap();
    assert_eq!(std::fs::read_to_string(folder.join("got")).unwrap(), TOKEN);
}

#[test]
fn a_program_that_only_takes_is_opaque_and_nothing_is_taken_from_it() {
    let scene = Scene::new(TestWorld::new());
    let sink = sink(&scene, "cat > got");
    assert!(sink.is_opaque() && matches!(scene.read(&sink), SinkReading::Opaque));
    assert_eq!((sink.record().kind, sink.claims().len(), sink.file().is_none()), ("command", 0, true));
    let written = scene.write(&sink, TOKEN).unwrap();
    let stage = scene.stage();
    assert_eq!(code(sink.restore(&scene.world, &stage, &written)), "sink.not-restorable");
    assert_eq!(sink.clear(&scene.world, &stage, &SinkReading::Opaque).unwrap(), [""; 0]);
    assert_eq!(scene.world.text("got"), TOKEN);
}

#[test]
fn a_program_that_can_be_asked_says_what_it_holds() {
    let scene = Scene::new(TestWorld::new());
    let sink = readable(&scene);
    assert!(!sink.is_opaque() && sink.time_limit() > cfmint::sink::COMMAND_LIMIT);
    for (held, expected) in [
        ("", &[][..]),
        ("\n", &[]),
        ("\r\n", &[]),
        ("FAKE-one", &["FAKE-one"]),
        ("FAKE-one\n", &["FAKE-one"]),
        ("FAKE-one\n\n", &["FAKE-one\n"]),
        (" FAKE-one\n", &[" FAKE-one"]),
    ] {
        scene.world.put("store", held);
        assert_eq!(found(&scene.read(&sink)), expected, "{held:?}");
    }
    scene.write(&sink, TOKEN).unwrap();
    assert_eq!(found(&scene.read(&sink)), [TOKEN]);
}

#[test]
fn a_program_that_does_not_answer_is_named_and_nothing_it_printed_is_told() {
    let scene = Scene::new(TestWorld::new());
    for text in [
        "echo FAKE-held; echo FAKE-held >&2; exit 4",
        "echo FAKE-held; kill -9 $$",
        "head -c 70000 /dev/zero",
        "printf 'FAKE-held\\377'",
    ] {
        script(&scene, "ask.sh", text);
        let read = words(&["./ask.sh"]);
        let sink = command(&scene.root, &words(&["cat"]), SinkValue::Token, Some(&read));
        let problem = sink.read(&scene.world).err().unwrap();
        assert_eq!(problem.code().text(), "sink.command-unread", "{text}");
        assert!(problem.to_string().contains("./ask.sh"), "{problem}");
        assert!(!format!("{problem:?} {problem}").contains("FAKE"), "{problem}");
        // What cannot be read is not written.
        assert_eq!(
            failure(scene.write_after(&sink, TOKEN, &SinkReading::Opaque)),
            ("sink.command-unread", Reached::No)
        );
    }
}

#[test]
fn a_program_that_holds_another_value_than_was_seen_is_left_alone() {
    let scene = Scene::new(TestWorld::new());
    let sink = readable(&scene);
    scene.world.put("store", "FAKE-old");
    let seen = scene.read(&sink);
    scene.world.put("store", "FAKE-of-somebody");
    assert_eq!(failure(scene.write_after(&sink, TOKEN, &seen)), ("sink.changed", Reached::No));
    assert_eq!(scene.world.text("store"), "FAKE-of-somebody");
    assert!(!scene.world.path("runs").exists(), "it was not run");
    // What it is about to get is nobody else's.
    scene.world.put("store", TOKEN);
    scene.write_after(&sink, TOKEN, &seen).unwrap();
}

#[test]
fn what_a_program_held_is_put_back_only_where_it_still_holds_what_was_written() {
    let scene = Scene::new(TestWorld::new());
    let sink = readable(&scene);
    let stage = scene.stage();
    scene.world.put("store", "FAKE-old\n");
    let written = scene.write(&sink, TOKEN).unwrap();
    sink.restore(&scene.world, &stage, &written).unwrap();
    assert_eq!(scene.world.text("store"), "FAKE-old");

    let written = scene.write(&sink, TOKEN).unwrap();
    scene.world.put("store", "FAKE-of-somebody");
    sink.restore(&scene.world, &stage, &written).unwrap();
    assert_eq!(scene.world.text("store"), "FAKE-of-somebody");
}

#[test]
fn what_a_program_did_not_hold_before_cannot_be_taken_back() {
    let scene = Scene::new(TestWorld::new());
    let sink = readable(&scene);
    scene.world.put("store", "");
    let written = scene.write(&sink, TOKEN).unwrap();
    assert_eq!(code(sink.restore(&scene.world, &scene.stage(), &written)), "sink.not-restorable");
}

#[test]
fn a_program_is_killed_at_its_limit_and_may_have_kept_the_secret() {
    let scene = Scene::new(TestWorld::new());
    let sink = sink(&scene, "cat > got; echo $$ > pid; sleep 600");
    let limits = Limits { time: std::time::Duration::from_millis(300), lock: None };
    let token = secret(TOKEN);
    let outcome = sink.write(&scene.world, &scene.stage(), &values(&token), &SinkReading::Opaque, &limits);
    assert_eq!(failure(outcome), ("sink.command-timed-out", Reached::Perhaps));
    assert_eq!(scene.world.text("got"), TOKEN);
}

/// A program that keeps the document it gets, and another that prints it.
fn keeping(scene: &Scene, writers: &Writers, format: DocumentFormat) -> CommandSink {
    let variables =
        vec![("token".to_owned(), SinkValue::Token), ("account".to_owned(), SinkValue::AccountId)];
    let read = words(&["sh", "-c", "cat store 2> /dev/null || true"]);
    CommandSink::new(&scene.root, writers, &CommandInput::Document { format, variables }, Some(&read))
}

fn one(argv: &[&str]) -> Writers {
    Writers::One(Spanned::new(words(argv), Span { start: 0, end: 0 }))
}

/// Everything that a sink holds, an entry each.
fn all_found(scene: &Scene, sink: &dyn Sink) -> Vec<(String, Vec<String>)> {
    let SinkReading::Content(content) = scene.read(sink) else { panic!("it cannot be read") };
    let text = |found: &[cfmint::secret::Secret]| found.iter().map(|one| one.expose().to_owned()).collect();
    content.entries.iter().map(|entry| (entry.shown.clone(), text(&entry.found))).collect()
}

#[test]
fn a_document_holds_several_values_and_each_is_read_back() {
    let account = "fedcba9876543210fedcba9876543210";
    let secret = DocumentFormat::Kubernetes { name: "cloudflare".to_owned(), namespace: None };
    for format in [DocumentFormat::Json, DocumentFormat::Env, DocumentFormat::Yaml, secret] {
        let scene = Scene::new(TestWorld::new());
        script(&scene, "take.sh", "cat > store");
        let sink = keeping(&scene, &one(&["./take.sh"]), format.clone());
        let entry = |name: &str, found: &[&str]| (format!("{name} in ./take.sh"), words(found));
        assert_eq!(all_found(&scene, &sink), [entry("token", &[]), entry("account", &[])], "{format:?}");
        scene.prove(&sink).unwrap();
        let written = scene.write(&sink, TOKEN).unwrap();
        assert_eq!(written.variables, ["token", "account"]);
        assert_eq!(all_found(&scene, &sink), [entry("token", &[TOKEN]), entry("account", &[account])]);
        // Nothing was there before, so nothing can be put back.
        assert_eq!(code(sink.restore(&scene.world, &scene.stage(), &written)), "sink.not-restorable");
        let again = scene.write(&sink, "cfut_FAKE-second").unwrap();
        sink.restore(&scene.world, &scene.stage(), &again).unwrap();
        assert_eq!(all_found(&scene, &sink)[0], entry("token", &[TOKEN]), "{format:?}");
    }
}

#[test]
fn a_document_in_which_somebody_changed_one_value_is_left_alone() {
    let scene = Scene::new(TestWorld::new());
    script(&scene, "take.sh", "cat > store");
    let sink = keeping(&scene, &one(&["./take.sh"]), DocumentFormat::Json);
    scene.world.put("store", r#"{"token": "FAKE-old", "account": "1"}"#);
    let seen = scene.read(&sink);
    scene.world.put("store", r#"{"token": "FAKE-old", "account": "2"}"#);
    let refused = scene.write_after(&sink, TOKEN, &seen).err().unwrap();
    assert!(refused.error.to_string().contains("account in ./take.sh"), "{}", refused.error);
    assert_eq!((refused.error.code().text(), refused.reached), ("sink.changed", Reached::No));
    assert!(!scene.world.text("store").contains(TOKEN));
}

#[test]
fn a_document_that_cannot_be_read_is_not_written() {
    let scene = Scene::new(TestWorld::new());
    script(&scene, "take.sh", "cat > store");
    let sink = keeping(&scene, &one(&["./take.sh"]), DocumentFormat::Json);
    scene.world.put("store", "FAKE-held");
    let problem = sink.read(&scene.world).err().unwrap();
    assert_eq!(problem.code().text(), "sink.command-unread");
    assert!(!problem.to_string().contains("FAKE"), "{problem}");
    assert_eq!(
        failure(scene.write_after(&sink, TOKEN, &SinkReading::Opaque)),
        ("sink.command-unread", Reached::No)
    );
}

#[test]
fn a_store_that_holds_nothing_gets_its_value_from_one_program_and_then_from_another() {
    let scene = Scene::new(TestWorld::new());
    let span = Span { start: 0, end: 0 };
    let program = |text: &str| Spanned::new(words(&["sh", "-c", text]), span);
    let writers = Writers::ByContent {
        create: program("cat > store; echo create >> runs"),
        update: program("test -e store && cat > store; echo update >> runs"),
    };
    let read = words(&["sh", "-c", "cat store 2> /dev/null || true"]);
    let sink = CommandSink::new(&scene.root, &writers, &CommandInput::Value(SinkValue::Token), Some(&read));
    scene.prove(&sink).unwrap();
    scene.write(&sink, TOKEN).unwrap();
    let second = scene.write(&sink, "cfut_FAKE-second").unwrap();
    sink.restore(&scene.world, &scene.stage(), &second).unwrap();
    assert_eq!(scene.world.text("store"), TOKEN);
    assert_eq!(scene.world.text("runs"), "create\nupdate\nupdate\n");

    let gone =
        Writers::ByContent { create: program("true"), update: Spanned::new(words(&["no-such"]), span) };
    let sink = CommandSink::new(&scene.root, &gone, &CommandInput::Value(SinkValue::Token), Some(&read));
    assert_eq!(code(scene.prove(&sink)), "sink.no-program");
}
