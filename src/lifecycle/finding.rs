//! What an audit finds: each situation with its code and what is known of it. The words are the caller's.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::catalogue::Resource;
use crate::plan::Grant;
use crate::profile::Severity;

/// One thing about one token that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What it is.
    pub what: What,
}

/// The things an audit finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Cloudflare ended it, as it does with secrets that were found in public.
    Exposed {
        /// Cloudflare's word.
        status: String,
    },
    /// Its time is over.
    Expired {
        /// Since when, where Cloudflare says.
        since: Option<DateTime<Utc>>,
    },
    /// A run that made it did not finish, or is under way.
    Pending {
        /// Since when.
        since: Option<DateTime<Utc>>,
        /// When it ends by itself.
        ends: Option<DateTime<Utc>>,
    },
    /// It is in force, and the hooks that follow its delivery have not run.
    HooksDue,
    /// It was switched off.
    Disabled,
    /// It lives for ever.
    NoExpiry,
    /// It can be used from any address.
    NoAddressRule,
    /// It may make tokens.
    MakesTokens,
    /// It holds on every account of the user.
    EveryAccount,
    /// It holds on every zone, of an account or of all.
    EveryZone {
        /// On which.
        of: Resource,
    },
    /// It holds permission groups on nothing that they are for.
    WithoutEffect {
        /// Their ids.
        groups: BTreeSet<String>,
    },
    /// Nothing uses it.
    Unused {
        /// Since when there was no sign of life.
        since: DateTime<Utc>,
        /// Its last use; `None` if none was ever seen.
        last_used_on: Option<DateTime<Utc>>,
    },
    /// An older generation that does not end.
    SeveralGenerations {
        /// The whole name of the one in force.
        successor: String,
    },
    /// No profile that was given asks for it.
    NoProfile,
    /// It may do what its profile does not ask for.
    BroaderThanProfile {
        /// What it may do beyond.
        beyond: BTreeSet<Grant>,
    },
    /// What its profile asks for cannot be known now.
    NotCompared {
        /// Why.
        why: String,
    },
    /// The file that holds its secret can be read by others.
    SecretReadableByOthers {
        /// The file.
        file: String,
        /// Its permission bits.
        mode: u32,
    },
}

/// The code of a finding, and what it is about in a few words.
pub struct FindingRule {
    /// A stable code.
    pub code: &'static str,
    /// What it is about.
    pub title: &'static str,
}

impl What {
    /// Every code with what it is about.
    pub const KINDS: [FindingRule; 17] = [
        kind("audit.exposed", "The token was switched off by Cloudflare"),
        kind("audit.expired", "The token has expired"),
        kind("audit.pending", "A run that made the token did not finish"),
        kind("audit.hooks-due", "The hooks of the token's delivery have not run"),
        kind("audit.disabled", "The token is disabled"),
        kind("audit.no-expiry", "The token never ends"),
        kind("audit.no-address-rule", "The token can be used from any address"),
        kind("audit.makes-tokens", "The token may make tokens"),
        kind("audit.every-account", "The token holds on every account"),
        kind("audit.every-zone", "The token holds on every zone"),
        kind("audit.without-effect", "The token has permissions that have no effect"),
        kind("audit.unused", "Nothing uses the token"),
        kind("audit.several-generations", "A predecessor is not being retired"),
        kind("audit.no-profile", "No profile asks for the token"),
        kind("audit.broader-than-profile", "The token may do more than its profile asks for"),
        kind("audit.not-compared", "The token could not be compared with its profile"),
        kind("audit.secret-readable-by-others", "A file with the token's secret can be read by others"),
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exposed { .. } => "audit.exposed",
            Self::Expired { .. } => "audit.expired",
            Self::Pending { .. } => "audit.pending",
            Self::HooksDue => "audit.hooks-due",
            Self::Disabled => "audit.disabled",
            Self::NoExpiry => "audit.no-expiry",
            Self::NoAddressRule => "audit.no-address-rule",
            Self::MakesTokens => "audit.makes-tokens",
            Self::EveryAccount => "audit.every-account",
            Self::EveryZone { .. } => "audit.every-zone",
            Self::WithoutEffect { .. } => "audit.without-effect",
            Self::Unused { .. } => "audit.unused",
            Self::SeveralGenerations { .. } => "audit.several-generations",
            Self::NoProfile => "audit.no-profile",
            Self::BroaderThanProfile { .. } => "audit.broader-than-profile",
            Self::NotCompared { .. } => "audit.not-compared",
            Self::SecretReadableByOthers { .. } => "audit.secret-readable-by-others",
        }
    }
}

const fn kind(code: &'static str, title: &'static str) -> FindingRule {
    FindingRule { code, title }
}
