//! A permission group: every name it goes by, what it applies to, and the line of a profile that asks for it.

use super::spelling::{same, split};
use crate::profile::{Level, Section, literal, scalar};

/// What a permission group applies to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Accounts.
    Account,
    /// Zones.
    Zone,
    /// The user.
    User,
    /// R2 buckets.
    Bucket,
    /// Single Workers.
    Worker,
    /// Something that no section of a profile names.
    Other(String),
}

impl Scope {
    /// Reads Cloudflare's word for it, such as `com.cloudflare.api.account.zone`.
    #[must_use]
    pub fn from_key(key: &str) -> Self {
        match key {
            "com.cloudflare.api.account" => Self::Account,
            "com.cloudflare.api.account.zone" => Self::Zone,
            "com.cloudflare.api.user" => Self::User,
            "com.cloudflare.edge.r2.bucket" => Self::Bucket,
            "com.cloudflare.edge.worker.script" => Self::Worker,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Cloudflare's word for it.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Account => "com.cloudflare.api.account",
            Self::Zone => "com.cloudflare.api.account.zone",
            Self::User => "com.cloudflare.api.user",
            Self::Bucket => "com.cloudflare.edge.r2.bucket",
            Self::Worker => "com.cloudflare.edge.worker.script",
            Self::Other(key) => key,
        }
    }

    /// The section of a profile that it is; `None` for a scope that profiles have no section for.
    #[must_use]
    pub fn section(&self) -> Option<Section> {
        match self {
            Self::Account => Some(Section::Account),
            Self::Zone => Some(Section::Zone),
            Self::User => Some(Section::User),
            Self::Bucket => Some(Section::R2),
            Self::Worker => Some(Section::Worker),
            Self::Other(_) => None,
        }
    }
}

impl From<Section> for Scope {
    fn from(section: Section) -> Self {
        match section {
            Section::Account => Self::Account,
            Section::Zone => Self::Zone,
            Section::User => Self::User,
            Section::R2 => Self::Bucket,
            Section::Worker => Self::Worker,
        }
    }
}

/// A permission group and every name it goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownGroup {
    /// 32 hexadecimal digits, lower case; `None` where only Cloudflare's own list has it.
    pub id: Option<String>,
    /// The API's name, such as `DNS Write`; unique only within a scope.
    pub name: String,
    /// What it applies to; empty where nobody has said so.
    pub scopes: Vec<Scope>,
    /// What the dashboard and the documentation print for it, where that is not the name.
    pub labels: Vec<String>,
    /// What it was called before.
    pub former: Vec<String>,
    /// What people write for it, though nobody calls it so.
    pub synonyms: Vec<Synonym>,
}

/// A popular wrong name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synonym {
    /// The section it means this group in.
    pub section: Section,
    /// What is written, label and level in one.
    pub written: String,
    /// Why it means this group, where that is not plain to see; may be empty.
    pub why: String,
}

impl KnownGroup {
    /// Whether it can stand in a section. A group of unknown scope can stand in any, until Cloudflare says.
    #[must_use]
    pub fn applies_to(&self, section: Section) -> bool {
        self.scopes.contains(&Scope::from(section)) || (self.scopes.is_empty() && self.id.is_none())
    }

    /// The product that refuses tokens of an account at what this group is for, wholly or in part.
    ///
    /// Source: <https://developers.cloudflare.com/fundamentals/api/get-started/account-owned-tokens/>
    #[must_use]
    pub fn refused_to_accounts(&self) -> Option<&'static str> {
        const PRODUCTS: [(&str, &str); 6] = [
            ("Bot Management", "Super Bot Fight Mode"),
            ("Intel", "Intel"),
            ("Page Rules", "Page Rules"),
            ("Registrar Domains", "Registrar"),
            ("Turnstile Sites", "Turnstile"),
            ("Zero Trust", "the client platform of Zero Trust"),
        ];
        let (label, _) = split(&self.name)?;
        PRODUCTS.iter().find(|(product, _)| same(label, product)).map(|(_, shown)| *shown)
    }

    /// The line of a profile that asks for it, in the section of its scope.
    ///
    /// A map entry where its name ends in a level (`DNS: edit`), else a list item (`- Page Shield`).
    #[must_use]
    pub fn line(&self) -> String {
        self.entry().map_or_else(|| item(&self.name), |(label, level)| entry(label, level))
    }

    /// The name without its level: what a group to read and one to edit have in common.
    #[must_use]
    pub fn product(&self) -> &str {
        split(&self.name).map_or(&self.name, |(label, _)| label)
    }

    /// Its level; `None` where its name has none.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        split(&self.name).map(|(_, level)| level)
    }

    /// Where the dashboard's form has it: `Account > Workers Scripts > Edit`.
    #[must_use]
    pub fn dashboard(&self) -> String {
        let section = match self.scopes.first() {
            Some(Scope::Account | Scope::Bucket | Scope::Worker) | None => "Account",
            Some(Scope::Zone) => "Zone",
            Some(Scope::User) => "User",
            Some(Scope::Other(key)) => key,
        };
        match self.entry() {
            Some((label, level)) => {
                let word = level.word();
                let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
                format!("{section} > {label} > {}{rest}", first.to_uppercase())
            }
            None => format!("{section} > {}", self.name),
        }
    }

    /// The label and level that ask for it; `None` where none of its names ends in a level.
    pub(super) fn entry(&self) -> Option<(&str, Level)> {
        // `Cache Purge` is written `Cache Purge: purge`, as the dashboard shows it, not `Cache: purge`.
        let by_label = self.labels.iter().filter_map(|label| split(label));
        let parts = by_label.clone().find(|(label, _)| *label == self.name).or_else(|| split(&self.name));
        parts.or_else(|| by_label.clone().next())
    }
}

/// A map entry of a profile's permissions.
pub(super) fn entry(label: &str, level: Level) -> String {
    format!("{}: {}", scalar(label), level.word())
}

/// A list item of a profile's permissions.
pub(super) fn item(name: &str) -> String {
    format!("- {}", literal(name))
}
