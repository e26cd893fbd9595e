//! Replacing an env file: the mode, the order of steps, other writers, and every step failing.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::sync::{Arc, Mutex};

use super::{Scene, TestWorld, code, edit, failure, is_root, set, skip};
use cfmint::sink::{FixGitignore, Reached, SinkError, Staging, guard, sweep};

fn mode(scene: &Scene, path: &str) -> u32 {
    std::fs::metadata(scene.world.path(path)).unwrap().permissions().mode() & 0o7777
}

fn scene(text: &str) -> Scene {
    let scene = Scene::new(TestWorld::new());
    let path = scene.world.put(".env", text);
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    scene
}

#[test]
fn a_new_file_is_private_from_birth_and_on_the_disk_before_it_is_there() {
    let scene = Scene::new(TestWorld::new());
    let replaced = scene.deliver(".env", "new").unwrap();
    assert_eq!((replaced.created, replaced.tightened), (true, None));
    assert_eq!(scene.world.text(".env"), "TOKEN=new\n");
    assert_eq!(mode(&scene, ".env"), 0o600);
    let effects = scene.world.effects();
    let name = effects[0].strip_prefix("create 600 ").unwrap();
    assert!(name.starts_with(".cfmint/.env.cfmint-"), "{name}");
    assert_eq!(effects[1..], ["write", "sync", &format!("rename {name} -> .env"), "sync_folder ."]);
}

#[test]
fn a_file_that_others_can_read_is_tightened_and_that_is_said() {
    for loose in [0o644, 0o640, 0o660, 0o604] {
        let scene = scene("B=1\nTOKEN=old\n");
        std::fs::set_permissions(scene.world.path(".env"), Permissions::from_mode(loose)).unwrap();
        let replaced = scene.deliver(".env", "new").unwrap();
        assert_eq!((replaced.created, replaced.tightened), (false, Some(loose)));
        assert_eq!((scene.world.text(".env").as_str(), mode(&scene, ".env")), ("B=1\nTOKEN=new\n", 0o600));
    }
}

#[test]
fn a_change_that_changes_nothing_writes_nothing() {
    let scene = scene("TOKEN=same\n");
    scene.deliver(".env", "same").unwrap();
    assert_eq!(scene.world.effects(), [""; 0]);
    std::fs::set_permissions(scene.world.path(".env"), Permissions::from_mode(0o644)).unwrap();
    assert_eq!(scene.deliver(".env", "same").unwrap().tightened, Some(0o644));
    assert_eq!(mode(&scene, ".env"), 0o600);
}

#[test]
fn several_variables_go_in_at_once_and_come_out_again() {
    let scene = scene("# mine\r\nA=1\r\nTOKEN=old # c\r\n");
    let file = scene.locate(".env").unwrap();
    let mut set = edit(|document| {
        document.set("TOKEN", "new")?;
        document.set("ACCOUNT", "0123")?;
        Ok(())
    });
    file.replace(&scene.world, &scene.stage(), &mut set).unwrap();
    assert_eq!(scene.world.text(".env"), "# mine\r\nA=1\r\nTOKEN=new # c\r\nACCOUNT=0123\r\n");
    assert_eq!(scene.world.effects().iter().filter(|effect| effect.starts_with("rename")).count(), 1);
    let mut remove = edit(|document| {
        document.remove("TOKEN").unwrap();
        document.remove("ACCOUNT").unwrap();
        Ok(())
    });
    file.replace(&scene.world, &scene.stage(), &mut remove).unwrap();
    assert_eq!(scene.world.text(".env"), "# mine\r\nA=1\r\n");
}

#[test]
fn what_an_editor_saves_meanwhile_is_kept() {
    let scene = scene("A=1\nTOKEN=old\n");
    let path = scene.world.path(".env");
    let mut saves = 2;
    scene.world.hook("sync", move || {
        if saves > 0 {
            saves -= 1;
            std::fs::write(&path, format!("A=1\nEDITED={saves}\nTOKEN=old\n")).unwrap();
        }
        Ok(())
    });
    scene.deliver(".env", "new").unwrap();
    assert_eq!(scene.world.text(".env"), "A=1\nEDITED=0\nTOKEN=new\n");
    assert_eq!(scene.world.files(), [".env"]);
}

#[test]
fn a_file_that_never_rests_is_left_alone() {
    let scene = scene("TOKEN=old\n");
    let path = scene.world.path(".env");
    let mut saves = 0;
    scene.world.hook("sync", move || {
        saves += 1;
        std::fs::write(&path, format!("EDITED={saves}\n")).unwrap();
        Ok(())
    });
    assert_eq!(code(scene.deliver(".env", "new")), "sink.restless");
    assert!(scene.world.text(".env").starts_with("EDITED="));
    assert_eq!(scene.world.files(), [".env"]);
}

#[test]
fn a_link_that_takes_the_place_of_the_file_meanwhile_is_not_replaced() {
    let scene = scene("TOKEN=old\n");
    let path = scene.world.path(".env");
    scene.world.put("elsewhere", "TOKEN=old\n");
    scene.world.hook("sync", move || {
        std::fs::remove_file(&path).unwrap();
        symlink("elsewhere", &path).unwrap();
        Ok(())
    });
    assert_eq!(code(scene.deliver(".env", "new")), "sink.not-a-file");
    assert_eq!(scene.world.text("elsewhere"), "TOKEN=old\n");
}

#[test]
fn whatever_step_fails_the_old_file_stays_and_nothing_else() {
    for step in ["create", "write", "sync", "read .env", "rename", "sync_folder", "look .env"] {
        let scene = scene("TOKEN=old\n");
        let file = scene.locate(".env").unwrap();
        // The disk is full for one step; putting the old content back afterwards works again.
        scene.world.fail_nth(1, step, io::ErrorKind::StorageFull);
        let mut change = set("new");
        let outcome = file.replace(&scene.world, &scene.stage(), &mut change);
        assert_eq!(code(outcome), "sink.refused", "{step}");
        assert_eq!(scene.world.text(".env"), "TOKEN=old\n", "{step}");
        assert_eq!(scene.world.files(), [".env"], "{step}");
    }
}

#[test]
fn what_is_known_of_a_write_that_failed_is_what_the_file_tells() {
    for (step, reached) in [
        ("create", Reached::No),
        ("write", Reached::No),
        ("sync", Reached::No),
        ("look .env", Reached::No),
        ("rename", Reached::No),
        // It was there for a moment, and after a power failure it may be there again.
        ("sync_folder", Reached::Perhaps),
    ] {
        let scene = scene("TOKEN=old\n");
        let sink = scene.sink(".env");
        let seen = scene.read(&sink);
        scene.world.fail_nth(1, step, io::ErrorKind::StorageFull);
        assert_eq!(failure(scene.write_after(&sink, "new", &seen)), ("sink.refused", reached), "{step}");
        assert_eq!(scene.world.text(".env"), "TOKEN=old\n", "{step}");
    }
}

#[test]
fn a_server_that_moved_the_file_and_then_failed_is_not_believed() {
    let scene = scene("TOKEN=old\n");
    let sink = scene.sink(".env");
    let path = scene.world.path(".env");
    scene.world.hook("rename", move || {
        std::fs::write(&path, "TOKEN=new\nACCOUNT=fedcba9876543210fedcba9876543210\n").unwrap();
        Err(io::ErrorKind::TimedOut.into())
    });
    assert_eq!(failure(scene.write(&sink, "new")), ("sink.refused", Reached::Perhaps));
}

#[test]
fn a_new_file_that_may_not_have_reached_the_disk_is_taken_back() {
    let scene = Scene::new(TestWorld::new());
    scene.world.fail("sync_folder", io::ErrorKind::StorageFull);
    assert_eq!(code(scene.deliver(".env", "new")), "sink.refused");
    assert_eq!(scene.world.files(), [""; 0]);
}

#[test]
fn a_change_that_is_refused_leaves_the_file() {
    let scene = scene("TOKEN=old\n");
    assert_eq!(code(scene.deliver(".env", "it's")), "sink.value");
    assert_eq!(scene.world.effects(), [""; 0]);
    std::fs::write(scene.world.path(".env"), "A=1\nTOKEN='old\n").unwrap();
    let problem = scene.deliver(".env", "new").err().unwrap();
    assert_eq!(problem.code().text(), "sink.unreadable");
    assert!(problem.to_string().contains("line 2"), "{problem}");
    std::fs::write(scene.world.path(".env"), vec![b'#'; 1024 * 1024 + 1]).unwrap();
    assert_eq!(code(scene.deliver(".env", "new")), "sink.too-long");
}

#[test]
fn proving_tries_every_step_and_leaves_no_trace() {
    let scene = scene("TOKEN=old\n");
    let file = scene.locate(".env").unwrap();
    file.prove(&scene.world, &scene.stage(), &mut set("new")).unwrap();
    assert_eq!(scene.world.text(".env"), "TOKEN=old\n");
    assert_eq!(scene.world.files(), [".env"]);
    for step in ["create", "write", "sync", "rename", "sync_folder", "remove", "read .env"] {
        scene.world.unhook();
        scene.world.fail_nth(1, step, io::ErrorKind::StorageFull);
        assert_eq!(code(file.prove(&scene.world, &scene.stage(), &mut set("new"))), "sink.refused", "{step}");
        assert_eq!(scene.world.files(), [".env"], "{step}");
    }
    scene.world.unhook();
    scene.world.fail("rename", io::ErrorKind::PermissionDenied);
    assert_eq!(code(file.prove(&scene.world, &scene.stage(), &mut set("new"))), "sink.read-only-folder");
}

#[test]
fn proving_writes_as_many_bytes_as_a_write_will_and_none_of_them_is_the_secrets() {
    let scene = scene("# mine\nTOKEN=old\n");
    let sink = scene.sink(".env");
    let folder = scene.world.path(".cfmint");
    let written = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&written);
    scene.world.hook("rename .cfmint", move || {
        let entry = std::fs::read_dir(&folder)?.next().unwrap()?;
        *seen.lock().unwrap() = std::fs::read(entry.path())?;
        Ok(())
    });
    scene.prove(&sink).unwrap();
    let bytes = written.lock().unwrap().clone();
    scene.world.unhook();
    scene.write(&sink, "cfut_FAKE-of-some-length").unwrap();
    assert_eq!(bytes.len(), scene.world.text(".env").len());
    assert!(bytes.iter().all(|byte| *byte == b'x'));
}

#[test]
fn what_stands_in_the_way_of_a_write_is_found_before_it() {
    for (step, kind, expected) in [
        ("write", io::ErrorKind::StorageFull, "sink.refused"),
        ("write", io::ErrorKind::QuotaExceeded, "sink.refused"),
        ("create", io::ErrorKind::ReadOnlyFilesystem, "sink.refused"),
        ("rename", io::ErrorKind::ReadOnlyFilesystem, "sink.read-only-folder"),
        ("open", io::ErrorKind::ReadOnlyFilesystem, "sink.read-only-mount"),
        ("open", io::ErrorKind::PermissionDenied, "sink.read-only"),
    ] {
        let scene = scene("TOKEN=old\n");
        let sink = scene.sink(".env");
        scene.world.fail_nth(1, step, kind);
        let problem = scene.prove(&sink).err().unwrap();
        assert_eq!(problem.code().text(), expected, "{step} {kind}");
        // What to do about it goes by the system's own reason.
        if let SinkError::NotMade { source, .. } | SinkError::Refused { source, .. } = &problem {
            assert_eq!(
                (source.kind(), matches!(problem, SinkError::NotMade { .. })),
                (kind, step == "create")
            );
        }
        assert_eq!((scene.world.text(".env").as_str(), scene.world.files().len()), ("TOKEN=old\n", 1));
    }
}

#[test]
fn a_folder_that_is_gone_is_found_before_the_write() {
    let scene = Scene::new(TestWorld::new());
    scene.world.put("deploy/.env", "");
    let sink = scene.sink("deploy/.env");
    std::fs::remove_dir_all(scene.world.path("deploy")).unwrap();
    assert_eq!(code(scene.prove(&sink)), "sink.refused");
    assert_eq!(failure(scene.write(&sink, "new")), ("sink.refused", Reached::No));
    assert_eq!(scene.world.files(), [""; 0]);
}

#[test]
fn a_folder_that_may_not_be_written_is_refused_by_the_system() {
    if is_root() {
        return;
    }
    let scene = Scene::new(TestWorld::new());
    scene.world.put("locked/.env", "");
    // Others may write, we may not: only trying tells.
    std::fs::set_permissions(scene.world.path("locked"), Permissions::from_mode(0o577)).unwrap();
    let proof = scene.locate("locked/.env").unwrap().prove(&scene.world, &scene.stage(), &mut set("new"));
    std::fs::set_permissions(scene.world.path("locked"), Permissions::from_mode(0o700)).unwrap();
    assert_eq!(code(proof), "sink.read-only-folder");
}

#[test]
fn a_file_keeps_its_owner_and_its_group() {
    let scene = scene("TOKEN=old\n");
    let path = scene.world.path(".env");
    if chown(&path, Some(12345), Some(54321)).is_err() {
        skip("only root can give a file away");
        return;
    }
    let file = scene.locate(".env").unwrap();
    file.prove(&scene.world, &scene.stage(), &mut set("new")).unwrap();
    scene.deliver(".env", "new").unwrap();
    let metadata = std::fs::metadata(&path).unwrap();
    assert_eq!((scene.world.text(".env").as_str(), mode(&scene, ".env")), ("TOKEN=new\n", 0o600));
    assert_eq!((metadata.uid(), metadata.gid()), (12345, 54321));
    // Nobody could read it before it was theirs.
    let effects = scene.world.effects();
    let gift = effects.iter().rposition(|effect| effect == "set_owner 12345:54321").unwrap();
    assert!(effects[gift + 1].starts_with("rename .cfmint/"), "{effects:?}");
}

#[test]
fn a_file_that_may_not_be_given_back_to_its_owner_or_its_group_is_refused() {
    for (owner, expected) in [(Some(12345), "sink.other-owner"), (None, "sink.other-group")] {
        let scene = scene("TOKEN=old\n");
        if chown(scene.world.path(".env"), owner, Some(54321)).is_err() {
            skip("only root can give a file away");
            return;
        }
        scene.world.fail("set_owner", io::ErrorKind::PermissionDenied);
        let file = scene.locate(".env").unwrap();
        let problem = file.prove(&scene.world, &scene.stage(), &mut set("new")).err().unwrap();
        assert_eq!(problem.code().text(), expected);
        assert_eq!(code(scene.deliver(".env", "new")), expected);
        assert_eq!((scene.world.text(".env").as_str(), scene.world.files().len()), ("TOKEN=old\n", 1));
    }
}

#[test]
fn the_mode_is_what_the_profile_says_and_a_wider_one_is_tightened_to_it() {
    let scene = Scene::new(TestWorld::new());
    for (before, tightened) in
        [(None, None), (Some(0o600), None), (Some(0o640), None), (Some(0o664), Some(0o664))]
    {
        if let Some(before) = before {
            let path = scene.world.put(".env", "TOKEN=old\n");
            std::fs::set_permissions(path, Permissions::from_mode(before)).unwrap();
        }
        let sink = scene.sink_with_mode(".env", Some(0o640));
        assert_eq!(scene.write(&sink, "new").unwrap().tightened, tightened);
        assert_eq!(mode(&scene, ".env"), 0o640);
        std::fs::remove_file(scene.world.path(".env")).unwrap();
    }
}

#[test]
fn a_file_on_another_file_system_is_staged_beside_it_if_git_would_not_see() {
    let scene = scene("TOKEN=old\n");
    let file = scene.locate(".env").unwrap();
    scene.world.fail("rename .cfmint", io::ErrorKind::CrossesDevices);
    assert_eq!(code(file.prove(&scene.world, &scene.stage(), &mut set("new"))), "sink.stage-elsewhere");
    assert_eq!(code(scene.deliver(".env", "new")), "sink.stage-elsewhere");
    assert_eq!((scene.world.text(".env").as_str(), scene.world.files().len()), ("TOKEN=old\n", 1));

    // Outside any work tree git sees nothing.
    let guarded = guard(&scene.world, &scene.root, &[&file], FixGitignore::Refuse).unwrap();
    let stage = Staging::new(scene.world.path(".cfmint"), &guarded);
    file.prove(&scene.world, &stage, &mut set("new")).unwrap();
    scene.world.forget_effects();
    file.replace(&scene.world, &stage, &mut set("new")).unwrap();
    assert_eq!((scene.world.text(".env").as_str(), scene.world.files().len()), ("TOKEN=new\n", 1));
    let births = scene.world.effects();
    let births: Vec<_> = births.iter().filter(|effect| effect.starts_with("create")).collect();
    assert!(births[1].starts_with("create 600 .env.cfmint-"), "{births:?}");
}

#[test]
fn a_state_folder_on_another_file_system_works_for_real() {
    let scene = scene("TOKEN=old\n");
    let Ok(memory) = tempfile::tempdir_in("/dev/shm") else {
        skip("there is no /dev/shm");
        return;
    };
    let file = scene.locate(".env").unwrap();
    let guarded = guard(&scene.world, &scene.root, &[&file], FixGitignore::Refuse).unwrap();
    let stage = Staging::new(memory.path().to_owned(), &guarded);
    file.prove(&scene.world, &stage, &mut set("new")).unwrap();
    file.replace(&scene.world, &stage, &mut set("new")).unwrap();
    assert_eq!((scene.world.text(".env").as_str(), mode(&scene, ".env")), ("TOKEN=new\n", 0o600));
    assert_eq!(scene.world.files(), [".env"]);
    assert_eq!(std::fs::read_dir(memory.path()).unwrap().count(), 0);
}

#[test]
fn leftovers_of_an_interrupted_run_are_swept_and_nothing_else_is() {
    let scene = scene("TOKEN=old\n");
    // The process dies between birth and rename: neither the move nor the removal happens.
    scene.world.fail("rename", io::ErrorKind::Interrupted);
    scene.world.fail("remove", io::ErrorKind::Interrupted);
    assert_eq!(code(scene.deliver(".env", "new")), "sink.refused");
    scene.world.unhook();
    scene.world.put(".cfmint/journal", "");
    let swept = sweep(&scene.world, &scene.world.path(".cfmint")).unwrap();
    assert_eq!(swept.len(), 1);
    assert_eq!(scene.world.files(), [".cfmint/journal", ".env"]);
}

#[test]
fn leftovers_of_a_file_whose_name_is_no_text_are_swept() {
    let scene = Scene::new(TestWorld::new());
    let name = OsStr::from_bytes(b"caf\xe9.env.cfmint-0123abcd");
    if std::fs::write(scene.world.path(".cfmint").join(name), "").is_err() {
        skip("this file system takes only text for names");
        return;
    }
    assert_eq!(sweep(&scene.world, &scene.world.path(".cfmint")).unwrap().len(), 1);
}

#[test]
fn a_temporary_file_that_another_run_is_writing_is_no_leftover() {
    let scene = scene("TOKEN=old\n");
    let other = TestWorld::new();
    let folder = scene.world.path("");
    let swept = Arc::new(Mutex::new(Vec::new()));
    let found = Arc::clone(&swept);
    // A run with another state folder sweeps beside the env file while this one proves that it can be replaced.
    scene.world.hook("sync_folder", move || {
        let names =
            std::fs::read_dir(&folder)?.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert!(names.into_iter().any(|name| name.contains(".cfmint-")), "there is something to sweep");
        found.lock().unwrap().extend(sweep(&other, &folder)?);
        Ok(())
    });
    scene.locate(".env").unwrap().prove(&scene.world, &scene.stage(), &mut set("new")).unwrap();
    assert_eq!(*swept.lock().unwrap(), [""; 0].map(std::path::PathBuf::from));
    assert_eq!(scene.world.files(), [".env"]);
}
