//! The JSON Schema of what `--json` writes. It is made from the rows themselves, by a test, and ships as a file: so the
//! program carries a text, and not the means to make it.

/// The schema, as it ships beside the profiles.
pub(in crate::cli) const SCHEMA: &str = include_str!("../../../profiles/output.schema.json");

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, clippy::disallowed_methods, reason = "a test stops where it fails")]

    use std::path::Path;

    use schemars::generate::SchemaSettings;

    use super::SCHEMA;
    use crate::cli::output::report::JsonDocument;

    #[test]
    fn the_schema_of_json_is_that_of_the_rows() {
        let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let mut schema = generator.into_root_schema_for::<JsonDocument<'_>>();
        schema.insert("title".to_owned(), "cfmint --json, version 1".into());
        let made = serde_json::to_string_pretty(&schema.to_value()).expect("a schema is JSON") + "\n";
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/output.schema.json");
            std::fs::write(path, made).expect("the schema can be written");
        } else {
            assert_eq!(SCHEMA, made, "write it anew: UPDATE_TRANSCRIPTS=1 cargo test --lib schema");
        }
    }
}
