//! Every code, with a text that provokes it and the place that it points at.

mod addresses;
mod lints;

use super::*;

/// What a case reads, and for what.
struct Case {
    /// What is found, in the order of the file: code, line and column.
    found: &'static [&'static str],
    text: String,
    environment: Option<&'static str>,
    features: &'static [&'static str],
}

fn case(found: &'static [&'static str], text: impl Into<String>) -> Case {
    Case { found, text: text.into(), environment: None, features: &[] }
}

fn in_environment(environment: &'static str, case: Case) -> Case {
    Case { environment: Some(environment), ..case }
}

const ID: &str = "c8fed203ed3043cba015a93ad1616f1f";

const GRANT: &str = "\
grants:
  - permissions:
      zone: { DNS: edit }
    resources: { zones: [example.org] }
";

/// A profile with a permission on single Workers.
fn worker(workers: &str) -> String {
    edited("zone: { DNS: read }", "worker: [Individual Workers Editor]")
        .replace("zones: [example.com]", &format!("workers: {workers}"))
}

/// The same, as a token of an account.
fn by_account(text: &str) -> String {
    text.replace("name: app\n", "name: app\nowner: { account: Acme }\n")
}

fn shape() -> Vec<Case> {
    vec![
        case(&[], SOUND),
        case(&["profile.too-long"], " ".repeat(LONGEST_PROFILE + 1)),
        case(&["profile.control-character 1:11"], format!("version: 1\0{}", &SOUND[10..])),
        case(&["profile.control-character 7:3"], extended("# \u{1b}[2J hides what it says\n")),
        case(&["profile.control-character 7:3"], extended("# \u{202e} turns what it says\n")),
        case(&["profile.control-character 2:7"], edited("app", r#""a\u001bb""#)),
        case(&["profile.tab 8:1", "profile.tab 9:1"], extended("ip:\n\tallow: []\n\tdeny: []\n")),
        case(&["profile.empty"], ""),
        case(&["profile.empty"], "# nothing but a comment\n"),
        case(&["profile.empty"], "---\n"),
        case(&["profile.syntax 4:21"], edited("[example.com]", "[example.com")),
        case(&["profile.syntax 2:7"], edited("app", "@app")),
        case(&["profile.syntax 7:17"], extended("environments: { *: {} }\n")),
        case(&["profile.unquoted-colon 3:24"], edited("DNS: read", "Access: Apps: read")),
        case(&["profile.unquoted-colon 7:1"], extended("description: Deploys: all of it\n")),
        case(&["profile.unquoted-variable 4:22"], edited("[example.com]", "[${SET}.example.com]")),
        case(&["profile.wrong-type 16:14", "profile.alias-budget 16:79"], extended(BOMB)),
        case(&["profile.many-documents 7:1"], extended("---\nversion: 1\n")),
        case(&["profile.tag 2:7"], edited("app", "!!str app")),
        case(&["profile.not-a-map 1:1"], "- version: 1\n"),
        case(&["profile.not-a-map 1:1"], "version 1\n"),
        case(&["profile.no-profile"], "services: { web: {} }\n"),
        case(&["profile.no-profile"], "version: '3.8'\nname: shop\nservices: { web: {} }\nvolumes: {}\n"),
        case(&["profile.no-profile"], "name: CI\non: [push]\njobs: { test: { runs-on: ubuntu } }\n"),
        case(&["profile.no-profile"], "apiVersion: v1\nkind: Secret\nmetadata: {}\ndata: {}\n"),
        case(&["profile.unknown-key 3:1"], edited("permissions", "permission")),
        case(&["profile.no-section 3:16"], edited("zone: { DNS: read }", "Workers Scripts: edit")),
        case(&["profile.no-section 3:37"], edited("{ DNS: read }", "{ DNS: read }, D1: [read, edit]")),
        case(&["profile.wrong-type 3:14"], edited("{ zone: { DNS: read } }", "[DNS Write]")),
        case(&["profile.bare-variable 2:7"], edited("app", "app-$ENV")),
        case(
            &["profile.wrong-type 4:21"],
            edited("[example.com]", "example.com: 1")
                .replace("{ zones: example.com: 1 }", "{ zones: { a: b } }"),
        ),
        case(&["profile.unknown-word 4:21"], edited("[example.com]", "example.com")),
        case(&["profile.wrong-type 2:7"], edited("app", "[app]")),
        case(&["profile.wrong-type 7:14"], extended("description: { Deploys: this }\n")),
        case(&["profile.wrong-type 3:29"], edited("DNS: read", "DNS: { Zone: read }")),
        case(&["profile.wrong-type 8:15"], extended("hooks:\n  delivered: [./restart.sh, --now]\n")),
        case(&["profile.unknown-key 7:1"], extended("colour: red\n")),
        case(&["profile.unknown-key 7:18"], extended("features: { a: { ttl: 1d } }\n")),
        case(&["profile.duplicate-key 7:1"], extended("name: other\n")),
        case(&["profile.duplicate-key 3:35"], edited("DNS: read", "DNS: read, dns: edit")),
        case(&["profile.missing-key"], edited("version: 1\n", "")),
        case(&["profile.missing-key"], edited("name: app\n", "")),
        case(&["profile.missing-key"], edited("ttl: 90d\n", "")),
        case(&["profile.empty-value 5:1"], edited("ttl: 90d", "ttl: ")),
        case(&["profile.empty-value 2:7"], edited("app", "''")),
        case(&["profile.empty-value 3:29"], edited("DNS: read", "DNS: []")),
        case(&["profile.unknown-version 1:10"], edited("version: 1", "version: 2")),
    ]
}

const BOMB: &str = "\
hooks:
  delivered:
    - &a [x, x, x, x, x, x, x, x, x, x]
  retired: &b
    - *a
    - *a
    - *a
    - *a
    - *a
description: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
";

/// The sink of the sound profile.
const FILE: &str = "{ env_file: .env, variables: { TOKEN: token } }";

/// A command with a document.
fn document(format: &str, more: &str) -> String {
    format!("{{ command: [x], input: {{ format: {format}, variables: {{ A: token{more} }} }} }}")
}

fn values() -> Vec<Case> {
    vec![
        case(&["profile.unknown-word 3:29"], edited("DNS: read", "DNS: reed")),
        case(&["profile.unknown-word 3:32"], edited("DNS: read", "Access: Apps and Policies")),
        case(&["profile.unknown-word 6:47"], edited("TOKEN: token", "TOKEN: tokn")),
        case(&["profile.bad-name 2:7"], edited("app", "app@home")),
        case(&["profile.bad-name 2:7"], edited("app", "x".repeat(LONGEST_NAME + 1).as_str())),
        case(&[], edited("app", "x".repeat(LONGEST_NAME).as_str())),
        case(&["profile.bad-name 2:7"], edited("app", "app+exec")),
        case(&["profile.bad-name 2:7"], edited("app", "${LONG}")),
        case(&["profile.missing-key 6:23"], edited(FILE, "{ github_env: true }")),
        case(&["profile.unknown-word 6:23"], edited(FILE, "{ github_env: false, variables: { A: token } }")),
        case(
            &["profile.bad-name 6:42"],
            edited(FILE, "{ github_env: true, variables: { GITHUB_TOKEN: token } }"),
        ),
        case(&["profile.bad-name 6:40"], edited("TOKEN: token", "MY-TOKEN: token")),
        case(&["profile.bad-name 7:17"], extended("environments: { a b: {} }\n")),
        case(&["profile.bad-duration 5:6"], edited("90d", "90 days")),
        case(&["profile.bad-duration 5:6"], edited("90d", "0d")),
        case(&["profile.bad-duration 5:6"], edited("90d", "9999999999999999999w")),
        case(&["profile.bad-duration 7:20"], extended("rotation: { every: 0d }\n")),
        case(&["profile.bad-time 5:6"], edited("90d", "2030-13-01T00:00:00Z")),
        case(&["profile.bad-time 7:13"], extended("not_before: tomorrow\n")),
        case(&["profile.bad-cidr 7:15"], extended("ip: { allow: [203.0.113.0/33] }\n")),
        case(
            &["profile.bad-cidr 7:14", "profile.bad-cidr 7:25"],
            extended("ip: { deny: [localhost, '::g'] }\n"),
        ),
        case(&["profile.bad-path 6:21"], edited(".env,", "../.env,")),
        case(&["profile.bad-path 6:21"], edited(".env,", "a/../../.env,")),
        case(&["profile.bad-path 6:21"], edited(".env,", "secrets/,")),
        case(&["profile.bad-path 6:21"], edited(".env,", "\"${UP}/.env\",")),
        case(&["profile.control-character 6:21"], edited(".env,", "\".env\\n\",")),
        case(&["profile.control-character 6:21"], edited(".env,", "\"${LINES}\",")),
        case(&["profile.bad-mode 6:33"], edited(".env,", ".env, mode: 0644,")),
        case(&["profile.bad-mode 6:33"], edited(".env,", ".env, mode: \"${SET}\",")),
        case(&["profile.empty-value 6:27"], edited(".env,", ".env, mode: ,")),
        case(&[], edited(".env,", ".env, mode: 0640,")),
        case(&["profile.bad-command 6:46"], edited(FILE, "{ command: [x], input: token, read: ['', y] }")),
        case(&["profile.bad-command 6:45"], edited(FILE, "{ command: [x], input: token, read: [] }")),
        case(
            &["profile.bad-command 6:46"],
            edited(FILE, "{ command: [x], input: token, read: ['${BLANK}'] }"),
        ),
        case(&["profile.wrong-type 6:45"], edited(FILE, "{ command: [x], input: token, read: get it }")),
        case(&[], edited(FILE, "{ command: [x], input: token, read: [y, z] }")),
        case(&["profile.bad-command 7:23"], extended("hooks: { delivered: [['', x]] }\n")),
        case(&["profile.bad-command 7:24"], extended("hooks: { delivered: [ ['${BLANK}'] ] }\n")),
        case(&["profile.bad-substitution 2:7"], edited("app", "${app")),
        case(&["profile.bad-substitution 2:7"], edited("app", "${my app}")),
        case(&["profile.all-in-a-list 4:22"], edited("[example.com]", "[all]")),
        case(&["profile.control-character 2:7"], edited("app", "${LINES}")),
        case(&["profile.empty-value 2:7"], edited("app", "${BLANK}")),
    ]
}

fn layers() -> Vec<Case> {
    let two = "environments: { dev: {}, 'pr-*': {} }\n";
    vec![
        in_environment("dve", case(&["profile.unknown-environment"], extended(two))),
        in_environment("dev", case(&["profile.unknown-environment"], SOUND)),
        in_environment("pr-*", case(&["profile.unknown-environment"], extended(two))),
        case(&["profile.unknown-feature 7:30"], extended("environments: { dev: { use: [tls] } }\n")),
        Case { features: &["tls"], ..case(&["profile.unknown-feature"], SOUND) },
        case(&["profile.unset-variable 2:11"], edited("app", "app-${UNSET}")),
        case(&["profile.unset-variable 2:7"], edited("app", "${environment}")),
        case(&["profile.nothing-removed 3:35"], edited("DNS: read", "DNS: read, Zone: none")),
        case(&["profile.contradiction 3:36"], edited("DNS: read", "DNS: [read, none]")),
    ]
}

fn meaning() -> Vec<Case> {
    let owned = "owner: { account: Acme }\n";
    vec![
        case(
            &["profile.no-permissions"],
            SOUND.replace("permissions: { zone: { DNS: read } }\nresources: { zones: [example.com] }\n", ""),
        ),
        case(&["profile.missing-resource 3:24"], edited("resources: { zones: [example.com] }\n", "")),
        case(&["profile.missing-resource 4:21"], edited("[example.com]", "all")),
        case(
            &["profile.missing-resource 3:26"],
            edited("zone: { DNS: read } }\nresources: { zones: [example.com] }", "account: [D1 Read] }"),
        ),
        case(
            &["profile.missing-resource 3:22"],
            edited("zone: { DNS: read } }\nresources: { zones: [example.com] }", "r2: { Bucket: read } }"),
        ),
        case(
            &["profile.user-permission 3:50"],
            edited("DNS: read } }", "DNS: read },      user: { Memberships: read } }") + owned,
        ),
        case(&["profile.beyond-owner 4:21"], edited("[example.com]", "all-accounts") + owned),
        case(
            &["profile.beyond-owner 4:24", "profile.all-zones 4:36"],
            edited("zones: [example.com]", "accounts: all, zones: all") + owned,
        ),
        case(
            &["profile.beyond-owner 4:25", "profile.all-zones 4:40"],
            edited("zones: [example.com]", "accounts: [Other], zones: all") + owned,
        ),
        case(&["profile.ttl-in-the-past 5:6"], edited("90d", "2026-01-15T12:00:00Z")),
        case(&["profile.never-valid 7:13"], extended("not_before: 2026-05-01T00:00:00Z\n")),
        case(
            &["profile.sink-kind 6:21"],
            edited("TOKEN: token } }", "TOKEN: token }, command: [x], input: token }"),
        ),
        case(&["profile.sink-kind"], edited(FILE, "{}")),
        case(&["profile.sink-kind 6:17"], edited(FILE, "{ mode: 0600 }")),
        case(&["profile.sink-kind 6:28"], edited(FILE, "{ read: [y], mode: 0600 }")),
        case(&["profile.sink-kind 6:63"], edited("TOKEN: token }", "TOKEN: token }, read: [y]")),
        case(&["profile.sink-kind 6:63"], edited("TOKEN: token }", "TOKEN: token }, input: token")),
        case(&["profile.sink-kind 6:45"], edited(FILE, "{ command: [x], input: token, mode: 0600 }")),
        case(&["profile.missing-key 6:21"], edited(", variables: { TOKEN: token }", "")),
        case(&["profile.bad-name 6:40"], edited("TOKEN: token", "api-token: token")),
        case(&["profile.missing-key 6:20"], edited(FILE, "{ create: [x], input: token, read: [y] }")),
        case(&["profile.missing-key 6:20"], edited(FILE, "{ update: [x], input: token, read: [y] }")),
        case(&["profile.missing-key 6:20"], edited(FILE, "{ create: [x], update: [y], input: token }")),
        case(
            &["profile.sink-kind 6:21"],
            edited(FILE, "{ command: [x], create: [y], update: [y], read: [z], input: token }"),
        ),
        case(&["profile.sink-kind 6:21"], edited(FILE, "{ command: [x], input: token, update: [y] }")),
        case(
            &["profile.missing-key 6:32", "profile.missing-key 6:32"],
            edited(FILE, "{ command: [x], input: {} }"),
        ),
        case(&["profile.unknown-word 6:42"], edited(FILE, &document("jason", ""))),
        case(&["profile.bad-name 6:70"], edited(FILE, &document("env", ", a-b: token"))),
        case(&["profile.bad-name 6:71"], edited(FILE, &document("json", ", 'a b': token"))),
        case(&["profile.bad-name 6:73"], edited(FILE, &document("tfvars", ", a.b: token"))),
        case(&["profile.missing-key 6:32"], edited(FILE, &document("kubernetes", ""))),
        case(&["profile.sink-kind 6:54"], edited(FILE, &document("json, name: x", ""))),
        case(
            &["profile.sink-kind 6:84"],
            edited(FILE, &document("tfvars", "").replace("} } }", "} }, read: [x] }")),
        ),
        case(&["profile.ambiguous-value 6:63"], edited("TOKEN: token", "TOKEN: token, ACCOUNT: account_id")),
        case(
            &["profile.ambiguous-value 6:60"],
            edited("TOKEN: token", "TOKEN: token, ZONE: zone_id")
                .replace("[example.com]", "[a.example, b.example]"),
        ),
        case(
            &["profile.duplicate-variable 8:41"],
            edited("sinks: [{", "sinks: [\n {")
                .replace("} }]", "} },\n  { env_file: ./.env, variables: {      TOKEN: token_id } }]"),
        ),
        case(
            &["profile.contradiction 8:54"],
            edited("sinks: [{", "sinks: [\n {").replace(
                "} }]",
                "}, mode: 0600 },\n  { env_file: ./.env, variables: { A: token }, mode: 0640 }]",
            ),
        ),
    ]
}

/// Grants and single Workers.
fn rights() -> Vec<Case> {
    vec![
        case(&["profile.worker-of-user 3:25"], worker("[{ account: Acme, name: api }]")),
        case(&["profile.worker-of-user 3:25"], worker("[]")),
        case(&[], by_account(&worker("[{ name: api }, { name: my_api-2 }]"))),
        case(&["profile.bad-name 5:32"], by_account(&worker("[{ name: My API }]"))),
        case(&["profile.all-in-a-list 5:32"], by_account(&worker("[{ name: all }]"))),
        case(&["profile.missing-key 5:35"], by_account(&worker("[{ account: Acme }]"))),
        case(&["profile.beyond-owner 5:35"], by_account(&worker("[{ account: Other, name: api }]"))),
        case(
            &["profile.unused-resource 5:54"],
            by_account(&edited("[example.com]", "[example.com], workers: [{ name: api }]")),
        ),
        case(
            &["profile.contradiction 4:47"],
            edited("zone: { DNS: read }", "r2: { Workers R2 Storage Bucket Item: read }")
                .replace("zones: [example.com]", "buckets: [{ account: Acme, name: all, jurisdiction: eu }]"),
        ),
        case(&[], extended(GRANT)),
        case(
            &["profile.no-permissions 8:5", "profile.unused-resource 8:28"],
            extended("grants:\n  - { resources: { zones: [a.example] } }\n"),
        ),
        case(
            &["profile.missing-resource 9:15"],
            extended(&GRANT.replace("    resources: { zones: [example.org] }\n", "")),
        ),
        case(
            &["profile.nothing-removed 9:26"],
            extended(&GRANT.replace("DNS: edit", "DNS: edit, Zone: none")),
        ),
        case(&["profile.unknown-word 9:20"], extended(&GRANT.replace("edit", "edti"))),
        case(
            &["profile.unused-resource 10:73"],
            extended(&GRANT.replace(
                "zones: [example.org]",
                "zones: [example.org], buckets: [{ account: Acme, name: assets }]",
            )),
        ),
    ]
}

fn all() -> Vec<Case> {
    [shape(), values(), layers(), meaning(), lints::cases(), addresses::cases(), rights()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn each_text_is_found_at_fault_where_it_is() {
    let mut wrong = Vec::new();
    for Case { found, text, environment, features } in all() {
        let resolved = resolve(&text, environment, features);
        let said = brief(&resolved.diagnostics);
        if said != found {
            let start: String = text.chars().take(600).collect();
            wrong.push(format!("{start}\nexpected {found:?}\nfound    {said:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_profile_is_withheld_exactly_while_an_error_stands() {
    for Case { text, environment, features, .. } in all() {
        let resolved = resolve(&text, environment, features);
        let said = brief(&resolved.diagnostics);
        assert_eq!(resolved.profile.is_some(), is_sound(&resolved.diagnostics), "{said:?}");
    }
}

/// What only the catalogue, the plan, or several profiles together can find; their tests provoke these.
const OF_OTHER_ROOMS: [DiagnosticCode; 22] = [
    DiagnosticCode::StaleAllow,
    DiagnosticCode::TokenMaking,
    DiagnosticCode::MoreThanRead,
    DiagnosticCode::SeveralPurposes,
    DiagnosticCode::UserOwned,
    DiagnosticCode::UnknownPermission,
    DiagnosticCode::UnknownLevel,
    DiagnosticCode::PermissionInWrongSection,
    DiagnosticCode::AmbiguousPermission,
    DiagnosticCode::PermissionWithoutId,
    DiagnosticCode::PermissionNotListed,
    DiagnosticCode::PermissionUnderstood,
    DiagnosticCode::PermissionListDiffers,
    DiagnosticCode::PermissionNotSelectable,
    DiagnosticCode::PermissionNotForAccounts,
    DiagnosticCode::UnknownAccount,
    DiagnosticCode::UnknownZone,
    DiagnosticCode::UnknownWorker,
    DiagnosticCode::UnknownUser,
    DiagnosticCode::IdOfAnotherKind,
    DiagnosticCode::SameVariable,
    DiagnosticCode::SameName,
];

#[test]
fn no_code_is_without_a_case_and_no_case_without_a_code() {
    let not_utf8 = ProfileFile::from_bytes("app.yaml", b"name: \xff\n".to_vec()).unwrap_err();
    let mut provoked: Vec<DiagnosticCode> = not_utf8.iter().map(|diagnostic| diagnostic.code).collect();
    for Case { text, environment, features, .. } in all() {
        provoked.extend(
            resolve(&text, environment, features).diagnostics.iter().map(|diagnostic| diagnostic.code),
        );
    }
    for code in DiagnosticCode::ALL {
        let is_provoked = provoked.contains(code);
        let is_of_another_room = OF_OTHER_ROOMS.contains(code);
        assert!(is_provoked != is_of_another_room, "{code} is provoked: {is_provoked}");
    }
}

#[test]
fn every_finding_says_what_to_do() {
    for Case { text, environment, features, .. } in all() {
        for diagnostic in resolve(&text, environment, features).diagnostics {
            assert!(!diagnostic.hint.is_empty(), "{}: {}", diagnostic.code, diagnostic.message);
            assert!(!diagnostic.message.contains('\n'), "{}", diagnostic.message);
        }
    }
}

#[test]
fn what_is_read_without_an_error_satisfies_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut checked = 0;
    for Case { text, environment, features, .. } in all() {
        if resolve(&text, environment, features).profile.is_some() {
            let value: serde_json::Value = serde_yaml::from_str(&text).unwrap();
            let found: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| format!("{}: {error}", error.instance_path))
                .collect();
            assert!(found.is_empty(), "{found:?}\n{text}");
            checked += 1;
        }
    }
    assert!(checked > 5, "only {checked} cases are valid");
}

#[test]
fn the_schema_refuses_what_has_the_wrong_shape_or_words() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (part, by) in [
        ("version: 1\n", ""),
        ("version: 1", "version: 2"),
        ("ttl:", "tll:"),
        ("90d", "90 days"),
        ("[example.com]", "example.com"),
        ("DNS: read", "DNS: reed"),
        ("DNS: read", "DNS: []"),
        ("TOKEN: token", "TOKEN: tokn"),
        ("TOKEN: token", "MY-TOKEN: token"),
    ] {
        let value: serde_json::Value = serde_yaml::from_str(&edited(part, by)).unwrap();
        assert!(!validator.is_valid(&value), "{by}");
    }
}
