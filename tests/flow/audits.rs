//! `list` and `audit`: every token of an owner with what is known of it, in few requests, as text, JSON, SARIF and page.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use cfmint::cloudflare::wire::{
    ApiPolicy, Condition, GroupReference, IpCondition, ResourceValue, Token, TokenWrite,
};
use cfmint::emulator::world::{ACCOUNT_BOOTSTRAP, ACCOUNT_ID, ACCOUNT_NAME, BOOTSTRAP_ID, ZONE_COM_ID};
use cfmint::emulator::{EmulatorOwner, Settings};
use cfmint::world::World as _;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::time::{Instant, advance};

use crate::profiles::{DNS, DNS_WRITE, dns_but};
use crate::support::{Ran, Scene, TestWorld};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A token that hands made: DNS on one zone, from anywhere, for ever.
fn by_hand(name: &str) -> TokenWrite {
    let zone = format!("com.cloudflare.api.account.zone.{ZONE_COM_ID}");
    TokenWrite {
        name: name.to_owned(),
        policies: vec![ApiPolicy {
            id: None,
            effect: "allow".to_owned(),
            resources: [(zone, ResourceValue::All("*".to_owned()))].into(),
            permission_groups: vec![GroupReference { id: DNS_WRITE.to_owned(), name: None }],
            other: serde_json::Map::new(),
        }],
        condition: None,
        not_before: None,
        expires_on: None,
        status: None,
    }
}

fn add(scene: &Scene, owner: EmulatorOwner, write: TokenWrite, change: impl FnOnce(&mut Token)) -> String {
    let (id, secret) = scene.emulator.add_token(owner, write);
    scene.knows(secret.expose());
    assert!(scene.emulator.change_token(&id, change));
    id
}

/// The row of a token, by the beginning of its name.
fn row<'a>(document: &'a Value, name: &str) -> &'a Value {
    let rows = document["tokens"].as_array().unwrap();
    let is_it = |row: &&Value| row["name"].as_str().unwrap().starts_with(name);
    rows.iter().find(is_it).unwrap_or_else(|| panic!("{name} is not in {document}"))
}

/// The findings about a token, without their prefix.
fn codes(document: &Value, name: &str) -> Vec<String> {
    let found = row(document, name)["findings"].as_array().unwrap().iter();
    found.map(|found| found["code"].as_str().unwrap().strip_prefix("audit.").unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_list_knows_each_token_and_the_profile_it_belongs_to() {
    let scene = Scene::new();
    let shaped = dns_but("shop-dns", "shop-${environment}")
        .replace("env_file: .env", "env_file: \".env.${environment}\"")
        + "environments: { dev: {}, \"pr-*\": { ttl: 3d } }\n";
    scene.world.put("shop.yaml", shaped);
    scene.given("apply shop.yaml -e dev -e pr-17").await;
    add(&scene, EmulatorOwner::User, by_hand("old token"), |token| {
        token.status = "disabled".to_owned();
    });
    advance(2 * DAY).await;

    let document = scene.run("list shop.yaml --json").await.ends_with(0).json();
    let of = |name| {
        let row = row(&document, name);
        (row["profile"].as_str(), row["environment"].as_str(), row["mark"].is_string(), row["owner"].as_str())
    };
    assert_eq!(of("shop-dev@"), (Some("shop.yaml"), Some("dev"), true, Some("user")));
    assert_eq!(of("shop-pr-17@"), (Some("shop.yaml"), Some("pr-17"), true, Some("user")));
    assert_eq!(of("old token"), (None, None, false, Some("user")));
    assert_eq!(row(&document, "old token")["status"], "disabled");
    assert_eq!(row(&document, "Emulator bootstrap")["id"], BOOTSTRAP_ID);
    assert_eq!(row(&document, "Emulator bootstrap")["bootstrap"], true);
    assert_eq!(document["quota"]["used"], 5);
    assert!(document.get("results").is_none());

    let told = scene.run("list shop.yaml").await.ends_with(0);
    let line = told.out.lines().find(|line| line.starts_with("shop-pr-17@")).unwrap();
    for part in ["shop.yaml -e pr-17", "2d", "in 1d", "any", "active"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    // Profiles that nobody named are not read.
    scene.run("list").await.ends_with(0).says_nothing_of("shop.yaml");
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_account_has_its_own_tokens_quota_and_profiles() {
    let scene = Scene::new();
    scene.world.put("own.yaml", format!("{DNS}owner: {{ account: {ACCOUNT_NAME} }}\n"));
    scene
        .world
        .put("mine.yaml", dns_but("shop-dns", "mine").replace("env_file: .env", "env_file: .env.mine"));
    scene.given("apply own.yaml mine.yaml").await;
    for account in [ACCOUNT_NAME, ACCOUNT_ID] {
        let ran = scene.run_with(&["list", "own.yaml", "mine.yaml", "--json", "--account", account]).await;
        let document = ran.ends_with(0).says(&["mine.yaml is left out"]).json();
        assert_eq!(row(&document, "shop-dns@")["profile"], "own.yaml");
        assert_eq!(row(&document, "shop-dns@")["owner"]["account"], ACCOUNT_ID);
        assert_eq!(document["quota"]["limit"], 500);
        assert!(!document.to_string().contains("\"mine@"), "{document}");
    }
    scene
        .run("list own.yaml mine.yaml")
        .await
        .ends_with(0)
        .says(&["own.yaml is left out: its tokens are an account's, seen with --account 'Emulator Account'"]);
    scene.run("list --account Nobody").await.ends_with(2).says(&["usage.account"]);
}

#[tokio::test(start_paused = true)]
async fn an_accounts_bootstrap_is_told_to_name_its_account() {
    let world = TestWorld::new().with_variable("CLOUDFLARE_BOOTSTRAP_TOKEN", ACCOUNT_BOOTSTRAP);
    let scene = Scene::on(world, |_: &mut Settings| {});
    scene.run("audit").await.ends_with(1).says(&["bootstrap.account-owned", "--account NAME-or-ID"]);
    assert_eq!(scene.story(), [""; 0], "nothing was asked");
    let document = scene.run(&format!("audit --account {ACCOUNT_ID} --json")).await.ends_with(3).json();
    assert_eq!(
        codes(&document, "Emulator account bootstrap"),
        ["no-expiry", "no-address-rule", "makes-tokens"]
    );
    assert_eq!(row(&document, "Emulator account bootstrap")["bootstrap"], true);
}

#[tokio::test(start_paused = true)]
async fn an_audit_asks_everything_at_once_and_writes_nothing() {
    let scene = Scene::slow(Duration::from_secs(1));
    scene.world.put("dns.yaml", DNS);
    scene.given("apply dns.yaml").await;
    let start = Instant::now();
    scene.run("audit dns.yaml").await.ends_with(3);
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    let asked: BTreeSet<String> =
        scene.story().into_iter().filter(|effect| effect.starts_with("GET ")).collect();
    let expected = [
        "GET /accounts",
        "GET /user/tokens",
        "GET /user/tokens/permission_groups",
        "GET /user/tokens/verify",
        "GET /zones?name=example.com",
    ];
    assert_eq!(asked, expected.map(str::to_owned).into());
    assert_eq!(scene.writes(), [""; 0]);
    assert!(!scene.story().iter().any(|effect| effect.starts_with("lock") || effect == "read .env"));
}

/// A scene with one token for nearly everything that can be found.
async fn troubled() -> Scene {
    let scene = Scene::new();
    scene
        .world
        .put("dns.yaml", format!("{DNS}ip: {{ allow: [127.0.0.0/8] }}\nrotation: {{ overlap: 2h }}\n"));
    scene.given("apply dns.yaml").await;
    let zones = "com.cloudflare.api.account.zone.*".to_owned();
    scene.meddle(|token| {
        token.policies[0].resources = [(zones, ResourceValue::All("*".to_owned()))].into();
    });
    let env = scene.world.path(".env");
    std::fs::set_permissions(env, std::fs::Permissions::from_mode(0o640)).unwrap();
    let now = scene.world.now();
    add(&scene, EmulatorOwner::User, by_hand("leaked"), |token| {
        "revoked (exposed)".clone_into(&mut token.status);
    });
    add(&scene, EmulatorOwner::User, by_hand("ended"), |token| {
        token.expires_on = Some(now - TimeDelta::days(1));
    });
    add(&scene, EmulatorOwner::User, by_hand("paused"), |token| "disabled".clone_into(&mut token.status));
    add(&scene, EmulatorOwner::User, by_hand("shop-dns@a0000000"), |token| {
        token.issued_on = Some(now - TimeDelta::days(200));
        token.condition = Some(Condition {
            request_ip: Some(IpCondition { allow: vec!["127.0.0.1/32".to_owned()], deny: Vec::new() }),
            other: serde_json::Map::new(),
        });
    });
    add(&scene, EmulatorOwner::User, by_hand("old <script>alert(1)</script> & \"co\""), |token| {
        let long_ago = Some(now - TimeDelta::days(100));
        (token.issued_on, token.modified_on) = (long_ago, long_ago);
    });
    add(&scene, EmulatorOwner::User, by_hand("lost@a0000000"), |_| {});
    scene
}

#[tokio::test(start_paused = true)]
async fn an_audit_finds_what_is_wrong_with_each() {
    let scene = troubled().await;
    let document = scene.run("audit dns.yaml --json").await.ends_with(3).json();
    let current = document["tokens"].as_array().unwrap().iter().find(|row| {
        row["name"].as_str().unwrap().starts_with("shop-dns@")
            && !row["name"].as_str().unwrap().ends_with("@a0000000")
    });
    let current = current.unwrap()["name"].as_str().unwrap();
    for (name, expected) in [
        (current, &["broader-than-profile", "secret-readable-by-others", "every-zone"][..]),
        ("shop-dns@a0000000", &["several-generations"]),
        ("leaked", &["exposed"]),
        ("ended", &["expired"]),
        ("paused", &["no-expiry", "no-address-rule", "no-profile", "disabled"]),
        ("old <script>", &["no-expiry", "no-address-rule", "unused", "no-profile"]),
        ("lost@", &["no-expiry", "no-address-rule", "no-profile"]),
        (
            "Emulator bootstrap",
            &["no-expiry", "no-address-rule", "every-account", "every-zone", "makes-tokens"],
        ),
    ] {
        assert_eq!(codes(&document, name), expected, "{name}");
    }
    // Without profiles, none is missed.
    let document = scene.run("audit --json --unused-for 101d").await.ends_with(3).json();
    assert_eq!(codes(&document, "old <script>"), ["no-expiry", "no-address-rule"]);
}

#[tokio::test(start_paused = true)]
async fn what_an_audit_says_to_do_does_away_with_the_finding() {
    let scene = troubled().await;
    let document = scene.run("audit dns.yaml --json").await.json();
    let left = &row(&document, "shop-dns@a0000000")["findings"][0];
    assert!(left["message"].as_str().unwrap().contains("it is not being retired: it "), "{left}");
    assert!(left["hint"].as_str().unwrap().ends_with(": cfmint rotate dns.yaml --due"), "{left}");
    for _ in 0..20 {
        let document = scene.run("audit dns.yaml --json").await.json();
        let findings =
            document["tokens"].as_array().unwrap().iter().flat_map(|row| row["findings"].as_array().unwrap());
        let mends = findings.filter_map(|found| {
            found["hint"].as_str()?.rsplit_once(": cfmint ").map(|(_, rest)| rest.to_owned())
        });
        let Some(mend) = mends.into_iter().next() else { break };
        let yes = if mend.starts_with("revoke") { " --yes" } else { "" };
        scene.run(&format!("{mend}{yes}")).await.ends_with(0);
    }
    std::fs::set_permissions(scene.world.path(".env"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let document = scene.run("audit dns.yaml --json").await.json();
    let left: Vec<&str> =
        document["tokens"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    // What was left beside its successor is in its overlap by now.
    assert_eq!(left.len(), 3, "{left:?}");
    for name in left.into_iter().filter(|name| name.starts_with("shop-dns@")) {
        assert_eq!(codes(&document, name), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_profile_whose_names_are_not_known_is_told_and_accuses_nobody() {
    let scene = Scene::new();
    scene.world.put("dns.yaml", dns_but("shop-dns", "${PROJECT}-dns"));
    scene.given("apply dns.yaml --set PROJECT=shop").await;
    let ran =
        scene.run("audit dns.yaml --json").await.ends_with(3).says(&["profile.unset-variable", "PROJECT"]);
    let found = row(&ran.json(), "shop-dns@")["findings"].as_array().unwrap().clone();
    let missed = found.iter().find(|found| found["code"] == "audit.no-profile").unwrap();
    assert_eq!(missed["severity"], "note");
    assert!(missed["message"].as_str().unwrap().ends_with("whose names are known"));
    let document = scene.run("audit dns.yaml --set PROJECT=shop --json").await.json();
    let hint = row(&document, "shop-dns@")["findings"][0]["hint"].as_str().unwrap();
    assert!(hint.ends_with(": cfmint apply dns.yaml --set 'PROJECT=shop'"), "{hint}");
    assert_eq!(codes(&document, "shop-dns@"), ["no-address-rule"]);

    scene.world.put("dns.yaml", dns_but("example.com", "gone.example"));
    let ran = scene.run("audit dns.yaml --json").await.ends_with(3);
    assert_eq!(codes(&ran.json(), "shop-dns@"), ["no-address-rule", "not-compared"]);
    scene.world.put("dns.yaml", "version: 2\n");
    scene.run("audit dns.yaml --json").await.ends_with(2).says(&["profile.unknown-version"]);
}

#[tokio::test(start_paused = true)]
async fn the_sarif_of_an_audit_satisfies_the_standards_schema() {
    let scene = troubled().await;
    scene.world.put("my profiles/dns.yaml", scene.world.text("dns.yaml"));
    let ran = scene.run_with(&["audit", "my profiles/dns.yaml", "--sarif"]).await.ends_with(3);
    let document = ran.json();
    let schema: Value = serde_json::from_str(include_str!("../fixtures/sarif-2.1.0.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(!validator.is_valid(&json!({ "version": "2.1.0" })), "the schema itself sees");

    let results = document["runs"][0]["results"].as_array().unwrap();
    let rules = document["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
    }
    let prints: BTreeSet<&str> = results
        .iter()
        .map(|result| result["partialFingerprints"]["tokenAndCode/v1"].as_str().unwrap())
        .collect();
    assert_eq!(prints.len(), results.len(), "each is one alert");
    let broader = results.iter().find(|result| result["ruleId"] == "audit.broader-than-profile").unwrap();
    let mut uris = results.iter().map(|result| {
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        place["uri"].as_str().unwrap_or_else(|| panic!("GitHub refuses what has no place: {result}"))
    });
    assert!(uris.any(|uri| uri == format!("cloudflare/user/tokens/{BOOTSTRAP_ID}")));
    let place = &broader["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "my%20profiles/dns.yaml");
    assert_eq!(
        (place["region"]["startLine"].as_u64(), place["region"]["startColumn"].as_u64()),
        (Some(3), Some(7))
    );
}

#[tokio::test(start_paused = true)]
async fn the_page_replaces_an_older_one_and_nothing_else_and_is_only_text() {
    let scene = troubled().await;
    scene.run("audit dns.yaml --html report.html").await.ends_with(3).says(&["Wrote report.html"]);
    let page = scene.world.text("report.html");
    assert!(page.contains("old &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;co&quot;"), "{page}");
    for outside in ["<script", "http:", "https:", "src=", "href=", "url(", "<!--@"] {
        assert!(!page.contains(outside), "{outside}");
    }
    scene.emulator.tokens().iter().filter(|owned| owned.owner == EmulatorOwner::User).for_each(|owned| {
        assert!(page.contains(&owned.token.id), "{}", owned.token.name);
    });

    add(&scene, EmulatorOwner::User, by_hand("newcomer"), |_| {});
    scene.run("audit --html report.html --json").await.ends_with(3);
    assert!(scene.world.text("report.html").contains("newcomer"));
    assert_eq!(scene.world.files().iter().filter(|file| file.starts_with("report")).count(), 1);

    let before = scene.world.text(".env");
    scene.run("audit --html .env").await.ends_with(2).says(&["usage.html", "not overwritten"]);
    scene.run("audit --html nowhere/report.html").await.ends_with(2).says(&["usage.html"]);
    assert_eq!(scene.world.text(".env"), before);
}

#[tokio::test(start_paused = true)]
async fn neither_a_list_nor_an_audit_shows_a_secret() {
    let scene = troubled().await;
    for line in
        ["list", "list --ids -vv", "list dns.yaml --json -vvv", "audit -vv", "audit dns.yaml --json -vvv"]
    {
        scene.run(line).await;
    }
    let Ran { .. } = scene.run("audit dns.yaml --sarif --html report.html -vvv").await.ends_with(3);
    assert!(scene.secrets().len() > 5);
    assert_eq!(scene.leaks(&[".env"]), BTreeSet::new());
}
