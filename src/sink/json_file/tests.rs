//! What is set is read by other programs, what is removed is gone, and all else stays.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn content(text: &str) -> JsonContent {
    JsonContent::parse(text.as_bytes()).unwrap()
}

fn text(content: &JsonContent) -> String {
    String::from_utf8(content.to_bytes().to_vec()).unwrap()
}

fn set(before: &str, name: &str, value: &str) -> String {
    let mut content = content(before);
    content.set(name, value).unwrap();
    text(&content)
}

fn removed(before: &str, name: &str) -> String {
    let mut content = content(before);
    content.remove(name).unwrap();
    text(&content)
}

fn values(text: &str, name: &str) -> Vec<String> {
    content(text).values(name).unwrap().iter().map(|value| value.expose().to_owned()).collect()
}

#[test]
fn a_value_is_set_where_it_stands_or_added_as_its_neighbours_are_laid_out() {
    for (before, name, after) in [
        ("", "a", "{\n  \"a\": \"new\"\n}\n"),
        ("{}", "a", "{\n  \"a\": \"new\"\n}"),
        ("{\n}\n", "a.b", "{\n  \"a\": {\n    \"b\": \"new\"\n  }\n}\n"),
        ("{\"a\":\"old\",\"b\":[1]}", "a", "{\"a\":\"new\",\"b\":[1]}"),
        ("{\"b\":[1]}", "a", "{\"b\":[1],\"a\":\"new\"}"),
        ("{ \"b\": 1 }", "a", "{ \"b\": 1, \"a\": \"new\" }"),
        ("{ \"b\": 1 }", "a.c", "{ \"b\": 1, \"a\": {\"c\": \"new\"} }"),
        ("{\n\t\"b\": 1\n}\n", "a", "{\n\t\"b\": 1,\n\t\"a\": \"new\"\n}\n"),
        ("{\r\n  \"b\": 1\r\n}\r\n", "a", "{\r\n  \"b\": 1,\r\n  \"a\": \"new\"\r\n}\r\n"),
        ("{\n  \"b\": 1, // of b\n}\n", "a", "{\n  \"b\": 1, // of b\n  \"a\": \"new\",\n}\n"),
        ("{\n  \"b\": 1 // of b\n}\n", "a", "{\n  \"b\": 1, // of b\n  \"a\": \"new\"\n}\n"),
        ("{\n  \"b\": 1 /* of\n b */\n}\n", "a", "{\n  \"b\": 1,\n  \"a\": \"new\" /* of\n b */\n}\n"),
        ("{\n  // nothing yet\n}\n", "a", "{\n  \"a\": \"new\"\n  // nothing yet\n}\n"),
        (
            "{\n  \"a\": {\n    \"b\": \"ä\"\n  },\n  \"c\": 1\n}\n",
            "a.d",
            "{\n  \"a\": {\n    \"b\": \"ä\",\n    \"d\": \"new\"\n  },\n  \"c\": 1\n}\n",
        ),
        ("{\"a\": \"1\", \"ä\": \"a\", \"a\": null}", "a", "{\"a\": \"new\", \"ä\": \"a\", \"a\": \"new\"}"),
    ] {
        assert_eq!(set(before, name, "new"), after, "{before}");
        assert!(values(&set(before, name, "new"), name).iter().all(|value| value == "new"));
    }
}

#[test]
fn a_removed_value_takes_its_line_and_its_comma_with_it() {
    for (before, after) in [
        ("{\n  \"a\": \"1\"\n}\n", "{\n}\n"),
        ("{\n  \"a\": \"1\",\n  \"b\": 2\n}\n", "{\n  \"b\": 2\n}\n"),
        ("{\n  \"b\": 2,\n  \"a\": \"1\"\n}\n", "{\n  \"b\": 2\n}\n"),
        ("{\n  \"b\": 2, // of b\n  \"a\": \"1\" // of a\n}\n", "{\n  \"b\": 2 // of b\n}\n"),
        ("{\n  \"b\": 2,\n  \"a\": \"1\",\n}\n", "{\n  \"b\": 2,\n}\n"),
        ("{\"a\":\"1\",\"b\":2}", "{\"b\":2}"),
        ("{\"b\":2,\"a\":\"1\"}", "{\"b\":2}"),
        ("{ \"a\": \"1\" }", "{  }"),
        ("{\"a\": \"1\", \"b\": 2, \"a\": \"3\"}", "{\"b\": 2}"),
        ("{\"b\": 2}", "{\"b\": 2}"),
    ] {
        assert_eq!(removed(before, "a"), after, "{before}");
    }
    let nested = "{\n  \"x\": {\n    \"a\": \"1\"\n  }\n}\n";
    assert_eq!(removed(nested, "x.a"), "{\n  \"x\": {\n  }\n}\n");
}

#[test]
fn what_is_no_object_or_no_text_is_refused_with_its_line_and_without_its_value() {
    for (text, name, problem) in [
        ("[\"FAKE\"]", "a", JsonProblem::NoObject { line: 1, name: "it".to_owned() }),
        ("{\n\"a\": \"FAKE}", "a", JsonProblem::NoJson { line: 2 }),
        ("{\n\"a\": 12}", "a", JsonProblem::NoString { line: 2, name: "a".to_owned() }),
        ("{\n\"a\": \"FAKE\"}", "a.b", JsonProblem::NoObject { line: 2, name: "a.b".to_owned() }),
        ("{'a': 1}", "a", JsonProblem::NoJson { line: 1 }),
    ] {
        let found = JsonContent::parse(text.as_bytes()).and_then(|mut content| content.set(name, "new"));
        assert_eq!(found, Err(problem.clone()), "{text}");
        assert!(!problem.to_string().contains("FAKE"));
    }
    assert_eq!(JsonContent::parse(b"{\"a\": \"\xff\"}").err(), Some(JsonProblem::NoText));
}

/// Any JSON object whose keys may be ours.
fn objects() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[abc]|\\PC{0,4}", inner), 0..4)
                .prop_map(|entries| Value::from(entries.into_iter().collect::<Map<_, _>>())),
        ]
    });
    prop::collection::vec(("[abc]", value), 0..4)
        .prop_map(|entries| Value::from(entries.into_iter().collect::<Map<_, _>>()))
}

proptest! {
    #[test]
    fn serde_reads_what_was_set_and_everything_else_as_before(
        before in objects(),
        name in "[abcd](\\.[abd])?",
        value in any::<String>(),
        is_pretty in any::<bool>(),
    ) {
        let text = if is_pretty { serde_json::to_string_pretty(&before) } else { serde_json::to_string(&before) }.unwrap();
        let mut content = content(&text);
        let set = content.set(&name, &value);
        let after = self::text(&content);
        if set.is_err() {
            // What is there is no text, or is no object.
            prop_assert_eq!(after, text);
            return Ok(());
        }
        let mut expected = before.clone();
        let pointer = format!("/{}", name.replace('.', "/"));
        match name.split_once('.') {
            None => expected[&name] = json!(value),
            Some((key, inner)) => {
                let entries = expected.as_object_mut().unwrap();
                entries.entry(key).or_insert_with(|| json!({}))[inner] = json!(value);
            }
        }
        prop_assert_eq!(&serde_json::from_str::<Value>(&after).unwrap(), &expected);
        content.remove(&name).unwrap();
        let removed: Value = serde_json::from_str(&self::text(&content)).unwrap();
        prop_assert_eq!(removed.pointer(&pointer), None);
    }
}
