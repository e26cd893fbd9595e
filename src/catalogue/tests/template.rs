//! Links that fill in the dashboard's form.

use std::collections::BTreeSet;

use super::super::embedded::rows;
use super::super::template::{TEMPLATE_KEYS, read_template_key, template_keys};
use super::*;

fn known(section: Section, name: &str) -> &'static KnownGroup {
    let is_it = |group: &&KnownGroup| group.name == name && group.scopes.contains(&Scope::from(section));
    Catalogue::embedded().groups().find(is_it).unwrap()
}

fn keyed(section: Section, name: &str) -> Option<String> {
    let permission = known(section, name).template_permission()?;
    Some(format!("{} {} {}", permission.key, permission.level, permission.source.word()))
}

#[test]
fn every_row_is_read_and_stands_for_a_group_that_a_link_can_say() {
    assert!(rows(TEMPLATE_KEYS).all(|row| read_template_key(row).is_some()));
    let said: BTreeSet<&str> = Catalogue::embedded()
        .groups()
        .filter_map(KnownGroup::template_permission)
        .map(|one| one.key)
        .collect();
    let unused: Vec<&str> =
        template_keys().iter().map(|row| row.key).filter(|key| !said.contains(key)).collect();
    assert!(unused.is_empty(), "{unused:?}");
    assert_eq!(said.len(), rows(TEMPLATE_KEYS).count(), "a key stands twice");
    assert!(TEMPLATE_KEYS.contains(&format!("# Here: {} keys.", said.len())));
}

#[test]
fn a_group_has_the_key_of_its_scope() {
    for (section, name, key) in [
        (Section::Zone, "DNS Write", Some("dns edit documented")),
        (Section::Zone, "Cache Purge", Some("cache purge documented")),
        (Section::Zone, "Workers Routes Write", Some("workers_routes edit documented")),
        (Section::Account, "Logs Read", Some("account_logs read seen")),
        (Section::Zone, "Logs Read", Some("logs read inferred")),
        (Section::Account, "Hyperdrive Write", Some("query_cache edit inferred")),
        (Section::Account, "Access: Apps and Policies Revoke", Some("access revoke documented")),
        (Section::Zone, "Access: Apps and Policies Write", Some("zone_access edit inferred")),
        (Section::User, "API Tokens Write", Some("api_tokens edit seen")),
        (Section::Account, "Account API Tokens Write", Some("account_api_tokens edit documented")),
        (Section::Account, "Zero Trust Report", None),
        (Section::Account, "Page Shield", None),
        (Section::R2, "Workers R2 Storage Bucket Item Write", None),
    ] {
        assert_eq!(keyed(section, name).as_deref(), key, "{name}");
    }
}

#[test]
fn a_link_has_the_documented_form() {
    let groups = [(Section::Zone, "DNS Write"), (Section::Zone, "Analytics Read")];
    let permissions = groups.map(|(section, name)| known(section, name).template_permission().unwrap());
    let keys = "%5B%7B%22key%22%3A%22dns%22%2C%22type%22%3A%22edit%22%7D%2C%7B%22key%22%3A%22analytics%22%2C%22type\
        %22%3A%22read%22%7D%5D";
    assert_eq!(
        template_link(TemplateForm::User { account: None, zone: None }, &permissions, "Café & Co"),
        format!(
            "https://dash.cloudflare.com/profile/api-tokens?permissionGroupKeys={keys}&accountId=*&zoneId=all&\
             name=Caf%C3%A9%20%26%20Co"
        )
    );
    assert_eq!(
        template_link(TemplateForm::Account, &permissions, "shop"),
        format!("https://dash.cloudflare.com/?to=/:account/api-tokens&permissionGroupKeys={keys}&name=shop")
    );
}
