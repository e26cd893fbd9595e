//! Names that mean no usable group: what is said, where, and what to write instead.

use std::sync::Arc;

use super::*;
use crate::profile::{Diagnostic, Severity, Source};

/// The source of permissions that were written nowhere.
fn source() -> Arc<Source> {
    Arc::new(Source { path: "profile.yaml".to_owned(), text: String::new() })
}

/// The one finding about a permission, against a list of Cloudflare's that lacks and changes some groups.
fn finding(permission: Permission) -> Diagnostic {
    let live = |id: &str, name: &str, scope: &str| LiveGroup {
        id: id.repeat(32),
        name: name.to_owned(),
        scopes: vec![scope.to_owned()],
    };
    let (listed, _) = Catalogue::embedded().with_live(vec![
        live("a", "Twice Write", "com.cloudflare.api.account"),
        live("b", "Twice Write", "com.cloudflare.api.account"),
        live("c", "Queues Write", "com.cloudflare.api.account"),
        live("d", "Workers Editor", "com.cloudflare.new.thing"),
    ]);
    let of_list =
        ["Twice", "Queues", "D1", "Memberships", "Workers Editor", "366f57075ffc42689627bcf8242a1b6d"];
    let text = match &permission.ask {
        Ask::Label { label, .. } => label.value.clone(),
        Ask::Item(item) => item.value.to_string(),
    };
    let catalogue = if of_list.contains(&text.as_str()) { listed } else { Catalogue::embedded() };
    let found = resolve_all(&catalogue, &source(), &[permission]).diagnostics;
    <[Diagnostic; 1]>::try_from(found).unwrap().into_iter().next().unwrap()
}

/// A permission for each way to go wrong, or to be noted.
fn cases() -> Vec<Permission> {
    use Level::{Edit, Read};
    use Section::{Account, R2, User, Zone};
    vec![
        entry(Account, "Workers Scrips", Edit),
        entry(Account, "Workers Scripts Write", Edit),
        entry(Account, "Access: Apps and Polices", Edit),
        entry(Zone, "Blockchain Engine", Edit),
        item(Zone, "DNS"),
        item(Account, "0123456789abcdef0123456789abcdef"),
        entry(Account, "Workers Tail", Edit),
        entry(Zone, "Cache Purge", Read),
        entry(Account, "Realtime", Edit),
        entry(Account, "DNS", Edit),
        entry(User, "Logs", Read),
        entry(Account, "Object Storage", Edit),
        item(Zone, "e086da7e2179491d91ee5f35b3ca210a"),
        entry(R2, "Workers Editor", Edit),
        item(R2, "Workers Editor"),
        entry(Account, "Twice", Edit),
        entry(Account, "Websearch", Edit),
        entry(Account, "D1", Edit),
        entry(User, "Memberships", Read),
        item(Account, "366f57075ffc42689627bcf8242a1b6d"),
        entry(Account, "Cloudflare R2", Edit),
        entry(Account, "Queues", Edit),
    ]
}

#[test]
fn every_code_has_a_case_that_names_the_mend() {
    let mut lines = Vec::new();
    let mut codes = Vec::new();
    for permission in cases() {
        let asked = match &permission.ask {
            Ask::Label { label, level } => format!("{}: {}", label.value, level.value.word()),
            Ask::Item(item) => format!("- {}", item.value),
        };
        let section = permission.section.key();
        let found = finding(permission);
        let severity = if found.severity == Severity::Error { "error" } else { "note" };
        let underline = found.place.map(|(_, words)| words).unwrap();
        lines.push(format!(
            "{section} | {asked}\n  {severity} {}: {}\n  [{underline}] {}",
            found.code, found.message, found.hint
        ));
        codes.push(found.code);
    }
    for code in CODES {
        assert!(codes.contains(code), "no case provokes {code}");
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    account | Workers Scrips: edit
      error profile.unknown-permission: no permission group is called `Workers Scrips: edit`
      [not in section `account`] write `Workers Scripts: edit`
    account | Workers Scripts Write: edit
      error profile.unknown-level: `Workers Scripts Write` has no level `edit`
      [not a level of this label] write `Workers Scripts: edit`
    account | Access: Apps and Polices: edit
      error profile.unknown-permission: no permission group is called `Access: Apps and Polices: edit`
      [not in section `account`] write `"Access: Apps and Policies": edit`
    zone | Blockchain Engine: edit
      error profile.unknown-permission: no permission group is called `Blockchain Engine: edit`
      [not in section `zone`] all names are on https://developers.cloudflare.com/fundamentals/api/reference/permissions/
    zone | - DNS
      error profile.unknown-permission: no permission group is called `DNS`
      [not in section `zone`] write `- DNS Read`, or `- DNS Write`
    account | - 0123456789abcdef0123456789abcdef
      error profile.unknown-permission: no permission group has the id 0123456789abcdef0123456789abcdef
      [not in section `account`] ids copied from elsewhere are often wrong; write the name, from https://developers.cloudflare.com/fundamentals/api/reference/permissions/
    account | Workers Tail: edit
      error profile.unknown-level: `Workers Tail` has no level `edit`
      [not a level of this label] write `Workers Tail: read`
    zone | Cache Purge: read
      error profile.unknown-level: `Cache Purge` has no level `read`
      [not a level of this label] write `Cache Purge: purge`
    account | Realtime: edit
      error profile.unknown-level: `Realtime` has no level `edit`
      [not a level of this label] write `- Realtime`, or `Realtime: admin`
    account | DNS: edit
      error profile.permission-in-wrong-section: `DNS: edit` means `DNS Write`, which applies to zones
      [stands in section `account`] write `DNS: edit` under `zone:`
    user | Logs: read
      error profile.permission-in-wrong-section: `Logs: read` means `Logs Read`, which applies to accounts and zones
      [stands in section `user`] write `Logs: read` under `account:`, or `Logs: read` under `zone:`
    account | Object Storage: edit
      error profile.permission-in-wrong-section: `Object Storage: edit` means `Workers R2 Storage Bucket Item Write`, which applies to R2 buckets
      [stands in section `account`] write `Workers R2 Storage Bucket Item: edit` under `r2:`
    zone | - e086da7e2179491d91ee5f35b3ca210a
      error profile.permission-in-wrong-section: `e086da7e2179491d91ee5f35b3ca210a` means `Workers Scripts Write`, which applies to accounts
      [stands in section `zone`] write `- e086da7e2179491d91ee5f35b3ca210a` under `account:`
    r2 | Workers Editor: edit
      error profile.unknown-permission: no permission group is called `Workers Editor: edit`
      [not in section `r2`] all names are on https://developers.cloudflare.com/fundamentals/api/reference/permissions/
    r2 | - Workers Editor
      error profile.permission-in-wrong-section: `Workers Editor` applies to `com.cloudflare.new.thing`
      [stands in section `r2`] profiles have no section for it
    account | Twice: edit
      error profile.ambiguous-permission: `Twice: edit` means more than one permission group
      [ambiguous] name it by id: `- aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` (Twice Write), or `- bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb` (Twice Write)
    account | Websearch: edit
      error profile.permission-without-id: the id of `Websearch Write` is known to Cloudflare's own list alone
      [known by name only] commands that talk to Cloudflare look it up, if the bootstrap may read the list
    account | D1: edit
      error profile.permission-not-listed: Cloudflare's list of permission groups for this owner lacks `D1 Write`
      [not on the list] this owner cannot grant it; take this line out, or use another owner
    user | Memberships: read
      error profile.permission-not-listed: Cloudflare's list of permission groups for this owner lacks `Memberships Read`
      [not on the list] an account's token can hold no user permission; write `owner: user`, or take this line out
    account | - 366f57075ffc42689627bcf8242a1b6d
      error profile.permission-not-listed: Cloudflare's list of permission groups for this owner lacks `Queues Write`
      [not on the list] Cloudflare gave it another id; write `- cccccccccccccccccccccccccccccccc`
    account | Cloudflare R2: edit
      note profile.permission-understood: `Cloudflare R2: edit` is understood as `Workers R2 Storage Write`
      [] write `Workers R2 Storage: edit`
    account | Queues: edit
      note profile.permission-list-differs: `Queues Write` has the id cccccccccccccccccccccccccccccccc on Cloudflare's list, no longer 366f57075ffc42689627bcf8242a1b6d
      []
    "#);
}

#[test]
fn a_wrong_level_is_underlined_and_not_its_label() {
    let place = |permission| finding(permission).place.unwrap().0;
    assert_eq!(place(entry(Section::Account, "Workers Tail", Level::Edit)), Span { start: 9, end: 13 });
    assert_eq!(place(entry(Section::Account, "Workers Tale", Level::Read)), Span { start: 4, end: 7 });
}

#[test]
fn a_profile_gets_all_its_findings_and_each_group_once() {
    let resolution = resolve_all(
        &Catalogue::embedded(),
        &source(),
        &[
            entry(Section::Zone, "DNS", Level::Edit),
            entry(Section::Zone, "DNSS", Level::Edit),
            item(Section::Zone, "4755a26eedb94da69e1066d98aa820be"),
            entry(Section::Account, "Nothing", Level::Read),
            entry(Section::Zone, "Zone DNS", Level::Edit),
        ],
    );
    let granted: Vec<_> = resolution.granted.iter().map(|one| (one.section, one.name.as_str())).collect();
    assert_eq!(granted, [(Section::Zone, "DNS Write")]);
    let severities: Vec<_> = resolution.diagnostics.iter().map(|one| one.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Error, Severity::Note]);
}

#[test]
fn suggestions_stay_quick_and_calm_for_any_text() {
    let catalogue = Catalogue::embedded();
    let long = "Workers ".repeat(20_000);
    for text in ["", " ", ":", "é\u{301}", "\u{1b}[31m", "Write", &long] {
        for permission in [entry(Section::Zone, text, Level::Edit), item(Section::Zone, text)] {
            let miss = catalogue.resolve(&permission).unwrap_err();
            assert!(!miss.to_string().contains('\u{1b}'));
            assert_eq!(miss.code(), "profile.unknown-permission");
        }
    }
}
