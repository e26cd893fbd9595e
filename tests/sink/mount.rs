//! Env files that are mounts of their own, and file systems that refuse: simulated, and real where root may make them.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use cfmint::sink::{FixGitignore, Reached, Sink, SinkError, Staging, guard, sweep};

use super::support::Doom;
use super::{Scene, TestWorld, code, failure, found, secret, set, skip, values};

const OLD: &str =
    "# mine\nOTHER=1\nTOKEN=old-and-longer-than-the-new-one\nACCOUNT=fedcba9876543210fedcba9876543210\n";
const NEW: &str = "# mine\nOTHER=1\nTOKEN=new\nACCOUNT=fedcba9876543210fedcba9876543210\n";
const LONGER: &str = "a-new-one-that-is-a-good-deal-longer-than-the-old-one-was";

/// A private env file that is itself a mount.
fn scene() -> Scene {
    let scene = Scene::new(TestWorld::new());
    let path = scene.world.put(".env", OLD);
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    scene.world.mount(".env");
    scene
}

fn kept(scene: &Scene) -> Vec<String> {
    scene.world.files().into_iter().filter(|name| name != ".env").collect()
}

#[test]
fn a_file_that_is_itself_a_mount_is_written_in_place_after_copies_are_on_the_disk() {
    let scene = scene();
    let sink = scene.sink(".env");
    let inode = std::fs::metadata(scene.world.path(".env")).unwrap().ino();
    scene.prove(&sink).unwrap();
    assert_eq!((scene.world.text(".env").as_str(), kept(&scene).len()), (OLD, 0));
    scene.world.forget_effects();
    scene.write(&sink, "new").unwrap();
    assert_eq!((scene.world.text(".env").as_str(), kept(&scene).len()), (NEW, 0));
    assert_eq!(std::fs::metadata(scene.world.path(".env")).unwrap().ino(), inode);
    let effects = scene.world.effects();
    let plain: Vec<_> = effects.iter().map(|effect| effect.split(" .").next().unwrap()).collect();
    assert_eq!(
        plain,
        [
            "reserve",
            "create 600",
            "write",
            "sync",
            "create 600",
            "write",
            "sync",
            "sync_folder",
            "overwrite",
            "truncate",
            "sync",
            "remove",
            "remove",
            "sync_folder"
        ]
    );
}

#[test]
fn a_mount_that_shows_only_when_the_file_is_moved_is_written_in_place_too() {
    let scene = Scene::new(TestWorld::new());
    let path = scene.world.put(".env", OLD);
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    scene.world.fail("rename", io::ErrorKind::ResourceBusy);
    scene.write(&scene.sink(".env"), "new").unwrap();
    assert_eq!((scene.world.text(".env").as_str(), kept(&scene).len()), (NEW, 0));
}

#[test]
fn a_mount_with_a_wider_mode_is_tightened_before_the_secret_is_in_it() {
    let scene = scene();
    std::fs::set_permissions(scene.world.path(".env"), Permissions::from_mode(0o644)).unwrap();
    assert_eq!(scene.write(&scene.sink(".env"), "new").unwrap().tightened, Some(0o644));
    let mode = std::fs::metadata(scene.world.path(".env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let effects = scene.world.effects();
    let at = |name: &str| effects.iter().position(|effect| effect.starts_with(name)).unwrap();
    assert!(at("set_mode 600 .env") < at("overwrite"));
}

#[test]
fn a_mount_that_another_program_has_locked_or_that_knows_no_locks_is_refused_in_words() {
    let scene = scene();
    let sink = scene.sink(".env");
    let other = std::fs::File::open(scene.world.path(".env")).unwrap();
    other.lock().unwrap();
    let problem = scene.prove(&sink).err().unwrap();
    assert_eq!(problem.code().text(), "sink.mount-point");
    assert!(problem.to_string().contains("another program holds its lock"), "{problem}");
    assert_eq!(failure(scene.write(&sink, "new")), ("sink.mount-point", Reached::No));
    other.unlock().unwrap();
    scene.world.fail("take_lock", io::ErrorKind::Unsupported);
    assert_eq!(failure(scene.write(&sink, "new")), ("sink.mount-point", Reached::No));
    assert_eq!((scene.world.text(".env").as_str(), kept(&scene).len()), (OLD, 0));
}

#[test]
fn whatever_fails_before_a_mount_is_touched_leaves_it_certainly_as_it_was() {
    for step in ["open", "reserve", "create", "write", "sync", "sync_folder"] {
        let scene = scene();
        let sink = scene.sink(".env");
        scene.world.fail_nth(1, step, io::ErrorKind::StorageFull);
        assert_eq!(code(scene.prove(&sink)), "sink.refused", "{step}: found before the write");
        scene.world.unhook();
        scene.world.fail_nth(1, step, io::ErrorKind::StorageFull);
        assert_eq!(failure(scene.write(&sink, "new")), ("sink.refused", Reached::No), "{step}");
        assert_eq!((scene.world.text(".env").as_str(), kept(&scene).len()), (OLD, 0), "{step}");
    }
}

#[test]
fn a_write_in_place_that_fails_half_way_is_undone_and_not_called_certain() {
    // The copies and their folder come first.
    for (nth, step) in [(1, "overwrite"), (1, "truncate"), (4, "sync")] {
        for token in ["new", LONGER] {
            let scene = scene();
            let sink = scene.sink(".env");
            if step == "overwrite" {
                // It gets half way.
                scene.world.doom_at("overwrite", Doom::Error(io::ErrorKind::StorageFull));
            } else {
                scene.world.fail_nth(nth, step, io::ErrorKind::StorageFull);
            }
            assert_eq!(failure(scene.write(&sink, token)), ("sink.refused", Reached::Perhaps), "{step}");
            assert_eq!((scene.world.text(".env").as_str(), kept(&scene).len()), (OLD, 0), "{step}");
        }
    }
}

#[test]
fn a_run_that_dies_at_any_step_in_place_leaves_what_the_next_one_puts_right() {
    for token in ["new", LONGER] {
        let whole = scene();
        whole.write(&whole.sink(".env"), token).unwrap();
        let (new, steps) = (whole.world.text(".env"), whole.world.effects().len());
        for nth in 1..=steps {
            for doom in [Doom::DeathBefore, Doom::DeathAmid] {
                let scene = scene();
                let sink = scene.sink(".env");
                let seen = scene.read(&sink);
                scene.world.doom(nth, doom);
                assert!(scene.write_after(&sink, token, &seen).is_err() || scene.world.is_dead());
                scene.world.revive();
                let state = scene.world.path(".cfmint");
                // Nothing that is still needed is swept.
                sweep(&scene.world, &state).unwrap();
                scene.locate(".env").unwrap().finish_interrupted(&scene.world, &state).unwrap();
                let text = scene.world.text(".env");
                assert!(text == OLD || text == new, "{nth} {doom:?}: {text}");
                assert_eq!(kept(&scene).len(), 0, "{nth} {doom:?}");
                scene.write(&scene.sink(".env"), token).unwrap();
                assert_eq!(scene.world.text(".env"), new);
            }
        }
    }
}

#[test]
fn a_run_that_dies_while_it_tries_out_a_mount_is_in_nobodys_way() {
    let whole = scene();
    whole.prove(&whole.sink(".env")).unwrap();
    for nth in 1..=whole.world.effects().len() {
        for doom in [Doom::DeathBefore, Doom::DeathAmid] {
            let scene = scene();
            scene.world.doom(nth, doom);
            assert!(scene.prove(&scene.sink(".env")).is_err() || scene.world.is_dead());
            scene.world.revive();
            // Not even where somebody changes the file before the next run.
            scene.world.put(".env", "TOKEN=theirs\n");
            scene.write(&scene.sink(".env"), "new").unwrap();
            assert!(scene.world.text(".env").starts_with("TOKEN=new\n"));
            assert_eq!(kept(&scene).len(), 0);
        }
    }
}

/// A run that died while it wrote the file over.
fn half_written() -> Scene {
    let scene = scene();
    let sink = scene.sink(".env");
    let seen = scene.read(&sink);
    scene.world.doom_at("overwrite", Doom::DeathAmid);
    assert!(scene.write_after(&sink, LONGER, &seen).is_err());
    scene.world.revive();
    assert_ne!(scene.world.text(".env"), OLD);
    assert_eq!(kept(&scene).len(), 2);
    scene
}

#[test]
fn a_file_that_somebody_corrected_after_a_run_died_is_left_to_them_with_what_was_kept() {
    let scene = half_written();
    scene.world.put(".env", "TOKEN=theirs\n");
    let state = scene.world.path(".cfmint");
    let problem = scene.locate(".env").unwrap().finish_interrupted(&scene.world, &state).err().unwrap();
    assert_eq!(problem.code().text(), "sink.half-written");
    let SinkError::HalfWritten { path, kept: before, .. } = problem else { panic!("{problem:?}") };
    assert_eq!((path, before.exists()), (scene.world.path(".env"), true));
    assert_eq!(scene.world.text(".env"), "TOKEN=theirs\n");
    assert_eq!(kept(&scene).len(), 2);
    assert_eq!(code(scene.prove(&scene.sink(".env"))), "sink.half-written");
    assert_eq!(failure(scene.write(&scene.sink(".env"), "new")), ("sink.half-written", Reached::No));
}

#[test]
fn what_was_kept_of_one_file_is_never_put_into_another_of_its_name() {
    let scene = half_written();
    let other = scene.world.put("deploy/.env", scene.world.text(".env"));
    std::fs::set_permissions(other, Permissions::from_mode(0o600)).unwrap();
    let state = scene.world.path(".cfmint");
    let torn = scene.world.text("deploy/.env");
    scene.locate("deploy/.env").unwrap().finish_interrupted(&scene.world, &state).unwrap();
    assert_eq!(scene.world.text("deploy/.env"), torn);
    scene.locate(".env").unwrap().finish_interrupted(&scene.world, &state).unwrap();
    assert_eq!(scene.world.text(".env"), OLD);
}

#[test]
fn a_write_in_place_can_be_put_back() {
    let scene = scene();
    let sink = scene.sink(".env");
    let written = scene.write(&sink, "new").unwrap();
    sink.restore(&scene.world, &scene.stage(), &written).unwrap();
    assert_eq!((scene.world.text(".env").as_str(), kept(&scene).len()), (OLD, 0));
}

/// Something that root did to the machine, and how it is undone.
struct Undo(Vec<String>);

impl Drop for Undo {
    fn drop(&mut self) {
        let (program, arguments) = self.0.split_first().unwrap();
        Command::new(program).args(arguments).status().ok();
    }
}

/// Does something that perhaps only root may do.
fn as_root(argv: &[&str], undo: &[&str]) -> Option<Undo> {
    let done = Command::new(argv[0]).args(&argv[1..]).output().ok()?;
    if !done.status.success() {
        skip(&format!("not allowed: {}", argv.join(" ")));
        return None;
    }
    Some(Undo(undo.iter().map(|word| (*word).to_owned()).collect()))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn private(scene: &Scene, name: &str, content: &str) -> PathBuf {
    let path = scene.world.put(name, content);
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn one_file_of_the_same_file_system_mounted_over_another_is_written_in_place_for_real() {
    let scene = Scene::new(TestWorld::new());
    let (outside, inside) = (private(&scene, "outside.env", OLD), private(&scene, ".env", ""));
    let mount = ["mount", "--bind", text(&outside), text(&inside)];
    let Some(_mounted) = as_root(&mount, &["umount", text(&inside)]) else { return };
    let sink = scene.sink(".env");
    scene.prove(&sink).unwrap();
    assert_eq!(scene.world.text("outside.env"), OLD);
    scene.write(&sink, "new").unwrap();
    assert_eq!(
        (scene.world.text("outside.env").as_str(), found(&scene.read(&sink))),
        (NEW, vec!["new".to_owned()])
    );
    assert_eq!(scene.world.files(), [".env", "outside.env"]);
}

#[test]
fn a_file_mounted_read_only_is_found_before_the_write() {
    let scene = Scene::new(TestWorld::new());
    let (outside, inside) = (private(&scene, "outside.env", OLD), private(&scene, ".env", ""));
    let mount = ["mount", "--bind", text(&outside), text(&inside)];
    let Some(_mounted) = as_root(&mount, &["umount", text(&inside)]) else { return };
    let again = ["mount", "-o", "remount,bind,ro", text(&inside)];
    let Some(_remounted) = as_root(&again, &["true"]) else { return };
    assert_eq!(code(scene.prove(&scene.sink(".env"))), "sink.read-only-mount");
}

#[test]
fn an_immutable_or_append_only_file_is_found_before_the_write() {
    for attribute in ["i", "a"] {
        let scene = Scene::new(TestWorld::new());
        let path = private(&scene, ".env", OLD);
        let (set, unset) = (format!("+{attribute}"), format!("-{attribute}"));
        let Some(_set) = as_root(&["chattr", &set, text(&path)], &["chattr", &unset, text(&path)]) else {
            return;
        };
        let problem = scene.prove(&scene.sink(".env")).err().unwrap();
        assert_eq!(problem.code().text(), "sink.immutable", "{problem}");
        assert_eq!(failure(scene.write(&scene.sink(".env"), "new")), ("sink.immutable", Reached::No));
        assert_eq!((scene.world.text(".env").as_str(), kept(&scene).len()), (OLD, 0));
    }
}

#[test]
fn a_full_file_system_is_found_before_the_write() {
    let scene = Scene::new(TestWorld::new());
    let folder = scene.world.path("small");
    std::fs::create_dir(&folder).unwrap();
    let mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", text(&folder)];
    let Some(_mounted) = as_root(&mount, &["umount", text(&folder)]) else { return };
    private(&scene, "small/.env", OLD);
    let sink = scene.sink("small/.env");
    let guarded = guard(&scene.world, &scene.root, &[sink.file().unwrap()], FixGitignore::Refuse).unwrap();
    let stage = Staging::new(scene.world.path(".cfmint"), &guarded);
    let token = secret("new");
    sink.prove(&scene.world, &stage, &values(&token)).unwrap();
    std::fs::write(folder.join("fill"), vec![0; 64 * 1024]).unwrap_err();
    let problem = sink.prove(&scene.world, &stage, &values(&token)).err().unwrap();
    assert_eq!(problem.code().text(), "sink.refused");
    assert!(
        matches!(&problem, SinkError::Refused { source, .. } if source.kind() == io::ErrorKind::StorageFull),
        "{problem:?}"
    );
    let file = sink.file().unwrap();
    assert_eq!(code(file.replace(&scene.world, &stage, &mut set("new"))), "sink.refused");
    assert_eq!(std::fs::read_to_string(folder.join(".env")).unwrap(), OLD);
    assert_eq!(scene.world.files(), ["small/.env", "small/fill"]);
}
