//! A method and a path -> the operation of a product that they mean, by the catalogue's table of operations.
//!
//! For requests for which the emulator has no route of its own. What the table lacks is no operation.

use http::Method;

use crate::catalogue::{Accepted, Catalogue, Operation};

/// An operation of a product, and what its path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProductRequest {
    /// The operation.
    pub(super) operation: &'static Operation,
    /// What stands where the account's id belongs.
    pub(super) account: Option<String>,
    /// What stands where the zone's id belongs.
    pub(super) zone: Option<String>,
    /// The phase of rules that it names, if it is a known one.
    phase: Option<&'static str>,
}

impl ProductRequest {
    /// The operation at a path below the API's base.
    pub(super) fn find(method: &Method, path: &str) -> Option<Self> {
        let found = Catalogue::find_operation(method.as_str(), path)?;
        Some(Self {
            operation: found.operation,
            account: found.account.map(str::to_owned),
            zone: found.zone.map(str::to_owned),
            phase: found.known_phase(),
        })
    }

    /// The groups of which one is enough for it; any of them, where it depends on a phase that it does not name.
    pub(super) fn accepted(&self) -> Accepted<'static> {
        Catalogue::embedded().accepted_in(self.operation, self.phase)
    }

    /// Whether it asks for a list: the table has single things right below its path.
    pub(super) fn asks_for_a_list(&self) -> bool {
        let is_below = |other: &Operation| {
            let rest = other.path.strip_prefix(self.operation.path);
            rest.and_then(|rest| rest.strip_prefix("/{")).is_some_and(|rest| !rest.contains('/'))
        };
        self.operation.method == Method::GET && Catalogue::operations().any(is_below)
    }

    /// The page that describes it, by the pattern of Cloudflare's pages: the parts of the path, one in the other, and
    /// what is done with them.
    pub(super) fn page(&self) -> String {
        let mut words: Vec<&str> = self.operation.path.split('/').skip(1).collect();
        words.retain(|part| !part.starts_with('{'));
        if words.len() > 1 && ["accounts", "zones"].contains(&words[0]) {
            words.remove(0);
        }
        let done = match self.operation.method {
            "GET" if self.asks_for_a_list() => "list",
            "GET" => "get",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "edit",
            _ => "delete",
        };
        format!("{}/methods/{done}", words.join("/subresources/"))
    }
}
