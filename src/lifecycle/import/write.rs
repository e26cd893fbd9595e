//! What was found out about a live token -> the draft of its profile.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::express::{Block, Blocks, Expressed};
use super::{Imported, Origin};
use crate::catalogue::Resource;
use crate::cloudflare::wire::timestamp;
use crate::plan::Directory;
use crate::profile::{
    Draft, DraftLine, DraftNames, DraftRights, DraftSink, Jurisdiction, Reference, Section, Span, Spanned,
    is_id, literal, resource_name_is_valid, scalar, worker_name_is_valid,
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

pub(super) fn text(parts: &Parts<'_>) -> String {
    let draft = Draft {
        header: header(parts),
        name: name(parts),
        owner: parts.origin.owner.map(|id| DraftLine::plain(account(parts.origin.directory, id))),
        rights: parts.expressed.rights.iter().map(|blocks| rights(parts.origin, blocks)).collect(),
        ip: parts.rule.as_ref().map(|(allow, deny)| (scalars(allow), scalars(deny))),
        ttl: DraftLine::plain(parts.ttl.clone()),
        not_before: parts.start.map(timestamp),
        sinks: vec![DraftSink {
            notes: SINK_NOTE.map(str::to_owned).to_vec(),
            env_file: ".env".to_owned(),
            variables: vec![("CLOUDFLARE_API_TOKEN".to_owned(), DraftLine::plain("token"))],
        }],
        ..Draft::default()
    };
    draft.text()
}

/// What stands above the sinks.
const SINK_NOTE: [&str; 2] = [
    "Where the secret goes. cfmint cannot read the secret of a token that exists: put it there yourself, or name",
    "the file and the variable that already hold it.",
];

fn scalars(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| scalar(text)).collect()
}

fn header(parts: &Parts<'_>) -> Vec<String> {
    let Parts { origin, imported, file, .. } = parts;
    let live = origin.live;
    let mut lines = vec![
        format!("Written by cfmint import from the live token `{}`.", whole_line(&live.name)),
        String::new(),
    ];
    for remark in &imported.remarks {
        lines.extend([format!("Note: {remark}."), String::new()]);
    }
    for (title, items) in [
        ("The token also has this, and cfmint keeps it when it updates the token:", &imported.kept),
        ("A profile cannot say this, so taking the token over would remove it:", &imported.lost),
    ] {
        if !items.is_empty() {
            lines.push(title.to_owned());
            lines.extend(items.iter().map(|item| format!("  - {item}")));
            lines.push(String::new());
        }
    }
    if let Some(file) = file {
        let (file, flags) = (whole_line(file), whole_line(origin.flags));
        let plan = format!("cfmint plan {file} --adopt {}{flags}", live.id);
        let apply = format!("cfmint apply {file} --adopt {}{flags}", live.id);
        let width = apply.len() + 4;
        lines.push(format!("  {plan:width$}what taking the token over would change"));
        lines.push(format!("  {apply:width$}takes it over; its secret stays"));
    }
    lines
}

fn name(parts: &Parts<'_>) -> DraftLine {
    let (live, name) = (parts.origin.live, &parts.imported.name);
    let own = live.marked.as_ref().map_or(&live.name, |marked| &marked.name);
    let why = (own != name).then(|| "a profile cannot have the name that the token has".to_owned());
    DraftLine::because(literal(name), why)
}

fn rights(origin: &Origin<'_>, blocks: &Blocks) -> DraftRights {
    let entries = |(section, block): (&Section, &Block)| {
        let groups = block.groups.iter().map(|id| (id.as_str(), Vec::new()));
        (*section, origin.catalogue.entries(*section, groups))
    };
    let items = |section: Section, item: fn(&Directory, &Resource) -> Option<String>| {
        let resources = blocks.get(&section).into_iter().flat_map(|block| &block.resources);
        sorted(resources.filter_map(|resource| item(origin.directory, resource)))
    };
    let (accounts, zones) = accounts_and_zones(origin, blocks);
    DraftRights {
        permissions: blocks.iter().map(entries).collect(),
        accounts,
        zones,
        buckets: items(Section::R2, bucket),
        workers: items(Section::Worker, worker),
    }
}

fn accounts_and_zones(origin: &Origin<'_>, blocks: &Blocks) -> (DraftNames, DraftNames) {
    let Origin { directory, owner, .. } = origin;
    let (of_accounts, of_zones) = (blocks.get(&Section::Account), blocks.get(&Section::Zone));
    let mut named: BTreeSet<&String> = BTreeSet::new();
    named.extend(of_accounts.into_iter().chain(of_zones).flat_map(|block| block.accounts()));
    let every = of_accounts.is_some_and(|block| block.resources.contains(&Resource::AllAccounts));
    let accounts = match owner {
        _ if every => DraftNames::Every("all"),
        None => DraftNames::Named(sorted(named.iter().map(|id| account(directory, id)))),
        Some(_) => DraftNames::default(),
    };
    // Zones by name are looked for in the accounts that stand beside them, of which an owner is one.
    let own = owner.map(str::to_owned);
    let searched: Vec<String> = own.map_or_else(|| named.into_iter().cloned().collect(), |own| vec![own]);
    let Some(block) = of_zones else { return (accounts, DraftNames::default()) };
    let zones = match block.resources.first() {
        Some(Resource::AllZones) => DraftNames::Every("all-accounts"),
        Some(Resource::ZonesOf(_)) => DraftNames::Every("all"),
        _ => {
            let ids = block.resources.iter().filter_map(|resource| match resource {
                Resource::Zone(id) => Some(id),
                _ => None,
            });
            DraftNames::Named(sorted(ids.map(|id| zone(directory, id, &searched))))
        }
    };
    (accounts, zones)
}

fn sorted(items: impl Iterator<Item = String>) -> Vec<DraftLine> {
    let mut items: Vec<String> = items.collect();
    items.sort();
    items.into_iter().map(DraftLine::plain).collect()
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
