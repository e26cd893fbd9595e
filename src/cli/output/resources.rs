//! What a bootstrap sees, as the `resources` of a profile, ready to be pasted, and as rows for a program.

use serde::Serialize;

use crate::plan::AccountEntry;
use crate::profile::{Jurisdiction, literal};
use crate::survey::{ResourceKind, SeenResources};
use crate::text::whole_line;

/// What there is to name in a profile.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct ResourceRows {
    pub(in crate::cli) accounts: Vec<AccountRow>,
    pub(in crate::cli) zones: Vec<ZoneRow>,
    pub(in crate::cli) buckets: Vec<BucketRow>,
    pub(in crate::cli) workers: Vec<WorkerRow>,
    /// What the bootstrap may not see.
    pub(in crate::cli) notes: Vec<String>,
}

/// An account.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct AccountRow {
    pub(in crate::cli) id: String,
    pub(in crate::cli) name: String,
}

/// A zone, with the id of its account.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct ZoneRow {
    pub(in crate::cli) id: String,
    pub(in crate::cli) name: String,
    pub(in crate::cli) account: String,
}

/// An R2 bucket, with the id of its account.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct BucketRow {
    pub(in crate::cli) name: String,
    pub(in crate::cli) account: String,
    pub(in crate::cli) jurisdiction: &'static str,
}

/// A Worker, with the id of its account.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct WorkerRow {
    pub(in crate::cli) name: String,
    pub(in crate::cli) account: String,
    /// What policies call it by.
    pub(in crate::cli) tag: String,
}

/// What a program reads.
pub(in crate::cli) fn rows(seen: &SeenResources, notes: Vec<String>) -> ResourceRows {
    let accounts = seen.accounts.iter().flatten();
    let zones = seen.zones.iter().flatten();
    let buckets = seen.buckets.iter().flat_map(|of| {
        of.seen.iter().flatten().map(|bucket| BucketRow {
            name: bucket.name.clone(),
            account: of.account.id.clone(),
            jurisdiction: bucket.jurisdiction.word(),
        })
    });
    let workers = seen.workers.iter().flat_map(|of| {
        of.seen.iter().flatten().map(|worker| WorkerRow {
            name: worker.name.clone(),
            account: of.account.id.clone(),
            tag: worker.tag.clone(),
        })
    });
    ResourceRows {
        accounts: accounts.map(|one| AccountRow { id: one.id.clone(), name: one.name.clone() }).collect(),
        zones: zones
            .map(|one| ZoneRow { id: one.id.clone(), name: one.name.clone(), account: one.account.clone() })
            .collect(),
        buckets: buckets.collect(),
        workers: workers.collect(),
        notes,
    }
}

/// The `resources` of a profile with everything that was asked for; the ids stand behind.
pub(in crate::cli) fn yaml(seen: &SeenResources, kinds: &[ResourceKind]) -> String {
    let accounts = seen.accounts.iter().flatten();
    let zones = seen.zones.iter().flatten();
    let of = |id: &str| {
        let known = seen.accounts.iter().flatten().find(|one| one.id == id);
        known.map_or_else(|| id.to_owned(), |one| whole_line(&one.name))
    };
    let buckets = seen.buckets.iter().flat_map(|of| {
        of.seen.iter().flatten().map(|bucket| {
            let more = match bucket.jurisdiction {
                Jurisdiction::Default => String::new(),
                other => format!(", jurisdiction: {}", other.word()),
            };
            format!("- {{ account: {}, name: {}{more} }}", account(&of.account), literal(&bucket.name))
        })
    });
    let workers = seen.workers.iter().flat_map(|of| {
        of.seen.iter().flatten().map(|worker| {
            let (account, name) = (account(&of.account), literal(&worker.name));
            format!("- {{ account: {account}, name: {name} }}  # {}", whole_line(&worker.tag))
        })
    });
    let parts: [(ResourceKind, &str, Vec<String>); 4] = [
        (
            ResourceKind::Accounts,
            "accounts",
            accounts.map(|one| format!("- {}  # {}", account(one), whole_line(&one.id))).collect(),
        ),
        (
            ResourceKind::Zones,
            "zones",
            zones
                .map(|one| {
                    format!("- {}  # {}, {}", literal(&one.name), whole_line(&one.id), of(&one.account))
                })
                .collect(),
        ),
        (ResourceKind::Buckets, "buckets", buckets.collect()),
        (ResourceKind::Workers, "workers", workers.collect()),
    ];
    let mut lines = Vec::new();
    for (_, key, items) in parts.iter().filter(|(kind, _, items)| kinds.contains(kind) && !items.is_empty()) {
        lines.push(format!("  {key}:"));
        lines.extend(items.iter().map(|item| format!("    {item}")));
    }
    if lines.is_empty() { String::new() } else { format!("resources:\n{}\n", lines.join("\n")) }
}

fn account(account: &AccountEntry) -> String {
    literal(&account.name)
}

/// What the bootstrap may not list, and what there is none of.
pub(in crate::cli) fn notes(
    seen: &SeenResources,
    kinds: &[ResourceKind],
    account: Option<&str>,
) -> Vec<String> {
    let mut notes = Vec::new();
    if let (Some(account), Some([])) = (account, seen.accounts.as_deref()) {
        notes.push(format!("this bootstrap sees no account `{}`", whole_line(account)));
    }
    if seen.accounts.is_none() {
        notes.push(may_not("accounts", "Account Settings: Read", "write their ids"));
    }
    if kinds.contains(&ResourceKind::Zones) && seen.zones.is_none() {
        notes.push(may_not("zones", "Zone: Read", "write their ids"));
    }
    let in_account = |what: &str, account: &AccountEntry| format!("{what} of {}", whole_line(&account.name));
    for of in seen.buckets.iter().filter(|of| of.seen.is_none()) {
        let what = in_account("R2 buckets", &of.account);
        notes.push(may_not(&what, "Workers R2 Storage: Read", "write their names"));
    }
    for of in seen.workers.iter().filter(|of| of.seen.is_none()) {
        let what = in_account("Workers", &of.account);
        notes.push(may_not(&what, "Workers Scripts: Read", "write their tags"));
    }
    notes
}

fn may_not(what: &str, permission: &str, otherwise: &str) -> String {
    format!("this bootstrap may not list the {what}: give it `{permission}`, or {otherwise} by hand")
}
