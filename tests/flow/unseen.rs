//! Ids that lead to nothing that the bootstrap sees: said with their line before anything is written, and no error, since
//! a bootstrap need not see what it may give away.

use cfmint::emulator::world::{ACCOUNT_ID, NARROW_BOOTSTRAP, ZONE_COM_ID};

use crate::profiles::dns_but;
use crate::support::{Scene, TestWorld};

const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";

fn of_zone(id: &str) -> String {
    dns_but("[example.com]", &format!("[{id}]"))
}

fn of_account(id: &str) -> String {
    dns_but("zones: [example.com]", &format!("accounts: [{id}], zones: all"))
}

#[tokio::test(start_paused = true)]
async fn an_id_that_leads_nowhere_is_named_with_its_line_before_any_write() {
    for (profile, code, words) in [
        (of_zone(UNKNOWN), "profile.unknown-zone", "no zone with the id"),
        (of_account(UNKNOWN), "profile.unknown-account", "no account with the id"),
    ] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", profile);
        let words = format!("{words} `{UNKNOWN}` is among those that this bootstrap sees");
        let warning = format!("warning[{code}]: {words}");
        scene.run("plan dns.yaml").await.ends_with(0).says(&[&warning, "dns.yaml:5:"]);
        assert_eq!(scene.writes(), [""; 0]);
        scene.run("apply dns.yaml").await.says(&[&warning, "dns.yaml:5:"]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_that_the_bootstrap_sees_is_nothing_to_speak_of() {
    for profile in [of_zone(ZONE_COM_ID), of_account(ACCOUNT_ID)] {
        let scene = Scene::new();
        scene.world.put("dns.yaml", profile);
        scene.run("plan dns.yaml").await.ends_with(0).says_nothing_of("profile.unknown");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bootstrap_that_sees_nothing_is_taken_at_the_profiles_word() {
    for profile in [of_zone(UNKNOWN), of_account(UNKNOWN)] {
        let world = TestWorld::new().with_variable("CLOUDFLARE_BOOTSTRAP_TOKEN", NARROW_BOOTSTRAP);
        let scene = Scene::on(world, |_| {});
        scene.world.put("dns.yaml", profile);
        scene.run("plan dns.yaml").await.ends_with(0).says_nothing_of("profile.unknown");
    }
}
