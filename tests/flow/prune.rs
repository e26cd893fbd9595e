//! Prune: only what meets every rule goes, only its own variables go with it, and never the bootstrap.

use std::time::Duration;

use cfmint::cloudflare::wire::{Token, TokenWrite};
use cfmint::emulator::world::{
    ACCOUNT_BOOTSTRAP, ACCOUNT_ID, BOOTSTRAP_ID, LEGACY_EMAIL, LEGACY_KEY, ZONE_COM_ID,
};
use cfmint::emulator::{DateHeader, EmulatorOwner, VerifyAnswer};
use cfmint::world::{Interrupt, World as _};
use chrono::TimeDelta;
use serde_json::json;
use tokio::time::{Instant, advance};

use crate::profiles::DNS_WRITE;
use crate::support::{Doom, Mishap, Scene, Seen, TestWorld};

/// A named environment and a pattern, each with its own env file.
const SHOP: &str = "
version: 1
name: shop-${environment}
permissions: { zone: { DNS: edit } }
resources: { zones: [example.com] }
ttl: 90d
sinks:
  - env_file: .env.${environment}
    variables: { SHOP_TOKEN: token, SHOP_ID: token_id, SHOP_ZONE: zone_id }
environments: { dev: {}, \"pr-*\": {} }
";

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A scene with a token for each of these environments.
async fn shop(environments: &str) -> Scene {
    on(TestWorld::new(), environments).await
}

async fn on(world: TestWorld, environments: &str) -> Scene {
    let scene = Scene::on(world, |_| {});
    scene.world.put("shop.yaml", SHOP);
    let chosen = environments.replace(' ', " -e ");
    scene.given(&format!("apply shop.yaml -e {chosen}")).await;
    scene
}

/// The names of the tokens that are there, without their marks.
fn names(scene: &Scene) -> Vec<String> {
    let name = |token: Token| token.name.split('@').next().unwrap().to_owned();
    scene.tokens().into_iter().map(name).collect()
}

/// A token of this name that another tool made.
fn other(name: &str) -> TokenWrite {
    let resource = format!("com.cloudflare.api.account.zone.{ZONE_COM_ID}");
    let policy = json!({ "effect": "allow", "resources": { resource: "*" }, "permission_groups": [{ "id": DNS_WRITE }] });
    serde_json::from_value(json!({ "name": name, "policies": [policy] })).unwrap()
}

/// The requests so far to this endpoint.
fn requests(scene: &Scene, name: &str) -> usize {
    scene.story().iter().filter(|effect| **effect == name).count()
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_writes_nothing_and_does_not_make_a_token_look_used() {
    let scene = shop("dev pr-1").await;
    advance(40 * DAY).await;
    for _ in 0..2 {
        scene.run("prune shop.yaml --unused-for 30d --older-than 30d").await.ends_with(0).says(&[
            "shop-dev@",
            "shop-pr-1@",
            "older than 30d, unused for 40d",
            ".env.pr-1",
            "--yes",
        ]);
    }
    assert_eq!(scene.writes(), [""; 0]);
    assert!(!scene.story().iter().any(|effect| effect.starts_with("create")), "{:?}", scene.story());

    scene.run("prune shop.yaml --unused-for 30d --yes").await.ends_with(0);
    assert_eq!(names(&scene), [""; 0]);
    assert_eq!(scene.world.text(".env.pr-1"), format!("SHOP_ZONE={ZONE_COM_ID}\n"));
}

#[tokio::test(start_paused = true)]
async fn a_machine_whose_clock_is_ahead_takes_nothing_for_old() {
    let scene = Scene::with(|settings| {
        let clock = std::sync::Arc::clone(&settings.clock);
        settings.clock = std::sync::Arc::new(move || clock() - TimeDelta::hours(23));
    });
    scene.world.put("shop.yaml", SHOP.replace("90d", "never"));
    scene.given("apply shop.yaml -e dev").await;
    scene.run("prune --older-than 1h --yes").await.ends_with(0).says(&["Kept"]);
    assert_eq!(names(&scene), ["shop-dev"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_deleted_for_its_age_while_two_clocks_are_more_than_a_day_apart() {
    for days in [-365, -2, 2, 365] {
        let scene = shop("dev").await;
        scene.emulator.switch(|switches| switches.date = DateHeader::DaysOff(days));
        for rule in ["--older-than 0s", "--unused-for 0s", "--expired"] {
            let ran = scene.run(&format!("prune {rule} --yes")).await;
            assert_eq!(names(&scene), ["shop-dev"], "{days}: {rule}");
            ran.ends_with(1).says(&["custody.clocks-apart", "2027-01-15", "Cloudflare says it is"]);
        }
        assert_eq!(scene.writes(), [""; 0], "{days}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_misses_one_rule_stays() {
    let scene = shop("dev pr-1 pr-2 pr-3").await;
    advance(20 * DAY).await;
    let now = scene.world.now();
    let change = |name: &str, change: &dyn Fn(&mut Token)| {
        let token = scene.tokens().into_iter().find(|token| token.name.starts_with(name)).unwrap();
        assert!(scene.emulator.change_token(&token.id, change));
    };
    change("shop-pr-2@", &|token| token.last_used_on = Some(now - TimeDelta::days(1)));
    change("shop-pr-3@", &|token| token.issued_on = Some(now - TimeDelta::days(1)));
    change("shop-dev@", &|token| token.expires_on = Some(now));
    scene.run("prune shop.yaml --environments pr-* --older-than 7d --unused-for 7d --yes").await.ends_with(0);
    assert_eq!(names(&scene), ["shop-dev", "shop-pr-2", "shop-pr-3"]);

    // One of its pattern's environments is not all of them, even the one that stands for them elsewhere.
    scene.given("apply shop.yaml -e pr-1").await;
    scene.run("prune shop.yaml -e pr-1 --older-than 0s --yes").await.ends_with(0);
    scene.run("prune shop.yaml --expired --yes").await.ends_with(0);
    assert_eq!(names(&scene), ["shop-pr-2", "shop-pr-3"]);
    scene.run("prune shop.yaml --all-envs --older-than 0s --yes").await.ends_with(0).says(&["Kept"]);
}

#[tokio::test(start_paused = true)]
async fn an_env_file_loses_a_variable_only_where_the_value_is_that_tokens() {
    let scene = shop("pr-1 pr-2 pr-3 pr-4 pr-5").await;
    let (_, foreign) = scene.foreign(other("billing"));
    let held = [
        (".env.pr-2", format!("SHOP_TOKEN={foreign}\nSHOP_ID=mine\n")),
        (".env.pr-3", "SHOP_TOKEN=changeme\nSHOP_ID=mine\n".to_owned()),
    ];
    for (file, text) in &held {
        scene.world.put(file, text);
    }
    // What is dead by Cloudflare's word goes, whosesoever it was.
    scene.world.put(".env.pr-4", "SHOP_TOKEN=cfut_EMULATORdeadvaluewithenoughcharactersinit\n");
    advance(Duration::from_secs(300)).await;
    // Somebody stores another value while the run is at work.
    let late = scene.world.path(".env.pr-5");
    scene.world.hook("DELETE", move || std::fs::write(&late, "SHOP_TOKEN=somebodys\n"));
    scene
        .run("prune shop.yaml --environments pr-* --yes")
        .await
        .ends_with(0)
        .says(&["Removed SHOP_TOKEN, SHOP_ID from .env.pr-1", "Removed SHOP_TOKEN from .env.pr-4"])
        .says_nothing_of("from .env.pr-3");
    assert_eq!(names(&scene), ["billing"]);
    assert_eq!(scene.world.text(".env.pr-1"), format!("SHOP_ZONE={ZONE_COM_ID}\n"));
    for (file, text) in &held {
        assert_eq!(scene.world.text(file), *text, "{file}");
    }
    assert_eq!(scene.world.text(".env.pr-4"), "");
    assert_eq!(scene.world.text(".env.pr-5"), "SHOP_TOKEN=somebodys\n");
}

#[tokio::test(start_paused = true)]
async fn a_value_that_may_be_a_silent_token_s_of_somebody_is_not_taken_out() {
    for command in ["prune shop.yaml --older-than 0s --yes", "revoke shop.yaml -e dev --yes"] {
        let scene = shop("dev").await;
        scene.emulator.switch(|switches| switches.disabled_verify = VerifyAnswer::Invalid);
        let (id, secret) = scene.foreign(other("billing"));
        assert!(scene.emulator.change_token(&id, |token| token.status = "disabled".to_owned()));
        advance(Duration::from_secs(300)).await;
        let text = format!("SHOP_TOKEN={secret}\n");
        scene.world.put(".env.dev", &text);
        scene.run(command).await.ends_with(0);
        assert_eq!(scene.world.text(".env.dev"), text, "{command}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sink_goes_with_the_last_of_the_generations_it_holds() {
    let scene = Scene::new();
    let two = "variables: { SHOP_TOKEN: token, SHOP_OLD: token, SHOP_ZONE: zone_id }";
    let one = "variables: { SHOP_TOKEN: token, SHOP_ID: token_id, SHOP_ZONE: zone_id }";
    scene.world.put("shop.yaml", SHOP.replace(one, two));
    scene.given("apply shop.yaml -e dev").await;
    let old = scene.value(".env.dev", "SHOP_OLD").unwrap();
    scene.given("rotate shop.yaml -e dev").await;
    let new = scene.value(".env.dev", "SHOP_TOKEN").unwrap();
    scene.world.put(".env.dev", format!("SHOP_TOKEN={new}\nSHOP_OLD={old}\n"));
    scene.run("prune shop.yaml --older-than 0s --yes").await.ends_with(0);
    assert_eq!(names(&scene), [""; 0]);
    assert_eq!(scene.world.text(".env.dev"), "");
}

#[tokio::test(start_paused = true)]
async fn the_bootstrap_never_goes_and_nothing_does_while_it_cannot_say_who_it_is() {
    let scene = shop("pr-1").await;
    assert!(scene.emulator.change_token(BOOTSTRAP_ID, |token| token.name = "shop-pr-9@a0000000".to_owned()));
    scene.transport.fail_all("GET /user/tokens/verify", Mishap::before(Seen::Lost));
    scene.run("prune shop.yaml --older-than 0s --yes").await.ends_with(1).says(&["cloudflare.no-answer"]);
    scene.transport.clear();
    scene.transport.fail_all("GET /user/tokens/verify", Mishap::before(Seen::Error(403)));
    scene.run("prune shop.yaml --older-than 0s --yes").await.ends_with(1).says(&["cloudflare.refused"]);
    scene.transport.clear();
    assert_eq!(scene.writes(), [""; 0]);

    let ran = scene.run("prune --older-than 0s --yes --json").await.ends_with(0);
    let actions: Vec<_> =
        ran.json()["results"].as_array().unwrap().iter().map(|row| row["action"].clone()).collect();
    assert_eq!(actions, ["skipped", "revoked"]);
    assert_eq!(names(&scene), [""; 0]);
    scene.given("apply shop.yaml -e dev").await;
}

#[tokio::test(start_paused = true)]
async fn a_global_key_is_no_token_to_ask_about() {
    let world = TestWorld::new()
        .with_variable("CLOUDFLARE_EMAIL", LEGACY_EMAIL)
        .with_variable("CLOUDFLARE_API_KEY", LEGACY_KEY);
    let scene = on(world, "pr-1").await;
    scene.world.forget_effects();
    scene.run("prune --older-than 0s --yes").await.ends_with(0);
    assert_eq!(names(&scene), [""; 0]);
    assert_eq!(requests(&scene, "GET /user/tokens/verify"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_delete_whose_answer_is_lost_is_done() {
    let scene = shop("pr-1").await;
    scene.transport.fail("DELETE", Mishap::after(Seen::Lost));
    scene.run("prune shop.yaml --older-than 0s --yes").await.ends_with(0).says(&["Revoked shop-pr-1@"]);
    assert_eq!(names(&scene), [""; 0]);
    assert_eq!(scene.value(".env.pr-1", "SHOP_TOKEN"), None);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_dies_amid_a_delete_is_finished_by_the_next() {
    let recorded = shop("pr-1 pr-2").await;
    let effects = recorded.given_noted("prune shop.yaml --older-than 0s --yes").await;
    let delete = effects.iter().position(|effect| effect.starts_with("DELETE")).unwrap();

    let scene = shop("pr-1 pr-2").await;
    scene.world.doom(delete + 1, Doom::DeathAmid);
    scene.run("prune shop.yaml --older-than 0s --yes").await;
    assert!(scene.world.is_dead());
    scene.world.revive();
    assert_eq!(names(&scene).len(), 1);
    scene.run("prune shop.yaml --older-than 0s --yes").await.ends_with(0);
    assert_eq!(names(&scene), [""; 0]);
    // Of the one that was gone already only its dead secret is left.
    for environment in ["pr-1", "pr-2"] {
        scene.run(&format!("revoke shop.yaml -e {environment} --yes")).await.ends_with(0);
        assert_eq!(scene.world.text(&format!(".env.{environment}")), format!("SHOP_ZONE={ZONE_COM_ID}\n"));
    }
}

#[tokio::test(start_paused = true)]
async fn more_than_the_most_is_refused_whole() {
    let scene = shop("pr-1 pr-2 pr-3").await;
    scene.run("prune --older-than 0s --max 2 --yes").await.ends_with(1).says(&[
        "custody.too-many",
        "--max 3",
        "shop-pr-3@",
    ]);
    assert_eq!(scene.writes(), [""; 0]);
    scene.run("prune --older-than 0s --max 3 --yes").await.ends_with(0);
    assert_eq!(names(&scene), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn tokens_without_a_mark_go_by_name_alone_and_one_that_cannot_go_stops_no_other() {
    let scene = shop("dev").await;
    let (managed, _) = scene.foreign(other("legacy-tagging"));
    assert!(scene.emulator.mark_managed(&managed));
    scene.foreign(other("legacy-deploy"));
    scene.foreign(other("billing"));
    let ran = scene.run("prune --unmanaged --name legacy-* --older-than 0s --yes").await.ends_with(4);
    ran.says(&["Failed legacy-tagging", "1001", "Revoked legacy-deploy"]);
    assert_eq!(names(&scene), ["shop-dev", "legacy-tagging", "billing"]);
}

#[tokio::test(start_paused = true)]
async fn each_profile_is_pruned_at_its_own_owner() {
    let scene = shop("dev").await;
    let owned = SHOP.replace("name: shop-", "name: team-").replace(".env.", ".env.team.");
    scene.world.put("team.yaml", format!("{owned}owner: {{ account: Emulator Account }}\n"));
    scene.given("apply team.yaml -e dev -e pr-1").await;
    // A name of the profile's at another owner is not the profile's.
    let _ = scene.emulator.add_token(EmulatorOwner::User, other("team-dev@a0000000"));

    scene
        .run("prune shop.yaml team.yaml --older-than 0s --yes --account Emulator\u{a0}Account")
        .await
        .ends_with(2);
    scene
        .run_with(&[
            "prune",
            "shop.yaml",
            "team.yaml",
            "--older-than",
            "0s",
            "--yes",
            "--account",
            "Emulator Account",
        ])
        .await
        .ends_with(0);
    assert_eq!(names(&scene), ["shop-dev", "team-dev"]);
    assert_eq!(scene.value(".env.team.pr-1", "SHOP_TOKEN"), None);

    scene.given("apply team.yaml -e pr-1").await;
    scene.run("prune shop.yaml team.yaml --older-than 0s").await.ends_with(0).says(&[
        "OWNER",
        "account Emulator Account",
        "your user",
    ]);
    scene.run(&format!("prune --older-than 0s --account {ACCOUNT_ID} --yes")).await.ends_with(0);
    assert_eq!(names(&scene), ["shop-dev", "team-dev"]);
    // No profile was given, so no env file was looked for.
    assert!(scene.value(".env.team.pr-1", "SHOP_TOKEN").is_some());
}

#[tokio::test(start_paused = true)]
async fn an_accounts_own_bootstrap_is_told_to_name_the_account_and_spares_itself() {
    let world = TestWorld::new().with_variable("CLOUDFLARE_BOOTSTRAP_TOKEN", ACCOUNT_BOOTSTRAP);
    let scene = Scene::on(world, |_| {});
    scene.world.put(
        "team.yaml",
        format!("{SHOP}owner: {{ account: {ACCOUNT_ID} }}\n").replace("example.com", ZONE_COM_ID),
    );
    scene.given("apply team.yaml -e dev").await;
    scene.run("prune --older-than 0s").await.ends_with(1).says(&["bootstrap.account-owned", "--account"]);
    scene
        .run(&format!("prune --unmanaged --name * --older-than 0s --account {ACCOUNT_ID} --yes"))
        .await
        .ends_with(0)
        .says(&["is kept: it is the bootstrap itself", "Kept"]);
    scene.run("prune team.yaml --older-than 0s --yes").await.ends_with(0);
    assert_eq!(names(&scene), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_person_sees_the_table_first_and_what_changes_before_the_answer_counts_stays() {
    let scene = on(TestWorld::new().with_answers(&["n", "y"]), "pr-1 pr-2").await;
    let json = scene.run("prune shop.yaml --older-than 0s --json").await.ends_with(0).json();
    assert_eq!(json["results"][1]["action"], "revoke", "a program is not asked");
    let no = scene.run("prune shop.yaml --older-than 0s").await.ends_with(1).says(&["nothing was deleted"]);
    assert!(no.out.starts_with("TOKEN"), "{}", no.out);
    assert!(!scene.story().iter().any(|effect| effect.starts_with("lock")), "nothing is locked meanwhile");
    assert_eq!(scene.writes(), [""; 0]);

    let (emulator, now) = (scene.emulator.clone(), scene.world.now());
    let pr_1 = scene.tokens()[0].id.clone();
    scene.world.hook("lock .cfmint/lock", move || {
        assert!(emulator.change_token(&pr_1, |token| token.issued_on = Some(now + TimeDelta::days(1))));
        Ok(())
    });
    scene.run("prune shop.yaml --older-than 0s").await.ends_with(0).says(&["1 no longer meet the rules"]);
    assert_eq!(names(&scene), ["shop-pr-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_signal_stops_between_two_tokens() {
    let scene = shop("pr-1 pr-2 pr-3").await;
    let world = std::sync::Arc::clone(&scene.world);
    scene.world.hook("DELETE", move || {
        world.interrupt(Interrupt::Terminate);
        Ok(())
    });
    let ran = scene.run("prune shop.yaml --older-than 0s --yes --json").await.ends_with(143);
    let rows = ran.json()["results"].as_array().unwrap().clone();
    let actions: Vec<_> = rows.iter().map(|row| row["action"].clone()).collect();
    assert_eq!(actions, ["revoked", "skipped", "skipped"]);
    assert_eq!(names(&scene).len(), 2);
    assert!(scene.try_text(".cfmint/journal").is_none(), "nothing is left open");
}

#[tokio::test(start_paused = true)]
async fn looking_is_two_round_trips_deep_however_many_go() {
    let scene = Scene::slow(Duration::from_secs(1));
    scene.world.put("shop.yaml", SHOP);
    scene.given("apply shop.yaml -e pr-1 -e pr-2 -e pr-3 -e pr-4").await;
    let start = Instant::now();
    scene.run("prune shop.yaml --environments pr-*").await.ends_with(0);
    assert_eq!(start.elapsed(), Duration::from_secs(1), "the list, and the bootstrap beside it");
    scene.world.forget_effects();
    let start = Instant::now();
    scene.run("prune shop.yaml --environments pr-* --yes").await.ends_with(0);
    assert_eq!(start.elapsed(), Duration::from_secs(1 + 1 + 1), "the secrets besides, then the deletes");
    assert_eq!(requests(&scene, "GET /user/tokens"), 1, "one list, and no token by itself");
    assert_eq!(requests(&scene, "GET /user/tokens/ID"), 0);
}
