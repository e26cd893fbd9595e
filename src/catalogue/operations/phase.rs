//! The phase of a ruleset -> the product whose groups are enough for it.
//!
//! Cloudflare documents one list of groups for all rulesets, but each phase takes the group of its own product. A request
//! names the phase only at its entry point: then the list is short; otherwise nobody can choose from it, and it is said
//! so. Source: <https://developers.cloudflare.com/ruleset-engine/reference/phases-list/>, and the products' own pages,
//! such as <https://developers.cloudflare.com/waf/custom-rules/create-api/>. Only phases of zones are in the table.

use super::accepted::{AcceptedGroup, product};
use super::{FoundOperation, Operation};
use crate::catalogue::Catalogue;
use crate::catalogue::group::Scope;

/// Each known phase of zones, with the product of its groups.
const PHASES: [(&str, &str); 12] = [
    ("http_config_settings", "Config Settings"),
    ("http_custom_errors", "Custom Errors"),
    ("http_ratelimit", "Zone WAF"),
    ("http_request_cache_settings", "Cache Settings"),
    ("http_request_dynamic_redirect", "Dynamic URL Redirects"),
    ("http_request_firewall_custom", "Zone WAF"),
    ("http_request_firewall_managed", "Zone WAF"),
    ("http_request_late_transform", "Zone Transform Rules"),
    ("http_request_origin", "Origin"),
    ("http_request_transform", "Zone Transform Rules"),
    ("http_response_compression", "Response Compression"),
    ("http_response_headers_transform", "Zone Transform Rules"),
];

/// What stands in front of a phase in a path.
pub(super) const BEFORE_PHASE: &str = "phases";
/// What paths of rulesets have behind the account or the zone.
const RULESETS: &str = "rulesets";

/// Groups for an operation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted<'a> {
    /// The groups, the narrowest first.
    pub groups: Vec<AcceptedGroup<'a>>,
    /// Whether it depends on the phase of the rules which of them is enough; else any of them is.
    pub is_by_phase: bool,
}

impl Operation {
    /// Whether it is about rulesets, of which each phase has groups of its own.
    #[must_use]
    pub fn is_of_rulesets(&self) -> bool {
        self.path.split('/').nth(3) == Some(RULESETS)
    }
}

impl FoundOperation<'_> {
    /// The phase of rules that the path names, if it is a known one.
    #[must_use]
    pub fn known_phase(&self) -> Option<&'static str> {
        let phase = self.phase?;
        PHASES.iter().map(|(known, _)| *known).find(|known| *known == phase)
    }
}

impl Catalogue {
    /// The groups for an operation, where the rules are of this phase or of one that nobody knows.
    #[must_use]
    pub fn accepted_in(&self, operation: &Operation, phase: Option<&str>) -> Accepted<'_> {
        let mut groups = self.accepted_groups(operation);
        if !operation.is_of_rulesets() {
            return Accepted { groups, is_by_phase: false };
        }
        let own =
            PHASES.iter().find(|(known, _)| Some(*known) == phase && operation.scope() == Some(Scope::Zone));
        let Some((_, own)) = own else { return Accepted { groups, is_by_phase: true } };
        groups.retain(|one| product(&one.group.name) == *own);
        Accepted { is_by_phase: groups.is_empty(), groups }
    }

    /// The groups for what a request was found to be.
    #[must_use]
    pub fn accepted_at(&self, found: &FoundOperation<'_>) -> Accepted<'_> {
        self.accepted_in(found.operation, found.known_phase())
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test may stop at once")]
mod tests {
    use super::*;

    #[test]
    fn a_known_phase_of_a_zone_takes_the_groups_of_its_product_and_no_others() {
        for (phase, product) in PHASES {
            for (method, levels) in [("PUT", &["Write"][..]), ("GET", &["Read", "Write"])] {
                let path = format!("/zones/0/rulesets/phases/{phase}/entrypoint");
                let found = Catalogue::find_operation(method, &path).expect("the operation is known");
                let accepted = Catalogue::embedded().accepted_at(&found);
                let names: Vec<&str> = accepted.groups.iter().map(|one| &*one.group.name).collect();
                let expected: Vec<String> = levels.iter().map(|level| format!("{product} {level}")).collect();
                assert_eq!(names, expected, "{phase}");
                assert!(!accepted.is_by_phase);
            }
        }
    }

    #[test]
    fn where_no_known_phase_is_named_the_whole_list_stays_and_is_said_to_depend_on_it() {
        for (path, is_by_phase) in [
            ("/zones/0/rulesets/phases/ddos_l7/entrypoint", true),
            ("/zones/0/rulesets/1", true),
            ("/accounts/0/rulesets/phases/http_request_firewall_custom/entrypoint", true),
            ("/zones/0/dns_records/1", false),
        ] {
            let found = Catalogue::find_operation("PUT", path).expect("the operation is known");
            let accepted = Catalogue::embedded().accepted_at(&found);
            assert_eq!(accepted.is_by_phase, is_by_phase, "{path}");
            assert_eq!(accepted.groups, Catalogue::embedded().accepted_groups(found.operation));
        }
    }
}
