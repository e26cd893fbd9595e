//! Plans and changes by name: what people call it in place of ids.

use chrono::{DateTime, Utc};

use super::times::{end, time};
use crate::catalogue::{Catalogue, Resource};
use crate::cloudflare::TokenOwner;
use crate::custody::Missing;
use crate::plan::{Change, Directory, Grant, Policy, PolicyEffect};
use crate::survey::{Job, Survey};
use crate::text::one_line;

/// Whether what is said is still to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Tense {
    /// It is planned, or it failed.
    Ahead,
    /// It is done.
    Past,
}

impl Tense {
    /// The one word or the other.
    pub(super) fn of(self, ahead: &'static str, past: &'static str) -> &'static str {
        match self {
            Self::Ahead => ahead,
            Self::Past => past,
        }
    }
}

/// What turns ids into names.
pub(in crate::cli) struct Names<'a> {
    pub(in crate::cli) directory: &'a Directory,
    pub(in crate::cli) catalogue: Option<&'a Catalogue>,
}

impl<'a> Names<'a> {
    /// The names that hold for a job.
    pub(in crate::cli) fn of(survey: &'a Survey, job: &Job) -> Self {
        Self { directory: &survey.directory, catalogue: survey.catalogues.get(&job.context.owner) }
    }

    pub(in crate::cli) fn group(&self, id: &str) -> String {
        let known = self.catalogue.and_then(|catalogue| catalogue.group(id));
        known.map_or_else(|| format!("permission group {id}"), |group| one_line(&group.name))
    }

    pub(in crate::cli) fn resource(&self, resource: &Resource) -> String {
        let account = |id: &str| format!("account {}", one_line(&self.directory.account_name(id)));
        match resource {
            Resource::Account(id) => account(id),
            Resource::AllAccounts => "every account".to_owned(),
            Resource::Zone(id) => format!("zone {}", one_line(&self.directory.zone_name(id))),
            Resource::ZonesOf(id) => format!("every zone of {}", account(id)),
            Resource::AllZones => "every zone of every account".to_owned(),
            Resource::User(_) => "the user".to_owned(),
            Resource::Bucket { account: id, name, .. } => {
                format!("bucket {} of {}", one_line(name), account(id))
            }
            Resource::BucketsOf(id) => format!("every bucket of {}", account(id)),
            Resource::Worker { account: id, tag } => {
                format!("Worker {} of {}", one_line(&self.directory.worker_name(id, tag)), account(id))
            }
            Resource::Other { .. } => one_line(&resource.to_string()),
        }
    }

    pub(in crate::cli) fn grant(&self, grant: &Grant) -> String {
        let denied = if grant.effect == PolicyEffect::Deny { "denial of " } else { "" };
        format!("{denied}{} on {}", self.group(&grant.group), self.resource(&grant.resource))
    }

    /// A policy in a line: its groups, and what they hold on.
    pub(in crate::cli) fn policy(&self, policy: &Policy) -> String {
        let groups: Vec<String> = policy.groups.keys().map(|id| self.group(id)).collect();
        let resources: Vec<String> =
            policy.resources.iter().map(|resource| self.resource(resource)).collect();
        format!("{} on {}", sorted(groups), sorted(resources))
    }

    /// One difference, with a sign in front as in a diff.
    pub(in crate::cli) fn change(&self, change: &Change, tense: Tense) -> String {
        let before = tense.of("now", "was");
        match change {
            Change::Rename { from, to } => format!("~ called {}@… ({before}: {})", to.name, one_line(from)),
            Change::Allow(grant) => format!("+ {}", self.grant(grant)),
            Change::Withdraw(grant) => format!("- {}", self.grant(grant)),
            Change::Addresses { from, to } => {
                let from = one_line(&from.to_string());
                format!("~ may be used from {to} ({before}: {from})")
            }
            Change::Expiry { from, to } => format!("~ ends {} ({before}: {})", end(*to), end(*from)),
            Change::Start { from, to } => {
                let begin = |at: &Option<DateTime<Utc>>| at.map_or_else(|| "at once".to_owned(), time);
                format!("~ begins {} ({before}: {})", begin(to), begin(from))
            }
            Change::Enable => format!("~ active ({before}: disabled)"),
        }
    }

    /// What Cloudflare did not keep.
    pub(in crate::cli) fn missing(&self, missing: &Missing) -> String {
        match missing {
            Missing::Grant(grant) => self.grant(grant),
            Missing::Secret => "the secret itself".to_owned(),
            Missing::Name => "the name".to_owned(),
            Missing::Addresses => "the IP rule".to_owned(),
            Missing::Expiry(_) => "the expiry".to_owned(),
        }
    }

    /// Whose token it is.
    pub(in crate::cli) fn owner(&self, owner: &TokenOwner) -> String {
        match owner {
            TokenOwner::User => "your user".to_owned(),
            TokenOwner::Account(id) => format!("account {}", self.directory.account_name(id)),
        }
    }
}

fn sorted(mut names: Vec<String>) -> String {
    names.sort();
    names.join(", ")
}
