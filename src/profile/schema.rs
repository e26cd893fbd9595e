//! The format as a JSON Schema, made from the types that read it.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::layer::File;

/// Returns the JSON Schema (2020-12) of a profile.
///
/// ```
/// let schema = cfmint::profile::schema();
/// assert_eq!(schema["properties"]["version"]["description"], "The version of this format: 1.");
/// ```
#[must_use]
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<File>();
    schema.insert("title".to_owned(), "cfmint profile".into());
    schema.insert("type".to_owned(), "object".into());
    schema.insert("required".to_owned(), Value::Array(vec!["version".into()]));
    let mut schema = schema.to_value();
    // The keys of a JSON document may be called what no variable can be.
    if let Some(Value::Object(sink)) = schema.pointer_mut("/$defs/SinkKeys") {
        sink.insert(
            "if".to_owned(),
            json!({ "anyOf": [{ "required": ["env_file"] }, { "required": ["github_env"] }] }),
        );
        let names = json!({ "pattern": VARIABLE_NAME });
        sink.insert("then".to_owned(), json!({ "properties": { "variables": { "propertyNames": names } } }));
    }
    schema
}

/// A name that a variable of the environment can have.
const VARIABLE_NAME: &str = "^[A-Za-z_][A-Za-z0-9_]*$";
