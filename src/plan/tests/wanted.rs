//! A profile -> the token it asks for.

use super::*;
use crate::catalogue::{Catalogue, Granted, resolve_all};
use crate::profile::{Jurisdiction, Profile, ProfileFile, ResolveOptions, Section, Unset};

const ACCOUNT: &str = "e0000000000000000000000000000001";
const SECOND: &str = "e0000000000000000000000000000002";
const TAG: &str = "e0000000000000000000000000000201";
const USER: &str = "e00000000000000000000000000000ff";

fn directory() -> Directory {
    let named = |id: &str, name: &str| AccountEntry { id: id.to_owned(), name: name.to_owned() };
    let worker = |name: &str, tag: &str| WorkerEntry { name: name.to_owned(), tag: tag.to_owned() };
    let zone = |id: &str, name: &str| ZoneEntry {
        id: id.to_owned(),
        name: name.to_owned(),
        account: ACCOUNT.to_owned(),
    };
    Directory {
        accounts: vec![named(ACCOUNT, "Acme"), named(SECOND, "Second")],
        zones: vec![zone(ZONE, "example.com"), zone(OTHER_ZONE, "example.net")],
        workers: [(ACCOUNT.to_owned(), Some(vec![worker("api", TAG), worker("shop", SECOND)]))].into(),
        user: Some(USER.to_owned()),
        ..Directory::default()
    }
}

fn profile(parts: &str) -> Profile {
    let ttl = if parts.contains("ttl:") { "" } else { "ttl: 90d\n" };
    let text = format!("version: 1\nname: shop\n{ttl}sinks: [{{ command: [cat], input: token }}]\n{parts}");
    let file = ProfileFile::from_bytes("shop.yaml", text.clone().into_bytes()).unwrap();
    let choice = ResolveOptions {
        environment: None,
        features: &[],
        variables: &|_| None,
        now: now(),
        unset: Unset::Error,
    };
    let resolved = file.resolve(&choice);
    resolved.profile.unwrap_or_else(|| panic!("{:#?}\n{text}", resolved.diagnostics))
}

fn ask(parts: &str, directory: &Directory) -> Result<Wanted, Vec<Unresolved>> {
    let profile = profile(parts);
    let granted: Vec<_> = profile
        .all_rights()
        .map(|rights| {
            resolve_all(Catalogue::embedded(), &profile.source, &rights.permissions, &profile.owner).granted
        })
        .collect();
    Wanted::new(&profile, &granted, directory)
}

fn wants(parts: &str) -> Wanted {
    ask(parts, &directory()).unwrap()
}

/// Each policy in a line: names of groups, then resources.
fn lines(wanted: &Wanted) -> Vec<String> {
    let line = |policy: &Policy| {
        assert_eq!(policy.effect, PolicyEffect::Allow, "a profile never denies");
        let groups: BTreeSet<&str> = policy.groups.values().map(String::as_str).collect();
        let resources: Vec<String> = policy.resources.iter().map(ToString::to_string).collect();
        format!("{} on {}", groups.into_iter().collect::<Vec<_>>().join(", "), resources.join(", "))
    };
    wanted.policies.iter().map(line).collect()
}

#[test]
fn each_scope_has_its_own_policy() {
    let wanted = wants(
        "permissions:
  zone: { DNS: edit, Zone: read }
  account: { Workers Scripts: edit }
  user: { Memberships: read }
  r2: { Workers R2 Storage Bucket Item: edit }
resources: { accounts: [Acme], zones: [example.com, example.net], buckets: [{ account: Acme, name: assets }] }
",
    );
    assert_eq!(
        lines(&wanted),
        [
            format!("Workers Scripts Write on account {ACCOUNT}"),
            format!("DNS Write, Zone Read on zone {ZONE}, zone {OTHER_ZONE}"),
            format!("Memberships Read on user {USER}"),
            format!("Workers R2 Storage Bucket Item Write on bucket assets of account {ACCOUNT}"),
        ]
    );
    assert_eq!((wanted.owner, wanted.account.as_deref(), wanted.zone), (None, Some(ACCOUNT), None));
}

#[test]
fn all_means_the_narrowest_thing_that_can_be_meant() {
    let dns = "permissions: { zone: { DNS: edit } }\n";
    let scripts = "permissions: { account: { Workers Scripts: edit } }\n";
    for (permissions, resources, expected) in [
        (dns, "{ accounts: [Acme], zones: all }", format!("every zone of account {ACCOUNT}")),
        (
            dns,
            "{ accounts: [Acme, Second], zones: all }",
            format!("every zone of account {ACCOUNT}, every zone of account {SECOND}"),
        ),
        (dns, "{ accounts: all, zones: all }", "every zone of every account".to_owned()),
        (dns, "{ zones: all-accounts }", "every zone of every account".to_owned()),
        (scripts, "{ accounts: all }", "every account".to_owned()),
        (scripts, "{ accounts: [Second] }", format!("account {SECOND}")),
    ] {
        let wanted = wants(&format!("{permissions}resources: {resources}\n"));
        assert!(lines(&wanted).concat().ends_with(&format!("Write on {expected}")), "{:?}", lines(&wanted));
    }
}

#[test]
fn an_account_owns_its_token_and_is_its_account() {
    let wanted = wants(
        "owner: { account: Acme }
permissions: { account: { Workers Scripts: edit }, zone: { DNS: edit } }
resources: { zones: all }
",
    );
    assert_eq!(wanted.owner.as_deref(), Some(ACCOUNT));
    assert_eq!(wanted.account.as_deref(), Some(ACCOUNT));
    assert_eq!(
        lines(&wanted),
        [
            format!("Workers Scripts Write on account {ACCOUNT}"),
            format!("DNS Write on every zone of account {ACCOUNT}"),
        ]
    );
}

#[test]
fn the_home_of_buckets_is_known_where_it_is_one_place() {
    let on = |resources: &str| {
        let item = "permissions: { r2: { Workers R2 Storage Bucket Item: edit } }\n";
        let wanted = wants(&format!("{item}resources: {resources}\n"));
        (wanted.buckets.map(|home| (home.account, home.jurisdiction)), wanted.account)
    };
    let home = |jurisdiction| Some((ACCOUNT.to_owned(), jurisdiction));
    let acme = || Some(ACCOUNT.to_owned());
    for (resources, expected) in [
        (
            "{ buckets: [{ account: Acme, name: one }, { account: Acme, name: two }] }",
            (home(Jurisdiction::Default), acme()),
        ),
        ("{ buckets: [{ account: Acme, name: one, jurisdiction: eu }] }", (home(Jurisdiction::Eu), acme())),
        ("{ buckets: [{ account: Acme, name: all }] }", (home(Jurisdiction::Default), acme())),
        ("{ buckets: [{ account: Acme, name: one }, { account: Second, name: one }] }", (None, None)),
        (
            "{ buckets: [{ account: Acme, name: one }, { account: Acme, name: two, jurisdiction: eu }] }",
            (None, None),
        ),
    ] {
        assert_eq!(on(resources), expected, "{resources}");
    }
    let whole = wants(
        "permissions: { account: { Workers Scripts: edit } }
resources: { accounts: [Acme] }
",
    );
    assert_eq!(whole.buckets.map(|home| home.account), acme(), "S3 on the whole account");
}

#[test]
fn a_grant_has_its_own_policies() {
    let wanted = wants(
        "permissions: { zone: { DNS: edit }, account: { Workers Scripts: edit } }
resources: { accounts: [Acme], zones: [example.com] }
grants:
  - permissions: { zone: { DNS: read, Zone: read } }
    resources: { zones: [example.net] }
  - permissions: { account: { Account Settings: read } }
    resources: { accounts: [Second] }
",
    );
    assert_eq!(
        lines(&wanted),
        [
            format!("Workers Scripts Write on account {ACCOUNT}"),
            format!("DNS Write on zone {ZONE}"),
            format!("DNS Read, Zone Read on zone {OTHER_ZONE}"),
            format!("Account Settings Read on account {SECOND}"),
        ]
    );
    let values = (wanted.account.as_deref(), wanted.zone.as_deref());
    assert_eq!(values, (Some(ACCOUNT), Some(ZONE)), "the profile's own resources give the values");

    let failed = ask(
        "permissions: { zone: { DNS: edit } }
resources: { zones: [example.com] }
grants: [{ permissions: { zone: { Zone: read } }, resources: { zones: [example.org] } }]
",
        &directory(),
    );
    assert!(matches!(failed.unwrap_err().as_slice(), [Unresolved::Zone { .. }]));
}

/// A profile that may edit single Workers, by the id of a group that the embedded catalogue lacks.
fn editor_of(workers: &str) -> Result<Wanted, Vec<Unresolved>> {
    editor_seeing(workers, &directory())
}

fn editor_seeing(workers: &str, directory: &Directory) -> Result<Wanted, Vec<Unresolved>> {
    let profile = profile(&format!(
        "owner: {{ account: Acme }}
permissions: {{ worker: [Individual Workers Editor] }}
resources: {{ workers: {workers} }}
"
    ));
    let editor = Granted { section: Section::Worker, id: "e1".to_owned(), name: "Editor".to_owned() };
    Wanted::new(&profile, &[vec![editor]], directory)
}

#[test]
fn a_worker_is_named_by_its_tag() {
    let tag = "0123456789abcdef0123456789abcdef";
    let wanted = editor_of(&format!("[{{ name: api }}, {{ account: Acme, name: {tag} }}]")).unwrap();
    let expected = [tag, TAG].map(|tag| format!("Worker {tag} of account {ACCOUNT}")).join(", ");
    assert_eq!(lines(&wanted), [format!("Editor on {expected}")]);
}

#[test]
fn a_worker_that_is_not_there_has_to_be_deployed_first() {
    let words = |workers| editor_of(workers).unwrap_err()[0].words();
    let (message, hint) = words("[{ name: apy }]");
    assert_eq!(message, "Acme has no Worker called `apy`");
    assert!(hint.contains("did you mean `api`?") && hint.contains("must be deployed"), "{hint}");
    let (_, hint) = words("[{ name: billing }]");
    assert_eq!(hint, "deploy the Worker first; there are: api, shop");
    let blind = Directory { workers: [(ACCOUNT.to_owned(), None)].into(), ..directory() };
    let (message, hint) = editor_seeing("[{ name: api }]", &blind).unwrap_err()[0].words();
    assert!(message.contains("Workers of Acme cannot be listed") && hint.contains("Workers Scripts: Read"));
}

#[test]
fn every_name_that_fails_is_reported_together() {
    let unresolved = ask(
        "permissions: { account: { Workers Scripts: edit }, zone: { DNS: edit }, user: { Memberships: read } }
resources: { accounts: [Acme, Nobody], zones: [example.org] }
",
        &Directory { user: None, ..directory() },
    );
    let kinds: Vec<&str> = unresolved
        .unwrap_err()
        .iter()
        .map(|error| match error {
            Unresolved::Account { .. } => "account",
            Unresolved::Zone { .. } => "zone",
            Unresolved::User { .. } => "user",
            _ => "another",
        })
        .collect();
    assert_eq!(kinds, ["account", "zone", "user"]);
}

#[test]
fn an_end_is_reckoned_from_now() {
    let fixed = at("2030-01-31T00:00:00Z");
    for (lifetime, end) in [
        (Lifetime::For(days(90)), Some(now() + days(90))),
        (Lifetime::For(TimeDelta::MAX), Some(DateTime::<Utc>::MAX_UTC)),
        (Lifetime::Until(fixed), Some(fixed)),
        (Lifetime::Never, None),
    ] {
        assert_eq!(Wanted { lifetime, ..wanted() }.expiry(now()), end, "{lifetime:?}");
    }
}

#[test]
fn a_beginning_allows_for_clocks_that_run_ahead() {
    let back = now() - TimeDelta::minutes(5);
    for (asked, sent) in [
        (None, None),
        (Some(now() + days(1)), Some(now() + days(1))),
        (Some(now()), Some(back)),
        (Some(now() - TimeDelta::seconds(1)), Some(back)),
        (Some(now() - days(1)), Some(now() - days(1))),
    ] {
        let wanted = Wanted { not_before: asked.map(Start::At), ..wanted() };
        assert_eq!(wanted.start(now()), sent, "{asked:?}");
    }
    let beginning = DateTime::<Utc>::MIN_UTC;
    let wanted = Wanted { not_before: Some(Start::At(beginning)), ..wanted() };
    assert_eq!(wanted.start(beginning), Some(beginning));
}

#[test]
fn the_name_is_enough_to_end_a_token() {
    let profile = profile("permissions: { zone: { DNS: edit } }\nresources: { zones: [gone.example] }\n");
    let named = Wanted::named(&profile, Some(ACCOUNT.to_owned()));
    assert_eq!((named.name.as_str(), named.owner.as_deref()), ("shop", Some(ACCOUNT)));
    assert_eq!(named.policies, []);
}
