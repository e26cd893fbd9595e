//! The body of a create or a replacement -> a `TokenWrite` whose fields are of the right form.
//!
//! The raw JSON is judged before it becomes a type, because types forgive what Cloudflare does not:
//! fractions of a second, offsets, a group without its id.

use chrono::DateTime;
use ipnet::IpNet;
use serde_json::{Map, Value};

use super::error_reply::ErrorReply;
use super::state::{ACTIVE, DISABLED};
use crate::cloudflare::wire::TokenWrite;

type Object = Map<String, Value>;

/// Reads and judges a body; what the policies mean is judged by `rules`.
pub(super) fn read(body: &[u8]) -> Result<TokenWrite, ErrorReply> {
    let object = object(body)?;
    name(&object)?;
    date(&object, "not_before")?;
    date(&object, "expires_on")?;
    status(&object)?;
    let policies = object.get("policies").and_then(Value::as_array).filter(|list| !list.is_empty());
    policies.ok_or(at_least_one("policies"))?.iter().try_for_each(policy)?;
    let documented = ErrorReply::Malformed { field: "body", must: "have the documented fields" };
    let write: TokenWrite = serde_json::from_value(Value::Object(object)).map_err(|_| documented)?;
    addresses(&write)?;
    Ok(write)
}

/// Reads a body that must be a JSON object, as a roll's empty one.
pub(super) fn object(body: &[u8]) -> Result<Object, ErrorReply> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(ErrorReply::NotJson),
    }
}

fn name(object: &Object) -> Result<(), ErrorReply> {
    let length = object.get("name").and_then(Value::as_str).map_or(0, |name| name.chars().count());
    match length {
        1..=120 => Ok(()),
        _ => Err(ErrorReply::Malformed { field: "name", must: "have a length between 1 and 120" }),
    }
}

fn date(object: &Object, field: &'static str) -> Result<(), ErrorReply> {
    let must = "be a valid date/time in the format \"2005-12-30T01:02:03Z\"";
    match object.get(field) {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(text)) if is_whole_second(text) => Ok(()),
        Some(_) => Err(ErrorReply::Malformed { field, must }),
    }
}

fn is_whole_second(text: &str) -> bool {
    text.len() == "2005-12-30T01:02:03Z".len()
        && text.ends_with('Z')
        && text.as_bytes().get(10) == Some(&b'T')
        && DateTime::parse_from_rfc3339(text).is_ok()
}

fn status(object: &Object) -> Result<(), ErrorReply> {
    match object.get("status") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(text)) if matches!(text.as_str(), ACTIVE | DISABLED) => Ok(()),
        Some(_) => Err(ErrorReply::Malformed { field: "status", must: "be active or disabled" }),
    }
}

fn policy(policy: &Value) -> Result<(), ErrorReply> {
    if !matches!(policy.get("effect").and_then(Value::as_str), Some("allow" | "deny")) {
        return Err(ErrorReply::Malformed { field: "effect", must: "be allow or deny" });
    }
    if policy.get("resources").and_then(Value::as_object).is_none_or(Map::is_empty) {
        return Err(at_least_one("resources"));
    }
    let groups = policy.get("permission_groups").and_then(Value::as_array).filter(|list| !list.is_empty());
    let named = |group: &Value| group.get("id").is_some_and(Value::is_string);
    if groups.ok_or(at_least_one("permission_groups"))?.iter().all(named) {
        Ok(())
    } else {
        Err(ErrorReply::Malformed { field: "id", must: "be present" })
    }
}

fn addresses(write: &TokenWrite) -> Result<(), ErrorReply> {
    let rule = write.condition.as_ref().and_then(|condition| condition.request_ip.as_ref());
    let mut blocks = rule.into_iter().flat_map(|rule| rule.allow.iter().chain(&rule.deny));
    if blocks.all(|block| block.parse::<IpNet>().is_ok()) {
        Ok(())
    } else {
        Err(ErrorReply::Malformed { field: "request_ip", must: "be in CIDR notation" })
    }
}

fn at_least_one(field: &'static str) -> ErrorReply {
    ErrorReply::Malformed { field, must: "have a length of at least 1" }
}
