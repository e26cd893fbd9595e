//! Phrases that guides use, in their own spelling and capitals: each is understood as it stands.

use super::*;
use Level::{Edit, Purge, Read, Revoke};
use Section::{Account, R2, User, Zone};

/// Labels with their levels, as they stand under their section, and the groups that are meant.
const LABELS: [(Section, &str, Level, &str); 81] = [
    (Account, "Workers Scripts", Edit, "Workers Scripts Write"),
    (Account, "Workers KV Storage", Edit, "Workers KV Storage Write"),
    (Account, "D1", Edit, "D1 Write"),
    (Account, "R2", Edit, "Workers R2 Storage Write"),
    (Account, "Queues", Edit, "Queues Write"),
    (Account, "Pages", Edit, "Pages Write"),
    (Account, "Account Settings", Read, "Account Settings Read"),
    (Account, "Workers R2 Storage", Edit, "Workers R2 Storage Write"),
    (Account, "Cloudflare Workers Scripts", Edit, "Workers Scripts Write"),
    (Account, "Account Analytics", Read, "Account Analytics Read"),
    (Account, "Account", Read, "Account Settings Read"),
    (Account, "Cloudflare R2", Edit, "Workers R2 Storage Write"),
    (Account, "Cloudflare Workers", Edit, "Workers Scripts Write"),
    (Account, "Account:Cloudflare R2", Edit, "Workers R2 Storage Write"),
    (Account, "Account:Cloudflare Workers", Edit, "Workers Scripts Write"),
    (Account, "Account → Workers Scripts", Edit, "Workers Scripts Write"),
    (Account, "Account → Account Settings", Read, "Account Settings Read"),
    (Account, "Account → Workers KV Storage", Edit, "Workers KV Storage Write"),
    (Account, "Account / Workers Scripts", Edit, "Workers Scripts Write"),
    (Account, "Account / Workers KV Storage", Edit, "Workers KV Storage Write"),
    (Account, "Account / Account Settings", Read, "Account Settings Read"),
    (Account, "Workers Scripts (Legacy)", Edit, "Workers Scripts Write"),
    (Account, "AI Search", Read, "AI Search Read"),
    (Account, "Access: Apps / Access: Policies", Edit, "Access: Apps Write + Access: Policies Write"),
    (Account, "Account → Workers D1", Edit, "D1 Write"),
    (Account, "Account → Workers D1", Read, "D1 Read"),
    (Account, "Load Balancing: Account Load Balancers", Edit, "Load Balancers Account Write"),
    (Account, "Load Balancing: Monitors And Pools", Edit, "Load Balancing: Monitors and Pools Write"),
    (Account, "DNS Settings", Edit, "Account DNS Settings Write"),
    (Account, "Cloudflare Calls", Edit, "Calls Write"),
    (Account, "Registrar: Domains Read", Read, "Registrar Domains Read"),
    (Account, "Registrar: Domains", Read, "Registrar Domains Read"),
    (Account, "Registrar", Edit, "Registrar Domains Admin"),
    (Account, "Cloudflare Access:Apps", Edit, "Access: Apps Write"),
    (Account, "Access:Apps", Read, "Access: Apps Read"),
    (Account, "Access : Apps", Revoke, "Access: Apps Revoke"),
    (Account, "Access:  Apps and Policies", Edit, "Access: Apps and Policies Write"),
    (Account, "Account > Cloudflare Pages", Edit, "Pages Write"),
    (Account, "Account.Workers Scripts", Edit, "Workers Scripts Write"),
    (Account, "Account · Turnstile", Edit, "Turnstile Sites Write"),
    (Account, "Account Permissions → Queues", Edit, "Queues Write"),
    (Account, "Workers → Workers KV Storage", Edit, "Workers KV Storage Write"),
    (Account, "Account → R2 → Workers R2 Storage", Edit, "Workers R2 Storage Write"),
    (Account, "Workers Scripts Edit", Edit, "Workers Scripts Write"),
    (Account, "Workers KV Storage, Queues", Edit, "Workers KV Storage Write + Queues Write"),
    (Account, "D1 & Queues", Read, "D1 Read + Queues Read"),
    (Account, "Account: SSL and Certificates", Edit, "Account: SSL and Certificates Write"),
    (Account, "Account.SSL and Certificates", Edit, "Account: SSL and Certificates Write"),
    (Account, "Account.WAF", Read, "Account WAF Read"),
    (Account, "Cloudflare Workers Containers", Edit, "Workers Containers Write"),
    (Account, "Workers Metadata", Read, "Workers Metadata Read-Only"),
    (Account, "Workers Content", Read, "Workers Content Read-Only"),
    (Zone, "DNS", Edit, "DNS Write"),
    (Zone, "Zone Settings", Read, "Zone Settings Read"),
    (Zone, "Zone", Read, "Zone Read"),
    (Zone, "SSL and Certificates", Edit, "SSL and Certificates Write"),
    (Zone, "Workers Routes", Edit, "Workers Routes Write"),
    (Zone, "Zone DNS", Edit, "DNS Write"),
    (Zone, "Cache Purge", Edit, "Cache Purge"),
    (Zone, "Cloudflare Workers Routes", Edit, "Workers Routes Write"),
    (Zone, "Custom Hostnames", Edit, "SSL and Certificates Write"),
    (Zone, "Zone:Cloudflare Workers Routes", Edit, "Workers Routes Write"),
    (Zone, "Zone:Custom Hostnames", Edit, "SSL and Certificates Write"),
    (Zone, "Zone → DNS", Edit, "DNS Write"),
    (Zone, "Zone → Zone", Read, "Zone Read"),
    (Zone, "Zone → SSL and Certificates", Edit, "SSL and Certificates Write"),
    (Zone, "Zone / Workers Routes", Edit, "Workers Routes Write"),
    (Zone, "Zone / Zone", Read, "Zone Read"),
    (Zone, "Zone.DNS", Edit, "DNS Write"),
    (Zone, "Zone.Zone Settings", Edit, "Zone Settings Write"),
    (Zone, "AI Crawl Control", Read, "AI Audit Read"),
    (Zone, "AI Audit", Edit, "AI Audit Write"),
    (Zone, "DNS Settings", Edit, "Zone DNS Settings Write"),
    (Zone, "Zone → Cache Purge", Purge, "Cache Purge"),
    (Zone, "Zone › Page Rules", Edit, "Page Rules Write"),
    (Zone, "Zone -> Firewall Services", Edit, "Firewall Services Write"),
    (User, "API Tokens", Edit, "API Tokens Write"),
    (User, "User:API Tokens", Edit, "API Tokens Write"),
    (User, "User → Memberships", Read, "Memberships Read"),
    (User, "User Details", Read, "User Details Read"),
    (R2, "Object Storage", Edit, "Workers R2 Storage Bucket Item Write"),
];

/// Whole phrases, as items of a list.
const ITEMS: [(Section, &str, &str); 43] = [
    (Account, "Account → Workers Scripts → Edit", "Workers Scripts Write"),
    (Account, "Account → Account Settings → Read", "Account Settings Read"),
    (Account, "Account → Workers KV Storage → Edit", "Workers KV Storage Write"),
    (Account, "Account / Workers Scripts: Edit", "Workers Scripts Write"),
    (Account, "Account / Workers KV Storage: Edit", "Workers KV Storage Write"),
    (Account, "Account / Account Settings: Read", "Account Settings Read"),
    (Account, "Workers Scripts: Edit", "Workers Scripts Write"),
    (Account, "Workers KV Storage: Edit", "Workers KV Storage Write"),
    (Account, "Account Settings: Read", "Account Settings Read"),
    (Account, "Workers Scripts → Edit", "Workers Scripts Write"),
    (Account, "Workers Scripts .............. Edit", "Workers Scripts Write"),
    (Account, "Workers KV Storage ........... Edit", "Workers KV Storage Write"),
    (Account, "Account Settings ............. Read", "Account Settings Read"),
    (Account, "Account:Read", "Account Settings Read"),
    (Account, "Account:Cloudflare R2:Edit", "Workers R2 Storage Write"),
    (Account, "Account:Cloudflare Workers:Edit", "Workers Scripts Write"),
    (Account, "com.cloudflare.api.account.worker.script.write", "Workers Scripts Write"),
    (Account, "Access: Apps / Access: Policies: Edit", "Access: Apps Write + Access: Policies Write"),
    (Account, "Cloudflare Access:Apps: Edit", "Access: Apps Write"),
    (Account, "Registrar: Domains Read", "Registrar Domains Read"),
    (Account, "Registrar: Edit", "Registrar Domains Admin"),
    (Account, "Cloudflare Calls: Edit", "Calls Write"),
    (Account, "AI Search: Read", "AI Search Read"),
    (Account, "Workers Metadata Read-Only", "Workers Metadata Read-Only"),
    (Account, "Workers Content Read-Only", "Workers Content Read-Only"),
    (Account, "Workers: Content Read-Only", "Workers Content Read-Only"),
    (Zone, "Zone → DNS → Edit", "DNS Write"),
    (Zone, "Zone → Zone → Read", "Zone Read"),
    (Zone, "Zone → SSL and Certificates → Edit", "SSL and Certificates Write"),
    (Zone, "Zone / Workers Routes: Edit", "Workers Routes Write"),
    (Zone, "Zone / Zone: Read", "Zone Read"),
    (Zone, "DNS: Edit", "DNS Write"),
    (Zone, "Zone: Read", "Zone Read"),
    (Zone, "SSL and Certificates: Edit", "SSL and Certificates Write"),
    (Zone, "Workers Routes ............... Edit", "Workers Routes Write"),
    (Zone, "Zone ......................... Read", "Zone Read"),
    (Zone, "Zone:Read", "Zone Read"),
    (Zone, "Zone:Cloudflare Workers Routes:Edit", "Workers Routes Write"),
    (Zone, "Zone:Custom Hostnames:Edit", "SSL and Certificates Write"),
    (Zone, "com.cloudflare.edge.dns.write", "DNS Write"),
    (Zone, "com.cloudflare.api.account.zone.ssl-cert.write", "SSL and Certificates Write"),
    (Zone, "AI Crawl Control: Read", "AI Audit Read"),
    (User, "User:API Tokens:Edit", "API Tokens Write"),
];

/// Phrases for roles that are known by name alone: Cloudflare's own list has their ids.
const BY_NAME_ALONE: [(&str, &str); 5] = [
    ("Workers: Editor", "Workers Editor"),
    ("Workers Editor", "Workers Editor"),
    ("Workers Admin", "Workers Admin"),
    ("Workers: Admin", "Workers Admin"),
    ("Account → Workers → Editor", "Workers Editor"),
];

/// Phrases that could mean several permissions, or another one than they say, and the group that is not meant.
const REFUSED: [(Section, &str, Level); 9] = [
    (Account, "Account.Access", Edit),
    (Account, "Access", Read),
    (Account, "Load Balancing", Edit),
    (Account, "Zone → Workers Scripts", Edit),
    (Account, "DNS → Queues", Edit),
    (Account, "DNS Read", Edit),
    (Account, "Workers Scripts, DNS", Edit),
    (Zone, "Zone Rulesets", Edit),
    (Zone, "Account.DNS Firewall", Edit),
];

#[test]
fn a_phrase_is_understood_as_it_stands() {
    let catalogue = Catalogue::embedded();
    let labels =
        LABELS.iter().map(|(section, label, level, name)| (entry(*section, label, *level), *label, *name));
    let items = ITEMS.iter().map(|(section, text, name)| (item(*section, text), *text, *name));
    let wrong: Vec<String> = labels
        .chain(items)
        .map(|(permission, phrase, name)| (means(catalogue, &permission), phrase, name))
        .filter(|(found, _, name)| found != name)
        .map(|(found, phrase, name)| format!("{phrase} -> {found}, not {name}"))
        .collect();
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn a_phrase_that_is_no_name_of_its_group_is_noted() {
    let catalogue = Catalogue::embedded();
    for (section, text, level) in [
        (Account, "Account → Workers Scripts", Edit),
        (Account, "Workers Scripts (Legacy)", Edit),
        (Account, "Registrar: Domains", Read),
        (Account, "Cloudflare Access:Apps", Edit),
        (Zone, "DNS Settings", Edit),
        (Zone, "Zone.DNS", Edit),
    ] {
        let found = catalogue.resolve(&entry(section, text, level)).unwrap();
        let note = found.note.unwrap();
        assert!(note.contains(text) && note.contains(&found.groups[0].group.name), "{note}");
    }
    let blanks_alone = catalogue.resolve(&entry(Account, "Access:Apps", Edit)).unwrap();
    assert_eq!(blanks_alone.note, None);
}

#[test]
fn a_role_without_a_known_id_is_looked_up_in_cloudflares_list() {
    let scope = vec!["com.cloudflare.api.account".to_owned()];
    let live = |id: &str, name: &str| LiveGroup {
        id: id.repeat(32),
        name: name.to_owned(),
        scopes: scope.clone(),
        is_selectable: None,
    };
    let (listed, _) =
        Catalogue::embedded().with_live(vec![live("a", "Workers Editor"), live("b", "Workers Admin")]);
    for (phrase, name) in BY_NAME_ALONE {
        let offline = Catalogue::embedded().resolve(&item(Account, phrase)).unwrap_err();
        assert_eq!(offline, ResolveError::WithoutId { name: name.to_owned() }, "{phrase}");
        assert_eq!(means(&listed, &item(Account, phrase)), name);
    }
}

#[test]
fn a_phrase_that_could_mean_another_permission_is_no_guess() {
    for (section, label, level) in REFUSED {
        let found = Catalogue::embedded().resolve(&entry(section, label, level));
        assert!(found.is_err(), "{label}: {found:?}");
    }
}
