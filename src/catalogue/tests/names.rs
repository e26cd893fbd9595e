//! What names mean: the tables, the ranks, the notes.

use super::*;
use crate::catalogue::embedded::{GROUPS, SYNONYMS, read_group, read_synonym, rows};
use crate::catalogue::requested_name::RequestedName;

#[test]
fn every_row_of_the_tables_can_be_read() {
    for row in rows(GROUPS) {
        let group = read_group(row).unwrap_or_else(|| panic!("a broken row: {row}"));
        let known = group.scopes.iter().all(|scope| !matches!(scope, Scope::Other(_)));
        assert!(known && (group.id.is_none() || group.scopes.len() == 1), "a scope without section: {row}");
    }
    let catalogue = Catalogue::embedded();
    for row in rows(SYNONYMS) {
        let (name, synonym) = read_synonym(row).unwrap_or_else(|| panic!("a broken row: {row}"));
        let of_group = means(catalogue, &item(synonym.section, name));
        let found = means(catalogue, &item(synonym.section, &synonym.written));
        assert_eq!((of_group.as_str(), found.as_str()), (name, name), "{row}");
    }
    assert_eq!(catalogue.groups().count(), rows(GROUPS).count());
}

#[test]
fn no_id_stands_twice_and_no_name_twice_in_a_scope() {
    let catalogue = Catalogue::embedded();
    let mut ids: Vec<_> = catalogue.groups().filter_map(|group| group.id.as_deref()).collect();
    let mut names: Vec<_> =
        catalogue.groups().map(|group| (group.scopes.clone(), group.name.to_lowercase())).collect();
    let counts = (ids.len(), names.len());
    ids.sort_unstable();
    ids.dedup();
    names.sort();
    names.dedup();
    assert_eq!((ids.len(), names.len()), counts);
}

#[test]
fn every_group_is_found_by_its_id_its_name_its_labels_and_its_own_line() {
    let catalogue = Catalogue::embedded();
    for group in catalogue.groups().filter(|group| group.id.is_some()) {
        let section = group.scopes[0].section().unwrap();
        assert_eq!(means(catalogue, &item(section, group.id.as_deref().unwrap())), group.name);
        assert_eq!(means(catalogue, &item(section, &group.name)), group.name);
        for label in &group.labels {
            assert_eq!(means(catalogue, &item(section, label)), group.name, "{label}");
        }
        assert_eq!(means(catalogue, &written(section, &group.line())), group.name, "{}", group.line());
    }
}

#[test]
fn a_label_with_its_level_means_the_group_of_that_section() {
    use Level::{Admin, Bind, Edit, Purge, Read, Report, Revoke, Run, Send};
    use Section::{Account, User, Zone};
    let catalogue = Catalogue::embedded();
    for (section, label, level, name) in [
        (Zone, "DNS", Edit, "DNS Write"),
        (Zone, "  dns ", Edit, "DNS Write"),
        (Zone, "Zone", Read, "Zone Read"),
        (Account, "Workers  scripts", Edit, "Workers Scripts Write"),
        (Account, "Workers Tail", Read, "Workers Tail Read"),
        (Account, "Access: Apps and Policies", Revoke, "Access: Apps and Policies Revoke"),
        (Account, "AI Gateway", Run, "AI Gateway Run"),
        (Account, "Zero Trust", Report, "Zero Trust Report"),
        (Account, "Connectivity Directory", Bind, "Connectivity Directory Bind"),
        (Account, "Pipelines", Send, "Pipelines Send"),
        (Zone, "Zaraz", Admin, "Zaraz Admin"),
        (Zone, "Zaraz", Edit, "Zaraz Edit"),
        (Zone, "Cache Purge", Purge, "Cache Purge"),
        (Account, "Page Shield", Edit, "Page Shield"),
        (Account, "API Gateway", Edit, "Account API Gateway"),
        (Account, "Account API Gateway", Edit, "Account API Gateway"),
        (Zone, "API Gateway", Edit, "Domain API Gateway"),
        (Zone, "Domain Page Shield", Edit, "Domain Page Shield"),
        (Account, "Cloudflare DEX", Edit, "Cloudflare DEX Write"),
        (Account, "IP Prefixes", Edit, "IP Prefixes: Write"),
        (Account, "IP Prefixes:", Edit, "IP Prefixes: Write"),
        (Account, "Browser Run", Edit, "Browser Rendering Write"),
        (Account, "Cloudflare Pages", Edit, "Pages Write"),
        (Account, "Pages", Edit, "Pages Write"),
        (User, "API Tokens", Edit, "API Tokens Write"),
        (User, "User API Tokens", Edit, "API Tokens Write"),
    ] {
        let permission = entry(section, label, level);
        assert_eq!(means(catalogue, &permission), name, "{label}");
        assert_eq!(catalogue.resolve(&permission).unwrap().note, None, "{label} is a right name");
    }
}

#[test]
fn a_list_item_is_a_whole_name_of_the_api_or_the_dashboard() {
    let catalogue = Catalogue::embedded();
    for (text, name) in [
        ("dns write", "DNS Write"),
        ("DNS Edit", "DNS Write"),
        ("Zaraz Write", "Zaraz Edit"),
        ("Cache Purge", "Cache Purge"),
        ("Page Shield Write", "Page Shield Write"),
        ("C8FED203ED3043CBA015A93AD1616F1F", "Zone Read"),
    ] {
        assert_eq!(means(catalogue, &item(Section::Zone, text)), name);
    }
}

#[test]
fn the_section_settles_a_name_of_two_scopes() {
    let catalogue = Catalogue::embedded();
    let id = |section, name| one(catalogue, &item(section, name)).id.to_owned();
    for name in ["Logs Read", "Logs Write", "Access: Apps and Policies Revoke", "Disable ESC Write"] {
        assert_ne!(id(Section::Account, name), id(Section::Zone, name));
    }
    assert_eq!(id(Section::Zone, "Logs Read"), "c4a30cd58c5d42619c86a3c36c441e2d");
}

/// Every name that people give to a permission when they set tokens up by hand.
#[test]
fn popular_names_are_understood_and_wrong_ones_noted() {
    use Level::{Edit, Read};
    use Section::{Account, R2, User, Zone};
    let catalogue = Catalogue::embedded();
    for (section, label, level, name, noted) in [
        (Account, "Workers Scripts", Edit, "Workers Scripts Write", false),
        (Account, "Cloudflare Workers", Edit, "Workers Scripts Write", true),
        (Account, "Cloudflare Workers Scripts", Edit, "Workers Scripts Write", true),
        (Account, "Workers KV Storage", Edit, "Workers KV Storage Write", false),
        (Account, "D1", Edit, "D1 Write", false),
        (Account, "R2", Edit, "Workers R2 Storage Write", true),
        (Account, "Cloudflare R2", Edit, "Workers R2 Storage Write", true),
        (Account, "Workers R2 Storage", Edit, "Workers R2 Storage Write", false),
        (Account, "Queues", Edit, "Queues Write", false),
        (Account, "Pages", Edit, "Pages Write", false),
        (Account, "Account Settings", Read, "Account Settings Read", false),
        (Account, "Account", Read, "Account Settings Read", true),
        (Account, "Account Analytics", Read, "Account Analytics Read", false),
        (Zone, "DNS", Edit, "DNS Write", false),
        (Zone, "Zone DNS", Edit, "DNS Write", true),
        (Zone, "Zone", Read, "Zone Read", false),
        (Zone, "Zone Settings", Read, "Zone Settings Read", false),
        (Zone, "SSL and Certificates", Edit, "SSL and Certificates Write", false),
        (Zone, "Custom Hostnames", Edit, "SSL and Certificates Write", true),
        (Zone, "Workers Routes", Edit, "Workers Routes Write", false),
        (Zone, "Cloudflare Workers Routes", Edit, "Workers Routes Write", true),
        (Zone, "Cache Purge", Edit, "Cache Purge", true),
        (User, "API Tokens", Edit, "API Tokens Write", false),
        (R2, "Object Storage", Edit, "Workers R2 Storage Bucket Item Write", true),
        (R2, "Workers R2 Storage", Read, "Workers R2 Storage Bucket Item Read", true),
        (Account, "Argo Tunnel", Edit, "Cloudflare Tunnel Write", true),
        (Account, "Teams", Read, "Zero Trust Read", true),
    ] {
        let permission = entry(section, label, level);
        assert_eq!(means(catalogue, &permission), name, "{label}");
        assert_eq!(catalogue.resolve(&permission).unwrap().note.is_some(), noted, "{label}");
    }
    for (section, key, name) in [
        (Account, "com.cloudflare.api.account.worker.script.write", "Workers Scripts Write"),
        (Zone, "com.cloudflare.edge.dns.write", "DNS Write"),
        (Zone, "com.cloudflare.api.account.zone.ssl-cert.write", "SSL and Certificates Write"),
    ] {
        assert_eq!(means(catalogue, &item(section, key)), name);
    }
}

#[test]
fn a_note_says_what_a_name_became() {
    let catalogue = Catalogue::embedded();
    let note =
        |label, level, section| catalogue.resolve(&entry(section, label, level)).unwrap().note.unwrap();
    insta::assert_snapshot!(note("cloudflare r2", Level::Edit, Section::Account), @"`cloudflare r2: edit` is understood as `Workers R2 Storage Write`");
    insta::assert_snapshot!(note("Custom Hostnames", Level::Edit, Section::Zone), @"`Custom Hostnames: edit` is understood as `SSL and Certificates Write`: Cloudflare has no group of that name; its custom hostnames API asks for this one");
    insta::assert_snapshot!(note("Argo Tunnel", Level::Read, Section::Account), @"`Argo Tunnel: read` is called `Cloudflare Tunnel Read` now");
    insta::assert_snapshot!(note("Page Shield", Level::Edit, Section::Zone), @"`Page Shield: edit` is taken as the group `Page Shield Write`; the dashboard has a similar label for `Domain Page Shield`: if you mean that one, write `Domain Page Shield: edit`");
}

/// Each name that fits several groups of one section, whichever wins: none may be hidden.
#[test]
fn names_that_fit_several_groups_are_few_and_known() {
    let catalogue = Catalogue::embedded();
    let mut shared = Vec::new();
    for section in SECTIONS {
        let groups = catalogue.groups().filter(|group| group.applies_to(section));
        let spellings = groups.flat_map(|group| {
            let synonyms = group.synonyms.iter().filter(|synonym| synonym.section == section);
            let others = synonyms.map(|synonym| &synonym.written);
            std::iter::once(&group.name).chain(&group.labels).chain(&group.former).chain(others)
        });
        for spelling in spellings {
            let parts = split(spelling).map(|(label, level)| RequestedName::Entry(label, level));
            for wanted in [Some(RequestedName::item(spelling)), parts].into_iter().flatten() {
                let mut found = catalogue.ranked(section, wanted);
                found.sort_by_key(|(rank, _)| *rank);
                let names: Vec<_> = found.iter().map(|(_, known)| known.group.name.as_str()).collect();
                if names.len() > 1 {
                    assert_ne!(found[0].0, found[1].0, "no winner for {spelling}");
                    let line = format!("{} {} -> {}", section.key(), wanted.shown(), names.join(" before "));
                    shared.push(line);
                }
            }
        }
    }
    shared.sort();
    shared.dedup();
    insta::assert_snapshot!(shared.join("\n"), @r"
    zone Page Shield Edit -> Domain Page Shield before Page Shield Write
    zone Page Shield Write -> Page Shield Write before Domain Page Shield
    zone Page Shield: edit -> Page Shield Write before Domain Page Shield
    ");
}

#[test]
fn search_finds_groups_by_words_of_any_of_their_names() {
    let catalogue = Catalogue::embedded();
    let names = |words: &[&str]| -> Vec<String> {
        catalogue.search(words).into_iter().map(|hit| hit.group.name.clone()).collect()
    };
    assert_eq!(names(&["tunnel", "argo"]), ["Cloudflare Tunnel Read", "Cloudflare Tunnel Write"]);
    assert_eq!(names(&["e17beae8b8cb"]), ["Cache Purge"]);
    assert_eq!(names(&["custom hostnames", "edit"]), ["SSL and Certificates Write"]);
    assert_eq!(names(&[]).len(), catalogue.groups().count());
    assert_eq!(names(&["zone dns", "EDIT"]), ["DNS Write", "Zone DNS Settings Write"]);
    // Too few digits are a word, or a part of one.
    assert_eq!(names(&["d1"]), ["D1 Read", "D1 Write", "D1 Metadata Read"]);
    assert_eq!(names(&["no such thing"]), <[&str; 0]>::default());
    assert_eq!(names(&["→"]), <[&str; 0]>::default());
    let by = |words: &[&str]| catalogue.search(words)[0].matched;
    assert_eq!(by(&["DNS"]), Matched::Name);
    assert_eq!(by(&["custom hostnames edit"]), Matched::Synonym("Custom Hostnames Edit"));
    assert_eq!(by(&["access custom page write"]), Matched::Name);
}

#[test]
fn what_search_does_not_find_may_have_been_meant() {
    let suggested = |text: &str| Catalogue::embedded().suggestions(text);
    assert_eq!(suggested("DSN: edit"), [(Section::Zone, "- DNS Write".to_owned())]);
    assert_eq!(
        suggested("Wrokers Scripts Edit")[0],
        (Section::Account, "- Workers Scripts Write".to_owned())
    );
    assert_eq!(suggested("no such thing at all"), []);
}

#[test]
fn every_group_with_an_id_has_a_way_back_to_it() {
    let catalogue = Catalogue::embedded();
    let mut by_label = 0;
    for group in catalogue.groups() {
        let (Some(id), Some(section)) = (&group.id, group.scopes.first().and_then(Scope::section)) else {
            continue;
        };
        let phrases = catalogue.phrases(section, id);
        assert!(phrases.contains(&Phrase::Id(id.clone())), "{}: {phrases:?}", group.name);
        by_label += usize::from(matches!(phrases[0], Phrase::Entry { .. }));
    }
    assert!(by_label > 300, "only {by_label} are written by their label");
}

#[test]
fn a_way_back_is_what_the_dashboard_shows() {
    let catalogue = Catalogue::embedded();
    for (section, name, written) in [
        (Section::Zone, "DNS Write", "DNS: edit"),
        (Section::Zone, "Cache Purge", "Cache Purge: purge"),
        (Section::Account, "Realtime", "Realtime"),
        (Section::Zone, "Domain API Gateway", "Domain API Gateway: edit"),
    ] {
        let group = catalogue.groups().find(|group| group.name == name).unwrap();
        let phrases = catalogue.phrases(section, group.id.as_deref().unwrap());
        let first = match &phrases[0] {
            Phrase::Entry { label, level } => format!("{label}: {}", level.word()),
            Phrase::Name(text) | Phrase::Id(text) => text.clone(),
        };
        assert_eq!(first, written);
        assert!(catalogue.phrases(Section::User, group.id.as_deref().unwrap()).is_empty());
    }
}
