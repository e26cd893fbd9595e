//! Two runs of one profile at once: never a lost secret, never both successors dead, and what remains is named.

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

#[tokio::test(start_paused = true)]
async fn two_rotations_with_two_state_folders_leave_a_secret_that_works_and_name_the_rest() {
    let scene = scene().await;
    let (one, other) = tokio::join!(
        scene.run("rotate dns.yaml --state-dir .one"),
        scene.run("rotate dns.yaml --state-dir .two")
    );
    let in_force = in_force(&scene);
    let held = in_force.iter().filter(|token| token.held_by == [".env"]).count();
    assert_eq!(held, 1, "{in_force:?}\n{one:?}\n{other:?}");
    // Neither killed the other's successor: it did not know of it.
    assert!((1..=2).contains(&in_force.len()), "{in_force:?}");
    let plan = scene.run("plan dns.yaml").await;
    for token in in_force.iter().filter(|token| token.held_by.is_empty()) {
        assert!(plan.out.contains(&token.name), "{} is not named: {}", token.name, plan.out);
    }
}

#[tokio::test(start_paused = true)]
async fn two_first_applies_with_two_state_folders_leave_a_secret_that_works_and_name_the_rest() {
    let scene = Scene::slow(Duration::from_millis(200));
    scene.world.put("dns.yaml", DNS);
    tokio::join!(scene.run("apply dns.yaml --state-dir .one"), scene.run("apply dns.yaml --state-dir .two"));
    let in_force = in_force(&scene);
    assert_eq!(in_force.iter().filter(|token| token.held_by == [".env"]).count(), 1, "{in_force:?}");
    let plan = scene.run("plan dns.yaml").await;
    for token in in_force.iter().filter(|token| token.held_by.is_empty()) {
        assert!(plan.out.contains(&token.name), "{} is not named: {}", token.name, plan.out);
    }
}
