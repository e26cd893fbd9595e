//! Live tokens that a profile takes over: renamed and corrected in one update, their secret the same, and no sink loses
//! what it holds.

use std::os::unix::fs::PermissionsExt as _;

use cfmint::cloudflare::wire::{ApiPolicy, Condition, Token, TokenWrite};
use cfmint::emulator::EmulatorOwner;
use cfmint::emulator::world::{ACCOUNT_ID, BOOTSTRAP_ID, ZONE_COM_ID};
use cfmint::world::World as _;
use chrono::TimeDelta;
use serde_json::json;

use crate::profiles::{DNS, DNS_WRITE, dns_but, dns_with};
use crate::support::{Doom, Mishap, Scene, Seen, is_write};

const UPDATE: [&str; 1] = ["PUT /user/tokens/ID"];

/// A token that another tool made, with all that [`DNS`] asks for and no end.
fn legacy(name: &str) -> TokenWrite {
    let resource = format!("com.cloudflare.api.account.zone.{ZONE_COM_ID}");
    let policy = json!({ "effect": "allow", "resources": { resource: "*" }, "permission_groups": [{ "id": DNS_WRITE }] });
    serde_json::from_value(json!({ "name": name, "policies": [policy] })).unwrap()
}

/// A scene with a token of another tool's, whose secret is in `.env`; its id and the text of `.env`.
fn with_legacy(name: &str) -> (Scene, String, String) {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    let (id, secret) = scene.foreign(legacy(name));
    let text = format!("CLOUDFLARE_API_TOKEN={secret}\n");
    let path = scene.world.put(".env", &text);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    (scene, id, text)
}

fn is_named(scene: &Scene, id: &str, profile: &str) -> bool {
    let tokens = scene.tokens();
    let token = tokens.iter().find(|token| token.id == id).unwrap();
    token.name.strip_prefix(profile).is_some_and(|mark| mark.len() == 9 && mark.starts_with('@'))
}

#[tokio::test(start_paused = true)]
async fn a_token_that_another_tool_made_becomes_the_profile_s_in_one_update() {
    let (scene, id, before) = with_legacy("ci token");
    scene.run("apply dns.yaml").await.ends_with(1).says(&[
        "custody.foreign-token",
        "`ci token`",
        &format!("or take the token over, with the secret it has: cfmint apply dns.yaml --adopt {id}"),
    ]);
    scene.run(&format!("plan dns.yaml --adopt {id} --exit-code")).await.ends_with(3).says(&[
        "update: it is taken over, with the secret it has",
        "~ called shop-dns@… (now: ci token)",
        "(now: never)",
    ]);
    assert_eq!(scene.writes(), [""; 0]);

    let ran = scene.run(&format!("apply dns.yaml --adopt {id} --json")).await.ends_with(0).json();
    assert_eq!(ran["results"][0]["action"], "updated");
    assert_eq!(ran["results"][0]["changes"][0], "~ called shop-dns@… (was: ci token)");
    assert_eq!(ran["results"][0]["notes"], json!([]));
    assert_eq!(scene.writes(), UPDATE);
    assert!(is_named(&scene, &id, "shop-dns"));
    let end = scene.only_token().expires_on.unwrap();
    assert_eq!((end - scene.world.now()).num_days(), 30, "the drift is mended too");
    assert_eq!(scene.world.text(".env"), before, "the secret is the same");
    assert_eq!(scene.live()[0].held_by, [".env"]);

    for again in ["plan dns.yaml --exit-code", "apply dns.yaml", &format!("apply dns.yaml --adopt {id}")] {
        scene.run(again).await.ends_with(0);
    }
    assert_eq!(scene.writes(), UPDATE, "there is nothing left to do");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_renamed_by_hand_comes_back_and_so_does_one_whose_profile_was_renamed() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let id = scene.only_token().id;
    scene.meddle(|token| token.name = "by hand".to_owned());
    scene.run(&format!("apply dns.yaml --adopt {id}")).await.ends_with(0).says(&["Updated shop-dns@"]);
    assert!(is_named(&scene, &id, "shop-dns"));

    scene.world.put("dns.yaml", dns_but("name: shop-dns", "name: shop-zones"));
    scene.run(&format!("apply dns.yaml --adopt {id}")).await.ends_with(0).says(&["(was: shop-dns@"]);
    assert!(is_named(&scene, &id, "shop-zones"));
    assert_eq!(scene.writes(), [UPDATE, UPDATE].concat());
    scene.run("plan dns.yaml --exit-code").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn the_profile_that_import_writes_changes_nothing_but_the_name() {
    let (scene, id, _) = with_legacy("ci token");
    scene.meddle(|token| {
        token.policies.push(ApiPolicy { effect: "deny".to_owned(), id: None, ..token.policies[0].clone() });
        let odd = [("request_country".to_owned(), json!({ "in": ["DE"] }))].into_iter().collect();
        token.condition = Some(Condition { request_ip: None, other: odd });
    });
    let before = scene.only_token();
    scene.given(&format!("import {id} --output mine.yaml")).await;
    let plan = scene.run(&format!("plan mine.yaml --adopt {id} --json")).await.ends_with(0).json();
    assert_eq!(plan["results"][0]["changes"], json!(["~ called ci token@… (now: ci token)"]));
    scene.given(&format!("apply mine.yaml --adopt {id}")).await;
    scene.run("plan mine.yaml --exit-code").await.ends_with(0);

    let after = scene.only_token();
    let gist = |token: &Token| {
        let parts = |policy: &ApiPolicy| (policy.effect.clone(), policy.resources.clone());
        let mut policies: Vec<_> = token.policies.iter().map(parts).collect();
        policies.sort_by(|one, other| one.0.cmp(&other.0));
        (token.id.clone(), policies, token.condition.clone(), token.expires_on)
    };
    assert_eq!(gist(&after), gist(&before));
}

#[tokio::test(start_paused = true)]
async fn a_namesake_is_named_with_the_way_to_take_it_over() {
    let (scene, id, _) = with_legacy("shop-dns");
    scene.world.put(".env", "");
    let way = format!("to take it over in place of a new one: cfmint apply dns.yaml --adopt {id}");
    scene.run("plan dns.yaml").await.ends_with(0).says(&["create: no live token has this name", &way]);
}

#[tokio::test(start_paused = true)]
async fn it_is_one_request_after_one_more_look_and_needs_no_note() {
    let (scene, id, _) = with_legacy("ci token");
    let effects = scene.given_noted(&format!("apply dns.yaml --adopt {id}")).await;
    let put = effects.iter().position(|effect| is_write(effect)).unwrap();
    assert_eq!(effects[put], format!("PUT /user/tokens/{id}"));
    assert_eq!(
        effects[put - 1],
        "GET /user/tokens",
        "what the replacement is built from is read right before"
    );
    assert_eq!(effects.iter().filter(|effect| is_write(effect)).count(), 1);
    assert!(!effects.iter().any(|effect| effect.contains("marks")), "{effects:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_again_and_a_run_that_dies_is_done_again() {
    let command = |id: &str| format!("apply dns.yaml --adopt {id}");
    for mishap in [Mishap::after(Seen::Lost), Mishap::before(Seen::Lost)] {
        let (scene, id, before) = with_legacy("ci token");
        scene.transport.fail("PUT", mishap);
        scene.run(&command(&id)).await.ends_with(0).says(&["Updated shop-dns@"]);
        assert!(is_named(&scene, &id, "shop-dns"));
        assert_eq!((scene.writes().len(), scene.world.text(".env")), (2, before), "{mishap:?}");
    }
    for (doom, words) in [(Doom::DeathBefore, "Updated shop-dns@"), (Doom::DeathAmid, "Unchanged shop-dns@")]
    {
        let (scene, id, _) = with_legacy("ci token");
        scene.world.doom_at("PUT ", doom);
        scene.run(&command(&id)).await;
        scene.world.revive();
        scene.run(&command(&id)).await.ends_with(0).says(&[words]);
        assert!(is_named(&scene, &id, "shop-dns"), "{doom:?}");
        assert_eq!(scene.live().len(), 1);
        scene.run("plan dns.yaml --exit-code").await.ends_with(0);
    }
}

#[tokio::test(start_paused = true)]
async fn sinks_that_do_not_hold_the_secret_are_named_and_left_as_they_are() {
    let (scene, id, _) = with_legacy("ci token");
    let (other, secret) = scene.foreign(legacy("billing"));
    let text = format!("CLOUDFLARE_API_TOKEN={secret}\n");
    scene.world.put(".env", &text);
    scene
        .run(&format!("apply dns.yaml --adopt {id}"))
        .await
        .ends_with(0)
        .says(&[&format!("holds the live token `billing` ({other})"), "it is left as it is"]);
    assert_eq!(scene.world.text(".env"), text);

    let (scene, id, _) = with_legacy("ci token");
    scene.world.put(".env", "");
    scene.run(&format!("apply dns.yaml --adopt {id}")).await.ends_with(0).says(&[
        "CLOUDFLARE_API_TOKEN in .env does not hold its secret",
        "put it there yourself",
        "cfmint rotate dns.yaml",
    ]);
    assert_eq!(scene.world.text(".env"), "");
    scene.run(&format!("apply dns.yaml --adopt {id}")).await.ends_with(0).says(&["Unchanged"]);
    scene.run("apply dns.yaml").await.ends_with(1).says(&["custody.not-held"]);
}

#[tokio::test(start_paused = true)]
async fn sinks_that_lack_something_get_it_from_one_that_holds_the_secret() {
    let (scene, id, _) = with_legacy("ci token");
    let two = dns_but(
        "sinks: [{ env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token }",
        "sinks: [{ env_file: .env.web, variables: { T: token } }, { env_file: .env, variables: { CLOUDFLARE_API_TOKEN: token, ID: token_id }",
    );
    scene.world.put("dns.yaml", two);
    scene
        .run(&format!("plan dns.yaml --adopt {id}"))
        .await
        .ends_with(0)
        .says(&["> T stored in .env.web", "> CLOUDFLARE_API_TOKEN, ID stored in .env"]);
    scene.run(&format!("apply dns.yaml --adopt {id}")).await.ends_with(0);
    assert_eq!(scene.value(".env", "ID"), Some(id));
    assert_eq!(scene.live()[0].held_by, [".env", ".env.web"]);
    scene.run("plan dns.yaml --exit-code").await.ends_with(0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_taken_over_is_refused_and_nothing_is_changed() {
    let (scene, id, _) = with_legacy("ci token");
    let (ended, _) = scene.foreign(legacy("ended"));
    let now = scene.world.now();
    assert!(scene.emulator.change_token(&ended, |token| token.expires_on = Some(now - TimeDelta::days(1))));
    let (exposed, _) = scene.foreign(legacy("exposed"));
    assert!(scene.emulator.change_token(&exposed, |token| token.status = "revoked (exposed)".to_owned()));
    let account = EmulatorOwner::Account(ACCOUNT_ID.to_owned());
    let (accounts, _) = scene.emulator.add_token(account, legacy("account's"));
    for (id, code, words) in [
        (ended.as_str(), "custody.dead-token", "has ended"),
        (&exposed, "custody.dead-token", "is revoked (exposed)"),
        (&accounts, "custody.no-such-token", "the profile's owner has no token"),
        (BOOTSTRAP_ID, "custody.bootstrap", "is the bootstrap itself"),
    ] {
        for command in ["apply", "plan"] {
            let ran = scene.run(&format!("{command} dns.yaml --adopt {id}")).await;
            ran.ends_with(1).says(&[code, words]);
        }
    }
    assert_eq!(scene.writes(), [""; 0]);

    // A profile has one token in force.
    scene.given("apply dns.yaml --replace").await;
    scene
        .run(&format!("apply dns.yaml --adopt {id}"))
        .await
        .ends_with(1)
        .says(&["custody.has-token", "end its own token first: cfmint revoke dns.yaml"]);
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn one_token_goes_to_one_profile_in_one_environment() {
    let (scene, id, _) = with_legacy("ci token");
    let two =
        dns_with("environments: { dev: {}, production: {} }").replace("shop-dns", "shop-${environment}");
    scene.world.put("dns.yaml", two.replace(".env,", "\".env.${environment}\","));
    for command in ["apply", "plan"] {
        let ran = scene.run(&format!("{command} dns.yaml --all-envs --adopt {id}")).await;
        ran.ends_with(2).says(&["usage.adopt", "by 2 profiles or environments"]);
        let ran = scene.run(&format!("{command} dns.yaml -e dev --adopt shop")).await;
        ran.ends_with(2).says(&["usage.id"]);
    }
    assert!(!scene.story().iter().any(|effect| effect.contains(" /user")), "nothing was asked");
    scene.run(&format!("apply dns.yaml -e dev --adopt {id}")).await.ends_with(0);
    assert!(is_named(&scene, &id, "shop-dev"));
}

#[tokio::test(start_paused = true)]
async fn a_disabled_token_is_switched_on_whatever_its_sinks_say() {
    let (scene, id, _) = with_legacy("ci token");
    assert!(scene.emulator.change_token(&id, |token| token.status = "disabled".to_owned()));
    scene.world.put(".env", "CLOUDFLARE_API_TOKEN=cfut_EMULATOR-fake-dead-value-with-enough-characters\n");
    scene.run(&format!("apply dns.yaml --adopt {id}")).await.ends_with(0).says(&[
        "~ active (was: disabled)",
        "cfmint cannot tell whether CLOUDFLARE_API_TOKEN in .env holds the secret",
    ]);
}

#[tokio::test(start_paused = true)]
async fn a_token_without_a_mark_is_not_taken_for_ended() {
    let (scene, id, _) = with_legacy("ci token");
    scene.run("revoke dns.yaml --yes").await.ends_with(1).says(&[
        "custody.foreign-token",
        &format!("CLOUDFLARE_API_TOKEN in .env holds the live token `ci token` ({id})"),
        &format!("if it is, end it too: cfmint revoke --id {id}"),
        &format!("cfmint apply dns.yaml --adopt {id}"),
    ]);
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_token_under_a_former_name_is_told_of_and_never_lost_silently() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let id = scene.only_token().id;
    scene.world.put("dns.yaml", dns_but("name: shop-dns", "name: other-dns"));
    let told = format!("to end it: cfmint revoke --id {id}");
    scene.run("revoke dns.yaml --yes").await.ends_with(0).says(&["holds the live token `shop-dns@", &told]);
    scene.run("apply dns.yaml --replace").await.ends_with(0).says(&["lost its place in", &told]);
}
