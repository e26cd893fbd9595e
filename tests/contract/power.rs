//! A world whose disk keeps only what was synced.

use std::path::Path;

use cfmint::world::World as _;

use crate::support::{Doom, Scene, TestWorld};

/// Steps of writing `text` into `file` by a temporary file, as far as `steps` go.
fn replace(world: &TestWorld, file: &str, text: &str, steps: usize) -> std::io::Result<()> {
    let (path, new) = (world.path(file), world.path(&format!("{file}.new")));
    let mut handle = world.create(&new, 0o600)?;
    world.write(&mut handle, text.as_bytes())?;
    let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
    let rest: [&dyn Fn() -> std::io::Result<()>; 3] =
        [&|| world.sync(&handle), &|| world.rename(&new, &path), &|| world.sync_folder(&folder)];
    rest.iter().take(steps).try_for_each(|step| step())
}

fn forgetful(files: &[(&str, &str)]) -> TestWorld {
    let world = TestWorld::new().forgetful();
    for (file, text) in files {
        world.put(file, text);
    }
    world
}

#[test]
fn a_file_is_replaced_once_its_folder_is_synced() {
    for (steps, text) in [(1, "old"), (2, "old"), (3, "new")] {
        let world = forgetful(&[(".env", "old")]);
        replace(&world, ".env", "new", steps).unwrap();
        world.power_cut();
        assert_eq!(
            (world.text(".env"), world.files()),
            (text.to_owned(), vec![".env".to_owned()]),
            "{steps}"
        );
    }
}

#[test]
fn a_name_can_be_safe_while_the_content_is_not() {
    let world = forgetful(&[(".env", "old")]);
    let (path, new) = (world.path(".env"), world.path(".env.new"));
    let mut file = world.create(&new, 0o600).unwrap();
    world.write(&mut file, b"new").unwrap();
    world.rename(&new, &path).unwrap();
    world.sync_folder(world.base()).unwrap();
    world.power_cut();
    assert_eq!(world.text(".env"), "");
}

#[test]
fn a_file_from_another_folder_has_both_names_until_both_folders_are_synced() {
    for (is_synced, files) in [(false, vec![".env", "state/new"]), (true, vec![".env"])] {
        let world = forgetful(&[(".env", "old"), ("state/new", "new")]);
        world.rename(&world.path("state/new"), &world.path(".env")).unwrap();
        world.sync_folder(world.base()).unwrap();
        if is_synced {
            world.sync_folder(&world.path("state")).unwrap();
        }
        world.power_cut();
        assert_eq!(
            (world.text(".env"), world.files()),
            ("new".to_owned(), files.into_iter().map(str::to_owned).collect())
        );
    }
}

#[test]
fn what_is_appended_is_lost_back_to_the_last_sync() {
    let world = forgetful(&[("log", "one\n")]);
    let mut file = world.open_append(&world.path("log"), 0o600).unwrap();
    world.write(&mut file, b"two\n").unwrap();
    world.sync(&file).unwrap();
    world.write(&mut file, b"three\n").unwrap();
    world.power_cut();
    assert_eq!(world.text("log"), "one\ntwo\n");
}

#[test]
fn what_is_written_in_place_is_lost_back_to_the_last_sync() {
    for (is_synced, text) in [(false, "as it was"), (true, "new")] {
        let world = forgetful(&[(".env", "as it was")]);
        let mut file = world.open_existing(&world.path(".env")).unwrap();
        world.overwrite(&mut file, b"new").unwrap();
        world.truncate(&file, 3).unwrap();
        if is_synced {
            world.sync(&file).unwrap();
        }
        world.power_cut();
        assert_eq!(world.text(".env"), text);
    }
    let world = forgetful(&[(".env", "as it was")]);
    let mut file = world.open_existing(&world.path(".env")).unwrap();
    world.doom_at("overwrite", Doom::DeathAmid);
    world.overwrite(&mut file, b"anew").unwrap_err();
    assert_eq!(world.text(".env"), "an it was", "the worst of the two");
}

#[test]
fn a_removed_file_comes_back_until_its_folder_is_synced() {
    for (is_synced, files) in [(false, vec!["a", "b"]), (true, vec!["b"])] {
        let world = forgetful(&[("a", "1"), ("b", "2")]);
        world.remove(&world.path("a")).unwrap();
        if is_synced {
            world.sync_folder(world.base()).unwrap();
        }
        world.power_cut();
        assert_eq!(world.files(), files);
    }
}

#[test]
fn a_folder_goes_with_all_that_was_synced_in_it() {
    for (is_synced, files) in [(false, &[][..]), (true, &["state/note"])] {
        let world = forgetful(&[]);
        let folder = world.path("state");
        world.create_folder(&folder, 0o700).unwrap();
        let mut note = world.create(&folder.join("note"), 0o600).unwrap();
        world.write(&mut note, b"mark").unwrap();
        world.sync(&note).unwrap();
        world.sync_folder(&folder).unwrap();
        if is_synced {
            world.sync_folder(world.base()).unwrap();
        }
        world.power_cut();
        assert_eq!(world.files(), files);
    }
}

#[test]
fn every_death_of_a_forgetful_world_is_a_power_cut() {
    for doom in [Doom::DeathBefore, Doom::DeathAmid] {
        let world = forgetful(&[(".env", "old")]);
        world.doom_at("sync_folder", doom);
        assert!(replace(&world, ".env", "new", 3).is_err() && world.is_dead());
        let text = if doom == Doom::DeathAmid { "new" } else { "old" };
        assert_eq!(world.text(".env"), text, "{doom:?}");
        world.revive();
        replace(&world, ".env", "newer", 3).unwrap();
        world.power_cut();
        assert_eq!(world.text(".env"), "newer");
    }
}

#[test]
fn a_rename_that_fails_leaves_no_second_name() {
    let world = forgetful(&[("a", "1")]);
    world.rename(&world.path("missing"), &world.path("a")).unwrap_err();
    assert_eq!(world.look(&world.path("a")).unwrap().unwrap().links, 1);
}

#[test]
fn other_worlds_forget_nothing() {
    let world = TestWorld::new();
    world.put(".env", "old");
    replace(&world, ".env", "new", 2).unwrap();
    world.power_cut();
    assert!(world.is_dead());
    assert_eq!(world.text(".env"), "new");
}

#[tokio::test(start_paused = true)]
async fn what_a_command_delivered_survives_a_power_cut() {
    let scene = Scene::on(TestWorld::new().forgetful(), |_| {});
    scene.world.put(
        "dns.yaml",
        "version: 1\nname: dns\npermissions: { zone: { DNS: edit } }\nresources: { zones: [example.com] }\n\
         ttl: 30d\nsinks: [{ env_file: .env, variables: { DNS_TOKEN: token } }]\n",
    );
    scene.given("apply dns.yaml").await;
    scene.world.power_cut();
    scene.world.revive();
    assert_eq!(scene.live()[0].held_by, [".env"]);
    scene.given("rotate dns.yaml").await;
    scene.world.power_cut();
    scene.world.revive();
    assert_eq!(scene.live().last().unwrap().held_by, [".env"]);
}
