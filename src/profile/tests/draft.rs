//! Drafts read back as the profiles they are meant to be, and say why.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::*;

fn because(text: &str, reason: &str) -> DraftLine {
    DraftLine::because(text, [reason.to_owned()])
}

fn full() -> Draft {
    let rights = |section, line: DraftLine| DraftRights {
        permissions: BTreeMap::from([(section, vec![line])]),
        ..DraftRights::default()
    };
    let sink = |path: &str| DraftSink {
        notes: vec!["Read by the deployment".to_owned()],
        env_file: path.to_owned(),
        variables: vec![("CLOUDFLARE_API_TOKEN".to_owned(), DraftLine::plain("token"))],
    };
    Draft {
        header: vec!["What the shop needs.".to_owned(), String::new()],
        name: DraftLine::plain("shop-${environment}"),
        description: Some("Deploys the shop".to_owned()),
        owner: None,
        rights: vec![
            DraftRights {
                accounts: DraftNames::Named(vec![because("Shop", "wrangler.toml:3")]),
                ..rights(
                    Section::Account,
                    DraftLine::because("Workers Scripts: edit", ["a ".repeat(50), "b".to_owned()]),
                )
            },
            DraftRights {
                zones: DraftNames::Named(vec![
                    DraftLine::plain("example.com"),
                    DraftLine::plain("example.net"),
                ]),
                ..rights(Section::Zone, because("DNS: read", "GET /zones/{zone_id}/dns_records"))
            },
        ],
        ip: Some((vec!["192.0.2.0/24".to_owned()], Vec::new())),
        ttl: DraftLine::plain("30d"),
        not_before: None,
        sinks: vec![sink(".env")],
        environments: vec![
            DraftEnvironment { name: DraftLine::plain("dev"), ..DraftEnvironment::default() },
            DraftEnvironment {
                name: because("live", "[env.live]"),
                ttl: Some(DraftLine::plain("7d")),
                sinks: vec![sink(".env.live")],
                ..DraftEnvironment::default()
            },
        ],
    }
}

#[test]
fn a_draft_is_laid_out_as_people_write() {
    let long = format!("    # {}", "a ".repeat(50));
    let text = full().text();
    let expected = "\
# What the shop needs.
#
version: 1
name: shop-${environment}
description: Deploys the shop

permissions:
  account:
LONG
    # b
    Workers Scripts: edit
resources:
  accounts:
    - Shop  # wrangler.toml:3

grants:
  - permissions:
      zone:
        DNS: read  # GET /zones/{zone_id}/dns_records
    resources:
      zones: [example.com, example.net]

ip:
  allow: [192.0.2.0/24]
ttl: 30d

# Read by the deployment
sinks:
  - env_file: .env
    variables:
      CLOUDFLARE_API_TOKEN: token

environments:
  dev: {}
  live:  # [env.live]
    ttl: 7d
    # Read by the deployment
    sinks:
      - env_file: .env.live
        variables:
          CLOUDFLARE_API_TOKEN: token
";
    assert_eq!(text, expected.replace("LONG", &long));
}

#[test]
fn a_draft_reads_back_as_the_profile_it_describes() {
    let text = full().text();
    let live = profile(&text, Some("live"), &[]);
    assert_eq!(live.name.value, "shop-live");
    assert_eq!(live.ttl.value, Lifetime::For(TimeDelta::days(7)));
    assert_eq!((live.rights.permissions.len(), live.grants.len()), (1, 1));
    let dev = profile(&text, Some("dev"), &[]);
    assert_eq!(dev.ttl.value, Lifetime::For(TimeDelta::days(30)));

    let owned = Draft { owner: Some(DraftLine::plain("Shop")), environments: Vec::new(), ..full() };
    let owned = owned.text().replace("shop-${environment}", "shop");
    assert!(
        matches!(profile(&owned, None, &[]).owner, Owner::Account(account) if account.value.text() == "Shop")
    );
}
