//! What is written is read back, by the readers of each format.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn document(format: DocumentFormat) -> Document {
    let variables = [("token", SinkValue::Token), ("account", SinkValue::AccountId)];
    Document::new(format, variables.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

fn secret() -> DocumentFormat {
    DocumentFormat::Kubernetes { name: "cloudflare".to_owned(), namespace: Some("shop".to_owned()) }
}

fn written(format: DocumentFormat, texts: [&str; 2]) -> String {
    let texts = texts.map(|text| Secret::new(text.to_owned()));
    document(format).write(&texts).map(|text| text.expose().to_owned()).unwrap()
}

fn read(format: DocumentFormat, printed: &str) -> Result<Vec<Vec<String>>, String> {
    let found = document(format).read(&Secret::new(printed.to_owned()))?;
    let texts = |found: Vec<Secret>| found.iter().map(|text| text.expose().to_owned()).collect();
    Ok(found.into_iter().map(texts).collect())
}

#[test]
fn each_format_is_written_as_its_readers_know_it() {
    for (format, text) in [
        (DocumentFormat::Json, r#"{"token":"FAKE-a","account":"0123"}"#),
        (DocumentFormat::Env, "token=FAKE-a\naccount=0123\n"),
        (DocumentFormat::Yaml, "\"token\": \"FAKE-a\"\n\"account\": \"0123\"\n"),
        (DocumentFormat::Tfvars, "token = \"FAKE-a\"\naccount = \"0123\"\n"),
        (
            secret(),
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"cloudflare\"\n  namespace: \"shop\"\n\
             type: Opaque\ndata:\n  \"token\": \"RkFLRS1h\"\n  \"account\": \"MDEyMw==\"\n",
        ),
    ] {
        assert_eq!(written(format, ["FAKE-a", "0123"]), text);
    }
    // Nothing that Terraform would fill in.
    assert_eq!(
        written(DocumentFormat::Tfvars, ["${a}", "%{b}$c"]),
        "token = \"$${a}\"\naccount = \"%%{b}$c\"\n"
    );
}

proptest! {
    #[test]
    fn real_readers_read_back_what_was_written(one in any::<String>(), other in "\\PC{0,40}") {
        let texts = [one.as_str(), other.as_str()];
        let expected: BTreeMap<String, String> =
            [("token".to_owned(), one.clone()), ("account".to_owned(), other.clone())].into();
        let json = written(DocumentFormat::Json, texts);
        prop_assert_eq!(&serde_json::from_str::<BTreeMap<String, String>>(&json).unwrap(), &expected);
        // What is JSON here is YAML, too.
        for yaml in [json, written(DocumentFormat::Yaml, texts)] {
            prop_assert_eq!(&serde_yaml::from_str::<BTreeMap<String, String>>(&yaml).unwrap(), &expected);
        }
        let manifest: serde_json::Value = serde_yaml::from_str(&written(secret(), texts)).unwrap();
        prop_assert_eq!(&manifest["metadata"]["namespace"], "shop");
        for (name, text) in &expected {
            let data = BASE64.decode(manifest["data"][name].as_str().unwrap()).unwrap();
            prop_assert_eq!(&String::from_utf8(data).unwrap(), text);
        }
    }

    #[test]
    fn we_read_back_what_we_wrote(one in any::<String>(), other in any::<String>()) {
        for format in [DocumentFormat::Json, DocumentFormat::Yaml, secret()] {
            let printed = written(format.clone(), [&one, &other]);
            prop_assert_eq!(read(format, &printed).unwrap(), [[one.clone()], [other.clone()]]);
        }
    }

    #[test]
    fn an_env_document_is_read_back_by_dotenvy(one in "[A-Za-z0-9_./:@+=-]{1,60}", other in "[a-f0-9 ]{1,40}") {
        let lines = written(DocumentFormat::Env, [&one, &other]);
        let by_dotenvy: BTreeMap<String, String> =
            dotenvy::from_read_iter(lines.as_bytes()).collect::<Result<_, _>>().unwrap();
        prop_assert_eq!((&by_dotenvy["token"], &by_dotenvy["account"]), (&one, &other));
        prop_assert_eq!(read(DocumentFormat::Env, &lines).unwrap(), [[one], [other]]);
    }
}

#[test]
fn what_is_missing_is_missing_and_what_else_is_there_is_no_matter() {
    for (format, printed) in [
        (DocumentFormat::Json, r#"{"other": {"a": [1, null]}, "token": "FAKE-a", "account": null}"#),
        (DocumentFormat::Yaml, "token: FAKE-a # of mine\nother: [1]\n"),
        (DocumentFormat::Env, "# mine\nOTHER=1\ntoken='FAKE-a'\n"),
        (secret(), r#"{"kind": "Secret", "data": {"token": "RkFLRS1h"}}"#),
        (secret(), "kind: Secret\ndata:\n  token: RkFLRS1h\n"),
    ] {
        assert_eq!(read(format, printed).unwrap(), [vec!["FAKE-a".to_owned()], Vec::new()], "{printed}");
    }
    assert_eq!(read(secret(), r#"{"kind": "Secret"}"#).unwrap(), [const { Vec::<String>::new() }; 2]);
}

#[test]
fn what_cannot_be_read_is_refused_without_a_word_of_it() {
    for (format, printed) in [
        (DocumentFormat::Json, "FAKE-held"),
        (DocumentFormat::Json, r#"["FAKE-held"]"#),
        (DocumentFormat::Json, r#"{"token": {"FAKE-held": 1}}"#),
        (DocumentFormat::Yaml, "token: FAKE-held\n  account: FAKE-held"),
        (DocumentFormat::Yaml, "token: [FAKE-held]"),
        (DocumentFormat::Env, "token='FAKE-held"),
        (secret(), r#"{"data": {"token": "FAKE-held"}}"#),
        (secret(), r#"{"data": {"token": "RkFLRf8="}}"#),
    ] {
        let why = read(format, printed).unwrap_err();
        assert!(!why.contains("FAKE") && !why.contains("RkFL"), "{why}");
    }
}
