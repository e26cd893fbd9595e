//! The machine: a state folder that others could write, that a repository tracks, or in which something else than files
//! stands is refused, and what a refused run or a run that only looks finds stays as it was.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use cfmint::custody::StateFolder;
use cfmint::world::World as _;

use crate::profiles::DNS;
use crate::support::{Scene, TestWorld};

/// A user who is nobody here.
const STRANGER: u32 = 54_321;

/// Makes something at a path.
type Make = fn(&Path);

/// What stands in a folder: of each path its kind, mode, owner and content.
fn tree(base: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![base.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let metadata = entry.path().symlink_metadata().unwrap();
            let content = if metadata.is_file() { std::fs::read(entry.path()).unwrap() } else { Vec::new() };
            let what = format!("{:o} {} {content:?}", metadata.mode(), metadata.uid());
            found.insert(entry.path().strip_prefix(base).unwrap().display().to_string(), what);
            if metadata.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found
}

fn scene() -> Scene {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene
}

/// Runs commands that must all be refused with this code, with what to do, and change nothing.
async fn refused(scene: &Scene, commands: &[&str], code: &str, hint: &str) {
    let before = tree(scene.world.base());
    for command in commands {
        let ran = scene.run(command).await.ends_with(1);
        ran.says(&[code, hint]);
        assert_eq!(tree(scene.world.base()), before, "{command}");
        assert_eq!(scene.writes(), [""; 0], "{command}");
    }
}

/// One that writes, one that looks, and the same in a trial.
const COMMANDS: [&str; 4] =
    ["apply dns.yaml", "plan dns.yaml", "apply dns.yaml --emulator", "list --emulator"];

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_run_that_only_looks_makes_nothing() {
    let scene = scene();
    let before = tree(scene.world.base());
    for command in ["plan dns.yaml", "list", "plan dns.yaml --emulator", "list --emulator"] {
        scene.run(command).await.ends_with(0);
        assert_eq!(tree(scene.world.base()), before, "{command}");
    }
    scene.run("plan dns.yaml --emulator --state-dir no/such").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_refused_before_it_needs_the_lock_makes_nothing() {
    let world = TestWorld::new().with_variable("CLOUDFLARE_BOOTSTRAP_TOKEN", "too-short");
    let scene = Scene::on(world, |_| {});
    scene.world.put("dns.yaml", DNS);
    refused(&scene, &["apply dns.yaml", "plan dns.yaml", "list"], "bootstrap.malformed", "").await;
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_only_looked_sees_what_a_trial_that_writes_leaves() {
    let scene = scene();
    scene.given("plan dns.yaml --emulator").await;
    scene.given("apply dns.yaml --emulator").await;
    scene.run("plan dns.yaml --emulator").await.ends_with(0).says(&["unchanged"]);
    scene.run("list --emulator").await.ends_with(0).says(&["dns"]);
    assert!(scene.world.path(".cfmint/emulator.json").exists());
}

#[tokio::test(start_paused = true)]
async fn a_state_folder_of_another_user_is_refused() {
    let scene = Scene::outside_git(TestWorld::new().acting_as(STRANGER), |_| {});
    scene.world.put("dns.yaml", DNS);
    scene.world.put(".cfmint/journal", "");
    refused(&scene, &COMMANDS, "state.other-owner", "sudo rm -r ").await;
}

#[tokio::test(start_paused = true)]
async fn a_file_of_another_user_in_our_state_folder_is_refused() {
    let scene = scene();
    if scene.world.user() != 0 {
        eprintln!("skipped: only root can give files away");
        return;
    }
    scene.world.put(".cfmint/journal", "");
    chown(scene.world.path(".cfmint/journal"), Some(STRANGER), None).unwrap();
    refused(&scene, &COMMANDS, "state.other-owner", "sudo -u '#54321'").await;
    chown(scene.world.path(".cfmint/journal"), Some(0), None).unwrap();
    chown(scene.world.path(".cfmint"), Some(STRANGER), None).unwrap();
    refused(&scene, &COMMANDS, "state.other-owner", "sudo -u '#54321'").await;
}

#[tokio::test(start_paused = true)]
async fn root_leaves_nothing_in_another_users_tree() {
    let world = TestWorld::new().acting_as(0);
    // Who is not root is that other user; root gives the folder away.
    let owner = if std::fs::metadata(world.base()).unwrap().uid() == 0 {
        chown(world.base(), Some(STRANGER), None).unwrap();
        STRANGER
    } else {
        std::fs::metadata(world.base()).unwrap().uid()
    };
    let scene = Scene::outside_git(world, |_| {});
    scene.world.put("dns.yaml", DNS);
    let as_owner = format!("sudo -u '#{owner}'");
    refused(&scene, &["apply dns.yaml", "apply dns.yaml --emulator"], "state.another-tree", &as_owner).await;
    // To look is allowed: it leaves nothing.
    scene.run("plan dns.yaml").await.ends_with(0);

    // What the hint says works, where root can really be the owner.
    if owner == STRANGER {
        std::fs::create_dir(scene.world.path(".cfmint")).unwrap();
        set_mode(&scene.world.path(".cfmint"), 0o700);
        scene.run("apply dns.yaml").await.ends_with(0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_folder_that_others_may_write_is_refused_until_they_may_not() {
    let cases = [(".cfmint", 0o770), (".cfmint", 0o707), (".cfmint/journal", 0o660), (".cfmint/lock", 0o602)];
    for (path, mode) in cases {
        let scene = scene();
        scene.world.put(".cfmint/journal", "");
        scene.world.put(".cfmint/lock", "");
        set_mode(&scene.world.path(path), mode);
        let chmod = format!("chmod go-w {}", scene.world.path(path).display());
        refused(&scene, &COMMANDS, "state.open-to-others", &chmod).await;
        assert!(Command::new("sh").arg("-c").arg(chmod).status().unwrap().success());
        scene.run("plan dns.yaml").await.ends_with(0);
        std::fs::remove_file(scene.world.path(".cfmint/journal")).unwrap();
        scene.run("apply dns.yaml").await.ends_with(0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_folder_that_git_tracks_is_refused_until_it_does_not() {
    for folder in [".cfmint", "state"] {
        let scene = scene();
        scene.world.put(&format!("{folder}/.gitignore"), "*\n");
        scene.world.put(&format!("{folder}/journal"), "");
        let git = |arguments: &[&str]| {
            let status = Command::new("git").args(arguments).current_dir(scene.world.base()).status();
            assert!(status.unwrap().success());
        };
        git(&["add", "-f", &format!("{folder}/journal")]);
        let commands = COMMANDS.map(|command| format!("{command} --state-dir {folder}"));
        let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
        refused(&scene, &commands, "state.tracked", "rm -r --cached -- ").await;

        let ran = scene.run(commands[0]).await;
        let (_, hint) = ran.err.split_once("on the disk): ").unwrap();
        let status = Command::new("sh").arg("-c").arg(hint).current_dir("/").status();
        assert!(status.unwrap().success(), "{hint}");
        scene.run(commands[1]).await.ends_with(0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_folder_that_a_repository_of_the_environment_tracks_is_refused() {
    let world = TestWorld::new();
    world.put(".cfmint/journal", "");
    let script = "git init -q --bare dotfiles && git --git-dir=dotfiles --work-tree=. add -f .cfmint/journal";
    let status = Command::new("sh").args(["-c", script]).current_dir(world.base()).status();
    assert!(status.unwrap().success());
    let (git_dir, home) = (world.path("dotfiles"), world.base().to_owned());
    let world = world
        .with_variable("GIT_DIR", git_dir.to_str().unwrap())
        .with_variable("GIT_WORK_TREE", home.to_str().unwrap());
    let scene = Scene::outside_git(world, |_| {});
    scene.world.put("dns.yaml", DNS);
    refused(&scene, &COMMANDS, "state.tracked", "--git-dir=").await;
}

#[tokio::test(start_paused = true)]
async fn a_state_folder_of_which_nobody_can_say_whether_it_is_tracked_is_refused() {
    let scene = scene();
    scene.world.put(".cfmint/lock", "");
    scene.world.fail("run git", std::io::ErrorKind::NotFound);
    refused(&scene, &COMMANDS, "sink.no-git", "--state-dir FOLDER").await;
}

#[tokio::test(start_paused = true)]
async fn links_fifos_and_sockets_in_the_place_of_state_files_are_refused_and_nothing_waits_for_them() {
    let names =
        ["lock", "journal", "journal.new", "emulator.lock", "emulator.json", ".gitignore", "x.cfmint-1"];
    let kinds: [(&str, Make); 4] = [
        ("a symbolic link", |path| symlink("elsewhere", path).unwrap()),
        ("a FIFO, a socket or a device", |path| {
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        }),
        ("a FIFO, a socket or a device", |path| {
            std::os::unix::net::UnixListener::bind(path).map(drop).unwrap();
        }),
        ("a folder", |path| std::fs::create_dir(path).unwrap()),
    ];
    for (what, make) in kinds {
        for name in names {
            let scene = Scene::outside_git(TestWorld::new(), |_| {});
            scene.world.put("dns.yaml", DNS);
            std::fs::create_dir(scene.world.path(".cfmint")).unwrap();
            make(&scene.world.path(".cfmint").join(name));
            refused(&scene, &COMMANDS, "state.not-plain", what).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_the_place_of_the_state_folder_is_refused() {
    let link = scene();
    std::fs::create_dir(link.world.path("elsewhere")).unwrap();
    symlink("elsewhere", link.world.path(".cfmint")).unwrap();
    refused(&link, &COMMANDS, "state.link", "rm ").await;

    let fifo = scene();
    assert!(Command::new("mkfifo").arg(fifo.world.path(".cfmint")).status().unwrap().success());
    refused(&fifo, &COMMANDS, "state.unusable", "--state-dir FOLDER").await;
}

#[tokio::test(start_paused = true)]
async fn the_lock_is_lent_as_an_open_file() {
    let world = TestWorld::new();
    let state = StateFolder::open(&world, &world.path("state")).unwrap();
    assert!(!world.path("state").exists(), "opening only looks");
    let lock = state.lock(&world).await.unwrap();
    let of_path = std::fs::metadata(world.path("state/lock")).unwrap();
    assert_eq!(lock.file().metadata().unwrap().ino(), of_path.ino());
    assert_eq!(std::fs::metadata(world.path("state")).unwrap().mode() & 0o777, 0o700);
    assert!(world.try_lock(&world.path("state/lock")).unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn no_secret_goes_into_what_belongs_to_a_repository() {
    let scene = Scene::new();
    for path in [".git/config", ".git/hooks/post-commit"] {
        scene.world.put("dns.yaml", DNS.replace("env_file: .env", &format!("env_file: {path}")));
        let all_but_the_lock = || {
            let mut tree = tree(scene.world.base());
            tree.retain(|path, _| !path.starts_with(".cfmint"));
            tree
        };
        let before = all_but_the_lock();
        for command in ["apply dns.yaml", "apply dns.yaml --fix-gitignore --replace", "plan dns.yaml"] {
            scene.run(command).await.ends_with(1).says(&["sink.in-repository", path]);
        }
        assert_eq!(all_but_the_lock(), before);
        assert_eq!(scene.writes(), [""; 0]);
    }
}
