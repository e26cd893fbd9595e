//! What differs between the token that is and the token that should be.

use chrono::{DateTime, TimeDelta, Utc};

use super::addresses::Addresses;
use super::grant::{Grant, PolicyEffect, allowed};
use super::live::{Live, Status};
use super::mark::MarkedName;
use super::wanted::Wanted;
use crate::profile::{Lifetime, Start};

/// One difference, as what an update would do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Gives a token that is taken over the profile's name.
    Rename {
        /// Its whole name now.
        from: String,
        /// The name it should have, with its own mark.
        to: MarkedName,
    },
    /// Allows what is missing.
    Allow(Grant),
    /// Takes away what the profile does not ask for.
    Withdraw(Grant),
    /// Puts the profile's address rule in place of another, or of none.
    Addresses {
        /// What is.
        from: Addresses,
        /// What should be.
        to: Addresses,
    },
    /// Ends the token at another time than it would.
    Expiry {
        /// When it ends now; `None` for never.
        from: Option<DateTime<Utc>>,
        /// When it should; `None` for never.
        to: Option<DateTime<Utc>>,
    },
    /// Moves the beginning to where the profile has it.
    Start {
        /// When it begins now; `None` for at once.
        from: Option<DateTime<Utc>>,
        /// When it should; `None` for at once.
        to: Option<DateTime<Utc>>,
    },
    /// Switches a disabled token on.
    Enable,
}

/// Something that the token has and the profile does not speak of: kept through every update. Whether somebody added it,
/// or an earlier text of the profile asked for it, nobody can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// An address rule.
    Addresses(Addresses),
    /// Deny policies: how many grants they deny.
    Denied(usize),
    /// A beginning that lies ahead.
    Start(DateTime<Utc>),
}

/// How far clocks may be apart before an expiry counts as later than asked.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// The differences that count. An end that is nearer than a TTL is just age and does not; one that the profile names as a
/// time does.
#[must_use]
pub fn changes(wanted: &Wanted, live: &Live, now: DateTime<Utc>) -> Vec<Change> {
    let mut changes = Vec::new();
    let (should, is) = (allowed(&wanted.policies), allowed(&live.policies));
    changes.extend(should.difference(&is).cloned().map(Change::Allow));
    changes.extend(is.difference(&should).cloned().map(Change::Withdraw));
    if let Some(to) = &wanted.addresses
        && *to != live.addresses
    {
        changes.push(Change::Addresses { from: live.addresses.clone(), to: to.clone() });
    }
    if let Some(to) = wanted.expiry(now)
        && !is_right_end(wanted.lifetime, live.expires_on, to)
    {
        changes.push(Change::Expiry { from: live.expires_on, to: Some(to) });
    }
    let start = match wanted.not_before {
        Some(Start::At(start)) if start > now && live.not_before != Some(start) => Some(Some(start)),
        Some(Start::Now) if live.not_before.is_some_and(|start| start > now) => Some(None),
        _ => None,
    };
    changes.extend(start.map(|to| Change::Start { from: live.not_before, to }));
    if live.status == Status::Disabled {
        changes.push(Change::Enable);
    }
    changes
}

/// Whether a token's end is what the profile asks for: to the second where it names a time, else not later.
fn is_right_end(lifetime: Lifetime, is: Option<DateTime<Utc>>, should: DateTime<Utc>) -> bool {
    match lifetime {
        Lifetime::Until(end) => is.is_some_and(|is| is.timestamp() == end.timestamp()),
        Lifetime::For(_) | Lifetime::Never => {
            let latest = should.checked_add_signed(SKEW).unwrap_or(should);
            is.is_some_and(|is| is <= latest)
        }
    }
}

/// What an update keeps although the profile does not say it.
#[must_use]
pub fn kept(wanted: &Wanted, live: &Live, now: DateTime<Utc>) -> Vec<Kept> {
    let mut kept = Vec::new();
    if wanted.addresses.is_none() && !live.addresses.is_empty() {
        kept.push(Kept::Addresses(live.addresses.clone()));
    }
    let denied = super::grant::grants(&live.policies)
        .iter()
        .filter(|grant| grant.effect == PolicyEffect::Deny)
        .count();
    if denied > 0 {
        kept.push(Kept::Denied(denied));
    }
    if let Some(start) = live.not_before.filter(|start| *start > now)
        && wanted.not_before.is_none()
    {
        kept.push(Kept::Start(start));
    }
    kept
}
