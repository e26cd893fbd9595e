//! Names that mean no usable group: what is said, where, and what to write instead.

use std::sync::Arc;

use super::*;
use crate::profile::{Diagnostic, DiagnosticCode, Owner, Severity, Source};

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
        is_selectable: None,
    };
    let (listed, _) = Catalogue::embedded().with_live(vec![
        live("a", "Twice Write", "com.cloudflare.api.account"),
        live("b", "Twice Write", "com.cloudflare.api.account"),
        live("c", "Queues Write", "com.cloudflare.api.account"),
        live("d", "Moon Editor", "com.cloudflare.edge.moon.base"),
        LiveGroup {
            id: "618ec6c64a3a42f8b08bdcb147ded4e4".to_owned(),
            is_selectable: Some(false),
            ..live("", "Images Write", "com.cloudflare.api.account")
        },
    ]);
    let of_list =
        ["Twice", "Queues", "D1", "Memberships", "Moon Editor", "Images", "366f57075ffc42689627bcf8242a1b6d"];
    let text = match &permission.reference {
        PermissionRef::Label { label, .. } => label.value.clone(),
        PermissionRef::Item(item) => item.value.to_string(),
    };
    let catalogue = if of_list.contains(&text.as_str()) { &listed } else { Catalogue::embedded() };
    let is_for_account = text == "Page Rules";
    let account = || Owner::Account(Spanned::new(Reference::new("Acme"), Span { start: 0, end: 0 }));
    let owner = if is_for_account { account() } else { Owner::User };
    let found = resolve_all(catalogue, &source(), &[permission], &owner).diagnostics;
    <[Diagnostic; 1]>::try_from(found).unwrap().into_iter().next().unwrap()
}

/// A permission for each way to go wrong, or to be noted.
fn cases() -> Vec<Permission> {
    use Level::{Edit, Editor, Read};
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
        item(R2, "Moon Editor"),
        item(Account, "Individual Workers Editor"),
        entry(Zone, "Zone Rulesets", Edit),
        entry(Account, "Account.Access", Edit),
        entry(Account, "Zone → DNS", Edit),
        entry(Account, "Zone → Workers Scripts", Edit),
        entry(Account, "DNS", Editor),
        entry(Account, "Twice", Edit),
        entry(Account, "Websearch", Edit),
        entry(Account, "D1", Edit),
        entry(User, "Memberships", Read),
        item(Account, "366f57075ffc42689627bcf8242a1b6d"),
        entry(Account, "Cloudflare R2", Edit),
        entry(Account, "Queues", Edit),
        entry(Account, "Images", Edit),
        entry(Zone, "Page Rules", Edit),
        entry(Account, "Access: Apps / Access: Policies", Edit),
    ]
}

#[test]
fn every_code_has_a_case_that_names_the_fix() {
    let mut lines = Vec::new();
    let mut codes = Vec::new();
    for permission in cases() {
        let asked = match &permission.reference {
            PermissionRef::Label { label, level } => format!("{}: {}", label.value, level.value.word()),
            PermissionRef::Item(item) => format!("- {}", item.value),
        };
        let section = permission.section.key();
        let found = finding(permission);
        let severity = if found.severity == Severity::Error { "error" } else { "note" };
        let underline = found.place.map(|(_, words)| words).unwrap();
        let line = format!(
            "{section} | {asked}\n  {severity} {}: {}\n  [{underline}] {}",
            found.code, found.message, found.hint
        );
        lines.push(line.trim_end().to_owned());
        codes.push(found.code);
    }
    for code in [
        DiagnosticCode::UnknownPermission,
        DiagnosticCode::UnknownLevel,
        DiagnosticCode::PermissionInWrongSection,
        DiagnosticCode::AmbiguousPermission,
        DiagnosticCode::PermissionWithoutId,
        DiagnosticCode::PermissionNotListed,
        DiagnosticCode::PermissionUnderstood,
        DiagnosticCode::PermissionListDiffers,
        DiagnosticCode::PermissionNotSelectable,
        DiagnosticCode::PermissionNotForAccounts,
    ] {
        assert!(codes.contains(&code), "no case provokes {code}");
    }
    insta::assert_snapshot!(lines.join("\n"));
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
        Catalogue::embedded(),
        &source(),
        &[
            entry(Section::Zone, "DNS", Level::Edit),
            entry(Section::Zone, "DNSS", Level::Edit),
            item(Section::Zone, "4755a26eedb94da69e1066d98aa820be"),
            entry(Section::Account, "Nothing", Level::Read),
            entry(Section::Zone, "Zone DNS", Level::Edit),
        ],
        &Owner::User,
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
            let error = catalogue.resolve(&permission).unwrap_err();
            assert!(!error.to_string().contains('\u{1b}'));
            assert_eq!(error.code(), DiagnosticCode::UnknownPermission);
        }
    }
}
