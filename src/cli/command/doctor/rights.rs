//! What the token may do: by its policies where they can be read, else by reads that do no harm.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use crate::catalogue::{Catalogue, KnownGroup, Resource, Scope};
use crate::cli::failure::hint::Hint;
use crate::cli::output::checks::{Check, CheckedPermission};
use crate::cli::output::describe::Names;
use crate::cloudflare::Client;
use crate::doctor::{
    CheckCode, CheckStatus, GrantVerdict, HarmlessRead, ReadAnswer, ReadVerdict, Standing, compare, may_read,
};
use crate::plan::{Directory, Grant, Live, PolicyEffect, Wanted, allowed};
use crate::profile::{Diagnostic, Section};

/// What deployments use most, to read it: what is tried where nobody says what the token should do.
const COMMON: [(Section, &[&str]); 2] = [
    (
        Section::Account,
        &[
            "Account Settings Read",
            "Workers Scripts Read",
            "Workers KV Storage Read",
            "Workers R2 Storage Read",
            "D1 Read",
            "Queues Read",
            "Pages Read",
        ],
    ),
    (
        Section::Zone,
        &["Zone Read", "Zone Settings Read", "DNS Read", "Workers Routes Read", "SSL and Certificates Read"],
    ),
];

/// How many accounts and zones are tried where nobody says which.
const MOST_PLACES: usize = 2;

/// What turns ids into words here.
pub(super) struct Words<'a> {
    pub(super) names: Names<'a>,
    pub(super) catalogue: &'a Catalogue,
}

impl Words<'_> {
    /// A permission on a resource as a check has it.
    fn permission(&self, grant: &Grant) -> CheckedPermission {
        let group = self.catalogue.group(&grant.group);
        let section = grant.resource.section().or_else(|| group?.scopes.first()?.section());
        let section = section.map_or("account", Section::key);
        CheckedPermission {
            section,
            line: group.map_or_else(|| format!("- {}", grant.group), KnownGroup::line),
            name: self.names.group(&grant.group),
            id: grant.group.clone(),
            dashboard: group.map_or_else(|| grant.group.clone(), KnownGroup::dashboard),
            resource: self.names.resource(&grant.resource),
        }
    }

    /// A permission as a profile asks for it: `DNS: edit`.
    fn entry(&self, grant: &Grant) -> String {
        let group = self.catalogue.group(&grant.group);
        let entry = group.map_or_else(|| self.names.group(&grant.group), KnownGroup::line);
        entry.trim_start_matches("- ").to_owned()
    }

    /// A permission on a resource in a line: `DNS: edit on zone example.com`.
    fn shown(&self, grant: &Grant) -> String {
        format!("{} on {}", self.entry(grant), self.names.resource(&grant.resource))
    }

    /// A permission beside another one: without the resource, where that is the same.
    fn beside(&self, grant: &Grant, other: &Grant) -> String {
        if grant.resource == other.resource { self.entry(grant) } else { self.shown(grant) }
    }

    fn check(
        &self,
        code: CheckCode,
        status: CheckStatus,
        grant: &Grant,
        message: String,
        more: Vec<Hint>,
    ) -> Check {
        let permission = self.permission(grant);
        // The line of the profile is the message itself; a program gets it beside.
        let ways = (status == CheckStatus::Missing).then(|| {
            [format!("dashboard: {}", permission.dashboard), format!("id: {}", permission.id)].map(Hint::text)
        });
        let hints: Vec<Hint> = ways.into_iter().flatten().chain(more).collect();
        Check { permission: Some(permission), ..Check::new(code, status, message, hints) }
    }
}

/// The token's real policies beside what the profile asks for.
pub(super) fn by_policies(
    words: &Words<'_>,
    directory: &Directory,
    wanted: &Wanted,
    live: &Live,
) -> Vec<Check> {
    let verdicts = compare(&wanted.policies, &live.policies, words.catalogue, directory);
    in_order(verdicts.iter().map(|verdict| of_verdict(words, verdict)).collect())
}

fn of_verdict(words: &Words<'_>, GrantVerdict { grant, standing }: &GrantVerdict) -> Check {
    let shown = words.shown(grant);
    let (status, message) = match standing {
        Standing::Held => (CheckStatus::Ok, shown),
        Standing::HeldBy(wider) => (CheckStatus::Ok, format!("{shown}, by {}", words.beside(wider, grant))),
        Standing::Missing => (CheckStatus::Missing, shown),
        Standing::Denied => (CheckStatus::Missing, format!("{shown}: a policy of the token denies it")),
        Standing::Unneeded => (CheckStatus::Unneeded, shown),
        Standing::WiderThan(narrow) => {
            (CheckStatus::Unneeded, format!("{shown}, where {} is enough", words.beside(narrow, grant)))
        }
    };
    words.check(CheckCode::Policy, status, grant, message, Vec::new())
}

/// The checks of an account before those of a zone, each in the order of the names: people look for a name, not for an id.
fn in_order(mut checks: Vec<Check>) -> Vec<Check> {
    checks.sort_by_cached_key(|check| {
        let permission = check.permission.as_ref();
        permission.map(|permission| (permission.resource.clone(), permission.line.clone()))
    });
    checks
}

/// The token's policies, where nobody says what it should do.
pub(super) fn listed(words: &Words<'_>, live: &Live) -> Vec<Check> {
    let check = |grant: &Grant| {
        words.check(CheckCode::Policy, CheckStatus::Ok, grant, words.shown(grant), Vec::new())
    };
    in_order(allowed(&live.policies).iter().map(check).collect())
}

/// The names of a profile that lead nowhere, as far as its permissions could be understood.
pub(super) fn unresolved(diagnostics: &[Diagnostic], by_itself: bool) -> Vec<Check> {
    // The names were asked for with the token itself, so the words about a bootstrap are about it.
    let whose =
        |text: &str| if by_itself { text.replace("the bootstrap", "the token") } else { text.to_owned() };
    let check =
        |found: &Diagnostic| Check::failed(CheckCode::Name, whose(&found.message), whose(&found.hint));
    diagnostics.iter().map(check).collect()
}

/// A read that is tried for a permission.
struct Tried<'a> {
    grant: Grant,
    group: &'a KnownGroup,
    /// The read and its path; `None` where there is none.
    read: Option<(HarmlessRead, String)>,
}

/// What the profile asks for, by reads that do no harm.
pub(super) async fn by_reads(
    words: &Words<'_>,
    client: &Client,
    directory: &Directory,
    wanted: &Wanted,
) -> Vec<Check> {
    let tried = allowed(&wanted.policies).into_iter().filter_map(|grant| {
        let group = words.catalogue.group(&grant.group)?;
        let read = HarmlessRead::of(words.catalogue, group);
        let read = read.and_then(|read| Some((read.path(&grant.resource, directory)?, read)));
        Some(Tried { group, read: read.map(|(path, read)| (read, path)), grant })
    });
    let tried: Vec<Tried<'_>> = tried.collect();
    let answers = answers(client, &tried).await;
    in_order(tried.iter().map(|one| of_answer(words, one, &answers)).collect())
}

/// What tokens are used for most, as far as a read proves it. Nobody asked for the rest, so that nothing is said of it.
pub(super) async fn by_common_reads(words: &Words<'_>, client: &Client, directory: &Directory) -> Vec<Check> {
    let mut tried = Vec::new();
    for (section, names) in COMMON {
        for resource in places(section, directory) {
            for name in names {
                let is_it =
                    |group: &&KnownGroup| group.name == *name && group.scopes.contains(&Scope::from(section));
                let Some(group) = words.catalogue.groups().find(is_it) else { continue };
                let (Some(id), Some(read)) = (&group.id, HarmlessRead::of(words.catalogue, group)) else {
                    continue;
                };
                let grant =
                    Grant { effect: PolicyEffect::Allow, group: id.clone(), resource: resource.clone() };
                let path = read.path(&resource, directory);
                tried.push(Tried { group, read: path.map(|path| (read, path)), grant });
            }
        }
    }
    let answers = answers(client, &tried).await;
    let checks = tried.iter().map(|one| of_answer(words, one, &answers));
    checks.filter(|check| check.status == CheckStatus::Ok).collect()
}

/// Where common permissions are tried.
fn places(section: Section, directory: &Directory) -> Vec<Resource> {
    let places: Vec<Resource> = match section {
        Section::Zone => directory.zones.iter().map(|zone| Resource::Zone(zone.id.clone())).collect(),
        _ => directory.accounts.iter().map(|account| Resource::Account(account.id.clone())).collect(),
    };
    places.into_iter().take(MOST_PLACES).collect()
}

/// The answers by path, each path asked once.
async fn answers(client: &Client, tried: &[Tried<'_>]) -> BTreeMap<String, ReadAnswer> {
    let paths: BTreeSet<&String> = tried.iter().flat_map(|one| &one.read).map(|(_, path)| path).collect();
    let ask = |path: &String| {
        let path = path.clone();
        async move {
            let answer = may_read(client, &path).await;
            (path, answer)
        }
    };
    join_all(paths.into_iter().map(ask)).await.into_iter().collect()
}

fn of_answer(words: &Words<'_>, one: &Tried<'_>, answers: &BTreeMap<String, ReadAnswer>) -> Check {
    let shown = words.shown(&one.grant);
    let unknown =
        |message: String| words.check(CheckCode::Read, CheckStatus::Unknown, &one.grant, message, Vec::new());
    let Some((read, path)) = &one.read else {
        return unknown(format!("{shown}: no harmless read tells"));
    };
    let Some(answer) = answers.get(path) else { return unknown(shown) };
    let operation = format!("{} {}", read.operation.method, read.operation.path);
    match read.verdict(one.group, answer) {
        ReadVerdict::Held => words.check(CheckCode::Read, CheckStatus::Ok, &one.grant, shown, Vec::new()),
        ReadVerdict::Reads => unknown(format!("{shown}: it reads; edit is not proven")),
        ReadVerdict::ReadsByAny => {
            let others = match read.others.as_slice() {
                [one] => one.clone(),
                many => format!("one of {} others", many.len()),
            };
            unknown(format!("{shown}: it reads, by this or {others}"))
        }
        ReadVerdict::Missing => {
            let more = vec![Hint::text(format!("refused at: {operation}"))];
            let check = words.check(CheckCode::Read, CheckStatus::Missing, &one.grant, shown, more);
            let documentation = match answer {
                ReadAnswer::Refused(page) => page.clone(),
                _ => None,
            };
            Check { documentation, ..check }
        }
        ReadVerdict::Nothing(why) => unknown(format!("{shown}: {why}")),
    }
}
