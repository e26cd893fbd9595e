//! The permission groups that the emulator knows: `groups.tsv`, and one of the granular kind.
//!
//! The list is the emulator's own, so that it can be held against the catalogue's.

use std::sync::LazyLock;

use super::resource;
use crate::cloudflare::wire::ApiPermissionGroup;

/// *API Tokens Read*, on the user.
pub(super) const TOKENS_READ: &str = "0cc3a61731504c89b99ec1be78b77aa0";
/// *API Tokens Write*, on the user.
pub(super) const TOKENS_WRITE: &str = "686d18d5ac6c441c867cbf6771e58a0a";
/// *Account API Tokens Read*, on an account.
pub(super) const ACCOUNT_TOKENS_READ: &str = "eb56a6953c034b9d97dd838155666f06";
/// *Account API Tokens Write*, on an account.
pub(super) const ACCOUNT_TOKENS_WRITE: &str = "5bc3f8b21c554832afc660159ab75fa4";
/// *User Details Read*.
pub(super) const USER_DETAILS_READ: &str = "8acbe5bb0d54464ab867149d7f7cf8ac";
/// *User Details Write*.
pub(super) const USER_DETAILS_WRITE: &str = "55a5e17cc99e4a3fa1f3432d262f2e55";
/// *Account Settings Read*.
pub(super) const ACCOUNT_SETTINGS_READ: &str = "c1fde68c7bcc44588cbb6ddbc16d6480";
/// *Workers Scripts Read*, on an account.
pub(super) const SCRIPTS_READ: &str = "1a71c399035b4950a1bd1466bbe4f420";
/// *Workers Scripts Write*, on an account.
pub(super) const SCRIPTS_WRITE: &str = "e086da7e2179491d91ee5f35b3ca210a";
/// *Workers R2 Storage Read*, on an account.
pub(super) const R2_READ: &str = "b4992e1108244f5d8bfbd5744320c2e1";
/// *Workers R2 Storage Write*, on an account.
pub(super) const R2_WRITE: &str = "bf7481a1826f439697cb59a20b22293e";
/// *Memberships Read*.
pub(super) const MEMBERSHIPS_READ: &str = "3518d0f75557482e952c6762d3e64903";
/// *Memberships Write*.
pub(super) const MEMBERSHIPS_WRITE: &str = "9201bc6f42d440968aaab0c6f17ebb1d";
/// *Zone Read*.
pub(super) const ZONE_READ: &str = "c8fed203ed3043cba015a93ad1616f1f";

/// The groups with which a token could make or see tokens.
pub(super) const TOKEN_MAKERS: [&str; 4] =
    [TOKENS_READ, TOKENS_WRITE, ACCOUNT_TOKENS_READ, ACCOUNT_TOKENS_WRITE];

/// A permission group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ServedGroup {
    /// 32 hexadecimal digits.
    pub(super) id: &'static str,
    /// The API's name.
    pub(super) name: &'static str,
    /// The resource type it applies to.
    pub(super) scope: &'static str,
}

/// Categories of products, and words by which their groups are known; the first that fits counts.
const CATEGORIES: [(&str, &[&str]); 10] = [
    ("ai_and_machine_learning", &["AI "]),
    ("cloudflare_one_and_zero_trust", &["Access: ", "Zero Trust", "Cloudflare One", "Cloudflare Tunnel"]),
    ("analytics_and_logs", &["Analytics", "Logs"]),
    ("developer_platform", &["Worker", "D1", "Pages", "Queues", "Hyperdrive", "Pipelines"]),
    ("email_and_messaging", &["Email"]),
    ("media", &["Stream", "Images", "Calls"]),
    ("cache_and_performance", &["Cache"]),
    ("app_security", &["WAF", "Firewall", "Bot ", "Turnstile", "Page Shield"]),
    ("dns_and_zones", &["DNS", "Zone "]),
    ("account_and_billing", &["Account", "Billing", "Memberships", "User", "API Tokens"]),
];

/// Individual Workers can be scoped in account-owned tokens only. The ids of those groups are not public,
/// so this one is made up.
const GRANULAR: ServedGroup = ServedGroup {
    id: "e0000000000000000000000000000e01",
    name: "Individual Workers Editor",
    scope: resource::SCRIPT_SCOPE,
};

static GROUPS: LazyLock<Vec<ServedGroup>> = LazyLock::new(|| {
    let rows = include_str!("groups.tsv").lines().skip(1).filter_map(|line| {
        let mut cells = line.split('\t');
        Some(ServedGroup { id: cells.next()?, name: cells.next()?, scope: cells.next()? })
    });
    rows.chain([GRANULAR]).collect()
});

/// Every group, in the order of the list.
pub(super) fn all() -> &'static [ServedGroup] {
    &GROUPS
}

/// The group with an id.
pub(super) fn find(id: &str) -> Option<&'static ServedGroup> {
    GROUPS.iter().find(|group| group.id == id)
}

/// The permission groups as `/user/tokens/permission_groups` lists them.
#[must_use]
pub fn permission_groups() -> Vec<ApiPermissionGroup> {
    all().iter().map(|group| group.listed(true)).collect()
}

impl ServedGroup {
    /// Its row in the list of a caller that may grant it, or may not.
    pub(super) fn listed(&self, is_selectable: bool) -> ApiPermissionGroup {
        ApiPermissionGroup {
            id: self.id.to_owned(),
            name: self.name.to_owned(),
            scopes: vec![self.scope.to_owned()],
            description: Some(format!("Grants {}", self.name)),
            category: Some(self.category().to_owned()),
            is_selectable: Some(is_selectable),
        }
    }

    /// One of the categories that Cloudflare's schema lists. Which group is in which is the emulator's own guess.
    fn category(&self) -> &'static str {
        let has = |words: &[&str]| words.iter().any(|word| self.name.contains(word));
        CATEGORIES.iter().find(|(_, words)| has(words)).map_or("other", |(category, _)| category)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::*;

    #[test]
    fn the_groups_that_rules_depend_on_are_in_the_list() {
        for (id, name) in [
            (TOKENS_READ, "API Tokens Read"),
            (TOKENS_WRITE, "API Tokens Write"),
            (ACCOUNT_TOKENS_READ, "Account API Tokens Read"),
            (ACCOUNT_TOKENS_WRITE, "Account API Tokens Write"),
            (USER_DETAILS_READ, "User Details Read"),
            (USER_DETAILS_WRITE, "User Details Write"),
            (ACCOUNT_SETTINGS_READ, "Account Settings Read"),
            (SCRIPTS_READ, "Workers Scripts Read"),
            (SCRIPTS_WRITE, "Workers Scripts Write"),
            (R2_READ, "Workers R2 Storage Read"),
            (R2_WRITE, "Workers R2 Storage Write"),
            (MEMBERSHIPS_READ, "Memberships Read"),
            (MEMBERSHIPS_WRITE, "Memberships Write"),
            (ZONE_READ, "Zone Read"),
        ] {
            assert_eq!(find(id).unwrap().name, name);
        }
    }

    #[test]
    fn every_row_has_its_own_id_and_a_scope_that_policies_can_name() {
        let mut ids: Vec<_> = all().iter().map(|group| group.id).collect();
        assert!(ids.iter().all(|id| resource::is_id(id)));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all().len());
        assert!(all().iter().all(|group| resource::SCOPES.contains(&group.scope)));
    }
}
