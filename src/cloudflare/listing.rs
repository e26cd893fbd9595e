//! The rows of a list of tokens -> those that can be understood, those that cannot, and whether any are missing.
//!
//! One strange row must not hide the others, and half a list must not pass for a whole one: who acts on a token
//! because another is not there has to know.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};

use super::wire::{Token, is_id};

/// What was read of a list.
pub(super) struct ReadRows {
    /// The rows, in the order they came; some may have come twice.
    pub(super) rows: Vec<Value>,
    /// The most rows that any page said the list has; 0 where none did.
    pub(super) total: u64,
    /// Whether the last page was read.
    pub(super) reached_its_end: bool,
}

/// Every token of an owner, as far as the list could be read.
#[derive(Debug, Clone)]
pub struct TokenList {
    /// The tokens that could be understood, each once, by their ids.
    pub tokens: Vec<Token>,
    /// The rows that could not.
    pub unreadable: Vec<UnreadableRow>,
    /// Whether every row was read. It is not where the list is longer than what is read of one, where the server counts
    /// more rows than it gave, and where a page shifted while the next one was read.
    pub is_whole: bool,
}

/// A row that is no token as cfmint knows them: nothing is known of its rights, its end or its owner's will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableRow {
    /// Its id, if it has one.
    pub id: Option<String>,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// What is wrong with it.
    pub reason: RowDefect,
}

/// What is wrong with a row; never its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowDefect {
    /// It is no JSON object.
    NotAnObject,
    /// It lacks this field.
    Lacks(&'static str),
    /// This field is null, empty or of another form than it should be.
    Malformed(&'static str),
}

impl fmt::Display for RowDefect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => formatter.write_str("it is no object"),
            Self::Lacks(field) => write!(formatter, "it lacks `{field}`"),
            Self::Malformed(field) => write!(formatter, "its `{field}` cannot be read"),
        }
    }
}

/// The fields of a token that are read.
const FIELDS: [&str; 10] = [
    "id",
    "name",
    "policies",
    "status",
    "condition",
    "not_before",
    "expires_on",
    "issued_on",
    "modified_on",
    "last_used_on",
];

impl TokenList {
    /// Reads the rows of a list one by one.
    pub(super) fn read(read: ReadRows) -> Self {
        let mut tokens = Vec::new();
        let mut unreadable: Vec<UnreadableRow> = Vec::new();
        for row in read.rows {
            match token(row) {
                Ok(token) => tokens.push(token),
                Err(row) => unreadable.push(row),
            }
        }
        // Pages shift when a token is made or deleted between them.
        tokens.sort_by(|one, other| one.id.cmp(&other.id));
        tokens.dedup_by(|one, other| one.id == other.id);
        let mut seen: BTreeSet<String> = tokens.iter().map(|token| token.id.clone()).collect();
        unreadable.retain(|row| row.id.as_ref().is_none_or(|id| seen.insert(id.clone())));
        let without_id = unreadable.iter().filter(|row| row.id.is_none()).count();
        let is_whole = read.reached_its_end && (seen.len() + without_id) as u64 >= read.total;
        Self { tokens, unreadable, is_whole }
    }
}

fn token(row: Value) -> Result<Token, UnreadableRow> {
    let Value::Object(fields) = row else {
        return Err(UnreadableRow { id: None, name: None, reason: RowDefect::NotAnObject });
    };
    let text = |field: &str| fields.get(field).and_then(Value::as_str).map(str::to_owned);
    let (id, name) = (text("id").filter(|id| is_id(id)), text("name"));
    let reason = defect(&fields);
    match (reason, serde_json::from_value(Value::Object(fields))) {
        (None, Ok(token)) => Ok(token),
        (reason, _) => Err(UnreadableRow { id, name, reason: reason.unwrap_or(RowDefect::NotAnObject) }),
    }
}

/// The first field that spoils a token which is right without it. serde's own words may quote what they stumble over.
fn defect(fields: &Map<String, Value>) -> Option<RowDefect> {
    let reads = |fields: Map<String, Value>| serde_json::from_value::<Token>(Value::Object(fields)).is_ok();
    if reads(fields.clone()) {
        return None;
    }
    FIELDS.into_iter().find_map(|field| {
        let right = json!({ "id": "e1", "name": "", "policies": [] });
        let Value::Object(mut right) = right else { return None };
        match fields.get(field) {
            Some(value) => right.insert(field.to_owned(), value.clone()),
            None => right.remove(field),
        };
        let defect = if fields.contains_key(field) { RowDefect::Malformed } else { RowDefect::Lacks };
        (!reads(right)).then_some(defect(field))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]
    use super::*;

    fn whole() -> Value {
        json!({
            "id": "e1", "name": "shop@k3x9w2ab", "status": "active", "expires_on": "2031-05-01T12:00:00Z",
            "policies": [{ "id": "p1", "effect": "allow", "resources": { "r": "*" }, "permission_groups": [] }]
        })
    }

    fn list(rows: Vec<Value>, total: u64) -> TokenList {
        TokenList::read(ReadRows { rows, total, reached_its_end: true })
    }

    #[test]
    fn a_row_that_cannot_be_understood_leaves_the_others_and_what_could_be_read_of_it() {
        let policy = |policy: Value| json!([policy]);
        for (field, value) in [
            ("name", Value::Null),
            ("name", json!(7)),
            ("policies", Value::Null),
            ("policies", json!("all of them")),
            ("policies", policy(json!({ "resources": {} }))),
            ("policies", policy(json!({ "effect": null }))),
            ("policies", policy(json!({ "effect": "allow", "resources": null }))),
            ("policies", policy(json!({ "effect": "allow", "permission_groups": [{ "name": "x" }] }))),
            ("expires_on", json!("")),
            ("expires_on", json!("soon")),
            ("expires_on", json!(1_934_971_200)),
            ("not_before", json!("")),
            ("issued_on", json!({})),
            ("modified_on", json!([])),
            ("last_used_on", json!("")),
            ("status", Value::Null),
            ("condition", json!("none")),
            ("condition", json!({ "request_ip": { "in": null } })),
        ] {
            let mut odd = whole();
            odd[field] = value.clone();
            let list = list(vec![odd, json!({ "id": "e2", "name": "other", "policies": [] })], 2);
            assert_eq!(list.tokens.iter().map(|token| &*token.id).collect::<Vec<_>>(), ["e2"]);
            let name = (field != "name").then(|| "shop@k3x9w2ab".to_owned());
            let expected =
                UnreadableRow { id: Some("e1".to_owned()), name, reason: RowDefect::Malformed(field) };
            assert_eq!((list.unreadable, list.is_whole), (vec![expected], true), "{field}: {value}");
        }
    }

    #[test]
    fn an_id_that_would_lead_a_request_elsewhere_is_none() {
        for id in [json!(""), json!("../user"), json!("e1/value"), json!("e1?x"), Value::Null, json!(1)] {
            let mut odd = whole();
            odd["id"] = id;
            let row = list(vec![odd], 1).unreadable.remove(0);
            assert_eq!((row.id, row.reason), (None, RowDefect::Malformed("id")));
        }
    }

    #[test]
    fn what_a_token_cannot_do_without_is_missed_and_what_it_can_is_not() {
        for field in ["id", "name", "policies", "status", "expires_on"] {
            let mut row = whole();
            row.as_object_mut().unwrap().remove(field);
            let list = list(vec![row], 1);
            let reason = list.unreadable.first().map(|row| row.reason);
            let needed = ["id", "name", "policies"].contains(&field);
            assert_eq!(
                (reason, list.tokens.len()),
                (needed.then_some(RowDefect::Lacks(field)), usize::from(!needed))
            );
        }
        for row in [json!(null), json!("e1"), json!([1]), json!(1)] {
            assert_eq!(list(vec![row], 1).unreadable[0].reason, RowDefect::NotAnObject);
        }
    }

    #[test]
    fn a_reason_never_shows_what_the_row_holds() {
        let mut odd = whole();
        odd["expires_on"] = json!("cfut_EMULATOR-a-secret-in-the-wrong-place");
        let shown = format!("{:?} {}", list(vec![odd.clone()], 1), list(vec![odd], 1).unreadable[0].reason);
        assert!(shown.contains("expires_on") && !shown.contains("cfut_"), "{shown}");
    }

    #[test]
    fn a_row_that_came_twice_counts_once() {
        let mut odd = whole();
        odd["name"] = Value::Null;
        assert!(!list(vec![whole(), whole()], 2).is_whole);
        assert!(!list(vec![odd.clone(), odd.clone()], 2).is_whole);
        let both = list(vec![whole(), odd], 1);
        assert_eq!((both.tokens.len(), both.unreadable.len(), both.is_whole), (1, 0, true));
    }
}
