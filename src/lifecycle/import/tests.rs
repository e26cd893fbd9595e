#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::*;
use crate::catalogue::{LiveGroup, Resource};
use crate::lifecycle::tests::live;
use crate::plan::{AccountEntry, Addresses, MarkedName, ZoneEntry};
use crate::profile::{Jurisdiction, LONGEST_NAME};

const DNS_WRITE: &str = "4755a26eedb94da69e1066d98aa820be";
const ZONE_READ: &str = "c8fed203ed3043cba015a93ad1616f1f";
const ACCESS_READ: &str = "7ea222f6d5064cfa89ea366d7c1fee89";
const ACCESS_REVOKE: &str = "6c9d1cfcfc6840a987d1b5bfb880a841";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn id(digit: char) -> String {
    digit.to_string().repeat(32)
}

fn policy(groups: &[&str], resources: impl IntoIterator<Item = Resource>) -> Policy {
    let groups: BTreeMap<String, String> =
        groups.iter().map(|id| ((*id).to_owned(), String::new())).collect();
    Policy { effect: PolicyEffect::Allow, groups, resources: resources.into_iter().collect() }
}

fn directory() -> Directory {
    let named = |digit, name: &str| AccountEntry { id: id(digit), name: name.to_owned() };
    let zone = |digit, name: &str| ZoneEntry { id: id(digit), name: name.to_owned(), account: id('a') };
    Directory {
        accounts: vec![named('a', "Acme: Production"), named('b', "Twin"), named('c', "Twin")],
        zones: vec![zone('d', "example.com"), zone('e', "example.net")],
        ..Directory::default()
    }
}

fn written(live: &Live, catalogue: &Catalogue) -> Result<Imported, Inexpressible> {
    let origin = Origin {
        live,
        owner: None,
        conditions: &["request_country".to_owned()],
        directory: &directory(),
        catalogue,
        flags: "",
        role: Role::Other,
        say: &|policy| policy.groups.keys().cloned().collect::<Vec<_>>().join(", "),
    };
    import(&origin, "shop.yaml", now())
}

#[test]
fn a_profile_reads_as_if_a_person_had_written_it() {
    let bucket =
        Resource::Bucket { account: id('a'), jurisdiction: Jurisdiction::Eu, name: "assets".to_owned() };
    let token = Live {
        policies: vec![
            policy(&[ACCESS_READ, ACCESS_REVOKE], ['a', 'b'].map(id).map(Resource::Account)),
            policy(&[DNS_WRITE, ZONE_READ], ['d', 'e'].map(id).map(Resource::Zone)),
            policy(&["2efd5506f9c8494dacb1fa10a3e7d5b6"], [bucket, Resource::BucketsOf(id('c'))]),
            Policy { effect: PolicyEffect::Deny, ..policy(&[DNS_WRITE], [Resource::Zone(id('e'))]) },
            policy(&[ZONE_READ], [Resource::Zone(id('f'))]),
        ],
        addresses: Addresses::read(&["203.0.113.0/24".to_owned()], &["2001:db8::/32".to_owned()]),
        issued_on: Some(now() - TimeDelta::days(3)),
        expires_on: Some(now() + TimeDelta::days(87) + TimeDelta::seconds(1)),
        not_before: Some(now() + TimeDelta::days(1)),
        ..live("shop@${environment}")
    };
    let imported = written(&token, Catalogue::embedded()).unwrap();
    assert_eq!(
        imported.text,
        r#"# Written by cfmint import from the live token `shop@${environment}`.
#
# The token also has this, and cfmint keeps it when it updates the token:
#   - the denial of 4755a26eedb94da69e1066d98aa820be
#   - the condition `request_country`
#
#   cfmint plan shop.yaml --adopt 00000000000000000000000000000000     what taking the token over would change
#   cfmint apply shop.yaml --adopt 00000000000000000000000000000000    takes it over; its secret stays
version: 1
name: "shop-$${environment}"  # a profile cannot have the name that the token has

permissions:
  account:
    "Access: Apps and Policies": [read, revoke]
  zone:
    DNS: edit
    Zone: read
  r2:
    Workers R2 Storage Bucket Item: edit
resources:
  accounts: ["Acme: Production", bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb]
  zones: [example.com, example.net]
  buckets:
    - { account: "Acme: Production", name: assets, jurisdiction: eu }
    - { account: cccccccccccccccccccccccccccccccc, name: all }

grants:
  - permissions:
      zone:
        Zone: read
    resources:
      zones: [ffffffffffffffffffffffffffffffff]

ip:
  allow: [203.0.113.0/24]
  deny: ["2001:db8::/32"]
ttl: 90d
not_before: 2027-01-16T08:00:00Z

# Where the secret goes. cfmint cannot read the secret of a token that exists: put it there yourself, or name
# the file and the variable that already hold it.
sinks:
  - env_file: .env
    variables:
      CLOUDFLARE_API_TOKEN: token
"#
    );
}

#[test]
fn a_group_that_only_cloudflare_knows_is_named_as_its_list_has_it() {
    let group = |id: String, name: &str| LiveGroup {
        id,
        name: name.to_owned(),
        scopes: vec!["com.cloudflare.api.account.zone".to_owned()],
        is_selectable: None,
    };
    let live_list = vec![
        group(DNS_WRITE.to_owned(), "DNS Write"),
        group(id('1'), "Moon Read"),
        group(id('2'), "Tides"),
        group(id('3'), "Tides"),
    ];
    let catalogue = Catalogue::embedded().with_live(live_list).0;
    let zone = || [Resource::Zone(id('d'))];
    let permissions = |token: &Live| {
        let text = written(token, &catalogue).unwrap().text;
        let (_, after) = text.split_once("  zone:\n").unwrap();
        after.split("resources:").next().unwrap().to_owned()
    };
    let new = Live { policies: vec![policy(&[DNS_WRITE, &id('1')], zone())], ..live("shop") };
    assert_eq!(permissions(&new), "    DNS: edit\n    Moon: read\n");
    // Two of one name are told apart by their ids, and a section is one list.
    let twin = Live { policies: vec![policy(&[DNS_WRITE, &id('2')], zone())], ..live("shop") };
    assert_eq!(permissions(&twin), format!("    - {}  # Tides\n    - DNS Write\n", id('2')));
}

#[test]
fn what_cannot_be_said_at_all_is_no_profile() {
    let script = Resource::parse(
        &format!("com.cloudflare.api.account.{}", id('a')),
        Some("com.cloudflare.edge.worker.script.*"),
    );
    let gone = Live {
        policies: vec![policy(&[&id('9')], [Resource::Zone(id('d'))]), policy(&[DNS_WRITE], [script])],
        ..live("shop")
    };
    let lost = written(&gone, Catalogue::embedded()).unwrap_err().lost;
    assert_eq!(lost.len(), 2);
    assert!(lost.contains(&id('9')));
}

#[test]
fn a_name_that_no_profile_can_have_is_corrected() {
    for (own, corrected) in [
        ("shop", "shop"),
        ("shop@k3x9w2ab", "shop"),
        ("me@example.com", "me-example.com"),
        (" a\nb ", "a-b"),
        ("shop+exec@k3x9w2ab", "shop"),
        ("shop+hooks@k3x9w2ab", "shop"),
        ("shop+new -+old", "shop"),
        ("@", "imported-00000000000000000000000000000000"),
    ] {
        assert_eq!(parts::name(&live(own)), corrected);
    }
    assert_eq!(parts::name(&live(&"ä".repeat(120))), "ä".repeat(LONGEST_NAME));
    let marked = MarkedName::parse("shop@k3x9w2ab").unwrap();
    assert_eq!(marked.name, "shop");
}

#[test]
fn a_lifetime_is_a_length_where_it_is_a_round_one() {
    let (issued, day) = (now() - TimeDelta::days(10), TimeDelta::days(1));
    for (length, words) in [
        (Some(day * 90), "90d"),
        (Some(day * 90 - TimeDelta::seconds(30)), "90d"),
        (Some(TimeDelta::hours(250)), "250h"),
        (Some(day * 10 + TimeDelta::minutes(90)), "2027-01-15T09:30:00Z"),
        // It has ended.
        (Some(day * 3 + TimeDelta::minutes(90)), "4d"),
        (None, "never"),
    ] {
        let token = Live {
            issued_on: Some(issued),
            expires_on: length.map(|length| issued + length),
            ..live("shop")
        };
        assert_eq!(parts::ttl(&token, now()), words);
    }
}
