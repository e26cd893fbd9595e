//! What `--json` writes is as its schema says, wherever the sessions of the stories and of the README show it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::{cases, transcript};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document in what the sessions print, with the file that shows it.
fn documents() -> Vec<(String, Value)> {
    let stories = std::fs::read_dir(cases()).expect("the cases can be listed").flatten();
    let files = stories.map(|entry| entry.path()).chain([project().join("README.md")]);
    let mut documents = Vec::new();
    for file in files {
        for output in transcript::outputs(&file) {
            // Some are cut off where a story shows only how they begin.
            let is_whole = |line: &&str| line.starts_with("{\"version\":") && line.ends_with("]}");
            let lines = output.lines().filter(is_whole);
            let parsed = lines.map(|line| serde_json::from_str(line).expect("a document is JSON"));
            documents.extend(parsed.map(|document| (file.display().to_string(), document)));
        }
    }
    documents
}

/// The names of all members that a schema or a part of it knows.
fn known(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                names.extend(properties.keys().cloned());
            }
            members.values().for_each(|value| known(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| known(value, names)),
        _ => {}
    }
}

/// The names of all members of a document. What a map is keyed by is no member.
fn used(document: &Value, names: &mut BTreeSet<String>) {
    match document {
        Value::Object(members) => {
            for (name, value) in members {
                names.insert(name.clone());
                if name != "variables" || value.is_array() {
                    used(value, names);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| used(value, names)),
        _ => {}
    }
}

#[test]
fn every_document_that_is_shown_satisfies_the_schema() {
    let text = std::fs::read_to_string(project().join("profiles/output.schema.json"));
    let schema: Value = serde_json::from_str(&text.expect("the schema can be read")).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let mut members = BTreeSet::new();
    known(&schema, &mut members);

    let documents = documents();
    let commands: BTreeSet<&str> = documents.iter().filter_map(|(_, one)| one["command"].as_str()).collect();
    assert!(commands.len() >= 15, "the documents of too few commands are shown: {commands:?}");
    for (file, document) in &documents {
        let errors: Vec<String> = validator.iter_errors(document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{file}: {errors:#?}\n{document}");
        let mut own = BTreeSet::new();
        used(document, &mut own);
        let unknown: Vec<&String> = own.difference(&members).collect();
        assert!(unknown.is_empty(), "{file}: the schema says nothing of {unknown:?}\n{document}");
    }
}
