//! The page of an endpoint in Cloudflare's API reference -> the operations that it describes.
//!
//! In: an address such as `…/api/resources/workers/subresources/scripts/methods/update/`, which refusals carry. Out: the
//! operations of the table whose paths have the page's parts in its order, at the end. The reference does not always name a
//! thing as its path does: then there are none, and none is guessed.
//!
//! Source: <https://developers.cloudflare.com/changelog/post/2026-08-20-contextual-403s/>.

use super::{Operation, tables};
use crate::catalogue::Catalogue;

/// What every page's address has.
const PAGES: &str = "developers.cloudflare.com/api/resources/";

/// What a page is about.
struct Page {
    /// The things, joined: `workers_scripts`.
    name: String,
    /// What is done with them: `update`.
    verb: String,
}

impl Catalogue {
    /// The operations that a page describes; none where the page or its operation is not known.
    #[must_use]
    pub fn operations_of_page(address: &str) -> Vec<&'static Operation> {
        let Some(page) = Page::read(address) else { return Vec::new() };
        let is_meant = |operation: &&Operation| page.describes(operation);
        let meant: Vec<&Operation> = tables().operations.iter().filter(is_meant).collect();
        let exact: Vec<&Operation> =
            meant.iter().copied().filter(|operation| name_of(operation) == page.name).collect();
        if exact.is_empty() { meant } else { exact }
    }
}

impl Page {
    fn read(address: &str) -> Option<Self> {
        let (_, rest) = address.split_once(PAGES)?;
        let path = rest.split(['?', '#']).next()?;
        let (things, verb) = path.trim_matches('/').split_once("/methods/")?;
        let things: Vec<&str> = things.split('/').filter(|part| *part != "subresources").collect();
        (!verb.contains('/')).then(|| Self { name: joined(&things), verb: verb.to_owned() })
    }

    fn describes(&self, operation: &Operation) -> bool {
        let is_of_one = operation.path.ends_with('}');
        let (methods, fits): (&[&str], bool) = match self.verb.as_str() {
            "list" => (&["GET"], !is_of_one),
            "get" => (&["GET"], true),
            "create" => (&["POST"], !is_of_one),
            "update" | "edit" => (&["PATCH", "PUT"], true),
            "delete" => (&["DELETE"], true),
            // Such as `verify`, which stands in the path too.
            other => {
                let name = format!("{}_{}", self.name, other.replace('-', "_"));
                return ends_with(&name_of(operation), &name);
            }
        };
        fits && methods.contains(&operation.method) && ends_with(&name_of(operation), &self.name)
    }
}

/// The parts of an operation's path that are no values: `workers_scripts`.
fn name_of(operation: &Operation) -> String {
    let parts = operation.path.split('/').filter(|part| !part.is_empty() && !part.starts_with('{'));
    let parts: Vec<&str> = parts.collect();
    match parts.as_slice() {
        ["accounts" | "zones", rest @ ..] if !rest.is_empty() => joined(rest),
        all => joined(all),
    }
}

fn joined(parts: &[&str]) -> String {
    parts.join("_").replace('-', "_")
}

/// Whether a name ends with another, whole words at a time.
fn ends_with(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(page: &str) -> Vec<String> {
        let address = format!("https://developers.cloudflare.com/api/resources/{page}");
        let operations = Catalogue::operations_of_page(&address).into_iter();
        operations.map(|operation| format!("{} {}", operation.method, operation.path)).collect()
    }

    #[test]
    fn a_page_leads_to_its_operation() {
        for (page, operations) in [
            (
                "workers/subresources/scripts/methods/update/",
                &["PUT /accounts/{account_id}/workers/scripts/{}"][..],
            ),
            ("dns/subresources/records/methods/create/", &["POST /zones/{zone_id}/dns_records"]),
            ("zones/methods/list/", &["GET /zones"]),
            (
                "kv/subresources/namespaces/methods/list/",
                &["GET /accounts/{account_id}/storage/kv/namespaces"],
            ),
            ("r2/subresources/buckets/methods/create", &["POST /accounts/{account_id}/r2/buckets"]),
            ("moon/methods/list/", &[]),
            ("workers/subresources/scripts/methods/update/more", &[]),
            ("workers", &[]),
        ] {
            assert_eq!(described(page), operations, "{page}");
        }
        assert_eq!(
            Catalogue::operations_of_page("https://example.com/methods/list"),
            Vec::<&Operation>::new()
        );
    }
}
