//! What valid profiles come to: layers, variables, owners, resources, times, sinks.

use chrono::TimeDelta;

use super::*;

/// A profile that uses every part of the format.
pub(super) const FULL: &str = include_str!("../../../tests/fixtures/full.yaml");

fn labels(profile: &Profile) -> Vec<String> {
    let asked = |permission: &Permission| match &permission.reference {
        PermissionRef::Label { label, level } => {
            format!("{}/{}: {}", permission.section.key(), label.value, level.value.word())
        }
        PermissionRef::Item(item) => format!("{}/{}", permission.section.key(), item.value),
    };
    profile.rights.permissions.iter().map(asked).collect()
}

fn names(references: &[Spanned<Reference>]) -> Vec<&str> {
    references.iter().map(|reference| reference.value.text()).collect()
}

#[test]
fn the_full_profile_is_valid_in_every_environment() {
    let file = ProfileFile::from_bytes("full.yaml", FULL.as_bytes().to_vec()).unwrap();
    assert_eq!(file.environments(), ["dev", "production"]);
    assert_eq!(file.features(), ["custom-domain", "nested-subdomain"]);
    assert!(file.has_environments());

    let dev = profile(FULL, Some("dev"), &[]);
    assert_eq!(dev.name.value, "shop-deploy-dev");
    assert_eq!(dev.ttl.value, Lifetime::For(TimeDelta::days(7)));
    assert!(
        matches!(&dev.rights.resources.zones, Zones::Named(zones) if names(zones) == ["staging.example.net"])
    );
    assert_eq!(dev.rotation.unwrap().renew_before, None, "30 days are more than the 7 of this TTL");

    let production = profile(FULL, Some("production"), &[]);
    assert!(labels(&production).contains(&"zone/Zone: read".to_owned()));
    assert!(!labels(&dev).contains(&"zone/Zone: read".to_owned()));
    let ip = production.ip.as_ref().unwrap();
    assert_eq!(ip.allow, ["198.51.100.0/24".parse().unwrap()]);
    assert_eq!(ip.deny, ["203.0.113.7/32".parse().unwrap()], "the map of `ip` merges key by key");

    let [grant] = production.grants.as_slice() else { panic!("one grant") };
    assert!(matches!(&grant.resources.zones, Zones::Named(zones) if names(zones) == ["example.org"]));

    let preview = profile(FULL, Some("pr-17"), &[]);
    let [SinkSpec::EnvFile(FileSpec { path, variables, .. })] = preview.sinks.as_slice() else {
        panic!("one env file")
    };
    assert_eq!(path.value.to_str(), Some(".env.pr-17"));
    assert_eq!(variables.len(), 1);
}

#[test]
fn layers_stack_base_features_environment() {
    let text = "\
version: 1
name: app
permissions: { zone: { DNS: read, Zone: read, Cache Purge: purge } }
resources: { zones: [base.example] }
ttl: 90d
sinks: [{ env_file: .env, variables: { TOKEN: token } }]
features:
  a: { permissions: { zone: { dns: edit, SSL and Certificates: edit } }, resources: { zones: [a.example] } }
  b: { permissions: { zone: { DNS: [read, edit] } }, resources: { zones: [b.example] } }
environments:
  dev: { use: [a], permissions: { zone: { cache  purge: none } } }
  prod: { use: [a, b], ttl: 1d, resources: { zones: [prod.example] } }
";
    let dev = profile(text, Some("dev"), &[]);
    assert_eq!(labels(&dev), ["zone/dns: edit", "zone/SSL and Certificates: edit", "zone/Zone: read"]);
    assert!(matches!(&dev.rights.resources.zones, Zones::Named(zones) if names(zones) == ["a.example"]));

    let dev_with_b = profile(text, Some("dev"), &["b"]);
    assert!(
        matches!(&dev_with_b.rights.resources.zones, Zones::Named(zones) if names(zones) == ["b.example"])
    );
    assert_eq!(labels(&dev_with_b)[..2], ["zone/DNS: read", "zone/DNS: edit"]);

    let prod = profile(text, Some("prod"), &["a"]);
    assert!(matches!(&prod.rights.resources.zones, Zones::Named(zones) if names(zones) == ["prod.example"]));
    assert_eq!(prod.ttl.value, Lifetime::For(TimeDelta::days(1)));
}

#[test]
fn the_closest_environment_is_taken() {
    let text = extended(
        "environments: { '*': { ttl: 1d }, 'pr-*': { ttl: 2d }, 'pr-1*': { ttl: 3d }, pr-17: { ttl: 4d }, '*-x': { ttl: 5d } }\n",
    );
    for (name, days) in [("other", 1), ("pr-2", 2), ("pr-18", 3), ("pr-17", 4), ("a-x", 5)] {
        assert_eq!(profile(&text, Some(name), &[]).ttl.value, Lifetime::For(TimeDelta::days(days)), "{name}");
    }
}

#[test]
fn a_list_and_a_map_of_permissions_stand_side_by_side() {
    let text = edited("{ DNS: read }", "[DNS Write, Zone Read]")
        + "environments: { dev: { permissions: { zone: { Zone: edit, dns write: none } } } }\n";
    assert_eq!(labels(&profile(&text, None, &[])), ["zone/DNS Write", "zone/Zone Read"]);
    assert_eq!(labels(&profile(&text, Some("dev"), &[])), ["zone/Zone: edit", "zone/Zone Read"]);
}

#[test]
fn none_may_answer_a_feature_that_is_off() {
    let text = extended(
        "features: { tls: { permissions: { zone: { SSL and Certificates: edit } } } }\n\
         environments: { dev: { permissions: { zone: { SSL and Certificates: none } } } }\n",
    );
    assert_eq!(labels(&profile(&text, Some("dev"), &[])), ["zone/DNS: read"]);
    assert_eq!(labels(&profile(&text, Some("dev"), &["tls"])), ["zone/DNS: read"]);
}

#[test]
fn edit_and_write_are_one_level() {
    assert_eq!(labels(&profile(&edited("DNS: read", "DNS: [write, edit]"), None, &[])), ["zone/DNS: edit"]);
}

#[test]
fn a_variable_cannot_change_the_structure() {
    // What a variable holds is a name, although the word means everything where it is written.
    let text = edited("zones: [example.com]", "zones: ['${ALL}']");
    assert!(
        matches!(profile(&text, None, &[]).rights.resources.zones, Zones::Named(zones) if names(&zones) == ["all"])
    );
    let text = edited("zone: { DNS: read }", "r2: { Bucket: read }")
        .replace("zones: [example.com]", "accounts: [Acme], buckets: [{ name: '${ALL}' }]");
    assert_eq!(profile(&text, None, &[]).rights.resources.buckets[0].value.name.as_deref(), Some("all"));
}

#[test]
fn a_variable_that_an_upper_layer_replaces_needs_no_value() {
    let text = edited("90d", "${UNSET}").replace("[example.com]", "['${BLANK}']")
        + "environments: { dev: { name: dev, ttl: 1d, resources: { zones: [dev.example] } } }\n";
    assert_eq!(brief(&resolve(&text, Some("dev"), &[]).diagnostics), [""; 0]);
    let found = resolve(&text, None, &[]).diagnostics;
    assert_eq!(brief(&found), ["profile.empty-value 4:22", "profile.unset-variable 5:6"]);
}

#[test]
fn no_variable_holds_a_word_that_only_the_profile_can_say() {
    for (text, word, place) in [
        (edited("90d", "${WORD}"), "never", "profile.unknown-word 5:6"),
        (extended("not_before: ${WORD}\n"), "Now", "profile.unknown-word 7:13"),
        (edited("DNS: read", "DNS: '${WORD}'"), "none", "profile.unknown-word 3:29"),
    ] {
        let file = ProfileFile::from_bytes("app.yaml", text.into_bytes()).unwrap();
        let found =
            file.resolve(&ResolveOptions { variables: &|_| Some(word.to_owned()), ..options(None, &[]) });
        assert!(brief(&found.diagnostics).contains(&place.to_owned()), "{:?}", found.diagnostics);
    }
}

#[test]
fn a_variable_without_a_value_is_a_note_when_only_looking() {
    let look = |text: &str| {
        let file = ProfileFile::from_bytes("app.yaml", text.as_bytes().to_vec()).unwrap();
        file.resolve(&ResolveOptions { unset: Unset::Note, ..options(None, &[]) })
    };
    let resolved = look(&edited("[example.com]", "[\"${ZONE}\"]"));
    assert_eq!(brief(&resolved.diagnostics), ["profile.unset-variable 4:23"]);
    assert!(
        matches!(resolved.profile.unwrap().rights.resources.zones, Zones::Named(zones) if names(&zones) == ["${ZONE}"])
    );
    let resolved = look(&edited("90d", "${TTL}"));
    assert_eq!(brief(&resolved.diagnostics), ["profile.unset-variable 5:6"]);
    assert!(resolved.profile.is_none() && is_sound(&resolved.diagnostics));
}

#[test]
fn a_token_of_an_account_is_for_that_account() {
    let text = edited("[example.com]", "all") + "owner: { account: Acme }\n";
    let profile = profile(&text, None, &[]);
    assert!(
        matches!(&profile.rights.resources.accounts, Accounts::Named(accounts) if names(accounts) == ["Acme"])
    );
    assert_eq!(profile.rights.resources.account().unwrap().value, Reference::Name("Acme".to_owned()));
}

#[test]
fn buckets_are_in_the_account_there_is() {
    let text = |resources: &str| {
        format!(
            "version: 1\nname: app\nttl: 1d\npermissions: {{ r2: {{ Bucket: read }} }}\nresources: {resources}\n\
             sinks: [{{ command: [put], input: r2_secret_access_key }}, {{ env_file: .env, variables: {{ A: account_id, E: r2_endpoint }} }}]\n"
        )
    };
    let one =
        profile(&text("{ accounts: [Acme], buckets: [{ name: assets, jurisdiction: eu }] }"), None, &[]);
    let (account, jurisdiction) = one.rights.resources.r2_endpoint().unwrap();
    assert_eq!((account.value.text(), jurisdiction), ("Acme", Jurisdiction::Eu));

    let own = profile(
        &text("{ buckets: [{ account: Acme, name: assets }, { account: Acme, name: all }] }"),
        None,
        &[],
    );
    assert_eq!(own.rights.resources.account().unwrap().value.text(), "Acme");
    assert_eq!(own.rights.resources.buckets[1].value.name, None);

    let every = profile(&text("{ accounts: [Acme], buckets: all }"), None, &[]);
    assert_eq!(every.rights.resources.buckets[0].value.account.value.text(), "Acme");

    let several = resolve(&text("{ accounts: [A, B], buckets: [{ name: assets }] }"), None, &[]);
    assert_eq!(brief(&several.diagnostics)[0], "profile.missing-key 5:50");
}

#[test]
fn addresses_become_networks() {
    let text = extended(
        "ip: { allow: [203.0.113.7, '2001:db8::1', 198.51.100.77/24, 198.51.100.0/24], deny: [] }\n",
    );
    let ip = profile(&text, None, &[]).ip.unwrap();
    let allow: Vec<String> = ip.allow.iter().map(ToString::to_string).collect();
    assert_eq!(allow, ["203.0.113.7/32", "2001:db8::1/128", "198.51.100.0/24"]);
    assert_eq!(profile(&extended("ip: {}\n"), None, &[]).ip, None);
    assert_eq!(profile(&extended("ip: { allow: [] }\n"), None, &[]).ip, Some(IpRules::default()));
}

#[test]
fn rotation_has_its_usual_values() {
    let rotation = profile(&extended("rotation: { every: 30d }\n"), None, &[]).rotation.unwrap();
    assert_eq!(rotation.every, Some(TimeDelta::days(30)));
    assert_eq!(rotation.overlap, TimeDelta::hours(1));
    assert_eq!((rotation.renew_before, rotation.strategy), (None, Strategy::Generation));
    let rolled =
        profile(&extended("rotation: { strategy: roll, overlap: 0s }\n"), None, &[]).rotation.unwrap();
    assert_eq!((rolled.overlap, rolled.strategy), (TimeDelta::zero(), Strategy::Roll));
    assert_eq!(profile(SOUND, None, &[]).rotation, None);
}

#[test]
fn an_overlap_is_always_shorter_than_the_time_between_two_rotations() {
    let hours = TimeDelta::hours;
    for (ttl, rotation, overlap) in [
        ("90d", "", hours(1)),
        ("90d", "rotation: { every: 30d, overlap: 1d }", hours(24)),
        ("90d", "rotation: { every: 1d, overlap: 2d }", hours(12)),
        ("3h", "rotation: { renew_before: 1h }", hours(1)),
        ("3h", "rotation: { renew_before: 2h }", TimeDelta::minutes(30)),
        ("30m", "", TimeDelta::minutes(10)),
        ("never", "rotation: { overlap: 9d }", hours(9 * 24)),
    ] {
        let text = extended(&format!("{rotation}\n")).replace("90d", ttl);
        assert_eq!(profile(&text, None, &[]).overlap(), overlap, "{ttl} {rotation}");
    }
}

#[test]
fn grants_are_a_list_that_an_upper_layer_replaces() {
    let text = "\
version: 1
name: app
ttl: 90d
sinks: [{ env_file: .env, variables: { TOKEN: token } }]
grants:
  - { permissions: { zone: { DNS: read } }, resources: { zones: [a.example] } }
  - { permissions: { zone: { DNS: edit } }, resources: { zones: [b.example] } }
features:
  more: { grants: [{ permissions: { zone: { Zone: read } }, resources: { zones: [c.example] } }] }
environments:
  dev: {}
  none: { grants: [], permissions: { zone: { DNS: read } }, resources: { zones: [d.example] } }
";
    let granted = |environment, features: &[&str]| -> Vec<String> {
        let profile = profile(text, Some(environment), features);
        let zones = |rights: &Rights| match &rights.resources.zones {
            Zones::Named(zones) => names(zones).join(" "),
            _ => panic!("named zones"),
        };
        profile.all_rights().map(zones).collect()
    };
    assert_eq!(granted("dev", &[]), ["", "a.example", "b.example"], "a profile may have grants alone");
    assert_eq!(granted("dev", &["more"]), ["", "c.example"]);
    assert_eq!(granted("none", &[]), ["d.example"]);
}

#[test]
fn the_word_any_replaces_addresses_and_addresses_replace_the_word() {
    let text = extended(
        "ip: { allow: [203.0.113.0/24] }\n\
         environments: { open: { ip: any }, closed: { ip: { deny: [203.0.113.7] } } }\n",
    );
    assert_eq!(profile(&text, Some("open"), &[]).ip, Some(IpRules::default()));
    let closed = profile(&text, Some("closed"), &[]).ip.unwrap();
    assert_eq!((closed.allow.len(), closed.deny.len()), (1, 1));
    let lifted = text.replace("ip: { allow: [203.0.113.0/24] }", "ip: any");
    let closed = profile(&lifted, Some("closed"), &[]).ip.unwrap();
    assert_eq!((closed.allow.len(), closed.deny.len()), (0, 1));
}

#[test]
fn words_are_read_in_any_case() {
    let text = edited("DNS: read", "DNS: [Read, EDIT], Zone: Write")
        .replace("name: app", "name: app\nowner: User")
        .replace("ttl: 90d", "ttl: Never");
    let shouted = profile(&text, None, &[]);
    assert_eq!(labels(&shouted), ["zone/DNS: read", "zone/DNS: edit", "zone/Zone: edit"]);
    assert_eq!((shouted.owner, shouted.ttl.value), (Owner::User, Lifetime::Never));

    let all =
        edited("resources: { zones: [example.com] }", "resources: { accounts: All, zones: ALL-accounts }");
    assert_eq!(profile(&all, None, &[]).rights.resources.zones, Zones::AllAccounts);
    let listed = edited("[example.com]", "[ALL]");
    assert_eq!(brief(&resolve(&listed, None, &[]).diagnostics), ["profile.all-in-a-list 4:22"]);
}

#[test]
fn every_jurisdiction_can_be_named() {
    for place in Jurisdiction::ALL {
        for word in [place.word().to_owned(), place.word().to_uppercase()] {
            let text = edited("zone: { DNS: read }", "r2: { Workers R2 Storage Bucket Item: read }").replace(
                "{ zones: [example.com] }",
                &format!("{{ buckets: [{{ account: Acme, name: assets, jurisdiction: {word} }}] }}"),
            );
            assert_eq!(profile(&text, None, &[]).rights.resources.buckets[0].value.jurisdiction, place);
        }
    }
}

#[test]
fn paths_stay_inside_unless_they_are_absolute() {
    for path in [".env", "a/../.env", "./a/.env", "/etc/app/token", "${HOME}/.env", "a/b/../../.env", "a..b"]
    {
        let text = edited("env_file: .env", &format!("env_file: \"{path}\""));
        assert!(resolve(&text, None, &[]).profile.is_some(), "{path}");
    }
    for path in ["..", "../x", "a/../../x", "~/x", "a/", ".", "a/..", "/", "a/."] {
        let text = edited("env_file: .env", &format!("env_file: \"{path}\""));
        assert_eq!(resolve(&text, None, &[]).diagnostics[0].code, DiagnosticCode::BadPath, "{path}");
    }
}

#[test]
fn problems_of_several_environments_are_told_once() {
    let file =
        ProfileFile::from_bytes("app.yaml", extended("colour: red\nenvironments: { a: {}, b: {} }\n").into())
            .unwrap();
    let all = ["a", "b"].into_iter().flat_map(|name| file.resolve(&options(Some(name), &[])).diagnostics);
    assert_eq!(brief(&distinct(all.collect())), ["profile.unknown-key 7:1"]);
}
