//! Cloudflare's own list decides.

use super::*;

/// Cloudflare's list as the embedded catalogue has it, to be changed by a test.
fn list() -> Vec<LiveGroup> {
    let live = |group: &KnownGroup| {
        let scopes = group.scopes.iter().map(|scope| scope.key().to_owned()).collect();
        Some(LiveGroup { id: group.id.clone()?, name: group.name.clone(), scopes, is_selectable: None })
    };
    Catalogue::embedded().groups().filter_map(live).collect()
}

fn place<'a>(list: &'a mut [LiveGroup], name: &str) -> &'a mut LiveGroup {
    list.iter_mut().find(|group| group.name == name).unwrap()
}

fn new(id: &str, name: &str, scope: &str) -> LiveGroup {
    LiveGroup {
        id: id.repeat(32),
        name: name.to_owned(),
        scopes: vec![scope.to_owned()],
        is_selectable: None,
    }
}

#[test]
fn a_list_that_agrees_differs_in_nothing_but_what_has_no_id() {
    let (catalogue, differences) = Catalogue::embedded().with_live(list());
    let without_id = Catalogue::embedded().groups().filter(|group| group.id.is_none()).count();
    assert_eq!(differences.len(), without_id);
    for group in catalogue.groups().filter(|group| group.id.is_some()) {
        assert_eq!(catalogue.differences_of(group), []);
    }
}

#[test]
fn an_empty_list_leaves_all_as_it_was() {
    let (catalogue, differences) = Catalogue::embedded().with_live(Vec::new());
    assert_eq!(differences, []);
    assert_eq!(means(&catalogue, &entry(Section::Zone, "DNS", Level::Edit)), "DNS Write");
}

#[test]
fn a_renamed_group_answers_to_both_names_and_says_so() {
    let mut list = list();
    place(&mut list, "DNS Write").name = "Zone Records Write".to_owned();
    let (catalogue, differences) = Catalogue::embedded().with_live(list);
    for label in ["DNS", "Zone Records", "Zone DNS"] {
        let found = one(&catalogue, &entry(Section::Zone, label, Level::Edit));
        assert_eq!(
            (found.id, found.group.name.as_str()),
            ("4755a26eedb94da69e1066d98aa820be", "Zone Records Write")
        );
        assert_eq!(found.differences[0].to_string(), "Cloudflare calls `DNS Write` `Zone Records Write` now");
        assert!(differences.contains(&found.differences[0]));
    }
}

#[test]
fn the_live_id_of_a_name_is_used_and_the_embedded_one_is_not() {
    let mut list = list();
    place(&mut list, "Queues Write").id = "A".repeat(32);
    let (catalogue, _) = Catalogue::embedded().with_live(list);
    let permission = entry(Section::Account, "Queues", Level::Edit);
    let found = one(&catalogue, &permission);
    assert_eq!(found.id, "a".repeat(32));
    insta::assert_snapshot!(found.differences[0], @"`Queues Write` has the id aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa on Cloudflare's list now; it was 366f57075ffc42689627bcf8242a1b6d");
    let old = item(Section::Account, "366f57075ffc42689627bcf8242a1b6d");
    assert!(matches!(catalogue.resolve(&old), Err(ResolveError::NotListed { instead: Some(_), .. })));
}

#[test]
fn a_group_that_the_list_lacks_cannot_be_used_by_any_name() {
    let list: Vec<_> = list().into_iter().filter(|group| group.name != "D1 Write").collect();
    let (catalogue, differences) = Catalogue::embedded().with_live(list);
    for permission in [
        entry(Section::Account, "D1", Level::Edit),
        entry(Section::Account, "Cloudflare D1", Level::Edit),
        item(Section::Account, "09b2857d1c31407795e75e3fed8617a1"),
    ] {
        let error = catalogue.resolve(&permission).unwrap_err();
        assert_eq!(error, ResolveError::NotListed { name: "D1 Write".to_owned(), instead: None });
    }
    assert!(differences.iter().any(|one| matches!(one, Difference::Gone { name, .. } if name == "D1 Write")));
}

#[test]
fn the_list_supplies_ids_and_groups_that_the_catalogue_lacks() {
    let mut list = list();
    list.push(new("a", "Precursor Write", "com.cloudflare.api.account.zone"));
    list.push(new("b", "Teleport Write", "com.cloudflare.api.account"));
    let (catalogue, _) = Catalogue::embedded().with_live(list);
    for (section, label, id) in [(Section::Zone, "Precursor", "a"), (Section::Account, "Teleport", "b")] {
        let permission = entry(section, label, Level::Edit);
        let found = one(&catalogue, &permission);
        assert_eq!(found.id, id.repeat(32));
        assert!(matches!(found.differences, [Difference::New { .. }]));
    }
    let elsewhere = catalogue.resolve(&entry(Section::Account, "Precursor", Level::Edit));
    assert!(matches!(elsewhere, Err(ResolveError::WrongSection { .. })));
}

#[test]
fn the_scope_of_the_list_decides_the_section() {
    let mut list = list();
    place(&mut list, "Snippets Write").scopes = vec!["com.cloudflare.api.account".to_owned()];
    let (catalogue, _) = Catalogue::embedded().with_live(list);
    assert_eq!(means(&catalogue, &entry(Section::Account, "Snippets", Level::Edit)), "Snippets Write");
    let elsewhere = catalogue.resolve(&entry(Section::Zone, "Snippets", Level::Edit));
    assert!(matches!(elsewhere, Err(ResolveError::WrongSection { .. })));
}

#[test]
fn a_name_that_the_list_has_twice_in_a_scope_is_not_guessed() {
    let mut list = list();
    list.push(new("a", "Teleport Write", "com.cloudflare.api.account"));
    list.push(new("b", "Teleport Write", "com.cloudflare.api.account"));
    let (catalogue, _) = Catalogue::embedded().with_live(list);
    let error = catalogue.resolve(&entry(Section::Account, "Teleport", Level::Edit)).unwrap_err();
    assert!(matches!(error, ResolveError::Ambiguous { groups, .. } if groups.len() == 2));
}
