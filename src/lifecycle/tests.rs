//! What the tests of this room share.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use chrono::{DateTime, TimeDelta, Utc};

use crate::plan::{Addresses, Live, MarkedName, Status};
use crate::profile::{Profile, ProfileFile, ResolveOptions, Unset};

/// So many days after the tests' day 0.
pub(super) fn at(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::days(day)
}

/// A profile with this lifetime and this rotation, on day 0.
pub(super) fn profile(ttl: &str, rotation: &str) -> Profile {
    let text = format!(
        "{{ version: 1, name: shop, permissions: {{ zone: {{ DNS: edit }} }}, resources: {{ zones: [example.com] }}, \
         ttl: \"{ttl}\", rotation: {rotation}, \
         sinks: [{{ env_file: .env, variables: {{ SHOP_TOKEN: token }} }}] }}"
    );
    let choice = ResolveOptions {
        environment: None,
        features: &[],
        variables: &|_| None,
        now: at(0),
        unset: Unset::Error,
    };
    ProfileFile::from_bytes("shop.yaml", text.into()).unwrap().resolve(&choice).profile.unwrap()
}

/// A token of this whole name, with nothing else to it.
pub(super) fn live(name: &str) -> Live {
    Live {
        id: "0".repeat(32),
        name: name.to_owned(),
        marked: MarkedName::parse(name),
        status: Status::Active,
        policies: Vec::new(),
        addresses: Addresses::default(),
        not_before: None,
        expires_on: None,
        issued_on: None,
        modified_on: None,
        last_used_on: None,
    }
}
