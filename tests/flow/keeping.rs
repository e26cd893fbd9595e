//! What is not cfmint's to overwrite, and what a sink may hold.

use cfmint::cloudflare::wire::{Condition, IpCondition, Token, TokenWrite};
use cfmint::emulator::VerifyAnswer;
use cfmint::emulator::world::ZONE_COM_ID;
use cfmint::world::World as _;
use chrono::TimeDelta;
use serde_json::json;

use crate::profiles::{DNS, DNS_WRITE, SHOP, dns_but};
use crate::support::{Mishap, Scene, Seen};

const DEAD: &str = "cfut_EMULATOR-fake-dead-value-with-enough-characters";
const REAL: &str = "cfut_FAKE-real-looking-value-with-enough-characters";

/// How a scene comes to be unsafe.
type Set<'a> = &'a dyn Fn(&Scene);

/// What another tool would have made.
pub(crate) fn others() -> TokenWrite {
    let resource = format!("com.cloudflare.api.account.zone.{ZONE_COM_ID}");
    let policy = json!({ "effect": "allow", "resources": { resource: "*" }, "permission_groups": [{ "id": DNS_WRITE }] });
    serde_json::from_value(json!({ "name": "billing", "policies": [policy] })).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_env_file_that_git_could_commit_is_refused_before_any_request() {
    let tracked = |scene: &Scene| {
        scene.world.put(".env", "");
        for arguments in [["add", "--force", ".env"], ["config", "user.name", "nobody"]] {
            let git =
                std::process::Command::new("git").args(arguments).current_dir(scene.world.base()).status();
            assert!(git.unwrap().success());
        }
    };
    let unignored = |scene: &Scene| drop(scene.world.put(".gitignore", "target\n"));
    let reincluded = |scene: &Scene| drop(scene.world.put(".gitignore", ".env*\n!.env\n"));
    let cases: [(&str, &str, Set); 3] = [
        ("sink.tracked", "git rm --cached", &tracked),
        ("sink.not-ignored", "/.env", &unignored),
        ("sink.not-ignored", "`!.env` in .gitignore, line 2, takes it back in", &reincluded),
    ];
    for (code, words, set) in cases {
        let scene = Scene::new();
        scene.world.put("dns.yaml", DNS);
        set(&scene);
        scene.run("apply dns.yaml").await.ends_with(1).says(&[code, words]);
        let requests: Vec<String> = scene
            .story()
            .into_iter()
            .filter(|effect| effect.contains(" /user") || effect.contains(" /zones"))
            .collect();
        assert_eq!(requests, [""; 0], "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_is_added_to_gitignore_where_that_is_asked_for() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.world.put(".gitignore", "target\n");
    scene.run("apply dns.yaml --fix-gitignore").await.ends_with(0);
    assert_eq!(scene.world.text(".gitignore"), "target\n/.env\n");
    assert_eq!(scene.live()[0].held_by, [".env"]);
}

#[tokio::test(start_paused = true)]
async fn somebodys_live_token_is_overwritten_only_on_demand() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    let (id, secret) = scene.foreign(others());
    let before = format!("CLOUDFLARE_API_TOKEN={secret}\n");
    scene.world.put(".env", &before);

    scene.run("apply dns.yaml").await.ends_with(1).says(&[
        "custody.foreign-token",
        "`billing`",
        &id,
        "--replace",
    ]);
    scene.run("plan dns.yaml").await.ends_with(1).says(&["refused", "`billing`"]);
    assert_eq!(scene.writes(), [""; 0]);
    assert_eq!(scene.world.text(".env"), before);

    scene.run("apply dns.yaml --replace").await.ends_with(0);
    let held: Vec<(String, Vec<String>)> =
        scene.live().into_iter().map(|token| (token.name, token.held_by)).collect();
    assert_eq!(held[0], ("billing".to_owned(), vec![]), "the token itself is left alone");
    assert_eq!(held[1].1, [".env"]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_value_is_replaced() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.world.put(".env", format!("CLOUDFLARE_API_TOKEN={DEAD}\n"));
    scene.run("apply dns.yaml").await.ends_with(0).says(&["belongs to no live token"]);
    assert_eq!(scene.live()[0].held_by, [".env"]);
}

#[tokio::test(start_paused = true)]
async fn a_trial_never_replaces_a_real_value_whatever_is_asked() {
    for value in [REAL, "ghp_FAKEfakeFAKEfake0123", "${SECRET_FROM_VAULT}", "op://vault/cloudflare/token"] {
        for command in ["apply dns.yaml", "apply dns.yaml --replace", "roll dns.yaml --replace"] {
            let scene = Scene::new();
            scene.world.put("dns.yaml", DNS);
            if command.starts_with("roll") {
                scene.given("apply dns.yaml").await;
            }
            let before = format!("CLOUDFLARE_API_TOKEN={value}\n");
            scene.world.put(".env", &before);
            scene.run(command).await.ends_with(1).says(&["custody.protected-value", "a trial keeps it"]);
            assert_eq!(scene.world.text(".env"), before, "{command}");
            assert_eq!(scene.writes(), [""; 0], "{command}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_trial_never_replaces_a_real_account_s_id_either() {
    let real = "f00dfacef00dfacef00dfacef00dface";
    for command in ["apply shop.yaml", "apply shop.yaml --replace"] {
        let scene = Scene::new();
        scene.world.put("shop.yaml", SHOP);
        let before = format!("CLOUDFLARE_ACCOUNT_ID={real}\n");
        scene.world.put(".env", &before);
        scene
            .run(command)
            .await
            .ends_with(1)
            .says(&["custody.protected-value", "CLOUDFLARE_ACCOUNT_ID in .env"]);
        assert_eq!(scene.world.text(".env"), before, "{command}");
        assert_eq!(scene.writes(), [""; 0], "{command}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_value_and_a_placeholder_are_replaced_by_real_secrets_and_in_trials() {
    let placeholders =
        ["", "changeme", "<paste>", "your-token-here", "\"your token here\"", "xxxxxxxx", "TODO"];
    for real in [true, false] {
        let dead = if real { REAL } else { DEAD };
        for value in placeholders.iter().chain([&dead]) {
            let scene = if real { Scene::real() } else { Scene::new() };
            scene.world.put("dns.yaml", DNS);
            scene.world.put(".env", format!("CLOUDFLARE_API_TOKEN={value}\n"));
            scene.run("apply dns.yaml").await.ends_with(0);
            assert_eq!(scene.live()[0].held_by, [".env"], "{value}");
            assert!(!scene.world.text(".env").contains(value) || value.is_empty(), "{value}");
            scene.run("apply dns.yaml").await.ends_with(0).says(&["Unchanged"]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_token_of_cloudflare_s_is_kept_and_shown_to_nobody() {
    for value in [
        "op://vault/cloudflare/token",
        "$(pass cloudflare)",
        "${SECRET_FROM_VAULT}",
        "encrypted:FAKEfakeFAKEfake0123456789",
        "ghp_FAKEfakeFAKEfakeFAKEfakeFAKEfake0123",
        "sk_live_FAKEfakeFAKEfake0123456789FAKEfa",
        "postgres://user:FAKEfake0123@db.example/shop",
        "f00dfacef00dfacef00dfacef00dfacef00df",
    ] {
        let scene = Scene::real();
        scene.world.put("dns.yaml", DNS);
        let before = format!("CLOUDFLARE_API_TOKEN='{value}'\n");
        scene.world.put(".env", &before);
        for command in ["apply dns.yaml", "rotate dns.yaml"] {
            scene.run(command).await.ends_with(1).says(&["custody.protected-value", "--replace"]);
        }
        scene.run("plan dns.yaml").await.ends_with(1).says_nothing_of(value);
        assert_eq!(scene.world.text(".env"), before, "{value}");
        let asked = scene
            .story()
            .into_iter()
            .filter(|effect| effect.contains("/verify") || effect.ends_with("/user"));
        assert_eq!(asked.count(), 0, "{value} was sent to Cloudflare");
        assert_eq!(scene.writes(), [""; 0]);

        scene.run("apply dns.yaml --replace").await.ends_with(0);
        assert_eq!(scene.live()[0].held_by, [".env"], "{value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_somebody_s_that_cannot_speak_for_itself_is_kept() {
    type Hand<'a> = &'a dyn Fn(&Scene, &mut Token);
    let hour = TimeDelta::hours(1);
    let old = |scene: &Scene, token: &mut Token| {
        token.issued_on = Some(scene.world.now() - TimeDelta::days(9));
        token.modified_on = token.issued_on;
    };
    let cases: [(&str, Hand); 3] = [
        ("disabled", &|scene, token| {
            old(scene, token);
            token.status = "disabled".to_owned();
        }),
        ("not valid yet", &|scene, token| {
            old(scene, token);
            token.not_before = Some(scene.world.now() + hour);
        }),
        ("shut out", &|scene, token| {
            old(scene, token);
            let rule = IpCondition { allow: vec!["192.0.2.0/24".to_owned()], deny: vec![] };
            token.condition = Some(Condition { request_ip: Some(rule), ..Condition::default() });
        }),
    ];
    for (words, hand) in cases {
        for is_silent in [false, true] {
            let scene = Scene::real();
            if is_silent {
                scene.emulator.switch(|switches| switches.disabled_verify = VerifyAnswer::Invalid);
            }
            scene.world.put("dns.yaml", DNS);
            let (id, secret) = scene.foreign(others());
            assert!(scene.emulator.change_token(&id, |token| hand(&scene, token)));
            let before = format!("CLOUDFLARE_API_TOKEN={secret}\n");
            scene.world.put(".env", &before);
            scene.run("apply dns.yaml").await.ends_with(1).says(&["--replace"]);
            assert_eq!(scene.world.text(".env"), before, "{words}, silent: {is_silent}");
            assert_eq!(scene.writes(), [""; 0]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_somebody_s_that_is_seconds_old_is_kept_although_nobody_knows_it_yet() {
    let scene = Scene::real();
    scene.world.put("dns.yaml", DNS);
    let (id, secret) = scene.foreign(others());
    let now = scene.world.now();
    assert!(scene.emulator.change_token(&id, |token| {
        (token.issued_on, token.modified_on) = (Some(now), Some(now));
    }));
    let before = format!("CLOUDFLARE_API_TOKEN={secret}\n");
    scene.world.put(".env", &before);
    // The server that is asked has not heard of it.
    scene.transport.fail_all("GET /user/tokens/verify", Mishap::before(Seen::Unknown));
    scene.run("apply dns.yaml").await.ends_with(1).says(&["custody.foreign-token", "too young", "`billing`"]);
    assert_eq!((scene.world.text(".env"), scene.writes()), (before, vec![]));
}

#[tokio::test(start_paused = true)]
async fn every_definition_of_the_variable_is_asked_who_owns_it() {
    let scene = Scene::real();
    scene.world.put("dns.yaml", DNS);
    let (id, secret) = scene.foreign(others());
    for (first, last) in [
        (secret.as_str(), ""),
        (&secret, "changeme"),
        ("", &secret),
        (&secret, "$OTHER"),
        ("op://vault/item", REAL),
    ] {
        let before = format!("CLOUDFLARE_API_TOKEN={first}\nPORT=1\nCLOUDFLARE_API_TOKEN={last}\n");
        scene.world.put(".env", &before);
        let ran = scene.run("apply dns.yaml").await.ends_with(1);
        let code = if first == secret || last == secret { &*id } else { "custody.protected-value" };
        ran.says(&[code]);
        assert_eq!((scene.world.text(".env"), scene.writes()), (before, vec![]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_live_generation_whose_secret_is_not_here_is_left_to_whoever_holds_it() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    std::fs::remove_file(scene.world.path(".env")).unwrap();

    scene.run("apply dns.yaml").await.ends_with(1).says(&[
        "custody.not-held",
        "cfmint roll dns.yaml",
        "cfmint rotate dns.yaml",
    ]);
    assert_eq!(scene.writes(), [""; 0]);
    assert!(!scene.world.path(".env").exists());

    scene.run("roll dns.yaml").await.ends_with(0);
    assert_eq!(scene.live()[0].held_by, [".env"], "which is the way out that it names");
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_lost_its_variable_gets_it_from_the_other_without_a_new_secret() {
    let scene = Scene::new();
    let two = dns_but(
        "sinks: [{ env_file: .env,",
        "sinks: [{ env_file: .env.web, variables: { TOKEN: token, TOKEN_ID: token_id } }, { env_file: .env,",
    );
    scene.world.put("dns.yaml", two);
    scene.given("apply dns.yaml").await;
    let before = scene.world.text(".env.web");
    scene.world.put(".env.web", "PORT=1\n");

    scene.run("plan dns.yaml --exit-code").await.ends_with(3).says(&["stored in .env.web"]);
    let ran = scene.run("apply dns.yaml --json").await.ends_with(0);
    assert_eq!(ran.json()["results"][0]["action"], "updated");
    assert_eq!(scene.writes(), [""; 0]);
    assert_eq!(scene.world.text(".env.web"), format!("PORT=1\n{before}"));
    assert_eq!(scene.live()[0].held_by, [".env", ".env.web"]);
}
