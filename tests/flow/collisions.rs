//! Two runs of one profile at once: never a lost secret, never both successors dead, and the next run heals.

use std::time::Duration;

use crate::profiles::DNS;
use crate::support::{LiveToken, Scene};

/// Where each round trip takes a while, so that two runs meet at every step.
async fn scene() -> Scene {
    let scene = Scene::slow(Duration::from_millis(200));
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    scene
}

/// The tokens that do not end with their overlap.
fn in_force(scene: &Scene) -> Vec<LiveToken> {
    scene.live().into_iter().filter(|token| !scene.is_retired(&token.id)).collect()
}

#[tokio::test(start_paused = true)]
async fn two_rotations_at_once_on_one_machine_wait_for_each_other() {
    let scene = scene().await;
    let (one, other) = tokio::join!(scene.run("rotate dns.yaml"), scene.run("rotate dns.yaml"));
    assert_eq!((one.code, other.code), (0, 0), "{one:?}\n{other:?}");
    let in_force = in_force(&scene);
    assert_eq!(in_force.len(), 1, "{in_force:?}");
    assert_eq!(in_force[0].held_by, [".env"]);
    scene.run("plan dns.yaml --exit-code").await.ends_with(0);
}

/// What must hold whatever two runs did to each other: once both are over, what the file holds works, and the next run
/// leaves one token in force, in the file.
async fn heals(scene: &Scene, said: &str) {
    let held = || scene.live().into_iter().filter(|token| token.held_by == [".env"]).collect::<Vec<_>>();
    assert_eq!(held().len(), 1, "{said}");
    assert!(!scene.is_retired(&held()[0].id), "{said}");
    tokio::time::advance(Duration::from_secs(16 * 60)).await;
    scene.given("apply dns.yaml --state-dir .one").await;
    assert_eq!(held().len(), 1, "{said}");
    let is_in_force = |token: &LiveToken| !token.name.contains('+');
    let in_force: Vec<LiveToken> = scene.live().into_iter().filter(is_in_force).collect();
    assert_eq!(in_force, held(), "{said}");
    scene.run("plan dns.yaml --exit-code --state-dir .one").await.ends_with(0);
    scene.run("plan dns.yaml --exit-code --state-dir .two").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn two_rotations_with_two_state_folders_leave_a_secret_that_works_and_the_next_run_heals() {
    for apart in [0, 100, 300, 500, 700] {
        let scene = scene().await;
        let (one, other) = tokio::join!(scene.run("rotate dns.yaml --state-dir .one"), async {
            tokio::time::sleep(Duration::from_millis(apart)).await;
            scene.run("rotate dns.yaml --state-dir .two").await
        });
        // The last begins when the first has put its token in force.
        assert!(apart == 700 || one.code == 1 || other.code == 1, "neither knows of the other: {one:?}\n{other:?}");
        heals(&scene, &format!("{apart}: {one:?}\n{other:?}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn two_first_applies_with_two_state_folders_leave_a_secret_that_works_and_the_next_run_heals() {
    for apart in [0, 100, 300, 500, 700] {
        let scene = Scene::slow(Duration::from_millis(200));
        scene.world.put("dns.yaml", DNS);
        let (one, other) = tokio::join!(scene.run("apply dns.yaml --state-dir .one"), async {
            tokio::time::sleep(Duration::from_millis(apart)).await;
            scene.run("apply dns.yaml --state-dir .two").await
        });
        heals(&scene, &format!("{apart}: {one:?}\n{other:?}")).await;
    }
}
