//! What somebody else puts into a sink while a run is at work is never lost: nobody has asked who owns it.

use std::sync::Arc;

use cfmint::secret::Secret;

use crate::keeping::others;
use crate::profiles::DNS;
use crate::support::Scene;

const PASTED: &str = "CLOUDFLARE_API_TOKEN=cfut_EMULATORpasted-meanwhile\n";

/// Lets somebody paste a value into `.env` just before the first effect whose name begins so.
fn paste_before(scene: &Scene, effect: &str) {
    let path = scene.world.path(".env");
    let mut is_pasted = false;
    scene.world.hook(effect, move || {
        if !std::mem::replace(&mut is_pasted, true) {
            std::fs::write(&path, PASTED)?;
        }
        Ok(())
    });
}

#[tokio::test(start_paused = true)]
async fn a_value_pasted_before_a_secret_is_made_stays_and_no_secret_dies() {
    for command in ["apply dns.yaml", "roll dns.yaml", "rotate dns.yaml"] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        if command != "apply dns.yaml" {
            scene.given("apply dns.yaml").await;
        }
        let before = scene.secrets();
        // The last effect of the proof that comes after the look.
        paste_before(&scene, "remove .env.cfmint-");
        scene
            .run(command)
            .await
            .ends_with(1)
            .says(&["CLOUDFLARE_API_TOKEN in .env was changed by somebody else"]);
        assert_eq!(scene.world.text(".env"), PASTED, "{command}");
        let made_and_gone = ["POST /user/tokens", "DELETE /user/tokens/ID"];
        assert_eq!(
            scene.writes(),
            made_and_gone,
            "{command}: no roll is sent whose secret could not be delivered"
        );
        for secret in before {
            assert!(scene.emulator.token_of(&Secret::new(secret)).is_some(), "{command}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_pasted_while_a_token_is_made_stays_and_the_token_goes() {
    for command in ["apply dns.yaml", "rotate dns.yaml"] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        if command == "rotate dns.yaml" {
            scene.given("apply dns.yaml").await;
        }
        let before = scene.tokens().len();
        paste_before(&scene, "POST /user/tokens");
        scene.run(command).await.ends_with(1).says(&["custody.undelivered", "the token was deleted again"]);
        assert_eq!(scene.world.text(".env"), PASTED, "{command}");
        assert_eq!(scene.tokens().len(), before, "{command}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_pasted_while_a_token_is_rolled_stays_and_the_next_run_says_who_owns_it() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let (id, secret) = scene.foreign(others());
    let path = scene.world.path(".env");
    let pasted = format!("CLOUDFLARE_API_TOKEN={secret}\n");
    let text = pasted.clone();
    scene.world.hook("PUT /user/tokens", move || std::fs::write(&path, &text));
    scene.run("roll dns.yaml").await.ends_with(1).says(&["custody.undelivered", "was rolled"]);
    assert_eq!(scene.world.text(".env"), pasted);

    scene.world.unhook();
    scene.run("apply dns.yaml").await.ends_with(1).says(&["custody.foreign-token", &id]);
    assert_eq!(scene.world.text(".env"), pasted);
    scene.run("roll dns.yaml --replace").await.ends_with(0);
    scene.run("plan dns.yaml --exit-code").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn a_value_pasted_while_a_token_is_deleted_is_not_taken_away_with_it() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    paste_before(&scene, "DELETE /user/tokens");
    scene.run("revoke dns.yaml --yes").await.ends_with(0).says(&["Revoked"]).says_nothing_of("Removed");
    assert_eq!(scene.world.text(".env"), PASTED);
}

#[tokio::test(start_paused = true)]
async fn other_lines_that_an_editor_writes_meanwhile_are_kept_beside_the_secret() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    let path = Arc::new(scene.world.path(".env"));
    scene.world.hook("POST /user/tokens", move || std::fs::write(&*path, "PORT=8080\n"));
    scene.run("apply dns.yaml").await.ends_with(0);
    assert!(scene.world.text(".env").starts_with("PORT=8080\nCLOUDFLARE_API_TOKEN=cfut_EMULATOR"));
    assert_eq!(scene.writes(), ["POST /user/tokens", "PUT /user/tokens/ID"]);
    assert_eq!(scene.live()[0].held_by, [".env"]);
}
