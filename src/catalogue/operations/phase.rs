//! An operation, or what Terraform manages, and the phase of a ruleset -> the groups of which one is enough.
//!
//! Whoever wants to know what is enough asks here. Cloudflare documents one list of groups for all rulesets, but each phase takes the group of its own product. A request
//! names the phase only at its entry point: then the list is short; otherwise nobody can choose from it, and it is said
//! so. Terraform's rulesets are the same. Source: <https://developers.cloudflare.com/ruleset-engine/reference/phases-list/>, and the products' own pages,
//! such as <https://developers.cloudflare.com/waf/custom-rules/create-api/>. Only phases of zones are in the table.

use super::accepted::{AcceptedGroup, Reach, product};
use super::{FoundOperation, Operation, TerraformEntry, TerraformKind};
use crate::catalogue::Catalogue;
use crate::catalogue::group::{KnownGroup, Scope};

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
/// What Terraform calls one.
const RULESET: &str = "ruleset";

/// Groups for an operation, or for what Terraform manages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted<'a> {
    /// The groups, the narrowest first.
    pub groups: Vec<AcceptedGroup<'a>>,
    /// Whether it depends on the phase of the rules which of them is enough; else any of them is.
    pub is_by_phase: bool,
    /// The documented path from whose groups these are inferred; `None` where Cloudflare documents them.
    pub inferred_from: Option<&'static str>,
}

impl<'a> Accepted<'a> {
    /// The groups themselves.
    pub fn known(&self) -> impl Iterator<Item = &'a KnownGroup> + use<'a, '_> {
        self.groups.iter().map(|one| one.group)
    }

    /// The same, those first that manage a thing of this kind: a group that only sees is too little for a resource. Where
    /// the phase decides, those that only see are left out, and zones stand before accounts.
    #[must_use]
    pub fn to_manage(mut self, kind: TerraformKind) -> Self {
        let is_too_little =
            |one: &AcceptedGroup<'_>| kind == TerraformKind::Resource && one.reach < Reach::Changes;
        // The sorts keep the order of equals.
        if self.is_by_phase {
            self.groups.retain(|one| !is_too_little(one));
            self.groups.sort_by_key(|one| !one.group.scopes.contains(&Scope::Zone));
        } else {
            self.groups.sort_by_key(is_too_little);
        }
        self
    }

    /// Only those of the phase, where it is one of zones and known.
    fn of_phase(mut self, phase: Option<&str>) -> Self {
        let Some((_, own)) = PHASES.iter().find(|(known, _)| Some(*known) == phase) else { return self };
        self.groups.retain(|one| product(&one.group.name) == *own);
        self.is_by_phase = self.groups.is_empty();
        self
    }
}

impl Operation {
    /// Whether it is about rulesets, of which each phase has groups of its own.
    #[must_use]
    pub fn is_of_rulesets(&self) -> bool {
        self.path.split('/').nth(3) == Some(RULESETS)
    }
}

impl TerraformEntry {
    /// Whether it is about rulesets, of which each phase has groups of its own.
    fn is_of_rulesets(&self) -> bool {
        self.name.strip_suffix('s').unwrap_or(self.name) == RULESET
    }
}

impl FoundOperation<'_> {
    /// The phase of rules that the path names, if it is a known one.
    #[must_use]
    pub fn known_phase(&self) -> Option<&'static str> {
        self.phase.and_then(known_phase)
    }
}

/// The phase of rules of zones that has this name, if it is a known one.
#[must_use]
pub fn known_phase(name: &str) -> Option<&'static str> {
    PHASES.iter().map(|(known, _)| *known).find(|known| *known == name)
}

impl Catalogue {
    /// The groups for an operation, where the rules are of this phase or of one that nobody knows.
    #[must_use]
    pub fn accepted_in(&self, operation: &Operation, phase: Option<&str>) -> Accepted<'_> {
        let listed = Accepted {
            groups: self.listed_groups(operation),
            is_by_phase: operation.is_of_rulesets(),
            inferred_from: operation.inferred_from,
        };
        let is_of_zone = operation.scope() == Some(Scope::Zone);
        if listed.is_by_phase && is_of_zone { listed.of_phase(phase) } else { listed }
    }

    /// The groups for what a request was found to be.
    #[must_use]
    pub fn accepted_at(&self, found: &FoundOperation<'_>) -> Accepted<'_> {
        self.accepted_in(found.operation, found.known_phase())
    }

    /// The groups for what Terraform manages, where it has rules of this phase of a zone or of one that nobody knows. For a
    /// resource, those that only see are among them, and enough to look at it.
    #[must_use]
    pub fn accepted_by_terraform(&self, entry: &TerraformEntry, phase: Option<&str>) -> Accepted<'_> {
        let listed = Accepted {
            groups: self.listed_groups_for_terraform(entry),
            is_by_phase: entry.is_of_rulesets(),
            inferred_from: None,
        };
        if listed.is_by_phase { listed.of_phase(phase) } else { listed }
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
    fn a_ruleset_of_terraform_takes_the_groups_of_its_phase_where_that_is_known() {
        let entry = Catalogue::terraform("cloudflare_ruleset.waf").expect("the resource is known");
        let catalogue = Catalogue::embedded();
        let waf = catalogue.accepted_by_terraform(entry, Some("http_request_firewall_custom"));
        let waf = waf.to_manage(entry.kind);
        let names: Vec<&str> = waf.known().map(|group| &*group.name).collect();
        assert_eq!((names, waf.is_by_phase), (vec!["Zone WAF Write", "Zone WAF Read"], false));
        for phase in [None, Some("ddos_l7")] {
            let any = catalogue.accepted_by_terraform(entry, phase);
            assert!(any.is_by_phase && any.groups.len() > 10, "{phase:?}");
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
            assert_eq!(accepted.groups, Catalogue::embedded().listed_groups(found.operation));
        }
    }
}
