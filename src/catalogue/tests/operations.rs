//! What an operation asks for.

use std::collections::BTreeSet;

use super::super::embedded::rows;
use super::super::operations::{
    ACCEPTED, INFERRED, OPERATIONS, TERRAFORM, lists, read_operations, read_terraform,
};
use super::*;

const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";
const ZONE: &str = "fedcba9876543210fedcba9876543210";

/// The number that the head of a table says in front of a word.
fn said(table: &str, word: &str) -> usize {
    let (_, here) = table.split_once("# Here: ").unwrap();
    let words: Vec<&str> = here.lines().next().unwrap().split([' ', ',', '.']).collect();
    let place = words.iter().position(|own| *own == word).unwrap();
    words[place - 1].parse().unwrap()
}

/// The first groups that an operation accepts, and how many there are.
fn first(method: &str, path: &str, most: usize) -> (Vec<&'static str>, usize) {
    let found = Catalogue::find_operation(method, path).unwrap();
    let accepted = Catalogue::embedded().accepted_at(&found);
    (accepted.known().take(most).map(|group| group.name.as_str()).collect(), accepted.groups.len())
}

#[test]
fn every_row_is_read_and_the_heads_say_how_many_there_are() {
    let lists = &lists();
    assert_eq!(rows(ACCEPTED).count(), lists.len());
    assert!(rows(OPERATIONS).all(|row| read_operations(row, lists).is_some_and(|found| !found.is_empty())));
    assert!(rows(INFERRED).all(|row| read_operations(row, lists).is_some_and(|found| !found.is_empty())));
    assert!(rows(TERRAFORM).all(|row| read_terraform(row, lists).is_some_and(|found| !found.is_empty())));
    let of = |kind| Catalogue::terraform_entries().filter(|entry| entry.kind == kind).count();
    assert_eq!(said(ACCEPTED, "lists"), lists.len());
    let inferred = Catalogue::operations().filter(|one| one.inferred_from.is_some()).count();
    assert_eq!(said(OPERATIONS, "operations"), Catalogue::operations().count() - inferred);
    assert_eq!(said(INFERRED, "operations"), inferred);
    assert_eq!(said(INFERRED, "paths"), rows(INFERRED).count());
    assert_eq!(said(OPERATIONS, "paths"), rows(OPERATIONS).count());
    assert_eq!(said(TERRAFORM, "resources"), of(TerraformKind::Resource));
    assert_eq!(said(TERRAFORM, "data"), of(TerraformKind::DataSource));
    assert_eq!(said(TERRAFORM, "names"), rows(TERRAFORM).count());
}

#[test]
fn every_list_is_used_and_every_group_in_it_is_known() {
    let known: BTreeSet<&str> = Catalogue::embedded().groups().map(|group| group.name.as_str()).collect();
    let operations = Catalogue::operations().map(|one| &one.groups);
    let used: Vec<_> = operations.chain(Catalogue::terraform_entries().map(|one| &one.groups)).collect();
    for (number, list) in &lists() {
        assert!(used.contains(&list), "nothing uses list {number}");
        for name in list.iter() {
            assert!(known.contains(name.as_str()), "list {number} has `{name}`");
        }
    }
}

#[test]
fn no_operation_is_told_twice() {
    let mut seen = BTreeSet::new();
    for one in Catalogue::operations() {
        assert!(seen.insert((one.method, one.path)), "{} {}", one.method, one.path);
    }
}

#[test]
fn inferred_groups_are_those_of_an_operation_that_is_documented() {
    for one in Catalogue::operations() {
        let Some(path) = one.inferred_from else { continue };
        let family =
            Catalogue::operations().filter(|other| other.path == path && other.inferred_from.is_none());
        let is_known = family.into_iter().any(|other| other.groups == one.groups);
        assert!(is_known, "{} {} as {path}", one.method, one.path);
        assert!(
            one.method != "GET" || first("GET", one.path, 1).0[0].ends_with("Read") || path.contains("pages")
        );
    }
}

#[test]
fn what_wrangler_asks_for_is_known_though_its_groups_are_inferred() {
    for (method, path, group) in [
        ("GET", "/accounts/a/workers/services/shop", "Workers Scripts Read"),
        ("DELETE", "/accounts/a/workers/services/shop", "Workers Scripts Write"),
        ("GET", "/accounts/a/workers/services/shop/environments/production", "Workers Scripts Read"),
        ("PUT", "/accounts/a/workers/scripts/shop/domains/records", "Workers Scripts Write"),
        ("GET", "/accounts/a/workers/deployments/by-script/0", "Workers Scripts Read"),
        ("GET", "/accounts/a/r2/buckets/assets", "Workers R2 Storage Read"),
        ("PUT", "/accounts/a/r2/buckets/assets/objects/logo.png", "Workers R2 Storage Write"),
        ("GET", "/accounts/a/pages/projects/blog/upload-token", "Pages Write"),
        ("POST", "/accounts/a/d1/database/0/import", "D1 Write"),
    ] {
        let found = Catalogue::find_operation(method, path).unwrap();
        let accepted = Catalogue::embedded().accepted_at(&found);
        assert_eq!(accepted.groups[0].group.name, group, "{method} {path}");
        assert!(accepted.inferred_from.is_some(), "{method} {path}");
    }
    let found = Catalogue::find_operation("GET", "/accounts/a/workers/scripts").unwrap();
    assert_eq!(Catalogue::embedded().accepted_at(&found).inferred_from, None);
}

#[test]
fn a_request_belongs_to_the_operation_that_its_path_spells_out() {
    let of = |method: &str, path: &str| {
        let path = path.replace("ACCOUNT", ACCOUNT).replace("ZONE", ZONE);
        let found = Catalogue::find_operation(method, &path)?;
        assert_eq!(found.account, Some(ACCOUNT).filter(|account| path.contains(account)), "{path}");
        assert_eq!(found.zone, Some(ZONE).filter(|zone| path.contains(zone)), "{path}");
        Some(found.operation.path)
    };
    let base = "https://api.cloudflare.com/client/v4";
    for (method, path, template) in [
        ("PUT", "/accounts/ACCOUNT/workers/scripts/api", "/accounts/{account_id}/workers/scripts/{}"),
        ("put", "accounts/ACCOUNT/workers/scripts/api/", "/accounts/{account_id}/workers/scripts/{}"),
        ("GET", "/zones", "/zones"),
        ("HEAD", "/zones?name=example.com&per_page=5", "/zones"),
        ("GET", "/client/v4/zones/ZONE", "/zones/{zone_id}"),
        ("POST", "/zones/ZONE/dns_records", "/zones/{zone_id}/dns_records"),
        ("PATCH", "/zones/ZONE/dns_records/372e67954025e0ba", "/zones/{zone_id}/dns_records/{}"),
        ("POST", "/zones/ZONE/purge_cache", "/zones/{zone_id}/purge_cache"),
        ("POST", "/accounts/ACCOUNT/d1/database/shop/query", "/accounts/{account_id}/d1/database/{}/query"),
        ("GET", "/accounts/ACCOUNT/r2/buckets/", "/accounts/{account_id}/r2/buckets"),
        ("GET", "/accounts/ACCOUNT/pages/projects/shop", "/accounts/{account_id}/pages/projects/{}"),
        ("GET", "/accounts/ACCOUNT/access/apps/ca", "/accounts/{account_id}/access/apps/ca"),
        ("GET", "/accounts/ACCOUNT/access/apps/other", "/accounts/{account_id}/access/apps/{}"),
        ("GET", "/user/tokens/permission_groups", "/user/tokens/permission_groups"),
        ("GET", "/user/tokens/ed17574386854bf78a67040be0a770b0", "/user/tokens/{}"),
    ] {
        assert_eq!(of(method, path), Some(template), "{method} {path}");
        let behind = path.trim_start_matches("/client/v4").trim_start_matches('/');
        assert_eq!(of(method, &format!("{base}/{behind}#top")), Some(template), "{base}/{behind}");
    }
    for (method, path) in [
        ("GET", "/nothing/here"),
        ("GET", "/"),
        ("GET", ""),
        ("GET", "https://api.cloudflare.com"),
        ("DELETE", "/zones"),
        ("GET", "/accounts//workers/scripts"),
        ("GET", "/accounts/ACCOUNT/workers/scripts/api/no/such/thing"),
        ("OPTIONS", "/zones"),
    ] {
        assert_eq!(of(method, path), None, "{method} {path}");
    }
}

#[test]
fn every_path_of_the_table_finds_itself() {
    for operation in Catalogue::operations() {
        let found = Catalogue::find_operation(operation.method, operation.path).unwrap();
        assert_eq!(found.operation, operation);
        assert_eq!(found.zone.is_some(), operation.scope() == Some(Scope::Zone), "{}", operation.path);
    }
}

#[test]
fn the_narrowest_group_comes_first() {
    for (method, path, groups, all) in [
        ("PUT", "/accounts/a/workers/scripts/b", &["Workers Scripts Write"][..], 1),
        ("GET", "/accounts/a/workers/dispatch/namespaces", &["Workers Scripts Read", "Workers Tail Read"], 3),
        ("GET", "/accounts/a", &["Account Settings Read"], 29),
        ("GET", "/zones/z", &["Zone Read"], 36),
        ("POST", "/zones/z/dns_records", &["DNS Write"], 1),
        ("GET", "/zones/z/dns_records", &["DNS Read", "DNS Write"], 2),
        ("POST", "/zones/z/purge_cache", &["Cache Purge"], 1),
        ("GET", "/accounts/a/queues", &["Queues Read", "Workers Scripts Read", "Queues Write"], 4),
        ("GET", "/zones/z/settings/zaraz/config", &["Zaraz Read", "Zaraz Edit", "Zaraz Admin"], 3),
        ("GET", "/zones/z/page_shield", &["Domain Page Shield Read", "Zone Settings Read"], 6),
        (
            "GET",
            "/accounts/a/access/apps",
            &["Access: Apps and Policies Read", "Access: Apps and Policies Revoke"],
            3,
        ),
        ("GET", "/accounts/a/custom_pages", &["Account Custom Pages Read"], 5),
    ] {
        let found = first(method, path, groups.len());
        assert_eq!(found, (groups.to_vec(), all), "{method} {path}");
    }
}

#[test]
fn a_name_of_two_scopes_means_the_one_that_the_path_names() {
    for (path, scope) in [("/zones/z/access/apps", Scope::Zone), ("/accounts/a/access/apps", Scope::Account)]
    {
        let found = Catalogue::find_operation("POST", path).unwrap();
        let groups: Vec<_> = Catalogue::embedded().accepted_at(&found).known().collect();
        let scopes: Vec<_> = groups.iter().flat_map(|group| &group.scopes).collect();
        assert_eq!(scopes, [&scope], "{path}");
        let elsewhere = Catalogue::operations().filter(|one| one.scope().is_some_and(|own| own != scope));
        let own = Catalogue::embedded().operations_of(groups[0]);
        assert!(elsewhere.into_iter().all(|one| !own.contains(&one)), "{path}");
    }
}

#[test]
fn a_group_knows_its_operations() {
    let group = Catalogue::embedded().groups().find(|group| group.name == "Cache Purge").unwrap();
    let paths: Vec<_> = Catalogue::embedded().operations_of(group).iter().map(|one| one.path).collect();
    assert!(paths.contains(&"/zones/{zone_id}/purge_cache"), "{paths:?}");
    assert!(!paths.contains(&"/zones/{zone_id}/dns_records"), "{paths:?}");
}

#[test]
fn a_group_that_the_list_renamed_keeps_its_operations() {
    let live = |group: &KnownGroup| LiveGroup {
        id: group.id.clone().unwrap(),
        name: "Zone Records Write".to_owned(),
        scopes: group.scopes.iter().map(|scope| scope.key().to_owned()).collect(),
        is_selectable: None,
    };
    let embedded = Catalogue::embedded();
    let group = embedded.groups().find(|group| group.name == "DNS Write").unwrap();
    let (listed, _) = embedded.with_live(vec![live(group)]);
    let found = Catalogue::find_operation("POST", "/zones/z/dns_records").unwrap();
    assert_eq!(listed.accepted_at(&found).groups[0].group.name, "Zone Records Write");
}

#[test]
fn a_terraform_address_leads_to_its_groups() {
    for (address, shown, group) in [
        ("cloudflare_dns_record", "cloudflare_dns_record", "DNS Write"),
        ("cloudflare_dns_record.www", "cloudflare_dns_record", "DNS Write"),
        (r#"module.shop["a.b"].cloudflare_dns_record.www[0]"#, "cloudflare_dns_record", "DNS Write"),
        ("cloudflare_workers_script.api", "cloudflare_workers_script", "Workers Scripts Write"),
        ("cloudflare_zone.x", "cloudflare_zone", "Zone Write"),
        ("data.cloudflare_zone.x", "data.cloudflare_zone", "Zone Read"),
        ("module.m.data.cloudflare_zone.x", "data.cloudflare_zone", "Zone Read"),
        ("cloudflare_zones", "data.cloudflare_zones", "Zone Read"),
        ("cloudflare_account.a", "cloudflare_account", "Account Settings Write"),
    ] {
        let entry = Catalogue::terraform(address).unwrap();
        assert_eq!(entry.address(), shown);
        let accepted = Catalogue::embedded().accepted_by_terraform(entry, None).to_manage(entry.kind);
        assert_eq!(accepted.groups[0].group.name, group, "{address}");
    }
    for unknown in ["cloudflare_nothing.x", "aws_instance.x", "data.cloudflare_", ""] {
        assert_eq!(Catalogue::terraform(unknown), None, "{unknown}");
    }
    assert_eq!(Catalogue::near_terraform("cloudflare_worker_script.x")[0], "cloudflare_workers_script");
    assert_eq!(Catalogue::near_terraform("cloudflare_record.www")[0], "cloudflare_dns_record");
}
