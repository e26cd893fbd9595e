//! The permission groups that cfmint knows by itself, from the two tables beside this file.
//!
//! In: `groups.tsv` and `synonyms.tsv`, embedded. Out: a [`Catalogue`]. A row that cannot be read is left
//! out here; a test makes sure that there is none.

use super::live::Difference;
use super::spelling::split;
use crate::profile::{Level, Section, literal, scalar};

/// The known groups, one a row: id, name, scope, labels, former names.
pub(super) const GROUPS: &str = include_str!("groups.tsv");
/// What people write for a group that nobody calls so: section, what is written, the name of the group, why.
pub(super) const SYNONYMS: &str = include_str!("synonyms.tsv");

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
pub struct PermissionGroup {
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

impl PermissionGroup {
    /// Whether it can stand in a section. A group of unknown scope can stand in any, until Cloudflare says.
    #[must_use]
    pub fn applies_to(&self, section: Section) -> bool {
        self.scopes.contains(&Scope::from(section)) || (self.scopes.is_empty() && self.id.is_none())
    }

    /// The line of a profile that asks for it, in the section of its scope.
    ///
    /// A map entry where its name ends in a level (`DNS: edit`), else a list item (`- Page Shield`).
    #[must_use]
    pub fn line(&self) -> String {
        self.entry().map_or_else(|| item(&self.name), |(label, level)| entry(label, level))
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

/// The known permission groups.
#[derive(Debug, Clone)]
pub struct Catalogue {
    pub(super) known: Vec<Known>,
}

/// A group and what Cloudflare's own list says about it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) group: PermissionGroup,
    pub(super) standing: Standing,
}

/// What Cloudflare's own list says about a group.
#[derive(Debug, Clone)]
pub(super) enum Standing {
    /// Nobody has asked.
    Unasked,
    /// It is there, with these differences from the embedded table.
    Listed(Vec<Difference>),
    /// It is not there.
    Absent,
}

impl Catalogue {
    /// The groups that cfmint knows without asking Cloudflare.
    #[must_use]
    pub fn embedded() -> Self {
        let mut groups: Vec<PermissionGroup> = rows(GROUPS).filter_map(read_group).collect();
        for (name, synonym) in rows(SYNONYMS).filter_map(read_synonym) {
            let means = |group: &&mut PermissionGroup| {
                group.name == name && group.scopes.contains(&Scope::from(synonym.section))
            };
            if let Some(group) = groups.iter_mut().find(means) {
                group.synonyms.push(synonym);
            }
        }
        let known = groups.into_iter().map(|group| Known { group, standing: Standing::Unasked });
        Self { known: known.collect() }
    }

    /// Every group, in the order of scope and name.
    pub fn groups(&self) -> impl Iterator<Item = &PermissionGroup> {
        self.known.iter().map(|known| &known.group)
    }

    /// The group of an id, whatever its case.
    #[must_use]
    pub fn group(&self, id: &str) -> Option<&PermissionGroup> {
        self.known_by_id(id).map(|known| &known.group)
    }

    pub(super) fn known_by_id(&self, id: &str) -> Option<&Known> {
        let is_it =
            |known: &&Known| known.group.id.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(id));
        self.known.iter().find(is_it)
    }

    /// The groups in whose names or id every one of the words occurs, case aside; all of them for no words.
    #[must_use]
    pub fn search(&self, words: &[&str]) -> Vec<&PermissionGroup> {
        let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let found = |group: &&PermissionGroup| {
            let synonyms = group.synonyms.iter().map(|synonym| &synonym.written);
            let names = group.labels.iter().chain(&group.former).chain(synonyms).chain(&group.id);
            let names = names.fold(group.name.to_lowercase(), |all, name| all + "\n" + &name.to_lowercase());
            words.iter().all(|word| names.contains(word.as_str()))
        };
        self.groups().filter(found).collect()
    }
}

/// The rows of an embedded table, without its headline.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().skip(1)
}

/// Reads a row of the groups.
pub(super) fn read_group(row: &str) -> Option<PermissionGroup> {
    let mut columns = row.split('\t');
    let [id, name, scope, labels, former] = std::array::from_fn(|_| columns.next());
    let (id, name, scope, labels, former) = (id?, name?, scope?, labels?, former?);
    let list = |text: &str| text.split("; ").filter(|one| !one.is_empty()).map(str::to_owned).collect();
    let whole = columns.next().is_none() && !name.is_empty() && (id.is_empty() || crate::profile::is_id(id));
    whole.then(|| PermissionGroup {
        id: Some(id.to_owned()).filter(|id| !id.is_empty()),
        name: name.to_owned(),
        scopes: Some(scope).filter(|scope| !scope.is_empty()).map(Scope::from_key).into_iter().collect(),
        labels: list(labels),
        former: list(former),
        synonyms: Vec::new(),
    })
}

/// Reads a row of the synonyms: the name of the group, and what people write for it.
pub(super) fn read_synonym(row: &'static str) -> Option<(&'static str, Synonym)> {
    let mut columns = row.split('\t');
    let [section, written, means, why] = std::array::from_fn(|_| columns.next());
    let (section, written, means, why) = (section?, written?, means?, why?);
    let sections = Section::ALL;
    let section = sections.into_iter().find(|known| known.key() == section)?;
    let whole = columns.next().is_none() && !written.is_empty();
    whole.then(|| (means, Synonym { section, written: written.to_owned(), why: why.to_owned() }))
}
