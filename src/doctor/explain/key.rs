//! The key of a permission, as older tools and some messages of Cloudflare's print it -> the permission group.
//!
//! In: a key such as `com.cloudflare.api.account.zone.list`. Out: the group, or nothing: no list of the keys is public, so
//! those are known that people posted, and none is guessed.

use crate::catalogue::{Catalogue, KnownGroup, Scope};

/// The known keys with the scope and the name of what they mean.
const KEYS: [(&str, Scope, &str); 4] = [
    ("com.cloudflare.api.account.worker.script.write", Scope::Account, "Workers Scripts Write"),
    ("com.cloudflare.api.account.zone.list", Scope::Zone, "Zone Read"),
    ("com.cloudflare.api.account.zone.ssl-cert.write", Scope::Zone, "SSL and Certificates Write"),
    ("com.cloudflare.edge.dns.write", Scope::Zone, "DNS Write"),
];

/// The group of a key.
#[must_use]
pub fn group_of_key<'a>(catalogue: &'a Catalogue, key: &str) -> Option<&'a KnownGroup> {
    let (_, scope, name) = KEYS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(key))?;
    catalogue.groups().find(|group| group.name == *name && group.scopes.contains(scope))
}
