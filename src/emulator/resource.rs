//! A policy's resource keys -> what they name, which groups apply to it, and what it covers.
//!
//! Forms that Cloudflare refuses have no value here: reading one is a [`ErrorReply`].

use super::error_reply::ErrorReply;
use crate::cloudflare::wire::ResourceValue;

/// What precedes a user's id.
pub(super) const USER: &str = "com.cloudflare.api.user.";
/// What precedes an account's id.
pub(super) const ACCOUNT: &str = "com.cloudflare.api.account.";
/// What precedes a zone's id.
pub(super) const ZONE: &str = "com.cloudflare.api.account.zone.";
const BUCKET: &str = "com.cloudflare.edge.r2.bucket.";
const SCRIPT: &str = "com.cloudflare.edge.worker.script.";

/// The scope of groups that apply to the user.
pub(super) const USER_SCOPE: &str = "com.cloudflare.api.user";
/// The scope of groups that apply to accounts.
pub(super) const ACCOUNT_SCOPE: &str = "com.cloudflare.api.account";
/// The scope of groups that apply to zones.
pub(super) const ZONE_SCOPE: &str = "com.cloudflare.api.account.zone";
const BUCKET_SCOPE: &str = "com.cloudflare.edge.r2.bucket";
/// The scope of groups that apply to single Workers.
pub(super) const SCRIPT_SCOPE: &str = "com.cloudflare.edge.worker.script";

/// Every scope.
#[cfg(test)]
pub(super) const SCOPES: [&str; 5] = [USER_SCOPE, ACCOUNT_SCOPE, ZONE_SCOPE, BUCKET_SCOPE, SCRIPT_SCOPE];

/// What a resource key names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ResourceKey {
    /// A user, by id.
    User(String),
    /// An account, by id.
    Account(String),
    /// Every account of the user.
    AllAccounts,
    /// A zone, by id.
    Zone(String),
    /// Every zone of the user's accounts.
    AllZones,
    /// Every zone of an account.
    ZonesOf(String),
    /// A bucket, by its account's id.
    Bucket(String),
    /// Every bucket, named flat.
    AllBuckets,
    /// Every bucket of an account.
    BucketsOf(String),
    /// A Worker.
    Script {
        /// Its account's id.
        account: String,
        /// The whole key that names it.
        key: String,
    },
}

/// A thing that a request touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccessTarget<'a> {
    /// The user.
    User(&'a str),
    /// An account.
    Account(&'a str),
    /// A zone and the account it is in.
    Zone {
        /// The account's id.
        account: &'a str,
        /// The zone's id.
        zone: &'a str,
    },
}

impl AccessTarget<'_> {
    /// The scope of the groups that apply to it.
    pub(super) fn scope(self) -> &'static str {
        match self {
            Self::User(_) => USER_SCOPE,
            Self::Account(_) => ACCOUNT_SCOPE,
            Self::Zone { .. } => ZONE_SCOPE,
        }
    }
}

impl ResourceKey {
    /// Reads one entry of a policy's resources; a nested map can name several.
    pub(super) fn read(key: &str, value: &ResourceValue) -> Result<Vec<Self>, ErrorReply> {
        match value {
            ResourceValue::All(star) if star == "*" => Self::flat(key).map(|resource| vec![resource]),
            ResourceValue::Within(within) if !within.is_empty() => {
                let account = key.strip_prefix(ACCOUNT).filter(|id| is_id(id));
                let account = account.ok_or_else(|| ErrorReply::Unsupported(key.to_owned()))?;
                let starred = within.values().all(|star| star == "*");
                let entries = within.keys().map(|nested| Self::nested(account, nested));
                if starred { entries.collect() } else { Err(NOT_A_STAR) }
            }
            _ => Err(NOT_A_STAR),
        }
    }

    fn flat(key: &str) -> Result<Self, ErrorReply> {
        let found = if let Some(zone) = key.strip_prefix(ZONE) {
            one_or_all(zone, Self::Zone, Self::AllZones)
        } else if let Some(account) = key.strip_prefix(ACCOUNT) {
            one_or_all(account, Self::Account, Self::AllAccounts)
        } else if let Some(user) = key.strip_prefix(USER) {
            is_id(user).then(|| Self::User(user.to_owned()))
        } else {
            key.strip_prefix(BUCKET).and_then(|bucket| match bucket {
                "*" => Some(Self::AllBuckets),
                _ => bucket_account(bucket).map(|account| Self::Bucket(account.to_owned())),
            })
        };
        found.ok_or_else(|| ErrorReply::Unsupported(key.to_owned()))
    }

    fn nested(account: &str, key: &str) -> Result<Self, ErrorReply> {
        let account = account.to_owned();
        if key.strip_prefix(ZONE) == Some("*") {
            Ok(Self::ZonesOf(account))
        } else if key.strip_prefix(BUCKET) == Some("*") {
            Ok(Self::BucketsOf(account))
        } else if key.strip_prefix(SCRIPT).is_some_and(|tag| !tag.is_empty()) {
            Ok(Self::Script { account, key: key.to_owned() })
        } else {
            Err(ErrorReply::Unsupported(key.to_owned()))
        }
    }

    /// The scope of the groups that apply to it.
    pub(super) fn scope(&self) -> &'static str {
        match self {
            Self::User(_) => USER_SCOPE,
            Self::Account(_) | Self::AllAccounts => ACCOUNT_SCOPE,
            Self::Zone(_) | Self::AllZones | Self::ZonesOf(_) => ZONE_SCOPE,
            Self::Bucket(_) | Self::AllBuckets | Self::BucketsOf(_) => BUCKET_SCOPE,
            Self::Script { .. } => SCRIPT_SCOPE,
        }
    }

    /// Whether a policy on it is a policy on the target.
    pub(super) fn covers(&self, target: AccessTarget<'_>) -> bool {
        match (self, target) {
            (Self::User(id), AccessTarget::User(asked))
            | (Self::Account(id), AccessTarget::Account(asked)) => id == asked,
            (Self::AllAccounts, AccessTarget::Account(_)) | (Self::AllZones, AccessTarget::Zone { .. }) => {
                true
            }
            (Self::Zone(id), AccessTarget::Zone { zone, .. }) => id == zone,
            (Self::ZonesOf(id), AccessTarget::Zone { account, .. }) => id == account,
            _ => false,
        }
    }
}

const NOT_A_STAR: ErrorReply =
    ErrorReply::Malformed { field: "resources", must: "map each resource to \"*\" or to one nested map" };

/// Whether a text is an id: 32 hexadecimal digits.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn one_or_all(text: &str, one: fn(String) -> ResourceKey, all: ResourceKey) -> Option<ResourceKey> {
    if text == "*" { Some(all) } else { is_id(text).then(|| one(text.to_owned())) }
}

/// The account in `<account>_<jurisdiction>_<bucket>`.
fn bucket_account(text: &str) -> Option<&str> {
    let mut parts = text.splitn(3, '_');
    let account = parts.next().filter(|id| is_id(id))?;
    parts.next().filter(|place| matches!(*place, "default" | "eu" | "us" | "fedramp"))?;
    parts.next().filter(|name| !name.is_empty())?;
    Some(account)
}
