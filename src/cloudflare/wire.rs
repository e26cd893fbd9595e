//! What travels between cfmint and Cloudflare: the JSON of the tokens API as serde types.
//!
//! The client reads and writes these, and so does the emulator; nothing else is shared between the two.
//! Fields that some back ends leave out are optional here; unknown fields are ignored, except inside a policy or
//! a condition, where a full replacement must send back what it read.
//!
//! Source: <https://developers.cloudflare.com/api/resources/user/subresources/tokens/>.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chrono::{DateTime, SecondsFormat, Utc};
use ipnet::IpNet;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The frame around every answer. `success` rules, not the HTTP status.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// Whether the request did what it asked for.
    pub success: bool,
    /// Why it did not; some gateways leave out everything but this.
    #[serde(default, deserialize_with = "readable_ones")]
    pub errors: Vec<ApiError>,
    /// Remarks on success, such as code 10000 of `verify`.
    #[serde(default, deserialize_with = "readable_ones")]
    pub messages: Vec<ApiMessage>,
    /// The answer itself.
    #[serde(default = "Option::default")]
    pub result: Option<T>,
    /// Where a page stands in its list.
    #[serde(default, deserialize_with = "if_readable", skip_serializing_if = "Option::is_none")]
    pub result_info: Option<ResultInfo>,
}

/// One error of a failed request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// The code; its meaning depends on the endpoint.
    #[serde(default, deserialize_with = "null_as_default")]
    pub code: i64,
    /// Cloudflare's words.
    #[serde(default, deserialize_with = "null_as_default")]
    pub message: String,
    /// What lies beneath, as under 6003.
    #[serde(default, deserialize_with = "readable_ones", skip_serializing_if = "Vec::is_empty")]
    pub error_chain: Vec<ApiError>,
    /// The page of the endpoint, whose text lists the permissions that it accepts; errors 403 name it since August 2026.
    ///
    /// Source: <https://developers.cloudflare.com/changelog/>, 2026-08-20
    #[serde(default, deserialize_with = "text_if_readable", skip_serializing_if = "Option::is_none")]
    pub documentation_url: Option<String>,
}

/// One remark of a successful request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiMessage {
    /// The code.
    #[serde(default)]
    pub code: i64,
    /// Cloudflare's words.
    #[serde(default)]
    pub message: String,
}

/// Where a page stands in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultInfo {
    /// Rows on this page.
    #[serde(default, deserialize_with = "count_if_readable")]
    pub count: u64,
    /// This page's number, from 1.
    #[serde(default, deserialize_with = "count_if_readable")]
    pub page: u64,
    /// Rows a full page has.
    #[serde(default, deserialize_with = "count_if_readable")]
    pub per_page: u64,
    /// Rows in all.
    #[serde(default, deserialize_with = "count_if_readable")]
    pub total_count: u64,
    /// Pages in all; only zones and accounts say it.
    #[serde(default, deserialize_with = "if_readable", skip_serializing_if = "Option::is_none")]
    pub total_pages: Option<u64>,
}

/// A token as Cloudflare lists it; never its value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    /// 32 hexadecimal digits.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// The name a person gave it; not unique.
    pub name: String,
    /// `active`, `disabled`, `expired`, or a word not in the documentation, such as `revoked (exposed)`.
    #[serde(default)]
    pub status: String,
    /// What it may do. A token whose rights nobody says is no token without rights: it cannot be read.
    pub policies: Vec<ApiPolicy>,
    /// From where it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// When it begins to work; absent means at once.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "whole_seconds")]
    pub not_before: Option<DateTime<Utc>>,
    /// When it ends; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "whole_seconds")]
    pub expires_on: Option<DateTime<Utc>>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "whole_seconds")]
    pub issued_on: Option<DateTime<Utc>>,
    /// When it was last changed or rolled.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "whole_seconds")]
    pub modified_on: Option<DateTime<Utc>>,
    /// When it was last used; lags, and is absent when never.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "whole_seconds")]
    pub last_used_on: Option<DateTime<Utc>>,
}

/// What creates a token, or replaces all of one but its id and value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenWrite {
    /// The name, at most 120 characters.
    pub name: String,
    /// What it may do; at least one.
    pub policies: Vec<ApiPolicy>,
    /// From where it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// When it begins to work.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "whole_seconds")]
    pub not_before: Option<DateTime<Utc>>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "whole_seconds")]
    pub expires_on: Option<DateTime<Utc>>,
    /// `active` or `disabled`; a replacement only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// One policy of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiPolicy {
    /// Cloudflare's id of it. Must not be sent with a new token (error 1001).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `allow` or `deny`.
    pub effect: String,
    /// Resource key to `*`, or to one nested map.
    #[serde(default)]
    pub resources: BTreeMap<String, ResourceValue>,
    /// The groups it grants or denies.
    #[serde(default)]
    pub permission_groups: Vec<GroupReference>,
    /// Fields this version does not know, kept for a full replacement.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// The right-hand side of a policy's resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ResourceValue {
    /// `"*"`.
    All(String),
    /// Resources within the one that the key names.
    Within(BTreeMap<String, String>),
    /// A form this version does not know: one strange token must not hide all the others of a list.
    Other(serde_json::Value),
}

/// A permission group inside a policy; only the id counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupReference {
    /// 32 hexadecimal digits.
    pub id: String,
    /// For people; may be out of date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// From where a token may be used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The address rule. Written `request_ip`; older answers say `request.ip`.
    #[serde(default, alias = "request.ip", skip_serializing_if = "Option::is_none")]
    pub request_ip: Option<IpCondition>,
    /// Rules this version does not know, kept for a full replacement.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// The address rule of a condition. An empty list is left out when sent: it might deny everything. A single address is
/// sent with its prefix, since Cloudflare refuses one without.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpCondition {
    /// CIDR blocks it may be used from.
    #[serde(default, rename = "in", skip_serializing_if = "Vec::is_empty", serialize_with = "as_blocks")]
    pub allow: Vec<String>,
    /// CIDR blocks carved out of those.
    #[serde(default, rename = "not_in", skip_serializing_if = "Vec::is_empty", serialize_with = "as_blocks")]
    pub deny: Vec<String>,
}

/// The answer of `verify`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verification {
    /// The id of the token that asked.
    pub id: String,
    /// Its status.
    #[serde(default)]
    pub status: String,
    /// When it begins to work.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "whole_seconds")]
    pub not_before: Option<DateTime<Utc>>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "whole_seconds")]
    pub expires_on: Option<DateTime<Utc>>,
}

/// A permission group as Cloudflare lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiPermissionGroup {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The API's name, such as `DNS Write`; not unique across scopes.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// What resources it applies to, such as `com.cloudflare.api.account.zone`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub scopes: Vec<String>,
    /// A sentence on what it grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The kind of product it belongs to, such as `dns_and_zones`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Whether the caller may grant it, as far as Cloudflare says; the answer to a create stays the judge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_selectable: Option<bool>,
}

/// The id of a deleted token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Deleted {
    /// 32 hexadecimal digits.
    pub id: String,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// 32 hexadecimal digits.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Its name; not unique.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The domain.
    pub name: String,
    /// `active`, `pending` and others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The account it is in.
    pub account: Account,
}

/// A Worker, as far as it matters here.
///
/// Source: <https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/list/>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerScript {
    /// Its name.
    pub id: String,
    /// What policies call it by; it stays when the Worker is renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// The user behind a credential.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The address they log in with.
    #[serde(default, deserialize_with = "null_as_default")]
    pub email: String,
}

/// Writes a time as Cloudflare takes it: UTC, whole seconds, `Z`. Fractions are refused with code 400.
#[must_use]
pub fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[allow(clippy::ref_option, reason = "the signature that serde asks for")]
fn whole_seconds<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.serialize_str(&timestamp(*time)),
        None => serializer.serialize_none(),
    }
}

/// Writes blocks in CIDR notation, single addresses too.
fn as_blocks<S: Serializer>(blocks: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(blocks.iter().map(|block| match block.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address).to_string(),
        Err(_) => block.clone(),
    }))
}

/// Whether a text can be an id: it becomes a part of a path.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if is_id(&text) { Ok(text) } else { Err(serde::de::Error::custom("an id is malformed")) }
}

/// Reads what some back ends give as `null` where they have nothing to say.
fn null_as_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads what an answer can do without: of another form than it should be, it is absent.
fn if_readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(if value.is_object() || value.is_number() { serde_json::from_value(value).ok() } else { None })
}

fn text_if_readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(serde_json::Value::deserialize(deserializer)?.as_str().map(str::to_owned))
}

fn count_if_readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    if_readable(deserializer).map(Option::unwrap_or_default)
}

/// Reads the items of a list that can be read.
fn readable_ones<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    // serde takes a list for a struct too.
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Array(items) => items
            .into_iter()
            .filter(serde_json::Value::is_object)
            .filter_map(|item| serde_json::from_value(item).ok())
            .collect(),
        _ => Vec::new(),
    })
}
