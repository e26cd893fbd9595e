//! Each code with the token that provokes it, and what is no finding.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::lifecycle::tests::live;
use crate::plan::{MarkedName, Policy, PolicyEffect, ZoneEntry};
use crate::profile::{Profile, ProfileFile, ResolveOptions, Unset};

const ACCOUNT: &str = "e0000000000000000000000000000001";
const ZONE: &str = "e0000000000000000000000000000101";
const DNS_WRITE: &str = "4755a26eedb94da69e1066d98aa820be";
const DNS_READ: &str = "82e64a83756745bbbb1c9c2701bf816b";
const BUCKET_ITEM_READ: &str = "6a018a9f2fc74eb6b293b0c548f38b39";
const TOKENS_WRITE: &str = "686d18d5ac6c441c867cbf6771e58a0a";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn policy(group: &str, resource: Resource) -> Policy {
    Policy {
        effect: PolicyEffect::Allow,
        groups: BTreeMap::from([(group.to_owned(), String::new())]),
        resources: BTreeSet::from([resource]),
    }
}

/// A token without fault: 10 days old, used yesterday, for 20 days more, from one address, on one zone.
fn sound() -> Live {
    Live {
        policies: vec![policy(DNS_WRITE, Resource::Zone(ZONE.to_owned()))],
        addresses: Addresses::read(&["203.0.113.0/24".to_owned()], &[]),
        expires_on: Some(now() + TimeDelta::days(20)),
        issued_on: Some(now() - TimeDelta::days(10)),
        modified_on: Some(now() - TimeDelta::days(10)),
        last_used_on: Some(now() - TimeDelta::days(1)),
        ..live("shop-dev@a0000000")
    }
}

fn but(change: impl FnOnce(&mut Live)) -> Live {
    let mut live = sound();
    change(&mut live);
    live
}

fn holding(group: &str, resource: Resource) -> Live {
    but(|live| live.policies = vec![policy(group, resource)])
}

/// The profile of that token, as it is for an environment.
fn profile(environment: &str, lines: &str) -> Profile {
    let text = format!(
        "
version: 1
name: shop-${{environment}}
permissions: {{ zone: {{ DNS: edit }} }}
resources: {{ zones: [{ZONE}] }}
sinks: [{{ env_file: .env, variables: {{ SHOP_TOKEN: token }} }}]
environments: {{ dev: {{}}, \"pr-*\": {{}} }}
{lines}
"
    );
    let choice = ResolveOptions {
        environment: Some(environment),
        features: &[],
        variables: &|_| None,
        now: now(),
        unset: Unset::Error,
    };
    ProfileFile::from_bytes("shop.yaml", text.into()).unwrap().resolve(&choice).profile.unwrap()
}

fn wanted() -> Wanted {
    let mut wanted = Wanted::named(&profile("dev", "ttl: 30d"), None);
    wanted.policies = sound().policies;
    wanted
}

fn in_profile<'a>(
    profile: &'a Profile,
    environment: &str,
    wanted: Result<&'a Wanted, &'a str>,
) -> Membership<'a> {
    Membership::In { belonging: Belonging { profile, environment: Some(environment.to_owned()) }, wanted }
}

/// What is found, as codes with the first letter of their severity.
fn found(
    live: &Live,
    role: Role,
    others: &[&Live],
    membership: Membership<'_>,
    files: &[OpenFile],
) -> Vec<String> {
    let catalogue = Catalogue::embedded();
    let zone = ZoneEntry { id: ZONE.to_owned(), name: "example.com".to_owned(), account: ACCOUNT.to_owned() };
    let directory = Directory { zones: vec![zone], ..Directory::default() };
    let measure = Measure { unused_for: TimeDelta::days(90), catalogue, directory: &directory, now: now() };
    let mut generations = vec![live];
    generations.extend(others);
    generations.sort_by_key(|live| live.issued_on);
    let around = AuditContext { role, generations: &generations, membership, open_files: files };
    let letter = |severity| match severity {
        Severity::Error => 'E',
        Severity::Warning => 'W',
        Severity::Note => 'N',
    };
    let findings = audit(live, &around, &measure);
    findings.iter().map(|found| format!("{} {}", letter(found.severity), found.what.code())).collect()
}

fn of(live: &Live) -> Vec<String> {
    found(live, Role::Other, &[], Membership::Unasked, &[])
}

#[test]
fn a_sound_token_has_no_findings() {
    assert_eq!(of(&sound()), [""; 0]);
    let (profile, wanted) = (profile("dev", "ttl: 30d"), wanted());
    let membership = in_profile(&profile, "dev", Ok(&wanted));
    assert_eq!(found(&sound(), Role::Other, &[], membership, &[]), [""; 0]);
}

#[test]
fn a_token_is_judged_by_itself() {
    let account = || Resource::Account(ACCOUNT.to_owned());
    let of_all = |text: &str| Addresses::read(&[text.to_owned()], &[]);
    let from_anywhere = |live: &mut Live| live.addresses = Addresses::default();
    for (live, expected) in [
        (but(|live| live.status = Status::Other("revoked (exposed)".to_owned())), &["E audit.exposed"][..]),
        (but(|live| live.status = Status::Expired), &["N audit.expired"]),
        (but(|live| live.expires_on = Some(now())), &["N audit.expired"]),
        (but(|live| live.status = Status::Disabled), &["N audit.disabled"]),
        (but(|live| live.expires_on = None), &["W audit.no-expiry"]),
        (but(from_anywhere), &["W audit.no-address-rule"]),
        (but(|live| live.addresses = of_all("0.0.0.0/0")), &["W audit.no-address-rule"]),
        (but(|live| live.addresses = of_all("::/0")), &["W audit.no-address-rule"]),
        (
            but(|live| live.addresses = Addresses::read(&[], &["203.0.113.7".to_owned()])),
            &["W audit.no-address-rule"],
        ),
        // What only reads may be used from anywhere.
        (
            but(|live| {
                from_anywhere(live);
                live.policies = vec![policy(DNS_READ, Resource::Zone(ZONE.to_owned()))];
            }),
            &[],
        ),
        (holding(TOKENS_WRITE, Resource::User(ACCOUNT.to_owned())), &["W audit.makes-tokens"]),
        (holding("5bc3f8b21c554832afc660159ab75fa4", account()), &["W audit.makes-tokens"]),
        (
            but(|live| {
                from_anywhere(live);
                live.expires_on = None;
                live.policies = vec![policy(TOKENS_WRITE, Resource::User(ACCOUNT.to_owned()))];
            }),
            &["E audit.no-expiry", "E audit.no-address-rule", "W audit.makes-tokens"],
        ),
        (holding(DNS_WRITE, Resource::AllAccounts), &["W audit.every-account", "W audit.without-effect"]),
        (holding(DNS_WRITE, Resource::Account(ACCOUNT.to_owned())), &["W audit.without-effect"]),
        (holding(BUCKET_ITEM_READ, Resource::Account(ACCOUNT.to_owned())), &["W audit.without-effect"]),
        (holding(BUCKET_ITEM_READ, Resource::BucketsOf(ACCOUNT.to_owned())), &[]),
        // One policy of two is enough, and what is not known counts for nothing.
        (but(|live| live.policies.push(policy(DNS_WRITE, Resource::Account(ACCOUNT.to_owned())))), &[]),
        (holding(&"f".repeat(32), Resource::Account(ACCOUNT.to_owned())), &[]),
        (holding(DNS_WRITE, Resource::parse("com.cloudflare.moon", None)), &[]),
        (holding(DNS_WRITE, Resource::AllZones), &["W audit.every-zone"]),
        (holding(DNS_WRITE, Resource::ZonesOf(ACCOUNT.to_owned())), &["N audit.every-zone"]),
        (but(|live| live.policies[0].effect = PolicyEffect::Deny), &[]),
        (but(|live| live.last_used_on = None), &[]),
    ] {
        assert_eq!(of(&live), expected, "{live:?}");
    }
}

#[test]
fn a_token_is_unused_after_the_time_that_was_given_and_not_before() {
    let idle = |days, used: Option<i64>| {
        but(|live| {
            live.issued_on = Some(now() - TimeDelta::days(days));
            live.modified_on = live.issued_on;
            live.last_used_on = used.map(|days| now() - TimeDelta::days(days));
        })
    };
    assert_eq!(of(&idle(90, None)), ["W audit.unused"]);
    assert_eq!(of(&idle(89, None)), [""; 0]);
    assert_eq!(of(&idle(400, Some(90))), ["W audit.unused"]);
    assert_eq!(of(&idle(400, Some(89))), [""; 0]);
    // It is at work right now, whatever the list says.
    let bootstrap = found(&idle(400, None), Role::Bootstrap, &[], Membership::Unasked, &[]);
    assert_eq!(bootstrap, ["N audit.makes-tokens"]);
}

#[test]
fn the_bootstrap_is_worth_more_than_what_it_makes() {
    let open = but(|live| (live.expires_on, live.addresses) = (None, Addresses::default()));
    let found = found(&open, Role::Bootstrap, &[], Membership::Nowhere, &[]);
    assert_eq!(found, ["E audit.no-expiry", "E audit.no-address-rule", "N audit.makes-tokens"]);
}

#[test]
fn an_older_generation_that_does_not_end_is_found_and_one_that_does_is_not() {
    let newer = Live { id: "1".repeat(32), issued_on: Some(now()), ..live("shop-dev@b0000000") };
    let of = |live: &Live| found(live, Role::Other, &[&newer], Membership::Unasked, &[]);
    // To end it is all there is to do, so nothing else is said.
    assert_eq!(of(&but(|live| live.addresses = Addresses::default())), ["W audit.several-generations"]);
    assert_eq!(of(&but(|live| live.expires_on = Some(now() + TimeDelta::minutes(59)))), [""; 0]);
    assert_eq!(of(&but(|live| live.status = Status::Expired)), ["N audit.expired"]);
    let exec = |id: char, mark: &str| {
        but(|live| {
            live.id = id.to_string().repeat(32);
            live.name = format!("shop+exec@{mark}");
            live.marked = MarkedName::parse(&live.name);
        })
    };
    let (one, other) = (exec('2', "c0000000"), exec('3', "d0000000"));
    assert_eq!(
        found(&one, Role::Other, &[&other], Membership::Nowhere, &[]),
        [""; 0],
        "of two commands at once"
    );
    let open = Live { addresses: Addresses::default(), ..one.clone() };
    assert_eq!(
        found(&open, Role::Other, &[&newer], Membership::Unasked, &[]),
        [""; 0],
        "it is over in a moment"
    );
    let expired = Live { status: Status::Expired, ..one };
    assert_eq!(found(&expired, Role::Other, &[], Membership::Unasked, &[]), ["N audit.expired"]);
}

#[test]
fn a_token_is_held_against_its_profile() {
    let (dev, forever, pattern) =
        (profile("dev", "ttl: 30d"), profile("dev", "ttl: never"), profile("pr-1", "ttl: 3d"));
    let wanted = wanted();
    let wide =
        Wanted { policies: vec![policy(DNS_WRITE, Resource::ZonesOf(ACCOUNT.to_owned()))], ..wanted.clone() };
    let other_zone = holding(DNS_WRITE, Resource::Zone("e0000000000000000000000000000999".to_owned()));
    let other_group = holding(DNS_READ, Resource::Zone(ZONE.to_owned()));
    let expired = but(|live| live.status = Status::Expired);
    let makes_tokens = holding(TOKENS_WRITE, Resource::User(ACCOUNT.to_owned()));
    let by_hand = Live { marked: None, ..makes_tokens.clone() };
    let endless = but(|live| live.expires_on = None);
    for (token, membership, expected) in [
        (sound(), Membership::Nowhere, &["W audit.no-profile"][..]),
        // Some names are not known, so it may well have one.
        (sound(), Membership::Unclear, &["N audit.no-profile"]),
        // Such a token is made by hand, unless its mark says that it was taken over.
        (by_hand, Membership::Nowhere, &["W audit.makes-tokens"]),
        (makes_tokens, Membership::Nowhere, &["W audit.makes-tokens", "W audit.no-profile"]),
        (sound(), in_profile(&dev, "dev", Err("no zone is called so")), &["N audit.not-compared"]),
        (other_zone.clone(), in_profile(&dev, "dev", Ok(&wanted)), &["E audit.broader-than-profile"]),
        (other_group.clone(), in_profile(&dev, "dev", Ok(&wanted)), &["E audit.broader-than-profile"]),
        // Narrower than its profile, or as narrow in other words.
        (sound(), in_profile(&dev, "dev", Ok(&wide)), &[]),
        (other_zone.clone(), in_profile(&dev, "dev", Ok(&wide)), &["E audit.broader-than-profile"]),
        // The profile of a pattern is an example's: its resources may be others, its permissions not.
        (other_zone, in_profile(&pattern, "pr-17", Ok(&wanted)), &[]),
        (other_group, in_profile(&pattern, "pr-17", Ok(&wanted)), &["E audit.broader-than-profile"]),
        // Nobody has this profile's token any more; an environment of a pattern comes and goes.
        (expired.clone(), in_profile(&dev, "dev", Ok(&wanted)), &["W audit.expired"]),
        (expired, in_profile(&pattern, "pr-17", Ok(&wanted)), &["N audit.expired"]),
        (endless.clone(), in_profile(&dev, "dev", Ok(&wanted)), &["W audit.no-expiry"]),
        (endless, in_profile(&forever, "dev", Ok(&wanted)), &["N audit.no-expiry"]),
    ] {
        assert_eq!(found(&token, Role::Other, &[], membership, &[]), expected, "{token:?}");
    }
}

#[test]
fn a_file_that_others_can_read_is_an_error() {
    let open = OpenFile { shown: ".env".to_owned(), mode: 0o644 };
    assert_eq!(
        found(&sound(), Role::Other, &[], Membership::Unasked, &[open]),
        ["E audit.secret-readable-by-others"]
    );
}

#[test]
fn every_code_is_found_on_some_token() {
    let named = |name: &str| {
        but(|live| {
            live.name = name.to_owned();
            live.marked = MarkedName::parse(name);
        })
    };
    let (dev, wanted) = (profile("dev", "ttl: 30d"), wanted());
    let newer = Live { id: "1".repeat(32), issued_on: Some(now()), ..live("shop-dev@b0000000") };
    let open = OpenFile { shown: ".env".to_owned(), mode: 0o644 };
    let idle = but(|live| {
        live.issued_on = Some(now() - TimeDelta::days(91));
        (live.modified_on, live.last_used_on) = (live.issued_on, None);
    });
    let beyond = holding(DNS_READ, Resource::Zone(ZONE.to_owned()));
    let unasked = |live: &Live| found(live, Role::Other, &[], Membership::Unasked, &[]);
    let provoked: Vec<String> = [
        unasked(&but(|live| live.status = Status::Other("revoked (exposed)".to_owned()))),
        unasked(&but(|live| live.status = Status::Expired)),
        unasked(&but(|live| live.status = Status::Disabled)),
        unasked(&but(|live| (live.expires_on, live.addresses) = (None, Addresses::default()))),
        unasked(&holding(TOKENS_WRITE, Resource::User(ACCOUNT.to_owned()))),
        unasked(&holding(DNS_WRITE, Resource::AllAccounts)),
        unasked(&holding(DNS_WRITE, Resource::AllZones)),
        unasked(&idle),
        unasked(&named("shop-dev+new@a0000000")),
        unasked(&named("shop-dev+hooks@a0000000")),
        found(&sound(), Role::Other, &[&newer], Membership::Unasked, &[]),
        found(&sound(), Role::Other, &[], Membership::Nowhere, &[]),
        found(&sound(), Role::Other, &[], in_profile(&dev, "dev", Err("no zone is called so")), &[]),
        found(&beyond, Role::Other, &[], in_profile(&dev, "dev", Ok(&wanted)), &[]),
        found(&sound(), Role::Other, &[], Membership::Unasked, &[open]),
    ]
    .concat();
    for rule in What::KINDS {
        assert!(provoked.iter().any(|found| found.ends_with(rule.code)), "nothing provokes {}", rule.code);
    }
}
