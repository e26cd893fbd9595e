//! What is said of profiles that ask for more than their work needs.

use crate::catalogue::lint;
use crate::profile::{ProfileFile, ResolveOptions, Unset};

/// The codes that are found in a profile of this name with these permissions.
fn found(name: &str, permissions: &str) -> Vec<&'static str> {
    let text = format!(
        "version: 1\nname: {name}\nttl: 90d\npermissions: {permissions}\n\
         resources: {{ accounts: [Acme], zones: [example.com] }}\n\
         sinks: [{{ env_file: .env, variables: {{ TOKEN: token }} }}]\n"
    );
    let file = ProfileFile::from_bytes("app.yaml", text.into_bytes()).unwrap();
    let options = ResolveOptions {
        environment: None,
        features: &[],
        variables: &|_| None,
        now: chrono::DateTime::UNIX_EPOCH,
        unset: Unset::Error,
    };
    let profile = file.resolve(&options).profile.unwrap();
    let findings = lint(&profile);
    assert!(findings.iter().all(|finding| !finding.hint.is_empty()), "{findings:#?}");
    findings.iter().map(|finding| finding.code.text()).collect()
}

#[test]
fn the_power_to_make_tokens_is_told() {
    let making = ["profile.token-making"];
    assert_eq!(found("app", "{ user: { API Tokens: edit } }"), making);
    assert_eq!(found("app", "{ account: { Account API Tokens: edit } }"), making);
    assert_eq!(found("app", "{ account: { Account API Tokens: read } }"), [""; 0]);
}

#[test]
fn a_token_that_is_called_a_reader_only_reads() {
    let dns = "{ zone: { DNS: edit } }";
    for (name, permissions, codes) in [
        ("shop-monitoring", dns, &["profile.more-than-read"][..]),
        ("shop-dns-readonly", dns, &["profile.more-than-read"]),
        ("shop-metrics", "{ zone: { DNS: read, Cache Purge: purge } }", &[]),
        ("shop-monitoring-deploy", dns, &[]),
        ("shop-dns", dns, &[]),
        ("shop-ready", dns, &[]),
    ] {
        assert_eq!(found(name, permissions), codes, "{name}");
    }
}

#[test]
fn a_token_for_several_teams_is_told_once() {
    let several = "{ account: { Workers Scripts: edit, Billing: edit, D1: edit }, zone: { DNS: edit } }";
    assert_eq!(found("app", several), ["profile.several-purposes"]);
    let deploy = "{ account: { Workers Scripts: edit, D1: edit, Billing: read }, zone: { DNS: edit } }";
    assert_eq!(found("app", deploy), [""; 0]);
}

#[test]
fn a_token_that_is_written_to_be_the_user_s_and_could_be_the_account_s_is_noted() {
    let noted = ["profile.user-owned"];
    for (name, permissions, codes) in [
        ("app\nowner: user", "{ zone: { DNS: edit } }", &noted[..]),
        ("app", "{ zone: { DNS: edit } }", &[]),
        // These need a token of the user.
        ("app\nowner: user", "{ zone: { DNS: edit }, user: { Memberships: read } }", &[]),
        ("app\nowner: user", "{ zone: { DNS: edit, Page Rules: edit } }", &[]),
        // Of these no guide says it.
        ("app\nowner: user", "{ account: { D1: edit } }", &[]),
    ] {
        assert_eq!(found(name, permissions), codes, "{name} {permissions}");
    }
}
