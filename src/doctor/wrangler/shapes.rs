//! A configuration -> the keys whose values have another shape than Wrangler's, and are not understood.
//!
//! Only keys that decide what a deployment takes: a wrong value there would be a permission that is missing.

use serde_json::{Map, Value};

use super::bindings::{KINDS, Takes};
use super::config::WranglerConfig;

/// How many are told; one mistake of a program that writes configurations may be in each of its lines.
const MOST: usize = 20;

/// What belongs at a place.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Switch,
    Table,
    Tables,
    Route,
    Routes,
}

impl Shape {
    fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Switch => "true or false",
            Self::Table => "a table",
            Self::Tables => "a list of tables",
            Self::Route => "a pattern such as \"example.com/*\", or a table with a `pattern`,",
            Self::Routes => "a list of patterns, or of tables with a `pattern` each,",
        }
    }
}

/// What is not understood, a line each: its place, and what belongs there.
#[must_use]
pub fn misshapen(config: &WranglerConfig) -> Vec<String> {
    let top = &config.keys;
    if top.is_empty() {
        return vec!["the configuration is empty: the profile allows what every deployment takes".to_owned()];
    }
    let mut found = Found(Vec::new());
    found.section("", top);
    if let Some(environments) = found.table("", top, "env") {
        for (name, section) in environments {
            match section.as_object() {
                Some(section) => found.section(&path("env", name), section),
                None => found.say(&path("env", name), Shape::Table),
            }
        }
    }
    let Found(mut lines) = found;
    let more = lines.len().saturating_sub(MOST);
    if more > 1 {
        lines.truncate(MOST);
        lines.push(format!("{more} more values are not understood, and are left out"));
    }
    lines
}

struct Found(Vec<String>);

impl Found {
    fn say(&mut self, path: &str, shape: Shape) {
        self.0.push(format!("{path} is not understood, and is left out: {} belongs there", shape.words()));
    }

    fn check(&mut self, parent: &str, table: &Map<String, Value>, key: &str, shape: Shape) {
        let Some(value) = table.get(key) else { return };
        let is_right = match shape {
            Shape::Text => value.is_string(),
            Shape::Switch => value.is_boolean(),
            _ => value.is_object(),
        };
        if !is_right && !value.is_null() {
            self.say(&path(parent, key), shape);
        }
    }

    /// The table of a key; what is none is told.
    fn table<'a>(
        &mut self,
        parent: &str,
        table: &'a Map<String, Value>,
        key: &str,
    ) -> Option<&'a Map<String, Value>> {
        self.check(parent, table, key, Shape::Table);
        table.get(key).and_then(Value::as_object)
    }

    fn section(&mut self, at: &str, section: &Map<String, Value>) {
        self.check(at, section, "name", Shape::Text);
        self.check(at, section, "account_id", Shape::Text);
        self.check(at, section, "workers_dev", Shape::Switch);
        for outer in ["queues", "durable_objects"] {
            self.check(at, section, outer, Shape::Table);
        }
        for kind in KINDS {
            let (parent, table, key) = match kind.key.split_once('.') {
                None => (at.to_owned(), Some(section), kind.key),
                Some((outer, key)) => (path(at, outer), section.get(outer).and_then(Value::as_object), key),
            };
            let Some(value) = table.and_then(|table| table.get(key)) else { continue };
            self.bindings(&path(&parent, key), value, kind.takes);
        }
        if let Some(route) = section.get("route").filter(|route| !route.is_null()) {
            self.route(&path(at, "route"), route);
        }
        match section.get("routes") {
            Some(Value::Array(routes)) => {
                for (number, route) in routes.iter().enumerate() {
                    self.route(&format!("{}[{number}]", path(at, "routes")), route);
                }
            }
            None | Some(Value::Null) => {}
            Some(_) => self.say(&path(at, "routes"), Shape::Routes),
        }
    }

    fn bindings(&mut self, at: &str, value: &Value, takes: Takes) {
        match value {
            Value::Array(items) => {
                for (number, item) in items.iter().enumerate() {
                    let at = format!("{at}[{number}]");
                    match item.as_object() {
                        Some(binding) => self.binding(&at, binding, takes),
                        None => self.say(&at, Shape::Table),
                    }
                }
            }
            Value::Object(binding) => self.binding(at, binding, takes),
            Value::Null => {}
            _ if SINGLE.contains(&at.rsplit('.').next().unwrap_or(at)) => self.say(at, Shape::Table),
            _ => self.say(at, Shape::Tables),
        }
    }

    fn binding(&mut self, at: &str, binding: &Map<String, Value>, takes: Takes) {
        if let Takes::Named(key, ..) = takes {
            self.check(at, binding, key, Shape::Text);
        }
    }

    fn route(&mut self, at: &str, route: &Value) {
        let pattern = route.as_str().or_else(|| route.get("pattern").and_then(Value::as_str));
        if pattern.is_none_or(str::is_empty) {
            return self.say(at, Shape::Route);
        }
        if let Some(table) = route.as_object() {
            self.check(at, table, "zone_id", Shape::Text);
            self.check(at, table, "zone_name", Shape::Text);
            self.check(at, table, "custom_domain", Shape::Switch);
        }
    }
}

/// Bindings of which a Worker has one.
const SINGLE: [&str; 8] =
    ["ai", "assets", "browser", "images", "media", "site", "stream", "version_metadata"];

/// The path of a key in a table.
fn path(parent: &str, key: &str) -> String {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "_-$".contains(sign);
    let key = if !key.is_empty() && key.chars().all(is_plain) { key.to_owned() } else { format!("{key:?}") };
    if parent.is_empty() { key } else { format!("{parent}.{key}") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::super::ConfigForm;
    use super::*;

    fn found(text: &str) -> Vec<String> {
        misshapen(&WranglerConfig::read(ConfigForm::Json, text).unwrap())
    }

    #[test]
    fn a_value_of_another_shape_is_told_with_its_path_and_what_belongs_there() {
        for (text, at, belongs) in [
            (r#"{"name": 5}"#, "name", "a text"),
            (r#"{"account_id": ["a"]}"#, "account_id", "a text"),
            (r#"{"workers_dev": "yes"}"#, "workers_dev", "true or false"),
            (r#"{"routes": "a.com/*"}"#, "routes", "a list of patterns"),
            (r#"{"routes": ["a.com/*", 2]}"#, "routes[1]", "a pattern such as"),
            (r#"{"route": {"zone_name": "a.com"}}"#, "route", "a pattern such as"),
            (r#"{"routes": [{"pattern": "a.com/*", "zone_id": 5}]}"#, "routes[0].zone_id", "a text"),
            (r#"{"d1_databases": "x"}"#, "d1_databases", "a list of tables"),
            (r#"{"d1_databases": ["x"]}"#, "d1_databases[0]", "a table"),
            (r#"{"kv_namespaces": [{"id": 5}]}"#, "kv_namespaces[0].id", "a text"),
            (r#"{"site": "public"}"#, "site", "a table"),
            (r#"{"queues": []}"#, "queues", "a table"),
            (r#"{"queues": {"producers": "q"}}"#, "queues.producers", "a list of tables"),
            (r#"{"env": ["a"]}"#, "env", "a table"),
            (r#"{"env": {"prod": []}}"#, "env.prod", "a table"),
            (r#"{"env": {"a b": {"name": 5}}}"#, r#"env."a b".name"#, "a text"),
        ] {
            let found = found(text);
            let expected = format!("{at} is not understood, and is left out: {belongs}");
            assert!(found.len() == 1 && found[0].starts_with(&expected), "{text}: {found:?}");
        }
    }

    #[test]
    fn what_is_right_or_left_out_is_not_told() {
        let right = r#"{
            "name": "a", "route": null, "routes": ["a.com/*", { "pattern": "b.com", "custom_domain": true }],
            "d1_databases": [{ "binding": "DB" }], "ai": { "binding": "AI" }, "queues": { "producers": [] },
            "env": { "live": {} }, "unknown": 5
        }"#;
        assert!(found(right).is_empty(), "{:?}", found(right));
    }

    #[test]
    fn an_empty_configuration_is_told_and_many_mistakes_are_counted() {
        assert!(found("{}")[0].contains("is empty"));
        let many = format!(r#"{{"routes": [{}1]}}"#, "1,".repeat(99));
        assert_eq!(found(&many).len(), 21);
        assert!(found(&many)[20].starts_with("80 more"));
    }
}
