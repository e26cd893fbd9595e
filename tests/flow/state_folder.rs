//! Which folder becomes the state folder: one of ours, that keeps itself out of git, and never one with files of others.

use crate::profiles::DNS;
use crate::support::{Doom, LiveToken, Scene};

/// How a scene comes to be.
type Set<'a> = &'a dyn Fn(&Scene);

#[tokio::test(start_paused = true)]
async fn a_folder_with_other_files_is_no_state_folder() {
    let noted = |scene: &Scene| drop(scene.world.put("notes/a.txt", "mine"));
    let ignoring = |scene: &Scene, text: &str| {
        noted(scene);
        scene.world.put("notes/.gitignore", text);
    };
    let linked = |scene: &Scene| {
        noted(scene);
        scene.world.put("everything", "*\n");
        std::os::unix::fs::symlink("../everything", scene.world.path("notes/.gitignore")).unwrap();
    };
    let cases: [(&str, Set); 7] = [
        (".", &|_| {}),
        ("notes/..", &noted),
        ("notes", &noted),
        ("notes", &|scene| ignoring(scene, "")),
        ("notes", &|scene| ignoring(scene, "*\n!a.txt\n")),
        ("notes", &|scene| ignoring(scene, "a")),
        ("notes", &linked),
    ];
    for (folder, set) in cases {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        set(&scene);
        let texts = |scene: &Scene| {
            let read = |name: String| (scene.try_text(&name), name);
            scene.world.files().into_iter().map(read).collect::<Vec<_>>()
        };
        let before = texts(&scene);
        for transport in ["", " --emulator"] {
            let ran =
                scene.run(&format!("apply dns.yaml --state-dir {folder}{transport}")).await.ends_with(1);
            ran.says(&[
                "state.unusable",
                "has files of its own",
                "a folder that does not exist yet",
                "/.cfmint",
            ]);
        }
        assert_eq!(texts(&scene), before, "{folder}");
        assert_eq!(scene.writes(), [""; 0], "{folder}");
        // An env file in the state folder is no sink.
        let code = u8::from(folder != "notes");
        scene.run(&format!("plan dns.yaml --state-dir {folder}")).await.ends_with(code);
        assert_eq!(texts(&scene), before, "{folder}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_is_ours_becomes_the_state_folder_and_ignores_itself() {
    let ignoring = |scene: &Scene, path: &str, text: &str| drop(scene.world.put(path, text));
    let cases: [(&str, Set); 9] = [
        ("state", &|_| {}),
        ("state", &|scene| std::fs::create_dir(scene.world.path("state")).unwrap()),
        ("volume", &|scene| std::fs::create_dir_all(scene.world.path("volume/lost+found")).unwrap()),
        ("state", &|scene| ignoring(scene, "state/.gitignore", "")),
        ("state", &|scene| ignoring(scene, "state/.gitignore", "*")),
        ("state", &|scene| {
            ignoring(scene, "state/.gitignore", "*\n");
            scene.world.put("state/a.txt", "mine");
        }),
        (".cfmint", &|scene| ignoring(scene, ".cfmint/.gitignore", "!*\n")),
        (".cfmint", &|scene| drop(scene.world.put(".cfmint/a.txt", "mine"))),
        ("state/.cfmint", &|scene| drop(scene.world.put("state/a.txt", "mine"))),
    ];
    for (folder, set) in cases {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        set(&scene);
        scene.run(&format!("apply dns.yaml --state-dir {folder}")).await.ends_with(0);
        assert_eq!(scene.world.text(&format!("{folder}/.gitignore")), "*\n", "{folder}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_folder_that_lost_its_ignore_file_is_still_ours() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.world.doom_at("POST /user/tokens", Doom::DeathAmid);
    scene.run("apply dns.yaml --state-dir state").await;
    scene.world.revive();
    scene.given("plan dns.yaml --emulator --state-dir state").await;
    assert!(scene.world.path("state/marks").exists() && scene.world.path("state/emulator.lock").exists());
    scene.world.put("state/.env.cfmint-01234567", "");

    std::fs::remove_file(scene.world.path("state/.gitignore")).unwrap();
    scene.run("apply dns.yaml --state-dir state").await.ends_with(0);
    assert_eq!(scene.world.text("state/.gitignore"), "*\n");
    let held: Vec<LiveToken> =
        scene.live().into_iter().filter(|token| !scene.is_retired(&token.id)).collect();
    assert_eq!((held.len(), &held[0].held_by), (1, &vec![".env".to_owned()]), "what the run left is over");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_died_while_it_made_the_state_folder_leaves_one_for_the_next() {
    for (effect, doom) in [
        ("create_folder state", Doom::DeathAmid),
        ("create 600 state/.gitignore", Doom::DeathBefore),
        ("create 600 state/.gitignore", Doom::DeathAmid),
        ("write", Doom::DeathBefore),
        ("write", Doom::DeathAmid),
    ] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        scene.world.doom_at(effect, doom);
        scene.run("apply dns.yaml --state-dir state").await;
        assert!(scene.world.is_dead() && scene.world.path("state").exists(), "{effect} {doom:?}");
        assert_ne!(scene.try_text("state/.gitignore").as_deref(), Some("*\n"), "{effect} {doom:?}");
        scene.world.revive();
        scene.run("apply dns.yaml --state-dir state").await.ends_with(0);
        assert_eq!(scene.world.text("state/.gitignore"), "*\n", "{effect} {doom:?}");
    }
}
