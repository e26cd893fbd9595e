//! The parts of a profile -> its text, laid out as people write it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::express::{Blocks, Expressed};
use super::{Imported, Origin, permissions};
use crate::catalogue::Resource;
use crate::cloudflare::wire::timestamp;
use crate::plan::Directory;
use crate::profile::{
    Jurisdiction, Reference, Section, Span, Spanned, is_id, literal, resource_name_is_valid, scalar,
    worker_name_is_valid,
};
use crate::text::whole_line;

/// Everything that is written.
pub(super) struct Parts<'a> {
    pub(super) origin: &'a Origin<'a>,
    pub(super) imported: &'a Imported,
    pub(super) expressed: Expressed,
    pub(super) rule: Option<(Vec<String>, Vec<String>)>,
    pub(super) ttl: String,
    pub(super) start: Option<DateTime<Utc>>,
    /// The file it will be in; `None` for a token that cannot be taken over.
    pub(super) file: Option<&'a str>,
}

/// How long a list between brackets may be before each item has its own line.
const WIDEST: usize = 90;

pub(super) fn text(parts: &Parts<'_>) -> String {
    let mut text = header(parts);
    text.push_str("version: 1\n");
    text.push_str(&name(parts));
    text.push_str(&owner(parts));
    text.push_str(&rights(parts));
    text.push('\n');
    if let Some((allow, deny)) = &parts.rule {
        text.push_str("ip:\n");
        for (key, networks) in [("allow", allow), ("deny", deny)] {
            let networks: Vec<String> = networks.iter().map(|network| scalar(network)).collect();
            text.push_str(&list(key, &networks));
        }
    }
    writeln!(text, "ttl: {}", parts.ttl).ok();
    if let Some(start) = parts.start {
        writeln!(text, "not_before: {}", timestamp(start)).ok();
    }
    text.push_str(
        "\n# Where the secret goes. cfmint cannot read the secret of a token that exists: put it there \
         yourself, or name\n\
         # the file and the variable that already hold it.\n\
         sinks:\n  - env_file: .env\n    variables:\n      CLOUDFLARE_API_TOKEN: token\n",
    );
    text
}

fn header(parts: &Parts<'_>) -> String {
    let Parts { origin, imported, file, .. } = parts;
    let live = origin.live;
    let mut text =
        format!("# Written by cfmint import from the live token `{}`.\n#\n", whole_line(&live.name));
    for remark in &imported.remarks {
        writeln!(text, "# Note: {remark}.\n#").ok();
    }
    for (title, items) in [
        ("The token also has this, and cfmint keeps it when it updates the token:", &imported.kept),
        ("A profile cannot say this, so taking the token over would remove it:", &imported.lost),
    ] {
        if !items.is_empty() {
            writeln!(text, "# {title}").ok();
            text.extend(items.iter().map(|item| format!("#   - {item}\n")));
            text.push_str("#\n");
        }
    }
    if let Some(file) = file {
        let (file, flags) = (whole_line(file), whole_line(origin.flags));
        let (plan, apply) = (
            format!("cfmint plan {file} --adopt {}{flags}", live.id),
            format!("cfmint apply {file} --adopt {}{flags}", live.id),
        );
        let width = apply.len() + 4;
        writeln!(text, "#   {plan:width$}what taking the token over would change").ok();
        writeln!(text, "#   {apply:width$}takes it over; its secret stays").ok();
    }
    text
}

fn name(parts: &Parts<'_>) -> String {
    let (live, name) = (parts.origin.live, &parts.imported.name);
    let own = live.marked.as_ref().map_or(&live.name, |marked| &marked.name);
    let why = if own == name { "" } else { "    # a profile cannot have the name that the token has" };
    format!("name: {}{why}\n", literal(name))
}

fn owner(parts: &Parts<'_>) -> String {
    match parts.origin.owner {
        None => "owner: user\n\n".to_owned(),
        Some(id) => format!("owner: {{ account: {} }}\n\n", account(parts.origin.directory, id)),
    }
}

/// The profile's own rights, and its grants.
fn rights(parts: &Parts<'_>) -> String {
    let mut rights = parts.expressed.rights.iter().map(|blocks| {
        let (permissions, resources) = (permissions(parts.origin, blocks), resources(parts.origin, blocks));
        format!("permissions:\n{permissions}{resources}")
    });
    let own = rights.next().unwrap_or_default();
    let grants: Vec<String> = rights.map(|rights| grant(&rights)).collect();
    if grants.is_empty() { own } else { format!("{own}\ngrants:\n{}", grants.concat()) }
}

/// Rights as an item of a list.
fn grant(rights: &str) -> String {
    let mut item = String::new();
    for (number, line) in rights.lines().enumerate() {
        let sign = if number == 0 { '-' } else { ' ' };
        writeln!(item, "  {sign} {line}").ok();
    }
    item
}

fn permissions(origin: &Origin<'_>, blocks: &Blocks) -> String {
    let mut text = String::new();
    for section in Section::ALL {
        let Some(block) = blocks.get(&section) else { continue };
        writeln!(text, "  {}:", section.key()).ok();
        for line in permissions::lines(origin.catalogue, section, block) {
            writeln!(text, "    {line}").ok();
        }
    }
    text
}

fn resources(origin: &Origin<'_>, blocks: &Blocks) -> String {
    let Origin { directory, owner, .. } = origin;
    let (of_accounts, of_zones) = (blocks.get(&Section::Account), blocks.get(&Section::Zone));
    let mut named: BTreeSet<&String> = BTreeSet::new();
    named.extend(of_accounts.into_iter().chain(of_zones).flat_map(|block| block.accounts()));
    let every = |resource: &Resource| of_accounts.is_some_and(|block| block.resources.contains(resource));
    let mut text = String::new();
    if every(&Resource::AllAccounts) {
        text.push_str("  accounts: all\n");
    } else if owner.is_none() {
        text.push_str(&list("accounts", &sorted(named.iter().map(|id| account(directory, id)))));
    }
    // Zones by name are looked for in the accounts that stand beside them, of which an owner is one.
    let own = owner.map(str::to_owned);
    let searched: Vec<String> = own.map_or_else(|| named.into_iter().cloned().collect(), |own| vec![own]);
    if let Some(block) = of_zones {
        match block.resources.first() {
            Some(Resource::AllZones) => text.push_str("  zones: all-accounts\n"),
            Some(Resource::ZonesOf(_)) => text.push_str("  zones: all\n"),
            _ => {
                let ids = block.resources.iter().filter_map(|resource| match resource {
                    Resource::Zone(id) => Some(id),
                    _ => None,
                });
                text.push_str(&list("zones", &sorted(ids.map(|id| zone(directory, id, &searched)))));
            }
        }
    }
    for (section, key, item) in [
        (Section::R2, "buckets", bucket as fn(&Directory, &Resource) -> Option<String>),
        (Section::Worker, "workers", worker),
    ] {
        let Some(block) = blocks.get(&section) else { continue };
        writeln!(text, "  {key}:").ok();
        let items = sorted(block.resources.iter().filter_map(|resource| item(directory, resource)));
        text.extend(items.iter().map(|item| format!("    - {{ {item} }}\n")));
    }
    if text.is_empty() { text } else { format!("resources:\n{text}") }
}

fn sorted(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut items: Vec<String> = items.collect();
    items.sort();
    items
}

/// A key with a list, on one line where it fits.
fn list(key: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let line = items.join(", ");
    if line.len() <= WIDEST {
        return format!("  {key}: [{line}]\n");
    }
    let items = items.iter().map(|item| format!("    - {item}\n"));
    std::iter::once(format!("  {key}:\n")).chain(items).collect()
}

fn bucket(directory: &Directory, resource: &Resource) -> Option<String> {
    match resource {
        Resource::BucketsOf(id) => Some(format!("account: {}, name: all", account(directory, id))),
        Resource::Bucket { account: id, jurisdiction, name } => {
            let place = match jurisdiction {
                Jurisdiction::Default => String::new(),
                other => format!(", jurisdiction: {}", other.word()),
            };
            Some(format!("account: {}, name: {}{place}", account(directory, id), scalar(name)))
        }
        _ => None,
    }
}

fn worker(directory: &Directory, resource: &Resource) -> Option<String> {
    let Resource::Worker { account: id, tag } = resource else { return None };
    let name = directory.worker_name(id, tag);
    // A name that could be a tag would be taken for one.
    let name = if worker_name_is_valid(&name) && !is_id(&name) { &name } else { tag };
    Some(format!("account: {}, name: {}", account(directory, id), scalar(name)))
}

/// An account by its name, if that leads back to it and to no other; else by its id.
fn account(directory: &Directory, id: &str) -> String {
    let name = directory.accounts.iter().find(|account| account.id == id).map(|account| &account.name);
    written(id, name, |name| directory.account(name).ok())
}

/// A zone by its name, if that leads back to it and to no other; else by its id.
fn zone(directory: &Directory, id: &str, accounts: &[String]) -> String {
    let name = directory.zones.iter().find(|zone| zone.id == id).map(|zone| &zone.name);
    written(id, name, |name| directory.zone(name, accounts).ok())
}

fn written(id: &str, name: Option<&String>, find: impl Fn(&Spanned<Reference>) -> Option<String>) -> String {
    let name = name.filter(|name| resource_name_is_valid(name)).filter(|name| {
        let reference = Spanned::new(Reference::new(name), Span { start: 0, end: 0 });
        find(&reference).is_some_and(|found| found == id)
    });
    name.map_or_else(|| scalar(id), |name| literal(name))
}
