//! Names that lead to an id, and what is said of those that do not.

use std::sync::Arc;

use super::*;
use crate::profile::{Diagnostic, DiagnosticCode, Reference, Source, Span, Spanned};

const SOURCE: &str = "one line\n  name: here\n";
const PLACE: Span = Span { start: 17, end: 21 };

fn id(digit: char) -> String {
    digit.to_string().repeat(32)
}

fn written(text: &str) -> Spanned<Reference> {
    Spanned::new(Reference::new(text), PLACE)
}

/// Two accounts, a pair of twins, and zones in the first three.
fn directory() -> Directory {
    let named = |digit, name: &str| AccountEntry { id: id(digit), name: name.to_owned() };
    let zone =
        |digit, name: &str, account| ZoneEntry { id: id(digit), name: name.to_owned(), account: id(account) };
    Directory {
        accounts: vec![
            named('1', "Acme"),
            named('2', "ACME"),
            named('3', "Twins"),
            named('4', "Twins"),
            named('5', ""),
        ],
        zones: vec![
            zone('a', "example.com", '1'),
            zone('b', "example.com", '2'),
            zone('c', "Example.net", '3'),
        ],
        ..Directory::default()
    }
}

#[test]
fn an_account_is_found_by_its_name_or_id() {
    let directory = directory();
    for (text, digit) in [("Acme", '1'), ("ACME", '2')] {
        assert_eq!(directory.account(&written(text)), Ok(id(digit)), "{text}");
    }
    let unseen = id('E');
    assert_eq!(directory.account(&written(&unseen)), Ok(unseen.to_lowercase()), "an id needs no look-up");
    let alone = Directory { accounts: directory.accounts[..1].to_vec(), ..Directory::default() };
    assert_eq!(alone.account(&written(" aCME ")), Ok(id('1')), "case and spacing aside");
}

#[test]
fn a_zone_is_found_in_the_profiles_accounts() {
    let directory = directory();
    for (text, accounts, digit) in [
        ("example.com", vec![id('1')], 'a'),
        ("EXAMPLE.com", vec![id('2'), id('3')], 'b'),
        ("example.net", vec![], 'c'),
    ] {
        assert_eq!(directory.zone(&written(text), &accounts), Ok(id(digit)), "{text} {accounts:?}");
    }
    assert_eq!(directory.zone(&written(&id('f')), &[]), Ok(id('f')));
}

#[test]
fn a_domain_is_found_however_it_is_written() {
    let named = |name: &str| {
        let zone = ZoneEntry { id: id('a'), name: name.to_owned(), account: id('1') };
        Directory { zones: vec![zone], ..Directory::default() }
    };
    let spellings = ["bücher.example", "xn--bcher-kva.example", "BÜCHER.Example", "bücher.example."];
    for listed in ["bücher.example", "xn--bcher-kva.example"] {
        for spelling in spellings {
            assert_eq!(named(listed).zone(&written(spelling), &[]), Ok(id('a')), "{spelling} for {listed}");
        }
    }
    assert!(named("bucher.example").zone(&written("bücher.example"), &[]).is_err());
    for spelling in spellings {
        assert_eq!(forms_of_domain(spelling), ["xn--bcher-kva.example", "bücher.example"], "{spelling}");
    }
    assert_eq!(forms_of_domain("Example.COM."), ["example.com"]);
}

#[test]
fn an_id_of_another_kind_is_told_apart() {
    let directory = directory();
    assert!(said(directory.account(&written(&id('a')))).1.contains("is the id of the zone example.com"));
    assert!(said(directory.zone(&written(&id('1')), &[])).1.contains("is the id of the account Acme"));
}

#[test]
fn an_id_is_called_by_its_name_where_that_is_known() {
    let directory = directory();
    assert_eq!(directory.account_name(&id('1')), "Acme");
    assert_eq!(directory.account_name(&id('5')), id('5'), "a name without a letter is none");
    assert_eq!(directory.account_name(&id('9')), id('9'));
    assert_eq!(
        (directory.zone_name(&id('c')), directory.zone_name(&id('9'))),
        ("Example.net".to_owned(), id('9'))
    );
}

/// Code, message and hint of the diagnostic that must come.
fn said<T: std::fmt::Debug>(outcome: Result<T, Unresolved>) -> (&'static str, String, String) {
    let source = Arc::new(Source { path: "app.yaml".to_owned(), text: SOURCE.to_owned() });
    let Diagnostic { code, message, hint, place, .. } = outcome.unwrap_err().diagnostic(&source);
    assert_eq!(place, Some((PLACE, String::new())));
    (code.text(), message, hint)
}

#[test]
fn each_miss_says_what_to_write_instead() {
    let directory = directory();
    let nobody = Directory::default();
    let user = Unresolved::User { written: Spanned::new("shop".to_owned(), PLACE) };
    let rows = [
        (
            said(nobody.account(&written("Acme"))),
            "profile.unknown-account",
            "sees no accounts",
            "Account Settings: Read",
        ),
        (
            said(directory.account(&written("Acmee"))),
            "profile.unknown-account",
            "no account called `Acmee`",
            "Acme, ACME, Twins",
        ),
        (
            said(nobody.zone(&written("example.org"), &[])),
            "profile.unknown-zone",
            "no zone called `example.org`",
            "Zone: Read",
        ),
        (said(directory.account(&written("acme"))), "profile.unknown-account", "several accounts", "22222"),
        (said(directory.account(&written("Twins"))), "profile.unknown-account", "several accounts", "44444"),
        (
            said(directory.zone(&written("example.org"), &[])),
            "profile.unknown-zone",
            "no zone called `example.org`",
            "did you mean `example.com`?",
        ),
        (
            said(directory.zone(&written("example.net"), &[id('1')])),
            "profile.unknown-zone",
            "no account of this profile",
            "Twins",
        ),
        (
            said(directory.zone(&written("example.com"), &[])),
            "profile.unknown-zone",
            "several zones",
            "bbbbb",
        ),
        (
            said(directory.zone(&written("example.com"), &[id('1'), id('2')])),
            "profile.unknown-zone",
            "several zones",
            "aaaaa",
        ),
        (
            said(directory.account(&written(&id('b')))),
            "profile.id-of-another-kind",
            "an account belongs here",
            "`zones:`",
        ),
        (
            said(directory.zone(&written(&id('2')), &[])),
            "profile.id-of-another-kind",
            "a zone belongs here",
            "`accounts:`",
        ),
        (said(Err::<(), _>(user)), "profile.unknown-user", "user's id", "User Details: Read"),
    ];
    for code in [
        DiagnosticCode::UnknownAccount,
        DiagnosticCode::UnknownZone,
        DiagnosticCode::UnknownUser,
        DiagnosticCode::IdOfAnotherKind,
    ] {
        assert!(rows.iter().any(|((said, ..), ..)| *said == code.text()), "nothing provokes {code}");
    }
    for ((code, message, hint), expected, words, fix) in rows {
        assert_eq!(code, expected, "{message}");
        assert!(message.contains(words) && hint.contains(fix), "{message} / {hint}");
    }
}
