//! The format as a JSON Schema, made from the types that read it.

use schemars::generate::SchemaSettings;
use serde_json::Value;

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
    schema.to_value()
}
