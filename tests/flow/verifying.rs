//! Whether a delivered secret works: shut out by its own rule, late, or never.

use std::time::Duration;

use cfmint::emulator::{AddressRefusal, VerifyAnswer};
use tokio::time::Instant;

use crate::profiles::{DNS, dns_with};
use crate::support::{Mishap, Scene, Seen};

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
            .says(&["Created", "IP rule does not allow this machine", "confirmed it by its id"])
            .says_nothing_of("Verified");
        let asked = scene.story().into_iter().filter(|effect| effect.starts_with("GET /user/tokens/ID"));
        assert_eq!(asked.count(), 1);
        assert_eq!(scene.writes().last().unwrap(), "PUT /user/tokens/ID", "confirmed, it is put in force");
        assert!(start.elapsed() <= Duration::from_secs(60));

        scene.world.forget_effects();
        scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged", "cannot tell"]);
        assert_eq!(scene.writes(), [""; 0], "what cannot be told is left alone");
        assert_eq!(scene.live()[0].held_by, [".env"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_takes_a_while_to_be_known_is_waited_for() {
    let scene = Scene::with(|settings| settings.propagation = Duration::from_secs(20));
    scene.world.put("dns.yaml", DNS);
    let start = Instant::now();
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Verified the secret works"]);
    assert!((20..60).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    scene.run("roll dns.yaml").await.ends_with(0).says(&["Verified the secret works"]);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_never_known_fails_the_run_and_what_was_there_before_is_put_back() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    tokio::time::advance(Duration::from_secs(300)).await;
    let (old, before) = (scene.only_token(), scene.world.text(".env"));
    let transport = std::sync::Arc::downgrade(&scene.transport);
    scene.world.hook("POST ", move || {
        // Seven times in a minute the new secret is unknown; then the old one is asked whether it still works.
        for _ in 0..7 {
            transport.upgrade().unwrap().fail("GET /user/tokens/verify", Mishap::before(Seen::Unknown));
        }
        Ok(())
    });
    let start = Instant::now();
    let ran = scene.run("rotate dns.yaml").await.ends_with(1);
    ran.says(&["custody.unverified", "the sinks hold again what they held before", "cfmint rotate dns.yaml"]);
    assert_eq!(start.elapsed(), Duration::from_secs(60), "a minute and no longer");
    assert_eq!(scene.world.text(".env"), before);
    let [kept, failed] = <[_; 2]>::try_from(scene.tokens()).unwrap();
    assert_eq!((&kept.id, &kept.name, kept.expires_on), (&old.id, &old.name, old.expires_on));
    assert!(failed.name.starts_with("shop-dns+old@") && scene.is_retired(&failed.id), "{failed:?}");

    scene.world.unhook();
    scene.world.forget_effects();
    scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]);
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
        scene.run("apply dns.yaml").await.ends_with(0).says(&["Updated", "~ active (was: disabled)"]);
        assert_eq!(scene.writes(), ["PUT /user/tokens/ID"]);
        scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]).says_nothing_of("cannot tell");
    }
}
