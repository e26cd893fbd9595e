//! The key of a permission, as older tools and some messages of Cloudflare's print it -> the permission group.
//!
//! In: a key such as `com.cloudflare.api.account.zone.list`. Out: the group, or nothing: no list of the keys is public, so
//! those are known that people posted, and none is guessed.

use crate::catalogue::{Catalogue, KnownGroup, Scope};

/// The known keys with the scope and the name of what they mean.
const KEYS: [(&str, Scope, &str); 6] = [
    ("com.cloudflare.api.account.worker.script.write", Scope::Account, "Workers Scripts Write"),
    // Zones are created with the group of zones, on all zones of the account.
    ("com.cloudflare.api.account.zone.create", Scope::Zone, "Zone Write"),
    ("com.cloudflare.api.account.zone.list", Scope::Zone, "Zone Read"),
    ("com.cloudflare.api.account.zone.read", Scope::Zone, "Zone Read"),
    ("com.cloudflare.api.account.zone.ssl-cert.write", Scope::Zone, "SSL and Certificates Write"),
    ("com.cloudflare.edge.dns.write", Scope::Zone, "DNS Write"),
];

/// The known key that a text in small letters has.
pub(super) fn key_in(lower: &str) -> Option<&'static str> {
    KEYS.iter().map(|(key, ..)| *key).find(|key| lower.contains(key))
}

/// The group of a key.
#[must_use]
pub fn group_of_key<'a>(catalogue: &'a Catalogue, key: &str) -> Option<&'a KnownGroup> {
    let (_, scope, name) = KEYS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(key))?;
    catalogue.groups().find(|group| group.name == *name && group.scopes.contains(scope))
}
