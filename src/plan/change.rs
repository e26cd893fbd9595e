//! What differs between the token that is and the token that should be.

use chrono::{DateTime, TimeDelta, Utc};

use super::addresses::Addresses;
use super::grant::{Grant, PolicyEffect, allowed};
use super::live::{Live, Status};
use super::mark::MarkedName;
use super::wanted::Wanted;

/// One difference, as what an update would do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Gives a token that is taken over the profile's name.
    Rename {
        /// Its whole name now.
        from: String,
        /// The name it should have, with a mark of its own.
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
        /// When it should.
        to: DateTime<Utc>,
    },
    /// Switches a disabled token on.
    Enable,
}

/// Something hands added and the profile is silent about: kept through every update.
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

/// The differences that count. An expiry nearer than the TTL is just age and does not.
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
    if let Some(to) = wanted.expiry(now) {
        let latest = to.checked_add_signed(SKEW).unwrap_or(to);
        if live.expires_on.is_none_or(|end| end > latest) {
            changes.push(Change::Expiry { from: live.expires_on, to: Some(to) });
        }
    }
    if let Some(to) = wanted.not_before.filter(|start| *start > now)
        && live.not_before != Some(to)
    {
        changes.push(Change::Start { from: live.not_before, to });
    }
    if live.status == Status::Disabled {
        changes.push(Change::Enable);
    }
    changes
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
