//! Whether a delivered secret works: shut out by its own rule, late, or never.

use std::time::Duration;

use cfmint::emulator::{AddressRefusal, VerifyAnswer};
use tokio::time::Instant;

use crate::profiles::{DNS, dns_with};
use crate::support::Scene;

#[tokio::test(start_paused = true)]
async fn a_token_whose_own_ip_rule_shuts_this_machine_out_is_confirmed_by_its_id() {
    for refusal in [AddressRefusal::Location, AddressRefusal::Invalid] {
        let scene = Scene::new();
        scene.emulator.switch(|switches| switches.address_refusal = refusal);
        scene.world.put("dns.yaml", dns_with("ip: { allow: [203.0.113.0/24] }"));
        let start = Instant::now();
        scene
            .run("apply dns.yaml")
            .await
            .ends_with(0)
            .says(&["Created", "IP rule shuts this machine out", "confirmed it by its id"])
            .says_nothing_of("Verified");
        assert_eq!(scene.story().last().unwrap(), "GET /user/tokens/ID");
        assert!(start.elapsed() <= Duration::from_secs(60));

        scene.world.forget_effects();
        scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged", "cannot be told"]);
        assert_eq!(scene.writes(), [""; 0], "what cannot be told is left alone");
        assert_eq!(scene.live()[0].held_by, [".env"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_takes_a_while_to_be_known_is_waited_for() {
    let scene = Scene::with(|settings| settings.propagation = Duration::from_secs(20));
    scene.world.put("dns.yaml", DNS);
    let start = Instant::now();
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Verified the stored secret works"]);
    assert!((20..60).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    scene.run("roll dns.yaml").await.ends_with(0).says(&["Verified the stored secret works"]);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_never_known_fails_the_run_stays_in_the_file_and_is_verified_by_the_next_run() {
    let scene = Scene::with(|settings| settings.propagation = Duration::from_secs(90));
    scene.world.put("dns.yaml", DNS);
    let start = Instant::now();
    scene.run("apply dns.yaml").await.ends_with(1).says(&["custody.unverified", "cfmint apply dns.yaml"]);
    assert_eq!(start.elapsed(), Duration::from_secs(60), "a minute and no longer");
    assert_eq!(scene.live()[0].held_by, [".env"]);

    scene.world.forget_effects();
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged", "too young to be known everywhere"]);
    tokio::time::advance(Duration::from_secs(90)).await;
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]).says_nothing_of("cannot be told");
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_token_is_enabled_and_its_secret_is_the_one_in_the_file() {
    for answer in [VerifyAnswer::Status, VerifyAnswer::Invalid] {
        let scene = Scene::new();
        scene.emulator.switch(|switches| switches.disabled_verify = answer);
        scene.world.put("dns.yaml", DNS);
        scene.given("apply dns.yaml").await;
        scene.meddle(|token| token.status = "disabled".to_owned());
        scene.run("apply dns.yaml").await.ends_with(0).says(&["Updated", "~ active (now: disabled)"]);
        assert_eq!(scene.writes(), ["PUT /user/tokens/ID"]);
        scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]).says_nothing_of("cannot be told");
    }
}
