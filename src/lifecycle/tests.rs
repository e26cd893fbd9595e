//! What the tests of this room share.

use crate::plan::{Addresses, Live, MarkedName, Status};

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
