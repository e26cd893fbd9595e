//! The parts of a new profile -> its text, laid out as people write it.
//!
//! In: what the profile says, each value as YAML takes it (see [`scalar`](super::scalar()) and
//! [`literal`](super::literal)), and why it says so. Out: the text, with the reasons as comments. Never decides what a
//! profile asks for, and never checks it: who writes a draft reads it back as any other profile.

use std::collections::BTreeMap;

use super::model::Section;

/// How long a line may be, in letters, before it is broken.
const WIDEST: usize = 100;

/// A new profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// The comment that it begins with, a line each.
    pub header: Vec<String>,
    /// What it is called.
    pub name: DraftLine,
    /// What it is for.
    pub description: Option<String>,
    /// The account that owns the token; `None` for the user.
    pub owner: Option<DraftLine>,
    /// What it may do: first its own rights, then those of its `grants`.
    pub rights: Vec<DraftRights>,
    /// The allowed and the denied networks.
    pub ip: Option<(Vec<String>, Vec<String>)>,
    /// How long a token lives.
    pub ttl: DraftLine,
    /// When a token begins to work.
    pub not_before: Option<String>,
    /// Where the secret goes.
    pub sinks: Vec<DraftSink>,
    /// The deployments, where there are several.
    pub environments: Vec<DraftEnvironment>,
}

/// A value or an entry, and why it is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct DraftLine {
    /// As YAML takes it.
    pub text: String,
    /// Why, a comment each.
    pub reasons: Vec<String>,
}

/// Permissions, each on each of the resources it applies to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DraftRights {
    /// Of each section the entries: all `label: level`, or all `- name`.
    pub permissions: BTreeMap<Section, Vec<DraftLine>>,
    /// The accounts.
    pub accounts: DraftNames,
    /// The zones.
    pub zones: DraftNames,
    /// The buckets, as maps without their braces: `account: Shop, name: assets`.
    pub buckets: Vec<DraftLine>,
    /// The Workers, as maps without their braces: `account: Shop, name: api`.
    pub workers: Vec<DraftLine>,
}

/// Names or ids, or a word that means every one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftNames {
    /// `all` or `all-accounts`.
    Every(&'static str),
    /// These; none where the profile does not speak of them.
    Named(Vec<DraftLine>),
}

/// An env file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DraftSink {
    /// What to know about it, a comment each.
    pub notes: Vec<String>,
    /// Its path.
    pub env_file: String,
    /// Names of variables, and what each holds.
    pub variables: Vec<(String, DraftLine)>,
}

/// What one deployment has of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DraftEnvironment {
    /// Its name.
    pub name: DraftLine,
    /// Its permissions and resources.
    pub rights: DraftRights,
    /// How long its tokens live.
    pub ttl: Option<DraftLine>,
    /// Where its secrets go.
    pub sinks: Vec<DraftSink>,
}

impl Draft {
    /// The profile's text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines: Vec<String> = self.header.iter().map(|line| comment(line)).collect();
        lines.push("version: 1".to_owned());
        lines.extend(entry("name", &self.name));
        lines.extend(self.description.iter().map(|text| format!("description: {text}")));
        // The user is who owns a token where nothing is said.
        if let Some(account) = &self.owner {
            let owner = DraftLine { text: format!("{{ account: {} }}", account.text), ..account.clone() };
            lines.extend(entry("owner", &owner));
        }
        lines.push(String::new());
        let mut rights = self.rights.iter();
        lines.extend(rights.next().map(DraftRights::lines).unwrap_or_default());
        let grants: Vec<String> = rights.flat_map(|grant| item(grant.lines())).collect();
        if !grants.is_empty() {
            lines.extend([String::new(), "grants:".to_owned()]);
            lines.extend(indented(grants, 2));
        }
        lines.push(String::new());
        if let Some((allow, deny)) = &self.ip {
            lines.push("ip:".to_owned());
            for (key, networks) in [("allow", allow), ("deny", deny)] {
                lines.extend(indented(list(key, &plain(networks)), 2));
            }
        }
        lines.extend(entry("ttl", &self.ttl));
        lines.extend(self.not_before.iter().map(|time| format!("not_before: {time}")));
        if !self.sinks.is_empty() {
            lines.push(String::new());
            lines.extend(sinks(&self.sinks));
        }
        if !self.environments.is_empty() {
            lines.extend([String::new(), "environments:".to_owned()]);
            lines.extend(indented(self.environments.iter().flat_map(DraftEnvironment::lines), 2));
        }
        lines.join("\n") + "\n"
    }
}

impl DraftLine {
    /// A value for which nothing has to be said.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), reasons: Vec::new() }
    }

    /// A value, and why it is there.
    #[must_use]
    pub fn because(text: impl Into<String>, reasons: impl IntoIterator<Item = String>) -> Self {
        Self { text: text.into(), reasons: reasons.into_iter().collect() }
    }
}

impl Default for DraftNames {
    fn default() -> Self {
        Self::Named(Vec::new())
    }
}

impl DraftRights {
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let sections: Vec<String> = self
            .permissions
            .iter()
            .filter(|(_, entries)| !entries.is_empty())
            .flat_map(|(section, entries)| {
                let entries = entries.iter().flat_map(|line| commented(&line.text, &line.reasons));
                std::iter::once(format!("{}:", section.key())).chain(indented(entries, 2))
            })
            .collect();
        if !sections.is_empty() {
            lines.push("permissions:".to_owned());
            lines.extend(indented(sections, 2));
        }
        let mut resources = Vec::new();
        for (key, names) in [("accounts", &self.accounts), ("zones", &self.zones)] {
            match names {
                DraftNames::Every(word) => resources.push(format!("{key}: {word}")),
                DraftNames::Named(names) => resources.extend(list(key, names)),
            }
        }
        for (key, maps) in [("buckets", &self.buckets), ("workers", &self.workers)] {
            if !maps.is_empty() {
                resources.push(format!("{key}:"));
                let maps =
                    maps.iter().flat_map(|map| commented(&format!("- {{ {} }}", map.text), &map.reasons));
                resources.extend(indented(maps, 2));
            }
        }
        if !resources.is_empty() {
            lines.push("resources:".to_owned());
            lines.extend(indented(resources, 2));
        }
        lines
    }
}

impl DraftEnvironment {
    fn lines(&self) -> Vec<String> {
        let mut own: Vec<String> = self.ttl.iter().flat_map(|ttl| entry("ttl", ttl)).collect();
        own.extend(self.rights.lines());
        if !self.sinks.is_empty() {
            own.extend(sinks(&self.sinks));
        }
        // A map of nothing is written as one, so that it is not taken for a key whose value was forgotten.
        let end = if own.is_empty() { ": {}" } else { ":" };
        let mut lines = commented(&format!("{}{end}", self.name.text), &self.name.reasons);
        lines.extend(indented(own, 2));
        lines
    }
}

fn sinks(sinks: &[DraftSink]) -> Vec<String> {
    let mut lines = Vec::new();
    // What there is to know about the first one stands above them all.
    let first = sinks.first().map(|sink| sink.notes.clone()).unwrap_or_default();
    lines.extend(first.iter().map(|note| comment(note)));
    lines.push("sinks:".to_owned());
    for (index, sink) in sinks.iter().enumerate() {
        let mut own = Vec::new();
        if index > 0 {
            own.extend(sink.notes.iter().map(|note| comment(note)));
        }
        let variables = sink.variables.iter().flat_map(|(name, value)| entry(name, value));
        let map = [format!("env_file: {}", sink.env_file), "variables:".to_owned()];
        own.extend(item(map.into_iter().chain(indented(variables, 2)).collect()));
        lines.extend(indented(own, 2));
    }
    lines
}

/// A key and its value.
fn entry(key: &str, value: &DraftLine) -> Vec<String> {
    commented(&format!("{key}: {}", value.text), &value.reasons)
}

/// A line with its reasons: one that is short at its end, others above it.
fn commented(text: &str, reasons: &[String]) -> Vec<String> {
    match reasons {
        [] => vec![text.to_owned()],
        [one] if text.len() + one.len() + 4 <= WIDEST => vec![format!("{text}  # {one}")],
        several => several.iter().map(|reason| comment(reason)).chain([text.to_owned()]).collect(),
    }
}

fn comment(text: &str) -> String {
    if text.is_empty() { "#".to_owned() } else { format!("# {text}") }
}

/// A key with a list: on one line where nothing is said about its items and it fits.
fn list(key: &str, items: &[DraftLine]) -> Vec<String> {
    if items.is_empty() {
        return Vec::new();
    }
    let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
    let line = format!("{key}: [{}]", texts.join(", "));
    if line.len() <= WIDEST && items.iter().all(|item| item.reasons.is_empty()) {
        return vec![line];
    }
    let items = items.iter().flat_map(|item| commented(&format!("- {}", item.text), &item.reasons));
    std::iter::once(format!("{key}:")).chain(indented(items, 2)).collect()
}

fn plain(texts: &[String]) -> Vec<DraftLine> {
    texts.iter().map(DraftLine::plain).collect()
}

/// Lines as an item of a list.
fn item(lines: Vec<String>) -> Vec<String> {
    let signed = lines.into_iter().enumerate();
    signed.map(|(number, line)| format!("{} {line}", if number == 0 { '-' } else { ' ' })).collect()
}

fn indented(lines: impl IntoIterator<Item = String>, by: usize) -> Vec<String> {
    lines.into_iter().map(|line| format!("{:by$}{line}", "")).collect()
}
