//! Handing a secret to a program.

use std::os::unix::fs::PermissionsExt;

use cfmint::secret::Secret;
use cfmint::sink::CommandSink;

use super::{Scene, TestWorld, code};

fn script(scene: &Scene, text: &str) -> CommandSink {
    let draft = scene.world.put("draft", format!("#!/bin/sh\n{text}\n"));
    // Copied by another process: what this one wrote is busy while a child of another test still holds it.
    let copy = "cp \"$0\" take.sh && chmod 700 take.sh";
    let mut shell = std::process::Command::new("sh");
    assert!(shell.args(["-c", copy]).arg(&draft).current_dir(scene.world.base()).status().unwrap().success());
    CommandSink::new(&scene.root, &["./take.sh".to_owned(), "a b".to_owned(), "$HOME".to_owned()])
}

fn secret() -> Secret {
    Secret::new("fake-secret".to_owned())
}

#[test]
fn a_program_reads_the_secret_whole_with_nothing_after_it_and_no_shell_reads_its_arguments() {
    let scene = Scene::new(TestWorld::new());
    let sink = script(&scene, "cat > got; printf '%s\\n' \"$@\" > arguments");
    sink.prove(&scene.world).unwrap();
    sink.deliver(&scene.world, &secret(), &[]).unwrap();
    assert_eq!(scene.world.text("got"), "fake-secret");
    assert_eq!(scene.world.text("arguments"), "a b\n$HOME\n");
}

#[test]
fn a_program_does_not_see_the_bootstrap() {
    let scene =
        Scene::new(TestWorld::new().with_variable("BOOTSTRAP", "fake").with_variable("OTHER", "seen"));
    let sink = script(&scene, "cat > /dev/null; printf '%s,%s' \"${BOOTSTRAP-hidden}\" \"$OTHER\" > got");
    sink.deliver(&scene.world, &secret(), &["BOOTSTRAP"]).unwrap();
    assert_eq!(scene.world.text("got"), "hidden,seen");
}

#[test]
fn how_a_program_failed_is_told_without_the_secret() {
    let scene = Scene::new(TestWorld::new());
    for (text, expected) in [("exit 3", "sink.command-failed"), ("kill -9 $$", "sink.command-killed")] {
        let problem = script(&scene, text).deliver(&scene.world, &secret(), &[]).err().unwrap();
        assert_eq!(problem.code(), expected);
        assert!(problem.to_string().contains("./take.sh"), "{problem}");
        assert!(!format!("{problem:?} {problem} {}", problem.hint()).contains("fake-secret"));
    }
}

#[test]
fn a_program_that_the_system_cannot_start_is_told_apart() {
    let scene = Scene::new(TestWorld::new());
    let path = scene.world.put("broken.sh", "#!/nowhere/interpreter\n");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o700)).unwrap();
    let sink = CommandSink::new(&scene.root, &["./broken.sh".to_owned()]);
    assert_eq!(code(sink.deliver(&scene.world, &secret(), &[])), "sink.command-not-started");
}

#[test]
fn a_program_that_does_not_exist_is_found_out_without_running_anything() {
    let scene = Scene::new(TestWorld::new());
    scene.world.put("plain.txt", "");
    for program in ["", "no-such-program-anywhere", "./missing", "./plain.txt", "/"] {
        let sink = CommandSink::new(&scene.root, &[program.to_owned()]);
        assert_eq!(code(sink.prove(&scene.world)), "sink.no-program", "{program:?}");
        assert_eq!(code(sink.deliver(&scene.world, &secret(), &[])), "sink.no-program", "{program:?}");
    }
    assert_eq!(code(CommandSink::new(&scene.root, &[]).prove(&scene.world)), "sink.no-program");
    CommandSink::new(&scene.root, &["sh".to_owned()]).prove(&scene.world).unwrap();
    assert_eq!(scene.world.effects(), [""; 0]);
}
