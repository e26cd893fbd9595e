//! How deep commands are, in round trips one after the other, and how many requests they make: exact, so that a request
//! that joins is seen, and one that waits without need.

use std::time::Duration;

use tokio::time::Instant;

use crate::profiles::SHOP;
use crate::support::Scene;

/// A command, the commands before it, how deep it is, and how many requests it makes.
const COMMANDS: [(&str, &[&str], u64, usize); 18] = [
    ("check shop.yaml", &[], 0, 0),
    ("plan shop.yaml", &[], 1, 5),
    ("apply shop.yaml", &[], 4, 9),
    ("apply shop.yaml --dry-run", &["apply shop.yaml"], 1, 6),
    ("apply shop.yaml", &["apply shop.yaml"], 1, 6),
    ("roll shop.yaml", &["apply shop.yaml"], 6, 12),
    ("rotate shop.yaml", &["apply shop.yaml"], 5, 11),
    ("rotate shop.yaml --due", &["apply shop.yaml"], 1, 6),
    ("revoke shop.yaml --yes", &["apply shop.yaml"], 2, 4),
    ("prune shop.yaml --older-than 0s --yes", &["apply shop.yaml"], 3, 4),
    ("recover shop.yaml", &["apply shop.yaml"], 1, 6),
    ("recover", &["apply shop.yaml"], 1, 1),
    ("list", &["apply shop.yaml"], 1, 3),
    ("audit shop.yaml", &["apply shop.yaml"], 1, 6),
    ("import ID", &["apply shop.yaml"], 2, 5),
    ("resources", &[], 2, 7),
    ("permissions DNS", &[], 0, 0),
    ("exec shop.yaml -- true", &[], 4, 8),
];

#[tokio::test(start_paused = true)]
async fn every_command_is_as_deep_and_asks_as_often_as_it_must() {
    let mut wrong = Vec::new();
    for (line, given, depth, requests) in COMMANDS {
        let scene = Scene::slow(Duration::from_secs(1));
        scene.world.put("shop.yaml", SHOP);
        for line in given {
            scene.given(line).await;
        }
        let id = scene.tokens().first().map(|token| token.id.clone()).unwrap_or_default();
        let start = Instant::now();
        let before = scene.world.effects().len();
        let ran = scene.run(&line.replace(" ID", &format!(" {id}"))).await;
        assert!([0, 3].contains(&ran.code), "{line}\n{ran:?}");
        let noted = scene.world.effects().split_off(before);
        let is_request = |effect: &&String| {
            ["GET ", "POST ", "PUT ", "DELETE "].iter().any(|method| effect.starts_with(method))
        };
        let (deep, made) = (start.elapsed().as_secs(), noted.iter().filter(is_request).count());
        if (deep, made) != (depth, requests) {
            wrong.push(format!("(\"{line}\", {given:?}, {deep}, {made}),"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
