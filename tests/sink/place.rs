//! Which file is meant: the root, symbolic links, and what cannot be an env file.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::{Scene, TestWorld, code, file_spec};
use cfmint::sink::{FileSink, SinkError, root};

#[test]
fn the_root_is_the_work_tree_around_the_folder_else_the_folder() {
    let world = TestWorld::new().starting_in("app/src");
    let found = root(&world).unwrap();
    assert_eq!((found.folder, found.work_tree), (world.path("app/src"), false));
    // A linked work tree has a file where others have a folder.
    world.put("app/.git", "gitdir: elsewhere");
    let found = root(&world).unwrap();
    assert_eq!((found.folder, found.work_tree), (world.path("app"), true));
}

#[test]
fn a_path_is_relative_to_the_root_and_shown_so() {
    let scene = Scene::new(TestWorld::new());
    scene.world.put("deploy/other", "");
    let file = scene.locate("deploy/.env").unwrap();
    assert_eq!((file.path(), file.shown()), (&*scene.world.path("deploy/.env"), "deploy/.env"));
    let file = scene.locate("deploy/../.env").unwrap();
    assert_eq!(file.shown(), ".env");
}

#[test]
fn a_symbolic_link_is_followed_and_the_real_file_is_the_sink() {
    let scene = Scene::new(TestWorld::new());
    scene.world.put("config/real.env", "TOKEN=old\n");
    symlink("config/real.env", scene.world.path(".env")).unwrap();
    let file = scene.locate(".env").unwrap();
    assert_eq!(file.shown(), "config/real.env");
    assert!(file == scene.locate("config/real.env").unwrap(), "two paths to one file are one sink");
    scene.deliver(".env", "new").unwrap();
    assert_eq!(scene.world.text("config/real.env"), "TOKEN=new\n");
    assert!(scene.world.path(".env").is_symlink());
}

#[test]
fn a_relative_path_stays_inside_the_root() {
    let scene = Scene::new(TestWorld::new().starting_in("app"));
    scene.world.put("outside/.env", "");
    symlink(scene.world.path("outside"), scene.world.path("app/folder")).unwrap();
    symlink(scene.world.path("outside/.env"), scene.world.path("app/link.env")).unwrap();
    for path in ["../outside/.env", "../.env", "folder/.env", "link.env"] {
        assert_eq!(code(scene.locate(path)), "sink.outside", "{path}");
    }
    let absolute = scene.world.path("outside/.env");
    let file = scene.locate(absolute.to_str().unwrap()).unwrap();
    assert_eq!(file.path(), absolute);
    assert_eq!(Path::new(file.shown()), absolute);
}

#[test]
fn what_is_no_file_is_refused() {
    let scene = Scene::new(TestWorld::new());
    let world = &scene.world;
    world.put("folder/x", "");
    symlink("nowhere", world.path("dangling")).unwrap();
    symlink("loop", world.path("loop")).unwrap();
    symlink("folder", world.path("to-folder")).unwrap();
    let fifo = std::process::Command::new("mkfifo").arg(world.path("fifo")).status().unwrap();
    assert!(fifo.success());
    for (path, expected) in [
        ("folder", "sink.not-a-file"),
        ("folder/", "sink.not-a-file"),
        ("new/", "sink.not-a-file"),
        (".", "sink.not-a-file"),
        ("folder/..", "sink.not-a-file"),
        ("", "sink.not-a-file"),
        ("to-folder", "sink.not-a-file"),
        ("fifo", "sink.not-a-file"),
        ("dangling", "sink.broken-link"),
        ("loop", "sink.broken-link"),
        ("missing/.env", "sink.no-folder"),
        ("folder/x/.env", "sink.no-folder"),
        ("nul\0", "sink.refused"),
    ] {
        assert_eq!(code(scene.locate(path)), expected, "{path:?}");
    }
    let problem = scene.locate("missing/.env").err().unwrap();
    assert!(problem.to_string().contains("/missing"), "{problem}");
    assert!(
        matches!(&problem, SinkError::NoFolder { folder, .. } if *folder == scene.world.path("missing")),
        "{problem:?}"
    );
}

#[test]
fn a_file_that_a_replacement_would_harm_is_refused() {
    let scene = Scene::new(TestWorld::new());
    let world = &scene.world;
    let first = world.put("first.env", "");
    std::fs::hard_link(&first, world.path("second.env")).unwrap();
    assert_eq!(code(scene.locate("second.env")), "sink.hard-link");

    let locked = world.put("locked.env", "");
    std::fs::set_permissions(&locked, PermissionsExt::from_mode(0o400)).unwrap();
    assert_eq!(code(scene.locate("locked.env")), "sink.read-only");

    world.put("locked/.env", "");
    std::fs::set_permissions(world.path("locked"), PermissionsExt::from_mode(0o500)).unwrap();
    std::fs::set_permissions(world.path("locked"), PermissionsExt::from_mode(0o555)).unwrap();
    assert_eq!(code(scene.locate("locked/.env")), "sink.read-only-folder");
    std::fs::set_permissions(world.path("locked"), PermissionsExt::from_mode(0o700)).unwrap();
}

#[test]
fn a_name_that_would_disturb_a_terminal_is_shown_escaped() {
    let scene = Scene::new(TestWorld::new());
    assert_eq!(scene.locate("a\nb\u{1b}.env").unwrap().shown(), "a\\nb\\u001b.env");
}

#[test]
fn what_is_cfmints_own_or_could_be_taken_for_it_is_no_place_for_a_secret() {
    let scene = Scene::new(TestWorld::new());
    let (world, root) = (&scene.world, &scene.root);
    world.put("state/journal", "");
    symlink("state/journal", world.path("link.env")).unwrap();
    symlink("state", world.path("link")).unwrap();
    let state = world.path("state");
    let locate = |folder: &Path, path: &str| {
        FileSink::env_file(world, root, Some(folder), &file_spec(path, &[], None)).map(drop)
    };
    for path in ["state/journal", "state/new", "link.env", "link/new", "state"] {
        let expected = if path == "state" { "sink.not-a-file" } else { "sink.reserved" };
        assert_eq!(code(locate(&state, path)), expected, "{path}");
        assert_eq!(code(locate(&world.path("link"), path)), expected, "{path}, by a link");
    }
    for path in
        [".env.cfmint-0123abcd", ".env.cfmint-before-0123456789abcdef", ".env.cfmint-after-0123456789abcdef"]
    {
        assert_eq!(code(scene.locate(path)), "sink.reserved", "{path}");
    }
    for path in ["state.env", "statement", ".env.cfmint", ".env.cfmint-0123ABCD"] {
        locate(&state, path).unwrap();
    }
}
