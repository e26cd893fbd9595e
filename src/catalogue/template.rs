//! Permissions -> the link that opens the dashboard's form for a new token with them filled in.
//!
//! In: permission groups, a name, and ids. Out: an address, and of each group the key that stands for it there, with how
//! surely it is known. A link only fills in the form: a person still looks at it and creates the token.
//! Source: <https://developers.cloudflare.com/fundamentals/api/how-to/account-owned-token-template/>.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::embedded::rows;
use super::group::{KnownGroup, Scope};
use super::spelling::same;
use crate::profile::{Level, Section};

/// The known keys: key, section, label, how it is known.
pub(super) const TEMPLATE_KEYS: &str = include_str!("template_keys.tsv");

/// How surely a key is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// Cloudflare's documentation lists it.
    Documented,
    /// Published links use it.
    Seen,
    /// It follows from how the others are made.
    Inferred,
}

impl KeySource {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Seen => "seen",
            Self::Inferred => "inferred",
        }
    }
}

/// A permission as a link says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplatePermission {
    /// What it is about, such as `workers_scripts`.
    pub key: &'static str,
    /// What may be done: `read`, `edit`, `revoke`, `run` or `purge`.
    pub level: &'static str,
    /// How surely the key is known.
    pub source: KeySource,
}

/// Which of the two forms a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateForm<'a> {
    /// That of the user.
    User {
        /// The one account to choose; `None` for all.
        account: Option<&'a str>,
        /// The one zone to choose; `None` for all.
        zone: Option<&'a str>,
    },
    /// That of an account, which the dashboard asks for.
    Account,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TemplateKey {
    pub(super) key: &'static str,
    pub(super) section: Section,
    pub(super) label: &'static str,
    pub(super) source: KeySource,
}

/// The table, read once.
pub(super) fn template_keys() -> &'static [TemplateKey] {
    static KEYS: LazyLock<Vec<TemplateKey>> =
        LazyLock::new(|| rows(TEMPLATE_KEYS).filter_map(read_template_key).collect());
    &KEYS
}

/// Reads a row.
pub(super) fn read_template_key(row: &'static str) -> Option<TemplateKey> {
    let [key, section, label, source] =
        <[&str; 4]>::try_from(row.split('\t').collect::<Vec<_>>().as_slice()).ok()?;
    let section = Section::ALL.into_iter().find(|known| known.key() == section)?;
    let sources = [KeySource::Documented, KeySource::Seen, KeySource::Inferred];
    let source = sources.into_iter().find(|known| known.word() == source)?;
    Some(TemplateKey { key, section, label, source })
}

impl KnownGroup {
    /// How a link says this group; `None` where it has no key, or a level that links do not know.
    #[must_use]
    pub fn template_permission(&self) -> Option<TemplatePermission> {
        let (label, level) = self.entry()?;
        let level = match level {
            Level::Read | Level::Edit | Level::Revoke | Level::Run | Level::Purge => level.word(),
            Level::Report | Level::Admin | Level::Send | Level::Bind | Level::Editor => return None,
        };
        let is_it =
            |row: &&TemplateKey| self.scopes.contains(&Scope::from(row.section)) && same(row.label, label);
        let row = template_keys().iter().find(is_it)?;
        Some(TemplatePermission { key: row.key, level, source: row.source })
    }
}

/// The address that opens a form with these permissions and this name.
#[must_use]
pub fn template_link(form: TemplateForm<'_>, permissions: &[TemplatePermission], name: &str) -> String {
    let keys: Vec<serde_json::Value> = permissions
        .iter()
        .map(|permission| serde_json::json!({ "key": permission.key, "type": permission.level }))
        .collect();
    let keys = encoded(&serde_json::Value::from(keys).to_string());
    let name = encoded(name);
    match form {
        TemplateForm::User { account, zone } => format!(
            "https://dash.cloudflare.com/profile/api-tokens?permissionGroupKeys={keys}&accountId={}&zoneId={}&name={name}",
            account.unwrap_or("*"),
            zone.unwrap_or("all")
        ),
        TemplateForm::Account => format!(
            "https://dash.cloudflare.com/?to=/:account/api-tokens&permissionGroupKeys={keys}&name={name}"
        ),
    }
}

/// A text as it stands in a query.
fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let mut query = String::new();
    for byte in text.bytes() {
        if is_plain(byte) {
            query.push(char::from(byte));
        } else {
            write!(query, "%{byte:02X}").ok();
        }
    }
    query
}
