//! Resources that serve, and resources that do not.

use super::*;

fn said(permissions: &str, resources: &str, more: &str) -> Vec<String> {
    let text = format!(
        "version: 1\nname: app\nttl: 90d\npermissions: {permissions}\nresources: {resources}\n\
         sinks: [{{ env_file: .env, variables: {{ TOKEN: token }} }}]\n{more}"
    );
    resolve(&text, None, &[]).diagnostics.iter().map(|diagnostic| diagnostic.code.to_string()).collect()
}

#[test]
fn accounts_may_serve_something_else_than_a_permission() {
    let zone = "{ zone: { DNS: read } }";
    assert_eq!(said(zone, "{ accounts: [Acme], zones: all }", ""), ["profile.all-zones"]);
    let by_id = "{ accounts: [Acme], zones: [c8fed203ed3043cba015a93ad1616f1f] }";
    assert_eq!(said(zone, by_id, ""), ["profile.unused-resource"]);
    assert_eq!(
        said(zone, "{ accounts: [Acme], zones: [example.com] }", ""),
        [""; 0],
        "they may tell twins apart"
    );
    let feature = "features: { scripts: { permissions: { account: { Workers Scripts: edit } } } }\n";
    assert_eq!(said(zone, by_id, feature), [""; 0]);
    let r2 = "{ r2: { Workers R2 Storage Bucket Item: edit } }";
    assert_eq!(said(r2, "{ accounts: [Acme], buckets: [{ name: assets }] }", ""), [""; 0]);
}

#[test]
fn accounts_that_only_give_their_id_serve() {
    let text = edited("zones:", "accounts: [Acme], zones:")
        .replace("TOKEN: token", "TOKEN: token, ACCOUNT: account_id");
    assert_eq!(brief(&resolve(&text, None, &[]).diagnostics), [""; 0]);
}

#[test]
fn zones_and_buckets_that_nothing_uses_are_told() {
    let account = "{ account: { D1: read } }";
    assert_eq!(said(account, "{ accounts: [Acme], zones: [example.com] }", ""), ["profile.unused-resource"]);
    assert_eq!(
        said(account, "{ accounts: [Acme], buckets: [{ name: assets }] }", ""),
        ["profile.unused-resource"]
    );
}

#[test]
fn a_profile_for_exec_alone_has_no_sinks_and_says_so() {
    let text = edited("sinks: [{ env_file: .env, variables: { TOKEN: token } }]\n", "");
    let resolved = resolve(&text, None, &[]);
    assert_eq!(brief(&resolved.diagnostics), ["profile.undelivered-secret"]);
    assert!(resolved.profile.unwrap().sinks.is_empty());
}

#[test]
fn what_follows_from_another_problem_is_not_told() {
    // One slip each, although permissions, resources or sinks are missing because of it.
    for (part, by, code) in [
        ("DNS: read", "DNS: raed", "profile.unknown-word"),
        ("[example.com]", "['']", "profile.empty-value"),
        ("TOKEN: token", "TOKEN: tokn", "profile.unknown-word"),
        ("90d", "90x", "profile.bad-duration"),
        ("{ zone:", "{ Zone:", "profile.unknown-key"),
        ("{ zone:", "{ ZONE:", "profile.unknown-key"),
        ("{ zone:", "{ domain:", "profile.unknown-key"),
        ("permissions: { zone: { DNS: read } }", "zone: { DNS: read }", "profile.unknown-key"),
        ("{ zones:", "{ domains:", "profile.unknown-key"),
        ("resources: { zones: [example.com] }", "zones: [example.com]", "profile.unknown-key"),
        ("ttl:", "TTL:", "profile.unknown-key"),
        ("sinks:", "sink:", "profile.unknown-key"),
    ] {
        let codes: Vec<&str> =
            resolve(&edited(part, by), None, &[]).diagnostics.iter().map(|found| found.code.text()).collect();
        assert_eq!(codes, [code], "{by}");
    }
}

#[test]
fn a_key_that_is_near_another_is_read_as_that_one_unless_both_stand() {
    let near = edited("{ zone: { DNS: read } }", "{ Zone: { DNS: raed } }");
    assert_eq!(
        brief(&resolve(&near, None, &[]).diagnostics),
        ["profile.unknown-key 3:16", "profile.unknown-word 3:29"]
    );
    let both = extended("TTL: 90x\n");
    assert_eq!(brief(&resolve(&both, None, &[]).diagnostics), ["profile.unknown-key 7:1"]);
}

#[test]
fn a_user_with_single_workers_is_told_one_way_out_of_it() {
    let text = edited("zone: { DNS: read }", "worker: [Individual Workers Editor]");
    let hint = |resources: &str| {
        let resolved = resolve(&text.replace("{ zones: [example.com] }", resources), None, &[]);
        let workers: Vec<_> =
            resolved.diagnostics.into_iter().filter(|found| found.severity == Severity::Error).collect();
        let [diagnostic] = workers.as_slice() else { panic!("{workers:#?}") };
        assert_eq!(diagnostic.code, DiagnosticCode::WorkerOfUser);
        diagnostic.hint.clone()
    };
    let without = hint("{ accounts: [Acme] }");
    assert!(without.contains("`owner: { account: Acme }` and `workers: [{ name: api }]`"), "{without}");
    let with_one = hint("{ workers: [{ account: Other, name: web }] }");
    assert!(with_one.contains("`owner: { account: Other }`;"), "{with_one}");
}

#[test]
fn a_slip_in_the_name_of_a_pattern_s_environment_is_shown_a_name_of_its_shape() {
    let text = extended("environments: { dev: {}, 'pr-*': {}, 'feature-*': {} }\n");
    for (name, hint) in [
        ("pr-", "`pr-*` stands for names such as `pr-12`"),
        ("feature", "`feature-*` stands for names such as `feature-12`"),
        ("feature-*", "such as `-e feature-12`"),
        ("dve", "did you mean `dev`?"),
    ] {
        let found = resolve(&text, Some(name), &[]).diagnostics;
        assert!(found[0].hint.contains(hint), "{name}: {}", found[0].hint);
    }
}

/// What is said of the features that no environment turns on, when these environments are looked at.
fn said_of_features(lines: &str, environments: &[Option<&str>]) -> Vec<String> {
    let file = ProfileFile::from_bytes("app.yaml", extended(lines).into_bytes()).unwrap();
    let environments: Vec<Option<String>> = environments.iter().map(|name| name.map(str::to_owned)).collect();
    let found = file.check_unused_features(&environments, &options(None, &[]));
    found.iter().flat_map(|resolved| brief(&resolved.diagnostics)).collect()
}

#[test]
fn a_mistake_in_a_feature_that_no_environment_turns_on_is_found() {
    let feature = "features:\n  tls: { permissions: { account: { D1: read } } }\n";
    assert_eq!(said_of_features(feature, &[None]), ["profile.missing-resource 8:36"]);
    let unset = "features:\n  tls: { resources: { zones: ['${UNSET}'] } }\n";
    assert_eq!(said_of_features(unset, &[None]), ["profile.unset-variable 8:32"]);
    let used = format!("{feature}environments: {{ dev: {{ use: [tls] }} }}\n");
    assert_eq!(said_of_features(&used, &[Some("dev")]), [""; 0], "it is seen with its environment");
}

#[test]
fn a_feature_for_one_environment_need_not_fit_the_others() {
    let lines = "\
features:
  tls: { permissions: { account: { D1: read } } }
environments:
  dev: {}
  prod: { resources: { accounts: [Acme] } }
";
    assert_eq!(said_of_features(lines, &[Some("dev"), Some("prod")]), [""; 0]);
    assert_eq!(said_of_features(lines, &[Some("dev")]), ["profile.missing-resource 8:36"]);
}
