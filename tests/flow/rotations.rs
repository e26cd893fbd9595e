//! A rotation that is interrupted by its own hooks, and one right after another.

use std::time::Duration;

use crate::profiles::DNS;
use crate::support::Scene;

/// A profile whose hook works once the file `ready` is there, and notes that it ran.
fn with_hook() -> String {
    format!(
        "{DNS}rotation: {{ every: 10d, overlap: 1h }}\n\
         hooks: {{ delivered: [[sh, -c, echo >>ran; test -e ready]], retired: [[sh, -c, echo >>retired]] }}\n"
    )
}

#[tokio::test(start_paused = true)]
async fn a_rotation_whose_hook_failed_is_finished_and_not_started_again() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", with_hook());
    scene.world.put("ready", "");
    scene.given("apply dns.yaml").await;
    let first = scene.only_token().id;
    std::fs::remove_file(scene.world.path("ready")).unwrap();
    tokio::time::advance(Duration::from_secs(60)).await;

    for _ in 0..3 {
        scene.run("rotate dns.yaml").await.ends_with(1).says(&["custody.hook"]);
        assert_eq!(scene.live().len(), 2, "both secrets stay alive, and no third is made");
        assert!(!scene.is_retired(&first));
    }
    scene.world.put("ready", "");
    // Not due by its age; what was left undone is due whenever it is found.
    scene
        .run("rotate dns.yaml --due")
        .await
        .ends_with(0)
        .says(&["Finished the rotation to shop-dns@", "the predecessor, ends"]);
    assert!(scene.is_retired(&first));
    assert_eq!(scene.world.text("retired"), "\n");
    let writes = scene.writes();
    assert_eq!(writes.iter().filter(|write| write.starts_with("POST")).count(), 2 - 1, "{writes:?}");
    scene.run("rotate dns.yaml --due").await.ends_with(0).says(&["not due before"]);
    assert_eq!(scene.world.text("retired"), "\n");
}

#[tokio::test(start_paused = true)]
async fn a_second_rotation_waits_until_the_predecessor_has_ended() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    scene.given("rotate dns.yaml").await;
    scene.run("rotate dns.yaml").await.ends_with(0).says(&[
        "Unchanged",
        "it was already rotated",
        "gets no successor before",
    ]);
    assert_eq!(scene.writes(), [""; 0]);

    tokio::time::advance(Duration::from_secs(3600)).await;
    scene.run("rotate dns.yaml").await.ends_with(0).says(&["Rotated"]);
    assert_eq!(scene.live().len(), 2);

    // A sink that lost the secret cannot wait.
    std::fs::remove_file(scene.world.path(".env")).unwrap();
    scene.run("rotate dns.yaml").await.ends_with(0).says(&["Rotated"]);
    assert!(scene.live().iter().any(|token| token.held_by == [".env"]));
}

#[tokio::test(start_paused = true)]
async fn a_predecessor_that_cannot_be_retired_keeps_no_later_rotation_from_renewing() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let old = scene.only_token().id;
    scene.transport.refuse("PUT", &old);
    scene.given("rotate dns.yaml").await.says(&["Rotated", "could not be retired"]);
    let posts = |scene: &Scene| scene.writes().iter().filter(|write| write.starts_with("POST")).count();

    tokio::time::advance(Duration::from_secs(3000)).await;
    scene.run("rotate dns.yaml").await.ends_with(0).says(&["could not be retired"]);
    assert_eq!(posts(&scene), 0, "the rotation before is finished first");
    tokio::time::advance(Duration::from_secs(700)).await;
    scene.run("rotate dns.yaml --due").await.ends_with(0);
    assert_eq!(posts(&scene), 0, "it is not due");
    scene.run("rotate dns.yaml").await.ends_with(0).says(&["Rotated", "could not be retired"]);
    assert_eq!(posts(&scene), 1);
    assert!(!scene.is_retired(&old));
    assert!(scene.live().iter().any(|token| token.held_by == [".env"]));
}
