//! Lists of every length and form, read by the client: whole, or with word that they are not.

use cfmint::cloudflare::wire::TokenWrite;
use cfmint::cloudflare::{Client, RowDefect, TokenList, TokenOwner, UnreadableRow};
use cfmint::emulator::EmulatorOwner;
use cfmint::emulator::world::{ACCOUNT_BOOTSTRAP, ACCOUNT_ID, BOOTSTRAP};
use serde_json::{Value, json};

use crate::fixture::{Fixture, on_zone, write};
use crate::transport::{ScriptedTransport, Turn};

fn account() -> TokenOwner {
    TokenOwner::Account(ACCOUNT_ID.to_owned())
}

fn token_write() -> TokenWrite {
    serde_json::from_value(write(&json!([on_zone()]))).unwrap()
}

fn ids(list: &TokenList) -> Vec<&str> {
    list.tokens.iter().map(|token| token.id.as_str()).collect()
}

fn add_tokens(fixture: &Fixture, count: usize) {
    for _ in 0..count {
        let owner = EmulatorOwner::Account(ACCOUNT_ID.to_owned());
        drop(fixture.emulator.add_token(owner, token_write()));
    }
}

#[tokio::test]
async fn a_list_is_read_to_its_end() {
    for (count, pages) in [(1, 1), (50, 1), (51, 2), (100, 2), (500, 10)] {
        let fixture = Fixture::new();
        add_tokens(&fixture, count - 1);
        let transport = ScriptedTransport::to(&fixture.emulator);
        let list = transport.client(ACCOUNT_BOOTSTRAP).tokens(&account()).await.unwrap();
        let tokens = &list.tokens;
        assert_eq!((tokens.len(), list.unreadable.len(), list.is_whole), (count, 0, true));
        assert!(tokens.windows(2).all(|pair| pair[0].id < pair[1].id), "each once, in an order of its own");
        let first = format!("GET /accounts/{ACCOUNT_ID}/tokens?include_expired=true&page=1&per_page=50");
        assert_eq!(transport.lines()[0], first);
        assert_eq!(transport.lines().len(), pages, "{count} tokens");
    }
}

/// A page with so many tokens, numbered from `first`, and what stands in `result_info`.
fn page(first: usize, count: usize, info: &Value) -> Turn {
    let row = |number| json!({ "id": format!("{number:032x}"), "name": "shop", "policies": [] });
    let rows: Vec<Value> = (first..first + count).map(row).collect();
    let body = json!({ "success": true, "errors": [], "messages": [], "result": rows, "result_info": info });
    Turn::Answers(200, &[], body.to_string())
}

/// Reads a list of these pages; returns how many tokens there were, how many requests it took, and whether it is whole.
async fn count_tokens(turns: Vec<Turn>) -> (usize, usize, bool) {
    let fixture = Fixture::new();
    let transport = ScriptedTransport::to(&fixture.emulator).with(turns);
    let client: Client = transport.client(BOOTSTRAP);
    let list = client.tokens(&TokenOwner::User).await.unwrap();
    (list.tokens.len(), transport.lines().len(), list.is_whole)
}

#[tokio::test]
async fn pages_that_say_little_or_nothing_about_themselves_are_read_all_the_same() {
    let (silent, total) = (json!(null), |count: u64| json!({ "total_count": count }));
    let rows = [
        ("nothing", vec![page(0, 0, &total(0))], (0, 1, true)),
        ("nothing, and no word about it", vec![page(0, 0, &silent)], (0, 1, true)),
        ("no total, a short page", vec![page(0, 49, &silent)], (49, 1, true)),
        (
            "no total, full pages",
            vec![page(0, 50, &silent), page(50, 50, &silent), page(100, 3, &silent)],
            (103, 3, true),
        ),
        (
            "no total, the last page full",
            vec![page(0, 50, &json!({ "count": 50 })), page(50, 0, &silent)],
            (50, 2, true),
        ),
        (
            "a total that is no number, or less than is there",
            vec![page(0, 50, &json!({ "total_count": "51" })), page(50, 1, &total(3))],
            (51, 2, true),
        ),
        (
            "smaller pages than were asked for",
            vec![
                page(0, 20, &json!({ "per_page": 20, "total_count": 45 })),
                page(20, 20, &json!({ "per_page": 20, "total_count": 45 })),
                page(40, 5, &json!({ "per_page": 20, "total_count": 45 })),
            ],
            (45, 3, true),
        ),
    ];
    for (what, turns, expected) in rows {
        assert_eq!(count_tokens(turns).await, expected, "{what}");
    }
}

#[tokio::test]
async fn a_list_whose_pages_shifted_is_read_again_and_says_if_rows_are_missing() {
    let total = |count: u64| json!({ "total_count": count });
    // A token of the first page was deleted before the second was read: one slipped through between the two.
    let slipped = || vec![page(0, 50, &total(52)), page(51, 1, &total(51))];
    // One was made, and what stood last on the first page came again.
    let pushed = || vec![page(0, 50, &total(51)), page(49, 2, &total(52))];
    let right = || vec![page(0, 50, &total(52)), page(50, 2, &total(52))];
    for (turns, expected) in [
        ([slipped(), right()].concat(), (52, 4, true)),
        ([pushed(), right()].concat(), (52, 4, true)),
        ([slipped(), slipped()].concat(), (51, 4, false)),
        (vec![page(0, 3, &total(4)), page(0, 3, &total(4))], (3, 2, false)),
    ] {
        assert_eq!(count_tokens(turns).await, expected);
    }
}

#[tokio::test]
async fn a_list_that_never_ends_is_cut_off_and_says_so() {
    let silent = json!(null);
    let endless = (0..101).map(|number| page(number * 50, 50, &silent)).collect();
    assert_eq!(count_tokens(endless).await, (5000, 100, false));
    let counted = (0..101).map(|number| page(number * 50, 50, &json!({ "total_count": 5001 }))).collect();
    assert_eq!(count_tokens(counted).await, (5000, 100, false));
    let full = (0..100).map(|number| page(number * 50, 50, &json!({ "total_count": 5000 }))).collect();
    assert_eq!(count_tokens(full).await, (5000, 100, true));
}

#[tokio::test]
async fn a_strange_row_does_not_hide_the_others() {
    let fixture = Fixture::new();
    let rows = json!([
        { "id": "e1", "name": null, "policies": [] },
        { "id": "e2", "name": "shop@k3x9w2ab", "policies": null },
        { "id": "e3", "name": "shop@k3x9w2ac", "policies": [], "expires_on": "" },
        { "id": "e4", "name": "shop@k3x9w2ad", "policies": [] },
        null
    ]);
    let body = json!({ "success": true, "result": rows, "result_info": { "total_count": 5 } });
    let transport =
        ScriptedTransport::to(&fixture.emulator).with([Turn::Answers(200, &[], body.to_string())]);
    let list = transport.client(BOOTSTRAP).tokens(&TokenOwner::User).await.unwrap();
    assert_eq!((ids(&list), list.is_whole), (vec!["e4"], true));
    let row = |id: &str, name: Option<&str>, reason| UnreadableRow {
        id: Some(id.to_owned()),
        name: name.map(str::to_owned),
        reason,
    };
    let nothing = UnreadableRow { id: None, name: None, reason: RowDefect::NotAnObject };
    assert_eq!(
        list.unreadable,
        [
            row("e1", None, RowDefect::Malformed("name")),
            row("e2", Some("shop@k3x9w2ab"), RowDefect::Malformed("policies")),
            row("e3", Some("shop@k3x9w2ac"), RowDefect::Malformed("expires_on")),
            nothing
        ]
    );
}

#[tokio::test]
async fn a_page_that_is_refused_fails_the_whole_list() {
    let fixture = Fixture::new();
    let refusal =
        json!({ "success": false, "errors": [{ "code": 10000, "message": "Authentication error" }] });
    let turns = [page(0, 50, &json!({ "total_count": 51 })), Turn::Answers(403, &[], refusal.to_string())];
    let error = ScriptedTransport::to(&fixture.emulator)
        .with(turns)
        .client(BOOTSTRAP)
        .tokens(&TokenOwner::User)
        .await
        .unwrap_err();
    assert_eq!(error.refusal().map(cfmint::cloudflare::Refusal::code), Some(10000));
}
