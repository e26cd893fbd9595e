//! A live token and what is known around it, now -> what somebody should know about it.
//!
//! In: the token as Cloudflare lists it, its state among its generations, its profile where one is at hand. Out:
//! [`Finding`]s, the worst first. It never asks anybody anything, and never says what to do: that is the caller's.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::{Finding, What};
use super::generation_state::{GenerationState, generation_state};
use super::last_activity::last_activity;
use super::privileges::{changes_things, makes_tokens, wildcards, without_effect};
use super::profile_index::Belonging;
use crate::catalogue::{Catalogue, Resource};
use crate::plan::{Addresses, Directory, Grant, Live, Network, Phase, Status, Wanted, allowed};
use crate::profile::{Lifetime, Severity};

/// What an audit knows of a token besides what Cloudflare lists.
pub struct AuditContext<'a> {
    /// What it is to this run.
    pub role: Role,
    /// The generations of its name, oldest first; itself alone for a token without a mark.
    pub generations: &'a [&'a Live],
    /// Where it belongs.
    pub membership: Membership<'a>,
    /// Files that hold its secret and that others can read.
    pub open_files: &'a [OpenFile],
}

/// What a token is to the run that audits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The credential of the run itself, with which tokens are made.
    Bootstrap,
    /// Any other.
    Other,
}

/// Where a token belongs.
pub enum Membership<'a> {
    /// No profiles were given.
    Unasked,
    /// In none of the profiles that were given.
    Nowhere,
    /// In none of those whose names are known; some are not, for want of a variable.
    Unclear,
    /// In this profile.
    In {
        /// The profile and the environment.
        belonging: Belonging<'a>,
        /// What the profile asks for, or why that cannot be known.
        wanted: Result<&'a Wanted, &'a str>,
    },
}

/// A file that others than its owner can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFile {
    /// What a person calls it.
    pub shown: String,
    /// Its permission bits.
    pub mode: u32,
}

/// What an audit goes by.
pub struct Measure<'a> {
    /// How long a token may be idle.
    pub unused_for: TimeDelta,
    /// Names of permission groups.
    pub catalogue: &'a Catalogue,
    /// Where zones are.
    pub directory: &'a Directory,
    /// The time.
    pub now: DateTime<Utc>,
}

/// What somebody should know about a token, the worst first.
#[must_use]
pub fn audit(live: &Live, around: &AuditContext<'_>, measure: &Measure<'_>) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    let overlap = around.membership.overlap();
    let state = generation_state(live, around.generations, overlap, measure.now);
    if let Status::Other(status) = &live.status {
        findings.add(Severity::Error, What::Exposed { status: status.clone() });
        return findings.0;
    }
    if live.status == Status::Expired || live.expires_on.is_some_and(|end| end <= measure.now) {
        // A predecessor that ended on time is what a rotation leaves, and an environment of a pattern comes and
        // goes. That a profile is left without a token is worth more than a note.
        let is_missed = state == GenerationState::Over && around.membership.is_exact();
        let severity = if is_missed { Severity::Warning } else { Severity::Note };
        findings.add(severity, What::Expired { since: live.expires_on });
        return findings.0;
    }
    if state == GenerationState::Pending {
        findings.add(Severity::Warning, What::Pending { since: live.issued_on, ends: live.expires_on });
        return findings.0;
    }
    if live.phase() == Some(Phase::HooksDue) && state == GenerationState::InForce {
        findings.add(Severity::Warning, What::HooksDue);
    }
    // An older generation is to end, and not to be changed.
    let is_to_stay = !matches!(state, GenerationState::Retiring | GenerationState::Left { .. });
    if is_to_stay {
        limits(live, around, measure, state, &mut findings);
        let groups = without_effect(live, measure.catalogue);
        if !groups.is_empty() {
            findings.add(Severity::Warning, What::WithoutEffect { groups });
        }
        if let Some(unused) = unused(live, around.role, measure) {
            findings.add(Severity::Warning, unused);
        }
    }
    if live.status == Status::Disabled {
        findings.add(Severity::Note, What::Disabled);
    }
    if let GenerationState::Left { successor } = state {
        findings.add(Severity::Warning, What::SeveralGenerations { successor: successor.name.clone() });
    }
    if around.role == Role::Other && is_to_stay {
        profile(live, &around.membership, measure, &mut findings);
    }
    for file in around.open_files {
        let (file, mode) = (file.shown.clone(), file.mode);
        findings.add(Severity::Error, What::SecretReadableByOthers { file, mode });
    }
    findings.0.sort_by_key(|finding| finding.severity);
    findings.0
}

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, severity: Severity, what: What) {
        self.0.push(Finding { severity, what });
    }
}

impl Membership<'_> {
    /// Whether a profile is known that was resolved for the token's environment itself. That of a pattern was
    /// resolved for an example: another environment may have other resources, but not other permissions.
    fn is_exact(&self) -> bool {
        matches!(self, Self::In { belonging, .. } if belonging.environment == belonging.profile.environment)
    }

    /// How long a predecessor lives on, where a profile says it.
    fn overlap(&self) -> Option<TimeDelta> {
        match self {
            Self::In { belonging, .. } => Some(belonging.profile.overlap()),
            Self::Unasked | Self::Nowhere | Self::Unclear => None,
        }
    }
}

/// What bounds a token: its end, its addresses, what it holds on. A token that makes others is worth all of them.
fn limits(
    live: &Live,
    around: &AuditContext<'_>,
    measure: &Measure<'_>,
    state: GenerationState<'_>,
    findings: &mut Findings,
) {
    let makes_tokens = around.role == Role::Bootstrap || makes_tokens(live);
    let weight = if makes_tokens { Severity::Error } else { Severity::Warning };
    if live.expires_on.is_none() {
        // A profile has to say `never` in so many words.
        let is_meant = matches!(&around.membership, Membership::In { belonging, .. }
            if belonging.profile.ttl.value == Lifetime::Never);
        findings.add(if is_meant { Severity::Note } else { weight }, What::NoExpiry);
    }
    // What is over in minutes is not worth an alarm: its profile's own token is told of.
    let is_brief = state == GenerationState::OfCommand && live.expires_on.is_some();
    let is_open = admits_everyone(&live.addresses) && !is_brief;
    if is_open && (makes_tokens || changes_things(live, measure.catalogue)) {
        findings.add(weight, What::NoAddressRule);
    }
    if makes_tokens {
        let severity = if around.role == Role::Bootstrap { Severity::Note } else { Severity::Warning };
        findings.add(severity, What::MakesTokens);
    }
    for resource in wildcards(live) {
        match resource {
            Resource::AllAccounts => findings.add(Severity::Warning, What::EveryAccount),
            Resource::AllZones => findings.add(Severity::Warning, What::EveryZone { of: resource }),
            Resource::ZonesOf(_) => findings.add(Severity::Note, What::EveryZone { of: resource }),
            _ => {}
        }
    }
}

/// Whether an address rule keeps nobody out but the denied.
fn admits_everyone(addresses: &Addresses) -> bool {
    let is_whole = |network: &Network| matches!(network, Network::Known(net) if net.prefix_len() == 0);
    addresses.allow.is_empty() || addresses.allow.iter().any(is_whole)
}

/// The bootstrap is in use while it asks, and what is switched off cannot be used.
fn unused(live: &Live, role: Role, measure: &Measure<'_>) -> Option<What> {
    let since = last_activity(live)?;
    let is_idle = measure.now.signed_duration_since(since) >= measure.unused_for;
    let counts = role == Role::Other && live.status == Status::Active;
    (is_idle && counts).then_some(What::Unused { since, last_used_on: live.last_used_on })
}

/// A short-lived token of one command, called `<name>+exec@<mark>`: no generation, and of no profile.
fn is_of_exec(live: &Live) -> bool {
    live.phase() == Some(Phase::Exec)
}

fn profile(live: &Live, membership: &Membership<'_>, measure: &Measure<'_>, findings: &mut Findings) {
    let wanted = match membership {
        Membership::Unasked => return,
        Membership::Nowhere | Membership::Unclear if is_of_exec(live) => return,
        // Who makes tokens is made by hand: Cloudflare refuses to let a token make such a one. One with a mark was
        // taken over, so it has a profile.
        Membership::Nowhere | Membership::Unclear if makes_tokens(live) && live.marked.is_none() => return,
        Membership::Nowhere => return findings.add(Severity::Warning, What::NoProfile),
        Membership::Unclear => return findings.add(Severity::Note, What::NoProfile),
        Membership::In { wanted, .. } => wanted,
    };
    match wanted {
        Err(why) => findings.add(Severity::Note, What::NotCompared { why: (*why).to_owned() }),
        Ok(wanted) => {
            let beyond = beyond(live, wanted, membership.is_exact(), measure.directory);
            if !beyond.is_empty() {
                findings.add(Severity::Error, What::BroaderThanProfile { beyond });
            }
        }
    }
}

/// What a token may do that its profile does not ask for.
fn beyond(live: &Live, wanted: &Wanted, by_resource: bool, directory: &Directory) -> BTreeSet<Grant> {
    let wanted = allowed(&wanted.policies);
    let is_asked_for = |grant: &Grant| {
        wanted.iter().any(|asked| {
            asked.group == grant.group
                && (!by_resource || covers(&asked.resource, &grant.resource, directory))
        })
    };
    allowed(&live.policies).into_iter().filter(|grant| !is_asked_for(grant)).collect()
}

/// Whether what holds on one resource holds on the other too.
fn covers(wide: &Resource, narrow: &Resource, directory: &Directory) -> bool {
    match (wide, narrow) {
        _ if wide == narrow => true,
        (Resource::AllAccounts, Resource::Account(_))
        | (Resource::AllZones, Resource::Zone(_) | Resource::ZonesOf(_)) => true,
        (Resource::ZonesOf(account), Resource::Zone(id)) => {
            directory.zones.iter().any(|zone| zone.id == *id && zone.account == *account)
        }
        (Resource::BucketsOf(one), Resource::Bucket { account: other, .. }) => one == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
