//! Keys of a JSON file as a sink: the same care as for an env file.

use std::os::unix::fs::PermissionsExt;

use cfmint::profile::SinkValue;
use cfmint::sink::{FileSink, Reached, Sink};

use super::{Scene, TestWorld, code, failure, file_spec, found};

const TOKEN: &str = "cfut_FAKE-secret";
const MINE: &str =
    "{\n  // mine\n  \"name\": \"shop\",\n  \"cloudflare\": {\n    \"token\": \"FAKE-old\"\n  }\n}\n";

fn sink(scene: &Scene) -> FileSink {
    let variables = [("cloudflare.token", SinkValue::Token), ("cloudflare.account", SinkValue::AccountId)];
    let state = scene.world.path(".cfmint");
    let spec = file_spec("secrets.json", &variables, None);
    FileSink::json_file(&scene.world, &scene.root, Some(&state), &spec).unwrap()
}

#[test]
fn a_key_is_written_and_everything_else_stays_and_comes_back() {
    let scene = Scene::new(TestWorld::new());
    scene.world.put("secrets.json", MINE);
    let sink = sink(&scene);
    assert_eq!((sink.record().kind, found(&scene.read(&sink))), ("json_file", vec!["FAKE-old".to_owned()]));
    scene.prove(&sink).unwrap();
    assert_eq!(scene.world.text("secrets.json"), MINE);
    let written = scene.write(&sink, TOKEN).unwrap();
    let after = MINE.replace(
        "\"FAKE-old\"\n",
        "\"cfut_FAKE-secret\",\n    \"account\": \"fedcba9876543210fedcba9876543210\"\n",
    );
    assert_eq!(scene.world.text("secrets.json"), after);
    let mode = std::fs::metadata(scene.world.path("secrets.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    sink.restore(&scene.world, &scene.stage(), &written).unwrap();
    assert_eq!(scene.world.text("secrets.json"), MINE);
}

#[test]
fn a_file_that_was_made_goes_again_and_one_that_stays_loses_the_dead_value_only() {
    let scene = Scene::new(TestWorld::new());
    let sink = sink(&scene);
    let written = scene.write(&sink, TOKEN).unwrap();
    assert!(scene.world.text("secrets.json").contains(TOKEN));
    sink.restore(&scene.world, &scene.stage(), &written).unwrap();
    assert!(!scene.world.path("secrets.json").exists());

    scene.world.put("secrets.json", MINE);
    scene.write(&sink, TOKEN).unwrap();
    let seen = scene.read(&sink);
    assert_eq!(sink.clear(&scene.world, &scene.stage(), &seen).unwrap(), ["cloudflare.token"]);
    let left = scene.world.text("secrets.json");
    assert!(!left.contains("token") && left.contains("account") && left.contains("// mine"), "{left}");
}

#[test]
fn what_somebody_else_put_there_meanwhile_is_theirs() {
    let scene = Scene::new(TestWorld::new());
    scene.world.put("secrets.json", MINE);
    let sink = sink(&scene);
    let seen = scene.read(&sink);
    scene.world.put("secrets.json", MINE.replace("FAKE-old", "FAKE-theirs"));
    assert_eq!(failure(scene.write_after(&sink, TOKEN, &seen)), ("sink.changed", Reached::No));
    let written = scene.write(&sink, TOKEN).unwrap();
    scene.world.put("secrets.json", scene.world.text("secrets.json").replace("shop", "other"));
    sink.restore(&scene.world, &scene.stage(), &written).unwrap();
    assert_eq!(
        scene.world.text("secrets.json"),
        MINE.replace("FAKE-old", "FAKE-theirs").replace("shop", "other")
    );
}

#[test]
fn a_file_that_is_no_json_is_refused_before_anything_is_done() {
    let scene = Scene::new(TestWorld::new());
    for text in ["FAKE-held", "[]", "{\"cloudflare\": \"FAKE-held\"}", "{\"cloudflare\": {\"token\": 12}}"] {
        scene.world.put("secrets.json", text);
        let problem = scene.prove(&sink(&scene)).err().unwrap();
        assert!(!problem.to_string().contains("FAKE"), "{problem}");
        assert_eq!(problem.code().text(), "sink.unreadable", "{text}");
        assert_eq!(code(sink(&scene).read(&scene.world)), "sink.unreadable", "{text}");
        assert_eq!(scene.world.text("secrets.json"), text);
    }
}
