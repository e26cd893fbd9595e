//! The first profile: Wrangler's configurations become profiles that grant what deploying them takes and nothing else,
//! and every way to a profile leads to a token.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cfmint::catalogue::resolve_offline;
use cfmint::doctor::wrangler::{Choices, ConfigForm, WranglerConfig, deployments, draft};
use cfmint::profile::{Accounts, Profile, ProfileFile, ResolveOptions, Section, Unset, Zones};
use support::{TestWorld, cfmint};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrangler")
}

/// Every configuration: its name, its form and its text, with what is to be granted.
fn configurations() -> Vec<(String, ConfigForm, String, String)> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(form) = ConfigForm::of(&name) else { continue };
        let grants = std::fs::read_to_string(path.with_extension("grants")).unwrap();
        found.push((name, form, std::fs::read_to_string(&path).unwrap(), grants));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

fn profile_of(name: &str, form: ConfigForm, text: &str) -> String {
    let config = WranglerConfig::read(form, text).unwrap();
    draft(&deployments(&config), &Choices { config: name.to_owned(), ..Choices::default() }).text()
}

/// What a profile grants in an environment: the groups of the account, then those of the zones with the zones.
fn granted(profile: &Profile) -> String {
    let found = resolve_offline(&profile.source, &profile.rights.permissions, &profile.owner);
    assert!(found.diagnostics.is_empty(), "{:#?}", found.diagnostics);
    let names = |section: Section| -> String {
        let names: BTreeSet<&str> =
            found.granted.iter().filter(|one| one.section == section).map(|one| one.name.as_str()).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    };
    let resources = &profile.rights.resources;
    assert!(matches!(&resources.accounts, Accounts::Named(accounts) if accounts.len() == 1), "one account");
    let Zones::Named(zones) = &resources.zones else { panic!("zones are named") };
    let zones: Vec<String> = zones.iter().map(|zone| zone.value.to_string()).collect();
    let of_zones = names(Section::Zone);
    assert_eq!(
        of_zones.is_empty(),
        zones.is_empty(),
        "zones are named where they are needed, and only there"
    );
    let more =
        if zones.is_empty() { String::new() } else { format!(" | {of_zones} on {}", zones.join(", ")) };
    format!("{}{more}", names(Section::Account))
}

#[test]
fn each_configuration_becomes_a_profile_that_grants_what_its_deployment_takes_and_nothing_else() {
    let configurations = configurations();
    assert!(configurations.len() >= 10);
    for (name, form, text, grants) in configurations {
        let profile = profile_of(&name, form, &text);
        let file = ProfileFile::from_bytes(&name, profile.clone().into_bytes()).unwrap();
        let mut said = String::new();
        for environment in file.environments() {
            let resolved = file.resolve(&ResolveOptions {
                environment: Some(environment),
                features: &[],
                variables: &|_| None,
                now: "2026-11-28T01:00:00Z".parse().unwrap(),
                unset: Unset::Error,
            });
            let resolved =
                resolved.profile.unwrap_or_else(|| panic!("{:#?}\n{profile}", resolved.diagnostics));
            writeln!(said, "{environment}: {}", granted(&resolved)).unwrap();
        }
        let sorted = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(sorted(&said), sorted(&grants), "{name}\n{profile}");
    }
}

#[test]
fn each_permission_says_what_needs_it() {
    for (name, form, text, _) in configurations() {
        let profile = profile_of(&name, form, &text);
        let levels = [": read", ": edit", ": bind"];
        let lines: Vec<&str> = profile.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let is_permission = levels.iter().any(|level| line.split("  #").next().unwrap().ends_with(level));
            let above = lines[..number].last().is_some_and(|above| above.trim_start().starts_with("# "));
            let has_reason = line.contains("  # ") || above;
            assert!(!is_permission || has_reason, "{name}: {line}\n{profile}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_configuration_passes_check_without_a_remark() {
    for (name, _, text, _) in configurations() {
        let world = Arc::new(TestWorld::new());
        world.put(&name, &text);
        let ran = cfmint(&world, &format!("init --from {name} --account Acme --output token.yaml")).await;
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        let ran = cfmint(&world, "check token.yaml --strict").await;
        assert_eq!(ran.code, 0, "{name}: {}\n{}", ran.err, world.text("token.yaml"));
        assert!(!ran.err.contains("note["), "{name}: {}", ran.err);
    }
}

#[tokio::test(start_paused = true)]
async fn a_configuration_leads_to_tokens_in_the_files_that_wrangler_reads() {
    let world = Arc::new(TestWorld::new());
    world.put("wrangler.toml", std::fs::read_to_string(folder().join("shop.toml")).unwrap());
    let ran = cfmint(&world, "init --from wrangler.toml").await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = cfmint(&world, "apply cfmint.yaml --all-envs --emulator").await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    for file in [".env", ".env.staging", ".env.production"] {
        let text = world.text(file);
        assert!(text.contains("CLOUDFLARE_API_TOKEN=cfut_EMULATOR"), "{file}: {text}");
        assert!(text.contains("CLOUDFLARE_ACCOUNT_ID=e0000000000000000000000000000001"), "{file}: {text}");
    }
}

/// The configuration, as `init --from` reads it: the exit code, what was said, and the profile.
async fn written(config: &str, options: &str) -> (u8, String, String) {
    let world = Arc::new(TestWorld::new());
    world.put("wrangler.json", config);
    let ran = cfmint(&world, &format!("init --from wrangler.json --account Acme {options}")).await;
    let is_there = world.files().contains(&"cfmint.yaml".to_owned());
    let text = if is_there { world.text("cfmint.yaml") } else { String::new() };
    if ran.code == 0 {
        let checked = cfmint(&world, "check cfmint.yaml").await;
        assert_eq!(checked.code, 0, "{}\n{text}", checked.err);
    }
    (ran.code, ran.err, text)
}

#[tokio::test(start_paused = true)]
async fn a_name_is_quoted_together_with_the_environment() {
    for (name, line) in [
        ("héllo wörld", "name: \"héllo wörld-deploy-${environment}\""),
        ("a: b #c", "name: \"a: b #c-deploy-${environment}\""),
        ("${x}", "name: \"$${x}-deploy-${environment}\""),
    ] {
        let (code, said, text) = written(&serde_json::json!({ "name": name }).to_string(), "").await;
        assert_eq!(code, 0, "{said}");
        assert!(text.lines().any(|written| written == line), "{name}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_path_of_an_env_file_is_quoted_as_a_whole() {
    let world = Arc::new(TestWorld::new());
    let config = "a\"b${c}/wrangler.json";
    world.put(config, r#"{ "env": { "live": {} } }"#);
    let ran = cfmint(&world, &format!("init --account Acme --from {config}")).await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = world.text("cfmint.yaml");
    assert!(text.contains("- env_file: \"a\\\"b$${c}/.env.${environment}\"\n"), "{text}");
    assert!(text.contains("- env_file: \"a\\\"b$${c}/.env\"\n"), "{text}");
    assert_eq!(cfmint(&world, "check cfmint.yaml").await.code, 0);
}

#[tokio::test(start_paused = true)]
async fn what_check_would_refuse_is_not_written() {
    let routes: Vec<String> =
        (0..5_000).map(|number| format!("shop{number}.example.com/a/long/path/*")).collect();
    let spaces: Vec<_> =
        (0..20_000).map(|number| serde_json::json!({ "binding": format!("KV_{number}") })).collect();
    for (config, why) in [
        (serde_json::json!({ "name": "a@b" }), "holds an `@`"),
        (serde_json::json!({ "name": "x".repeat(200) }), "is longer than 105 characters"),
        (serde_json::json!({ "name": "a\u{7}b" }), "profile.control-character"),
        (serde_json::json!({ "name": "a", "routes": routes }), "a profile has at most 131072"),
        (serde_json::json!({ "name": "a", "kv_namespaces": spaces }), "a profile has at most 131072"),
    ] {
        let (code, said, text) = written(&config.to_string(), "").await;
        assert_eq!((code, text.as_str()), (2, ""), "{said}");
        assert!(said.contains("error[usage.init]: nothing was written, since cfmint.yaml"), "{said}");
        assert!(said.contains(why), "{why}: {said}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_environment_has_a_valid_name_and_the_file_that_wrangler_reads() {
    let config = r#"{ "name": "shop", "env": { "": {}, "top-level": {}, "a b": {}, "a-b": {} } }"#;
    let (code, said, text) = written(config, "").await;
    assert_eq!(code, 0, "{said}");
    let file = ProfileFile::from_bytes("cfmint.yaml", text.clone().into_bytes()).unwrap();
    assert_eq!(file.environments(), ["top-level-2", "a-b-2", "a-b", "top-level"]);
    for note in [
        "the part outside of all environments is called top-level-2 in the profile",
        "the environment `a b` is called a-b-2 in the profile",
        "its token goes to .env.a b, which wrangler reads for it",
        "the environment without a name is left out",
    ] {
        assert!(said.contains(note), "{note}: {said}");
    }
    let own = "  a-b-2:  # wrangler deploy --env 'a b'\n    sinks:\n      - env_file: \".env.a b\"\n";
    assert!(text.contains(own) || text.contains(&own.replace('"', "")), "{text}");
    assert!(text.contains("  a-b: {}  # wrangler deploy --env a-b\n"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_understood_is_warned_of_and_what_is_guessed_is_said_once() {
    let config =
        r#"{ "name": "shop", "routes": "example.com/*", "env": { "live": { "d1_databases": "x" } } }"#;
    let (code, said, _) = written(config, "").await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Warning routes is not understood, and is left out: a list of patterns"), "{said}");
    assert!(said.contains("Warning env.live.d1_databases is not understood"), "{said}");
    let (_, said, _) = written("{}", "").await;
    assert!(said.contains("Warning the configuration is empty"), "{said}");

    let config =
        r#"{ "name": "shop", "routes": ["example.com/a", "example.com/b"], "env": { "a": {}, "b": {} } }"#;
    let (_, said, _) = written(config, "").await;
    assert_eq!(said.matches("the zone example.com is guessed").count(), 1, "{said}");
}

#[tokio::test(start_paused = true)]
async fn each_use_case_leads_to_a_token() {
    let listed = cfmint(&Arc::new(TestWorld::new()), "init --use-case help").await;
    assert_eq!((listed.code, listed.err.as_str()), (0, ""));
    let names: Vec<&str> = listed.out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names.len(), 10, "{}", listed.out);
    for name in names {
        let world = Arc::new(TestWorld::new());
        let ran = cfmint(&world, &format!("init --use-case {name} --name shop")).await;
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        let apply = ran.err.lines().find(|line| line.contains("--emulator")).unwrap();
        let (_, command) = apply.split_once("cfmint ").unwrap();
        let ran = cfmint(&world, command).await;
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        assert!(ran.err.contains("Created shop-"), "{}", ran.err);
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_is_asked_what_the_token_is_for() {
    let answers = ["n", "dns", "6", "shop", "example.net"];
    let world = Arc::new(TestWorld::new().with_answers(&answers[..]));
    world.put("wrangler.jsonc", "{}");
    let ran = cfmint(&world, "init --output dns.yaml").await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("there is no `dns` in the list"), "{}", ran.err);
    let text = world.text("dns.yaml");
    assert!(text.contains("name: \"shop-dns-automation-${environment}\""), "{text}");
    assert!(text.contains("zones: [example.net]"), "{text}");

    let world = Arc::new(TestWorld::new().with_answers(&[""]));
    world.put("wrangler.jsonc", r#"{ "name": "api" }"#);
    let ran = cfmint(&world, "init").await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(world.text("cfmint.yaml").contains("name: \"api-deploy-${environment}\""));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_use_case_is_told_before_a_file_that_is_there() {
    let world = Arc::new(TestWorld::new());
    world.put("cfmint.yaml", "mine");
    let ran = cfmint(&world, "init --use-case cache-purg").await;
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(
        ran.err.contains("did you mean cache-purge?") && !ran.err.contains("already exists"),
        "{}",
        ran.err
    );
    assert_eq!(cfmint(&world, "init --use-case help").await.code, 0);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_there_is_never_changed() {
    let world = Arc::new(TestWorld::new());
    world.put("cfmint.yaml", "mine");
    let ran = cfmint(&world, "init --use-case cache-purge").await;
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("usage.output"), "{}", ran.err);
    assert_eq!(world.text("cfmint.yaml"), "mine");
    assert!(!world.files().contains(&".gitignore".to_owned()));
}
